/**
 * The gamma distribution, and what follows from it: Poisson counts and χ². simple-statistics has none of them; decision 0010 says
 * what the packages that have them measured. Accuracy against scipy: relative error below 1e-11 in the distribution functions and
 * the quantiles, for shapes from 0.01 to 10⁶ (test/golden/trends.test.ts).
 *
 * References: Loader (2000), Fast and accurate computation of binomial probabilities (densities by their deviance, which does not
 * cancel at large shapes); Abramowitz & Stegun (1964) 6.5.29 (series) and 6.5.31 (continued fraction, by Lentz's method as in Press et
 * al., Numerical Recipes, §5.2 and §6.2); Wilson & Hilferty (1931), where the search for a quantile starts.
 */

const HALF_LOG_TWO_PI = 0.918_938_533_204_672_7;
/** Coefficients of Lanczos's series for ln Γ with g = 607/128 (Godfrey 2001); good to about 1e-15. */
const LANCZOS = [
  0.999_999_999_999_997_1, 57.156_235_665_862_92, -59.597_960_355_475_49, 14.136_097_974_741_746, -0.491_913_816_097_620_2,
  0.339_946_499_848_118_9e-4, 0.465_236_289_270_485_8e-4, -0.983_744_753_048_795_6e-4, 0.158_088_703_224_912_5e-3,
  -0.210_264_441_724_104_9e-3, 0.217_439_618_115_212_6e-3, -0.164_318_106_536_763_9e-3, 0.844_182_239_838_527_4e-4,
  -0.261_908_384_015_814_1e-4, 0.368_991_826_595_316_3e-5,
] as const;
const LANCZOS_G = 607 / 128;
/** Above this the first five terms of Stirling's series leave an error below 1e-15. */
const STIRLING_FROM = 16;
const EPSILON = 1e-16;
/** Least divisor of a continued fraction. */
const TINY = 1e-300;
/** Terms that a shape of 10⁸ wants; more means a mistake in the arguments, and ends. */
const MOST_TERMS = 1_000_000;
const MOST_STEPS = 80;
/** Newton squares the error at each step: after one this small, relative to x, the next is below the last digit. */
const STEP_TOLERANCE = 1e-7;

/** ln Γ(x) for x > 0. */
export function logGamma(x: number): number {
  if (x < 0.5) return logGamma(x + 1) - Math.log(x);
  const from = x - 1;
  let sum = LANCZOS[0] as number;
  for (let index = 1; index < LANCZOS.length; index++) sum += (LANCZOS[index] as number) / (from + index);
  const shifted = from + LANCZOS_G + 0.5;
  return (from + 0.5) * Math.log(shifted) - shifted + HALF_LOG_TWO_PI + Math.log(sum);
}

/** What Stirling's formula for ln Γ(x + 1) leaves out. */
export function stirlingError(x: number): number {
  if (x < STIRLING_FROM) return logGamma(x + 1) - (x + 0.5) * Math.log(x) + x - HALF_LOG_TWO_PI;
  const square = x * x;
  return (1 / 12 - (1 / 360 - (1 / 1_260 - (1 / 1_680 - 1 / 1_188 / square) / square) / square) / square) / x;
}

/** x ln(x / m) + m − x without cancellation where x is near m (Loader's bd0). */
export function deviancePart(x: number, mean: number): number {
  const difference = x - mean;
  if (Math.abs(difference) >= 0.1 * (x + mean)) return x * Math.log(x / mean) - difference;
  const ratio = difference / (x + mean);
  let sum = difference * ratio;
  let term = 2 * x * ratio;
  for (let odd = 3; odd < 1_000; odd += 2) {
    term *= ratio * ratio;
    const next = sum + term / odd;
    if (next === sum) return sum;
    sum = next;
  }
  return sum;
}

/** xᵃ e⁻ˣ / Γ(a + 1) for a, x > 0: the Poisson probability of a at mean x, also between whole numbers. */
function poissonDensity(shape: number, x: number): number {
  if (shape < 1) return Math.exp(shape * Math.log(x) - x - logGamma(shape + 1));
  return Math.exp(-stirlingError(shape) - deviancePart(shape, x)) / Math.sqrt(2 * Math.PI * shape);
}

/** P(a, x) / density, A&S 6.5.29. */
function lowerSeries(shape: number, x: number): number {
  let sum = 1;
  let term = 1;
  for (let index = 1; index < MOST_TERMS; index++) {
    term *= x / (shape + index);
    sum += term;
    if (term < sum * EPSILON) break;
  }
  return sum;
}

/** Q(a, x) / (a · density), A&S 6.5.31. */
function upperFraction(shape: number, x: number): number {
  let b = x + 1 - shape;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let index = 1; index < MOST_TERMS; index++) {
    const a = -index * (index - shape);
    b += 2;
    d = a * d + b;
    if (Math.abs(d) < TINY) d = TINY;
    c = b + a / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    const factor = d * c;
    fraction *= factor;
    if (Math.abs(factor - 1) < EPSILON * 4) break;
  }
  return fraction;
}

/** P(X ≤ x) of a gamma variable with this shape and rate (mean shape / rate). */
export function gammaCdf(x: number, shape: number, rate = 1): number {
  const scaled = x * rate;
  if (!(scaled > 0)) return 0;
  if (scaled === Infinity) return 1;
  const density = poissonDensity(shape, scaled);
  return scaled < shape + 1 ? density * lowerSeries(shape, scaled) : 1 - shape * density * upperFraction(shape, scaled);
}

/** P(X > x): exact also where it is small. */
export function gammaExceedance(x: number, shape: number, rate = 1): number {
  const scaled = x * rate;
  if (!(scaled > 0)) return 1;
  if (scaled === Infinity) return 0;
  const density = poissonDensity(shape, scaled);
  return scaled < shape + 1 ? 1 - density * lowerSeries(shape, scaled) : shape * density * upperFraction(shape, scaled);
}

/** Where to begin: Wilson & Hilferty for shapes above 1, else the leading term of the series or the tail of an exponential. */
function startOfSearch(lower: number, upper: number, shape: number): number {
  if (shape > 1) {
    const tail = Math.sqrt(-2 * Math.log(Math.min(lower, upper)));
    const deviate = tail - (2.307_53 + tail * 0.270_61) / (1 + tail * (0.992_29 + tail * 0.044_81));
    const cube = 1 - 1 / (9 * shape) + ((lower < 0.5 ? -deviate : deviate) / 3) * Math.sqrt(1 / shape);
    return Math.max(1e-3, shape * cube ** 3);
  }
  const turn = 1 - shape * (0.253 + shape * 0.12);
  return lower < turn ? Math.exp(Math.log(lower / turn) / shape) : 1 - Math.log(upper / (1 - turn));
}

/** The x with P(X ≤ x) = lower, where upper = 1 − lower is given too, so that neither tail loses digits. */
function quantileOf(lower: number, upper: number, shape: number): number {
  let x = startOfSearch(lower, upper, shape);
  let [least, most] = [0, Infinity];
  // Newton's method on the logarithm of the smaller tail against ln x: nearly a straight line where a step in x would overshoot.
  for (let step = 0; step < MOST_STEPS && x > 0; step++) {
    const density = poissonDensity(shape, x);
    const below = x < shape + 1;
    const part = below ? density * lowerSeries(shape, x) : shape * density * upperFraction(shape, x);
    const [lowerHere, upperHere] = below ? [part, 1 - part] : [1 - part, part];
    const excess = lower < 0.5 ? Math.log(lowerHere / lower) : Math.log(upper / upperHere);
    if (excess > 0) most = x;
    else least = x;
    const slope = (shape * density) / (lower < 0.5 ? lowerHere : upperHere);
    let next = x * Math.exp(-excess / slope);
    if (Math.abs(next - x) <= STEP_TOLERANCE * x) return next;
    if (!(next > least && next < most)) next = most === Infinity ? x * 2 : (least + most) / 2;
    x = next;
  }
  return x;
}

/** The x below which a gamma variable with this shape and rate falls with probability p; 0 at p = 0, Infinity at p = 1. */
export function gammaQuantile(p: number, shape: number, rate = 1): number {
  if (p <= 0) return 0;
  if (p >= 1) return Infinity;
  return quantileOf(p, 1 - p, shape) / rate;
}

/** The x above which a gamma variable falls with probability `tail`, exact also for the smallest tails. */
export function gammaUpperQuantile(tail: number, shape: number, rate = 1): number {
  if (tail <= 0) return Infinity;
  if (tail >= 1) return 0;
  return quantileOf(1 - tail, tail, shape) / rate;
}

/** The p quantile of χ² with these degrees of freedom. */
export function chiSquareQuantile(p: number, degrees: number): number {
  return gammaQuantile(p, degrees / 2, 0.5);
}

/** P(χ² > x) with these degrees of freedom. */
export function chiSquareExceedance(x: number, degrees: number): number {
  return gammaExceedance(x, degrees / 2, 0.5);
}
