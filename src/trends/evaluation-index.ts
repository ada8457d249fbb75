/**
 * The evaluation index of a lift, building, maker or firm on its fault rate and its service life, 0 to 100. Formula, grades and reasons:
 * docs/index.md (docs/index.zh-CN.md).
 *
 *   burden = w · (fault rate / reference rate) + (1 − w) · mean((age / T)²)
 *   index  = 100 · 2^−burden
 *
 * so that a burden of 1 halves it: a lift of T years with the reference rate has 50. It is a weighted geometric mean of a fault score,
 * 100 · 2^−ratio, and a service-life score, 100 · 2^−(age/T)²; a geometric one, so that youth does not buy off faults (OECD & JRC 2008, Handbook on
 * constructing composite indicators, §6). The fault rate is a posterior, hence the interval and the probability of each grade.
 */
import { sampleCorrelation } from "simple-statistics";
import { ascending } from "./ascending.ts";
import type { Interval } from "./fault-rate.ts";
import { CONFIDENCE } from "./bounds.ts";
import { required } from "./fault-rate.ts";
import { gammaCdf } from "./gamma.ts";
import type { ShrunkRate } from "./shrinkage.ts";
import { posteriorInterval } from "./shrinkage.ts";

/** Share of the burden's weight that faults have, w. Judgement: faults are what people suffer, age what they may come to suffer. */
export const FAULT_WEIGHT = 0.7;
/** Age at which a lift counts as at the end of its design life, T, years (assumption: lifts of 15 years and more are commonly called old). */
export const SERVICE_LIFE_YEARS = 15;
/** Least index of each grade, best first. */
export const GRADES = [
  { grade: "A", least: 70 },
  { grade: "B", least: 50 },
  { grade: "C", least: 30 },
  { grade: "D", least: 0 },
] as const;
/** A grade is sure when it has at least this probability. */
export const SURE = 0.8;

export type Grade = (typeof GRADES)[number]["grade"];

/** A unit to be assessed: the posterior of its fault rate (`shrink`; observed / expected for firms and makers) and its lifts' ages. */
export interface Assessed {
  readonly rate: Pick<ShrunkRate, "key" | "rate" | "shape" | "weight" | "ranked">;
  /** Years since first use of each of its lifts, one for a lift; undefined where the register does not say. */
  readonly ages: readonly (number | undefined)[];
}

export interface IndexWeights {
  readonly faultWeight?: number;
  readonly serviceLifeYears?: number;
}

export interface Evaluation extends Interval {
  readonly key: string;
  readonly index: number;
  readonly grade: Grade;
  /** Probability of each grade, best first; they add up to 1. */
  readonly chances: readonly { readonly grade: Grade; readonly probability: number }[];
  /** The grade is at least 80 % probable; else show it with its neighbours. */
  readonly sure: boolean;
  readonly ranked: boolean;
  readonly faults: {
    /** Fault rate over the reference rate. */
    readonly ratio: number;
    /** 100 · 2^−ratio. */
    readonly score: number;
    /** Of the points below 100, those that faults cost: in proportion to the burden. */
    readonly lost: number;
  };
  readonly serviceLife: {
    /** Mean age of the lifts whose age is known, years. */
    readonly years: number;
    readonly score: number;
    readonly lost: number;
    /** Lifts whose age is known, of all. */
    readonly known: number;
    readonly of: number;
  };
}

/**
 * Index of one unit. `referenceRate` is in the unit of the posterior: the fleet's rate of the first year for lifts, so that a city that
 * betters itself sees its indices rise; 1 for observed / expected. Undefined where no age is known: an index on faults alone would not be
 * comparable.
 */
export function evaluate(
  unit: Assessed,
  referenceRate: number,
  weights: IndexWeights = {},
  confidence = CONFIDENCE,
): Evaluation | undefined {
  const { faultWeight, serviceLifeYears } = checked(weights);
  required("reference rate", referenceRate, Number.MIN_VALUE);
  const { key, rate, shape, weight, ranked } = unit.rate;
  let [known, sum, squares] = [0, 0, 0];
  for (const age of unit.ages) {
    if (age === undefined) continue;
    known += 1;
    sum += age;
    squares += (required("age", age, 0, key) / serviceLifeYears) ** 2;
  }
  if (known === 0) return undefined;
  const worn = squares / known;
  const ageBurden = (1 - faultWeight) * worn;
  const ratio = rate / referenceRate;
  const faultBurden = faultWeight * ratio;
  const burden = faultBurden + ageBurden;
  const index = scoreOf(burden);
  const bounds = posteriorInterval({ shape, weight }, confidence);
  const share = burden === 0 ? 0 : faultBurden / burden;
  const chances = chancesOf({ shape, weight }, referenceRate, faultWeight, ageBurden);
  const grade = GRADES.find(({ least }) => index >= least)?.grade ?? "D";
  return {
    key,
    index,
    low: scoreOf((faultWeight * bounds.high) / referenceRate + ageBurden),
    high: scoreOf((faultWeight * bounds.low) / referenceRate + ageBurden),
    grade,
    chances,
    sure: chances.some((chance) => chance.grade === grade && chance.probability >= SURE),
    ranked,
    faults: { ratio, score: scoreOf(ratio), lost: (100 - index) * share },
    serviceLife: { years: sum / known, score: scoreOf(worn), lost: (100 - index) * (1 - share), known, of: unit.ages.length },
  };
}

function scoreOf(burden: number): number {
  return 100 * 2 ** -burden;
}

function checked({ faultWeight = FAULT_WEIGHT, serviceLifeYears = SERVICE_LIFE_YEARS }: IndexWeights): Required<IndexWeights> {
  if (!(faultWeight >= 0 && faultWeight <= 1)) throw new RangeError(`faultWeight is ${faultWeight}; expected 0 to 1`);
  required("serviceLifeYears", serviceLifeYears, Number.MIN_VALUE);
  return { faultWeight, serviceLifeYears };
}

/** Of each grade, from the posterior: an index of at least g is a rate of at most (−log₂(g/100) − age's burden) / w references. */
function chancesOf(
  { shape, weight }: Pick<ShrunkRate, "shape" | "weight">,
  referenceRate: number,
  faultWeight: number,
  ageBurden: number,
): Evaluation["chances"] {
  let before = 0;
  return GRADES.map(({ grade, least }) => {
    const room = least === 0 ? Infinity : -Math.log2(least / 100) - ageBurden;
    const most = faultWeight === 0 ? (room >= 0 ? Infinity : -1) : (room / faultWeight) * referenceRate;
    const reached = most === Infinity ? 1 : shape === 0 ? Number(most >= 0) : gammaCdf(most, shape, weight);
    const probability = Math.max(0, reached - before);
    before = Math.max(before, reached);
    return { grade, probability };
  });
}

export interface Scenario {
  readonly weights: Required<IndexWeights>;
  /** Spearman's correlation of its ranking with the published one, ties averaged; undefined where all are alike. */
  readonly correlation: number | undefined;
  /** Of the worst tenth by the published weights, the share that is in the worst tenth here too. */
  readonly worstKept: number;
}

export interface Sensitivity {
  readonly scenarios: readonly Scenario[];
  /** Rank by the published weights, 1 the worst unit, and the best (greatest) and worst (least) it has in any scenario. */
  readonly ranks: readonly { readonly key: string; readonly rank: number; readonly best: number; readonly worst: number }[];
}

/** What is tried in place of the published weights: faults from half to all of the weight, and a service life of 12 or 20 years. */
export const SCENARIOS: readonly IndexWeights[] = [
  ...[0.5, 0.6, 0.8, 0.9, 1].map((faultWeight) => ({ faultWeight })),
  ...[12, 20].map((serviceLifeYears) => ({ serviceLifeYears })),
];

/** How much the ranking owes to the weights (OECD & JRC 2008, §7): ranked units with a known age only, worst first. */
export function sensitivity(units: readonly Assessed[], referenceRate: number, scenarios = SCENARIOS): Sensitivity {
  const ranked = units.filter(({ rate, ages }) => rate.ranked && ages.some((age) => age !== undefined));
  // The index falls with its burden, and the burden is all that a ranking needs.
  const [ratios, squares] = [new Float64Array(ranked.length), new Float64Array(ranked.length)];
  for (const [index, { rate, ages }] of ranked.entries()) {
    let [sum, known] = [0, 0];
    for (const age of ages) {
      if (age === undefined) continue;
      sum += age * age;
      known += 1;
    }
    ratios[index] = rate.rate / referenceRate;
    squares[index] = sum / known;
  }
  const ranksBy = (weights: IndexWeights) => {
    const { faultWeight, serviceLifeYears } = checked(weights);
    return ranksOf(
      ratios.map((ratio, index) => -(faultWeight * ratio + ((1 - faultWeight) * (squares[index] as number)) / serviceLifeYears ** 2)),
    );
  };
  const published = ranksBy({});
  const tenth = Math.max(1, Math.floor(ranked.length / 10));
  const [best, worst] = [published.slice(), published.slice()];
  const tried = scenarios.map((weights): Scenario => {
    const ranks = ranksBy(weights);
    let [kept, of] = [0, 0];
    for (let index = 0; index < ranks.length; index++) {
      const rank = ranks[index] as number;
      best[index] = Math.max(best[index] as number, rank);
      worst[index] = Math.min(worst[index] as number, rank);
      if ((published[index] as number) > tenth) continue;
      of++;
      if (rank <= tenth) kept++;
    }
    const varied = differ(published) && differ(ranks);
    return {
      weights: checked(weights),
      correlation: varied ? sampleCorrelation(Array.from(published), Array.from(ranks)) : undefined,
      worstKept: of === 0 ? 1 : kept / of,
    };
  });
  const ranks = ranked.map(({ rate }, index) => ({ key: rate.key, rank: published[index]!, best: best[index]!, worst: worst[index]! }));
  return { scenarios: tried, ranks };
}

function differ(values: Float64Array): boolean {
  return values.some((value) => value !== values[0]);
}

/** Rank of each value, 1 the least; equal ones share the mean of their ranks. */
function ranksOf(values: Float64Array): Float64Array {
  const order = ascending(values);
  const ranks = new Float64Array(values.length);
  for (let first = 0, end = 0; first < order.length; first = end) {
    const value = values[order[first] as number];
    end = first + 1;
    while (end < order.length && values[order[end] as number] === value) end++;
    for (let place = first; place < end; place++) ranks[order[place] as number] = (first + 1 + end) / 2;
  }
  return ranks;
}
