/** What a figure is worth, in one word of a few; the messages say them in a language. Pure. */
import { compareRates, type RateRatio } from "../../../../src/trends/before-after.ts";
import type { FairRatio, FaultRateRow } from "../../../../src/trends/questions/fault-rate.ts";
import type { RankingRow } from "../../../../src/trends/questions/rankings.ts";

/** Of one group beside the others. */
export type Standing = "too-few" | "twice" | "far-above" | "above" | "higher" | "usual" | "within" | "lower" | "below" | "far-below";
/** Of a later period beside an earlier one. */
export type Change = "unknown" | "within" | "perhaps-worse" | "perhaps-better" | "worse" | "better";

/** A test below this happens by chance once in twenty times. */
const CHANCE = 0.05;
/** Days of the month that rates are per. */
export const MONTH_DAYS = 30.4375;
/** Lift-months below which no rate is told: its interval would reach over orders of magnitude. */
const LEAST_LIFT_MONTHS = 1;

/** So little time in service that a rate would say nothing. */
export function isTooLittle(liftDays: number): boolean {
  return liftDays / MONTH_DAYS < LEAST_LIFT_MONTHS;
}

/** What a place in the funnel is. */
const PLACES = {
  "very-high": "far-above",
  high: "above",
  within: "within",
  low: "below",
  "very-low": "far-below",
} as const satisfies Record<NonNullable<FairRatio["place"]>, Standing>;

/**
 * A group's rate. Where groups are compared with what their lifts would have had, the funnel decides, in
 * which groups may differ by more than chance as such groups usually do (`usual`); else its interval beside the rate of
 * all. Flags (likely more than twice the fleet) come first; what is not ranked has too little behind it.
 */
export function standingOf(row: Pick<FaultRateRow, "ranked" | "flagged" | "fair" | "low" | "high">, all: number | null): Standing {
  if (!row.ranked) return "too-few";
  if (row.flagged) return "twice";
  const place = row.fair?.place ?? null;
  if (row.fair !== null && place !== null) return place === "within" && !isAcross(row.fair, 1) ? "usual" : PLACES[place];
  if (all === null || isAcross(row, all)) return "within";
  return row.low > all ? "higher" : "lower";
}

function isAcross({ low, high }: { readonly low: number; readonly high: number | null }, reference: number): boolean {
  return low <= reference && (high === null || high >= reference);
}

/** Of a ranking: its interval beside the rate of all. */
export function rankOf(row: Pick<RankingRow, "ranked" | "flagged" | "low" | "high">, fleet: number): Standing {
  return standingOf({ ...row, fair: null }, fleet);
}

/** Worth a look: what is drawn filled and in colour. */
export function isOut(standing: Standing): boolean {
  return standing === "twice" || standing === "far-above";
}

export interface Counts {
  readonly events: number;
  readonly exposure: number;
}

export interface Compared extends RateRatio {
  readonly change: Change;
}

/**
 * Two periods compared (docs/trends.md: both together given, those of the later are binomial). `comparisons`: how many are looked at
 * side by side; a change counts as shown only where so many looks would not bring it by chance either (Bonferroni).
 */
export function changeOf(before: Counts, after: Counts, comparisons: number): Compared {
  const found = compareRates(before, after);
  if (found.ratio === undefined || before.exposure === 0 || after.exposure === 0) return { ...found, change: "unknown" };
  const worse = found.worse < found.better;
  if (found.p >= CHANCE) return { ...found, change: "within" };
  if (found.p < CHANCE / Math.max(1, comparisons)) return { ...found, change: worse ? "worse" : "better" };
  return { ...found, change: worse ? "perhaps-worse" : "perhaps-better" };
}
