/**
 * Service life: Nelson's mean cumulative function, the mean number of faults a lift has had by an age (Nelson 1995, Confidence limits for
 * recurrence data, Technometrics 37). Its slope is the fault rate at that age; where it bends upward, lifts wear out. Lifts come under
 * observation at an age and leave at another (left truncation, right censoring): at each age only those under observation count. The
 * variance is robust, from the lifts themselves, and holds whatever the dependence within a lift (Lawless & Nadeau 1995, Some simple
 * robust methods for the analysis of recurrent events, Technometrics 37; R's survival gives the same).
 */
import type { Interval } from "./fault-rate.ts";
import { CONFIDENCE } from "./bounds.ts";
import { required } from "./fault-rate.ts";
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

/** Lifts with their faults by the place of their age among all ages at which faults can come: ages are shared, and looked up once. */
export interface RankedLives {
  /** Ages at which faults come, ascending, each once. */
  readonly ages: Float64Array;
  /** Of each lift. */
  readonly entry: Float64Array;
  readonly exit: Float64Array;
  /** Places in `ages`, in order; those of lift i from `starts[i]` to before `starts[i + 1]`. */
  readonly faults: Int32Array;
  readonly starts: Int32Array;
}

/**
 * The curve at the ages given, in order (say every year). It counts from the least age at which a lift was under observation. The
 * interval is exp(ln M ± z·se/M), so that it stays above 0. O(lifts × ages in observation + faults × log faults).
 */
export function meanCumulative(lives: readonly Life[], ages: readonly number[], confidence = CONFIDENCE): CumulativePoint[] {
  return meanCumulativeRanked(ranked(lives), ages, confidence);
}

/** The same without the sorting of faults. The caller sees to it that each lift's lie in (entry, exit]. */
export function meanCumulativeRanked(lives: RankedLives, ages: readonly number[], confidence = CONFIDENCE): CumulativePoint[] {
  const { entry, exit, faults, starts } = lives;
  const { meanAt, compensatorAt, share } = stepsOf(lives);
  const reach = normalQuantile((1 + confidence) / 2);
  const order = Int32Array.from(entry, (_, life) => life).sort((a, b) => entry[a]! - entry[b]!);
  const exits = exit.toSorted();
  // Of the lifts under observation, in `active`: the compensator at entry and at exit, Σ 1 / lifts under observation over the faults so far, and the next one.
  const [base, end] = [entry.map(compensatorAt), exit.map(compensatorAt)];
  const sums = new Float64Array(entry.length);
  const next = starts.slice();
  const active = new Int32Array(entry.length);
  // What remains of each lift's part in the variance, once it has left, no longer changes: it is added up and the lift is done with.
  let [settled, count, entered, left] = [0, 0, 0, 0];
  return ages.map((age, index) => {
    if (age < (ages[index - 1] ?? -Infinity)) throw new RangeError(`age ${age} is before the one before it; expected ages in order`);
    while (entered < order.length && entry[order[entered]!]! < age) active[count++] = order[entered++]!;
    while (left < exits.length && exits[left]! < age) left++;
    const [until, here] = [placeAfter(lives.ages, age), compensatorAt(age)];
    let variance = settled;
    let staying = 0;
    for (let at = 0; at < count; at++) {
      const life = active[at] as number;
      const last = starts[life + 1] as number;
      let [sum, fault] = [sums[life] as number, next[life] as number];
      for (; fault < last && (faults[fault] as number) < until; fault++) sum += share[faults[fault] as number] as number;
      sums[life] = sum;
      next[life] = fault;
      const gone = (exit[life] as number) <= age;
      const residual = sum - ((gone ? (end[life] as number) : here) - (base[life] as number));
      variance += residual * residual;
      if (gone) settled += residual * residual;
      else active[staying++] = life;
    }
    count = staying;
    const mean = meanAt(age);
    const error = Math.sqrt(variance);
    const factor = mean === 0 ? 1 : Math.exp((reach * error) / mean);
    return { age, mean, error, low: mean / factor, high: mean * factor, lifts: entered - left };
  });
}

function ranked(lives: readonly Life[]): RankedLives {
  const starts = new Int32Array(lives.length + 1);
  for (const [index, { entry, exit, faults }] of lives.entries()) {
    if (!(required("entry", entry, 0, index) < exit)) throw new RangeError(`lift ${index} leaves at ${exit}; expected after ${entry}`);
    if (faults.some((age, at) => !(age > entry && age <= exit && age >= (faults[at - 1] ?? entry))))
      throw new RangeError(`faults of lift ${index}: expected ages in order, after ${entry} and by ${exit}`);
    starts[index + 1] = starts[index]! + faults.length;
  }
  const all = new Float64Array(starts[lives.length]!);
  for (const [index, { faults }] of lives.entries()) all.set(faults, starts[index]);
  const ages = all.toSorted();
  let distinct = 0;
  for (const age of ages) if (distinct === 0 || age !== ages[distinct - 1]) ages[distinct++] = age;
  const own = ages.subarray(0, distinct);
  return {
    ages: own,
    entry: Float64Array.from(lives, ({ entry }) => entry),
    exit: Float64Array.from(lives, ({ exit }) => exit),
    faults: Int32Array.from(all, (age) => placeAfter(own, age) - 1),
    starts,
  };
}

/** How many of the ages are at or before one. */
function placeAfter(ages: Float64Array, age: number): number {
  let [low, high] = [0, ages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ages[middle] as number) <= age) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The estimate's steps, and Σ faults / lifts², from which each lift's residual follows without a sum over all steps. */
function stepsOf({ ages, entry, exit, faults }: RankedLives) {
  const counts = new Uint32Array(ages.length);
  for (const place of faults) counts[place]! += 1;
  const [entries, exits] = [entry.toSorted(), exit.toSorted()];
  /** Up to before each place; 1 / lifts under observation there. */
  const [mean, compensator, share] = [new Float64Array(ages.length + 1), new Float64Array(ages.length + 1), new Float64Array(ages.length)];
  let [entered, left, sum, squares] = [0, 0, 0, 0];
  for (let place = 0; place < ages.length; place++) {
    const age = ages[place] as number;
    while (entered < entries.length && entries[entered]! < age) entered++;
    while (left < exits.length && exits[left]! < age) left++;
    const lifts = entered - left;
    share[place] = 1 / lifts;
    // One by one: a sum of many small steps is what the estimate is, to its last digit.
    for (let fault = counts[place] as number; fault > 0; fault--) {
      sum += 1 / lifts;
      squares += 1 / (lifts * lifts);
    }
    mean[place + 1] = sum;
    compensator[place + 1] = squares;
  }
  return {
    meanAt: (age: number) => mean[placeAfter(ages, age)] as number,
    compensatorAt: (age: number) => compensator[placeAfter(ages, age)] as number,
    share,
  };
}
