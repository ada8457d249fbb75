/** The follower with the real monitor and the real embedded store: late, overrun or failing, it ends with what a live one has. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { Entry } from "../../src/core/entry.ts";
import { createMonitor } from "../../src/core/monitor.ts";
import type { Monitor } from "../../src/core/monitor.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";
import { openEmbeddedStore } from "../../src/store/embedded.ts";
import type { ThreadedStore } from "../../src/store/threaded.ts";
import { createFollower } from "../../src/store/follower.ts";
import type { Follower, FollowerOptions } from "../../src/store/follower.ts";

const LIFTS = 40;
const SECONDS = 240;
const START = Date.UTC(2026, 10, 22, 15, 58);

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

function newMonitor(): Monitor {
  const register = Array.from({ length: LIFTS }, (_, lift) => ({
    liftId: `L${lift}`,
    kind: "passenger" as const,
    ratedSpeedMps: 1,
    inService: true,
  }));
  // Counts are published often, so that both days' are among the rows.
  return createMonitor(register, { ...DEFAULT_RULES, exposure: { ...DEFAULT_RULES.exposure, publishEveryMs: 60_000 } });
}

/** Four minutes over a midnight of the site's zone: every lift speaks once a second, some run too fast, some talk nonsense. */
function makeEntries(): Entry[] {
  const entries: Entry[] = [];
  const message = (liftId: string, channel: string, payload: unknown, receivedAt: number) => {
    entries.push({
      kind: "message",
      seq: entries.length + 1,
      receivedAt,
      topic: `lifts/${liftId}/${channel}`,
      payload: JSON.stringify(payload),
      source: liftId,
      refusal: null,
    });
  };
  for (let second = 0; second < SECONDS; second++) {
    const at = START + second * 1_000;
    for (let lift = 0; lift < LIFTS; lift++) {
      const speedMps = lift % 8 === 0 && second % 60 > 40 ? 1.4 : Math.sin(second / 10);
      message(`L${lift}`, "speed", { at, seq: second, boot: "b", speedMps, floor: second % 9 }, at + lift);
      if (lift === 3 && second % 10 === 0) message("L3", "door", { at, seq: "none" }, at + lift);
    }
    entries.push({ kind: "tick", seq: entries.length + 1, receivedAt: at + 999 });
  }
  return entries;
}

async function newStore(): Promise<ThreadedStore> {
  const dir = await mkdtemp(join(tmpdir(), "hoistway-follower-"));
  const store = await openEmbeddedStore({ dir, journalId: "j" });
  cleanUps.push(async () => {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });
  return store;
}

async function contents(store: ThreadedStore) {
  const readings = [];
  for (let lift = 0; lift < LIFTS; lift++) readings.push((await store.readings({ liftId: `L${lift}`, limit: 10_000 })).rows);
  return {
    offset: store.offset,
    stored: store.storedReadings,
    readings,
    changes: await store.changesAfter(0, 10_000),
    alerts: (await store.alerts({ limit: 10_000 })).rows,
    quarantined: await store.quarantined(1_000),
    days: await store.days({}),
  };
}

interface Run {
  readonly monitor: Monitor;
  readonly entries: readonly Entry[];
  readonly snapshots: { readonly position: number; readonly text: string }[];
}

function follow(run: Run, store: FollowerOptions["store"], limits: FollowerOptions["limits"]): Follower {
  const follower = createFollower({
    store,
    position: run.monitor.position,
    limits: { batchAgeMs: 5, offsetAgeMs: 20, retryMinMs: 1, retryMaxMs: 20, ...limits },
    async shadowAt(offset) {
      await turn();
      const shadow = newMonitor();
      const snapshot = run.snapshots.findLast(({ position }) => position <= offset);
      if (snapshot !== undefined) shadow.restore(JSON.parse(snapshot.text));
      return shadow;
    },
    async *read(from) {
      const end = run.monitor.position;
      for (let start = from - 1; start < end; start += 500) {
        await turn();
        yield run.entries.slice(start, Math.min(end, start + 500));
      }
    },
  });
  cleanUps.push(() => follower.close(0));
  return follower;
}

function newRun(): Run {
  return { monitor: newMonitor(), entries: makeEntries(), snapshots: [] };
}

/** Applies entries up to `to`, a few at a turn of the event loop. */
async function advance(run: Run, to: number, follower: Follower | null): Promise<void> {
  while (run.monitor.position < to) {
    const entry = run.entries[run.monitor.position]!;
    const effects = run.monitor.apply(entry);
    follower?.take(entry.seq, effects);
    if (entry.seq % 1_000 === 0) run.snapshots.push({ position: entry.seq, text: JSON.stringify(run.monitor.snapshot()) });
    if (entry.seq % 50 === 0) await turn();
  }
}

test("a store that was live, one that began empty in the middle, and one that failed and was overrun end with the same contents", async () => {
  const live = newRun();
  const total = live.entries.length;
  const liveStore = await newStore();
  const liveFollower = follow(live, liveStore, {});
  await advance(live, total, liveFollower);
  await liveFollower.flush();
  const expected = await contents(liveStore);
  expect(expected.offset).toBe(total);
  expect(expected.stored).toBe(live.monitor.counts.accepted);
  expect(expected.stored).toBe(LIFTS * SECONDS);
  expect(expected.changes.length).toBeGreaterThan(20);
  expect(expected.changes).toHaveLength(live.monitor.changeCount);
  expect(expected.quarantined).toHaveLength(SECONDS / 10);
  expect(new Set(expected.days.map(({ day }) => day)).size).toBe(2);

  const late = newRun();
  await advance(late, Math.floor(total / 2), null);
  const lateStore = await newStore();
  const lateFollower = follow(late, lateStore, { batchRows: 700 });
  expect(lateFollower.status.mode).toBe("catching-up");
  await advance(late, total, lateFollower);
  await lateFollower.flush();
  expect(lateFollower.status).toMatchObject({ mode: "live", behindEntries: 0, rowsWaiting: 0, lastError: null });
  expect(await contents(lateStore)).toEqual(expected);

  const failing = newRun();
  const failingStore = await newStore();
  let down = false;
  const flaky: FollowerOptions["store"] = {
    get offset() {
      return failingStore.offset;
    },
    write: (batch) => (down ? Promise.reject(new Error("the store is down")) : failingStore.write(batch)),
  };
  const failingFollower = follow(failing, flaky, { batchRows: 500, queueRows: 2_000 });
  await advance(failing, 1_000, failingFollower);
  down = true;
  await advance(failing, total - 500, failingFollower);
  // The outage was longer than the queue: what waited was dropped, and memory stays flat.
  expect(failingFollower.status.rowsWaiting).toBeLessThanOrEqual(2_000);
  await expect.poll(() => failingFollower.status).toMatchObject({ mode: "failing", lastError: "the store is down" });
  expect(failingFollower.status.behindEntries).toBeGreaterThan(5_000);
  down = false;
  await advance(failing, total, failingFollower);
  await failingFollower.flush();
  expect(await contents(failingStore)).toEqual(expected);
});

test("closing a follower whose store is down ends within its bound, and the next one goes on where the store is", async () => {
  const run = newRun();
  const store = await newStore();
  let down = true;
  const flaky: FollowerOptions["store"] = {
    get offset() {
      return store.offset;
    },
    write: (batch) => (down ? Promise.reject(new Error("down")) : store.write(batch)),
  };
  const first = follow(run, flaky, {});
  await advance(run, 3_000, first);
  const began = performance.now();
  await first.close(100);
  expect(performance.now() - began).toBeLessThan(5_000);
  await expect(first.flush()).rejects.toMatchObject({ code: "store-closed" });
  expect(store.offset).toBe(0);
  down = false;
  const second = follow(run, flaky, {});
  await advance(run, run.entries.length, second);
  await second.flush();
  expect(store.offset).toBe(run.entries.length);
  expect(store.storedReadings).toBe(run.monitor.counts.accepted);
});

test("a store ahead of the journal is refused, because its rows are of another past", async () => {
  const store = await newStore();
  await store.write({ from: 1, to: 10, readings: [], changes: [], quarantined: [], days: [], works: [] });
  expect(() => follow(newRun(), store, {})).toThrowError(expect.objectContaining({ code: "store-ahead-of-journal" }));
});

test("catching up leaves the event loop free", async () => {
  const run = newRun();
  await advance(run, run.entries.length, null);
  const store = await newStore();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await follow(run, store, {}).flush();
  delay.disable();
  expect(store.offset).toBe(run.entries.length);
  // Slices are 5 ms; the rest is for a machine that does other things at the same time.
  expect(delay.percentile(50) / 1e6).toBeLessThan(20);
});
