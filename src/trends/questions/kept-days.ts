/**
 * Sums of months by day and group, kept from question to question: without them a question by day adds up every day of every lift. A month is added up anew
 * once something in it has changed. Bounded by LIMITS.trends.keptCells; the groups that were asked for longest ago go first.
 */
import { LIMITS } from "../../config.ts";
import type { FaultList } from "../facts/fault-days.ts";
import type { Facts } from "../facts/facts.ts";
import type { MonthSums } from "../facts/lift-days.ts";

/** By day of the month and group: day × groups + group. */
export interface DaySums {
  readonly inServiceMs: Float64Array;
  readonly trips: Float64Array;
  readonly faults: Float64Array;
  readonly countedFaults: Float64Array;
  readonly episodes: Float64Array;
}

interface Kept {
  readonly of: MonthSums;
  readonly faultsOf: FaultList;
  readonly sums: DaySums;
}

/** By facts, by groups, by the month's first day. */
const keptOf = new WeakMap<Facts, Map<object, Map<number, Kept>>>();

/** A month's most days. */
const MOST_DAYS = 31;

/** A month of so many groups is small enough to be kept. */
export function mayKeep(groups: number): boolean {
  return MOST_DAYS * groups <= LIMITS.trends.keptMonthCells;
}

/** `key` stands for groups that are always numbered alike; `last` is the month's last day. Only where they `mayKeep`. */
export function keptDays(facts: Facts, key: object, first: number, last: number, make: () => DaySums): DaySums {
  const of = facts.days.monthOf(first);
  const faultsOf = facts.faults.listOf({ first, last });
  let all = keptOf.get(facts);
  if (all === undefined) keptOf.set(facts, (all = new Map()));
  let months = all.get(key);
  if (months === undefined) all.set(key, (months = new Map()));
  const known = months.get(first);
  if (known?.of === of && known.faultsOf === faultsOf) return known.sums;
  const sums = make();
  months.set(first, { of, faultsOf, sums });
  // Newest last.
  all.delete(key);
  all.set(key, months);
  forgetOldest(all);
  return sums;
}

function forgetOldest(all: Map<object, Map<number, Kept>>): void {
  let cells = 0;
  for (const months of all.values()) for (const { sums } of months.values()) cells += sums.faults.length;
  for (const [key, months] of all) {
    if (cells <= LIMITS.trends.keptCells) return;
    for (const { sums } of months.values()) cells -= sums.faults.length;
    all.delete(key);
  }
}
