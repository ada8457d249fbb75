/** The summary of a report: each measure of this period and of the one before, with its interval and what may be said of the change. */
import { dayName } from "../core/calendar.ts";
import { faultRate, type FaultRateRow } from "../trends/questions/fault-rate.ts";
import type { Filters, Population } from "../trends/questions/grouping.ts";
import { rescue, type RescueRow, type Times, type TimesWithin } from "../trends/questions/rescue.ts";
import { MONTH_DAYS, type Range } from "../trends/questions/tally.ts";
import type { Counts } from "../trends/before-after.ts";
import { garwood, monthlyEntrapmentRate, type Rate } from "../trends/fault-rate.ts";
import { meanTimeBetween } from "../trends/up-time.ts";
import { changeOf } from "./changes.ts";
import type { Change, Measure, MeasureId, ReportKind, Value } from "./document.ts";
import { upTime, type LiftSum, type UpTime } from "./lift-sums.ts";

export interface Stretch {
  readonly range: Range;
  readonly sums: readonly LiftSum[];
}

interface Figures {
  readonly faults: FaultRateRow | null;
  readonly rescue: RescueRow | null;
  readonly up: UpTime;
}

type Reading = readonly [now: Value, before: Value, change: Change | null, source: string | null];

const NOTHING: Value = { value: null, low: 0, high: null, count: null, of: null };

/** The call of REST that answers for all lifts of the scope together. */
export function sourceOf(path: string, parameters: Readonly<Record<string, string>>, filters: Filters): string {
  const given = Object.entries(filters).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return `${path}?${new URLSearchParams([...Object.entries(parameters), ...given]).toString()}`;
}

export function daysOf({ first, last }: Range): { readonly from: string; readonly to: string } {
  return { from: dayName(first), to: dayName(last) };
}

export async function measuresOf(
  population: Population,
  kind: ReportKind,
  now: Stretch,
  before: Stretch,
  filters: Filters,
): Promise<Measure[]> {
  const bucket = kind === "monthly" ? "month" : "total";
  const [a, b] = [await figuresOf(population, now, bucket, filters), await figuresOf(population, before, bucket, filters)];
  const faults = sourceOf("/api/trends/fault-rate", { by: "all", bucket: "total", ...daysOf(now.range) }, filters);
  const helped = sourceOf("/api/trends/rescue", { by: "all", bucket, ...daysOf(now.range) }, filters);
  const readings: Readonly<Record<MeasureId, Reading | null>> = {
    "fault-rate": counted(a, b, faults, ({ faults: row }) => ({ events: row?.episodes ?? 0, exposure: (row?.liftDays ?? 0) / MONTH_DAYS })),
    "faults-per-1000-trips": [perTrips(a), perTrips(b), null, faults],
    "entrapments-per-100-lift-months": counted(a, b, helped, ({ rescue: row }) => ({
      events: row?.entrapments ?? 0,
      exposure: (row?.liftDays ?? 0) / MONTH_DAYS / 100,
    })),
    "monthly-entrapment-rate": kind === "monthly" ? monthly(a, b, helped) : null,
    "response-within": inTime(a, b, helped, ({ rescue: row }) => row?.response),
    "response-median": [median(a.rescue?.response), median(b.rescue?.response), null, helped],
    "arrival-within": inTime(a, b, helped, ({ rescue: row }) => row?.arrival),
    "arrival-median": [median(a.rescue?.arrival), median(b.rescue?.arrival), null, helped],
    "rescue-median": [median(a.rescue?.rescue), median(b.rescue?.rescue), null, helped],
    availability: [available(a.up), available(b.up), null, null],
    "days-between-faults": [between(a), between(b), null, null],
    "repair-median": [repaired(a.up), repaired(b.up), null, null],
    "repair-mean": [mean(a.up), mean(b.up), null, null],
    recurrence: [
      again(a.up),
      again(b.up),
      changeOf({ events: b.up.again, exposure: b.up.recurrence.of }, { events: a.up.again, exposure: a.up.recurrence.of }),
      null,
    ],
  };
  return Object.entries(readings).flatMap(([id, reading]) =>
    reading === null
      ? []
      : [{ id: id as MeasureId, now: reading[0], before: reading[1], change: reading[2], source: reading[3] } satisfies Measure],
  );
}

async function figuresOf(population: Population, { range, sums }: Stretch, bucket: "month" | "total", filters: Filters): Promise<Figures> {
  const question = { by: "all", range, filters } as const;
  const rates = await faultRate(population, { ...question, bucket: "total" });
  const helped = await rescue(population, { ...question, bucket });
  return { faults: rates.rows(0, 1)[0] ?? null, rescue: helped.rows(0, 1)[0] ?? null, up: await upTime(population.facts, sums, range) };
}

function counted(now: Figures, before: Figures, source: string, counts: (figures: Figures) => Counts): Reading {
  const [a, b] = [counts(now), counts(before)];
  return [rateValue(a, garwood), rateValue(b, garwood), changeOf(b, a), source];
}

function rateValue({ events, exposure }: Counts, rateOf: (events: number, exposure: number) => Rate): Value {
  const { rate = null, low, high } = rateOf(events, exposure);
  return { value: rate, low, high: bounded(high), count: events, of: exposure };
}

/** Of days whose trips are known; faults within them come in bursts, so no interval is given. */
function perTrips({ faults }: Figures): Value {
  if (faults === null || faults.per1000Trips === null) return NOTHING;
  return { value: faults.per1000Trips, low: 0, high: null, count: null, of: faults.trips };
}

function monthly(now: Figures, before: Figures, source: string): Reading {
  const [a, b] = [ofPassengers(now), ofPassengers(before)];
  return [rateValue(a, monthlyEntrapmentRate), rateValue(b, monthlyEntrapmentRate), changeOf(b, a), source];
}

/** Entrapments in passenger lifts: what the rate that trends give was made from. */
function ofPassengers({ rescue: row }: Figures): Counts {
  const lifts = row?.passengerLifts ?? 0;
  return { events: Math.round(((row?.monthlyRate ?? 0) * lifts) / 100), exposure: lifts };
}

/** The change is of those not in time: they are the few. */
function inTime(now: Figures, before: Figures, source: string, of: (figures: Figures) => TimesWithin | undefined): Reading {
  const [a, b] = [of(now), of(before)];
  return [shareValue(a), shareValue(b), changeOf(late(b), late(a)), source];
}

function shareValue(times: TimesWithin | undefined): Value {
  if (times === undefined || times.count === 0) return NOTHING;
  return { value: times.share, low: times.low, high: times.high, count: times.within, of: times.count };
}

function late(times: TimesWithin | undefined): Counts {
  return { events: (times?.count ?? 0) - (times?.within ?? 0), exposure: times?.count ?? 0 };
}

function median(times: Times | undefined): Value {
  if (times === undefined || times.count === 0) return NOTHING;
  return { value: times.median, low: times.medianLow, high: times.medianHigh, count: times.count, of: null };
}

function available({ availability, hours }: UpTime): Value {
  if (availability.availability === undefined) return NOTHING;
  return { value: availability.availability, low: availability.low, high: availability.high, count: null, of: hours };
}

function between({ faults }: Figures): Value {
  if (faults === null) return NOTHING;
  const { mean = null, low, high } = meanTimeBetween(faults.episodes, faults.liftDays);
  return { value: mean, low, high: bounded(high), count: faults.episodes, of: faults.liftDays };
}

function repaired({ repairs }: UpTime): Value {
  const { count, median: middle = null, medianInterval } = repairs;
  return count === 0 ? NOTHING : { value: middle, low: medianInterval.low, high: bounded(medianInterval.high), count, of: null };
}

/** MTTR. Heavy tails move it, so no interval is given; the median has one. */
function mean({ repairs }: UpTime): Value {
  return repairs.count === 0 ? NOTHING : { value: repairs.mean ?? null, low: 0, high: null, count: repairs.count, of: null };
}

function again({ recurrence, again: count }: UpTime): Value {
  if (recurrence.share === undefined) return NOTHING;
  return { value: recurrence.share, low: recurrence.low, high: recurrence.high, count, of: recurrence.of };
}

function bounded(value: number): number | null {
  return value === Infinity ? null : value;
}
