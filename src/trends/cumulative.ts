/**
 * Service life: Nelson's mean cumulative function, the mean number of faults a lift has had by an age (Nelson 1995, Confidence limits for
 * recurrence data, Technometrics 37). Its slope is the fault rate at that age; where it bends upward, lifts wear out. Lifts come under
 * observation at an age and leave at another (left truncation, right censoring): at each age only those under observation count. The
 * variance is robust, from the lifts themselves, and holds whatever the dependence within a lift (Lawless & Nadeau 1995, Some simple
 * robust methods for the analysis of recurrent events, Technometrics 37; R's survival gives the same).
 */
import type { Interval } from "./fault-rate.ts";
import { CONFIDENCE, required } from "./fault-rate.ts";
import { normalQuantile } from "./normal.ts";

/** One lift: under observation from age `entry` to age `exit`, with the ages of its faults in (entry, exit], in order; any one unit. */
export interface Life {
  readonly entry: number;
  readonly exit: number;
  readonly faults: readonly number[];
}

export interface CumulativePoint extends Interval {
  readonly age: number;
  /** Mean faults of a lift between the first age of the curve and this one. */
  readonly mean: number;
  readonly error: number;
  /** Lifts under observation at this age: where there are few, the curve means little. */
  readonly lifts: number;
}

/**
 * The curve at the ages given, in order (say every year). It counts from the least age at which a lift was under observation. The
 * interval is exp(ln M ± z·se/M), so that it stays above 0. O(lifts × ages in observation + faults × log faults).
 */
export function meanCumulative(lives: readonly Life[], ages: readonly number[], confidence = CONFIDENCE): CumulativePoint[] {
  const events = stepsOf(lives);
  const reach = normalQuantile((1 + confidence) / 2);
  // What remains of each lift's part in the variance, once it has left, no longer changes: it is added up and the lift is done with.
  const order = lives.toSorted((a, b) => a.entry - b.entry);
  const exits = lives.map(({ exit }) => exit).toSorted((a, b) => a - b);
  const active = new Set<Part>();
  let [settled, entered, left] = [0, 0, 0];
  return ages.map((age, index) => {
    if (age < (ages[index - 1] ?? -Infinity)) throw new RangeError(`age ${age} is before the one before it; expected ages in order`);
    for (let life = order[entered]; life !== undefined && life.entry < age; life = order[++entered])
      active.add({ life, base: events.compensatorAt(life.entry), sum: 0, next: 0 });
    while ((exits[left] ?? Infinity) < age) left++;
    let variance = settled;
    for (const part of active) {
      const { life } = part;
      for (let fault = life.faults[part.next]; fault !== undefined && fault <= age; fault = life.faults[++part.next])
        part.sum += 1 / events.lifts(fault);
      const residual = part.sum - (events.compensatorAt(Math.min(age, life.exit)) - part.base);
      variance += residual * residual;
      if (life.exit <= age) {
        settled += residual * residual;
        active.delete(part);
      }
    }
    const mean = events.meanAt(age);
    const error = Math.sqrt(variance);
    const factor = mean === 0 ? 1 : Math.exp((reach * error) / mean);
    return { age, mean, error, low: mean / factor, high: mean * factor, lifts: entered - left };
  });
}

interface Part {
  readonly life: Life;
  /** The compensator when the lift came under observation. */
  readonly base: number;
  /** Σ 1 / lifts under observation, over the faults it has had. */
  sum: number;
  next: number;
}

/** The estimate's steps, and Σ faults / lifts², from which each lift's residual follows without a sum over all steps. */
function stepsOf(lives: readonly Life[]) {
  const faults = lives.flatMap(({ entry, exit, faults: own }, index) => {
    if (!(required("entry", entry, 0, index) < exit)) throw new RangeError(`lift ${index} leaves at ${exit}; expected after ${entry}`);
    if (own.some((age, at) => !(age > entry && age <= exit && age >= (own[at - 1] ?? entry))))
      throw new RangeError(`faults of lift ${index}: expected ages in order, after ${entry} and by ${exit}`);
    return own;
  });
  const ages = Float64Array.from(faults).toSorted();
  const entries = Float64Array.from(lives, ({ entry }) => entry).toSorted();
  const exits = Float64Array.from(lives, ({ exit }) => exit).toSorted();
  const [mean, compensator, atRisk] = [new Float64Array(ages.length + 1), new Float64Array(ages.length + 1), new Float64Array(ages.length)];
  let [entered, left] = [0, 0];
  for (let index = 0; index < ages.length; index++) {
    const age = ages[index] as number;
    while ((entries[entered] ?? Infinity) < age) entered++;
    while ((exits[left] ?? Infinity) < age) left++;
    const lifts = entered - left;
    atRisk[index] = lifts;
    mean[index + 1] = (mean[index] as number) + 1 / lifts;
    compensator[index + 1] = (compensator[index] as number) + 1 / (lifts * lifts);
  }
  /** Faults at or before an age. */
  const before = (age: number) => {
    let [low, high] = [0, ages.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ages[middle] as number) <= age) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    meanAt: (age: number) => mean[before(age)] as number,
    compensatorAt: (age: number) => compensator[before(age)] as number,
    lifts: (age: number) => atRisk[before(age) - 1] as number,
  };
}
