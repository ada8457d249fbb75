/** Decode and fold, readings a second on one core, against JSON.parse alone of the same payloads in the same run. */
import { createMonitor } from "../src/core/monitor.ts";
import { DEFAULT_RULES } from "../src/core/rules.ts";
import type { BenchRow } from "./row.ts";
import { traffic } from "./traffic.ts";

const LIFTS = 16_409;
const MESSAGES = 1_000_000;

export function benchMonitor(): BenchRow[] {
  const register = Array.from({ length: LIFTS }, (_, index) => ({
    liftId: `L${index}`,
    kind: "passenger" as const,
    ratedSpeedMps: 1.75,
    floors: 20,
    district: "武江",
    building: `B${index >> 2}`,
  }));
  const entries = [...traffic(LIFTS, MESSAGES, 1_700_000_000_000)];
  const monitor = createMonitor(register, DEFAULT_RULES);
  const perSecond = (ms: number) => Math.round((MESSAGES / ms) * 1_000);

  let start = performance.now();
  let fields = 0;
  for (const entry of entries) fields += (JSON.parse(entry.payload ?? "") as { seq: number }).seq & 1;
  const parse = perSecond(performance.now() - start);

  start = performance.now();
  let readings = 0;
  let tick = 0;
  for (const entry of entries) {
    if (entry.receivedAt >= tick) {
      monitor.apply({ kind: "tick", seq: entry.seq, receivedAt: entry.receivedAt });
      tick = entry.receivedAt + 1_000;
    }
    readings += monitor.apply(entry).readings.length;
  }
  const fold = perSecond(performance.now() - start);
  if (readings !== MESSAGES || fields < 0) throw new Error(`folded ${readings} readings of ${MESSAGES}`);

  start = performance.now();
  const text = JSON.stringify(monitor.snapshot());
  const snapshotMs = performance.now() - start;
  const copy = createMonitor([], DEFAULT_RULES);
  start = performance.now();
  copy.restore(JSON.parse(text));
  const restoreMs = performance.now() - start;
  return [
    { name: "decode and fold", value: fold, unit: "readings/s", baseline: { name: "JSON.parse alone", value: parse }, ratio: fold / parse },
    { name: "snapshot of the city", value: Math.round(snapshotMs), unit: "ms" },
    { name: "restore of the city", value: Math.round(restoreMs), unit: "ms" },
    { name: "snapshot size", value: Math.round(text.length / LIFTS), unit: "bytes a lift" },
  ];
}
