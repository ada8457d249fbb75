/**
 * Feeds a store with the monitor's effects, so that a store that is slow, down, behind or freshly empty never slows ingest
 * or detection (law L8) and ends with the same contents.
 *
 * Live, the effects of each applied entry go into the open batch. What exceeds the bound is dropped, because the journal has
 * it: the follower then catches up by folding the journal again from a snapshot, through a shadow of the monitor, in slices
 * of a few ms, and writes what lies beyond the store's offset. Near the end of it live effects are gathered beside; when the
 * shadow has reached the entry at which that began, the two halves meet and the follower is live again.
 */
import { setImmediate as turn } from "node:timers/promises";
import { LIMITS } from "../config.ts";
import { OperationalError } from "../errors.ts";
import type { Effects } from "../core/effects.ts";
import type { Entry } from "../core/entry.ts";
import { growBatch } from "./batch.ts";
import type { GrowingBatch } from "./batch.ts";
import { createPump } from "./pump.ts";
import type { Store } from "./store.ts";

/** A monitor of the follower's own: restored from a snapshot, folded forward, thrown away. */
export interface Shadow {
  /** Newest entry folded in. */
  readonly position: number;
  apply(entry: Entry): Effects;
}

export interface FollowerOptions {
  readonly store: Pick<Store, "offset" | "write">;
  /** Newest entry that the live monitor has applied; `take` goes on from there. */
  readonly position: number;
  /**
   * A shadow at the newest snapshot at or before `offset`; or, where none of those is kept, at the oldest one kept: then the
   * effects of the entries between are lost to the store, as they are to the journal.
   */
  readonly shadowAt: (offset: number) => Promise<Shadow>;
  /**
   * Durable entries from `from` on, in order, to the newest there was when it was called. It throws where it cannot go on:
   * an end before that is taken for entries that the journal has lost for good.
   */
  readonly read: (from: number) => AsyncIterable<readonly Entry[]>;
  /** Bounds other than LIMITS.store, for tests. */
  readonly limits?: Partial<FollowerLimits>;
  /** In [0, 1); default Math.random. */
  readonly random?: () => number;
}

export type FollowerLimits = Readonly<
  Record<
    | "batchRows"
    | "batchAgeMs"
    | "offsetAgeMs"
    | "queueRows"
    | "retryMinMs"
    | "retryMaxMs"
    | "joinEntries"
    | "catchUpSliceMs"
    | "catchUpBatches",
    number
  >
>;

export interface FollowerStatus {
  /** `failing`: the last attempt to write, or to read the journal for it, failed; it is tried again. */
  readonly mode: "live" | "catching-up" | "failing";
  /** Entries applied by the live monitor whose effects the store does not have. */
  readonly behindEntries: number;
  /** Rows in memory. */
  readonly rowsWaiting: number;
  readonly lastError: string | null;
  /** Attempts to write that failed since the start. */
  readonly failures: number;
  /** Rows written a second, over about the last ten seconds. */
  readonly ratePerS: number;
  /** Seconds until nothing is behind, at the pace of about the last ten; 0 where nothing is, null where it does not get less. */
  readonly leftS: number | null;
}

export interface Follower {
  readonly status: FollowerStatus;
  /** Called for each entry that the live monitor applies, in order, right after it. Cheap, never waits. */
  take(seq: number, effects: Effects): void;
  /** Resolves when everything taken so far is committed. */
  flush(): Promise<void>;
  /** Flushes for at most `withinMs`, then stops. What is not stored by then is in the journal. The store stays open. */
  close(withinMs?: number): Promise<void>;
}

/** @throws OperationalError `store-ahead-of-journal` when the store has effects of entries that the monitor has not seen. */
export function createFollower(options: FollowerOptions): Follower {
  const { store } = options;
  const limits: FollowerLimits = { ...LIMITS.store, ...options.limits };
  const random = options.random ?? Math.random;
  if (store.offset > options.position) {
    throw new OperationalError(
      "store-ahead-of-journal",
      `the store has the effects of entries up to ${store.offset}, the journal ends at ${options.position}; the store can be rebuilt from the journal`,
    );
  }

  /** Newest entry taken. */
  let live = options.position;
  /** Where live effects go: while live, and while catching up once the end is near; null means that they are dropped. */
  let open: GrowingBatch | null = null;
  /** Sealed batches of live effects that wait until the catch-up has reached the entry before them. */
  let beside: GrowingBatch[] = [];
  let catching = false;
  /** Set where the store's offset went its own way under a catch-up, which then begins again. */
  let diverged = false;
  let readFailure: string | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let due = false;
  let closed = false;
  let stopWaiting: (() => void) | null = null;
  const rate = createRate();
  const taken = createRate();
  const committed = createRate();
  let committedTo = store.offset;
  let takenTo = live;
  let flushes: { readonly seq: number; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  const pump = createPump({
    store,
    retryMinMs: limits.retryMinMs,
    retryMaxMs: limits.retryMaxMs,
    random,
    onWritten(rows) {
      rate.add(rows);
      committed.add(Math.max(0, store.offset - committedTo));
      committedTo = store.offset;
      taken.add(live - takenTo);
      takenTo = live;
      settleFlushes();
    },
    onIdle() {
      if (due) seal();
    },
    onDiverged() {
      diverged = true;
      startCatchUp();
    },
  });

  function settleFlushes(): void {
    const reached = flushes.filter((flush) => flush.seq <= store.offset);
    if (reached.length === 0) return;
    flushes = flushes.filter((flush) => flush.seq > store.offset);
    for (const flush of reached) flush.resolve();
  }

  function leftS(): number | null {
    const behind = live - store.offset;
    const perS = committed.perS() - taken.perS();
    return behind <= 0 ? 0 : perS > 0 ? behind / perS : null;
  }

  function rowsWaiting(): number {
    return pump.rows + (open?.size ?? 0) + beside.reduce((sum, batch) => sum + batch.size, 0);
  }

  /** Closes the open batch and passes it on. */
  function seal(): void {
    if (open === null) return;
    if (open.to >= open.from) {
      const sealed = open;
      open = growBatch(sealed.to + 1);
      if (catching) beside.push(sealed);
      else pump.push(sealed);
    }
    due = false;
    if (timer !== null) clearTimeout(timer);
    timer = null;
  }

  function age(): void {
    timer = null;
    due = true;
    // While another is in flight the open batch goes on growing: the slower the store, the larger the batches.
    if (!catching && pump.length === 0) seal();
  }

  function take(seq: number, effects: Effects): void {
    if (seq <= live) throw new Error(`entry ${seq} was given to the store's follower after entry ${live}`);
    live = seq;
    if (open === null || closed) return;
    const before = open.size;
    open.add(seq, effects);
    const { size } = open;
    if (size >= limits.batchRows) seal();
    else if (!due && !catching) {
      // Entries without rows move the offset only, which can wait: a second timer, not a second transaction every tick.
      if (timer === null) timer = setTimeout(age, size > 0 ? limits.batchAgeMs : limits.offsetAgeMs);
      else if (before === 0 && size > 0) {
        clearTimeout(timer);
        timer = setTimeout(age, limits.batchAgeMs);
      }
    }
    if (size !== before && rowsWaiting() > limits.queueRows) overflow();
  }

  /** The journal has it all: what waits is given up, and folded again when the store takes writes. */
  function overflow(): void {
    stopGathering();
    if (!catching) startCatchUp();
  }

  function stopGathering(): void {
    open = null;
    beside = [];
    due = false;
    if (timer !== null) clearTimeout(timer);
    timer = null;
  }

  function startCatchUp(): void {
    stopGathering();
    if (catching || closed) return;
    catching = true;
    void catchUp();
  }

  async function catchUp(): Promise<void> {
    for (let failures = 0; ; failures++) {
      if (closed) return;
      try {
        await pump.drop();
        diverged = false;
        if (await fold(await options.shadowAt(store.offset))) return;
        failures = -1;
      } catch (error) {
        readFailure = error instanceof Error ? error.message : String(error);
        stopGathering();
        const most = Math.min(limits.retryMaxMs, limits.retryMinMs * 2 ** Math.min(failures, 30));
        await wait(most / 2 + (most / 2) * random());
      }
    }
  }

  /** Folds the journal until the shadow meets the live monitor. False where the store's offset went its own way. */
  async function fold(shadow: Shadow): Promise<boolean> {
    let batch = growBatch(store.offset + 1);
    let reached = Math.max(shadow.position, 0);
    for (;;) {
      const target = live;
      // Near the end live effects are kept from here on, so that the end can be reached while entries keep coming.
      stopGathering();
      const gathering = target - reached <= limits.joinEntries;
      if (gathering) open = growBatch(target + 1);
      let sliceEnd = performance.now() + limits.catchUpSliceMs;
      reading: for await (const entries of options.read(reached + 1)) {
        for (const entry of entries) {
          if (entry.seq <= reached) continue;
          if (entry.seq > target) break reading;
          const effects = shadow.apply(entry);
          reached = entry.seq;
          if (entry.seq >= batch.from) batch.add(entry.seq, effects);
          if (batch.size >= limits.batchRows) {
            pump.push(batch);
            batch = growBatch(batch.to + 1);
            await pump.downTo(limits.catchUpBatches - 1);
            sliceEnd = performance.now() + limits.catchUpSliceMs;
          } else if (performance.now() > sliceEnd) {
            await turn();
            sliceEnd = performance.now() + limits.catchUpSliceMs;
          }
          if (closed || diverged) return closed;
        }
      }
      if (closed || diverged) return closed;
      readFailure = null;
      // Entries up to `target` that the journal no longer has were passed over here as they are everywhere.
      reached = Math.max(reached, target);
      if (batch.from <= target) batch.reach(target);
      if (gathering && open !== null) {
        meet(batch);
        return true;
      }
    }
  }

  /** The shadow has reached the entry before the first that was gathered: from here on the follower is live. */
  function meet(batch: GrowingBatch): void {
    catching = false;
    if (batch.to >= batch.from) pump.push(batch);
    for (const gathered of beside) pump.push(gathered);
    beside = [];
    due = true;
    if (pump.length === 0) seal();
    settleFlushes();
  }

  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timeout = setTimeout(done, ms);
      function done(): void {
        clearTimeout(timeout);
        stopWaiting = null;
        resolve();
      }
      stopWaiting = done;
    });
  }

  function flush(): Promise<void> {
    if (store.offset >= live) return Promise.resolve();
    if (closed) return Promise.reject(new OperationalError("store-closed", "the store's follower is closed"));
    if (!catching) seal();
    return new Promise((resolve, reject) => {
      flushes.push({ seq: live, resolve, reject });
    });
  }

  if (store.offset === live) open = growBatch(live + 1);
  else startCatchUp();

  return {
    get status() {
      const lastError = pump.failure ?? readFailure;
      const mode: FollowerStatus["mode"] = lastError !== null ? "failing" : catching ? "catching-up" : "live";
      return {
        mode,
        behindEntries: Math.max(0, live - store.offset),
        rowsWaiting: rowsWaiting(),
        lastError,
        failures: pump.failures,
        ratePerS: rate.perS(),
        leftS: leftS(),
      };
    },
    take,
    flush,
    async close(withinMs = LIMITS.stopWithinMs / 2) {
      if (closed) return;
      let deadline: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => {
        deadline = setTimeout(resolve, withinMs);
      });
      await Promise.race([flush(), late]);
      closed = true;
      stopGathering();
      stopWaiting?.();
      await Promise.race([pump.drop(), late]);
      clearTimeout(deadline);
      for (const waiting of flushes.splice(0))
        waiting.reject(new OperationalError("store-closed", "the store's follower was closed before this was stored"));
    },
  };
}

/** Rows a second, weighted towards the last ten seconds. */
function createRate() {
  const spanMs = 10_000;
  let weight = 0;
  let at = performance.now();
  const decay = () => {
    const now = performance.now();
    weight *= Math.exp((at - now) / spanMs);
    at = now;
  };
  return {
    add(rows: number) {
      decay();
      weight += rows;
    },
    perS(): number {
      decay();
      return weight / (spanMs / 1000);
    },
  };
}
