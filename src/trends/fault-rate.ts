/**
 * Rates of counted events. Shapes used all over this folder: a unit (lift, building, firm …) is `{ key, events, exposure }`, where
 * `events` is a count (episodes, entrapments …; fractional after discounting) and `exposure` what it was counted over, in any one
 * unit: lift-months in service, or thousands of trips, or expected events. A rate is events per that unit. Everything is pure.
 */
import { CONFIDENCE, lowerBound, upperBound } from "./bounds.ts";

/** What was counted of one unit. */
export interface Counted {
  readonly key: string;
  readonly events: number;
  readonly exposure: number;
  /** Variance of `events` over their mean, on top of the dispersion that all units share: below 1 after discounting. 1 when absent. */
  readonly spread?: number;
}

/** Bounds of an interval; `high` is Infinity where nothing bounds it. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A rate with its interval; undefined where there was no exposure. */
export interface Rate extends Interval {
  readonly rate: number | undefined;
}

/** RangeError unless the value is a finite number of at least `least`; `of` says whose it is. */
export function required(name: string, value: number, least = 0, of?: string | number): number {
  if (value >= least && value < Infinity) return value;
  const whose = of === undefined ? "" : ` of ${of}`;
  throw new RangeError(`${name}${whose} is ${value}; expected a finite number of at least ${least}`);
}

/**
 * Exact Poisson interval of a rate: χ²(α/2, 2x)/2n to χ²(1−α/2, 2x+2)/2n (Garwood 1936, Fiducial limits for the Poisson
 * distribution, Biometrika 28). 0 events in 8 lift-months: 0 to 0.461 at 95 %. Without exposure the rate is undefined and unbounded.
 */
export function garwood(events: number, exposure: number, confidence = CONFIDENCE): Rate {
  required("events", events);
  if (required("exposure", exposure) === 0) return { rate: undefined, low: 0, high: Infinity };
  return {
    rate: events / exposure,
    low: events === 0 ? 0 : lowerBound(events, confidence) / exposure,
    high: upperBound(events + 1, confidence) / exposure,
  };
}

/**
 * Monthly entrapment rate 月困人率, per cent: entrapments in passenger lifts in the month over the passenger lifts in use at its end,
 * with Garwood's interval.
 */
export function monthlyEntrapmentRate(entrapments: number, passengerLiftsInUse: number, confidence = CONFIDENCE): Rate {
  return garwood(entrapments, passengerLiftsInUse / 100, confidence);
}
