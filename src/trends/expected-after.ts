/**
 * What a unit would have had after its repair, had the repair changed nothing: the empirical Bayes before-and-after study (Hauer 1997, Observational
 * Before-After Studies in Road Safety, ch. 11). Work is ordered after bad weeks, and after bad weeks come better ones whatever is done (regression to
 * the mean), so the time after is held not against the time before but against the unit's shrunk rate: the posterior Gamma(a + x, b + n) of x events
 * in exposure n with the fleet's prior Gamma(a, b). How the order came about does not matter as long as it depends on what is in x and n.
 *
 * Events after are then negative binomial with that shape, which is the conditional test of before-after.ts with `shape` events in `weight` exposure
 * before: its `better` is that tail, its `worse` a little on the safe side. Sums over units are given the shape that has their mean and variance.
 */
import { compareRates, rateTails, type Counts, type RateRatio, type RateTails } from "./before-after.ts";
import type { Prior } from "./shrinkage.ts";

/** Mean and variance (of the mean alone, without chance) of what is expected; both add up over units. */
export interface Expected {
  readonly mean: number;
  readonly variance: number;
}

/** Of a unit with such a record before, over an exposure after. Where the fleet shows no difference between units it is the fleet's rate. */
export function expectedAfter(prior: Prior, before: Counts, exposure: number): Expected {
  const own = prior.alike ? 0 : 1 / prior.dispersion;
  const shape = prior.shape + before.events * own;
  const weight = prior.weight + before.exposure * own;
  return weight === 0 ? { mean: 0, variance: 0 } : { mean: (exposure * shape) / weight, variance: (shape * exposure ** 2) / weight ** 2 };
}

/** The time before whose conditional test is that of the expectation, for one unit of exposure after. */
function before({ mean, variance }: Expected): Counts {
  return { events: mean ** 2 / variance, exposure: mean / variance };
}

/** How surprising so many events are. Nothing is where nothing was expected. */
export function tailsAgainst(expected: Expected, events: number): RateTails {
  if (expected.mean === 0) return { worse: 1, better: 1, p: 1 };
  return rateTails(before(expected), { events, exposure: 1 });
}

/** The same with the ratio of events to expected ones, and its interval. */
export function compareToExpected(expected: Expected, events: number): RateRatio {
  if (expected.mean === 0) return compareRates({ events: 0, exposure: 0 }, { events: 0, exposure: 0 });
  return compareRates(before(expected), { events, exposure: 1 });
}
