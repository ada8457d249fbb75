/** `GET /api/trends/service-life`: the mean number of faults that a lift has had by an age (Nelson's mean cumulative function). */
import { dayName } from "../../core/calendar.ts";
import { meanCumulative, type Life } from "../cumulative.ts";
import { finite } from "./fault-rate.ts";
import { groupLifts, rollOf, type Dimension, type Filters, type Population } from "./grouping.ts";
import { monthBegin } from "../facts/lift-days.ts";
import { slices } from "./slices.ts";
import { checkSize, type Range } from "./tally.ts";

const YEAR_DAYS = 365.25;

export interface ServiceLifeQuestion {
  /** `all` is one curve. */
  readonly by: Dimension;
  readonly range: Range;
  readonly filters: Filters;
}

export interface ServiceLifeRow {
  readonly key: string | null;
  readonly within: string | null;
  /** Years. */
  readonly age: number;
  /** Mean episodes of a lift from the curve's first age to this one. */
  readonly mean: number;
  readonly low: number;
  readonly high: number | null;
  /** Lifts under observation at this age. */
  readonly lifts: number;
  /** Mean episodes a lift in the year that ends at this age; null at the curve's first age. */
  readonly perYear: number | null;
}

export interface ServiceLifeAnswer {
  readonly from: string;
  readonly to: string;
  /** Lifts without a date of installation, which no curve has. */
  readonly lackAge: number;
  readonly rows: readonly ServiceLifeRow[];
}

/** @throws OperationalError `query-too-large`. */
export async function serviceLife(population: Population, { by, range, filters }: ServiceLifeQuestion): Promise<ServiceLifeAnswer> {
  checkSize(range, 1, 1);
  const { facts } = population;
  const { installed } = rollOf(population);
  // A lift is in the curve of the group that it has at the end: of an age it has many.
  const grouping = groupLifts(population, by, filters);
  const groups = grouping.at(range.last).slice();
  const { first, last } = await observed(population, range);
  const episodes: number[][] = groups.length === 0 ? [] : Array.from(groups, () => []);
  facts.faults.each(range, (lift, day, _faults, begins) => {
    if (begins) episodes[lift]?.push(day);
  });
  const lives: Life[][] = grouping.groups.map(() => []);
  let lackAge = 0;
  for (let lift = 0; lift < groups.length; lift++) {
    const group = groups[lift] as number;
    if (group < 0 || first[lift] === -1) continue;
    const since = installed[lift] ?? Number.NaN;
    if (Number.isNaN(since)) {
      lackAge += 1;
      continue;
    }
    const age = (day: number) => (day - since) / YEAR_DAYS;
    const [entry, exit] = [Math.max(0, age(first[lift]!)), age(last[lift]! + 1)];
    if (exit <= entry) continue;
    // A fault of a day stands at its middle, so that it is within the days observed.
    const faults = episodes[lift]!.map((day) => age(day + 0.5)).filter((at) => at > entry && at <= exit);
    lives[group]!.push({ entry, exit, faults });
  }
  checkSize(range, lives.length, 1);
  const yielding = slices();
  const rows: ServiceLifeRow[] = [];
  for (const [group, own] of lives.entries()) {
    if (own.length === 0) continue;
    let [least, most] = [Infinity, 0];
    for (const { entry, exit } of own) [least, most] = [Math.min(least, entry), Math.max(most, exit)];
    const ages = Array.from({ length: Math.max(0, Math.floor(most) - Math.floor(least)) }, (_, year) => Math.floor(least) + 1 + year);
    let before: number | null = null;
    for (const { age, mean, low, high, lifts } of meanCumulative(own, ages)) {
      rows.push({ ...grouping.groups[group]!, age, mean, low, high: finite(high), lifts, perYear: before === null ? null : mean - before });
      before = mean;
    }
    await yielding();
  }
  return { from: dayName(range.first), to: dayName(range.last), lackAge, rows };
}

/** First and last day of each lift with exposure; -1 without any. */
async function observed({ facts }: Population, range: Range) {
  const [first, last] = [new Int32Array(facts.liftIds.length).fill(-1), new Int32Array(facts.liftIds.length).fill(-1)];
  const yielding = slices();
  const known = facts.days.range;
  if (known === null) return { first, last };
  for (let day = Math.max(range.first, known.first); day <= Math.min(range.last, known.last);) {
    const end = Math.min(range.last, known.last, monthBegin(monthBegin(day) + 31) - 1);
    facts.days.mark({ first: day, last: end }, first, last);
    day = end + 1;
    await yielding();
  }
  for (let lift = 0; lift < last.length; lift++) if (last[lift] !== -1) last[lift] = facts.days.lastBefore(lift, last[lift]!);
  return { first, last };
}
