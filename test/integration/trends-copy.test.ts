/**
 * The copy of the facts that trends keep on the disk: used where it is of this very store, and never where the store may have changed behind it.
 * Facts read with a copy are compared with those read from the store alone.
 */
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { dayName, dayNumber } from "../../src/core/calendar.ts";
import type { LiftRecord } from "../../src/core/lift.ts";
import type { HistoryEvent } from "../../src/history/event.ts";
import { openEmbeddedStore } from "../../src/store/embedded.ts";
import { packDays } from "../../src/store/packed-days.ts";
import type { StoreBatch } from "../../src/store/store.ts";
import type { ThreadedStore } from "../../src/store/threaded.ts";
import type { Facts } from "../../src/trends/facts/facts.ts";
import { openFacts, readFacts, type OpenFacts } from "../../src/trends/facts/open-facts.ts";
import { alert, batch, change, dayCount, workRow } from "../contract/store-rows.ts";

const ZONE = "Asia/Shanghai";
const FIRST = dayNumber("2026-09-01");
const IDS = ["L3", "L1", "L2", "L9"];
const REGISTER: LiftRecord[] = [{ liftId: "L1" }, { liftId: "L2" }, { liftId: "L3" }];
/** An imported record before the first counted day, and one on it. */
const HISTORY: HistoryEvent[] = [FIRST - 10, FIRST].map((day) => ({
  liftId: "L2",
  event: "fault",
  at: day * 86_400_000,
  until: day * 86_400_000 + 3_600_000,
  code: "",
  note: "",
  reportedAt: null,
  dispatchedAt: null,
  arrivedAt: null,
  rescuedAt: null,
}));

let root: string;
let store: ThreadedStore;
let facts: OpenFacts | null = null;
let lines: string[];
let read: { days: (string | null)[]; alerts: number };
let changed = 0;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "hoistway-trends-copy-"));
  [lines, read, changed, facts] = [[], { days: [], alerts: 0 }, 0, null];
  store = await openEmbeddedStore({ dir: join(root, "store"), journalId: "journal-1" });
  for (let day = FIRST; day < FIRST + 30; day++) await write(dayOf(day));
});

afterEach(async () => {
  facts?.close();
  await store.close();
  await rm(root, { recursive: true, force: true });
});

function entrapment(on: number, rescuedAt: number | null) {
  const people = { liftId: "L1", hazard: "entrapment", evidence: "confirmed", suppressedBy: null } as const;
  return alert(`E${on}`, { ...people, raisedAt: on * 86_400_000, rescuedAt });
}

/** A day of all lifts, with an entrapment that is told of and one of five days before whose people are out now. */
function dayOf(day: number): Partial<StoreBatch> {
  const days = IDS.map((liftId, lift) => ({
    ...dayCount(dayName(day), liftId, 10),
    inServiceMs: 86_400_000 - lift * day,
    stoppingFaults: (day + lift) % 9 === 0 ? 1 : 0,
    trips: (day + lift) % 11 === 0 ? 70_000 : 300 + lift,
  }));
  const changes = [change(++changed, "raised", entrapment(day, null)), change(++changed, "updated", entrapment(day - 5, day * 86_400_000))];
  const works = day % 4 === 0 ? [workRow(store.offset + 1, { liftId: `L${day % 7}`, at: day * 86_400_000 + 5, note: `day ${day}` })] : [];
  return { days, changes, works };
}

async function write(rows: Partial<StoreBatch>): Promise<void> {
  const whole = batch(store.offset + 1, store.offset + 1, { days: rows.days ?? [], changes: rows.changes ?? [], works: rows.works ?? [] });
  await store.write(whole);
  const days = packDays(whole.days);
  facts?.take({ days, alerts: whole.changes.map((one) => one.alert), works: whole.works, lastChange: whole.changes.at(-1)?.n ?? 0 });
}

/** Facts of a start, with what they asked of the store; they keep a copy however few they are. */
async function start(register = REGISTER, remark = true, timezone = ZONE): Promise<Facts> {
  facts?.close();
  [lines, read] = [[], { days: [], alerts: 0 }];
  const watched = {
    mark: () => store.mark(),
    packedDays(query: Parameters<ThreadedStore["packedDays"]>[0]) {
      read.days.push(query.from);
      return store.packedDays(query);
    },
    alerts(query: Parameters<ThreadedStore["alerts"]>[0]) {
      read.alerts += 1;
      return store.alerts(query);
    },
    changesAfter: (after: number, limit: number) => store.changesAfter(after, limit),
    works: (query: Parameters<ThreadedStore["works"]>[0]) => store.works(query),
  };
  facts = openFacts({
    store: watched,
    copy: { directory: join(root, "trends"), least: 1, remark: async (from, to) => remark && store.remark({ from, to }) },
    history: () => Promise.resolve(HISTORY),
    register: () => register,
    timezone,
    log: (line) => lines.push(line),
  });
  return facts.current();
}

/** Until the store carries the mark of the one copy that is there. */
async function copied(): Promise<string> {
  let name = "";
  await vi.waitFor(async () => {
    const { mark } = await store.mark();
    name = `facts-${mark}.bin`;
    expect(await readdir(join(root, "trends"))).toEqual([name]);
  });
  return join(root, "trends", name);
}

async function told(found: Facts) {
  const lifts = found.liftIds.toSorted();
  return {
    lifts,
    faults: lifts.map((id) => found.faults.of(found.numberOf(id))),
    range: found.days.range,
    days: lifts.map((id) =>
      Array.from({ length: 60 }, (_, day) => {
        const days = { first: FIRST - 12 + day, last: FIRST - 12 + day };
        const sums = found.days.sumsOf(days);
        const lift = found.numberOf(id);
        return [sums.inServiceMs[lift] ?? 0, sums.trips[lift] ?? 0, found.days.counted(lift, days.first)];
      }),
    ),
    entrapments: [...found.entrapments()]
      .map(({ lift, ...rest }) => ({ ...rest, lift: found.liftIds[lift] }))
      .toSorted((a, b) => a.at - b.at),
    works: lifts.map((id) => found.works.of(found.numberOf(id))),
    outages: [...found.outages()].map(({ lift, ...rest }) => ({ ...rest, lift: found.liftIds[lift] })).toSorted((a, b) => a.from - b.from),
  };
}

/** That these are the facts of the store as it is. */
async function expectTrue(found: Facts): Promise<void> {
  const plain = await readFacts({ store, history: () => Promise.resolve(HISTORY), timezone: ZONE }, REGISTER);
  expect(await told(found)).toEqual(await told(plain));
}

const WHOLE = null;

test("work orders are there after a start with a copy, those before it and those since, each once", async () => {
  const running = await start();
  await copied();
  for (const day of [29, 30, 31, 32]) await write(dayOf(FIRST + day));
  const { count } = running.works;
  expect(count).toBeGreaterThan(7);
  const again = await start();
  expect(read.days[0]).not.toBe(WHOLE);
  expect(again.works.count).toBe(count);
  const [first] = (await store.works({ limit: 1 })).rows;
  expect(again.works.of(again.numberOf(first!.liftId))).toContainEqual({ at: first!.at, until: null, work: "repair", note: first!.note });
});

test("a start after a copy reads the last days again and what became of alerts since, and has the same facts", async () => {
  await start();
  await copied();
  for (const day of [29, 30, 31, 32]) await write(dayOf(FIRST + day));
  const found = await start();
  // Of the day before the writes, or of one of them.
  expect(dayNumber(read.days[0]!)).toBeGreaterThanOrEqual(FIRST + 26);
  expect(read.alerts).toBe(0);
  await expectTrue(found);
  expect(lines).toEqual([]);
});

test("each day another copy takes the place of the one before, and is of that day", async () => {
  await start();
  const first = await copied();
  await write(dayOf(FIRST + 30));
  await vi.waitFor(async () => expect(await copied()).not.toBe(first));
  await write(dayOf(FIRST + 30));
  const found = await start();
  expect(read.days[0]).toBe(dayName(FIRST + 27));
  await expectTrue(found);
});

test("another register gives the lifts other numbers, and the same facts", async () => {
  await start();
  await copied();
  await expectTrue(await start([{ liftId: "L9" }, { liftId: "L4" }, ...REGISTER.toReversed()].filter(({ liftId }) => liftId !== "L4")));
  expect(read.days[0]).not.toBe(WHOLE);
});

test("imported rows, a reset, and a store made again each leave the copy unused", async () => {
  await start();
  await copied();
  await store.importRows({ days: [dayCount("2026-08-01", "L1", 5)] });
  await expectTrue(await start());
  expect(read.days[0]).toBe(WHOLE);
  await copied();
  await store.reset({ offset: 3, storedReadings: 0, receivedAt: FIRST * 86_400_000, firstOfDay: true });
  await expectTrue(await start());
  expect(read.days[0]).toBe(WHOLE);
  await copied();
  await store.close();
  store = await openEmbeddedStore({ dir: join(root, "store"), journalId: "journal-1", rebuild: true });
  changed = 0;
  for (const day of [5, 6]) await write(dayOf(FIRST + day));
  await expectTrue(await start());
  expect(read.days[0]).toBe(WHOLE);
});

test("of a store that was put back from before the copy, and has other entries since, the copy is not used", async () => {
  await store.close();
  const file = join(root, "store", "store.duckdb");
  await copyFile(file, join(root, "older"));
  store = await openEmbeddedStore({ dir: join(root, "store"), journalId: "journal-1" });
  await write(dayOf(FIRST + 30));
  await start();
  await copied();
  facts?.close();
  await store.close();
  await copyFile(join(root, "older"), file);
  store = await openEmbeddedStore({ dir: join(root, "store"), journalId: "journal-1" });
  facts = null;
  for (const day of [31, 32]) await write({ days: [dayCount(dayName(FIRST + day), "L1", 3)] });
  await expectTrue(await start());
  expect(read.days[0]).toBe(WHOLE);
});

test("a copy that the store was not marked for is as if it were not there", async () => {
  await start(REGISTER, false);
  await vi.waitFor(async () => expect(await readdir(join(root, "trends"))).toEqual([]));
  await expectTrue(await start());
  expect(read.days[0]).toBe(WHOLE);
});

test.each([
  ["a byte of which is another", (bytes: Buffer) => bytes.fill(bytes[1_000]! ^ 1, 1_000, 1_001), "its checksum is another"],
  ["that ends early", (bytes: Buffer) => bytes.subarray(0, bytes.length - 40), "its checksum is another"],
  ["that is empty", () => Buffer.alloc(0), "it has 0 bytes"],
])("a copy %s is told of in one line, left alone, and made again", async (_what, damage, words) => {
  await start();
  const file = await copied();
  await writeFile(file, damage(await readFile(file)));
  await expectTrue(await start());
  expect(read.days[0]).toBe(WHOLE);
  expect(lines).toEqual([expect.stringContaining(words)]);
  expect(await copied()).not.toBe(file);
});

test("a copy of another time zone's days is not used", async () => {
  await start();
  await copied();
  await start(REGISTER, true, "America/New_York");
  expect(lines).toEqual([expect.stringContaining("its days are those of Asia/Shanghai")]);
  expect(read.days[0]).toBe(WHOLE);
});
