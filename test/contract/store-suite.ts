/** What every store must do, whatever is behind it: run for each adapter by a test file of its own. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DayCount } from "../../src/core/effects.ts";
import { dayName, dayNumber } from "../../src/core/calendar.ts";
import { DAY_CELLS } from "../../src/store/packed-days.ts";
import { readFacts } from "../../src/trends/facts/open-facts.ts";
import { faultRate } from "../../src/trends/questions/fault-rate.ts";
import { rescue } from "../../src/trends/questions/rescue.ts";
import type { Page, Store } from "../../src/store/store.ts";
import type { ThreadedStore } from "../../src/store/threaded.ts";
import { alert, batch, change, DAY, DAY_MS, dayCount, everyReading, quarantined, stored, workRow } from "./store-rows.ts";

/** One empty store, and what a test does with it besides using it. */
export interface StoreUnderTest {
  readonly journalId: string;
  readonly store: ThreadedStore;
  /** Closes the store and opens it again on the same data. */
  reopen(): Promise<ThreadedStore>;
  dispose(): Promise<void>;
}

/** All pages of a query, and how many there were. */
async function allPages<T>(ask: (after: string | undefined) => Promise<Page<T>>): Promise<{ rows: T[]; pages: number }> {
  const rows: T[] = [];
  let pages = 0;
  let after: string | undefined;
  do {
    const page = await ask(after);
    rows.push(...page.rows);
    after = page.next ?? undefined;
    pages++;
  } while (after !== undefined && pages < 1_000);
  return { rows, pages };
}

/** All packed days from one on, by day and lift. */
async function unpacked(store: Store, from: string | null, days: number) {
  const found = [];
  for (let next = from; ;) {
    const part = await store.packedDays({ from: next, days });
    for (let row = 0; row < part.count; row++) {
      const cells = [...part.cells.subarray(row * DAY_CELLS, (row + 1) * DAY_CELLS)];
      found.push([dayName(cells[1]!), part.liftIds[cells[0]!], ...cells.slice(2)]);
    }
    if (part.next === null) return found.toSorted((a, b) => (String(a) < String(b) ? -1 : 1));
    next = part.next;
  }
}

function packedRow({ day, liftId, inServiceMs, stoppingFaults, entrapments, trips }: DayCount) {
  return [day, liftId, inServiceMs, stoppingFaults, entrapments, trips];
}

export function storeContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the contract of a store`, () => {
    let subject: StoreUnderTest;
    let store: ThreadedStore;
    let assertions = 0;
    beforeEach(async () => {
      subject = await open();
      store = subject.store;
    });
    afterEach(async () => {
      assertions += expect.getState().assertionCalls;
      await subject.dispose();
    });

    test("an empty store has no journal, offset 0 and nothing in it", async () => {
      expect(store.journalId).toBeNull();
      expect(store.offset).toBe(0);
      expect(store.storedReadings).toBe(0);
      expect(await store.readings({ liftId: "L1", limit: 10 })).toEqual({ rows: [], next: null });
      expect(await store.alerts({ limit: 10 })).toEqual({ rows: [], next: null });
      expect(await store.history("none")).toEqual([]);
      expect(await store.changesAfter(0, 10)).toEqual([]);
      expect(await store.quarantined(10)).toEqual([]);
      expect(await store.days({})).toEqual([]);
      expect(await store.works({ limit: 10 })).toEqual({ rows: [], next: null });
    });

    test("a written batch moves the offset, counts its readings and names the journal, and a restart keeps all three", async () => {
      await store.write(batch(1, 20, { readings: everyReading() }));
      expect(store.journalId).toBe(subject.journalId);
      expect(store.offset).toBe(20);
      expect(store.storedReadings).toBe(12);
      await store.write(batch(21, 21));
      expect(store.offset).toBe(21);
      expect(store.storedReadings).toBe(12);
      store = await subject.reopen();
      expect(store.journalId).toBe(subject.journalId);
      expect(store.offset).toBe(21);
      expect(store.storedReadings).toBe(12);
    });

    test("readings come back exactly as they were, absent fields absent and persons null as null, before and after a restart", async () => {
      const readings = everyReading();
      await store.write(batch(1, 20, { readings }));
      expect(await store.readings({ liftId: "L1", limit: 100 })).toStrictEqual({ rows: readings, next: null });
      store = await subject.reopen();
      const { rows } = await store.readings({ liftId: "L1", limit: 100 });
      expect(rows).toStrictEqual(readings);
      expect(Object.hasOwn(rows[9]!.reading, "persons")).toBe(false);
      expect(rows[7]!.reading).toHaveProperty("persons", null);
      expect(rows[8]!.reading).toHaveProperty("persons", 0);
    });

    test("a batch that ends at or below the offset changes nothing", async () => {
      const readings = everyReading();
      await store.write(batch(1, 20, { readings, changes: [change(1, "raised", alert("A"))], quarantined: [quarantined(3)] }));
      await store.write(batch(1, 20, { readings, changes: [change(1, "raised", alert("A"))], quarantined: [quarantined(3)] }));
      await store.write(batch(5, 12, { readings: readings.slice(4) }));
      expect(store.offset).toBe(20);
      expect(store.storedReadings).toBe(12);
      expect((await store.readings({ liftId: "L1", limit: 100 })).rows).toHaveLength(12);
      expect(await store.history("A")).toHaveLength(1);
      expect(await store.quarantined(10)).toHaveLength(1);
    });

    test("a batch that leaves a gap, or overlaps, is refused with what was expected, and changes nothing", async () => {
      await store.write(batch(1, 20));
      await expect(store.write(batch(22, 30, { readings: everyReading() }))).rejects.toMatchObject({
        code: "store-gap",
        message: expect.stringMatching(/22.*21/),
      });
      await expect(store.write(batch(20, 30))).rejects.toMatchObject({ code: "store-gap" });
      await expect(store.write(batch(21, 19))).rejects.toMatchObject({ code: "store-gap" });
      expect(store.offset).toBe(20);
      expect(store.storedReadings).toBe(0);
      await store.write(batch(21, 30, { readings: everyReading() }));
      expect(store.offset).toBe(30);
      expect(store.storedReadings).toBe(12);
    });

    test("readings are found by lift, by channel and by device time, from inclusive and to exclusive", async () => {
      const readings = everyReading();
      const other = stored(13, "door", { at: DAY + 3, seq: 1, state: "closed" }, { liftId: "L10" });
      await store.write(batch(1, 20, { readings: [...readings, other] }));
      expect((await store.readings({ liftId: "L10", limit: 10 })).rows).toEqual([other]);
      expect((await store.readings({ liftId: "L", limit: 10 })).rows).toEqual([]);
      expect((await store.readings({ liftId: "L1", channel: "fault", limit: 10 })).rows).toEqual(readings.slice(4, 6));
      expect((await store.readings({ liftId: "L1", from: DAY + 3, limit: 100 })).rows).toEqual(readings.slice(3));
      expect((await store.readings({ liftId: "L1", to: DAY + 3, limit: 100 })).rows).toEqual(readings.slice(0, 3));
      expect((await store.readings({ liftId: "L1", from: DAY + 3, to: DAY + 5, limit: 100 })).rows).toEqual(readings.slice(3, 5));
      expect((await store.readings({ liftId: "L1", channel: "status", from: DAY + 7, to: DAY + 9, limit: 100 })).rows).toEqual(
        readings.slice(7, 9),
      );
      expect((await store.readings({ liftId: "L1", from: DAY + 5, to: DAY + 5, limit: 100 })).rows).toEqual([]);
    });

    test("readings are ordered by device time and ties by the journal, across batches and days, and pages join without a seam", async () => {
      const readings = [];
      for (let entry = 1; entry <= 60; entry++) {
        // Four received days; device times go back and forth, and three readings share each.
        const at = DAY + (Math.floor(entry / 3) % 10) * 1_000;
        const receivedAt = DAY + Math.floor(entry / 16) * DAY_MS;
        for (const index of [0, 1])
          readings.push(stored(entry, "speed", { at, seq: entry, speedMps: entry + index / 2 }, { index, receivedAt }));
      }
      for (let from = 1; from <= 60; from += 10) {
        await store.write(batch(from, from + 9, { readings: readings.filter(({ entry }) => entry >= from && entry < from + 10) }));
      }
      const expected = readings.toSorted((a, b) => a.reading.at - b.reading.at || a.entry - b.entry || a.index - b.index);
      expect((await store.readings({ liftId: "L1", limit: 1_000 })).rows).toEqual(expected);
      for (const limit of [1, 7, 119, 120]) {
        const { rows, pages } = await allPages((after) => store.readings({ liftId: "L1", limit, after }));
        expect(rows).toEqual(expected);
        expect(pages).toBe(Math.ceil(120 / limit));
      }
      const window = { liftId: "L1", from: DAY + 2_000, to: DAY + 5_000 };
      const { rows } = await allPages((after) => store.readings({ ...window, limit: 5, after }));
      expect(rows).toEqual(expected.filter(({ reading }) => reading.at >= DAY + 2_000 && reading.at < DAY + 5_000));
    });

    test("the newest state of each alert is what a list shows, newest raised first, ties by id", async () => {
      const first = alert("A1", { raisedAt: DAY + 100 });
      const second = alert("A2", { raisedAt: DAY + 200, hazard: "entrapment", liftId: "L2" });
      const tie = alert("A0", { raisedAt: DAY + 100, hazard: "silent" });
      const cleared = { ...first, state: "cleared" as const, clearedAt: DAY + 300 };
      await store.write(batch(1, 10, { changes: [change(1, "raised", first), change(2, "raised", second), change(3, "raised", tie)] }));
      await store.write(batch(11, 20, { changes: [change(4, "updated", first), change(5, "cleared", cleared)] }));
      expect((await store.alerts({ limit: 10 })).rows).toEqual([second, tie, cleared]);
      expect((await store.alerts({ state: "active", limit: 10 })).rows).toEqual([second, tie]);
      expect((await store.alerts({ state: "cleared", limit: 10 })).rows).toEqual([cleared]);
      expect((await store.alerts({ hazard: "entrapment", limit: 10 })).rows).toEqual([second]);
      expect((await store.alerts({ liftId: "L1", limit: 10 })).rows).toEqual([tie, cleared]);
      expect((await store.alerts({ from: DAY + 101, limit: 10 })).rows).toEqual([second]);
      expect((await store.alerts({ from: DAY + 100, to: DAY + 200, limit: 10 })).rows).toEqual([tie, cleared]);
      const { rows, pages } = await allPages((after) => store.alerts({ limit: 1, after }));
      expect(rows).toEqual([second, tie, cleared]);
      expect(pages).toBe(3);
      store = await subject.reopen();
      expect((await store.alerts({ limit: 10 })).rows).toEqual([second, tie, cleared]);
    });

    test("an alert's history has every change as it was, with who and why, oldest first", async () => {
      const raised = alert("A1");
      const other = alert("A2");
      const acknowledged = { ...raised, acknowledged: true };
      const changes = [
        change(1, "raised", raised),
        change(2, "raised", other),
        change(3, "acknowledged", acknowledged, { by: "王", note: 'on the way; "soon"' }),
      ];
      await store.write(batch(1, 30, { changes }));
      expect(await store.history("A1")).toStrictEqual([changes[0], changes[2]]);
      expect(await store.history("A2")).toStrictEqual([changes[1]]);
      expect(await store.history("A3")).toEqual([]);
    });

    test("changes are given out after a number, in order, as many as asked for", async () => {
      const changes = Array.from({ length: 25 }, (_, index) =>
        change(index + 1, "updated", alert("A1", { occurrences: index + 1 }), { seq: index < 10 ? index + 1 : 20 }),
      );
      await store.write(batch(1, 10, { changes: changes.slice(0, 10) }));
      await store.write(batch(11, 20, { changes: changes.slice(10) }));
      expect(await store.changesAfter(0, 100)).toStrictEqual(changes);
      expect(await store.changesAfter(7, 5)).toStrictEqual(changes.slice(7, 12));
      expect(await store.changesAfter(25, 5)).toEqual([]);
      expect(await store.alerts({ limit: 5 })).toEqual({ rows: [alert("A1", { occurrences: 25 })], next: null });
    });

    test("rejected readings come newest first, as many as asked for, exactly as they were", async () => {
      const rejected = Array.from({ length: 9 }, (_, index) =>
        quarantined(index + 1, { index: index % 2, path: index === 0 ? "" : "0.state" }),
      );
      await store.write(batch(1, 5, { quarantined: rejected.slice(0, 5) }));
      await store.write(batch(6, 9, { quarantined: rejected.slice(5) }));
      expect(await store.quarantined(100)).toStrictEqual(rejected.toReversed());
      expect(await store.quarantined(2)).toStrictEqual([rejected[8], rejected[7]]);
      expect(store.storedReadings).toBe(0);
    });

    test("work orders come back as they were, by time, page by page, once each, before and after a restart", async () => {
      const works = [
        workRow(2, { note: 'door drive, "left", a=b c\\n\n换门机' }),
        workRow(3, { liftId: "L2", work: "maintenance" }),
        workRow(7, { liftId: "L2", work: "modernisation", at: DAY + 3 }),
        workRow(11),
      ];
      await store.write(batch(1, 5, { works: works.slice(0, 2) }));
      await store.write(batch(1, 5, { works: works.slice(0, 2) }));
      await store.write(batch(6, 20, { works: works.slice(2) }));
      const inOrder = [works[0]!, ...works.slice(1, 3), works[3]!];
      expect((await allPages((after) => store.works({ limit: 100, after }))).rows).toStrictEqual(inOrder);
      store = await subject.reopen();
      const { rows, pages } = await allPages((after) => store.works({ limit: 1, after }));
      expect(rows.toSorted((a, b) => a.entry - b.entry)).toStrictEqual(inOrder);
      expect(pages).toBeGreaterThan(2);
      await expect(store.works({ limit: 0 })).rejects.toMatchObject({ code: "query-invalid" });
    });

    test("work orders that are imported are added once, and a step back forgets those that came after it", async () => {
      await store.write(batch(1, 5, { works: [workRow(2), workRow(5, { liftId: "L2" })] }));
      const imported = [workRow(-7, { at: DAY - 1 }), workRow(-6, { at: DAY - 1, work: "maintenance" }), workRow(-5, { at: DAY + 2 })];
      expect(await store.importRows({ works: [...imported, imported[0]!] })).toBe(2);
      expect(await store.importRows({ works: imported })).toBe(0);
      const entries = async () => (await store.works({ limit: 10 })).rows.map(({ entry }) => entry).toSorted((a, b) => a - b);
      expect(await entries()).toEqual([-7, -6, 2, 5]);
      await store.reset({ offset: 3, storedReadings: 0, receivedAt: DAY, firstOfDay: true });
      expect(await entries()).toEqual([-7, -6, 2]);
    });

    test("its mark stays over batches and a new start, and is another after whatever no journal brings about", async () => {
      const seen = [await store.mark()];
      await store.write(batch(1, 5, { days: [dayCount("2026-11-22", "L1", 1)], changes: [change(1, "raised", alert("A1"), { seq: 2 })] }));
      expect(await store.mark()).toEqual({ mark: seen[0]!.mark, lastChange: 1 });
      store = await subject.reopen();
      const { mark } = await store.mark();
      expect(mark === seen[0]!.mark || seen[0]!.mark === null).toBe(true);
      expect(await store.remark({ from: "another", to: "copy-1" })).toBe(false);
      expect(await store.remark({ from: mark!, to: "copy-1" })).toBe(true);
      await store.write(batch(6, 9, { changes: [change(2, "updated", alert("A1", { occurrences: 2 }), { seq: 7 })] }));
      store = await subject.reopen();
      expect(await store.mark()).toEqual({ mark: "copy-1", lastChange: 2 });
      const imported = await store.importRows({ days: [dayCount("2026-10-01", "L1", 7)] });
      expect(imported).toBe(1);
      const afterImport = (await store.mark()).mark;
      expect(afterImport).not.toBe("copy-1");
      await store.reset({ offset: 5, storedReadings: 0, receivedAt: DAY, firstOfDay: true });
      const afterReset = (await store.mark()).mark;
      store = await subject.reopen();
      expect([null, "copy-1", afterImport]).not.toContain(afterReset);
      expect((await store.mark()).mark).toBe(afterReset);
    });

    test("trends of the same counts and alerts are the same figures in every store", async () => {
      const days = ["2026-10-30", "2026-10-31", "2026-11-01", "2026-11-03"].flatMap((day, place) => [
        { ...dayCount(day, "L1", 5), stoppingFaults: place === 1 ? 0 : 2, trips: 100_000 + place },
        { ...dayCount(day, "L2", 5), inServiceMs: 43_200_000 + place, stoppingFaults: 0 },
      ]);
      const people = { dispatchedAt: DAY + 60_000, arrivedAt: DAY + 660_000, rescuedAt: DAY + 960_000 };
      const helped = alert("A1", { liftId: "L1", hazard: "entrapment", evidence: "confirmed", raisedAt: DAY, detectedAt: DAY, ...people });
      await store.write(batch(1, 10, { days, changes: [change(1, "raised", helped)] }));
      const facts = await readFacts({ store, history: () => Promise.resolve([]), timezone: "Asia/Shanghai" }, []);
      const range = { first: dayNumber("2026-10-01"), last: dayNumber("2026-11-30") };
      const population = { facts, register: [] };
      const { rows } = await faultRate(population, { by: "lift", bucket: "month", range, filters: {} });
      expect(
        rows(0, 10).map(({ key, bucket, faults, episodes, trips, liftDays }) => [key, bucket, faults, episodes, trips, liftDays]),
      ).toEqual([
        ["L1", "2026-10", 2, 1, 200_001, 2],
        ["L2", "2026-10", 0, 0, 800, 1 + 1 / 86_400_000],
        ["L1", "2026-11", 4, 0, 200_005, 2],
        ["L2", "2026-11", 0, 0, 800, 1 + 5 / 86_400_000],
      ]);
      const found = await rescue(population, { by: "all", bucket: "total", range, filters: {} });
      expect(found.rows(0, 1)[0]).toMatchObject({
        entrapments: 1,
        response: { mean: 1 },
        arrival: { mean: 10, within: 1 },
        rescue: { mean: 5 },
      });
    });

    test("a day count written again replaces the one before, and only that", async () => {
      await store.write(
        batch(1, 5, { days: [dayCount("2026-11-21", "L1", 5), dayCount("2026-11-22", "L1", 1), dayCount("2026-11-22", "L2", 2)] }),
      );
      await store.write(batch(6, 9, { days: [dayCount("2026-11-22", "L1", 10), dayCount("2026-11-23", "L1", 11)] }));
      const all = [
        dayCount("2026-11-21", "L1", 5),
        dayCount("2026-11-22", "L1", 10),
        dayCount("2026-11-22", "L2", 2),
        dayCount("2026-11-23", "L1", 11),
      ];
      expect(await store.days({})).toStrictEqual(all);
      expect(await store.days({ liftId: "L1" })).toEqual([all[0], all[1], all[3]]);
      expect(await store.days({ from: "2026-11-22", to: "2026-11-22" })).toEqual([all[1], all[2]]);
      expect(await unpacked(store, null, 31)).toEqual(all.map(packedRow));
      expect(await unpacked(store, "2026-11-22", 31)).toEqual(all.slice(1).map(packedRow));
      // A stretch ends after so many days, and says where the next begins.
      expect(await store.packedDays({ from: "2026-11-01", days: 1 })).toMatchObject({ count: 1, next: "2026-11-22" });
      expect(await store.packedDays({ from: "2026-11-24", days: 1 })).toMatchObject({ count: 0, next: null });
      expect(await store.days({ from: "2026-11-24" })).toEqual([]);
      store = await subject.reopen();
      expect(await store.days({})).toEqual(all);
    });

    test("a cursor that is not one, or of another query, and a limit out of bounds are refused with what was expected", async () => {
      const readings = everyReading();
      await store.write(batch(1, 20, { readings, changes: [change(1, "raised", alert("A")), change(2, "raised", alert("B"))] }));
      const { next } = await store.alerts({ limit: 1 });
      await expect(store.readings({ liftId: "L1", limit: 5, after: "nonsense" })).rejects.toMatchObject({ code: "cursor-invalid" });
      await expect(store.readings({ liftId: "L1", limit: 5, after: next! })).rejects.toMatchObject({ code: "cursor-invalid" });
      await expect(store.alerts({ limit: 5, after: "W10" })).rejects.toMatchObject({ code: "cursor-invalid" });
      await expect(store.readings({ liftId: "L1", limit: 0 })).rejects.toMatchObject({ code: "query-invalid" });
      await expect(store.readings({ liftId: "L1", limit: 1_000_000 })).rejects.toMatchObject({ code: "query-invalid" });
      await expect(store.alerts({ limit: 1.5 })).rejects.toMatchObject({ code: "query-invalid" });
      await expect(store.quarantined(-1)).rejects.toMatchObject({ code: "query-invalid" });
    });

    test("text that looks like SQL is text", async () => {
      const hostile = `'; DROP TABLE changes; --`;
      await store.write(batch(1, 10, { changes: [change(1, "raised", alert(hostile, { liftId: hostile }))] }));
      expect(await store.history(hostile)).toHaveLength(1);
      expect((await store.alerts({ liftId: hostile, limit: 5 })).rows).toHaveLength(1);
      expect((await store.readings({ liftId: hostile, limit: 5 })).rows).toEqual([]);
      expect(await store.days({ liftId: hostile, from: hostile })).toEqual([]);
    });

    test("queries are answered while batches are written, and see whole batches only", async () => {
      const seen: number[] = [];
      const queries: Promise<unknown>[] = [];
      for (let from = 1; from <= 401; from += 100) {
        const readings = Array.from({ length: 100 }, (_, index) =>
          stored(from + index, "speed", { at: DAY + from + index, seq: 1, speedMps: 1 }),
        );
        const written = store.write(batch(from, from + 99, { readings }));
        queries.push(store.readings({ liftId: "L1", limit: 1_000 }).then(({ rows }) => seen.push(rows.length)));
        await written;
      }
      await Promise.all(queries);
      expect(seen).toHaveLength(5);
      expect(seen.every((count) => count % 100 === 0)).toBe(true);
      expect((await store.readings({ liftId: "L1", limit: 1_000 })).rows).toHaveLength(500);
    });

    test("readings of one device time stay apart and in the order of the journal, whatever channel, batch and order they came in", async () => {
      const clock = [0, 0, 5_000, 5_000, 1_000, 5_000, 1_000, 3_000, 0, 9_000, 3_000, 9_000];
      const readings = clock.flatMap((at, place) =>
        [0, 1].map((index) =>
          stored(
            place + 1,
            index === 0 ? "speed" : "status",
            { at: DAY + at, seq: place, ...(index === 0 ? { speedMps: place } : {}) },
            { index },
          ),
        ),
      );
      for (const [from, to] of [
        [1, 3],
        [4, 5],
        [6, 9],
        [10, 12],
      ] as const) {
        await store.write(batch(from, to, { readings: readings.filter(({ entry }) => entry >= from && entry <= to) }));
        if (to === 5) store = await subject.reopen();
      }
      const expected = readings.toSorted((a, b) => a.reading.at - b.reading.at || a.entry - b.entry || a.index - b.index);
      for (const limit of [5, 100]) {
        const { rows } = await allPages((after) => store.readings({ liftId: "L1", limit, after }));
        expect(rows).toStrictEqual(expected);
      }
      const { rows } = await allPages((after) => store.readings({ liftId: "L1", channel: "status", from: DAY + 1, limit: 2, after }));
      expect(rows).toStrictEqual(expected.filter(({ channel, reading }) => channel === "status" && reading.at > DAY));
    });

    test("readings of clocks that are not set are kept with the time they said, in their place, and no minute counts them", async () => {
      const times = [0, 0, 1_000, DAY - 30 * DAY_MS, DAY + 3 * DAY_MS, Number.MAX_SAFE_INTEGER, DAY, 0, DAY + 1];
      const readings = times.map((at, place) => stored(place + 1, "door", { at, seq: place, state: "open" }));
      await store.write(batch(1, 4, { readings: readings.slice(0, 4) }));
      await store.write(batch(5, 9, { readings: readings.slice(4) }));
      const expected = readings.toSorted((a, b) => a.reading.at - b.reading.at || a.entry - b.entry);
      for (const limit of [2, 100]) {
        const { rows } = await allPages((after) => store.readings({ liftId: "L1", limit, after }));
        expect(rows).toStrictEqual(expected);
      }
      const { rows } = await store.readings({ liftId: "L1", from: 1_000, to: DAY + 1, limit: 10 });
      expect(rows.map(({ reading }) => reading.at)).toEqual([1_000, DAY - 30 * DAY_MS, DAY]);
      const minutes = await store.minutes({ liftId: "L1", limit: 10 });
      expect(minutes.rows.map(({ at, readings: count }) => [at, count])).toEqual([[DAY, 2]]);
      expect(store.storedReadings).toBe(9);
    });

    test("a minute has the counts, the least and the greatest of its readings, by device time, page by page", async () => {
      const minute = 60_000;
      const readings = [
        stored(1, "speed", { at: DAY + 59_999, seq: 1, speedMps: -1.5 }),
        stored(2, "speed", { at: DAY, seq: 2, speedMps: 0.1 + 0.2 }),
        stored(3, "status", { at: DAY + 1, seq: 3, persons: 4, loadKg: 300.5, motorTemperatureC: -3 }),
        stored(4, "status", { at: DAY + 2, seq: 4, persons: null, loadKg: 20 }),
        stored(5, "fault", { at: DAY + minute, seq: 5, code: "04" }),
        stored(6, "door", { at: DAY + 3 * minute, seq: 6, state: "open" }),
        stored(7, "speed", { at: DAY, seq: 7, speedMps: 9 }, { liftId: "L2" }),
        stored(8, "speed", { at: DAY + 10, seq: 8, speedMps: -2 }, { late: true }),
      ];
      await store.write(batch(1, 6, { readings: readings.slice(0, 6) }));
      await store.write(batch(7, 10, { readings: readings.slice(6) }));
      const empty = { speedMinMps: null, speedMaxMps: null, personsMax: null, loadMaxKg: null, motorTemperatureMaxC: null };
      const expected = [
        {
          liftId: "L1",
          at: DAY,
          readings: 5,
          faults: 0,
          speedMinMps: -2,
          speedMaxMps: 0.1 + 0.2,
          personsMax: 4,
          loadMaxKg: 300.5,
          motorTemperatureMaxC: -3,
        },
        { liftId: "L1", at: DAY + minute, readings: 1, faults: 1, ...empty },
        { liftId: "L1", at: DAY + 3 * minute, readings: 1, faults: 0, ...empty },
      ];
      expect(await store.minutes({ liftId: "L1", limit: 10 })).toStrictEqual({ rows: expected, next: null });
      for (const limit of [1, 2]) {
        const { rows, pages } = await allPages((after) => store.minutes({ liftId: "L1", limit, after }));
        expect(rows).toStrictEqual(expected);
        expect(pages).toBe(Math.ceil(3 / limit));
      }
      expect((await store.minutes({ liftId: "L1", from: DAY + 1, to: DAY + 3 * minute, limit: 10 })).rows).toEqual([expected[1]]);
      expect((await store.minutes({ liftId: "none", limit: 10 })).rows).toEqual([]);
      await expect(store.minutes({ liftId: "L1", limit: 0 })).rejects.toMatchObject({ code: "query-invalid" });
      await expect(store.minutes({ liftId: "L1", limit: 1, after: "W10" })).rejects.toMatchObject({ code: "cursor-invalid" });
    });

    test("what is no longer kept leaves its minutes as they were, also when it is told again and after a restart", async () => {
      const readings = Array.from({ length: 40 }, (_, day) =>
        stored(day + 1, "speed", { at: DAY + day * DAY_MS + 1_000, seq: day, speedMps: day }, { receivedAt: DAY + day * DAY_MS + 2_000 }),
      );
      await store.write(batch(1, 40, { readings }));
      const before = await store.minutes({ liftId: "L1", limit: 100 });
      expect(before.rows).toHaveLength(40);
      const from = { readings: DAY + 20 * DAY_MS, minutes: null };
      await store.keep(from);
      await store.keep(from);
      expect(await store.minutes({ liftId: "L1", limit: 100 })).toStrictEqual(before);
      store = await subject.reopen();
      expect(await store.minutes({ liftId: "L1", limit: 100 })).toStrictEqual(before);
      const { rows } = await allPages((after) => store.minutes({ liftId: "L1", limit: 7, after }));
      expect(rows).toStrictEqual(before.rows);
      expect((await store.readings({ liftId: "L1", from: from.readings, limit: 100 })).rows).toEqual(readings.slice(20));
      expect(store.storedReadings).toBe(40);
    });

    test("alerts of one hazard of one lift that were raised at the same time are told apart, and each change finds its own", async () => {
      const alerts = ["B", "A", "C"].map((id) => alert(id));
      await store.write(
        batch(1, 10, { changes: [change(1, "raised", alerts[0]!, { seq: 1 }), change(2, "raised", alerts[1]!, { seq: 2 })] }),
      );
      store = await subject.reopen();
      const cleared = { ...alerts[1]!, state: "cleared" as const };
      await store.write(
        batch(11, 20, { changes: [change(3, "raised", alerts[2]!, { seq: 11 }), change(4, "cleared", cleared, { seq: 12 })] }),
      );
      expect((await store.alerts({ limit: 10 })).rows).toEqual([cleared, alerts[0], alerts[2]]);
      expect((await store.alerts({ state: "active", limit: 10 })).rows).toEqual([alerts[0], alerts[2]]);
      const { rows } = await allPages((after) => store.alerts({ limit: 1, after }));
      expect(rows).toEqual([cleared, alerts[0], alerts[2]]);
      expect(await store.history("A")).toHaveLength(2);
    });

    test("a list of alerts that were raised at any time at all keeps its order, as far as numbers go", async () => {
      const times = [Number.MAX_SAFE_INTEGER, 9_223_372_036_853, 9_223_372_036_854, 9_223_372_036_855, 0, 1, DAY];
      const alerts = times.map((raisedAt, place) => alert(`T${place}`, { raisedAt, hazard: place % 2 === 0 ? "silent" : "overspeed" }));
      await store.write(batch(1, 10, { changes: alerts.map((one, place) => change(place + 1, "raised", one, { seq: place + 1 })) }));
      const expected = alerts.toSorted((a, b) => b.raisedAt - a.raisedAt);
      for (const limit of [1, 100]) {
        const { rows } = await allPages((after) => store.alerts({ limit, after }));
        expect(rows).toEqual(expected);
      }
      expect((await store.alerts({ from: 9_223_372_036_854, limit: 10 })).rows).toEqual(expected.slice(0, 3));
      expect((await store.alerts({ to: 9_223_372_036_854, limit: 10 })).rows).toEqual(expected.slice(3));
    });

    test("any text comes back as it was: line breaks, quotes, backslashes, other alphabets and what line protocol and SQL write specially", async () => {
      const texts = [
        "a\nb",
        "line\none\r\ntwo",
        `back\\slash\\`,
        `"quoted" 'twice'`,
        "tab\there",
        "a=b,c d",
        "轿厢🛗",
        "\u2028",
        "\\n",
        '\\"',
        " lead",
        "#comment",
        "-- ;",
      ];
      const rejected = texts.map((text, place) =>
        quarantined(place + 1, { topic: text, source: text, path: text, message: text, excerpt: text.repeat(40) }),
      );
      const changes = texts.map((text, place) =>
        change(place + 1, "acknowledged", alert(`X${place}`, { details: { text }, lift: { district: text, building: text, firm: text } }), {
          seq: place + 1,
          by: text,
          note: text,
        }),
      );
      const readings = texts
        .filter((text) => !/\p{Cc}/u.test(text))
        .map((text, place) =>
          stored(place + 1, "fault", { at: DAY + place, seq: place, code: text.slice(0, 16), boot: text, dialect: text }),
        );
      await store.write(batch(1, 20, { quarantined: rejected, changes, readings }));
      expect(await store.quarantined(100)).toStrictEqual(rejected.toReversed());
      expect(await store.changesAfter(0, 100)).toStrictEqual(changes);
      expect((await store.readings({ liftId: "L1", limit: 100 })).rows).toStrictEqual(readings);
      expect(readings.length).toBeGreaterThan(8);
    });

    test("numbers come back to the last bit", async () => {
      const numbers = [0.1, 1 / 3, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 123_456_789.123_456_78, 1e21, 1e-7, 100_000];
      const readings = numbers.map((runHours, place) =>
        stored(place + 1, "status", { at: DAY + place, seq: 2 ** 53 - 1 - place, runHours, tripCount: 2 ** 52 + place }),
      );
      await store.write(batch(1, 20, { readings }));
      expect((await store.readings({ liftId: "L1", limit: 100 })).rows).toStrictEqual(readings);
    });

    test("after it is closed a store refuses everything, and closing again is harmless", async () => {
      await store.write(batch(1, 5));
      await Promise.all([store.close(), store.close()]);
      await expect(store.write(batch(6, 7))).rejects.toMatchObject({ code: "store-closed" });
      await expect(store.readings({ liftId: "L1", limit: 5 })).rejects.toMatchObject({ code: "store-closed" });
      await expect(store.days({})).rejects.toMatchObject({ code: "store-closed" });
      await store.close();
    });

    test("this contract has made more than sixty assertions", () => {
      expect(assertions).toBeGreaterThan(60);
    });
  });
}
