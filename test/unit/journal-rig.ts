/** Opens journals in a directory that ends with the test; their engine runs in this thread, on any disk. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MessageChannel } from "node:worker_threads";
import { type Disk, fileDisk } from "../../src/journal/disk.ts";
import { type EnginePort, type Reply, runEngine } from "../../src/journal/engine.ts";
import { draftOfMessage } from "../../src/journal/entries.ts";
import type { Journal, JournalRecord, ReadOptions } from "../../src/journal/journal.ts";
import { type JournalOptions, openJournal } from "../../src/journal/open.ts";
import type { StartEngine } from "../../src/journal/thread.ts";

/** The engine in this thread, behind a real message channel. */
export function engineOn(disk: Disk): StartEngine {
  return (options) => {
    const { port1, port2 } = new MessageChannel();
    setImmediate(() => runEngine(port2 as unknown as EnginePort, disk, options));
    return {
      post: (request) => port1.postMessage(request),
      onReply: (listener) => void port1.on("message", (reply: Reply) => listener(reply)),
      stop: () => Promise.resolve(port1.close()),
    };
  };
}

export class JournalRig {
  readonly directory = mkdtempSync(join(tmpdir(), "hoistway-journal-"));
  readonly fatal: Error[] = [];
  nowMs = 1_000;
  readonly #open: Journal[] = [];

  async open(options: Partial<JournalOptions> = {}, start: StartEngine | undefined = engineOn(fileDisk)): Promise<Journal> {
    const journal = await openJournal(
      {
        directory: this.directory,
        clock: { now: () => this.nowMs },
        maxBytes: Infinity,
        maxAgeMs: Infinity,
        onFatal: (error) => this.fatal.push(error),
        ...options,
      },
      start,
    );
    this.#open.push(journal);
    return journal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const journal of this.#open) await journal.close();
    rmSync(this.directory, { recursive: true });
  }
}

export function append(journal: Journal, payload: string | Uint8Array, topic = "lifts/L1/speed", source = "L1"): Promise<number> {
  return new Promise((resolve, reject) => {
    const draft = draftOfMessage(topic, Buffer.from(payload), source, null);
    journal.append(draft, (error, seq) => (error === null ? resolve(seq) : reject(error)));
  });
}

/** Appends one after the other, each durable before the next, so that each is a group of its own. */
export async function appendEach(journal: Journal, payloads: readonly string[]): Promise<void> {
  for (const payload of payloads) await append(journal, payload);
}

export async function readAll(journal: Journal, from = 1, options: ReadOptions = {}): Promise<JournalRecord[]> {
  const records: JournalRecord[] = [];
  for await (const chunk of journal.read(from, options)) records.push(...chunk);
  return records;
}

export const texts = (records: readonly JournalRecord[]): string[] => records.map(({ payload }) => Buffer.from(payload).toString());
export const seqs = (records: readonly JournalRecord[]): number[] => records.map(({ seq }) => seq);
export const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
