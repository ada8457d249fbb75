/**
 * Life of parts: Weibull by maximum likelihood, right-censored (still running) and left-truncated (already of an age when the records
 * begin; those that failed before were never seen). Cox & Oakes (1984), Analysis of Survival Data, §3.2 and §11.3. To leave the truncation
 * out makes wear look steeper than it is: shape 3.0 for a true 2.2.
 */
import type { Interval } from "./fault-rate.ts";
import { CONFIDENCE } from "./bounds.ts";
import { normalQuantile } from "./normal.ts";

export interface PartLife {
  /** Age at which it came under observation; 0 for a part seen from new. */
  readonly entry: number;
  /** Age at failure, or at which it was last seen working; after `entry`. */
  readonly exit: number;
  readonly failed: boolean;
}

export interface WeibullFit {
  /** k: below 1 early failures, 1 chance, above 1 wear. */
  readonly shape: Interval & { readonly value: number };
  /** η, the age by which 63 of 100 have failed. */
  readonly scale: Interval & { readonly value: number };
  /** Age by which 10 of 100 have failed. */
  readonly b10: number;
  readonly logLikelihood: number;
}

/** ln k is looked for within these: steeper or flatter means that the records do not tell. */
const LEAST_LOG = Math.log(0.02);
const MOST_LOG = Math.log(200);
const ROUNDS = 200;
const TOLERANCE = 1e-13;

/**
 * Shape and scale with Wald intervals on the log scale (observed information). Undefined where the records do not tell: fewer than two
 * different ages at failure, or a likelihood that only grows toward an end of the range searched.
 */
export function fitWeibull(parts: readonly PartLife[], confidence = CONFIDENCE): WeibullFit | undefined {
  for (const { entry, exit } of parts)
    if (!(entry >= 0 && exit > entry && exit < Infinity))
      throw new RangeError(`a part from ${entry} to ${exit}; expected 0 ≤ entry < exit`);
  const failures = parts.filter(({ failed }) => failed);
  if (new Set(failures.map(({ exit }) => exit)).size < 2) return undefined;
  // Ages over the greatest: powers stay within a double whatever the unit.
  const unit = parts.reduce((greatest, { exit }) => Math.max(greatest, exit), 0);
  const count = failures.length;
  const logs = failures.reduce((sum, { exit }) => sum + Math.log(exit / unit), 0);
  const score = (logShape: number) => {
    const { power, first } = powers(parts, Math.exp(logShape), unit);
    return count + Math.exp(logShape) * (logs - (count * first) / power);
  };
  let [low, high] = [LEAST_LOG, MOST_LOG];
  if (!(score(low) > 0 && score(high) < 0)) return undefined;
  for (let round = 0; round < ROUNDS && high - low > TOLERANCE; round++) {
    const middle = (low + high) / 2;
    if (score(middle) > 0) low = middle;
    else high = middle;
  }
  const shape = Math.exp((low + high) / 2);
  const { power, first, second } = powers(parts, shape, unit);
  const logScale = Math.log(power / count) / shape;
  // Observed information in (ln k, ln η) at the maximum, where Σ of the hazards is the number of failures.
  const per = count / power;
  const crossed = shape * shape * (per * first - count * logScale);
  const own = -shape * (logs - count * logScale) + shape * (per * first - count * logScale);
  const curved = shape * shape * (per * second - 2 * logScale * per * first + count * logScale * logScale);
  const [aa, ab, bb] = [own + curved, -crossed, count * shape * shape];
  const determinant = aa * bb - ab * ab;
  const reach = normalQuantile((1 + confidence) / 2);
  const bounds = (value: number, variance: number) => {
    const factor = Math.exp(reach * Math.sqrt(variance));
    return { value, low: value / factor, high: value * factor };
  };
  const scale = Math.exp(logScale) * unit;
  return {
    shape: bounds(shape, bb / determinant),
    scale: bounds(scale, aa / determinant),
    b10: scale * (-Math.log(0.9)) ** (1 / shape),
    logLikelihood: count * (Math.log(shape) - shape * logScale - Math.log(unit)) + (shape - 1) * logs - count,
  };
}

/** Σ tᵏ − eᵏ and its first two derivatives by k, ages over `unit`. */
function powers(parts: readonly PartLife[], shape: number, unit: number): { power: number; first: number; second: number } {
  let [power, first, second] = [0, 0, 0];
  for (const { entry, exit } of parts) {
    for (const [age, sign] of [
      [exit, 1],
      [entry, -1],
    ] as const) {
      if (age === 0) continue;
      const log = Math.log(age / unit);
      const value = sign * Math.exp(shape * log);
      power += value;
      first += value * log;
      second += value * log * log;
    }
  }
  return { power, first, second };
}
