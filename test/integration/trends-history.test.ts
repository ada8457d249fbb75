/** A simulated history, imported and asked for, against SQL over the same file that shares no code with the program. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { keptHistory } from "../../src/history/kept.ts";
import { importEvents } from "../../src/verbs/import-events.ts";
import { fleetCsv } from "../../src/register/register.ts";
import { openEmbeddedStore } from "../../src/store/embedded.ts";
import { dayNumber } from "../../src/core/calendar.ts";
import { readFacts } from "../../src/trends/facts/open-facts.ts";
import { faultRate } from "../../src/trends/questions/fault-rate.ts";
import type { Population } from "../../src/trends/questions/grouping.ts";
import { rankings } from "../../src/trends/questions/rankings.ts";
import { rescue } from "../../src/trends/questions/rescue.ts";
import { serviceLife } from "../../src/trends/questions/life-curve.ts";
import { drawDays, HISTORY_HEADER, historyRow } from "../../simulators/faults/history.ts";
import { cityFleet } from "../../simulators/fleet/city.ts";
import { type HistoryTables, historyTables } from "./history-tables.ts";

const SEED = 11;
const ZONE = "Asia/Shanghai";
const MONTH = { first: dayNumber("2025-06-01"), last: dayNumber("2025-06-30") };
const register = cityFleet(SEED).slice(0, 4_000);
const said: string[] = [];
let dir: string;
let history: string;
let population: Population;
let sql: HistoryTables["sql"];
const cleanUps: (() => Promise<unknown> | void)[] = [];

beforeAll(async () => {
  vi.spyOn(process.stdout, "write").mockImplementation((text) => said.push(String(text)) > 0);
  dir = await mkdtemp(join(tmpdir(), "hoistway-trends-"));
  history = join(dir, "history.csv");
  const rows = [HISTORY_HEADER];
  for (const { events } of drawDays(register, SEED, {
    from: Date.parse("2025-06-01T00:00:00+08:00"),
    years: 30 / 365.25,
    faultsOnly: true,
  }))
    for (const event of events) rows.push(historyRow(register[event.lift]!.liftId, event));
  await writeFile(history, rows.join(""));
  await writeFile(join(dir, "fleet.csv"), fleetCsv(register));
  await importEvents(history, { data: join(dir, "data"), timezone: ZONE, from: "2025-06-01", to: "2025-06-30" });
  const store = await openEmbeddedStore({ dir: join(dir, "store"), journalId: "journal-1" });
  cleanUps.push(() => store.close());
  const kept = async () => (await keptHistory(join(dir, "data"))).values();
  population = { facts: await readFacts({ store, history: kept, timezone: ZONE }, register), register };
  const tables = await historyTables(history, join(dir, "fleet.csv"));
  cleanUps.push(() => tables.close());
  sql = (text) => tables.sql(text);
}, 60_000);

afterAll(async () => {
  vi.restoreAllMocks();
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  await rm(dir, { recursive: true, force: true });
});

const BEGIN = Date.parse("2025-06-01T00:00:00+08:00");
const END = Date.parse("2025-07-01T00:00:00+08:00");
const DAY_MS = 86_400_000;

/** Exposure by lift: the month from the day of its installation on, less the union of its stops. */
const EXPOSURE = `
  WITH watched AS (
    SELECT "liftId", firm, greatest(${BEGIN}, coalesce(epoch_ms("installedOn"::TIMESTAMP) - 28800000, 0)) AS begin FROM lifts WHERE "inService" <> 'false'
  ), stops AS (
    SELECT "liftId", greatest("from", begin) AS "from", least("until", ${END}) AS "until" FROM events JOIN watched USING ("liftId") WHERE "until" > "from"
  ), ordered AS (
    SELECT *, max("until") OVER (PARTITION BY "liftId" ORDER BY "from", "until" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM stops
  ), down AS (
    SELECT "liftId", sum(greatest(0, "until" - greatest("from", coalesce(before, "from")))) AS ms FROM ordered GROUP BY "liftId"
  )
  SELECT "liftId", firm, greatest(0, ${END} - begin) - coalesce(ms, 0) AS ms FROM watched LEFT JOIN down USING ("liftId")`;

/** An entrapment by a power cut (41) is no fault of the lift. */
const FAULTS = `
  SELECT "liftId", "from", "from" - lag("from") OVER (PARTITION BY "liftId" ORDER BY "from") AS gap FROM events WHERE NOT (kind = 'entrapment' AND code = '41')`;

test("faults, episodes and exposure of each firm are those that SQL finds in the file", async () => {
  const { rows, total } = await faultRate(population, { by: "firm", bucket: "total", range: MONTH, filters: {} });
  const expected = await sql(
    `SELECT firm AS key, sum(ms)::DOUBLE AS ms, coalesce(sum(faults), 0)::DOUBLE AS faults, coalesce(sum(episodes), 0)::DOUBLE AS episodes
     FROM (${EXPOSURE}) LEFT JOIN (SELECT "liftId", count(*) AS faults, count(*) FILTER (gap IS NULL OR gap > 3 * ${DAY_MS}) AS episodes FROM (${FAULTS}) GROUP BY "liftId") USING ("liftId")
     GROUP BY firm ORDER BY firm`,
  );
  const found = rows(0, total).map(({ key, liftDays, faults, episodes }) => ({ key, ms: Math.round(liftDays * DAY_MS), faults, episodes }));
  expect(expected.length).toBeGreaterThan(25);
  expect(found.reduce((sum, row) => sum + row.faults, 0)).toBeGreaterThan(80);
  expect(found.filter(({ key }) => key !== null)).toEqual(expected.map((row) => ({ ...row, ms: Math.round(row["ms"] as number) })));
});

test("months, days and the whole add up to the same, in any grouping", async () => {
  const sums = [];
  for (const [by, bucket] of [
    ["all", "total"],
    ["lift", "total"],
    ["ageBand", "month"],
    ["district", "day"],
    ["use", "week"],
  ] as const) {
    const { rows, total } = await faultRate(population, { by, bucket, range: MONTH, filters: {} });
    const all = rows(0, total);
    sums.push([
      all.reduce((sum, row) => sum + row.faults, 0),
      all.reduce((sum, row) => sum + row.episodes, 0),
      Math.round(all.reduce((sum, row) => sum + row.liftDays, 0) * 1_000),
    ]);
  }
  expect(new Set(sums.map(String)).size).toBe(1);
});

test("entrapments and the times of their rescues are those that SQL finds in the file", async () => {
  const answer = await rescue(population, { by: "all", bucket: "month", range: MONTH, filters: {} });
  const rows = answer.rows(0, answer.total);
  const [expected] = await sql(
    `SELECT count(*)::DOUBLE AS entrapments, avg(arrived - told) / 60000 AS mean, count(*) FILTER (arrived - told <= 1800000)::DOUBLE AS within, avg(rescued - arrived) / 60000 AS rescue
     FROM events WHERE kind = 'entrapment'`,
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ bucket: "2025-06", entrapments: expected!["entrapments"], arrival: { within: expected!["within"] } });
  expect(rows[0]!.arrival.mean).toBeCloseTo(expected!["mean"] as number, 9);
  expect(rows[0]!.rescue.mean).toBeCloseTo(expected!["rescue"] as number, 9);
  const [inUse] = await sql(
    `SELECT count(*)::DOUBLE AS lifts FROM lifts WHERE kind = 'passenger' AND "inService" <> 'false' AND "installedOn" <= '2025-06-30'`,
  );
  expect(rows[0]!.passengerLifts).toBe(inUse!["lifts"]);
});

test("a ranking leaves groups of little exposure unranked, and its lifts are the fleet's", async () => {
  const { rows, total } = await rankings(population, { by: "firm", period: "2025-06", filters: {} });
  const all = rows(0, total);
  for (const row of all) expect(row.ranked).toBe(row.allLiftMonths >= 30);
  expect(all.filter(({ rank }) => rank !== null).map(({ rank }) => rank)).toEqual(
    all.filter(({ ranked }) => ranked).map((_, place) => place + 1),
  );
});

test("the mean cumulative function rises with age and knows how many lifts it rests on", async () => {
  const answer = await serviceLife(population, { by: "all", range: MONTH, filters: {} });
  const rows = answer.rows(0, answer.total);
  expect(rows.length).toBeGreaterThan(10);
  for (const [index, row] of rows.entries()) expect(row.mean).toBeGreaterThanOrEqual(rows[index - 1]?.mean ?? 0);
});

test("the same file imported again adds nothing", async () => {
  said.length = 0;
  await importEvents(history, { data: join(dir, "data"), timezone: ZONE, from: "2025-06-01", to: "2025-06-30" });
  expect(said.join("")).toContain("all of them were there already");
  expect(await readdir(join(dir, "data", "history"))).toEqual(["000001.csv"]);
});

test("every bad row is named with its column, what it has and what was expected, and nothing is written", async () => {
  const file = join(dir, "bad.csv");
  await writeFile(
    file,
    "liftId,event,at,until\nL1,fault,2025-06-01T10:00:00Z,2025-06-01T09:00:00Z\nL 2,fault,2025-06-31,\nL3,broken,2025-06-03 10:00,\nL4,fault,2025-06-04 10:00,\n",
  );
  const data = join(dir, "untouched");
  const failed = importEvents(file, { data, timezone: ZONE });
  await expect(failed).rejects.toThrow(/line 2, until: expected a time not before at/);
  await expect(failed).rejects.toThrow(/line 3, liftId: expected 1 to 64 of A-Z a-z 0-9 _ -; replaceInIds: true .*; found L 2/);
  await expect(failed).rejects.toThrow(/line 3, at: expected a time, ISO 8601; found 2025-06-31/);
  await expect(failed).rejects.toThrow(/line 4, event: expected one of fault, .*; found broken/);
  await expect(readdir(data)).rejects.toThrow("ENOENT");
});

/** Rows below the header, without what is unknown. */
function rowsOf(text: string): string[] {
  const [, ...rows] = text.trim().split("\n");
  return rows.map((row) => row.replaceAll(/,+/g, ","));
}

test("lifts that the register lacks are added to it from the records, those that are there stay as they are", async () => {
  const [file, map, data] = [join(dir, "lifts.csv"), join(dir, "lifts.yaml"), join(dir, "stranger")];
  await writeFile(file, "unit,station,since,start\nA,S1,2010-01-01,2024-05-03\nB,S1,,2024-05-04\nA,S2,2010-01-01,2024-05-05\n");
  await writeFile(
    map,
    "columns: { liftId: unit, at: start }\nevents: [{ event: fault }]\nlifts: { building: station, installedOn: since }\n",
  );
  await importEvents(file, { data, timezone: ZONE, map, addLifts: true });
  const register = () => readFile(join(data, "fleet.csv"), "utf8");
  expect(rowsOf(await register())).toEqual(["A,S2,2010-01-01,", "B,S1,"]);
  await writeFile(file, "unit,station,since,start\nA,S9,2010-01-01,2024-06-03\nC,S3,,2024-06-04\n");
  await importEvents(file, { data, timezone: ZONE, map, addLifts: true });
  expect(rowsOf(await register())).toEqual(["A,S2,2010-01-01,", "B,S1,", "C,S3,"]);
  const before = await register();
  await writeFile(file, "unit,station,since,start\nD,S9,soon,2024-06-03\n");
  await expect(importEvents(file, { data, timezone: ZONE, map, addLifts: true })).rejects.toThrow(
    /lift D, installedOn: expected .*; found "soon"/,
  );
  await expect(importEvents(file, { data, timezone: ZONE, map, addLifts: true, register: file })).rejects.toThrow(/one of the two/);
  expect(await register()).toBe(before);
  expect(await readdir(join(data, "history"))).toHaveLength(2);
});

test("records of others are read by a mapping: columns, words, local times and states that last until the next", async () => {
  const file = join(dir, "other.csv");
  const map = join(dir, "map.yaml");
  // The clocks went back at 02:00 on 2 November 2025 in New York: the first of the two is meant.
  await writeFile(
    file,
    "Unit;Day;Clock;Status\nEL 1;11/01/2025;12:00:00 AM;UP\nEL 1;11/02/2025;01:30:00 AM;DOWN\nEL 1;11/02/2025;02:30:00 AM;DOWN\nEL 1;11/03/2025;12:00:00 AM;UP\n",
  );
  await writeFile(
    map,
    `columns: { liftId: Unit, at: [Day, Clock] }\nevents:\n  - { when: { Status: DOWN }, event: fault }\n  - { event: in-service }\ntimezone: America/New_York\ntimeFormat: MM/dd/yyyy hh:mm:ss a\ndelimiter: ";"\nuntilNext: true\nreplaceInIds: true\n`,
  );
  const data = join(dir, "other");
  await importEvents(file, { data, map, timezone: ZONE });
  const kept = await readFile(join(data, "history", "000001.csv"), "utf8");
  expect(
    kept
      .trim()
      .split("\n")
      .slice(1)
      .map((row) => row.split(",").slice(0, 4).join(",")),
  ).toEqual([
    "EL_1,in-service,2025-11-01T04:00:00.000Z,2025-11-02T05:30:00.000Z",
    "EL_1,fault,2025-11-02T05:30:00.000Z,2025-11-03T05:00:00.000Z",
    "EL_1,in-service,2025-11-03T05:00:00.000Z,",
  ]);
  const store = {
    packedDays: () => Promise.resolve({ liftIds: [], count: 0, cells: new Float64Array(0), next: null }),
    alerts: () => Promise.resolve({ rows: [], next: null }),
    changesAfter: () => Promise.resolve([]),
    works: () => Promise.resolve({ rows: [], next: null }),
    mark: () => Promise.resolve({ mark: null, lastChange: 0 }),
  };
  const facts = await readFacts({ store, history: async () => (await keptHistory(data)).values(), timezone: "America/New_York" }, []);
  const range = { first: dayNumber("2025-11-01"), last: dayNumber("2025-11-03") };
  const { rows } = await faultRate({ facts, register: [] }, { by: "lift", bucket: "day", range, filters: {} });
  // One and a half hours of summer time on a day of 25 hours; the stop lasted until the next midnight.
  expect(rows(0, 10).map(({ bucket, liftDays, faults }) => [bucket, liftDays * 24, faults])).toEqual([
    ["2025-11-01", 24, 0],
    ["2025-11-02", 1.5, 1],
  ]);
});
