/** Trends over REST, of the real program: JSON, CSV, pages, mistakes, and a history that is imported while it runs. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fleetCsv } from "../../src/register/register.ts";
import { drawDays, HISTORY_HEADER, historyRow } from "../../simulators/faults/history.ts";
import { cityFleet } from "../../simulators/fleet/city.ts";
import { fetchJson } from "../program/rest.ts";
import { openSite, runVerb, serve, type Program, type Site } from "../program/run.ts";

const SEED = 12;
const YEAR = "from=2025-01-01&to=2025-12-31";
const register = cityFleet(SEED).slice(0, 600);
/** Each question, and how many rows it has at least. */
const QUESTIONS = [
  [`/api/trends/fault-rate?by=firm&bucket=month&${YEAR}`, 100],
  [`/api/trends/fault-rate?by=lift&bucket=total&${YEAR}`, 500],
  [`/api/trends/rescue?by=all&bucket=month&${YEAR}`, 1],
  [`/api/trends/service-life?by=all&${YEAR}`, 20],
  [`/api/trends/before-after?${YEAR}`, 200],
  [`/api/trends/before-after?by=firm&${YEAR}`, 10],
  ["/api/rankings?by=firm&period=2025-12", 10],
  ["/api/index?by=maker&period=2025-12", 5],
] as const;

interface Rows {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly next: string | null;
}

let site: Site;
let program: Program;

beforeAll(async () => {
  site = await openSite([]);
  await writeFile(site.fleet, fleetCsv(register));
  const rows = [HISTORY_HEADER];
  for (const { events } of drawDays(register, SEED, { from: Date.parse("2025-01-01T00:00:00+08:00"), years: 1, faultsOnly: true }))
    for (const event of events) rows.push(historyRow(register[event.lift]!.liftId, event));
  await writeFile(join(site.directory, "history.csv"), rows.join(""));
  program = await serve(site, { auth: true });
}, 60_000);

afterAll(async () => {
  await program.kill("SIGTERM");
  await rm(site.directory, { recursive: true, force: true });
});

test("a history that is imported while the program runs is in the next answer", async () => {
  const before = await fetchJson<Rows>(program.rest, `/api/trends/fault-rate?by=all&bucket=total&${YEAR}`);
  expect(before.rows.reduce((sum, { faults }) => sum + Number(faults), 0)).toBe(0);
  const { code, stderr } = await runVerb([
    "import-events",
    join(site.directory, "history.csv"),
    "--data",
    site.data,
    "--from",
    "2025-01-01",
    "--to",
    "2025-12-31",
  ]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const after = await fetchJson<Rows>(program.rest, `/api/trends/fault-rate?by=all&bucket=total&${YEAR}`);
  expect(after.rows).toHaveLength(1);
  expect(after.rows[0]!["faults"]).toBeGreaterThan(50);
  expect(after.rows[0]!["liftDays"]).toBeGreaterThan(100_000);
});

test("a work order that is told is in the next answer, and with imported ones in the next program", async () => {
  const liftId = register[7]!.liftId;
  const path = `/api/trends/before-after?liftId=${liftId}&from=2025-01-01`;
  const told = async () => (await fetchJson<Rows>(program.rest, path)).rows.map(({ key, note }) => [key, note]);
  expect(await told()).toEqual([]);
  const { status } = await program.rest.post(`/api/lifts/${liftId}/work-orders`, { kind: "repair", note: "door drive, =1+1" });
  expect(status).toBe(200);
  await expect.poll(told).toEqual([[liftId, "door drive, =1+1"]]);
  expect((await fetchJson<Rows>(program.rest, path.replace("?", "?work=maintenance&"))).rows).toEqual([]);
  const file = join(site.directory, "works.csv");
  const works = register.slice(0, 250).map((lift) => `${lift.liftId},repair,2025-06-01T08:00:00Z,2025-06-01T10:00:00Z,brake\n`);
  await writeFile(file, `liftId,event,at,until,note\n${works.join("")}`);
  const { code, stderr } = await runVerb(["import-events", file, "--data", site.data]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const both = [
    [liftId, "brake"],
    [liftId, "door drive, =1+1"],
  ];
  expect(await told()).toEqual(both);
  await program.kill("SIGTERM");
  program = await serve(site, { auth: true });
  await expect.poll(told, { timeout: 10_000 }).toEqual(both);
  const { rows } = await fetchJson<Rows>(program.rest, path);
  expect(rows[0]).toMatchObject({ works: 1, counted: 1, at: "2025-06-01T08:00:00.000Z", until: "2025-06-01T10:00:00.000Z", verdict: null });
  expect(rows[1]).toMatchObject({ works: 1, counted: 0, p: null, verdict: null });
});

test.each(QUESTIONS)("%s says the same in JSON and CSV, whole and in pages", async (path, least) => {
  const whole = await fetchJson<Rows>(program.rest, `${path}&limit=2000`);
  expect(whole.rows.length).toBeGreaterThanOrEqual(least);
  expect(whole.next).toBeNull();

  const limit = Math.max(1, Math.ceil(whole.rows.length / 3));
  const paged: Rows["rows"][number][] = [];
  for (let after: string | null = ""; after !== null;) {
    const page: Rows = await fetchJson<Rows>(program.rest, `${path}&limit=${limit}${after === "" ? "" : `&after=${after}`}`);
    paged.push(...page.rows);
    after = page.next;
  }
  expect(paged).toEqual(whole.rows);

  const { status, body } = await program.rest.get(`${path}&limit=2000&format=csv`);
  expect(status).toBe(200);
  const records = parse(String(body), { columns: true, bom: true }) as Record<string, string>[];
  expect(records).toHaveLength(whole.rows.length);
  const plain = whole.rows.map((row) => Object.entries(row).filter(([, value]) => ["number", "string"].includes(typeof value)));
  expect(records.map((record, index) => plain[index]!.map(([name]) => [name, record[name]]))).toEqual(
    plain.map((cells) => cells.map(([name, value]) => [name, String(value)])),
  );
});

test.each([
  ["/api/trends/fault-rate?by=colour", "by"],
  ["/api/trends/fault-rate?by=firm&from=2025-02-30", "from"],
  ["/api/trends/fault-rate?by=firm&from=2025-03-01&to=2025-02-01", "to"],
  ["/api/trends/fault-rate?by=firm&after=x", "after"],
  ["/api/trends/rescue?by=all&bucket=hour", "bucket"],
  ["/api/rankings?by=firm&period=2025-13", "period"],
  ["/api/index?by=district", "by"],
  ["/api/trends/before-after?work=paint", "work"],
  ["/api/trends/before-after?days=3", "days"],
  ["/api/trends/before-after?limit=20000", "limit"],
])("%s is refused with the name of what is wrong", async (path, name) => {
  const { status, body } = await program.rest.get(path);
  expect(status).toBe(400);
  expect((body as { error: { path: string; message: string } }).error.path).toBe(name);
});

test("days of every lift for years are more than one answer may hold, and that is said", async () => {
  const { status, body } = await program.rest.get("/api/trends/fault-rate?by=lift&bucket=day&from=1990-01-01&to=2025-12-31");
  expect(status).toBe(400);
  expect((body as { error: { code: string } }).error.code).toBe("query-too-large");
});
