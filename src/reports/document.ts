/**
 * A report as data: what every format is made from, and what `format=json` gives (contract §6, docs/reports.md). Rates are episodes of stopping
 * faults a lift-month of 30.4375 days in service; intervals are 95 % ones, an open upper end is null; shares are 0 to 1.
 */
import { z } from "zod";
import { WORKS } from "../core/entry.ts";
import { HAZARDS, PRIORITIES } from "../core/effects.ts";
import type { OperatorLoadReport } from "./load-figures.ts";
import { operatorLoadSchema } from "./load-schema.ts";

export const REPORT_KINDS = ["daily", "weekly", "monthly"] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

/** Measures of the summary, in their order. */
export const MEASURES = [
  "fault-rate",
  "faults-per-1000-trips",
  "entrapments-per-100-lift-months",
  "monthly-entrapment-rate",
  "response-within",
  "response-median",
  "arrival-within",
  "arrival-median",
  "rescue-median",
  "availability",
  "days-between-faults",
  "repair-median",
  "repair-mean",
  "recurrence",
] as const;
export type MeasureId = (typeof MEASURES)[number];

/** Why a lift is worth a visit. */
export const REASONS = [
  "inspection-overdue",
  "inspection-due",
  "insurance-expired",
  "insurance-due",
  "entrapments",
  "chronic",
  "rate-flagged",
  "rate-high",
  "alert-critical",
  "alert-high",
  "firm-outside",
  "old",
  "not-heard",
] as const;
export type ReasonCode = (typeof REASONS)[number];

const day = z.iso.date();
const count = z.number().min(0);
const number = z.number().nullable();
const text = z.string().nullable();
const time = z.int().nullable().describe("ms since the epoch, UTC");
const source = z.string().nullable().describe("the REST call that gives the same figures; null where there is none");
const lift = { liftId: z.string(), district: text, building: text, firm: text, userUnit: text };

const changeSchema = z
  .object({
    ratio: number.describe("of the rates (of those not in time, where the measure is a share in time), this over the last"),
    low: z.number(),
    high: number,
    p: z.number().describe("conditional test of two Poisson counts, two-sided; in tables of groups after Holm"),
    verdict: z.enum(["up", "down", "same", "unknown"]).describe("same: the difference is within what chance gives"),
  })
  .describe("this period against the one before");
export type Change = z.infer<typeof changeSchema>;

const valueSchema = z.object({ value: number, low: z.number(), high: number, count: number.describe("what was counted"), of: number });
export type Value = z.infer<typeof valueSchema>;

const measureSchema = z.object({
  id: z.enum(MEASURES),
  now: valueSchema,
  before: valueSchema,
  change: changeSchema.nullable().describe("null where no test applies: compare the intervals"),
  source,
});
export type Measure = z.infer<typeof measureSchema>;

const groupRowSchema = z.object({
  key: text,
  within: text,
  faults: count,
  episodes: count,
  liftMonths: count,
  rate: number,
  low: z.number(),
  high: number,
  before: z.object({ episodes: count, liftMonths: count, rate: number }),
  change: changeSchema,
  year: z
    .object({
      episodes: count,
      liftMonths: count,
      rate: number,
      rateLow: z.number(),
      rateHigh: number,
      shrunk: z.number(),
      low: z.number(),
      high: number,
      aboveTwiceFleet: z.number(),
      ranked: z.boolean(),
      flagged: z.boolean(),
      fair: z
        .object({
          expected: z.number(),
          ratio: number,
          low: z.number(),
          high: number,
          place: z.enum(["within", "high", "low", "very-high", "very-low"]).nullable(),
        })
        .nullable(),
    })
    .describe("of the twelve months that end with the period"),
});
export type GroupRow = z.infer<typeof groupRowSchema>;

const groupsSchema = z.object({ by: z.string(), source, yearSource: source, rows: z.array(groupRowSchema).describe("worst first") });
export type Groups = z.infer<typeof groupsSchema>;

const dueSchema = z.object({
  what: z.enum(["inspection", "insurance"]),
  on: day,
  days: z.int().describe("until then; negative when it is past"),
  ...lift,
});
export type DueRow = z.infer<typeof dueSchema>;
const dueCountSchema = z.object({ past: count, due: count, unknown: count.describe("of which the register has no date") });

const reasonSchema = z.object({ code: z.enum(REASONS), points: z.number(), value: z.union([z.number(), z.string()]).nullable() });
export type Reason = z.infer<typeof reasonSchema>;
const spotCheckSchema = z.object({ rank: z.int(), points: z.number(), ...lift, rate: z.number(), reasons: z.array(reasonSchema) });
export type SpotCheck = z.infer<typeof spotCheckSchema>;

export const reportSchema = z.object({
  format: z.literal(1),
  kind: z.enum(REPORT_KINDS),
  period: z.object({ name: z.string(), from: day, to: day, complete: z.boolean().describe("false: it is not over yet") }),
  previous: z.object({ name: z.string(), from: day, to: day }),
  year: z.object({ from: day, to: day }),
  scope: z.object({ district: z.string().optional(), firm: z.string().optional(), userUnit: z.string().optional() }),
  timezone: z.string(),
  madeAt: z.iso.datetime().describe("the stamp: all else is the same for the same store"),
  program: z.string(),
  fleet: z.object({
    registered: count,
    inUse: count,
    heard: count.describe("of those in use, lifts with time in service in the period"),
    kinds: z.array(z.object({ kind: text, lifts: count })),
  }),
  measures: z.array(measureSchema),
  standing: groupRowSchema.nullable().describe("a district's or firm's place among all of the city"),
  groups: z.array(groupsSchema),
  chart: z.object({
    source,
    bucket: z.enum(["day", "week", "month"]),
    points: z.array(z.object({ name: z.string(), episodes: count, liftMonths: count })),
  }),
  chronic: z.object({
    least: count,
    from: day,
    to: day,
    byChance: z.number().describe("lifts that chance would give if all had the same rate"),
    rows: z.array(z.object({ ...lift, faults: count })),
  }),
  entrapments: z.array(z.object({ ...lift, at: z.int(), toldAt: time, dispatchedAt: time, arrivedAt: time, rescuedAt: time })),
  open: z.object({
    counts: z.record(z.enum(PRIORITIES), count),
    rows: z
      .array(
        z.object({
          id: z.string(),
          ...lift,
          hazard: z.enum(HAZARDS),
          priority: z.enum(PRIORITIES),
          raisedAt: z.int(),
          acknowledged: z.boolean(),
        }),
      )
      .describe("critical and high ones"),
  }),
  works: z
    .object({
      from: day,
      to: day,
      days: count.describe("after each work"),
      by: z.string(),
      sources: z.array(z.string()),
      rows: z.array(
        z.object({
          work: z.enum(WORKS),
          by: z.string().describe("`all`, or the groups' dimension"),
          key: text,
          within: text,
          works: count,
          counted: count,
          episodes: count.describe("after the works that count"),
          expected: number.describe("had the work changed nothing"),
          ratio: number,
          low: number,
          high: number,
          adjusted: number.describe("p, all groups allowed for"),
          verdict: z.enum(["better", "worse"]).nullable(),
        }),
      ),
    })
    .nullable()
    .describe(
      "did work on lifts change how often they fail? In monthly reviews, where work was told; of groups those that are better or worse beyond chance",
    ),
  operatorLoad: operatorLoadSchema.nullable().describe("of the whole city only"),
  due: z.object({ asOf: day, withinDays: z.int(), inspection: dueCountSchema, insurance: dueCountSchema, rows: z.array(dueSchema) }),
  spotChecks: z.object({ asOf: day, considered: count, rows: z.array(spotCheckSchema) }),
});
export type Report = Omit<z.infer<typeof reportSchema>, "operatorLoad"> & { readonly operatorLoad: OperatorLoadReport | null };
export type Scope = Report["scope"];
