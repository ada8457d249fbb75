/** Exposure, trips, faults and episodes of groups of lifts in buckets of time. */
import { LIMITS } from "../../config.ts";
import { OperationalError } from "../../errors.ts";
import { dayName } from "../../core/calendar.ts";
import { bucketOf, type Bucket } from "../facts/zone-days.ts";
import type { Facts } from "../facts/facts.ts";
import type { LiftGroups } from "../facts/lift-days.ts";
import { slices } from "./slices.ts";

export const DAY_MS = 86_400_000;
/** The mean length of a month. */
export const MONTH_DAYS = 30.4375;
export const MONTH_MS = MONTH_DAYS * DAY_MS;

/** Lifts whose faults are gone through between two pauses. */
export const LIFTS_AT_ONCE = 1_000;

/** Days by number, both inclusive. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** Sums by bucket and group: the cell of bucket b and group g is b × groups + g. */
export interface Tally {
  readonly buckets: readonly string[];
  /** How many groups there are room for. */
  readonly groups: number;
  /** The group of each lift on a day of the range. */
  readonly liftsOn: (day: number) => Int32Array;
  readonly inServiceMs: Float64Array;
  readonly trips: Float64Array;
  readonly faults: Float64Array;
  /** Of `faults`, those of days that the program has counted itself: `trips` are of those days. */
  readonly countedFaults: Float64Array;
  readonly episodes: Float64Array;
}

const NOBODY = new Int32Array(0);
const NO_GROUPS: LiftGroups = { of: NOBODY, count: 0, order: NOBODY, starts: new Int32Array(1) };

interface Dividing {
  at(day: number): Int32Array;
}

/** @throws OperationalError `query-too-large` where the cells would be more than LIMITS.trends.cells, or the days more than LIMITS.trends.days. */
export function checkSize(range: Range, buckets: number, groups: number): void {
  const days = range.last - range.first + 1;
  if (days > LIMITS.trends.days)
    throw new OperationalError("query-too-large", `from, to: found ${days} days; expected at most ${LIMITS.trends.days}`);
  if (buckets * groups > LIMITS.trends.cells)
    throw new OperationalError(
      "query-too-large",
      `${buckets} buckets of ${groups} groups: expected at most ${LIMITS.trends.cells} cells; ask for longer buckets, a shorter period or fewer lifts`,
    );
}

/** Names of the buckets of a range, and which each day falls into. */
export function bucketsOf(range: Range, bucket: Bucket): { readonly names: readonly string[]; of(day: number): number } {
  const names: string[] = [];
  const places = new Int32Array(Math.max(0, range.last - range.first + 1));
  for (let day = range.first; day <= range.last; day++) {
    const name = bucketOf(day, bucket);
    if (names.at(-1) !== name) names.push(name);
    places[day - range.first] = names.length - 1;
  }
  return { names, of: (day) => places[day - range.first] ?? -1 };
}

/**
 * Adds up; exposure `alone`, where nobody asks for trips and faults. `count` gives how many groups `grouping` has once all days have been asked for.
 * @throws as `checkSize`.
 */
export async function tallyUp(
  facts: Facts,
  range: Range,
  bucket: Bucket,
  grouping: Dividing,
  count: () => number,
  alone = false,
): Promise<Tally> {
  checkSize(range, 1, 1);
  const buckets = bucketsOf(range, bucket);
  const yielding = slices();
  const groupsOf: Int32Array[] = [];
  const monthOf = new Int32Array(range.last - range.first + 1);
  for (let month = range.first; month <= range.last; month = nextMonth(month)) {
    monthOf.fill(groupsOf.push(grouping.at(month)) - 1, month - range.first);
    await yielding();
  }
  const groups = count();
  checkSize(range, buckets.names.length, groups);
  const size = buckets.names.length * groups;
  const [inServiceMs, trips, faults, countedFaults, episodes] = Array.from({ length: 5 }, () => new Float64Array(size)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const liftsOn = (day: number) => groupsOf[monthOf[day - range.first] as number] ?? NOBODY;
  const tally: Tally = { buckets: buckets.names, groups, liftsOn, inServiceMs, trips, faults, countedFaults, episodes };
  const byMonth = bucket === "month" || bucket === "total";
  const cellOf = (day: number) => buckets.of(day) * groups;
  let runs: LiftGroups = NO_GROUPS;
  for (let month = range.first, index = 0; month <= range.last; month = nextMonth(month), index++) {
    const lifts = groupsOf[index]!;
    const end = Math.min(range.last, nextMonth(month) - 1);
    if (byMonth) addMonth(facts, { first: month, last: end }, lifts, tally, buckets.of(month) * groups);
    else {
      // Who is in which group changes with ages alone.
      if (lifts !== groupsOf[index - 1]) runs = inGroups(lifts, groups);
      facts.days.addTo({ first: month, last: end }, runs, cellOf, inServiceMs, alone ? null : trips);
    }
    await yielding();
  }
  if (byMonth || alone) return tally;

  // Lift by lift, not month by month: the faults of a lift lie together, and those of a city do not fit into a processor's caches.
  for (let lift = 0; lift < facts.liftIds.length; lift += LIFTS_AT_ONCE) {
    facts.faults.each(range, countFault, lift, lift + LIFTS_AT_ONCE);
    await yielding();
  }

  function countFault(lift: number, day: number, count: number, begins: boolean, counted: boolean): void {
    const group = liftsOn(day)[lift] ?? -1;
    if (group < 0) return;
    const cell = cellOf(day) + group;
    faults[cell]! += count;
    if (counted) countedFaults[cell]! += count;
    if (begins) episodes[cell]! += 1;
  }
  return tally;
}

/** A month, or what of it is asked for, to the cells from `base` on. All sums are of whole numbers, so that their order does not matter. */
function addMonth(facts: Facts, days: Range, lifts: Int32Array, tally: Tally, base: number): void {
  const lived = facts.days.sumsOf(days);
  const failed = facts.faults.sumsOf(days);
  const [withDays, withFaults] = [Math.min(lifts.length, lived.trips.length), Math.min(lifts.length, failed.faults.length)];
  for (let lift = 0; lift < withDays; lift++) {
    const group = lifts[lift] as number;
    if (group < 0) continue;
    tally.inServiceMs[base + group]! += lived.inServiceMs[lift] as number;
    tally.trips[base + group]! += lived.trips[lift] as number;
  }
  for (let lift = 0; lift < withFaults; lift++) {
    const faults = failed.faults[lift] as number;
    const group = lifts[lift] as number;
    if (faults === 0 || group < 0) continue;
    tally.faults[base + group]! += faults;
    tally.countedFaults[base + group]! += failed.counted[lift] as number;
    tally.episodes[base + group]! += failed.episodes[lift] as number;
  }
}

/** Lifts in the order of their groups; those of none are left out. */
function inGroups(groups: Int32Array, count: number): LiftGroups {
  const starts = new Int32Array(count + 1);
  for (const group of groups) if (group >= 0) starts[group + 1]! += 1;
  for (let group = 0; group < count; group++) starts[group + 1]! += starts[group]!;
  const order = new Int32Array(starts[count]!);
  const next = starts.slice();
  for (let lift = 0; lift < groups.length; lift++) {
    const group = groups[lift] as number;
    if (group >= 0) order[next[group]!++] = lift;
  }
  return { of: groups, count, order, starts };
}

/** First day of the next calendar month. */
function nextMonth(day: number): number {
  const [year, month] = dayName(day).split("-").map(Number) as [number, number];
  return Date.UTC(year, month, 1) / DAY_MS;
}
