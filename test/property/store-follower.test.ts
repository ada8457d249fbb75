/** The follower against a journal, a monitor and a store in memory: whatever fails when, the store ends with each effect once. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Effects, StoredReading } from "../../src/core/effects.ts";
import type { Entry } from "../../src/core/entry.ts";
import { createFollower } from "../../src/store/follower.ts";
import type { Shadow } from "../../src/store/follower.ts";
import { unpackReadings } from "../../src/store/packing.ts";
import type { Store, StoreBatch } from "../../src/store/store.ts";

const NOTHING: Effects = { readings: [], changes: [], quarantined: [], days: [], works: [], outcome: null };

/** Effects that depend on everything folded before, as a monitor's do: a shadow that started wrong would show. */
function createFold(start = { position: 0, sum: 0 }) {
  let { position, sum } = start;
  return {
    get position() {
      return position;
    },
    snapshot: () => ({ position, sum }),
    apply(entry: Entry): Effects {
      position = entry.seq;
      sum = (sum * 31 + entry.seq) % 1_000_003;
      if (entry.seq % 3 === 0) return NOTHING;
      const readings = Array.from({ length: entry.seq % 4 }, (_, index) => ({
        liftId: "L1",
        channel: "door" as const,
        entry: entry.seq,
        index,
        receivedAt: entry.receivedAt,
        late: false,
        reading: { at: sum, seq: entry.seq, state: "open" as const },
      }));
      const days = [
        {
          day: "2026-11-22",
          liftId: `L${entry.seq % 2}`,
          inServiceMs: 0,
          readings: sum,
          faults: 0,
          stoppingFaults: 0,
          entrapments: 0,
          trips: 0,
        },
      ];
      return { ...NOTHING, readings, days };
    },
  };
}

function unpacked({ readings }: StoreBatch): StoredReading[] {
  const rows: StoredReading[] = [];
  for (const piece of readings) unpackReadings(piece, rows);
  return rows;
}

/** A store in memory that can fail before it commits, or after. */
function createMemoryStore(outcome: () => "ok" | "refused" | "lost-answer") {
  const rows: string[] = [];
  const days = new Map<string, number>();
  const refusals: string[] = [];
  let offset = 0;
  let writing = false;
  const store: Pick<Store, "offset" | "write"> = {
    get offset() {
      return offset;
    },
    async write(batch: StoreBatch) {
      if (writing) refusals.push("two writes at once");
      writing = true;
      try {
        await new Promise<void>((resolve) => setImmediate(resolve));
        const fate = outcome();
        if (fate === "refused") throw new Error("refused");
        if (batch.to <= offset) return;
        if (batch.from !== offset + 1) refusals.push(`from ${batch.from} at offset ${offset}`);
        rows.push(...unpacked(batch).map((row) => `${row.entry}.${row.index}:${row.reading.at}`));
        if (new Set(batch.days.map((row) => row.day + row.liftId)).size !== batch.days.length) refusals.push("a day twice in a batch");
        for (const row of batch.days) days.set(row.liftId, row.readings);
        offset = batch.to;
        if (fate === "lost-answer") throw new Error("the answer was lost");
      } finally {
        writing = false;
      }
    },
  };
  /** What a store put back from an older copy looks like: the newest commits are gone. */
  function loseAfter(entry: number): void {
    offset = entry;
    rows.splice(0, rows.length, ...rows.filter((row) => Number.parseInt(row, 10) <= entry));
  }
  return { store, rows, days, refusals, loseAfter };
}

interface Scene {
  readonly entries: number;
  /** Entries that the journal has lost. */
  readonly lost: ReadonlySet<number>;
  readonly snapshotEvery: number;
  /** Entries that live ingest brings between two turns of the event loop. */
  readonly bursts: readonly number[];
  /** Fates of writes and of reads, in turn. */
  readonly writes: readonly ("ok" | "refused" | "lost-answer")[];
  readonly reads: readonly boolean[];
  readonly queueRows: number;
  readonly batchRows: number;
  readonly joinEntries: number;
  /** Entries that were applied before the follower began, and how many of them an earlier follower stored. */
  readonly before: number;
}

const scene: fc.Arbitrary<Scene> = fc.record({
  entries: fc.integer({ min: 1, max: 400 }),
  lost: fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 20 }).map((list) => new Set(list)),
  snapshotEvery: fc.integer({ min: 1, max: 100 }),
  bursts: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 30 }).filter((list) => list.some((burst) => burst > 0)),
  writes: fc.array(fc.constantFrom("ok", "ok", "ok", "refused", "lost-answer"), { minLength: 1, maxLength: 12 }),
  reads: fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
  queueRows: fc.integer({ min: 1, max: 200 }),
  batchRows: fc.integer({ min: 1, max: 60 }),
  joinEntries: fc.integer({ min: 0, max: 80 }),
  before: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200 })),
});

test("after overflows, failed writes, lost answers and failed reads in any order, the store has every effect once, in order", async () => {
  const seen = { catchUps: 0, failures: 0, overflows: 0 };
  const property = fc.asyncProperty(scene, async (script) => {
    const entries: Entry[] = [];
    const live = createFold();
    const snapshots = [live.snapshot()];
    const expectedRows: string[] = [];
    const expectedDays = new Map<string, number>();
    let next = 1;
    function applyNext(): { seq: number; effects: Effects } | null {
      while (script.lost.has(next)) next++;
      if (next > script.entries) return null;
      const entry: Entry = { kind: "tick", seq: next++, receivedAt: next };
      entries.push(entry);
      const effects = live.apply(entry);
      expectedRows.push(...effects.readings.map((row) => `${row.entry}.${row.index}:${row.reading.at}`));
      for (const row of effects.days) expectedDays.set(row.liftId, row.readings);
      if (entries.length % script.snapshotEvery === 0) snapshots.push(live.snapshot());
      return { seq: entry.seq, effects };
    }

    let writes = 0;
    let reads = 0;
    const memory = createMemoryStore(() => {
      // A script of failures alone would never end.
      const fate = writes > 200 ? "ok" : script.writes[writes++ % script.writes.length]!;
      if (fate !== "ok") seen.failures++;
      return fate;
    });
    for (let count = 0; count < script.before; count++) applyNext();
    const follower = createFollower({
      store: memory.store,
      position: live.position,
      limits: {
        batchRows: script.batchRows,
        queueRows: script.queueRows,
        joinEntries: script.joinEntries,
        batchAgeMs: 1,
        offsetAgeMs: 2,
        retryMinMs: 0,
        retryMaxMs: 1,
        catchUpSliceMs: 0,
        catchUpBatches: 2,
      },
      random: () => 0.5,
      async shadowAt(offset): Promise<Shadow> {
        seen.catchUps++;
        const snapshot = snapshots.findLast(({ position }) => position <= offset)!;
        await Promise.resolve();
        return createFold(snapshot);
      },
      async *read(from) {
        const fails = reads < 50 && !script.reads[reads++ % script.reads.length]!;
        // What is appended while it reads comes too, as it may from a journal: it must not be taken twice.
        for (let cursor = from; ;) {
          const found = entries.filter(({ seq }) => seq >= cursor).slice(0, 7);
          if (found.length === 0) return;
          cursor = found.at(-1)!.seq + 1;
          await new Promise<void>((resolve) => setImmediate(resolve));
          yield found;
          if (fails) throw new Error("the disk did not answer");
        }
      },
    });
    for (let turn = 0; next <= script.entries; turn++) {
      for (let count = script.bursts[turn % script.bursts.length]!; count > 0; count--) {
        const waiting = follower.status.rowsWaiting;
        const applied = applyNext();
        if (applied === null) break;
        follower.take(applied.seq, applied.effects);
        if (follower.status.rowsWaiting < waiting) seen.overflows++;
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await follower.flush();
    expect(memory.refusals).toEqual([]);
    expect(memory.store.offset).toBe(live.position);
    expect(memory.rows).toEqual(expectedRows);
    expect(memory.days).toEqual(expectedDays);
    expect(follower.status.behindEntries).toBe(0);
    await follower.close();
  });
  await fc.assert(property, { numRuns: 150, seed: 20_261_122 });
  // A property that never overflowed, failed or caught up would have proved nothing.
  expect(seen.catchUps).toBeGreaterThan(100);
  expect(seen.failures).toBeGreaterThan(100);
  expect(seen.overflows).toBeGreaterThan(20);
}, 120_000);

test("a store that lost its newest commits under a live follower is filled again from the journal", async () => {
  const memory = createMemoryStore(() => "ok");
  const live = createFold();
  const entries: Entry[] = [];
  const expected: string[] = [];
  let shadows = 0;
  const follower = createFollower({
    store: memory.store,
    position: 0,
    limits: { batchAgeMs: 1, batchRows: 10 },
    async shadowAt() {
      shadows++;
      return createFold();
    },
    async *read(from) {
      yield entries.filter(({ seq }) => seq >= from);
    },
  });
  const advance = (count: number) => {
    for (let index = 0; index < count; index++) {
      const entry: Entry = { kind: "tick", seq: entries.length + 1, receivedAt: 0 };
      entries.push(entry);
      const effects = live.apply(entry);
      expected.push(...effects.readings.map((row) => `${row.entry}.${row.index}:${row.reading.at}`));
      follower.take(entry.seq, effects);
    }
  };
  advance(100);
  await follower.flush();
  memory.loseAfter(60);
  advance(100);
  await follower.flush();
  expect(shadows).toBe(1);
  expect(memory.refusals).toEqual([]);
  expect(memory.rows).toEqual(expected);
  expect(memory.store.offset).toBe(200);
  await follower.close();
});
