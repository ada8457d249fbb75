/** `GET /api/trends/rescue`: people shut in, how often and how they were helped. */
import { dayName } from "../../core/calendar.ts";
import { monthlyEntrapmentRate, garwood } from "../fault-rate.ts";
import type { Entrapment } from "../facts/happenings.ts";
import type { Bucket } from "../facts/zone-days.ts";
import { durations, shareWithin } from "../up-time.ts";
import { finite } from "./fault-rate.ts";
import { groupLifts, recordsOf, rollOf, type Dimension, type Filters, type Population } from "./grouping.ts";
import { bucketsOf, DAY_MS, MONTH_MS, tallyUp, type Range } from "./tally.ts";

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
  readonly rows: readonly RescueRow[];
}

/** @throws OperationalError `query-too-large`. */
export async function rescue(population: Population, { by, bucket, range, filters }: RescueQuestion): Promise<RescueAnswer> {
  const { facts } = population;
  const grouping = groupLifts(population, by, filters);
  const tally = await tallyUp(facts, range, bucket, grouping, () => grouping.groups.length);
  const buckets = bucketsOf(range, bucket);
  const records = recordsOf(population);
  const cells = new Map<number, Entrapment[]>();
  const [begin, end] = [facts.zone.begin(range.first), facts.zone.begin(range.last + 1)];
  for (const entrapment of facts.entrapments()) {
    if (entrapment.at < begin || entrapment.at >= end) continue;
    const day = facts.zone.dayOf(entrapment.at);
    const group = grouping.at(day)[entrapment.lift] ?? -1;
    if (group < 0) continue;
    const cell = buckets.of(day) * tally.groups + group;
    const own = cells.get(cell);
    if (own === undefined) cells.set(cell, [entrapment]);
    else own.push(entrapment);
  }
  const isPassenger = (lift: number) => (records[lift]?.kind ?? "passenger") === "passenger";
  const rows: RescueRow[] = [];
  for (const [index, name] of tally.buckets.entries()) {
    const inUse = bucket === "month" ? passengerLifts(population, grouping, lastDayOf(range, name)) : null;
    for (let group = 0; group < tally.groups; group++) {
      const cell = index * tally.groups + group;
      const own = cells.get(cell) ?? [];
      const exposure = tally.inServiceMs[cell]!;
      if (own.length === 0 && exposure === 0) continue;
      const { key, within } = grouping.groups[group]!;
      const { rate = null, low, high } = garwood(own.length, exposure / MONTH_MS / 100);
      const lifts = inUse?.[group] ?? null;
      const monthly =
        lifts === null || lifts === 0 ? null : monthlyEntrapmentRate(own.filter(({ lift }) => isPassenger(lift)).length, lifts);
      rows.push({
        key,
        within,
        bucket: name,
        entrapments: own.length,
        liftDays: exposure / DAY_MS,
        per100LiftMonths: rate,
        low,
        high: finite(high),
        monthlyRate: monthly?.rate ?? null,
        passengerLifts: lifts,
        response: timesWithin(
          own.map(({ toldAt, dispatchedAt }) => minutes(toldAt, dispatchedAt)),
          RESPONSE_MINUTES,
        ),
        arrival: timesWithin(
          own.map(({ toldAt, dispatchedAt, arrivedAt }) => minutes(dispatchedAt ?? toldAt, arrivedAt)),
          ARRIVAL_MINUTES,
        ),
        rescue: times(own.map(({ arrivedAt, rescuedAt }) => minutes(arrivedAt, rescuedAt))),
      });
    }
  }
  return { from: dayName(range.first), to: dayName(range.last), rows: rows.toSorted(byBucketAndKey(tally.buckets)) };
}

function byBucketAndKey(buckets: readonly string[]) {
  const places = new Map(buckets.map((name, place) => [name, place]));
  return (a: RescueRow, b: RescueRow) => places.get(a.bucket)! - places.get(b.bucket)! || (nameOf(a) < nameOf(b) ? -1 : 1);
}

/** What the register does not say comes last. */
function nameOf({ within, key }: RescueRow): string {
  return `${within ?? "\uffff"}\0${key ?? "\uffff"}`;
}

function lastDayOf(range: Range, month: string): number {
  const [year, number] = month.split("-").map(Number) as [number, number];
  return Math.min(range.last, Date.UTC(year, number, 1) / DAY_MS - 1);
}

/** Passenger lifts in use by group: those that the register has in service on that day. */
function passengerLifts(
  population: Population,
  grouping: { readonly groups: readonly unknown[]; at(day: number): Int32Array },
  day: number,
) {
  const groups = grouping.at(day);
  const counts = new Float64Array(grouping.groups.length);
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
  const { count, mean = null, median = null, medianInterval, p95 = null } = durations(known(values));
  return { count, mean, median, medianLow: medianInterval.low, medianHigh: finite(medianInterval.high), p95 };
}

function timesWithin(values: readonly (number | null)[], limit: number): TimesWithin {
  const noted = known(values);
  const { share = null, low, high } = shareWithin(noted, limit);
  return { ...times(noted), withinMinutes: limit, within: noted.filter((value) => value <= limit).length, share, low, high };
}
