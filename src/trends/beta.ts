/**
 * The beta distribution, for shares (Clopper & Pearson 1934). Continued fraction of Press et al., Numerical Recipes, §6.4, with
 * Loader's (2000) density, so that large counts lose no digits.
 */
import { deviancePart, stirlingError } from "./gamma.ts";

const EPSILON = 4e-16;
const TINY = 1e-300;
const MOST_TERMS = 1_000_000;
const MOST_STEPS = 200;
/** Newton squares the error at each step: after one this small in the logit, the next is below the last digit. */
const STEP_TOLERANCE = 1e-8;
/** A share this near 0 or 1, as ln(x / (1 − x)), is 0 or 1 in a double. */
const FARTHEST_LOGIT = 700;

/** xᵃ (1 − x)ᵇ Γ(a + b) / (Γ(a) Γ(b)). */
function front(x: number, rest: number, a: number, b: number): number {
  const n = a + b;
  const log = stirlingError(n) - stirlingError(a) - stirlingError(b) - deviancePart(a, n * x) - deviancePart(b, n * rest);
  return Math.exp(log) * Math.sqrt((a * b) / (2 * Math.PI * n));
}

function guard(divisor: number): number {
  return Math.abs(divisor) < TINY ? TINY : divisor;
}

function fraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1));
  let product = d;
  for (let index = 1; index < MOST_TERMS; index++) {
    const twice = 2 * index;
    const even = (index * (b - index) * x) / ((a - 1 + twice) * (a + twice));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    product *= d * c;
    const odd = (-(a + index) * (a + b + index) * x) / ((a + twice) * (a + 1 + twice));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    const factor = d * c;
    product *= factor;
    if (Math.abs(factor - 1) < EPSILON) break;
  }
  return product;
}

/** Both tails at x: the one computed directly is exact however small. */
function tails(x: number, rest: number, a: number, b: number): { readonly lower: number; readonly upper: number } {
  const scale = front(x, rest, a, b);
  if (x < (a + 1) / (a + b + 2)) {
    const lower = (scale * fraction(x, a, b)) / a;
    return { lower, upper: 1 - lower };
  }
  const upper = (scale * fraction(rest, b, a)) / b;
  return { lower: 1 - upper, upper };
}

/**
 * P(X ≥ a) and P(X ≤ a) of a binomial X of a + b trials with chance x, for a, b > 0, also between whole numbers: I_x(a, b + 1) and I_{1−x}(b, a + 1),
 * which overlap in P(X = a). The lesser is computed directly, however small. `rest` is 1 − x, with its own digits.
 */
export function binomialTails(x: number, rest: number, a: number, b: number): { readonly atLeast: number; readonly atMost: number } {
  const equal = (front(x, rest, a, b) * (a + b)) / (a * b);
  if (x * (a + b + 3) < a + 1) {
    const atLeast = equal * rest * fraction(x, a, b + 1);
    return { atLeast, atMost: Math.min(1, 1 - atLeast + equal) };
  }
  const atMost = equal * x * fraction(rest, b, a + 1);
  return { atLeast: Math.min(1, 1 - atMost + equal), atMost };
}

/** P(X ≤ x) of a beta variable with shapes a, b > 0. */
export function betaCdf(x: number, a: number, b: number): number {
  if (!(x > 0)) return 0;
  return x >= 1 ? 1 : tails(x, 1 - x, a, b).lower;
}

/** The x in [0, 1] below which a beta variable falls with probability p. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  let [least, most] = [-FARTHEST_LOGIT, FARTHEST_LOGIT];
  let logit = Math.log(a / b);
  // Newton's method on the logarithm of the smaller tail against the logit, kept between bounds that close in.
  for (let step = 0; step < MOST_STEPS; step++) {
    const [x, rest] = [1 / (1 + Math.exp(-logit)), 1 / (1 + Math.exp(logit))];
    const { lower, upper } = tails(x, rest, a, b);
    const excess = p < 0.5 ? Math.log(lower / p) : Math.log((1 - p) / upper);
    if (excess > 0) most = logit;
    else least = logit;
    const slope = front(x, rest, a, b) / (p < 0.5 ? lower : upper);
    let next = logit - excess / slope;
    if (Math.abs(next - logit) <= STEP_TOLERANCE) return 1 / (1 + Math.exp(-next));
    if (!(next > least && next < most)) next = (least + most) / 2;
    logit = next;
  }
  return 1 / (1 + Math.exp(-logit));
}
