/**
 * Episodes: a fault more than 3 days after the last one of that lift. Faults come in bursts (one cause, several stops until it is
 * mended), so raw counts vary more than Poisson formulas allow; episodes do not: on the public histories of docs/trends.md the
 * dispersion within a lift falls from 1.8 to about 1. Also here: what older months still count.
 */
import type { Counted } from "./fault-rate.ts";
import { required } from "./fault-rate.ts";

const DAY_MS = 86_400_000;
/** Quiet days that end an episode. */
export const EPISODE_GAP_DAYS = 3;
/** What a month counts of the month after it. */
export const MONTHLY_DISCOUNT = 0.8;

/**
 * Which faults begin an episode: the first of the lift, and each more than `gapDays` after the one before it, whether or not that one
 * began an episode. Times of one lift in ms, in order; two at one time are one. For a window, pass the faults of the `gapDays` before
 * it too and leave their marks out.
 */
export function episodeStarts(timesMs: readonly number[], gapDays = EPISODE_GAP_DAYS): boolean[] {
  const gapMs = gapDays * DAY_MS;
  return timesMs.map((time, index) => {
    const before = timesMs[index - 1];
    if (before !== undefined && time < before) throw new RangeError(`fault ${index} is before the one before it; expected times in order`);
    return before === undefined || time - before > gapMs;
  });
}

/** Counts of one unit month by month, oldest first; both arrays are equally long. */
export interface Monthly {
  readonly key: string;
  readonly events: readonly number[] | Float64Array;
  readonly exposure: readonly number[] | Float64Array;
}

/**
 * Months added up, each counting `factor` times what the month after it counts; the last counts whole. `spread` is what weighting does
 * to the variance, Σw²n / Σwn: without it the discounted count would pass for a Poisson one and its interval be too wide, and the
 * difference between units be taken for chance.
 */
export function discounted({ key, events, exposure }: Monthly, factor = MONTHLY_DISCOUNT): Counted {
  return { key, ...discountedPart(events, exposure, 0, events.length, factor) };
}

/** The same of the months from `from` to before `to` of longer arrays: a city's lifts lie in one. */
export function discountedPart(
  events: readonly number[] | Float64Array,
  exposure: readonly number[] | Float64Array,
  from: number,
  to: number,
  factor = MONTHLY_DISCOUNT,
): Omit<Counted, "key"> {
  required("discount", factor, Number.MIN_VALUE);
  let [sum, weighted, squared, weight] = [0, 0, 0, 1];
  for (let month = to - 1; month >= from; month--) {
    const lived = exposure[month] ?? 0;
    sum += weight * (events[month] ?? 0);
    weighted += weight * lived;
    squared += weight * weight * lived;
    weight *= factor;
  }
  return { events: sum, exposure: weighted, spread: weighted > 0 ? squared / weighted : 1 };
}

/**
 * Dispersion within units: variance of a unit's counts between periods over their mean, pooled over the units, so 1 for Poisson counts
 * with a rate of each unit's own and above 1 where events come in bursts: Σᵢ Σₖ (xᵢₖ − nᵢₖrᵢ)² ÷ Σᵢ rᵢ Σₖ nᵢₖ(1 − nᵢₖ/Nᵢ), rᵢ = Σₖxᵢₖ/Nᵢ, Nᵢ = Σₖnᵢₖ.
 * Under Poisson counts numerator and denominator have the same mean, whatever the exposures, so that neither rare events nor short
 * periods bias it. Undefined where no unit with two periods has an event.
 */
export function withinDispersion(units: Iterable<Monthly>): number | undefined {
  let [over, under] = [0, 0];
  for (const { events, exposure } of units) {
    let [sum, lived, periods] = [0, 0, 0];
    for (let period = 0; period < events.length; period++) {
      if (!((exposure[period] ?? 0) > 0)) continue;
      sum += events[period] ?? 0;
      lived += exposure[period] ?? 0;
      periods++;
    }
    if (periods < 2 || sum === 0) continue;
    const rate = sum / lived;
    for (let period = 0; period < events.length; period++) {
      const here = exposure[period] ?? 0;
      if (!(here > 0)) continue;
      over += ((events[period] ?? 0) - here * rate) ** 2;
      under += rate * here * (1 - here / lived);
    }
  }
  return under === 0 ? undefined : over / under;
}
