/**
 * How high a CUSUM's threshold must be for a given mean time between false alarms. Siegmund (1985), Sequential Analysis, §2.6
 * and 10.2: a one-sided CUSUM of standard normal scores with reference value k and threshold h runs in control for
 * (exp(Δ) − 1 − Δ) / 2k² observations on average, Δ = 2k (h + 1.166). It gives the published table (k = 0.5: h = 4.77 for 371,
 * 8.75 for 20,200, 10.34 for 99,300 observations, two-sided) within 2 %.
 */
import { bisect } from "simple-statistics";

/** Siegmund's correction for what a step overshoots the threshold by, standard deviations. */
const OVERSHOOT = 1.166;
/** Thresholds outside this mean nothing: below it an alarm a week, above it one in longer than lifts last. */
const LEAST = 2;
const MOST = 40;
const ROUNDS = 60;
const TOLERANCE = 1e-7;

/** Mean observations between false alarms of one side. */
export function runLength(reference: number, threshold: number): number {
  const delta = 2 * reference * (threshold + OVERSHOOT);
  return (Math.exp(delta) - 1 - delta) / (2 * reference * reference);
}

/** Threshold, in standard deviations, at which one side runs for `observations` on average; to three decimals, within [2, 40]. */
export function thresholdFor(reference: number, observations: number): number {
  const excess = (threshold: number) => Math.log(runLength(reference, threshold)) - Math.log(observations);
  if (excess(LEAST) >= 0) return LEAST;
  if (excess(MOST) <= 0) return MOST;
  return Math.round(bisect(excess, LEAST, MOST, ROUNDS, TOLERANCE) * 1_000) / 1_000;
}

/**
 * Mean observations that each side of each chart may run between false alarms, so that `sides` of them give `falseAlertsPerDay`
 * with one observation a day: expected false alerts a day = sides / run length. Never below `least`, which a small fleet would
 * otherwise undercut.
 */
export function budgetedRunLength(sides: number, falseAlertsPerDay: number, least: number): number {
  return Math.max(least, sides / falseAlertsPerDay);
}
