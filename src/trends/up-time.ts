/** How long lifts run between faults, how long they stand, how soon they fail again, and which are chronic. */
import { quantileSorted } from "simple-statistics";
import { betaCdf } from "./beta.ts";
import type { Interval } from "./fault-rate.ts";
import { CONFIDENCE, remembered } from "./bounds.ts";
import { required } from "./fault-rate.ts";
import { chiSquareQuantile } from "./gamma.ts";
import { normalQuantile } from "./normal.ts";
import type { Share } from "./shares.ts";
import { shareOf } from "./shares.ts";

const DAY_MS = 86_400_000;
/** Days within which a fault after a fault is a recurrence. */
export const RECURRENCE_DAYS = 30;
/** Stopping faults a month at which Singapore calls a lift chronic. */
export const CHRONIC_FAULTS = 3;

/** A mean time with its interval. */
export interface MeanTime extends Interval {
  /** In the unit of the exposure; undefined without faults. */
  readonly mean: number | undefined;
}

/**
 * Mean time between failures, T / r, with time-censored bounds 2T/χ²(1−α/2, 2r+2) to 2T/χ²(α/2, 2r) (Epstein & Sobel 1953; IEC 60605-4):
 * the stretch ended by the calendar, not at a failure. Without a failure only the lower bound is known.
 */
export function meanTimeBetween(faults: number, exposure: number, confidence = CONFIDENCE): MeanTime {
  required("faults", faults);
  required("exposure", exposure);
  const tail = (1 - confidence) / 2;
  return {
    mean: faults === 0 ? undefined : exposure / faults,
    low: (2 * exposure) / chiSquareQuantile(1 - tail, 2 * faults + 2),
    high: faults === 0 ? Infinity : (2 * exposure) / chiSquareQuantile(tail, 2 * faults),
  };
}

/** Durations (repairs, responses, arrivals, rescues) as people ask of them; all in the unit given. */
export interface Durations {
  readonly count: number;
  /** MTTR where the durations are repairs. Heavy tails move it: read it with the median. */
  readonly mean: number | undefined;
  readonly median: number | undefined;
  /** Of the median: from the order statistics, whatever the distribution (Thompson 1936). Unbounded where there are too few. */
  readonly medianInterval: Interval;
  /** 95 of 100 last at most this long. */
  readonly p95: number | undefined;
}

export function durations(values: readonly number[], confidence = CONFIDENCE): Durations {
  const sorted = values.map((value) => required("duration", value)).toSorted((a, b) => a - b);
  const count = sorted.length;
  if (count === 0) return { count, mean: undefined, median: undefined, medianInterval: { low: 0, high: Infinity }, p95: undefined };
  const [only] = sorted as [number];
  if (count === 1) return { count, mean: only, median: only, medianInterval: { low: 0, high: Infinity }, p95: only };
  const rank = confidence === CONFIDENCE ? usualRank(count) : medianRank(count, (1 - confidence) / 2);
  return {
    count,
    mean: sorted.reduce((sum, value) => sum + value, 0) / count,
    median: quantileSorted(sorted, 0.5),
    medianInterval: rank === 0 ? { low: 0, high: Infinity } : { low: sorted[rank - 1] ?? 0, high: sorted[count - rank] ?? Infinity },
    p95: quantileSorted(sorted, 0.95),
  };
}

/** Greatest k with P(Bin(n, ½) < k) ≤ tail, so that the kth smallest and kth largest bound the median; 0 where there is none. */
function medianRank(count: number, tail: number): number {
  // P(Bin(n, ½) ≤ k − 1) = I_½(n − k + 1, k). Start near the normal approximation; the exact rank is within a step or two.
  let rank = Math.max(0, Math.floor(count / 2 + (normalQuantile(tail) * Math.sqrt(count)) / 2) + 2);
  while (rank > 0 && betaCdf(0.5, count - rank + 1, rank) > tail) rank--;
  return rank;
}

/** Most durations are of few. */
const usualRank = remembered((count) => medianRank(count, (1 - CONFIDENCE) / 2));

/** Share of the durations that are at most `limit`: the duty of 30 minutes to arrive, 3 to respond. */
export function shareWithin(values: readonly number[], limit: number, confidence = CONFIDENCE): Share {
  let within = 0;
  for (const value of values) if (value <= limit) within++;
  return shareOf(within, values.length, confidence);
}

export interface Availability extends Interval {
  /** Hours in service over hours; undefined without hours. */
  readonly availability: number | undefined;
}

/**
 * Availability of a group of lifts, Σ up / Σ hours, with the interval of a ratio estimate over lifts (Cochran 1977, §6.4), so that one
 * lift that stood for months widens it as it should. Planned rehabilitation belongs in neither figure. One lift, or none: 0 to 1.
 */
export function availabilityOf(
  lifts: readonly { readonly upHours: number; readonly hours: number }[],
  confidence = CONFIDENCE,
): Availability {
  const seen = lifts.filter(({ hours }) => required("hours", hours) > 0);
  const hours = seen.reduce((sum, lift) => sum + lift.hours, 0);
  if (hours === 0) return { availability: undefined, low: 0, high: 1 };
  const availability = seen.reduce((sum, lift) => sum + required("upHours", lift.upHours), 0) / hours;
  const count = seen.length;
  if (count < 2) return { availability, low: 0, high: 1 };
  const squares = seen.reduce((sum, lift) => sum + (lift.upHours - availability * lift.hours) ** 2, 0);
  const reach = (normalQuantile((1 + confidence) / 2) * Math.sqrt((squares * count) / (count - 1))) / hours;
  return { availability, low: Math.max(0, availability - reach), high: Math.min(1, availability + reach) };
}

/**
 * 30-day recurrence: of the faults that were followed for `days`, the share after which the same lift failed again within them. Faults
 * less than `days` before the end are left out, also those already followed by one, or bad lifts would count more. Times of each lift in ms,
 * in order. The interval takes faults as independent.
 */
export function recurrence(lifts: Iterable<readonly number[]>, endMs: number, days = RECURRENCE_DAYS, confidence = CONFIDENCE): Share {
  const within = days * DAY_MS;
  let [again, followed] = [0, 0];
  for (const times of lifts)
    for (const [index, time] of times.entries()) {
      if (time + within > endMs) break;
      followed++;
      const next = times[index + 1];
      if (next !== undefined && next - time <= within) again++;
    }
  return shareOf(again, followed, confidence);
}

export interface Chronic {
  /** Months of a lift with at least the limit's faults. */
  readonly liftMonths: number;
  /** Lifts with at least one of them, most such months first. */
  readonly lifts: readonly { readonly key: string; readonly months: number; readonly worst: number }[];
  /** Such months that chance alone would give, every lift at the fleet's rate: what the number is to be held against. */
  readonly byChance: number;
}

/** Chronic lifts: at least `limit` stopping faults in a calendar month (Singapore's Building and Construction Authority: 3). */
export function chronicLifts(
  lifts: Iterable<{ readonly key: string; readonly events: ArrayLike<number>; readonly exposure: ArrayLike<number> }>,
  limit = CHRONIC_FAULTS,
): Chronic {
  const given = [...lifts];
  const found: { key: string; months: number; worst: number }[] = [];
  let [events, exposure] = [0, 0];
  for (const { key, events: counts, exposure: lived } of given) {
    let [months, worst] = [0, 0];
    for (let month = 0; month < counts.length; month++) {
      const count = counts[month] ?? 0;
      events += count;
      exposure += lived[month] ?? 0;
      if (count >= limit) months++;
      if (count > worst) worst = count;
    }
    if (months > 0) found.push({ key, months, worst });
  }
  const rate = exposure === 0 ? 0 : events / exposure;
  let byChance = 0;
  for (const { exposure: lived } of given)
    for (let month = 0; month < lived.length; month++) byChance += atLeast(limit, rate * (lived[month] ?? 0));
  return {
    liftMonths: found.reduce((sum, { months }) => sum + months, 0),
    lifts: found.toSorted((a, b) => b.months - a.months || b.worst - a.worst || (a.key < b.key ? -1 : 1)),
    byChance,
  };
}

/** P(X ≥ limit) of a Poisson count, by its terms below the limit: exact enough to be added up, and quick. */
function atLeast(limit: number, mean: number): number {
  let term = Math.exp(-mean);
  let below = 0;
  for (let count = 0; count < limit; count++) {
    below += term;
    term *= mean / (count + 1);
  }
  return Math.max(0, 1 - below);
}
