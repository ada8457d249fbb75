/** What the trends' part of REST takes and gives (contract §6, docs/trends.md). */
import { z } from "zod";
import { LIMITS } from "../config.ts";
import { WORKS } from "../core/entry.ts";
import { USES } from "../core/building-use.ts";
import { LIFT_KINDS } from "../core/lift.ts";
import { GRADES } from "../trends/evaluation-index.ts";
import { BUCKETS } from "../trends/facts/zone-days.ts";
import { NORMS } from "../trends/questions/asked.ts";
import { AGE_BANDS, DIMENSIONS } from "../trends/questions/grouping.ts";

const text = z.string().min(1).max(200);
const day = z.iso.date().describe("YYYY-MM-DD of the site's zone");
const month = z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, "expected a month YYYY-MM");
const number = z.number().nullable();
const count = z.number().min(0);

const filters = {
  district: text.optional(),
  firm: text.optional(),
  maker: text.optional(),
  model: text.optional(),
  kind: z.enum(LIFT_KINDS).optional(),
  ageBand: z.enum(AGE_BANDS).optional().describe("years since installation, at the first of each month"),
  building: text.optional(),
  userUnit: text.optional(),
  use: z.enum(USES).optional().describe("of the building, by its name"),
  liftId: text.optional(),
};
const format = z.enum(["json", "csv"]).optional().describe("default by `Accept`, else json");
const page = {
  limit: z.coerce.number().int().min(1).max(LIMITS.trends.page).default(LIMITS.trends.pageDefault),
  after: z.string().max(200).optional().describe("`next` of the page before"),
};
const seriesPage = {
  ...page,
  limit: page.limit.describe(
    `rows by day, week or month, and of curves, are at most ${LIMITS.trends.seriesPage} a page, whatever is asked for`,
  ),
};
const by = z.enum(DIMENSIONS);
const stretch = {
  bucket: z.enum(BUCKETS).default("month"),
  from: day.optional().describe("default the first day of the month eleven months before `to`"),
  to: day.optional().describe("inclusive; default today"),
};

export const faultRateQuery = z.strictObject({ by, ...stretch, ...filters, ...seriesPage, format });
export const rescueQuery = z.strictObject({ by, ...stretch, ...filters, ...seriesPage, format });
export const serviceLifeQuery = z.strictObject({
  by: by.default("all"),
  from: stretch.from,
  to: stretch.to,
  ...filters,
  ...seriesPage,
  format,
});
export const beforeAfterQuery = z.strictObject({
  by: z
    .enum(["work", ...DIMENSIONS])
    .default("work")
    .describe("`work`: each work order by itself"),
  work: z.enum(WORKS).default("repair").describe("the work orders that are asked about"),
  days: z.coerce
    .number()
    .int()
    .min(LIMITS.trends.afterDaysLeast)
    .max(LIMITS.trends.afterDays)
    .default(LIMITS.trends.afterDaysDefault)
    .describe("how many days after the work count"),
  from: stretch.from,
  to: stretch.to,
  asOf: day.optional().describe("the last day that is looked at after the works; default the newest"),
  ...filters,
  ...page,
  limit: z.coerce.number().int().min(1).max(LIMITS.trends.testedPage).default(LIMITS.trends.shortPageDefault),
  format,
});
const period = month.optional().describe("YYYY-MM; default the last month that is over");
const shortPage = { ...page, limit: z.coerce.number().int().min(1).max(LIMITS.trends.page).default(LIMITS.trends.shortPageDefault) };
export const rankingsQuery = z.strictObject({ by, period, ...filters, ...shortPage, format });
export const indexQuery = z.strictObject({
  by: z.enum(["lift", "building", "maker", "firm"]),
  period,
  referenceRate: z.coerce
    .number()
    .positive()
    .optional()
    .describe("the rate that scores 50; default the fleet's, or 1 for observed over expected"),
  ...filters,
  ...shortPage,
  limit: shortPage.limit.describe(`rows are at most ${LIMITS.trends.seriesPage} a page, whatever is asked for`),
  format,
});

const next = z.string().nullable().describe("cursor of the next page, or null at the end");
const group = {
  key: z.string().nullable().describe("null for lifts of which the register does not say"),
  within: z.string().nullable().describe("a building's district, a model's maker, a lift's building"),
};

const norm = z
  .enum(NORMS)
  .describe(
    "whose rate the fleet's is: all lifts', or that of the lifts which the filters leave; rates are compared with it and shrunk towards it",
  );

export const faultRateAnswer = z.object({
  from: day,
  to: day,
  norm,
  rows: z.array(
    z.object({
      ...group,
      bucket: z.string().describe("2026-10-31, 2026-W44, 2026-10 or total"),
      faults: count.describe("stopping faults, all of them"),
      episodes: count.describe("of them, those more than 3 days after the lift's last one: what rates count"),
      liftDays: count.describe("in service"),
      trips: count,
      perLiftMonth: number.describe("episodes a lift-month of 30.4375 days"),
      low: z.number(),
      high: number.describe("Garwood's 95 % interval; null where nothing bounds it"),
      faultsPerLiftMonth: number,
      per1000Trips: number.describe("of days whose trips are known"),
      shrunk: z.number().describe("Gamma-Poisson posterior mean"),
      shrunkLow: z.number(),
      shrunkHigh: number,
      aboveTwiceFleet: z.number().describe("P(rate > 2 × the fleet's)"),
      ranked: z.boolean().describe("false for groups under 30 lift-months"),
      flagged: z.boolean().describe("ranked, and P > 0.9"),
      fair: z
        .object({
          expected: z.number(),
          ratio: number.describe("observed over expected, by age, kind, use and floors"),
          low: z.number(),
          high: number,
          shrunk: z.number(),
          place: z.enum(["within", "high", "low", "very-high", "very-low"]).nullable().describe("in the funnel"),
          own: z.number(),
        })
        .nullable(),
    }),
  ),
  next,
});

const times = {
  count,
  mean: number,
  median: number,
  medianLow: z.number(),
  medianHigh: number,
  p95: number,
};
const timesWithin = z.object({ ...times, withinMinutes: z.number(), within: count, share: number, low: z.number(), high: z.number() });

export const rescueAnswer = z.object({
  from: day,
  to: day,
  rows: z.array(
    z.object({
      ...group,
      bucket: z.string(),
      entrapments: count,
      liftDays: count,
      per100LiftMonths: number,
      low: z.number(),
      high: number,
      monthlyRate: number.describe("per cent, of months only"),
      passengerLifts: number.describe("in use at the month's end"),
      response: timesWithin.describe("minutes from the first word of it to the dispatch"),
      arrival: timesWithin.describe("minutes from the dispatch to the arrival"),
      rescue: z.object(times).describe("minutes from the arrival until the people were out"),
    }),
  ),
  next,
});

export const serviceLifeAnswer = z.object({
  from: day,
  to: day,
  lackAge: count,
  rows: z.array(
    z.object({
      ...group,
      age: z.number().describe("years"),
      mean: z.number(),
      low: z.number(),
      high: number,
      lifts: count,
      perYear: number,
    }),
  ),
  next,
});

const around = z.object({ episodes: count, faults: count.describe("stopping faults, all of them"), liftMonths: count });
const probability = z.number().min(0).max(1).nullable();

export const beforeAfterAnswer = z.object({
  from: day,
  to: day,
  work: z.enum(WORKS),
  days: count,
  level: z.number().describe("of what is told to be better or worse, this share at most is expected to be so by chance"),
  tested: count.describe("rows that could be judged, of all pages"),
  better: count.describe("of them, told to be better"),
  worse: count,
  rows: z.array(
    z.object({
      ...group,
      at: z.string().nullable().describe("of a single work, ISO 8601"),
      until: z.string().nullable(),
      note: z.string().nullable(),
      works: count,
      counted: count.describe("works that count: of a lift none within the time after one that counts"),
      further: count.describe("works of the same kind in the time after"),
      before: around.describe("up to three years, with the day of the work, no longer than since the last modernisation"),
      after: around.describe("`days` at most, no longer than to the next modernisation"),
      expected: number.describe("episodes after, had the work changed nothing: by the lift's shrunk rate"),
      ratio: number.describe("episodes after over expected ones; below 1 is better"),
      low: number,
      high: number.describe("95 % interval of it; null where nothing bounds it"),
      better: probability.describe("probability of so few episodes, had the work changed nothing"),
      worse: probability.describe("and of so many"),
      p: probability.describe("twice the smaller of the two"),
      adjusted: probability.describe("p, all rows allowed for (Benjamini & Hochberg 1995)"),
      verdict: z.enum(["better", "worse"]).nullable().describe("where `adjusted` is at most `level`"),
    }),
  ),
  next,
});

const basis = z.enum(["fair", "rate"]).describe("`fair`: rates are observed over expected; `rate`: episodes a lift-month");

export const rankingsAnswer = z.object({
  period: month,
  basis,
  norm,
  fleet: z.number(),
  rows: z.array(
    z.object({
      rank: number.describe("1 is the worst"),
      ...group,
      rate: z.number(),
      low: z.number(),
      high: number,
      aboveTwiceFleet: z.number(),
      flagged: z.boolean(),
      ranked: z.boolean(),
      episodes: count,
      liftMonths: count,
      allEpisodes: count,
      allLiftMonths: count,
    }),
  ),
  next,
});

const grade = z.enum(GRADES.map((one) => one.grade) as ["A", ...("B" | "C" | "D")[]]);

export const indexAnswer = z.object({
  period: month,
  basis,
  norm,
  referenceRate: z.number(),
  lackAge: count,
  sensitivity: z.array(
    z.object({
      weights: z.object({ faultWeight: z.number(), serviceLifeYears: z.number() }),
      correlation: z.number().optional(),
      worstKept: z.number(),
    }),
  ),
  rows: z.array(
    z.object({
      ...group,
      rank: number,
      rankBest: number,
      rankWorst: number,
      index: z.number(),
      low: z.number(),
      high: z.number(),
      grade,
      chances: z.array(z.object({ grade, probability: z.number() })),
      sure: z.boolean(),
      ranked: z.boolean(),
      faults: z.object({ ratio: z.number(), score: z.number(), lost: z.number() }),
      serviceLife: z.object({ years: z.number(), score: z.number(), lost: z.number(), known: count, of: count }),
    }),
  ),
  next,
});

export const reloadAnswer = z.object({ lifts: count, version: count });
