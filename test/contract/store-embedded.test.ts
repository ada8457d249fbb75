/** The embedded store: the contract of every store, and what only this one promises. */
import { execFile } from "node:child_process";
import { mkdtemp, open as openFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, expect, test } from "vitest";
import type { DayCount } from "../../src/core/effects.ts";
import { openEmbeddedStore } from "../../src/store/embedded.ts";
import type { EmbeddedStoreOptions } from "../../src/store/embedded.ts";
import type { ThreadedStore } from "../../src/store/threaded.ts";
import { batch, DAY, DAY_MS, dayCount, everyReading, quarantined, stored } from "./store-rows.ts";
import { storeContract } from "./store-suite.ts";

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function directory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "hoistway-store-"));
  cleanUps.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function open(dir: string, more: Partial<EmbeddedStoreOptions> = {}): Promise<ThreadedStore> {
  const store = await openEmbeddedStore({ dir, journalId: "journal-1", ...more });
  cleanUps.push(() => store.close());
  return store;
}

storeContract("the embedded store", async () => {
  const dir = await mkdtemp(join(tmpdir(), "hoistway-store-"));
  let store = await openEmbeddedStore({ dir, journalId: "journal-1" });
  return {
    journalId: "journal-1",
    store,
    async reopen() {
      await store.close();
      store = await openEmbeddedStore({ dir, journalId: "journal-1" });
      return store;
    },
    async dispose() {
      await store.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
});

/** Counts the rows of a slice that stand before one that is less. */
function disorder(day: string): string {
  return `SELECT count(*)::INTEGER FROM (SELECT ("liftId", "at") < lag(("liftId", "at")) OVER (ORDER BY rowid) AS back FROM readings_${day}) WHERE back`;
}

function countOf(liftId: string): DayCount {
  return dayCount("2026-11-22", liftId, 7);
}

/** `days` days of readings of 50 lifts, in one batch each, in an order that is not that of lift and time. */
async function writeDays(store: ThreadedStore, days: number): Promise<void> {
  for (let day = 0; day < days; day++) {
    const from = day * 1_000 + 1;
    const readings = Array.from({ length: 1_000 }, (_, index) =>
      stored(
        from + index,
        "speed",
        { at: DAY + day * DAY_MS + ((index * 7919) % 1_000), seq: index, speedMps: index },
        { liftId: `L${(index * 31) % 50}`, receivedAt: DAY + day * DAY_MS + index },
      ),
    );
    await store.write(batch(from, from + 999, { readings }));
  }
}

test("the slices of past days are sorted by lift and time and hold the same readings, and today's stays as it came", async () => {
  const dir = await directory();
  const store = await open(dir, { limits: { sortPieceRows: 100 } });
  await writeDays(store, 3);
  const everyLift = async () => {
    const pages = [];
    for (let lift = 0; lift < 50; lift++) pages.push(await store.readings({ liftId: `L${lift}`, limit: 1_000 }));
    return pages;
  };
  const before = await everyLift();
  await store.sorted();
  const after = await everyLift();
  expect(after).toEqual(before);
  expect(after.reduce((sum, page) => sum + page.rows.length, 0)).toBe(3_000);
  await store.close();

  const instance = await DuckDBInstance.create(join(dir, "store.duckdb"), { access_mode: "READ_ONLY" });
  const connection = await instance.connect();
  const inversions = [];
  for (const day of ["20261122", "20261123", "20261124"]) inversions.push((await connection.runAndReadAll(disorder(day))).getRows()[0]![0]);
  const slices = await connection.runAndReadAll(`SELECT "day", "rows"::INTEGER, "sorted" FROM slices ORDER BY "day"`);
  const view = await connection.runAndReadAll(`SELECT count(*)::INTEGER FROM readings`);
  connection.disconnectSync();
  instance.closeSync();
  expect(inversions.slice(0, 2)).toEqual([0, 0]);
  expect(inversions[2]).toBeGreaterThan(100);
  expect(slices.getRows()).toEqual([
    ["20261122", 1_000, true],
    ["20261123", 1_000, true],
    ["20261124", 1_000, false],
  ]);
  expect(view.getRows()).toEqual([[3_000]]);
});

test("what is not kept goes a whole UTC day at a time, leaves its minutes and the count of readings ever stored, and outlives a restart", async () => {
  const dir = await directory();
  const store = await open(dir, { limits: { sortPieceRows: 100 } });
  await writeDays(store, 3);
  const minutes = () => store.minutes({ liftId: "L0", limit: 1_000 });
  const before = await minutes();
  expect(before.rows.map(({ at, readings }) => [at, readings])).toEqual([0, 1, 2].map((day) => [DAY + day * DAY_MS, 20]));
  await store.keep({ readings: DAY + 2 * DAY_MS - 1, minutes: null });
  expect((await store.readings({ liftId: "L0", limit: 1_000 })).rows).toHaveLength(40);
  await store.keep({ readings: DAY + 2 * DAY_MS, minutes: null });
  await store.keep({ readings: DAY + 2 * DAY_MS, minutes: null });
  expect((await store.readings({ liftId: "L0", limit: 1_000 })).rows).toHaveLength(20);
  expect(await minutes()).toEqual(before);
  expect(store.storedReadings).toBe(3_000);
  await store.close();
  const again = await open(dir);
  expect((await again.readings({ liftId: "L0", limit: 1_000 })).rows).toHaveLength(20);
  expect(again.storedReadings).toBe(3_000);
  expect(again.offset).toBe(3_000);
  expect(await again.minutes({ liftId: "L0", limit: 1_000 })).toEqual(before);
  await again.keep({ readings: DAY + 2 * DAY_MS, minutes: DAY + DAY_MS });
  expect((await again.minutes({ liftId: "L0", limit: 1_000 })).rows).toEqual(before.rows.slice(1));
});

test("readings of a day that was rolled up already, come late, join its minutes when they are rolled up in their turn", async () => {
  const store = await open(await directory());
  await writeDays(store, 2);
  await store.keep({ readings: DAY + DAY_MS, minutes: null });
  const late = stored(2_001, "fault", { at: DAY + 5, seq: 9_999, code: "04" }, { liftId: "L0", receivedAt: DAY + 2 });
  await store.write(batch(2_001, 2_001, { readings: [late] }));
  const joined = await store.minutes({ liftId: "L0", to: DAY + DAY_MS, limit: 10 });
  expect(joined.rows).toMatchObject([{ at: DAY, readings: 21, faults: 1 }]);
  await store.keep({ readings: DAY + DAY_MS, minutes: null });
  expect(await store.minutes({ liftId: "L0", to: DAY + DAY_MS, limit: 10 })).toEqual(joined);
});

test("a file of the first schema version is migrated where it stands", async () => {
  const dir = await directory();
  const store = await open(dir);
  await writeDays(store, 1);
  await store.close();
  await withFile(join(dir, "store.duckdb"), `DROP TABLE minute_slices; DROP TABLE works; UPDATE store_state SET "schemaVersion" = 1`);
  const migrated = await open(dir);
  expect(migrated.offset).toBe(1_000);
  await migrated.keep({ readings: DAY + DAY_MS, minutes: null });
  expect((await migrated.minutes({ liftId: "L0", limit: 10 })).rows).toHaveLength(1);
});

test("the quarantine keeps the newest rows up to its bound", async () => {
  const store = await open(await directory(), { limits: { quarantineRows: 50 } });
  for (let entry = 1; entry <= 200; entry += 5) {
    await store.write(batch(entry, entry + 4, { quarantined: Array.from({ length: 5 }, (_, index) => quarantined(entry + index)) }));
  }
  const kept = await store.quarantined(1_000);
  expect(kept).toHaveLength(50);
  expect(kept[0]!.entry).toBe(200);
  expect(kept.at(-1)!.entry).toBe(151);
});

test("queries beyond the bound are refused as busy, and the store goes on answering", async () => {
  const store = await open(await directory(), { limits: { queries: 4 } });
  await writeDays(store, 1);
  const answers = await Promise.allSettled(Array.from({ length: 10 }, () => store.readings({ liftId: "L1", limit: 10 })));
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(4);
  const refused = answers.filter((answer) => answer.status === "rejected");
  expect(refused.map(({ reason }) => (reason as { code: string }).code)).toEqual(Array.from({ length: 6 }, () => "store-busy"));
  expect((await store.readings({ liftId: "L1", limit: 10 })).rows).toHaveLength(10);
});

test("a query that takes too long is stopped and named so, and the store goes on", async () => {
  const store = await open(await directory(), { limits: { queryMs: 1 } });
  const readings = Array.from({ length: 60_000 }, (_, index) =>
    stored(1, "speed", { at: DAY + 60_000 - index, seq: index, speedMps: index }, { index }),
  );
  await store.write(batch(1, 1, { readings }));
  const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => store.readings({ liftId: "L1", limit: 60_000 })));
  const reasons = outcomes.filter((outcome) => outcome.status === "rejected").map(({ reason }) => (reason as { code: string }).code);
  expect(reasons.length).toBeGreaterThan(0);
  expect(new Set(reasons)).toEqual(new Set(["query-timeout"]));
  await store.write(batch(2, 2));
  expect(store.offset).toBe(2);
});

test("a write that fails half-way leaves nothing behind, and the next one succeeds", async () => {
  const store = await open(await directory());
  await writeDays(store, 1);
  const readings = [stored(1_001, "door", { at: DAY + 3 * DAY_MS, seq: 1, state: "open" }, { receivedAt: DAY + 3 * DAY_MS })];
  // A number that is no integer fails in the middle of the transaction, after the readings and their new slice.
  const broken = batch(1_001, 1_010, { readings, days: [{ ...countOf("L1"), trips: 0.5 }] });
  const queries = Promise.all([1, 2, 3, 4].map((lift) => store.readings({ liftId: `L${lift}`, limit: 1_000 })));
  await expect(store.write(broken)).rejects.toMatchObject({ code: "store-failed" });
  for (const page of await queries) expect(page.rows).toHaveLength(20);
  expect(store.offset).toBe(1_000);
  expect(store.storedReadings).toBe(1_000);
  expect((await store.readings({ liftId: "L1", from: DAY + 3 * DAY_MS, limit: 10 })).rows).toEqual([]);
  await store.write(batch(1_001, 1_010, { readings, days: [countOf("L1")] }));
  expect(store.offset).toBe(1_010);
  expect(store.storedReadings).toBe(1_001);
  expect((await store.readings({ liftId: "L1", from: DAY + 3 * DAY_MS, limit: 10 })).rows).toEqual(readings);
  expect(await store.days({})).toEqual([countOf("L1")]);
});

test("more day counts than one answer may have are refused, not cut", async () => {
  const store = await open(await directory(), { limits: { daysRows: 2 } });
  await store.write(batch(1, 1, { days: [countOf("L1"), countOf("L2"), countOf("L3")] }));
  await expect(store.days({})).rejects.toMatchObject({ code: "query-too-large" });
  expect(await store.days({ liftId: "L2" })).toEqual([countOf("L2")]);
});

test("closing while queries and a batch are under way waits for them", async () => {
  const store = await open(await directory());
  await writeDays(store, 2);
  const queries = Array.from({ length: 8 }, () => store.readings({ liftId: "L1", limit: 1_000 }));
  const written = store.write(
    batch(2_001, 2_100, { readings: [stored(2_001, "door", { at: DAY, seq: 1, state: "open" }, { liftId: "L2" })] }),
  );
  await store.close();
  for (const page of await Promise.all(queries)) expect(page.rows).toHaveLength(40);
  await written;
});

test("a second opening in this process, and one in another process, are refused as in use", async () => {
  const dir = await directory();
  const store = await open(dir);
  await expect(openEmbeddedStore({ dir, journalId: "journal-1" })).rejects.toMatchObject({ code: "data-directory-in-use" });
  const source = JSON.stringify(new URL("../../src/store/embedded.ts", import.meta.url).href);
  const script = `const { openEmbeddedStore } = await import(${source});
    await openEmbeddedStore({ dir: ${JSON.stringify(dir)}, journalId: "journal-1" }).then(() => console.log("opened"), (error) => console.log(error.code));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
  expect(stdout.trim()).toBe("data-directory-in-use");
  await store.close();
  await (await open(dir)).close();
});

test("a store of another journal is refused, unless it is to be rebuilt", async () => {
  const dir = await directory();
  const store = await open(dir);
  await store.write(batch(1, 5, { readings: everyReading() }));
  await store.close();
  await expect(openEmbeddedStore({ dir, journalId: "journal-2" })).rejects.toMatchObject({
    code: "store-of-another-journal",
    message: expect.stringMatching(/journal-1.*journal-2/),
  });
  const rebuilt = await open(dir, { journalId: "journal-2", rebuild: true });
  expect(rebuilt.offset).toBe(0);
  expect(rebuilt.journalId).toBeNull();
});

test.each([
  ["a file of something else", async (file: string) => writeFile(file, "not a database\n".repeat(2_000))],
  ["damaged headers", async (file: string) => overwrite(file, 0, 12_288)],
  ["damaged blocks", async (file: string) => overwrite(file, 12_288, 1_000_000)],
  ["a DuckDB file of someone else's", async (file: string) => writeForeign(file)],
])("%s is called corrupt, and a rebuild moves it aside and starts at offset 0", async (_name, damage) => {
  const dir = await directory();
  const store = await open(dir);
  await writeDays(store, 2);
  await store.close();
  await damage(join(dir, "store.duckdb"));
  await expect(openEmbeddedStore({ dir, journalId: "journal-1" })).rejects.toMatchObject({ code: "store-corrupt" });
  const rebuilt = await open(dir, { rebuild: true });
  expect(rebuilt.offset).toBe(0);
  expect(await readdir(dir)).toContain("store.duckdb.broken");
  await writeDays(rebuilt, 1);
  expect(rebuilt.storedReadings).toBe(1_000);
});

test("a file of a newer schema is refused by name and left as it is", async () => {
  const dir = await directory();
  const store = await open(dir);
  await store.write(batch(1, 5));
  await store.close();
  const file = join(dir, "store.duckdb");
  await withFile(file, `UPDATE store_state SET "schemaVersion" = 99`);
  const bytes = await readFile(file);
  await expect(openEmbeddedStore({ dir, journalId: "journal-1" })).rejects.toMatchObject({
    code: "store-too-new",
    message: expect.stringMatching(/99.*at most 4/),
  });
  expect((await readFile(file)).equals(bytes)).toBe(true);
});

test("a directory that cannot be made is called unavailable", async () => {
  const dir = await directory();
  await writeFile(join(dir, "file"), "");
  await expect(openEmbeddedStore({ dir: join(dir, "file", "store"), journalId: "j" })).rejects.toMatchObject({ code: "store-unavailable" });
});

async function withFile(file: string, sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(sql);
  connection.disconnectSync();
  instance.closeSync();
}

async function writeForeign(file: string): Promise<void> {
  await rm(file);
  await withFile(file, "CREATE TABLE something (a INTEGER)");
}

/** Flips bits here and there from `from` on. */
async function overwrite(file: string, from: number, bytes: number): Promise<void> {
  const handle = await openFile(file, "r+");
  const { size } = await handle.stat();
  for (let offset = from + 40; offset < Math.min(size, from + bytes); offset += 1_000) {
    await handle.write(Buffer.from([0x5a, 0xa5, 0x5a, 0xa5]), 0, 4, offset);
  }
  await handle.close();
}
