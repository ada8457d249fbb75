/** Twelve hundred lifts with three years behind them, in which it is known who is bad: what a manager's page has to find, and nothing else. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runVerb, type Site } from "../program/run.ts";

const SIMULATORS = fileURLToPath(new URL("../../dist/simulators/main.js", import.meta.url));
const DAY_MS = 86_400_000;
const SEED = "11";
const LIFTS = 1_200;
/** First and last day of the history. */
const FROM = Date.parse("2023-11-01T00:00:00+08:00");
const TO = Date.parse("2026-11-01T00:00:00+08:00");
const YEAR_BEFORE_END = Date.parse("2025-11-01T00:00:00+08:00");

/** Each of its lifts stops every two months, all the time; others every three years. */
export const BAD = "维保单位05";
/** Each of its lifts stops once more in the last year. */
export const GONE_BAD = "维保单位02";
/** Has a single lift. */
export const TINY = "维保单位99";
/** The last twelve months of the history. */
export const YEAR = { from: "2025-11", to: "2026-10" } as const;

async function simulators(args: readonly string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [SIMULATORS, ...args]);
}

/** A site with this history imported, for a program to serve. */
export async function openTrendsCity(): Promise<Site> {
  const directory = await mkdtemp(join(tmpdir(), "hoistway-trends-"));
  const [data, fleet] = [join(directory, "data"), join(directory, "fleet.csv")];
  const [usual, worse] = [join(directory, "usual.csv"), join(directory, "worse.csv")];
  await simulators(["fleet", "generate", "--lifts", String(LIFTS), "--seed", SEED, "--out", fleet]);
  const [head = "", ...rows] = (await readFile(fleet, "utf8")).trim().split("\n");
  const firmAt = head.split(",").indexOf("firm");
  const lifts = rows.map((row) => row.split(","));
  const firmOf = (firm: string) => lifts.filter((cells) => cells[firmAt] === firm).map(([liftId = ""]) => liftId);
  const lone = lifts.find((cells) => cells[firmAt] !== BAD && cells[firmAt] !== GONE_BAD);
  if (lone === undefined || firmOf(BAD).length < 5 || firmOf(GONE_BAD).length < 5)
    throw new Error(`the fleet of seed ${SEED} has other firms`);
  lone[firmAt] = TINY;
  await writeFile(fleet, `${[head, ...lifts.map((cells) => cells.join(","))].join("\n")}\n`);
  await simulators(["history", "--fleet", fleet, "--seed", SEED, "--years", "3", "--from", new Date(FROM).toISOString(), "--out", usual]);
  const extra = [
    ...firmOf(BAD).flatMap((lift, index) => stops(lift, FROM + (index % 60) * DAY_MS, 60)),
    ...firmOf(GONE_BAD).flatMap((lift, index) => stops(lift, YEAR_BEFORE_END + index * DAY_MS, 365)),
  ];
  await writeFile(worse, `${["liftId,event,at,until", ...extra].join("\n")}\n`);
  for (const file of [usual, worse]) {
    const watched = ["--from", day(FROM), "--to", day(TO - DAY_MS)];
    const done = await runVerb(["import-events", file, "--data", data, "--register", fleet, ...watched]);
    if (done.code !== 0) throw new Error(done.stderr);
  }
  return {
    directory,
    data,
    fleet,
    adminToken: () => Promise.reject(new Error("nobody signs in here")),
    deviceTokens: () => Promise.reject(new Error("nobody signs in here")),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Stops of an hour, so many days apart, until the history's end. */
function stops(liftId: string, from: number, everyDays: number): string[] {
  const rows: string[] = [];
  for (let at = from; at < TO; at += everyDays * DAY_MS)
    rows.push(`${liftId},fault,${new Date(at + 36_000_000).toISOString()},${new Date(at + 39_600_000).toISOString()}`);
  return rows;
}

/** Of the city's zone. */
function day(at: number): string {
  return new Date(at + 8 * 3_600_000).toISOString().slice(0, 10);
}
