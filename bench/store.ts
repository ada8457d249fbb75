/**
 * The embedded store: readings a second through `write`, against what DuckDB's documentation shows first (the row appender,
 * on the main thread) in the same run; the main thread's delay while 50,000 readings a second are written; one lift's day.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { serialize } from "node:v8";
import { DuckDBInstance } from "@duckdb/node-api";
import { LIMITS } from "../src/config.ts";
import type { StoredReading } from "../src/core/effects.ts";
import { openEmbeddedStore } from "../src/store/embedded.ts";
import type { ThreadedStore } from "../src/store/threaded.ts";
import { enumTypesSql, READING_COLUMNS, readingTableSql } from "../src/store/columns.ts";
import { packReadings } from "../src/store/packing.ts";
import type { StoreBatch } from "../src/store/store.ts";
import { against, type BenchRow, cpuMs } from "./row.ts";

export interface StoreOptions {
  /** Readings written through the store; a fourth of them go through the row appender, which is slower. */
  readonly readings: number;
  /** Readings a second while the main thread's delay is measured, and for how long. */
  readonly perS: number;
  readonly seconds: number;
}

const USUAL: StoreOptions = { readings: 400_000, perS: 50_000, seconds: 10 };
const PACKED_AT_ONCE = 8_192;

const LIFTS = 2_000;
const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 10, 21);
const BATCH = 12_500;

/** Speed readings of the city's shape: each lift in turn, values to two decimals. */
export function makeReadings(count: number, firstEntry: number, receivedAt: number): StoredReading[] {
  return Array.from({ length: count }, (_, index) => {
    const entry = firstEntry + index;
    return {
      liftId: `SG-${String(entry % LIFTS).padStart(6, "0")}`,
      channel: "speed",
      entry,
      index: 0,
      receivedAt,
      late: false,
      reading: {
        at: receivedAt + Math.floor(index / LIFTS) * 1_000,
        seq: Math.floor(entry / LIFTS),
        boot: "b1",
        speedMps: Math.round(Math.sin(entry) * 175) / 100,
        floor: entry % 20,
        doorZone: entry % 4 === 0,
      },
    };
  });
}

/** As the follower gathers them. */
function packed(readings: readonly StoredReading[]): StoreBatch["readings"] {
  return packReadings(readings, LIMITS.store.packRows);
}

async function writeAll(store: ThreadedStore, readings: readonly StoredReading[]): Promise<number> {
  const began = performance.now();
  for (let start = 0; start < readings.length; start += BATCH) {
    const part = readings.slice(start, start + BATCH);
    await store.write({
      from: store.offset + 1,
      to: store.offset + part.length,
      readings: packed(part),
      changes: [],
      quarantined: [],
      works: [],
      days: [],
    });
  }
  return performance.now() - began;
}

/** The same rows into the same table, row by row on the main thread, a transaction a batch. */
async function baseline(dir: string, readings: readonly StoredReading[]): Promise<number> {
  const instance = await DuckDBInstance.create(join(dir, "baseline.duckdb"), { threads: "1", memory_limit: "256MB" });
  const connection = await instance.connect();
  for (const sql of enumTypesSql()) await connection.run(sql);
  await connection.run(`CREATE TABLE readings (${readingTableSql()})`);
  const began = performance.now();
  for (let start = 0; start < readings.length; start += BATCH) {
    await connection.run("BEGIN");
    const appender = await connection.createAppender("readings");
    for (const stored of readings.slice(start, start + BATCH)) {
      const row: Readonly<Record<string, unknown>> = { ...stored, ...stored.reading };
      for (const { name, type } of READING_COLUMNS) {
        const value = row[name];
        if (value === undefined) appender.appendNull();
        else if (typeof value === "string") appender.appendVarchar(value);
        else if (typeof value === "boolean") appender.appendBoolean(value);
        else if (type === "BIGINT") appender.appendBigInt(BigInt(value as number));
        else if (type === "DOUBLE") appender.appendDouble(value as number);
        else appender.appendInteger(value as number);
      }
      appender.endRow();
    }
    appender.closeSync();
    await connection.run("COMMIT");
  }
  const tookMs = performance.now() - began;
  connection.disconnectSync();
  instance.closeSync();
  return tookMs;
}

/** The main thread's delay while a batch of `perS / 4` is written every 250 ms for `seconds`. */
async function delayUnderLoad(
  store: ThreadedStore,
  perS: number,
  seconds: number,
): Promise<{ p99Ms: number; writtenPerS: number; cores: number }> {
  const batches = Array.from({ length: seconds * 4 }, (_, index) => makeReadings(perS / 4, index * (perS / 4) + 1, START + DAY_MS));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const [began, used] = [performance.now(), cpuMs()];
  delay.enable();
  for (const [index, readings] of batches.entries()) {
    await store.write({
      from: store.offset + 1,
      to: store.offset + readings.length,
      readings: packed(readings),
      changes: [],
      quarantined: [],
      works: [],
      days: [],
    });
    const dueMs = began + (index + 1) * 250 - performance.now();
    if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
  }
  delay.disable();
  // The histogram counts its own timer's period, one ms, in every value.
  const tookMs = performance.now() - began;
  return { p99Ms: delay.percentile(99) / 1e6 - 1, writtenPerS: (perS * seconds * 1_000) / tookMs, cores: (cpuMs() - used) / tookMs };
}

/** Median of `times` runs, ms. */
async function medianMs(times: number, run: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let count = 0; count < times; count++) {
    const began = performance.now();
    await run();
    took.push(performance.now() - began);
  }
  return took.sort((a, b) => a - b)[Math.floor(times / 2)]!;
}

export async function benchStore({ readings: count, perS, seconds }: StoreOptions = USUAL): Promise<BenchRow[]> {
  const dir = await mkdtemp(join(tmpdir(), "hoistway-bench-store-"));
  try {
    const store = await openEmbeddedStore({ dir, journalId: "bench" });
    const readings = makeReadings(count, 1, START);
    const warmUp = count / 8;
    await writeAll(store, readings.slice(0, warmUp));
    const usedBefore = cpuMs();
    const storeMs = await writeAll(store, readings.slice(warmUp));
    const storeCpuMs = cpuMs() - usedBefore;
    const appenderUsed = cpuMs();
    const appenderMs = await baseline(dir, readings.slice(0, count / 4));
    const appenderCpuMs = cpuMs() - appenderUsed;

    const packUs = costUs(count, (start) => packed(readings.slice(start, start + PACKED_AT_ONCE)));
    const cloneUs = costUs(count, (start) => serialize(readings.slice(start, start + PACKED_AT_ONCE)));

    const day = { liftId: "SG-000042", from: START, to: START + DAY_MS, limit: 10_000 };
    const unsortedMs = await medianMs(9, () => store.readings(day));
    // The day is over with the first reading of the next, and is then sorted: that cost is a day's, not a batch's.
    const sortUsed = cpuMs();
    await writeAll(store, makeReadings(BATCH, 1, START + DAY_MS));
    await store.sorted();
    const sortCpuMs = cpuMs() - sortUsed;
    const { p99Ms, writtenPerS, cores } = await delayUnderLoad(store, perS, seconds);
    const sortedMs = await medianMs(9, () => store.readings(day));
    await store.close();
    return [
      against("store: readings through write()", perSecond(count - warmUp, storeMs), "readings/s", {
        name: "row appender, same table, on the main thread",
        value: perSecond(count / 4, appenderMs),
      }),
      against("store: CPU of write(), all threads", (storeCpuMs * 1_000) / (count - warmUp), "CPU-s a million", {
        name: "row appender, same table, on the main thread",
        value: (appenderCpuMs * 4_000) / count,
      }),
      against("store: packing for the worker", packUs, "µs a reading", { name: "structured clone, sending side", value: cloneUs }),
      { name: "store: CPU of sorting a day that is over", value: (sortCpuMs * 1_000) / count, unit: "CPU-s a million" },
      { name: `store: written at ${perS} readings/s offered`, value: writtenPerS, unit: "readings/s" },
      { name: `store: CPU at ${perS} readings/s, all threads`, value: cores * 100, unit: "% of a core" },
      { name: `store: main thread's delay at ${perS} readings/s, p99`, value: p99Ms, unit: "ms" },
      against(`store: one lift's day of ${count} readings, sorted slice`, sortedMs, "ms", { name: "unsorted slice", value: unsortedMs }),
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function perSecond(rows: number, ms: number): number {
  return (rows * 1_000) / ms;
}

/** Of each of `count` readings, where `run` takes PACKED_AT_ONCE from a place on. */
function costUs(count: number, run: (start: number) => void): number {
  const began = performance.now();
  let done = 0;
  for (; done + PACKED_AT_ONCE <= count; done += PACKED_AT_ONCE) run(done);
  return ((performance.now() - began) * 1_000) / done;
}
