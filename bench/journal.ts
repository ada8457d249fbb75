/**
 * The journal against the simplest thing that is as durable (one write and one fdatasync a group, raw bytes, on the main
 * thread) and against one that is not durable at all. Records as the city sends them: about 250 bytes.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../src/clock.ts";
import { draftOfMessage, toEntry } from "../src/journal/entries.ts";
import type { Journal, JournalRecord } from "../src/journal/journal.ts";
import { openJournal } from "../src/journal/open.ts";
import { against, type BenchRow } from "./row.ts";

export interface JournalOptions {
  /** Of each of the nine measurements. */
  readonly runMs: number;
  /** Rounds of 2,000 appends, and of 5,000 entries. */
  readonly rounds: number;
}

const USUAL: JournalOptions = { runMs: 2_000, rounds: 100 };

/** Every lift of the city at 1 Hz, and the rate that the engines of design.md were compared at. */
const CITY = 16_409;
const OFFERED = 100_000;
/** Records in flight where as many are offered as are taken. */
const WINDOW = 20_000;

const payload = Buffer.from(
  JSON.stringify({ at: 1_795_000_000_000, seq: 123_456, boot: "b1", speedMps: 1.742, floor: 12, positionM: 33.61, doorZone: false }).padEnd(
    192,
  ),
);
const draft = draftOfMessage("lifts/SG-WJ-004711/speed", payload, "SG-WJ-004711", null);

/** Takes a record and calls back when it counts as kept. */
interface Log {
  append(done: () => void): void;
  close(): Promise<void>;
}

interface Result {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuCores: number;
}

/** What an afternoon's code does: gathers what came in this turn, then writes it and waits for the disk. */
function plainLog(directory: string, durable: boolean): Log {
  const fd = openSync(join(directory, "plain"), "w");
  let parts: Uint8Array[] = [];
  let waiting: (() => void)[] = [];
  const flush = (): void => {
    const dones = waiting;
    const bytes = Buffer.concat(parts);
    parts = [];
    waiting = [];
    writeSync(fd, bytes);
    if (durable) fdatasyncSync(fd);
    for (const done of dones) done();
  };
  return {
    append(done) {
      parts.push(draft.payload);
      waiting.push(done);
      if (waiting.length === 1) setImmediate(flush);
    },
    close: () => Promise.resolve(closeSync(fd)),
  };
}

function journalLog(journal: Journal): Log {
  return {
    append(done) {
      journal.append(draft, (error) => {
        if (error !== null) throw error;
        done();
      });
    },
    close: () => journal.close(),
  };
}

/** Offers `rate` records a second, or as many as WINDOW allows, for `runMs`. */
async function run(log: Log, rate: number, runMs: number): Promise<Result> {
  const latencies: number[] = [];
  const begun = performance.now();
  const cpu = process.cpuUsage();
  let sent = 0;
  let kept = 0;
  await new Promise<void>((resolve) => {
    const pump = (): void => {
      const elapsed = performance.now() - begun;
      if (elapsed >= runMs) {
        if (kept === sent) resolve();
        else setTimeout(pump, 1);
        return;
      }
      const due = Number.isFinite(rate) ? Math.min((elapsed * rate) / 1_000, kept + 10 * WINDOW) : kept + WINDOW;
      for (; sent < due; sent += 1) {
        const at = performance.now();
        log.append(() => {
          kept += 1;
          latencies.push(performance.now() - at);
        });
      }
      // At a fixed rate by the clock, so that waiting for the next records costs nothing.
      if (Number.isFinite(rate)) setTimeout(pump, 1);
      else setImmediate(pump);
    };
    pump();
  });
  const seconds = (performance.now() - begun) / 1_000;
  const used = process.cpuUsage(cpu);
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(share * latencies.length)] ?? Number.NaN;
  return { perSecond: kept / seconds, p50Ms: at(0.5), p99Ms: at(0.99), cpuCores: (used.user + used.system) / 1e6 / seconds };
}

/** Main-thread cost of an append, µs. The best of many short rounds: what else the machine does is not our cost. */
async function appendCost(journal: Journal, rounds: number): Promise<number> {
  const count = 2_000;
  const costs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await new Promise<void>((resolve) => {
      let kept = 0;
      const done = (): void => {
        kept += 1;
        if (kept === count) resolve();
      };
      const begun = performance.now();
      for (let n = 0; n < count; n += 1) journal.append(draft, done);
      costs.push(((performance.now() - begun) * 1_000) / count);
    });
  }
  return Math.min(...costs);
}

async function readRate(journal: Journal): Promise<number> {
  const begun = performance.now();
  let count = 0;
  for await (const records of journal.read(journal.firstSeq)) count += records.length;
  return (count * 1_000) / (performance.now() - begun);
}

/** Cost of `toEntry`, µs, likewise. */
function entryCost(rounds: number): number {
  const record: JournalRecord = { ...draft, seq: 1, receivedAt: 1 };
  const count = 5_000;
  let seen = 0;
  let best = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    for (let n = 0; n < count; n += 1) seen += toEntry(record).seq;
    best = Math.min(best, ((performance.now() - begun) * 1_000) / count);
  }
  return seen === rounds * count ? best : Number.NaN;
}

/** About 25 s, in a directory of its own. */
export async function benchJournal({ runMs, rounds }: JournalOptions = USUAL): Promise<BenchRow[]> {
  const directory = mkdtempSync(join(tmpdir(), "hoistway-bench-"));
  try {
    const open = (name: string): Promise<Journal> =>
      openJournal({
        directory: join(directory, name),
        clock: systemClock(),
        maxBytes: Infinity,
        maxAgeMs: Infinity,
        onFatal: (error) => {
          throw error;
        },
      });
    const measure = async (log: Log, rate: number): Promise<Result> => {
      const result = await run(log, rate, runMs);
      await log.close();
      return result;
    };
    const rows: BenchRow[] = [];
    const plainName = "write + fdatasync on the main thread";
    for (const [label, rate] of [
      [`at ${CITY} records/s offered`, CITY],
      [`at ${OFFERED} records/s offered`, OFFERED],
      ["unthrottled", Infinity],
    ] as const) {
      const plain = await measure(plainLog(directory, true), rate);
      const careless = await measure(plainLog(directory, false), rate);
      const ours = await measure(journalLog(await open(label)), rate);
      rows.push(
        against(`journal ${label}: taken`, ours.perSecond, "records/s", { name: plainName, value: plain.perSecond }),
        against(`journal ${label}: taken`, ours.perSecond, "records/s", { name: "write without fdatasync", value: careless.perSecond }),
        against(`journal ${label}: p50`, ours.p50Ms, "ms", { name: plainName, value: plain.p50Ms }),
        against(`journal ${label}: p99`, ours.p99Ms, "ms", { name: plainName, value: plain.p99Ms }),
        against(`journal ${label}: CPU with the load generator`, ours.cpuCores, "cores", { name: plainName, value: plain.cpuCores }),
      );
    }
    const journal = await open("cost");
    rows.push(
      { name: "journal: main-thread cost of an append", value: await appendCost(journal, rounds), unit: "µs" },
      { name: "journal: read back", value: await readRate(journal), unit: "records/s" },
      { name: "journal: toEntry of a 192-byte message", value: entryCost(rounds), unit: "µs" },
    );
    await journal.close();
    return rows;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
