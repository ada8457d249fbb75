/**
 * Control charts of counts. u′: Laney (2002), Improved control charts for attributes, Quality Engineering 14: limits of a u chart widened
 * by what periods vary beyond Poisson, so that a large fleet's chart is not all alarms. g: Benneyan (2001), Number-between g-type
 * statistical quality control charts, Health Care Management Science 4: trips (or days) between faults, for rare ones.
 */
import type { Interval } from "./fault-rate.ts";
import { required } from "./fault-rate.ts";
import { normalCdf } from "./normal.ts";

/** Mean moving range of two over the standard deviation of what it is made of, for a normal variable (d₂). */
const MEAN_RANGE = 1.128;
const SIGMAS = 3;

export interface ChartPoint extends Interval {
  /** Undefined in a period without exposure, which the chart leaves out. */
  readonly rate: number | undefined;
  readonly out: "high" | "low" | undefined;
}

export interface RateChart {
  /** ū: all events over all exposure. */
  readonly centre: number;
  /** σz: 1 where periods vary as Poisson counts do, more where they vary more. */
  readonly variation: number;
  /** One a period, in the order given. */
  readonly points: readonly ChartPoint[];
}

/** Laney's u′ chart: ū ± 3σz√(ū/n), σz = mean |zₖ − zₖ₋₁| / 1.128; the lower limit at least 0. σz is 1 with fewer than two periods. */
export function laneyChart(periods: readonly { readonly events: number; readonly exposure: number }[]): RateChart {
  const lived = periods.filter(({ events, exposure }) => required("exposure", exposure) > 0 && required("events", events) >= 0);
  const exposure = lived.reduce((sum, period) => sum + period.exposure, 0);
  const centre = exposure === 0 ? 0 : lived.reduce((sum, period) => sum + period.events, 0) / exposure;
  const scores = lived.map((period) =>
    centre === 0 ? 0 : (period.events / period.exposure - centre) / Math.sqrt(centre / period.exposure),
  );
  const ranges = scores.slice(1).map((score, index) => Math.abs(score - (scores[index] ?? 0)));
  const variation = ranges.length === 0 ? 1 : ranges.reduce((sum, range) => sum + range, 0) / ranges.length / MEAN_RANGE;
  const points = periods.map((period): ChartPoint => {
    if (period.exposure === 0) return { rate: undefined, low: 0, high: Infinity, out: undefined };
    const reach = SIGMAS * variation * Math.sqrt(centre / period.exposure);
    const [rate, low, high] = [period.events / period.exposure, Math.max(0, centre - reach), centre + reach];
    return { rate, low, high, out: rate > high ? "high" : rate < low ? "low" : undefined };
  });
  return { centre, variation, points };
}

export interface BetweenChart extends Interval {
  /** Mean number between faults. */
  readonly centre: number;
  /** Of each gap: "short" where fewer passed than chance leaves, "long" where more. */
  readonly out: readonly ("short" | "long" | undefined)[];
}

/**
 * g-chart of whole numbers between faults (trips from one fault to the next). Benneyan's 3σ limits, ḡ ± 3√(ḡ(ḡ+1)), cannot show a
 * worsening, as the lower one is always below 0; so limits here are probability limits of the geometric distribution with mean ḡ, each
 * side at what 3σ leaves of a normal (0.00135): `low` is the least number that is not out, `high` the greatest. Undefined without gaps.
 */
export function betweenChart(gaps: readonly number[]): BetweenChart | undefined {
  if (gaps.length === 0) return undefined;
  const centre = gaps.reduce((sum, gap) => sum + required("gap", gap), 0) / gaps.length;
  const tail = normalCdf(-SIGMAS);
  // P(G ≤ g) = 1 − (1 − p)^(g+1) with p = 1 / (1 + ḡ).
  const stay = Math.log1p(-1 / (1 + centre));
  const low = centre === 0 ? 0 : Math.max(0, Math.floor(Math.log1p(-tail) / stay));
  const high = centre === 0 ? 0 : Math.ceil(Math.log(tail) / stay) - 1;
  return { centre, low, high, out: gaps.map((gap) => (gap < low ? "short" : gap > high ? "long" : undefined)) };
}
