/**
 * Writes batches to a store, one in flight, in order, each until it is in: a failed write is tried again with back-off and
 * full jitter, for ever. The caller bounds what waits here.
 */
import type { GrowingBatch } from "./batch.ts";
import type { Store } from "./store.ts";

export interface PumpOptions {
  readonly store: Pick<Store, "offset" | "write">;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
  /** Called after a batch is in. */
  readonly onWritten: (rows: number) => void;
  /** Called when nothing waits any more. */
  readonly onIdle: () => void;
  /** Called when the store's offset does not fit the next batch; everything that waited has been dropped. */
  readonly onDiverged: () => void;
}

export interface Pump {
  /** Rows that wait or are in flight. */
  readonly rows: number;
  /** Batches that wait or are in flight. */
  readonly length: number;
  /** Why the last attempt failed; null once one succeeds. */
  readonly failure: string | null;
  /** Attempts that failed since the start. */
  readonly failures: number;
  push(batch: GrowingBatch): void;
  /** Drops everything; resolves when nothing is in flight, so that the store's offset is final. */
  drop(): Promise<void>;
  /** Resolves when at most `length` batches wait or are in flight, or when they were dropped. */
  downTo(length: number): Promise<void>;
}

export function createPump(options: PumpOptions): Pump {
  const { store } = options;
  let queue: GrowingBatch[] = [];
  let rows = 0;
  let failure: string | null = null;
  let failedAttempts = 0;
  let active = false;
  let wake: (() => void) | null = null;
  const waiters = new Set<{ length: number; resolve: () => void }>();
  const waitingForIdle: (() => void)[] = [];

  function shift(): void {
    rows -= queue.shift()?.size ?? 0;
    notify();
  }

  function notify(): void {
    for (const waiter of waiters) {
      if (queue.length > waiter.length) continue;
      waiters.delete(waiter);
      waiter.resolve();
    }
  }

  function clear(): void {
    queue = [];
    rows = 0;
    wake?.();
    notify();
  }

  async function run(): Promise<void> {
    let failures = 0;
    let diverged = false;
    for (let batch = queue[0]; batch !== undefined; batch = queue[0]) {
      // A write whose outcome was unknown may have taken effect; then there is nothing left to do.
      const due = batch.to > store.offset;
      if (due && batch.from !== store.offset + 1) {
        clear();
        diverged = true;
        break;
      }
      try {
        if (due) await store.write(batch);
        failure = null;
        failures = 0;
        const written = batch.size;
        if (queue[0] === batch) shift();
        options.onWritten(written);
      } catch (error) {
        failedAttempts += 1;
        failure = error instanceof Error ? error.message : String(error);
        if (queue[0] === batch) await backOff(failures++);
      }
    }
    active = false;
    for (const resolve of waitingForIdle.splice(0)) resolve();
    if (diverged) options.onDiverged();
    else options.onIdle();
  }

  function backOff(failures: number): Promise<void> {
    const most = Math.min(options.retryMaxMs, options.retryMinMs * 2 ** Math.min(failures, 30));
    // Never nothing at all: half of it is certain, half is jitter.
    const waitMs = most / 2 + (most / 2) * options.random();
    return new Promise((resolve) => {
      const timer = setTimeout(done, waitMs);
      function done(): void {
        clearTimeout(timer);
        wake = null;
        resolve();
      }
      wake = done;
    });
  }

  return {
    get rows() {
      return rows;
    },
    get length() {
      return queue.length;
    },
    get failure() {
      return failure;
    },
    get failures() {
      return failedAttempts;
    },
    push(batch) {
      queue.push(batch);
      rows += batch.size;
      if (active) return;
      active = true;
      // Not at once: no callback comes before `push` has returned.
      queueMicrotask(() => void run());
    },
    drop() {
      clear();
      return active ? new Promise((resolve) => waitingForIdle.push(resolve)) : Promise.resolve();
    },
    downTo(length) {
      if (queue.length <= length) return Promise.resolve();
      return new Promise((resolve) => waiters.add({ length, resolve }));
    },
  };
}
