/**
 * A CUSUM on counts with an exposure (Lucas 1985, Technometrics 27): S = max(0, S + (x − k·e) / φ), where e is what is expected
 * of the day, k = (λ1 − λ0) / (ln λ1 − ln λ0) in units of λ0, and φ the dispersion. It is one-sided: fewer is no wear.
 */
import { thresholdFor } from "./threshold.ts";

/** Plain data. */
export interface CountChart {
  /** Events and exposure that the baseline was learnt from, and days. */
  events: number;
  exposure: number;
  days: number;
  /** Sum of squared Pearson residuals, and how many: their mean is the dispersion. */
  pearson: number;
  residuals: number;
  young: number;
  sum: number;
  /** Days since the sum was last zero; events and expected events in them. */
  since: number;
  sinceEvents: number;
  sinceExpected: number;
  alarmed: boolean;
  back: number;
  /** The newest day: events, what was expected. */
  newest: number;
  expected: number;
}

/** The rise to be found: by a half (statistics: 30 a day → × 1.5). */
const RISE = 1.5;
const REFERENCE = (RISE - 1) / Math.log(RISE);
const YOUNG_DAYS = 14;
/** A day further above what is expected, in standard deviations, counts as this: one odd day is not a trend (assumption). */
const WINSOR = 2.5;
const MEMORY_DAYS = 365;
/** Days in a row nearer to the baseline than to the rise that end an alarm (assumption). */
const BACK_DAYS = 3;
/** With less expected a day than this the normal approximation of the threshold is poor, and nobody is bothered by it (assumption). */
const LEAST_EXPECTED = 1;

export function newCountChart(): CountChart {
  return {
    events: 0,
    exposure: 0,
    days: 0,
    pearson: 0,
    residuals: 0,
    young: YOUNG_DAYS,
    sum: 0,
    since: 0,
    sinceEvents: 0,
    sinceExpected: 0,
    alarmed: false,
    back: 0,
    newest: 0,
    expected: 0,
  };
}

export function dispersionOf({ pearson, residuals }: CountChart): number {
  return residuals < 2 ? 1 : Math.max(1, pearson / residuals);
}

/** Height of the threshold, in counts over the dispersion, for a day's expected count and a mean run between false alarms, days. */
export function countThreshold(expected: number, dispersion: number, runLengthDays: number): number {
  const sd = Math.sqrt(Math.max(LEAST_EXPECTED, expected) / dispersion);
  const reference = ((REFERENCE - 1) * (expected / dispersion)) / sd;
  return thresholdFor(Math.max(0.05, reference), runLengthDays) * sd;
}

/** Takes in a day: events, and what they are counted against (door cycles). */
export function countDay(chart: CountChart, events: number, exposure: number, runLengthDays: number): void {
  // One standard error above the mean: what is not known for sure is no reason for an alarm.
  const rate = chart.exposure === 0 ? 0 : (chart.events + Math.sqrt(chart.events)) / chart.exposure;
  const expected = rate * exposure;
  chart.newest = events;
  chart.expected = expected;
  if (chart.young > 0 || expected < LEAST_EXPECTED) {
    chart.young = Math.max(0, chart.young - 1);
    learn(chart, events, exposure);
    return;
  }
  const dispersion = dispersionOf(chart);
  const most = expected + WINSOR * Math.sqrt(expected * dispersion);
  const step = (Math.min(events, most) - REFERENCE * expected) / dispersion;
  const threshold = countThreshold(expected, dispersion, runLengthDays);
  chart.sum = Math.min(2 * threshold, Math.max(0, chart.sum + step));
  chart.since = chart.sum === 0 ? 0 : chart.since + 1;
  chart.sinceEvents = chart.sum === 0 ? 0 : chart.sinceEvents + events;
  chart.sinceExpected = chart.sum === 0 ? 0 : chart.sinceExpected + expected;
  if (chart.alarmed) {
    chart.back = events < REFERENCE * expected ? chart.back + 1 : 0;
    if (chart.back >= BACK_DAYS) release(chart);
  } else if (chart.sum < threshold / 2) learn(chart, events, exposure);
  else if (chart.sum >= threshold && chart.sinceEvents >= RISE * chart.sinceExpected) chart.alarmed = true;
}

/** As a work order asks. `all`: a new machine. */
export function resetCountChart(chart: CountChart, all: boolean): void {
  chart.events = chart.exposure = chart.days = 0;
  chart.young = YOUNG_DAYS;
  if (all) chart.pearson = chart.residuals = 0;
  release(chart);
}

function release(chart: CountChart): void {
  chart.alarmed = false;
  chart.back = chart.sum = chart.since = chart.sinceEvents = chart.sinceExpected = 0;
}

function learn(chart: CountChart, events: number, exposure: number): void {
  const expected = chart.exposure === 0 ? 0 : (chart.events / chart.exposure) * exposure;
  if (expected > 0 && chart.days >= YOUNG_DAYS / 2) {
    if (chart.residuals >= MEMORY_DAYS) chart.pearson -= chart.pearson / chart.residuals;
    else chart.residuals += 1;
    chart.pearson += (events - expected) ** 2 / expected;
  }
  if (chart.days >= MEMORY_DAYS) {
    chart.events -= chart.events / chart.days;
    chart.exposure -= chart.exposure / chart.days;
  } else chart.days += 1;
  chart.events += events;
  chart.exposure += exposure;
}
