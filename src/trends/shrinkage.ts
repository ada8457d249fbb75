/**
 * Gamma-Poisson shrinkage: what a unit's rate is likely to be, given its own events and how much units differ at all. Marshall (1991),
 * Mapping disease and mortality rates using empirical Bayes estimators, Applied Statistics 40: moments of the rates give the prior
 * Gamma(a, b); the posterior of a unit is Gamma(a + x/φ, b + n/φ), where φ is the dispersion of the counts.
 *
 * In: plain arrays of `{ key, events, exposure }` (see fault-rate.ts). Out: one posterior a unit, in the same order, with the shape and
 * rate of its gamma distribution; `posteriorInterval` gives an interval where one is shown (a quantile costs ten times a probability).
 */
import type { Counted, Interval } from "./fault-rate.ts";
import { CONFIDENCE, lowerBound, upperBound } from "./bounds.ts";
import { required } from "./fault-rate.ts";
import { gammaExceedance } from "./gamma.ts";

/** What is known of a unit's rate before its own events are seen. */
export interface Prior {
  /** Rate of all units together, Σx / Σn; the fleet's rate. 0 without exposure. */
  readonly fleet: number;
  /** Variance of true rates between units; at or below 0 where the counts show no difference. */
  readonly between: number;
  readonly shape: number;
  /** In exposure: how much of it the prior is worth. */
  readonly weight: number;
  /** The units show no difference beyond chance: each has the fleet's rate, with the fleet's uncertainty. */
  readonly alike: boolean;
  readonly dispersion: number;
}

export interface ShrunkRate {
  readonly key: string;
  readonly events: number;
  readonly exposure: number;
  /** Mean of the posterior. */
  readonly rate: number;
  /** The posterior is Gamma(shape, weight) with mean shape / weight. */
  readonly shape: number;
  readonly weight: number;
  /** P(rate > multiple × fleet). */
  readonly exceedance: number;
  /** Enough exposure to be ranked. */
  readonly ranked: boolean;
  /** Ranked, and the exceedance is above the flag's level. */
  readonly flagged: boolean;
}

export interface ShrinkageOptions {
  /** Variance of a unit's counts over their mean, φ (`withinDispersion`); 1 by default, as for episodes. */
  readonly dispersion?: number;
  /** How many times the fleet's rate counts as bad. */
  readonly multiple?: number;
  /** A unit is flagged when P(rate > multiple × fleet) is above this. */
  readonly level?: number;
  /** Units with less exposure are neither ranked nor flagged: 30 lift-months for groups. 0 by default. */
  readonly leastExposure?: number;
}

export const MULTIPLE = 2;
export const LEVEL = 0.9;

/**
 * Marshall's moments: m = Σx/Σn, A = Σn(r−m)²/Σn − φ·m·N/Σn over the N units with exposure, a = m²/A, b = m/A. Where a unit has a
 * `spread` of its own, its share of the correction is φ·spread·m. The difference between units cannot be told from none while A is
 * within the variance of m itself, φ·m/Σn: then the prior is what all the events together tell, Gamma(Σx/φ, Σn/φ), and no unit's own
 * events move it, so that the interval of a single unit, or of units alike, is not a point.
 */
export function fitPrior(units: readonly Counted[], dispersion = 1): Prior {
  required("dispersion", dispersion, Number.MIN_VALUE);
  let [events, exposure, correction, informing, informed] = [0, 0, 0, 0, 0];
  for (const unit of units) {
    required("events", unit.events, 0, unit.key);
    if (required("exposure", unit.exposure, 0, unit.key) === 0) continue;
    const spread = dispersion * (unit.spread ?? 1);
    events += unit.events;
    exposure += unit.exposure;
    correction += spread;
    informing += unit.events / spread;
    informed += unit.exposure / spread;
  }
  if (exposure === 0 || events === 0) return { fleet: 0, between: 0, shape: 0, weight: informed, alike: true, dispersion };
  const fleet = events / exposure;
  let squares = 0;
  for (const unit of units) if (unit.exposure > 0) squares += unit.exposure * (unit.events / unit.exposure - fleet) ** 2;
  const between = (squares - correction * fleet) / exposure;
  const alike = between <= fleet / informed;
  if (alike) return { fleet, between, shape: informing, weight: informed, alike, dispersion };
  return { fleet, between, shape: (fleet * fleet) / between, weight: fleet / between, alike, dispersion };
}

/** The posterior of each unit, in the order given; a unit without exposure has the prior. */
export function shrink(
  units: readonly Counted[],
  options: ShrinkageOptions = {},
  prior: Prior = fitPrior(units, options.dispersion),
): { readonly prior: Prior; readonly rates: readonly ShrunkRate[] } {
  return { prior, rates: units.map(shrinker(prior, options)) };
}

/** The same of one unit after the other. */
export function shrinker(prior: Prior, options: Omit<ShrinkageOptions, "dispersion"> = {}): (unit: Counted) => ShrunkRate {
  const { multiple = MULTIPLE, level = LEVEL, leastExposure = 0 } = options;
  const limit = multiple * prior.fleet;
  const shared = exceeding(prior.shape, prior.weight, limit);
  return (unit) => {
    const { key, events, exposure } = unit;
    const spread = prior.dispersion * (unit.spread ?? 1);
    const own = prior.alike || exposure === 0 ? 0 : 1 / spread;
    const shape = prior.shape + events * own;
    const weight = prior.weight + exposure * own;
    const exceedance = own === 0 ? shared : exceeding(shape, weight, limit);
    const ranked = exposure >= leastExposure && exposure > 0;
    return {
      key,
      events,
      exposure,
      rate: weight === 0 ? 0 : shape / weight,
      shape,
      weight,
      exceedance,
      ranked,
      flagged: ranked && exceedance > level,
    };
  };
}

function exceeding(shape: number, weight: number, limit: number): number {
  return shape === 0 ? 0 : gammaExceedance(limit, shape, weight);
}

/**
 * Equal-tailed interval of a posterior. Where there were no events in the whole fleet it is Garwood's for its exposure; without any
 * exposure it is unbounded.
 */
export function posteriorInterval({ shape, weight }: Pick<ShrunkRate, "shape" | "weight">, confidence = CONFIDENCE): Interval {
  if (weight === 0) return { low: 0, high: Infinity };
  if (shape === 0) return { low: 0, high: upperBound(1, confidence) / weight };
  return { low: lowerBound(shape, confidence) / weight, high: upperBound(shape, confidence) / weight };
}
