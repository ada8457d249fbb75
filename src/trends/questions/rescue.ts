/** `GET /api/trends/rescue`: people shut in, how often and how they were helped. */
import { dayName } from "../../core/calendar.ts";
import { monthlyEntrapmentRate, garwood } from "../fault-rate.ts";
import type { Entrapment } from "../facts/happenings.ts";
import type { Bucket } from "../facts/zone-days.ts";
import { durations, shareWithin } from "../up-time.ts";
import { finite } from "./fault-rate.ts";
import { groupLifts, recordsOf, rollOf, type Dimension, type Filters, type Group, type Population } from "./grouping.ts";
import { pagesOf, startsOf } from "./pages.ts";
import { bucketsOf, DAY_MS, MONTH_MS, tallyUp, type Range, type Tally } from "./tally.ts";

/** Domain.md §5: dispatch within 3 minutes (target), arrival within 30 (duty). */
export const RESPONSE_MINUTES = 3;
export const ARRIVAL_MINUTES = 30;
const MINUTE_MS = 60_000;

export interface RescueQuestion {
  readonly by: Dimension;
  readonly bucket: Bucket;
  readonly range: Range;
  readonly filters: Filters;
}

/** Minutes. Null where nobody was timed. */
export interface Times {
  readonly count: number;
  readonly mean: number | null;
  readonly median: number | null;
  readonly medianLow: number;
  readonly medianHigh: number | null;
  readonly p95: number | null;
}

export interface TimesWithin extends Times {
  readonly withinMinutes: number;
  readonly within: number;
  /** Share within it, 0 to 1, with the interval of Clopper and Pearson. */
  readonly share: number | null;
  readonly low: number;
  readonly high: number;
}

export interface RescueRow {
  readonly key: string | null;
  readonly within: string | null;
  readonly bucket: string;
  readonly entrapments: number;
  readonly liftDays: number;
  /** Entrapments a hundred lift-months in service, with Garwood's interval. */
  readonly per100LiftMonths: number | null;
  readonly low: number;
  readonly high: number | null;
  /** 月困人率, per cent: entrapments in passenger lifts of a calendar month over the passenger lifts in use at its end. Of buckets of a month only. */
  readonly monthlyRate: number | null;
  readonly passengerLifts: number | null;
  /** From the first word of it to the dispatch. */
  readonly response: TimesWithin;
  /** From the dispatch, or the first word where nobody noted a dispatch, to the arrival. */
  readonly arrival: TimesWithin;
  /** From the arrival until the people were out. */
  readonly rescue: Times;
}

export interface RescueAnswer {
  readonly from: string;
  readonly to: string;
  /** The rows from `offset` on, by bucket and key. */
  readonly rows: (offset: number, limit: number) => readonly RescueRow[];
  readonly total: number;
}

/** @throws OperationalError `query-too-large`. */
export async function rescue(population: Population, { by, bucket, range, filters }: RescueQuestion): Promise<RescueAnswer> {
  const { facts } = population;
  const grouping = groupLifts(population, by, filters, { steady: true });
  const tally = await tallyUp(facts, range, bucket, grouping, () => grouping.groups.length, true);
  const buckets = bucketsOf(range, bucket);
  const records = recordsOf(population);
  const cells = new Map<number, Entrapment[]>();
  const [begin, end] = [facts.zone.begin(range.first), facts.zone.begin(range.last + 1)];
  for (const entrapment of facts.entrapments()) {
    if (entrapment.at < begin || entrapment.at >= end) continue;
    const day = facts.zone.dayOf(entrapment.at);
    const group = tally.liftsOn(day)[entrapment.lift] ?? -1;
    if (group < 0) continue;
    const cell = buckets.of(day) * tally.groups + group;
    const own = cells.get(cell);
    if (own === undefined) cells.set(cell, [entrapment]);
    else own.push(entrapment);
  }
  const isPassenger = (lift: number) => (records[lift]?.kind ?? "passenger") === "passenger";
  const isShown = ({ inServiceMs }: Tally, cell: number) => inServiceMs[cell]! > 0 || cells.has(cell);
  const names = grouping.groups.map(nameOf);
  const order = names.map((_, group) => group).toSorted((a, b) => (names[a]! < names[b]! ? -1 : 1));

  function rowOf(index: number, group: number, inUse: Float64Array | null): RescueRow {
    const cell = index * tally.groups + group;
    const own = cells.get(cell) ?? [];
    const exposure = tally.inServiceMs[cell]!;
    const { key, within } = grouping.groups[group]!;
    const { rate = null, low, high } = garwood(own.length, exposure / MONTH_MS / 100);
    const lifts = inUse?.[group] ?? null;
    const monthly = lifts === null || lifts === 0 ? null : monthlyEntrapmentRate(own.filter(({ lift }) => isPassenger(lift)).length, lifts);
    return {
      key,
      within,
      bucket: tally.buckets[index]!,
      entrapments: own.length,
      liftDays: exposure / DAY_MS,
      per100LiftMonths: rate,
      low,
      high: finite(high),
      monthlyRate: monthly?.rate ?? null,
      passengerLifts: lifts,
      ...(own.length === 0 ? NOBODY : helped(own)),
    };
  }

  function shown(index: number) {
    const inUse = bucket === "month" ? passengerLifts(population, tally, lastDayOf(range, tally.buckets[index]!)) : null;
    return { index, inUse, groups: order.filter((group) => isShown(tally, index * tally.groups + group)) };
  }

  const starts = startsOf(tally, isShown);
  return {
    from: dayName(range.first),
    to: dayName(range.last),
    total: starts.at(-1)!,
    rows: pagesOf(starts, shown, ({ index, groups, inUse }, from, to) => groups.slice(from, to).map((group) => rowOf(index, group, inUse))),
  };
}

/** How people were helped. */
function helped(own: readonly Entrapment[]): Pick<RescueRow, "response" | "arrival" | "rescue"> {
  return {
    response: timesWithin(
      own.map(({ toldAt, dispatchedAt }) => minutes(toldAt, dispatchedAt)),
      RESPONSE_MINUTES,
    ),
    arrival: timesWithin(
      own.map(({ toldAt, dispatchedAt, arrivedAt }) => minutes(dispatchedAt ?? toldAt, arrivedAt)),
      ARRIVAL_MINUTES,
    ),
    rescue: times(own.map(({ arrivedAt, rescuedAt }) => minutes(arrivedAt, rescuedAt))),
  };
}

/** Where nobody was shut in, which is most groups on most days. */
const NOBODY = helped([]);

/** What the register does not say comes last. */
function nameOf({ within, key }: Group): string {
  return `${within ?? "\uffff"}\0${key ?? "\uffff"}`;
}

function lastDayOf(range: Range, month: string): number {
  const [year, number] = month.split("-").map(Number) as [number, number];
  return Math.min(range.last, Date.UTC(year, number, 1) / DAY_MS - 1);
}

/** Passenger lifts in use by group: those that the register has in service on that day. */
function passengerLifts(population: Population, tally: Tally, day: number) {
  const groups = tally.liftsOn(day);
  const counts = new Float64Array(tally.groups);
  const { records, installed } = rollOf(population);
  for (const [lift, record] of records.entries()) {
    const group = groups[lift] ?? -1;
    if (group < 0 || record === undefined || (record.kind ?? "passenger") !== "passenger" || record.inService === false) continue;
    if (installed[lift]! > day) continue;
    counts[group]! += 1;
  }
  return counts;
}

/** Null where either was not noted, or they are the wrong way round. */
function minutes(from: number | null, to: number | null): number | null {
  return from === null || to === null || to < from ? null : (to - from) / MINUTE_MS;
}

function known(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}

export function times(values: readonly (number | null)[]): Times {
  return timesOf(known(values));
}

function timesOf(noted: readonly number[]): Times {
  const { count, mean = null, median = null, medianInterval, p95 = null } = durations(noted);
  return { count, mean, median, medianLow: medianInterval.low, medianHigh: finite(medianInterval.high), p95 };
}

function timesWithin(values: readonly (number | null)[], limit: number): TimesWithin {
  const noted = known(values);
  const { share = null, low, high } = shareWithin(noted, limit);
  const { count, mean, median, medianLow, medianHigh, p95 } = timesOf(noted);
  let within = 0;
  for (const value of noted) if (value <= limit) within++;
  return { count, mean, median, medianLow, medianHigh, p95, withinMinutes: limit, within, share, low, high };
}
