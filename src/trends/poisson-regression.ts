/**
 * Trend of a fleet: Poisson regression of counts with exposure as offset, by iteratively reweighted least squares (McCullagh & Nelder
 * 1989, §2.5), and errors that hold whatever the dispersion and the dependence within a cluster (a lift): the sandwich of Huber (1967)
 * and White (1982), summed by cluster (Liang & Zeger 1986), × G/(G − 1) for G clusters.
 */
import type { Interval } from "./fault-rate.ts";
import { CONFIDENCE, required } from "./fault-rate.ts";
import { normalQuantile, twoSided } from "./normal.ts";

/** One count. `covariates` has the same length in every row; the intercept is added here. */
export interface RegressionRow {
  readonly cluster: string | number;
  readonly events: number;
  readonly exposure: number;
  readonly covariates: readonly number[];
}

export interface Coefficient extends Interval {
  /** Of the logarithm of the rate, for one unit of the covariate; the interval too. exp() of them is a ratio of rates. */
  readonly value: number;
  readonly error: number;
  readonly p: number;
}

const MOST_ROUNDS = 50;
const TOLERANCE = 1e-12;
/** Pivots this small against their column mean covariates that repeat one another. */
const SINGULAR = 1e-12;

/**
 * Coefficients, the intercept first; undefined where they cannot be told: no events, fewer than two clusters, or covariates that
 * repeat one another or separate all events from none. Rows without exposure are left out.
 */
export function poissonRegression(rows: readonly RegressionRow[], confidence = CONFIDENCE): readonly Coefficient[] | undefined {
  const used = rows.filter(({ exposure }) => required("exposure", exposure) > 0);
  const width = (used[0]?.covariates.length ?? 0) + 1;
  const events = used.reduce((sum, row) => sum + required("events", row.events), 0);
  const clusters = new Map<string | number, number[]>();
  for (const { cluster } of used)
    clusters.set(
      cluster,
      Array.from({ length: width }, () => 0),
    );
  if (events === 0 || clusters.size < 2) return undefined;
  const values = Array.from({ length: width }, () => 0);
  values[0] = Math.log(events / used.reduce((sum, row) => sum + row.exposure, 0));
  let inverse: readonly (readonly number[])[] | undefined;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { information, score } = derivatives(used, values, width);
    inverse = inverted(information);
    if (inverse === undefined) return undefined;
    const step = inverse.map((line) => dot(line, score));
    for (const [index, by] of step.entries()) values[index] = (values[index] ?? 0) + by;
    if (values.some((value) => !Number.isFinite(value))) return undefined;
    if (Math.max(...step.map(Math.abs)) < TOLERANCE) return robust(used, values, inverse, clusters, confidence);
  }
  return undefined;
}

/** Columns of a row, the intercept first, and its residual and mean at these coefficients. */
function at(
  { covariates, events, exposure }: RegressionRow,
  values: readonly number[],
): { columns: number[]; mean: number; residual: number } {
  const columns = [1, ...covariates];
  const mean = exposure * Math.exp(dot(columns, values));
  return { columns, mean, residual: events - mean };
}

function derivatives(
  rows: readonly RegressionRow[],
  values: readonly number[],
  width: number,
): { information: number[][]; score: number[] } {
  const information = Array.from({ length: width }, () => Array.from({ length: width }, () => 0));
  const score = Array.from({ length: width }, () => 0);
  for (const row of rows) {
    const { columns, mean, residual } = at(row, values);
    for (const [i, left] of columns.entries()) {
      score[i] = (score[i] ?? 0) + left * residual;
      const line = information[i] as number[];
      for (const [j, right] of columns.entries()) line[j] = (line[j] ?? 0) + left * right * mean;
    }
  }
  return { information, score };
}

function robust(
  rows: readonly RegressionRow[],
  values: readonly number[],
  inverse: readonly (readonly number[])[],
  clusters: Map<string | number, number[]>,
  confidence: number,
): Coefficient[] {
  for (const row of rows) {
    const { columns, residual } = at(row, values);
    const sums = clusters.get(row.cluster) as number[];
    for (const [index, column] of columns.entries()) sums[index] = (sums[index] ?? 0) + column * residual;
  }
  const reach = normalQuantile((1 + confidence) / 2);
  const widening = clusters.size / (clusters.size - 1);
  return values.map((value, index) => {
    const line = inverse[index] as readonly number[];
    let variance = 0;
    for (const sums of clusters.values()) variance += dot(line, sums) ** 2;
    const error = Math.sqrt(variance * widening);
    return { value, error, low: value - reach * error, high: value + reach * error, p: error === 0 ? 1 : twoSided(value / error) };
  });
}

function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
}

/** Inverse of a small symmetric positive matrix by Gauss and Jordan; undefined where it has none. */
function inverted(matrix: readonly (readonly number[])[]): number[][] | undefined {
  const size = matrix.length;
  const work = matrix.map((line, row) => [...line, ...Array.from({ length: size }, (_, column) => (column === row ? 1 : 0))]);
  for (let pivot = 0; pivot < size; pivot++) {
    const line = work[pivot] as number[];
    const divisor = line[pivot] ?? 0;
    if (!(divisor > SINGULAR * (matrix[pivot]?.[pivot] ?? 0))) return undefined;
    for (let column = 0; column < 2 * size; column++) line[column] = (line[column] ?? 0) / divisor;
    for (const [row, other] of work.entries()) {
      const factor = other[pivot] ?? 0;
      if (row === pivot || factor === 0) continue;
      for (let column = 0; column < 2 * size; column++) other[column] = (other[column] ?? 0) - factor * (line[column] ?? 0);
    }
  }
  return work.map((line) => line.slice(size));
}
