/**
 * A self-starting CUSUM on one value a day (Hawkins 1987, Journal of Quality Technology 19): each value is scored against all
 * earlier ones, so it needs no separate period of learning and its false-alarm rate is known from the start. Two things are
 * asked before it alarms: that a change is proved (the statistic reaches the threshold), and that it is worth telling (the
 * median of the last three days is at least `leastShift` away from the baseline).
 *
 * From the proof on, the baseline no longer learns, and the days since the change began are taken out of its mean: a slow wear
 * must not become its own baseline.
 */
import { normalScore } from "./normal-score.ts";
import { thresholdFor } from "./threshold.ts";

/** What is charted: fixed for a signal. */
export interface Charted {
  /** Only growth is wear: then a fall is a mending, and the baseline begins anew with it. Or a change either way. */
  readonly sides: "up" | "both";
  /** Also a second chart with k = 0.25, for slow wear. */
  readonly slow: boolean;
  /** Standard deviations below this are not believed: what the sensor rounds away (same units as the values). */
  readonly leastSd: number;
  /** A proved shift smaller than this is not worth an alert (same units as the values). */
  readonly leastShift: number;
  /** The values have a true zero: it is the distance from it that is worth an alert, when half of that is new. */
  readonly fromZero: boolean;
}

/** Reference values of the two charts, standard deviations (Hawkins & Olwell 1998: half the shift to be found fastest). */
export const FAST_K = 0.5;
export const SLOW_K = 0.25;

/** Thresholds of each side, in standard deviations. */
export interface Thresholds {
  readonly fast: number;
  readonly slow: number;
}

/** All charts of a day have the same; finding them takes longer than charting. */
let found: { readonly days: number; readonly thresholds: Thresholds } = { days: 0, thresholds: { fast: 0, slow: 0 } };

/** For a run of so many days between false alarms of each side. */
export function thresholdsOf(runLengthDays: number): Thresholds {
  if (found.days !== runLengthDays) {
    const thresholds = { fast: thresholdFor(FAST_K, runLengthDays), slow: thresholdFor(SLOW_K, runLengthDays) };
    found = { days: runLengthDays, thresholds };
  }
  return found.thresholds;
}

/** One side's sum, the days since it last was zero, and the sum of their values. */
interface Side {
  sum: number;
  days: number;
  total: number;
}

/** Plain data, so that it goes into a snapshot as it is. */
export interface Chart {
  /** Days behind the mean, and behind the spread: fewer behind the mean after a work order. */
  days: number;
  mean: number;
  freedom: number;
  squares: number;
  /** Days until it is judged. */
  young: number;
  /** Sum of products of successive scores, and of their squares, for their correlation; and how many. */
  lagged: number;
  squared: number;
  pairs: number;
  /** The newest score, as it was before it was made less of for that, and the two values before the newest one. */
  score: number;
  newest: number;
  before: number;
  beforeThat: number;
  up: Side;
  down: Side;
  slow: Side | null;
  /** 1 or -1 while a change upwards or downwards is proved; the largest sum, and days since the change began, when it was. */
  proved: number;
  /** The change is proved and worth telling. */
  alarmed: boolean;
  /** Days in a row back at the baseline. */
  back: number;
}

/** Days before a chart judges (statistics: below that, hard rules only). */
export const YOUNG_DAYS = 14;
/** A score beyond this counts as this, in the sums and in the baseline: one odd day is not a trend. */
const WINSOR = 4;
/** The baseline forgets what is older than about so many days: seasons pass (assumption). */
const MEMORY_DAYS = 365;
/** Days in a row back at the baseline that end an alarm (assumption). */
const BACK_DAYS = 3;
/** Scores are correlated only as far as that is proved by a standard error, and never more than this: beyond it is a drift (assumption). */
const MOST_CORRELATION = 0.5;
/** Scores beyond this count as this in their correlation. */
const CLIP = 2;
/** The sums stop here, thresholds above it: so that a long alarm does not take as long to forget. */
const SUM_CAP = 2;

export function newChart({ slow }: Pick<Charted, "slow">): Chart {
  return {
    days: 0,
    mean: 0,
    freedom: 0,
    squares: 0,
    young: YOUNG_DAYS,
    lagged: 0,
    squared: 0,
    pairs: 0,
    score: 0,
    newest: 0,
    before: 0,
    beforeThat: 0,
    up: newSide(),
    down: newSide(),
    slow: slow ? newSide() : null,
    proved: 0,
    alarmed: false,
    back: 0,
  };
}

function newSide(): Side {
  return { sum: 0, days: 0, total: 0 };
}

/** How many sides are charted: each may give false alarms. */
export function sidesOf({ sides, slow }: Pick<Charted, "sides" | "slow">): number {
  return 1 + (sides === "both" ? 1 : 0) + (slow ? 1 : 0);
}

/** Standard deviation of the baseline, never less than the sensor allows. */
export function baselineSd(chart: Chart, leastSd: number): number {
  return chart.freedom < 1 ? leastSd : Math.max(leastSd, Math.sqrt(chart.squares / chart.freedom));
}

/** The side that is nearest to its threshold: its sum, the threshold, and the one over the other. */
export function nearest(
  chart: Chart,
  { sides }: Pick<Charted, "sides">,
  { fast, slow }: Thresholds,
): { readonly sum: number; readonly threshold: number; readonly share: number } {
  if (chart.slow !== null && chart.slow.sum / slow > chart.up.sum / fast)
    return { sum: chart.slow.sum, threshold: slow, share: chart.slow.sum / slow };
  const sum = sides === "up" ? chart.up.sum : Math.max(chart.up.sum, chart.down.sum);
  return { sum, threshold: fast, share: sum / fast };
}

/** How far the median of the last three days is from the baseline. */
export function shiftOf({ newest, before, beforeThat, mean }: Chart): number {
  return Math.max(Math.min(newest, before), Math.min(Math.max(newest, before), beforeThat)) - mean;
}

/** Takes in a day's value. */
export function chartDay(chart: Chart, value: number, charted: Charted, thresholds: Thresholds): void {
  chart.beforeThat = chart.days < 2 ? value : chart.before;
  chart.before = chart.days < 1 ? value : chart.newest;
  chart.newest = value;
  const sd = baselineSd(chart, charted.leastSd);
  // Below two degrees of freedom there is no spread to speak of: the first days only found the baseline.
  if (chart.days < 1 || chart.freedom < 2) {
    learn(chart, value);
    if (chart.young > 0) chart.young -= 1;
    return;
  }
  const predictedSd = sd * Math.sqrt(1 + 1 / chart.days);
  const raw = normalScore((value - chart.mean) / predictedSd, chart.freedom);
  const score = Math.max(-WINSOR, Math.min(WINSOR, raw / inflation(chart)));
  if (chart.young > 0) {
    chart.young -= 1;
    chart.score = raw;
    learn(chart, winsorised(chart, value, predictedSd));
    return;
  }
  const calm = chart.up.sum < thresholds.fast / 2 && chart.down.sum < thresholds.fast / 2;
  accumulate(chart.up, score - FAST_K, value, thresholds.fast);
  accumulate(chart.down, -score - FAST_K, value, thresholds.fast);
  if (chart.slow !== null) accumulate(chart.slow, score - SLOW_K, value, thresholds.slow);
  if (chart.proved === 0) {
    if (calm) correlate(chart, raw);
    else chart.score = raw;
    const side = crossed(chart, thresholds);
    if (side === null) learn(chart, winsorised(chart, value, predictedSd));
    else if (side === chart.down && charted.sides === "up") rebase(chart);
    else prove(chart, side);
  }
  if (chart.proved !== 0) follow(chart, charted);
}

/** Forgets as a work order asks: the sums and the mean begin anew, of the spread two weeks' weight is kept. `all`: a new machine. */
export function resetChart(chart: Chart, all: boolean): void {
  const kept = all ? 0 : Math.min(chart.freedom, YOUNG_DAYS - 1);
  chart.squares = chart.freedom === 0 ? 0 : (chart.squares * kept) / chart.freedom;
  chart.freedom = kept;
  chart.days = 0;
  chart.mean = 0;
  chart.young = YOUNG_DAYS;
  if (all) chart.lagged = chart.squared = chart.pairs = 0;
  chart.score = 0;
  release(chart);
}

function accumulate(side: Side, step: number, value: number, threshold: number): void {
  side.sum = Math.min(SUM_CAP * threshold, Math.max(0, side.sum + step));
  side.days = side.sum === 0 ? 0 : side.days + 1;
  side.total = side.sum === 0 ? 0 : side.total + value;
}

function crossed(chart: Chart, { fast, slow }: Thresholds): Side | null {
  if (chart.up.sum >= fast) return chart.up;
  if (chart.down.sum >= fast) return chart.down;
  return chart.slow !== null && chart.slow.sum >= slow ? chart.slow : null;
}

/** The baseline is what was before the change: the days since are taken out of the mean, all but today's, which never went in. */
function prove(chart: Chart, side: Side): void {
  chart.proved = side === chart.down ? -1 : 1;
  chart.back = 0;
  const since = side.days - 1;
  const rest = chart.days - since;
  if (since < 1 || rest < YOUNG_DAYS / 2 || chart.days >= MEMORY_DAYS) return;
  chart.mean = (chart.mean * chart.days - (side.total - chart.newest)) / rest;
  chart.days = rest;
}

/** It was mended, though nobody said so: what it does since is the baseline; of the spread two weeks' weight is kept. */
function rebase(chart: Chart): void {
  const { days, total } = chart.down;
  const kept = Math.min(chart.freedom, YOUNG_DAYS - 1);
  chart.squares = (chart.squares * kept) / chart.freedom;
  chart.freedom = kept;
  chart.mean = total / days;
  chart.days = days;
  release(chart);
}

/** While a change is proved: is it worth telling, and is it over? */
function follow(chart: Chart, { leastShift, fromZero }: Charted): void {
  const shift = shiftOf(chart) * chart.proved;
  const today = (chart.newest - chart.mean) * chart.proved;
  if (!chart.alarmed) {
    const worth = fromZero ? Math.min(shift + chart.mean * chart.proved, 2 * shift) : shift;
    if (worth >= leastShift) chart.alarmed = true;
    // Too small to tell, and gone: the sums have come back to nothing by themselves.
    else if (chart.up.sum === 0 && chart.down.sum === 0 && (chart.slow?.sum ?? 0) === 0) release(chart);
    return;
  }
  chart.back = today < leastShift / 2 ? chart.back + 1 : 0;
  if (chart.back >= BACK_DAYS) release(chart);
}

function release(chart: Chart): void {
  chart.proved = 0;
  chart.alarmed = false;
  chart.back = 0;
  for (const side of [chart.up, chart.down, chart.slow]) if (side !== null) side.sum = side.days = side.total = 0;
}

function winsorised(chart: Chart, value: number, predictedSd: number): number {
  return Math.max(chart.mean - WINSOR * predictedSd, Math.min(chart.mean + WINSOR * predictedSd, value));
}

/** Welford's update of the mean and the squares; beyond the memory the oldest fade. */
function learn(chart: Chart, value: number): void {
  const full = chart.days >= MEMORY_DAYS;
  const before = value - chart.mean;
  if (!full) chart.days += 1;
  chart.mean += before / chart.days;
  if (chart.days === 1) return;
  if (chart.freedom >= MEMORY_DAYS) chart.squares -= chart.squares / chart.freedom;
  else chart.freedom += 1;
  chart.squares += before * (value - chart.mean);
}

function correlate(chart: Chart, score: number): void {
  if (chart.pairs >= MEMORY_DAYS) {
    chart.lagged -= chart.lagged / chart.pairs;
    chart.squared -= chart.squared / chart.pairs;
  } else chart.pairs += 1;
  const now = clipped(score);
  chart.lagged += now * clipped(chart.score);
  chart.squared += now * now;
  chart.score = score;
}

function clipped(score: number): number {
  return Math.max(-CLIP, Math.min(CLIP, score));
}

/** Correlated days say less than they are: their scores shrink by √((1 + φ) / (1 − φ)), φ their proved correlation. */
function inflation({ lagged, squared, pairs }: Chart): number {
  if (pairs < YOUNG_DAYS || squared <= 0) return 1;
  const correlation = Math.min(MOST_CORRELATION, lagged / squared - 1 / Math.sqrt(pairs));
  return correlation <= 0 ? 1 : Math.sqrt((1 + correlation) / (1 - correlation));
}
