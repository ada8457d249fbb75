/** Shares: k of n, with the exact interval of Clopper & Pearson (1934), The use of confidence or fiducial limits, Biometrika 26. */
import { betaQuantile } from "./beta.ts";
import type { Interval } from "./fault-rate.ts";
import { CONFIDENCE, remembered } from "./bounds.ts";
import { required } from "./fault-rate.ts";

/** k of n; the share is undefined and lies anywhere from 0 to 1 where n is 0. */
export interface Share extends Interval {
  readonly of: number;
  readonly share: number | undefined;
}

/** Share with its exact interval; counts may be fractional (divided by a dispersion). */
export function shareOf(count: number, of: number, confidence = CONFIDENCE): Share {
  required("count", count);
  if (required("of", of, count) === 0) return { of, share: undefined, low: 0, high: 1 };
  const small = confidence === CONFIDENCE && of < SMALL && Number.isInteger(count) && Number.isInteger(of);
  const { low, high } = small ? smallInterval(of * SMALL + count) : interval(count, of, confidence);
  return { of, share: count / of, low, high };
}

function interval(count: number, of: number, confidence: number): Interval {
  const tail = (1 - confidence) / 2;
  return {
    low: count === 0 ? 0 : betaQuantile(tail, count, of - count + 1),
    high: count === of ? 1 : betaQuantile(1 - tail, count + 1, of - count),
  };
}

/** Most shares are of few, the same ones again and again, and a quantile takes 10 µs. */
const SMALL = 128;
const smallInterval = remembered((key) => interval(key % SMALL, Math.floor(key / SMALL), CONFIDENCE));
