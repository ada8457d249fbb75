/**
 * Trend of a fleet: Poisson regression of counts with exposure as offset, by iteratively reweighted least squares (McCullagh & Nelder
 * 1989, §2.5), and errors that hold whatever the dispersion and the dependence within a cluster (a lift): the sandwich of Huber (1967)
 * and White (1982), summed by cluster (Liang & Zeger 1986), × G/(G − 1) for G clusters.
 */
import type { Interval } from "./fault-rate.ts";
import { CONFIDENCE } from "./bounds.ts";
import { required } from "./fault-rate.ts";
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

/** The rows with exposure, by columns: a fleet has lifts × months of them, and an object a row and round would take seconds. */
interface Design {
  readonly count: number;
  readonly width: number;
  readonly events: Float64Array;
  readonly exposure: Float64Array;
  /** Row by row, the intercept first. */
  readonly columns: Float64Array;
  /** Number of each row's cluster. */
  readonly cluster: Int32Array;
  readonly clusters: number;
}

/**
 * Coefficients, the intercept first; undefined where they cannot be told: no events, fewer than two clusters, or covariates that
 * repeat one another or separate all events from none. Rows without exposure are left out.
 */
export function poissonRegression(rows: readonly RegressionRow[], confidence = CONFIDENCE): readonly Coefficient[] | undefined {
  const design = designOf(rows.filter(({ exposure }) => required("exposure", exposure) > 0));
  const events = design.events.reduce((sum, count) => sum + count, 0);
  if (events === 0 || design.clusters < 2) return undefined;
  const values = new Float64Array(design.width);
  values[0] = Math.log(events / design.exposure.reduce((sum, lived) => sum + lived, 0));
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { information, score } = derivatives(design, values);
    const inverse = inverted(information);
    if (inverse === undefined) return undefined;
    const step = inverse.map((line) => dot(line, score));
    for (const [index, by] of step.entries()) values[index] = (values[index] ?? 0) + by;
    if (values.some((value) => !Number.isFinite(value))) return undefined;
    if (Math.max(...step.map(Math.abs)) < TOLERANCE) return robust(design, values, inverse, confidence);
  }
  return undefined;
}

function designOf(rows: readonly RegressionRow[]): Design {
  const width = (rows[0]?.covariates.length ?? 0) + 1;
  const columns = new Float64Array(rows.length * width);
  const numbers = new Map<string | number, number>();
  const cluster = new Int32Array(rows.length);
  for (const [index, { cluster: name, covariates }] of rows.entries()) {
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    cluster[index] = number;
    columns[index * width] = 1;
    if (covariates.length !== width - 1) throw new RangeError(`row ${index} has ${covariates.length} covariates; expected ${width - 1}`);
    columns.set(covariates, index * width + 1);
  }
  return {
    count: rows.length,
    width,
    events: Float64Array.from(rows, (row) => required("events", row.events)),
    exposure: Float64Array.from(rows, (row) => row.exposure),
    columns,
    cluster,
    clusters: numbers.size,
  };
}

/** Mean of a row's count at these coefficients. */
function meanOf({ width, exposure, columns }: Design, row: number, values: Float64Array): number {
  let log = 0;
  for (let column = 0; column < width; column++) log += (columns[row * width + column] as number) * (values[column] as number);
  return (exposure[row] as number) * Math.exp(log);
}

function derivatives(design: Design, values: Float64Array): { information: number[][]; score: number[] } {
  const { count, width, events, columns } = design;
  const information = new Float64Array(width * width);
  const score = new Float64Array(width);
  for (let row = 0; row < count; row++) {
    const mean = meanOf(design, row, values);
    const residual = (events[row] as number) - mean;
    for (let i = 0; i < width; i++) {
      const left = columns[row * width + i] as number;
      score[i] = (score[i] as number) + left * residual;
      for (let j = 0; j < width; j++)
        information[i * width + j] = (information[i * width + j] as number) + left * (columns[row * width + j] as number) * mean;
    }
  }
  return { information: Array.from({ length: width }, (_, i) => [...information.subarray(i * width, (i + 1) * width)]), score: [...score] };
}

function robust(design: Design, values: Float64Array, inverse: readonly (readonly number[])[], confidence: number): Coefficient[] {
  const { count, width, events, columns, cluster, clusters } = design;
  const sums = new Float64Array(clusters * width);
  for (let row = 0; row < count; row++) {
    const residual = (events[row] as number) - meanOf(design, row, values);
    const at = (cluster[row] as number) * width;
    for (let column = 0; column < width; column++)
      sums[at + column] = (sums[at + column] as number) + (columns[row * width + column] as number) * residual;
  }
  const reach = normalQuantile((1 + confidence) / 2);
  return Array.from(values, (value, index) => {
    const line = inverse[index] as readonly number[];
    let variance = 0;
    for (let number = 0; number < clusters; number++) variance += dot(line, sums.subarray(number * width, (number + 1) * width)) ** 2;
    const error = Math.sqrt((variance * clusters) / (clusters - 1));
    return { value, error, low: value - reach * error, high: value + reach * error, p: error === 0 ? 1 : twoSided(value / error) };
  });
}

function dot(left: readonly number[], right: ArrayLike<number>): number {
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
