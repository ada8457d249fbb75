/**
 * Decode and fold, readings a second of one core, against JSON.parse alone of the same payloads; and the fold without the
 * decoding that it contains, which is measured beside it. All in turns and in CPU time.
 */
import { decodePayload, decodeReading, Defect } from "../src/core/decode.ts";
import type { MessageEntry } from "../src/core/entry.ts";
import type { Channel } from "../src/core/reading.ts";
import { createMonitor, type Monitor } from "../src/core/monitor.ts";
import { DEFAULT_RULES } from "../src/core/rules.ts";
import { against, cpuMs, type BenchRow } from "./row.ts";
import { arrayTraffic, traffic } from "./traffic.ts";
import { RATED_MPS } from "./trip.ts";

export interface MonitorOptions {
  /** Of the city, and of a fleet whose state stays in the processor's cache. */
  readonly lifts: number;
  readonly fewLifts: number;
  readonly messages: number;
  /** Readings a message where devices send arrays. */
  readonly batch: number;
}

const CITY: MonitorOptions = { lifts: 16_409, fewLifts: 100, messages: 600_000, batch: 20 };
/** Parsed and folded in turns of so many, so that both meet the same machine and neither keeps a large heap. */
const TURN = 500;
/** Share of the messages that only compile the code. */
const WARM_UP = 0.2;
const START = 1_700_000_000_000;

export function benchMonitor(options: MonitorOptions = CITY): BenchRow[] {
  const { lifts, fewLifts, messages, batch } = options;
  const city = cityMonitor(lifts);
  return [
    ...fold(`${lifts} lifts in turn`, city, traffic(lifts, messages, START), messages),
    ...fold(`${fewLifts} lifts in turn`, cityMonitor(fewLifts), traffic(fewLifts, messages, START), messages),
    ...arrays(lifts, messages, batch),
    ...arrays(fewLifts, messages, batch),
    ...snapshotRows(city, lifts),
  ];
}

/** As devices send that gather their readings, and as they come after an outage. */
function arrays(lifts: number, messages: number, batch: number): BenchRow[] {
  const count = Math.ceil(messages / batch);
  return fold(`${lifts} lifts in turn, arrays of ${batch}`, cityMonitor(lifts), arrayTraffic(lifts, count, batch, START), count);
}

function cityMonitor(lifts: number): Monitor {
  const register = Array.from({ length: lifts }, (_, index) => ({
    liftId: `L${index}`,
    kind: "passenger" as const,
    ratedSpeedMps: RATED_MPS,
    floors: 20,
    travelM: 57,
    district: "武江",
    building: `B${index >> 2}`,
  }));
  return createMonitor(register, DEFAULT_RULES);
}

function fold(name: string, monitor: Monitor, source: Iterator<MessageEntry>, messages: number): BenchRow[] {
  let parseMs = 0;
  let decodeMs = 0;
  let foldMs = 0;
  let decoded = 0;
  let readings = 0;
  let sum = 0;
  let tickAt = 0;
  let done = 0;
  for (let entries = take(source, TURN); entries.length > 0; entries = take(source, TURN)) {
    if (done < messages * WARM_UP) parseMs = decodeMs = foldMs = readings = decoded = 0;
    done += entries.length;
    let start = cpuMs();
    for (const entry of entries) sum += (JSON.parse(entry.payload ?? "") as object) === null ? 0 : 1;
    parseMs += cpuMs() - start;
    start = cpuMs();
    for (const entry of entries) decoded += decode(entry);
    decodeMs += cpuMs() - start;
    start = cpuMs();
    for (const entry of entries) {
      if (entry.receivedAt >= tickAt) {
        tickAt = entry.receivedAt + 1_000;
        monitor.apply({ kind: "tick", seq: entry.seq, receivedAt: entry.receivedAt });
      }
      readings += monitor.apply(entry).readings.length;
    }
    foldMs += cpuMs() - start;
  }
  const { received, accepted } = monitor.counts;
  if (sum !== messages || received !== accepted)
    throw new Error(`${sum} messages of ${messages}; ${accepted} readings accepted of ${received}`);
  if (monitor.changeCount > 0) throw new Error(`${monitor.changeCount} changes of alerts; expected traffic that raises none`);
  if (decoded !== readings) throw new Error(`${decoded} readings decoded, ${readings} judged`);
  const perSecond = (ms: number) => Math.round((readings * 1_000) / ms);
  const row = (what: string, ms: number) =>
    against(`monitor: ${what}, ${name}`, perSecond(ms), "readings a CPU-second", { name: "JSON.parse alone", value: perSecond(parseMs) });
  return [row("decode and fold", foldMs), row("… of which the fold", foldMs - decodeMs)];
}

/** As the monitor does it, which knows a topic's channel by heart. Returns how many readings there were. */
function decode(entry: MessageEntry): number {
  const channel = entry.topic.slice(entry.topic.lastIndexOf("/") + 1) as Channel;
  const raw = decodePayload(entry);
  if (raw instanceof Defect) return 0;
  if (!Array.isArray(raw)) return decodeReading(channel, raw, -1) instanceof Defect ? 0 : 1;
  let count = 0;
  for (let index = 0; index < raw.length; index++) if (!(decodeReading(channel, raw[index], index) instanceof Defect)) count += 1;
  return count;
}

function snapshotRows(monitor: Monitor, lifts: number): BenchRow[] {
  let start = performance.now();
  const text = JSON.stringify(monitor.snapshot());
  const snapshotMs = performance.now() - start;
  const copy = createMonitor([], DEFAULT_RULES);
  start = performance.now();
  copy.restore(JSON.parse(text));
  const restoreMs = performance.now() - start;
  return [
    { name: `monitor: snapshot of ${lifts} lifts`, value: snapshotMs, unit: "ms" },
    { name: `monitor: restore of ${lifts} lifts`, value: restoreMs, unit: "ms" },
    { name: "monitor: snapshot size", value: text.length / lifts, unit: "bytes a lift" },
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
