/**
 * A city's 90 days in both stores: reading them into the facts that trends are asked of, the question itself, and the same sum
 * asked of the store by its own language, as Grafana does.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { DayCount } from "../src/core/effects.ts";
import type { LiftRecord } from "../src/core/lift.ts";
import { readRegister } from "../src/register/register.ts";
import { openEmbeddedStore } from "../src/store/embedded.ts";
import { openInfluxStore } from "../src/store/influx/influx.ts";
import { dayName, dayNumber } from "../src/core/calendar.ts";
import type { ThreadedStore } from "../src/store/threaded.ts";
import { openFacts } from "../src/trends/facts/open-facts.ts";
import { faultRate } from "../src/trends/questions/fault-rate.ts";
import { influxCount, startInfluxd } from "./influxd.ts";
import type { BenchRow } from "./row.ts";

export interface StoreTrendsOptions {
  readonly lifts: number;
  readonly days: number;
}

const DAY_MS = 86_400_000;
const DISTRICTS = ["武江", "浈江", "曲江", "乐昌", "南雄", "仁化", "始兴", "翁源", "新丰", "乳源"];
const ZONE = "Asia/Shanghai";

export async function benchStoreTrends({ lifts, days }: StoreTrendsOptions = { lifts: 16_409, days: 90 }): Promise<BenchRow[]> {
  const dir = await mkdtemp(join(tmpdir(), "hoistway-bench-trends-"));
  const influxd = await startInfluxd(join(dir, "influxd"));
  try {
    const last = dayNumber(new Date(Date.now() - DAY_MS).toISOString().slice(0, 10));
    const register = makeRegister(lifts);
    const rows: BenchRow[] = [];
    const embedded = await openEmbeddedStore({ dir: join(dir, "store"), journalId: "bench" });
    rows.push(...(await ask("embedded store", embedded, register, last, days)));
    await embedded.close();
    if (influxd === null) return rows;
    const target = { url: influxd.url, version: 1, bucket: "bench", org: "", token: "", username: "", password: "" } as const;
    const keeping = { readingsDays: null, minutesDays: null, journalId: "bench", journalEnd: Number.MAX_SAFE_INTEGER, timezone: ZONE };
    const influx = await openInfluxStore({ ...target, ...keeping });
    rows.push(...(await ask("InfluxDB store", influx, register, last, days)));
    const sum = `SELECT sum("faults") FROM (SELECT last("faults") AS "faults" FROM "keep"."lift_day" WHERE time >= now() - ${days + 2}d GROUP BY time(1d), "liftId" fill(none) tz('${ZONE}')) WHERE time >= now() - ${days + 2}d GROUP BY time(1d) fill(none) tz('${ZONE}')`;
    const began = performance.now();
    await influxCount(influxd.url, "bench", "keep", sum);
    rows.push({
      name: `store: ${days} days of ${lifts} lifts by day, InfluxQL as Grafana asks it`,
      value: performance.now() - began,
      unit: "ms",
    });
    await influx.close();
    return rows;
  } finally {
    await influxd?.kill();
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function ask(name: string, store: ThreadedStore, register: readonly LiftRecord[], last: number, days: number): Promise<BenchRow[]> {
  const first = last - days + 1;
  for (let day = first; day <= last; day++) {
    const counts = register.map(({ liftId }, index) => makeDay(liftId, dayName(day), index + day));
    const entry = store.offset + 1;
    await store.write({ from: entry, to: entry, readings: [], changes: [], quarantined: [], days: counts, works: [] });
  }
  const began = performance.now();
  const open = openFacts({ store, history: async () => [], register: () => register, timezone: ZONE, log: () => undefined });
  // However long it takes: `current` gives up after a while.
  const facts = await open.reload();
  const readMs = performance.now() - began;
  const question = { by: "district", bucket: "month", range: { first, last }, filters: {} } as const;
  const took: number[] = [];
  let groups = 0;
  for (let round = 0; round < 7; round++) {
    await turn();
    const asked = performance.now();
    const answer = await faultRate({ facts, register }, question);
    groups = answer.rows(0, answer.total).length;
    took.push(performance.now() - asked);
  }
  open.close();
  if (groups < DISTRICTS.length) throw new Error(`${groups} rows; expected at least one for each of ${DISTRICTS.length} districts`);
  const what = `${days} days of ${register.length} lifts`;
  return [
    { name: `store: ${what}, fault rate by district and month, ${name}`, value: took.sort((a, b) => a - b)[3]!, unit: "ms" },
    { name: `store: ${what} into the facts at a start, ${name}`, value: readMs, unit: "ms" },
  ];
}

function makeDay(liftId: string, day: string, seed: number): DayCount {
  const faults = seed % 11 === 0 ? 1 : 0;
  return {
    day,
    liftId,
    inServiceMs: DAY_MS,
    readings: 20_000,
    faults,
    stoppingFaults: faults,
    entrapments: seed % 997 === 0 ? 1 : 0,
    trips: 150,
  };
}

function makeRegister(lifts: number): LiftRecord[] {
  const lines = Array.from(
    { length: lifts },
    (_, index) => `SG-${String(index).padStart(6, "0")},passenger,${DISTRICTS[index % DISTRICTS.length]!},Firm ${index % 40}`,
  );
  return readRegister(["liftId,kind,district,firm", ...lines, ""].join("\n"), "bench");
}
