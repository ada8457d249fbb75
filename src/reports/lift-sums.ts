/** What befell each lift of a scope in a stretch of days: the sums that the measures of a report are made from. */
import type { Outage } from "../trends/facts/happenings.ts";
import type { Facts } from "../trends/facts/facts.ts";
import { groupLifts, rollOf, type Filters, type Population } from "../trends/questions/grouping.ts";
import { slices } from "../trends/questions/slices.ts";
import { MONTH_MS, tallyUp, type Range } from "../trends/questions/tally.ts";
import { availabilityOf, durations, recurrence, RECURRENCE_DAYS, type Availability, type Durations } from "../trends/up-time.ts";
import type { Share } from "../trends/shares.ts";
import type { LiftRecord } from "../core/lift.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** One lift in the stretch; `liftMonths` in service. */
export interface LiftSum {
  /** Its number in the facts. */
  readonly lift: number;
  readonly liftId: string;
  readonly record: LiftRecord | undefined;
  readonly faults: number;
  readonly episodes: number;
  readonly liftMonths: number;
}

/** Every lift that is asked about, also those of which nothing was heard. */
export async function liftSums(population: Population, range: Range, filters: Filters): Promise<LiftSum[]> {
  const { facts } = population;
  const { records } = rollOf(population);
  const grouping = groupLifts(population, "lift", filters);
  const tally = await tallyUp(facts, range, "total", grouping, () => grouping.groups.length);
  return grouping.groups.map(({ key }, group): LiftSum => {
    const liftId = key as string;
    const lift = facts.numberOf(liftId);
    const [faults, episodes] = [tally.faults[group]!, tally.episodes[group]!];
    return { lift, liftId, record: records[lift], faults, episodes, liftMonths: tally.inServiceMs[group]! / MONTH_MS };
  });
}

export interface UpTime {
  readonly availability: Availability;
  readonly hours: number;
  /** Of stops that ended in the stretch, hours. */
  readonly repairs: Durations;
  readonly recurrence: Share;
  readonly again: number;
}

/**
 * Up-time of these lifts from the day `first` to `last`. A lift's hours are those in service and those it stood still with a fault: neither time out of
 * service nor time in which nobody heard of it. Of imported records the exposure is without stops already; of what the monitor counts it is with them.
 */
export async function upTime(facts: Facts, sums: readonly LiftSum[], { first, last }: Range): Promise<UpTime> {
  const yielding = slices();
  const [begin, end] = [facts.zone.begin(first), facts.zone.begin(last + 1)];
  const asked = new Map(sums.map((sum, place) => [sum.lift, place]));
  const stood = new Float64Array(sums.length);
  const within = new Float64Array(sums.length);
  const repairs: number[] = [];
  for (const outage of facts.outages()) {
    const place = asked.get(outage.lift);
    if (place === undefined) continue;
    const ms = overlap(outage, begin, end);
    stood[place]! += ms;
    if (!outage.recorded) within[place]! += ms;
    if (outage.until >= begin && outage.until < end) repairs.push((outage.until - outage.from) / HOUR_MS);
    await yielding();
  }
  const lifts = sums.map(({ liftMonths }, place) => {
    const upHours = Math.max(0, liftMonths * MONTH_MS - within[place]!) / HOUR_MS;
    return { upHours, hours: upHours + stood[place]! / HOUR_MS };
  });
  const since = begin - RECURRENCE_DAYS * DAY_MS;
  const times: number[][] = [];
  for (const { lift } of sums) {
    const own = facts.faults.of(lift).flatMap(({ firstAt }) => (firstAt >= since && firstAt < end ? [firstAt] : []));
    if (own.length > 0) times.push(own);
    await yielding();
  }
  const again = recurrence(times, end);
  return {
    availability: availabilityOf(lifts),
    hours: lifts.reduce((sum, { hours }) => sum + hours, 0),
    repairs: durations(repairs),
    recurrence: again,
    again: again.share === undefined ? 0 : Math.round(again.share * again.of),
  };
}

function overlap({ from, until }: Outage, begin: number, end: number): number {
  return Math.max(0, Math.min(until, end) - Math.max(from, begin));
}
