/** What is written to InfluxDB about the program and the fleet, for dashboards (docs/schema.md): numbers of now, every few seconds. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Stats } from "./api/backend.ts";
import type { Clock } from "./clock.ts";
import { type Alert, PRIORITIES } from "./core/effects.ts";
import type { Fleet, FleetCounts } from "./core/fleet.ts";
import { numbersOf } from "./metrics.ts";
import type { Settings } from "./settings/schema.ts";
import { type Point, sendPoints } from "./store/influx/points.ts";
import { influxTarget } from "./stores.ts";

export const HEALTH = "hoistway_health";
export const FLEET = "fleet_count";
/** Tag of lifts that the register does not place: a tag cannot be empty. */
const NO_DISTRICT = "-";
const DELAY_RESOLUTION_MS = 10;

export interface Told {
  readonly stats: () => Stats;
  readonly fleet: () => Fleet;
  /** Active, or cleared and not acknowledged. */
  readonly alerts: () => readonly Alert[];
  readonly clock: Clock;
}

/** Writes them where an InfluxDB is named, whether it is the store or a mirror. */
export function openHealthPoints(settings: Settings, { stats, fleet, alerts, clock }: Told): { close(): void } | null {
  if (settings.influxUrl === undefined) return null;
  const ownDelay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  ownDelay.enable();
  let cpu = process.cpuUsage();
  let sampledAt = performance.now();
  const points = sendPoints({
    ...influxTarget(settings),
    clock,
    sample() {
      const used = process.cpuUsage(cpu);
      const sinceMs = performance.now() - sampledAt;
      [cpu, sampledAt] = [process.cpuUsage(), performance.now()];
      const own = {
        process_cpu_cores: (used.user + used.system) / 1_000 / sinceMs,
        process_resident_memory_bytes: process.memoryUsage.rss(),
        // The histogram counts its own timer's period in every value.
        process_event_loop_delay_p99_seconds: Math.max(0, ownDelay.percentile(99) / 1e9 - DELAY_RESOLUTION_MS / 1_000),
      };
      ownDelay.reset();
      return healthPoints({ ...numbersOf(stats()), ...own }, fleet(), alerts());
    },
  });
  return {
    close() {
      ownDelay.disable();
      points.close();
    },
  };
}

/** One point about the program, one for each district. */
export function healthPoints(numbers: Readonly<Record<string, number>>, fleet: Fleet, alerts: readonly Alert[]): Point[] {
  const open = Object.fromEntries(
    PRIORITIES.map((priority) => [`alerts_${priority}`, alerts.filter((alert) => alert.priority === priority).length]),
  );
  return [
    { measurement: HEALTH, tags: {}, fields: { ...numbers, ...open, ...named("lifts_", fleet.total) } },
    ...fleet.districts.map(({ district, counts }) => ({
      measurement: FLEET,
      tags: { district: district === null || district === "" ? NO_DISTRICT : district },
      fields: named("", counts),
    })),
  ];
}

/** `in-service` is `in_service` as a field, so that no query has to quote it. */
function named(prefix: string, counts: FleetCounts): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [`${prefix}${name.replaceAll("-", "_")}`, count]));
}
