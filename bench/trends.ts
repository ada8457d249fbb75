/**
 * Trends of a city: 16,409 lifts, three years of daily counts in an embedded store, 0.6 million days with stopping faults. Each question against the
 * same sums by SQL over the day rows, which knows nothing of episodes, intervals or fair comparison.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { LiftRecord } from "../src/core/lift.ts";
import { openEmbeddedStore } from "../src/store/embedded.ts";
import { dayName, dayNumber } from "../src/core/calendar.ts";
import { readFacts } from "../src/trends/facts/open-facts.ts";
import { evaluationIndex } from "../src/trends/questions/evaluation.ts";
import { faultRate } from "../src/trends/questions/fault-rate.ts";
import type { Population } from "../src/trends/questions/grouping.ts";
import { rankings } from "../src/trends/questions/rankings.ts";
import { rescue } from "../src/trends/questions/rescue.ts";
import { serviceLife } from "../src/trends/questions/life-curve.ts";
import { cityFleet } from "../simulators/fleet/city.ts";
import { against, type BenchRow } from "./row.ts";
import { sweep, sweepQuestions, TARGET_MS } from "./trends-sweep.ts";
import { benchTrendsThread } from "./trends-thread.ts";

export interface TrendsOptions {
  readonly lifts: number;
  readonly days: number;
  readonly repeats: number;
}

const FULL: TrendsOptions = { lifts: 16_409, days: 1_096, repeats: 5 };
const FIRST = "2023-01-01";
/** Work orders of the years, three a lift. */
const WORKS = 50_000;
/** Rows of one page, as REST gives them by default. */
const PAGE = 5_000;
const INDEX_PAGE = 1_000;

export async function benchTrends(options: TrendsOptions = FULL): Promise<BenchRow[]> {
  const dir = mkdtempSync(join(tmpdir(), "hoistway-bench-trends-"));
  const register = cityFleet(1).slice(0, options.lifts);
  try {
    await (await openEmbeddedStore({ dir, journalId: "bench" })).close();
    const naive = await fillAndAsk(join(dir, "store.duckdb"), register, options);
    return await ask(dir, register, options, naive);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Fills the store, and asks it by SQL what the questions are asked; the best of the repeats, ms. */
async function fillAndAsk(
  file: string,
  register: readonly LiftRecord[],
  { days, repeats }: TrendsOptions,
): Promise<Record<string, number>> {
  const instance = await DuckDBInstance.create(file, { threads: "1", memory_limit: "256MB" });
  const connection = await instance.connect();
  await connection.run(`CREATE TEMP TABLE register (n INTEGER, "liftId" VARCHAR, firm VARCHAR, district VARCHAR)`);
  const appender = await connection.createAppender("register");
  for (const [index, { liftId, firm, district }] of register.entries()) {
    appender.appendInteger(index);
    appender.appendVarchar(liftId);
    appender.appendVarchar(firm ?? "");
    appender.appendVarchar(district ?? "");
    appender.endRow();
  }
  appender.closeSync();
  await connection.run(
    `INSERT INTO days ("day", "liftId", "inServiceMs", "readings", "faults", "stoppingFaults", "entrapments", "trips")
     SELECT strftime(DATE '${FIRST}' + d::INTEGER, '%Y-%m-%d'), "liftId", 86400000 - hash(n * 7919 + d) % 3000000, hash(d * 31 + n) % 50000, (hash(d * 37 + n) % 30 = 0)::BIGINT,
       (hash(d * 37 + n) % 30 = 0)::BIGINT, (hash(d * 41 + n) % 4000 = 0)::BIGINT, hash(d * 43 + n) % 800
     FROM range(${days}) AS days(d), register`,
  );
  const sums = `sum("inServiceMs")::DOUBLE, sum("trips")::DOUBLE, sum("stoppingFaults")::DOUBLE`;
  const found: Record<string, number> = {};
  for (const [name, sql] of Object.entries({
    total: `SELECT firm, ${sums} FROM days JOIN register USING ("liftId") GROUP BY firm`,
    month: `SELECT firm, left("day", 7), ${sums} FROM days JOIN register USING ("liftId") GROUP BY ALL`,
    day: `SELECT district, "day", ${sums} FROM days JOIN register USING ("liftId") GROUP BY ALL`,
    lift: `SELECT "liftId", ${sums} FROM days GROUP BY ALL`,
  })) {
    found[name] = await best(repeats, async () => {
      await connection.runAndReadAll(sql);
    });
  }
  connection.disconnectSync();
  instance.closeSync();
  return found;
}

async function ask(
  dir: string,
  register: readonly LiftRecord[],
  { days, repeats }: TrendsOptions,
  naive: Readonly<Record<string, number>>,
): Promise<BenchRow[]> {
  const store = await openEmbeddedStore({ dir, journalId: "bench" });
  try {
    const began = performance.now();
    const facts = await readFacts({ store, history: () => Promise.resolve([]), timezone: "Asia/Shanghai" }, register);
    const loaded = performance.now() - began;
    const population: Population = { facts, register };
    for (let order = 0; order < WORKS; order++) {
      const at = (dayNumber(FIRST) + ((order * 7_919) % days)) * 86_400_000;
      facts.works.add(facts.numberOf(register[(order * 31) % register.length]!.liftId), { at, until: null, work: "repair", note: null });
    }
    const range = { first: dayNumber(FIRST), last: dayNumber(FIRST) + days - 1 };
    const period = dayName(range.last).slice(0, 7);
    const rate = (by: "firm" | "district" | "lift" | "building" | "ageBand", bucket: "day" | "month" | "total") => async () => {
      const { rows } = await faultRate(population, { by, bucket, range, filters: {} });
      if (rows(0, PAGE).length === 0) throw new Error("no rows");
    };
    const questions: readonly (readonly [name: string, baseline: string, question: () => Promise<unknown>])[] = [
      ["fault rate by firm, total", "total", rate("firm", "total")],
      ["fault rate by firm and month", "month", rate("firm", "month")],
      ["fault rate by building, total", "total", rate("building", "total")],
      ["fault rate by age and month", "month", rate("ageBand", "month")],
      ["fault rate by district and day", "day", rate("district", "day")],
      ["fault rate by lift, total", "lift", rate("lift", "total")],
      [
        "rescue by district and month",
        "month",
        async () => (await rescue(population, { by: "district", bucket: "month", range, filters: {} })).rows(0, PAGE),
      ],
      ["service life", "lift", async () => (await serviceLife(population, { by: "all", range, filters: {} })).rows(0, PAGE)],
      ["service life by maker", "lift", async () => (await serviceLife(population, { by: "maker", range, filters: {} })).rows(0, PAGE)],
      ["ranking of firms", "month", async () => (await rankings(population, { by: "firm", period, filters: {} })).rows(0, PAGE)],
      ["ranking of lifts", "lift", async () => (await rankings(population, { by: "lift", period, filters: {} })).rows(0, PAGE)],
      ["index of firms", "month", async () => (await evaluationIndex(population, { by: "firm", period, filters: {} })).rows(0, PAGE)],
      ["index of lifts", "lift", async () => (await evaluationIndex(population, { by: "lift", period, filters: {} })).rows(0, INDEX_PAGE)],
    ];
    const rows: BenchRow[] = [{ name: "trends: facts read at a start", value: loaded, unit: "ms" }];
    for (const [name, baseline, question] of questions) {
      const value = await best(repeats, question);
      rows.push(
        against(`trends: ${name}`, value, "ms", { name: `SQL over the day rows, by ${baseline}`, value: naive[baseline] ?? Number.NaN }),
      );
    }
    const { slowest, asked, above } = await sweep(population, sweepQuestions(register, range), repeats);
    rows.push({ name: `trends: slowest of ${asked} kinds of question (${slowest.name})`, value: slowest.ms, unit: "ms" });
    rows.push({ name: `trends: kinds of question above ${TARGET_MS} ms`, value: above, unit: "kinds" });
    rows.push(...(await benchTrendsThread(store, register, range, period, join(dir, "data"))));
    return rows;
  } finally {
    await store.close();
  }
}

/** Shortest of the repeats, ms: what else the machine does only adds. */
async function best(repeats: number, work: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const began = performance.now();
    await work();
    least = Math.min(least, performance.now() - began);
  }
  return least;
}
