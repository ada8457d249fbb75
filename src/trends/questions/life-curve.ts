/** `GET /api/trends/service-life`: the mean number of faults that a lift has had by an age (Nelson's mean cumulative function). */
import { dayName } from "../../core/calendar.ts";
import { meanCumulativeRanked, type RankedLives } from "../cumulative.ts";
import { finite } from "./fault-rate.ts";
import { groupLifts, rollOf, type Dimension, type Filters, type Population } from "./grouping.ts";
import { nextMonth } from "../facts/months.ts";
import { faultsByLift, type LiftFaults } from "./lift-faults.ts";
import { slices } from "./slices.ts";
import { pagesOf } from "./pages.ts";
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
  /** The rows from `offset` on, by group and age. */
  readonly rows: (offset: number, limit: number) => readonly ServiceLifeRow[];
  readonly total: number;
}

/** @throws OperationalError `query-too-large`. */
export async function serviceLife(population: Population, { by, range, filters }: ServiceLifeQuestion): Promise<ServiceLifeAnswer> {
  checkSize(range, 1, 1);
  // A lift is in the curve of the group that it has at the end: of an age it has many.
  const grouping = groupLifts(population, by, filters);
  const groups = grouping.at(range.last);
  const watched = await observed(population, range);
  const episodes = await faultsByLift(population.facts, range, slices(), true);
  const { installed } = rollOf(population);
  const members: number[][] = grouping.groups.map(() => []);
  let lackAge = 0;
  for (let lift = 0; lift < groups.length; lift++) {
    const group = groups[lift] as number;
    if (group < 0 || watched.first[lift] === -1) continue;
    if (Number.isNaN(installed[lift])) lackAge += 1;
    else if (watched.last[lift]! + 1 > Math.max(watched.first[lift]!, installed[lift]!)) members[group]!.push(lift);
  }
  // How many years each curve has is known before it is drawn: a page shows a part of them.
  const years = members.map((own) => yearsOf(own, installed, watched));
  const starts = new Int32Array(members.length + 1);
  for (const [group, { count }] of years.entries()) starts[group + 1] = starts[group]! + count;

  function curveOf(group: number): ServiceLifeRow[] {
    const lives = livesOf(members[group]!, installed, watched, episodes);
    const ages = Array.from({ length: years[group]!.count }, (_, year) => years[group]!.first + year);
    const { key, within } = grouping.groups[group]!;
    let before: number | null = null;
    return meanCumulativeRanked(lives, ages).map(({ age, mean, low, high, lifts }) => {
      const perYear = before === null ? null : mean - before;
      before = mean;
      return { key, within, age, mean, low, high: finite(high), lifts, perYear };
    });
  }

  return {
    from: dayName(range.first),
    to: dayName(range.last),
    lackAge,
    total: starts.at(-1)!,
    rows: pagesOf(starts, curveOf, (curve, from, to) => curve.slice(from, to)),
  };
}

/** The first whole year after a curve's first age, and how many there are to its last. */
function yearsOf(own: readonly number[], installed: Float64Array, watched: Watched): { readonly first: number; readonly count: number } {
  let [least, most] = [Infinity, 0];
  for (const lift of own) {
    const { entry, exit } = stayOf(lift, installed, watched);
    least = Math.min(least, entry);
    most = Math.max(most, exit);
  }
  return own.length === 0
    ? { first: 0, count: 0 }
    : { first: Math.floor(least) + 1, count: Math.max(0, Math.floor(most) - Math.floor(least)) };
}

/** Ages in years at which a lift came under observation and left. */
function stayOf(lift: number, installed: Float64Array, { first, last }: Watched): { readonly entry: number; readonly exit: number } {
  const since = installed[lift] as number;
  return { entry: Math.max(0, (first[lift]! - since) / YEAR_DAYS), exit: (last[lift]! + 1 - since) / YEAR_DAYS };
}

/** A fault of a day stands at its middle, so that it is within the days observed: ages at which faults come are of half days. */
function livesOf(own: readonly number[], installed: Float64Array, watched: Watched, { days, starts }: LiftFaults): RankedLives {
  const [entry, exit, places] = [new Float64Array(own.length), new Float64Array(own.length), new Int32Array(own.length + 1)];
  let [least, most, count] = [Infinity, -Infinity, 0];
  for (const lift of own) count += starts[lift + 1]! - starts[lift]!;
  const ages = new Int32Array(count);
  count = 0;
  for (let index = 0; index < own.length; index++) {
    const lift = own[index] as number;
    const since = installed[lift] as number;
    const stay = stayOf(lift, installed, watched);
    entry[index] = stay.entry;
    exit[index] = stay.exit;
    const end = starts[lift + 1] as number;
    for (let at = starts[lift] as number; at < end; at++) {
      const age = (days[at] as number) - since;
      const years = (age + 0.5) / YEAR_DAYS;
      if (!(years > stay.entry && years <= stay.exit)) continue;
      if (age < least) least = age;
      if (age > most) most = age;
      ages[count++] = age;
    }
    places[index + 1] = count;
  }
  const seen = ages.subarray(0, count);
  return { entry, exit, starts: places, ...(count < most - least ? rankedBySearch(seen) : rankedByDay(seen, least, most)) };
}

/** Of many faults: every day between the first and the last of them is an age. */
function rankedByDay(seen: Int32Array, least: number, most: number): Pick<RankedLives, "ages" | "faults"> {
  const distinct = seen.length === 0 ? 0 : most - least + 1;
  return { ages: Float64Array.from({ length: distinct }, (_, place) => yearsAt(least + place)), faults: seen.map((age) => age - least) };
}

/** By age: one for all curves, as thousands are drawn one after the other. */
let places = new Int32Array(0);

/** Of few, as of a single lift: the days with faults alone. Days without one add nothing, so that the curve is the same. */
function rankedBySearch(seen: Int32Array): Pick<RankedLives, "ages" | "faults"> {
  const days = seen.toSorted();
  let distinct = 0;
  for (const age of days) if (distinct === 0 || age !== days[distinct - 1]) days[distinct++] = age;
  const own = days.subarray(0, distinct);
  const least = own[0] ?? 0;
  // Only what is written here is read again.
  const span = (own.at(-1) ?? 0) - least + 1;
  if (places.length < span) places = new Int32Array(2 * span);
  for (let place = 0; place < distinct; place++) places[own[place]! - least] = place;
  const faults = new Int32Array(seen.length);
  for (let fault = 0; fault < seen.length; fault++) faults[fault] = places[seen[fault]! - least]!;
  return { ages: Float64Array.from(own, yearsAt), faults };
}

function yearsAt(age: number): number {
  return (age + 0.5) / YEAR_DAYS;
}

interface Watched {
  readonly first: Int32Array;
  readonly last: Int32Array;
}

/** First and last day of each lift with exposure; -1 without any. */
async function observed({ facts }: Population, range: Range): Promise<Watched> {
  const [first, last] = [new Int32Array(facts.liftIds.length).fill(-1), new Int32Array(facts.liftIds.length).fill(-1)];
  const yielding = slices();
  const known = facts.days.range;
  if (known === null) return { first, last };
  for (let day = Math.max(range.first, known.first); day <= Math.min(range.last, known.last);) {
    const end = Math.min(range.last, known.last, nextMonth(day) - 1);
    facts.days.mark({ first: day, last: end }, first, last);
    day = end + 1;
    await yielding();
  }
  for (let lift = 0; lift < last.length; lift++) if (last[lift] !== -1) last[lift] = facts.days.lastBefore(lift, last[lift]!);
  return { first, last };
}
