/** The monthly report of a simulated month: its figures are those of REST and of SQL over the events' file, whoever makes it. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { fleetCsv } from "../../src/register/register.ts";
import type { GroupRow, Measure, Report } from "../../src/reports/document.ts";
import { findChromium } from "../../src/reports/pdf.ts";
import { drawDays, HISTORY_HEADER, historyRow } from "../../simulators/faults/history.ts";
import { cityFleet } from "../../simulators/fleet/city.ts";
import { type HistoryTables, historyTables } from "./history-tables.ts";
import { openSite, PATIENCE, type Program, runVerb, serve, type Site } from "../program/run.ts";

const SEED = 23;
const register = cityFleet(SEED).slice(0, 3_000);
const [FIRST, BEGIN, END] = ["2025-05-01", "2025-06-01", "2025-07-01"].map((day) => Date.parse(`${day}T00:00:00+08:00`)) as [
  number,
  number,
  number,
];
const DAY_MS = 86_400_000;
const MONTH_MS = 30.4375 * DAY_MS;

let site: Site;
let program: Program | null = null;
let history: string;
let made: Report;
let tables: HistoryTables | null = null;

const at = (name: string) => join(site.directory, name);

async function verb(...args: string[]) {
  const finished = await runVerb(args);
  if (finished.code !== 0) throw new Error(`${args.join(" ")} ended with ${String(finished.code)}: ${finished.stderr}`);
  return finished;
}

const sql = (text: string) => tables!.sql(text);

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(new URL(path, program!.url));
  expect(answer.status).toBe(200);
  return (await answer.json()) as T;
}

beforeAll(async () => {
  site = await openSite([]);
  history = at("history.csv");
  const rows = [HISTORY_HEADER];
  for (const { events } of drawDays(register, SEED, { from: FIRST, years: 61 / 365.25, faultsOnly: true }))
    for (const event of events) rows.push(historyRow(register[event.lift]!.liftId, event));
  await writeFile(history, rows.join(""));
  await writeFile(site.fleet, fleetCsv(register));
  await verb("import-events", history, "--data", site.data, "--from", "2025-05-01", "--to", "2025-06-30");
  program = await serve(site, {
    flags: ["--reports", "weekly", "--reports-hour", "0", "--reports-formats", "csv,xlsx", "--reports-lang", "zh,en"],
  });
  made = await get<Report>("/api/reports/monthly?date=2025-06");
  tables = await historyTables(history, site.fleet);
}, 120_000);

afterAll(async () => {
  tables?.close();
  await program?.[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

function unstamped(text: string): string {
  return JSON.stringify({ ...(JSON.parse(text) as Report), madeAt: "" });
}

function measure(id: Measure["id"]): Measure {
  return made.measures.find((one) => one.id === id)!;
}

/** Hours in the month a lift was there, less the union of its stops. */
const UP = `
  WITH watched AS (
    SELECT "liftId", firm, greatest(${BEGIN}, coalesce(epoch_ms("installedOn"::TIMESTAMP) - 28800000, 0)) AS begin FROM lifts WHERE "inService" <> 'false'
  ), stops AS (
    SELECT "liftId", greatest("from", begin) AS "from", least("until", ${END}) AS "until" FROM events JOIN watched USING ("liftId") WHERE least("until", ${END}) > greatest("from", begin)
  ), ordered AS (
    SELECT *, max("until") OVER (PARTITION BY "liftId" ORDER BY "from", "until" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM stops
  ), down AS (
    SELECT "liftId", sum(greatest(0, "until" - greatest("from", coalesce(before, "from")))) AS ms FROM ordered GROUP BY "liftId"
  )
  SELECT "liftId", firm, greatest(0, ${END} - begin) - coalesce(ms, 0) AS ms FROM watched LEFT JOIN down USING ("liftId")`;
/** An entrapment by a power cut (41) is no fault of the lift. */
const FAULTS = `SELECT "liftId", "from", "from" - lag("from") OVER (PARTITION BY "liftId" ORDER BY "from") AS gap FROM events WHERE NOT (kind = 'entrapment' AND code = '41')`;

describe("the report of a simulated month", () => {
  test("has the faults, episodes and exposure that SQL finds in the file, of the whole and of each firm", async () => {
    const expected = await sql(
      `SELECT firm AS key, sum(ms)::DOUBLE AS ms, coalesce(sum(faults), 0)::DOUBLE AS faults, coalesce(sum(episodes), 0)::DOUBLE AS episodes
       FROM (${UP}) LEFT JOIN (SELECT "liftId", count(*) AS faults, count(*) FILTER (gap IS NULL OR gap > 3 * ${DAY_MS}) AS episodes
         FROM (${FAULTS}) WHERE "from" >= ${BEGIN} AND "from" < ${END} GROUP BY "liftId") USING ("liftId") GROUP BY firm`,
    );
    const firms = new Map(made.groups.find(({ by }) => by === "firm")!.rows.map((row) => [row.key, row]));
    expect(firms.size).toBeGreaterThan(20);
    for (const row of expected) {
      const own = firms.get(row["key"] as string)!;
      expect([own.faults, own.episodes, Math.round(own.liftMonths * MONTH_MS)]).toEqual([
        row["faults"],
        row["episodes"],
        Math.round(row["ms"] as number),
      ]);
    }
    const total = (name: string) => expected.reduce((sum, row) => sum + (row[name] as number), 0);
    expect(total("episodes")).toBeGreaterThan(30);
    expect(measure("fault-rate").now.count).toBe(total("episodes"));
    expect(measure("fault-rate").now.value).toBeCloseTo(total("episodes") / (total("ms") / MONTH_MS), 12);
  });

  test("has the entrapments, 月困人率 and times of rescue that SQL finds", async () => {
    const [row] = await sql(
      `SELECT count(*)::DOUBLE AS n, count(*) FILTER (arrived - told <= 1800000)::DOUBLE AS within, count(arrived)::DOUBLE AS timed, median((arrived - told) / 60000) AS arrival,
         median((rescued - arrived) / 60000) AS rescue, count(*) FILTER (l.kind = 'passenger')::DOUBLE AS passengers
       FROM events e JOIN lifts l USING ("liftId") WHERE e.kind = 'entrapment' AND "from" >= ${BEGIN} AND "from" < ${END}`,
    );
    const [inUse] = await sql(
      `SELECT count(*)::DOUBLE AS lifts FROM lifts WHERE kind = 'passenger' AND "inService" <> 'false' AND "installedOn" <= '2025-06-30'`,
    );
    expect(made.entrapments).toHaveLength(row!["n"] as number);
    expect(measure("entrapments-per-100-lift-months").now.count).toBe(row!["n"]);
    expect(measure("monthly-entrapment-rate").now).toMatchObject({ count: row!["passengers"], of: inUse!["lifts"] });
    expect(measure("arrival-within").now).toMatchObject({ count: row!["within"], of: row!["timed"] });
    expect(measure("arrival-median").now.value).toBeCloseTo(row!["arrival"] as number, 9);
    expect(measure("rescue-median").now.value).toBeCloseTo(row!["rescue"] as number, 9);
  });

  test("has the hours of standstills, their MTTR and the availability that SQL finds", async () => {
    const [row] = await sql(
      `SELECT avg(("until" - "from") / 3600000.0) AS mean, median(("until" - "from") / 3600000.0) AS median, count(*)::DOUBLE AS n FROM events
       WHERE "until" > "from" AND "until" >= ${BEGIN} AND "until" < ${END} AND "liftId" IN (SELECT "liftId" FROM lifts)`,
    );
    expect(measure("repair-mean").now.count).toBe(row!["n"]);
    expect(measure("repair-mean").now.value).toBeCloseTo(row!["mean"] as number, 9);
    expect(measure("repair-median").now.value).toBeCloseTo(row!["median"] as number, 9);
    const [up] = await sql(`SELECT sum(ms)::DOUBLE AS ms FROM (${UP})`);
    const [down] = await sql(
      `SELECT sum(least("until", ${END}) - greatest("from", ${BEGIN}))::DOUBLE AS ms FROM events WHERE "until" > ${BEGIN} AND "from" < ${END} AND "until" > "from"`,
    );
    const [a, b] = [up!["ms"] as number, down!["ms"] as number];
    expect(measure("availability").now.value).toBeCloseTo(a / (a + b), 9);
  });

  test("has the lifts due within 60 days and the chronic ones that SQL finds", async () => {
    const [row] = await sql(
      `SELECT count(*) FILTER ("nextInspectionOn" < '2025-06-30')::DOUBLE AS past, count(*) FILTER ("nextInspectionOn" BETWEEN '2025-06-30' AND '2025-08-29')::DOUBLE AS due,
         count(*) FILTER ("insuredUntil" BETWEEN '2025-06-30' AND '2025-08-29')::DOUBLE AS insured FROM lifts WHERE "inService" <> 'false'`,
    );
    expect(made.due.inspection).toMatchObject({ past: row!["past"], due: row!["due"] });
    expect(made.due.insurance).toMatchObject({ due: row!["insured"] });
    const chronic = await sql(
      `SELECT "liftId" FROM (${FAULTS}) WHERE "from" >= ${BEGIN} AND "from" < ${END} GROUP BY "liftId" HAVING count(*) >= 3 ORDER BY "liftId"`,
    );
    expect(made.chronic.rows.map(({ liftId }) => liftId).toSorted()).toEqual(chronic.map((one) => one["liftId"]));
  });

  test("has the figures of the REST calls that it names", async () => {
    for (const { source, yearSource, rows } of made.groups) {
      type Row = {
        key: string | null;
        episodes: number;
        faults: number;
        perLiftMonth: number;
        low: number;
        shrunk: number;
        fair: GroupRow["year"]["fair"];
      };
      const [now, year] = [await get<{ rows: Row[] }>(source!), await get<{ rows: Row[] }>(yearSource!)];
      for (const row of now.rows) {
        const own = rows.find(({ key }) => key === row.key)!;
        expect([own.episodes, own.faults, own.rate, own.low]).toEqual([row.episodes, row.faults, row.perLiftMonth, row.low]);
      }
      for (const row of year.rows) {
        const own = rows.find(({ key }) => key === row.key)!;
        expect([own.year.shrunk, own.year.fair?.ratio, own.year.fair?.place]).toEqual([row.shrunk, row.fair?.ratio, row.fair?.place]);
      }
    }
    const rescued = await get<{ rows: { entrapments: number; monthlyRate: number; arrival: { share: number; low: number } }[] }>(
      measure("arrival-within").source!,
    );
    expect(rescued.rows[0]).toMatchObject({
      monthlyRate: measure("monthly-entrapment-rate").now.value,
      arrival: { share: measure("arrival-within").now.value, low: measure("arrival-within").now.low },
    });
  });

  test("of a district and a firm are about its lifts alone, with its place among all", async () => {
    const { district, firm } = register[0]!;
    const own = await get<Report>(
      `/api/reports/monthly?date=2025-06&district=${encodeURIComponent(district!)}&firm=${encodeURIComponent(firm!)}`,
    );
    expect(own.fleet.registered).toBe(register.filter((lift) => lift.district === district && lift.firm === firm).length);
    const one = await get<Report>(`/api/reports/weekly?date=2025-W25&firm=${encodeURIComponent(firm!)}`);
    expect(one.period).toMatchObject({ from: "2025-06-16", to: "2025-06-22" });
    expect(one.standing?.key).toBe(firm);
    expect(one.fleet.registered).toBe(register.filter((lift) => lift.firm === firm).length);
  });

  test("says what is wrong with a date", async () => {
    const answer = await fetch(new URL("/api/reports/monthly?date=2025-13", program!.url));
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: "invalid", path: "date" } }]);
  });

  test("comes as a page that runs nothing, as a spreadsheet and as CSV", async () => {
    const page = await fetch(new URL("/api/reports/monthly?date=2025-06&format=html&lang=zh", program!.url));
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    const html = await page.text();
    expect(html).toContain("月调度报告");
    expect(html).not.toMatch(/<script|<img|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    const xlsx = await fetch(new URL("/api/reports/monthly?date=2025-06&format=xlsx", program!.url));
    expect(
      Buffer.from(await xlsx.arrayBuffer())
        .subarray(0, 2)
        .toString(),
    ).toBe("PK");
    const csv = await (await fetch(new URL("/api/reports/monthly?date=2025-06&format=csv", program!.url))).text();
    expect(csv.split("\n").filter((line) => line.startsWith("due,"))).toHaveLength(made.due.rows.length);
  });

  test("is made on the schedule, in each format and language, while the program runs", async () => {
    await vi.waitFor(async () => {
      const files = (await readdir(join(site.data, "reports"))).filter((name) => !name.endsWith(".part"));
      expect(files.map((name) => name.replace(/^weekly-\d{4}-W\d{2}/, "weekly")).toSorted()).toEqual([
        "weekly.en.csv",
        "weekly.en.xlsx",
        "weekly.zh.csv",
        "weekly.zh.xlsx",
      ]);
    }, PATIENCE);
  }, 30_000);
});

test("the verb makes the same report from the running program and from the data directory at rest, but for its stamp", async () => {
  const ask = ["report", "monthly", "--date", "2025-06", "--data", site.data];
  const running = await verb(...ask, "--format", "json");
  await program!.kill("SIGTERM");
  program = null;
  const once = await verb(...ask, "--format", "json");
  expect(unstamped(once.stdout)).toBe(unstamped(running.stdout));
}, 60_000);

test("the page is printed where there is a Chromium, and the verb says what is missing where there is none", async () => {
  const chromium = await findChromium(process.env);
  if (chromium === null) {
    if (process.env["CI"] !== undefined) throw new Error("there is no Chromium here to print a report with");
    console.warn("SKIPPED: there is no Chromium here to print a report with");
  }
  const ask = ["report", "monthly", "--date", "2025-06", "--data", site.data, "--out", at("report.pdf")];
  const refused = await runVerb(ask, { HOISTWAY_CHROMIUM: at("no-chromium") });
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("PDF needs Chromium")]);
  const printed = chromium === null ? "%PDF-" : await verb(...ask).then(() => readFile(at("report.pdf"), "latin1"));
  expect(printed.slice(0, 5)).toBe("%PDF-");
}, 60_000);
