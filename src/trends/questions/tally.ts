/** Exposure, trips, faults and episodes of groups of lifts in buckets of time. */
import { LIMITS } from "../../config.ts";
import { OperationalError } from "../../errors.ts";
import { bucketOf, type Bucket } from "../facts/zone-days.ts";
import type { Facts } from "../facts/facts.ts";
import { BEGINS, COUNTED } from "../facts/fault-days.ts";
import { groupsOf, type LiftGroups } from "../facts/group-sums.ts";
import { isMonth, nextMonth } from "../facts/months.ts";
import { keptDays, mayKeep, type DaySums } from "./kept-days.ts";
import { slices } from "./slices.ts";

export const DAY_MS = 86_400_000;
/** The mean length of a month. */
export const MONTH_DAYS = 30.4375;
export const MONTH_MS = MONTH_DAYS * DAY_MS;

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

interface Dividing {
  at(day: number): Int32Array;
  /** Stands for all groupings whose groups are the same and have the same numbers; null where there may be no other. */
  readonly key?: object | null;
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
  const divided: Int32Array[] = [];
  const monthOf = new Int32Array(range.last - range.first + 1);
  for (let month = range.first; month <= range.last; month = nextMonth(month)) {
    monthOf.fill(divided.push(grouping.at(month)) - 1, month - range.first);
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
  const liftsOn = (day: number) => divided[monthOf[day - range.first] as number] ?? NOBODY;
  const tally: Tally = { buckets: buckets.names, groups, liftsOn, inServiceMs, trips, faults, countedFaults, episodes };
  const byMonth = bucket === "month" || bucket === "total";
  const cellOf = (day: number) => buckets.of(day) * groups;
  let groupsNow: LiftGroups = groupsOf(NOBODY, 0);
  for (let month = range.first, index = 0; month <= range.last; month = nextMonth(month), index++) {
    const lifts = divided[index]!;
    const stretch = { first: month, last: Math.min(range.last, nextMonth(month) - 1) };
    if (byMonth) addMonth(facts, stretch, lifts, tally, buckets.of(month) * groups);
    else {
      // Who is in which group changes with ages alone.
      if (lifts !== divided[index - 1]) groupsNow = groupsOf(lifts, groups);
      const whole = isMonth(stretch.first, stretch.last);
      const { key = null } = grouping;
      if (bucket === "day" && whole && key !== null && mayKeep(groups)) {
        const kept = keptDays(facts, key, stretch.first, stretch.last, () => byDay(facts, stretch, lifts, groupsNow));
        for (const name of SUMS) tally[name].set(kept[name], cellOf(month));
      } else {
        if (bucket === "week" && whole) facts.days.addWeeks(month, groupsNow, cellOf, inServiceMs, alone ? null : trips);
        else facts.days.addDays(stretch, groupsNow, cellOf, inServiceMs, alone ? null : trips);
        if (!alone) addFaults(facts, stretch, lifts, tally, cellOf);
      }
    }
    await yielding();
  }
  return tally;
}

const SUMS = ["inServiceMs", "trips", "faults", "countedFaults", "episodes"] as const;

function byDay(facts: Facts, days: Range, lifts: Int32Array, groups: LiftGroups): DaySums {
  const cells = () => new Float64Array((days.last - days.first + 1) * groups.count);
  const sums = { inServiceMs: cells(), trips: cells(), faults: cells(), countedFaults: cells(), episodes: cells() };
  const cellOf = (day: number) => (day - days.first) * groups.count;
  facts.days.addDays(days, groups, cellOf, sums.inServiceMs, sums.trips);
  addFaults(facts, days, lifts, sums, cellOf);
  return sums;
}

function addFaults(
  facts: Facts,
  days: Range,
  lifts: Int32Array,
  tally: Pick<Tally, "faults" | "countedFaults" | "episodes">,
  cellOf: (day: number) => number,
): void {
  const list = facts.faults.listOf(days);
  const bases = Int32Array.from({ length: days.last - days.first + 1 }, (_, index) => cellOf(days.first + index));
  for (let index = 0; index < list.lifts.length; index++) {
    const group = lifts[list.lifts[index] as number] ?? -1;
    if (group < 0) continue;
    const cell = (bases[list.days[index]! - days.first] as number) + group;
    const [faults, marks] = [list.faults[index] as number, list.marks[index] as number];
    tally.faults[cell]! += faults;
    if ((marks & COUNTED) !== 0) tally.countedFaults[cell]! += faults;
    if ((marks & BEGINS) !== 0) tally.episodes[cell]! += 1;
  }
}

/** A month, or what of it is asked for, to the cells from `base` on. All sums are of whole numbers, so that their order does not matter. */
function addMonth(facts: Facts, days: Range, lifts: Int32Array, tally: Tally, base: number): void {
  const lived = facts.days.sumsOf(days);
  const withDays = Math.min(lifts.length, lived.trips.length);
  for (let lift = 0; lift < withDays; lift++) {
    const group = lifts[lift] as number;
    if (group < 0) continue;
    tally.inServiceMs[base + group]! += lived.inServiceMs[lift] as number;
    tally.trips[base + group]! += lived.trips[lift] as number;
  }
  addFaults(facts, days, lifts, tally, () => base);
}
