/**
 * Did a work order or a modernisation change the rate? Given all the events of both times together, those after it are binomial
 * (conditional C-test: Przyborowski & Wilenski 1940, Homogeneity of results in testing samples from Poisson series, Biometrika 31),
 * and Clopper & Pearson's interval of that share gives the one of the ratio of the rates.
 */
import { binomialTails } from "./beta.ts";
import type { Interval } from "./fault-rate.ts";
import { CONFIDENCE } from "./bounds.ts";
import { required } from "./fault-rate.ts";
import { shareOf } from "./shares.ts";

export interface Counts {
  readonly events: number;
  readonly exposure: number;
}

/** How surprising the events after would be, were the rates equal. */
export interface RateTails {
  /** Probability of so many events after, or more, if the rates were equal: small when it got worse. */
  readonly worse: number;
  /** Probability of so few events after, or fewer: small when it got better. */
  readonly better: number;
  /** Two-sided: twice the smaller of the two, at most 1, which agrees with the interval. */
  readonly p: number;
}

export interface RateRatio extends Interval, RateTails {
  /** Rate after / rate before; undefined where neither has events, Infinity where only the time after has. */
  readonly ratio: number | undefined;
}

const UNKNOWN: RateTails = { worse: 1, better: 1, p: 1 };

/** The tails alone, which cost a tenth of an interval. Counts may be fractional; both exposures are above 0. */
export function rateTails(before: Counts, after: Counts): RateTails {
  const [b, a] = [before.events, after.events];
  if (a + b === 0) return UNKNOWN;
  const both = after.exposure + before.exposure;
  const [living, lived] = [after.exposure / both, before.exposure / both];
  // P(Bin(n, s) ≥ a) is 1 at a = 0, and the other tail at b = 0; with nothing on one side what is left is a power.
  const { atLeast: worse, atMost: better } =
    a === 0 ? { atLeast: 1, atMost: lived ** b } : b === 0 ? { atLeast: living ** a, atMost: 1 } : binomialTails(living, lived, a, b);
  return { worse, better, p: Math.min(1, 2 * Math.min(worse, better)) };
}

/**
 * Rates before and after compared. A dispersion φ above 1 (raw faults; see `withinDispersion`) divides all counts, as if there were
 * fewer independent events. Without events, or with exposure on one side only, nothing is known: 0 to Infinity, p = 1.
 */
export function compareRates(before: Counts, after: Counts, { dispersion = 1, confidence = CONFIDENCE } = {}): RateRatio {
  required("dispersion", dispersion, Number.MIN_VALUE);
  const [b, a] = [required("events before", before.events) / dispersion, required("events after", after.events) / dispersion];
  const [lived, living] = [required("exposure before", before.exposure), required("exposure after", after.exposure)];
  if (a + b === 0 || lived === 0 || living === 0) return { ratio: undefined, low: 0, high: Infinity, ...UNKNOWN };
  const { low, high } = shareOf(a, a + b, confidence);
  const odds = (of: number) => (of >= 1 ? Infinity : ((of / (1 - of)) * lived) / living);
  return {
    ratio: b === 0 ? Infinity : ((a / b) * lived) / living,
    low: odds(low),
    high: odds(high),
    ...rateTails({ events: b, exposure: lived }, { events: a, exposure: living }),
  };
}
