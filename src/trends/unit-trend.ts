/**
 * Is one unit getting worse? Two views of its fault times within an observed stretch: Laplace's test (Cox & Lewis 1966, §3.3), and the
 * power-law process of Crow (1974; MIL-HDBK-189C §6.2), whose shape β is below 1 for improving units and above 1 for wearing ones.
 */
import type { Interval } from "./fault-rate.ts";
import { CONFIDENCE } from "./bounds.ts";
import { required } from "./fault-rate.ts";
import { chiSquareExceedance, gammaQuantile, gammaUpperQuantile } from "./gamma.ts";
import { twoSided } from "./normal.ts";

export interface UnitTrend {
  readonly events: number;
  /** Laplace's score: above 0 faults come later in the stretch than evenly, so the unit gets worse. Undefined without events. */
  readonly laplace: number | undefined;
  /** Two-sided probability of such a score at a constant rate. */
  readonly laplaceP: number;
  /** Crow's β by maximum likelihood, n / Σ ln(T / t), with its exact interval; undefined without events. */
  readonly shape: (Interval & { readonly value: number }) | undefined;
  /** Two-sided probability of such a β at a constant rate (2n/β ~ χ² with 2n degrees). */
  readonly shapeP: number;
}

/**
 * Times of the faults since the stretch began, in any unit, and its length in that unit; the stretch ends by the calendar, not at a
 * fault (time-truncated). A fault at the very start is an error: there the power law has no place for it.
 */
export function unitTrend(times: readonly number[], length: number, confidence = CONFIDENCE): UnitTrend {
  required("length", length, Number.MIN_VALUE);
  for (const time of times)
    if (!(time > 0 && time <= length)) throw new RangeError(`a fault at ${time}; expected one after 0 and by ${length}`);
  const events = times.length;
  if (events === 0) return { events, laplace: undefined, laplaceP: 1, shape: undefined, shapeP: 1 };
  const mean = times.reduce((sum, time) => sum + time, 0) / events;
  const laplace = ((mean - length / 2) / length) * Math.sqrt(12 * events);
  const logs = times.reduce((sum, time) => sum + Math.log(length / time), 0);
  const statistic = 2 * logs;
  const above = chiSquareExceedance(statistic, 2 * events);
  const tail = (1 - confidence) / 2;
  // Where every fault falls on the end of the stretch, β has no maximum.
  const shape =
    logs === 0
      ? { value: Infinity, low: 0, high: Infinity }
      : { value: events / logs, low: gammaQuantile(tail, events) / logs, high: gammaUpperQuantile(tail, events) / logs };
  return { events, laplace, laplaceP: twoSided(laplace), shape, shapeP: Math.min(1, 2 * Math.min(above, 1 - above)) };
}
