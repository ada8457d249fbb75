/** Decode and fold, readings a second on one core, against JSON.parse alone of the same payloads in the same run. */
import { createMonitor } from "../src/core/monitor.ts";
import { DEFAULT_RULES } from "../src/core/rules.ts";
import type { BenchRow } from "./row.ts";
import { traffic } from "./traffic.ts";

const LIFTS = 16_409;
const MESSAGES = 1_000_000;
/** Parsed and folded in turns of so many, so that both meet the same machine and neither keeps a large heap. */
const TURN = 500;

/** CPU time of this process so far, ms: other processes' load does not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

export function benchMonitor(): BenchRow[] {
  const register = Array.from({ length: LIFTS }, (_, index) => ({
    liftId: `L${index}`,
    kind: "passenger" as const,
    ratedSpeedMps: 1.75,
    floors: 20,
    district: "武江",
    building: `B${index >> 2}`,
  }));
  const monitor = createMonitor(register, DEFAULT_RULES);
  const source = traffic(LIFTS, MESSAGES, 1_700_000_000_000);
  let parseMs = 0;
  let foldMs = 0;
  let readings = 0;
  let sum = 0;
  let tickAt = 0;
  for (let turn = 0; turn * TURN < MESSAGES; turn++) {
    const entries = take(source, TURN);
    let start = cpuMs();
    for (const entry of entries) sum += (JSON.parse(entry.payload ?? "") as { at: number }).at;
    parseMs += cpuMs() - start;
    start = cpuMs();
    const first = entries[0];
    if (first !== undefined && first.receivedAt >= tickAt) {
      tickAt = first.receivedAt + 1_000;
      monitor.apply({ kind: "tick", seq: first.seq, receivedAt: first.receivedAt });
    }
    for (const entry of entries) readings += monitor.apply(entry).readings.length;
    foldMs += cpuMs() - start;
  }
  if (readings !== MESSAGES || sum === 0) throw new Error(`folded ${readings} readings of ${MESSAGES}`);
  const perSecond = (ms: number) => Math.round((MESSAGES / ms) * 1_000);
  const fold = perSecond(foldMs);
  const parse = perSecond(parseMs);

  let start = performance.now();
  const text = JSON.stringify(monitor.snapshot());
  const snapshotMs = performance.now() - start;
  const copy = createMonitor([], DEFAULT_RULES);
  start = performance.now();
  copy.restore(JSON.parse(text));
  const restoreMs = performance.now() - start;
  return [
    {
      name: "decode and fold",
      value: fold,
      unit: "readings a CPU-second",
      baseline: { name: "JSON.parse alone", value: parse },
      ratio: fold / parse,
    },
    { name: "snapshot of the city", value: Math.round(snapshotMs), unit: "ms" },
    { name: "restore of the city", value: Math.round(restoreMs), unit: "ms" },
    { name: "snapshot size", value: Math.round(text.length / LIFTS), unit: "bytes a lift" },
  ];
}

function take<T>(source: Iterator<T>, count: number): T[] {
  const taken: T[] = [];
  for (let next = source.next(); next.done !== true; next = source.next()) {
    taken.push(next.value);
    if (taken.length === count) break;
  }
  return taken;
}
