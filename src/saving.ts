/**
 * The monitor's state saved now and then, so that a start need not fold the whole journal, and the journal let go of what nobody
 * needs any more. A city's state takes most of a second to write out, in which no message would be acknowledged and no alert told:
 * so a thread of its own folds the journal from the last snapshot to the same entry (laws L2 and L3), and writes that.
 */
import { once } from "node:events";
import { LIMITS } from "./config.ts";
import type { Counts } from "./core/effects.ts";
import type { Monitor } from "./core/monitor.ts";
import type { Journal } from "./journal/journal.ts";
import type { Snapshots } from "./snapshots.ts";
import { startWorker } from "./worker.ts";

/** What the thread is to make, and what it must have come to at that entry. */
export interface SaveTask {
  /** The data directory. */
  readonly data: string;
  readonly position: number;
  readonly changeCount: number;
  readonly counts: Counts;
}

export interface SaverOptions {
  readonly data: string;
  readonly snapshots: Snapshots;
  readonly monitor: Pick<Monitor, "position" | "changeCount" | "counts" | "snapshot">;
  readonly journal: Pick<Journal, "retain">;
  /** The oldest entry that somebody still has to be given. */
  readonly neededFrom: () => number;
  /** Nothing is deleted while this is true. */
  readonly held: () => boolean;
  readonly log: (line: string) => void;
  /** Entries, or ms, between snapshots; whichever is first. */
  readonly every?: { readonly entries: number; readonly ms: number };
}

export interface Saver {
  /** Called after entries were folded. */
  whenDue(): void;
  /** Resolves when a deletion that is under way has ended. */
  settled(): Promise<void>;
  /** Saves at once and on this thread, for a program that ends; a thread that is at it is stopped. */
  close(): Promise<void>;
}

const EVERY = { entries: LIMITS.monitor.snapshotEveryEntries, ms: LIMITS.monitor.snapshotEveryMs };

export function createSaver({ data, snapshots, monitor, journal, neededFrom, held, log, every = EVERY }: SaverOptions): Saver {
  let savedAt = snapshots.positions().at(-1) ?? 0;
  let savedTime = performance.now();
  let saving: Promise<void> | null = null;
  let deleting: Promise<void> = Promise.resolve();
  const closing = new AbortController();

  async function letGo(): Promise<void> {
    if (held()) return;
    const needed = neededFrom();
    await snapshots.prune(needed);
    await journal.retain(Math.min(snapshots.positions()[0] ?? 0, needed) + 1);
  }
  async function saveHere(): Promise<void> {
    await snapshots.write(monitor.position, monitor.snapshot());
  }
  async function saveApart(): Promise<void> {
    const { position, changeCount, counts } = monitor;
    try {
      await foldApart({ data, position, changeCount, counts }, closing.signal);
      snapshots.written(position);
    } catch (error) {
      if (closing.signal.aborted) return;
      log(`snapshot: not made by the thread (${(error as Error).message}); made here, which takes a moment`);
      await saveHere();
    }
  }
  async function save(write: () => Promise<void>): Promise<void> {
    savedTime = performance.now();
    savedAt = monitor.position;
    try {
      await write();
      await (deleting = letGo());
    } catch (error) {
      log(`snapshot: not written (${(error as Error).message}); a start will fold more of the journal`);
    }
  }

  return {
    whenDue() {
      const entries = monitor.position - savedAt;
      const due = entries >= every.entries || (entries > 0 && performance.now() - savedTime >= every.ms);
      if (!due || saving !== null || closing.signal.aborted) return;
      saving = save(saveApart).finally(() => {
        saving = null;
      });
    },
    settled: () => deleting.catch(() => undefined),
    async close() {
      closing.abort();
      await saving;
      await save(saveHere);
    },
  };
}

/** @throws Error where the thread could not make the snapshot, or not in time, or came to another state. */
async function foldApart(task: SaveTask, signal: AbortSignal): Promise<void> {
  const worker = startWorker("./saving-worker", import.meta.url, { workerData: task, name: "snapshot" });
  try {
    await once(worker, "message", { signal: AbortSignal.any([signal, AbortSignal.timeout(LIMITS.monitor.snapshotMs)]) });
  } finally {
    await worker.terminate();
  }
}
