/** Answers about trends against the same figures by plain loops over the counts: sums by month, by stretches of days and by pages change nothing. */
import { describe, expect, test } from "vitest";
import { Random } from "../../simulators/random.ts";
import { dayName, dayNumber } from "../../src/core/calendar.ts";
import type { LiftRecord } from "../../src/core/lift.ts";
import { meanCumulative } from "../../src/trends/cumulative.ts";
import { Facts } from "../../src/trends/facts/facts.ts";
import { bucketOf, BUCKETS } from "../../src/trends/facts/zone-days.ts";
import { faultRate } from "../../src/trends/questions/fault-rate.ts";
import { answerAsked, type Asked } from "../../src/trends/questions/asked.ts";
import { DIMENSIONS, type Population } from "../../src/trends/questions/grouping.ts";
import { serviceLife } from "../../src/trends/questions/life-curve.ts";
import { shrink } from "../../src/trends/shrinkage.ts";

const SEED = 20_261_123;
const FIRST = dayNumber("2025-01-20");
const DAYS = 75;
const RANGE = { first: FIRST - 3, last: FIRST + DAYS + 2 };
const MONTH_DAYS = 30.4375;
const DAY_MS = 86_400_000;

interface Row {
  readonly liftId: string;
  readonly day: number;
  readonly inServiceMs: number;
  readonly stoppingFaults: number;
  readonly trips: number;
}

function city(): { readonly register: readonly LiftRecord[]; readonly rows: readonly Row[] } {
  const random = Random.seeded(SEED);
  const register = Array.from({ length: 40 }, (_, lift): LiftRecord => ({
    liftId: `L${lift}`,
    district: `D${lift % 3}`,
    firm: `F${lift % 5}`,
    ...(lift % 9 === 0 ? {} : { installedOn: dayName(FIRST - 300 * (lift % 30) - 700) }),
  }));
  const rows: Row[] = [];
  for (let day = FIRST; day < FIRST + DAYS; day++)
    for (let lift = 0; lift < (day < FIRST + 30 ? 35 : 45); lift++) {
      // Some days of some lifts were not counted, and some trips are more than a cell of the facts can hold.
      if (random.uniform() < 0.05 || day === FIRST + 50) continue;
      const inServiceMs = Math.floor(random.uniform() * DAY_MS);
      const stoppingFaults = random.uniform() < 0.02 * (1 + (lift % 7)) ? 1 + Math.floor(random.uniform() * 3) : 0;
      rows.push({
        liftId: `L${lift}`,
        day,
        inServiceMs,
        stoppingFaults,
        trips: Math.floor(random.uniform() * (random.uniform() < 0.01 ? 140_000 : 900)),
      });
    }
  return { register, rows };
}

const { register, rows } = city();

function countsOf(some: readonly Row[]) {
  return some.map(({ day, ...row }) => ({ ...row, day: dayName(day), readings: 0, faults: 0, entrapments: 0 }));
}

function populationOf(): Population {
  const facts = new Facts("Asia/Shanghai");
  facts.takeDays(countsOf(rows));
  return { facts, register };
}

/** Of each lift the days on which episodes begin: those with a fault at least four days after the last one. */
function beginnings(): ReadonlySet<Row> {
  const last = new Map<string, number>();
  const found = new Set<Row>();
  for (const row of rows) {
    if (row.stoppingFaults === 0) continue;
    if (row.day - (last.get(row.liftId) ?? -Infinity) > 3) found.add(row);
    last.set(row.liftId, row.day);
  }
  return found;
}

describe(`of ${rows.length} counted days, seed ${SEED}`, () => {
  test.each(BUCKETS)("rates by district and %s are those of plain sums, each bucket's prior its own", async (bucket) => {
    const begins = beginnings();
    const expected = new Map<string, { key: string | null; bucket: string; events: number; faults: number; ms: number; trips: number }>();
    for (const row of rows) {
      const key = register.find(({ liftId }) => liftId === row.liftId)?.district ?? null;
      const name = bucketOf(row.day, bucket);
      const id = `${name} ${key ?? "~"}`;
      const sum = expected.get(id) ?? { key, bucket: name, events: 0, faults: 0, ms: 0, trips: 0 };
      sum.events += begins.has(row) ? 1 : 0;
      sum.faults += row.stoppingFaults;
      sum.ms += row.inServiceMs;
      sum.trips += row.trips;
      expected.set(id, sum);
    }
    const inOrder = [...expected].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
    const { rows: found, total } = await faultRate(populationOf(), { by: "district", bucket, range: RANGE, filters: {} });
    expect(total).toBe(inOrder.length);
    for (const [index, row] of found(0, total).entries()) {
      const { key, bucket: name, events, faults, ms, trips } = inOrder[index]!;
      const own = inOrder.filter((other) => other.bucket === name);
      const units = own.map((one) => ({ key: String(one.key), events: one.events, exposure: one.ms / (MONTH_DAYS * DAY_MS) }));
      const { rates } = shrink(units, { leastExposure: 30 });
      const rate = rates[own.findIndex((one) => one.key === key)]!;
      expect(row).toMatchObject({ key, bucket: name, episodes: events, faults, trips, liftDays: ms / DAY_MS });
      expect([row.shrunk, row.aboveTwiceFleet, row.ranked]).toEqual([rate.rate, rate.exceedance, rate.ranked]);
    }
  });

  test("a lift's service life is the curve of its own faults", async () => {
    const answer = await serviceLife(populationOf(), { by: "lift", range: RANGE, filters: {} });
    const begins = [...beginnings()];
    const found = answer.rows(0, answer.total);
    expect(found.length).toBeGreaterThan(0);
    for (const row of found) {
      const installed = dayNumber(register.find(({ liftId }) => liftId === row.key)!.installedOn!);
      const own = rows.filter(({ liftId, inServiceMs }) => liftId === row.key && inServiceMs > 0);
      const entry = (own[0]!.day - installed) / 365.25;
      const exit = (own.at(-1)!.day + 1 - installed) / 365.25;
      const faults = begins.filter(({ liftId }) => liftId === row.key).map(({ day }) => (day - installed + 0.5) / 365.25);
      const [point] = meanCumulative([{ entry, exit, faults: faults.filter((age) => age > entry && age <= exit) }], [row.age]);
      expect([row.mean, row.lifts, row.low]).toEqual([point!.mean, point!.lifts, point!.low]);
    }
  });

  const questions: Asked[] = DIMENSIONS.flatMap((by): Asked[] => [
    ...BUCKETS.flatMap((bucket): Asked[] => [
      { name: "fault-rate", by, bucket, range: RANGE, filters: {} },
      { name: "rescue", by, bucket, range: RANGE, filters: {} },
    ]),
    { name: "service-life", by, range: RANGE, filters: {} },
    { name: "rankings", by, period: "2025-03", filters: {} },
    { name: "index", by, period: "2025-03", filters: {} },
  ]);

  test("the fleet of a question with a filter is the filter's lifts, and the answer says so", async () => {
    const population = populationOf();
    const page = { offset: 0, limit: 1_000, format: "json" } as const;
    const normOf = async (asked: Asked) => (JSON.parse((await answerAsked(population, asked, page)).text) as { norm?: string }).norm;
    for (const name of ["rankings", "index"] as const) {
      expect(await normOf({ name, by: "firm", period: "2025-03", filters: {} })).toBe("all");
      expect(await normOf({ name, by: "firm", period: "2025-03", filters: { district: "D1" } })).toBe("filtered");
    }
    const asked = { name: "fault-rate", by: "lift", bucket: "total", range: RANGE, filters: { district: "D1" } } as const;
    expect(await normOf(asked)).toBe("filtered");
    const begins = beginnings();
    const own = rows.filter(({ liftId }) => register.find((lift) => lift.liftId === liftId)?.district === "D1");
    const units = [...new Set(own.map(({ liftId }) => liftId))].map((key) => {
      const counted = own.filter(({ liftId }) => liftId === key);
      const ms = counted.reduce((sum, { inServiceMs }) => sum + inServiceMs, 0);
      return { key, events: counted.filter((row) => begins.has(row)).length, exposure: ms / (MONTH_DAYS * DAY_MS) };
    });
    const { rates } = shrink(units.toSorted((a, b) => (a.key < b.key ? -1 : 1)));
    const { rows: found, total } = await faultRate(population, asked);
    expect(found(0, total).map(({ key, shrunk, aboveTwiceFleet }) => [key, shrunk, aboveTwiceFleet])).toEqual(
      rates.map(({ key, rate, exceedance }) => [key, rate, exceedance]),
    );
  });

  test.each(BUCKETS)(
    "a count that comes late, and one that is mended, are in the next answer by %s as if they had always been there",
    async (bucket) => {
      const late = new Set([rows[40], rows[900], rows.at(-1)]);
      const [asked, mended] = [new Facts("Asia/Shanghai"), rows[1_200]!];
      for (const { liftId } of rows) asked.numberOf(liftId);
      asked.takeDays(
        countsOf(rows.filter((row) => !late.has(row)).map((row) => (row === mended ? { ...row, trips: 7, stoppingFaults: 9 } : row))),
      );
      const wanted = { offset: 0, limit: 20_000, format: "csv" } as const;
      const questions = DIMENSIONS.flatMap((by): Asked[] => [
        { name: "fault-rate", by, bucket, range: RANGE, filters: {} },
        { name: "rescue", by, bucket, range: RANGE, filters: { district: "D1" } },
        { name: "service-life", by, range: RANGE, filters: {} },
      ]);
      const before: string[] = [];
      for (const question of questions) before.push((await answerAsked({ facts: asked, register }, question, wanted)).text);
      asked.takeDays(countsOf([...late].map((row) => row!)));
      asked.takeDays(countsOf([mended]));
      const fresh = populationOf();
      let changed = 0;
      for (const [index, question] of questions.entries()) {
        const { text } = await answerAsked({ facts: asked, register }, question, wanted);
        expect(text, JSON.stringify(question)).toBe((await answerAsked(fresh, question, wanted)).text);
        changed += text === before[index] ? 0 : 1;
      }
      expect(changed).toBeGreaterThanOrEqual(DIMENSIONS.length);
    },
  );

  test("pages put together are the whole answer, of every question", async () => {
    const population = populationOf();
    for (const asked of questions) {
      const whole = JSON.parse((await answerAsked(population, asked, { offset: 0, limit: 100_000, format: "json" })).text) as {
        rows: object[];
      };
      const limit = Math.max(1, Math.ceil(whole.rows.length / 7));
      const pages: object[] = [];
      for (let offset = 0; offset < Math.max(1, whole.rows.length); offset += limit) {
        const { text, next } = await answerAsked(population, asked, { offset, limit, format: "json" });
        pages.push(...(JSON.parse(text) as { rows: object[] }).rows);
        expect(next).toBe(offset + limit < whole.rows.length ? String(offset + limit) : null);
      }
      expect(pages, JSON.stringify(asked)).toEqual(whole.rows);
    }
  });
});
