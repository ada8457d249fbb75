/**
 * Funnel limits with overdispersion: Spiegelhalter (2005), Handling over-dispersion of performance indicators, Quality and Safety in
 * Health Care 14, and Funnel plots for comparing institutional performance, Statistics in Medicine 24. Counts vary between firms for
 * reasons that nobody standardised for; limits that allow for none of it would call most large firms outliers.
 *
 * In: `{ key, events, exposure }` (exposure: expected events from `standardise`, or lift-months). On the square-root scale √(rate) has
 * standard deviation s = 1/(2√exposure) whatever the rate; z = (√rate − √target)/s. z is winsorised at its 10th and 90th percentiles,
 * φ = Σz²/I (quantiles of type 7), and where φ shows more than chance, τ² = (Iφ − (I − 1)) / (Σw − Σw²/Σw), w = 1/s², is added to s². Downwards the square
 * root exaggerates small counts (0 where 4 are expected would be 4 standard deviations, and happens once in 55 times): there z is held to what the
 * Poisson probability says, which overdispersion only raises.
 */
import { quantile } from "simple-statistics";
import type { Counted, Interval } from "./fault-rate.ts";
import { gammaExceedance } from "./gamma.ts";
import { normalQuantile } from "./normal.ts";

/** Share of z scores that winsorising holds back at each end. */
const WINSORISED = 0.1;
/** Fewer units than this cannot tell dispersion from outliers: limits are then those of chance alone. */
const LEAST_UNITS = 10;
/** Of a search between 0 and the mean: to a double's last digit. */
const HALVINGS = 60;
/** Confidence of the two pairs of limits: worth a look, and out. */
export const FUNNEL_INNER = 0.95;
export const FUNNEL_OUTER = 0.998;

export interface FunnelPoint {
  readonly key: string;
  readonly exposure: number;
  readonly rate: number;
  /** (√rate − √target) / √(s² + τ²): the excess in standard deviations, dispersion allowed for. */
  readonly z: number;
  readonly place: "within" | "high" | "low" | "very-high" | "very-low";
}

export interface Funnel {
  /** Rate of all units together, which a unit is compared with. */
  readonly target: number;
  /** φ: mean winsorised z², 1 where units differ by chance alone. */
  readonly dispersion: number;
  /** τ², on the square-root scale: variance between units that chance does not explain. */
  readonly between: number;
  readonly points: readonly FunnelPoint[];
}

/** Units without exposure are left out. */
export function funnel(units: readonly Counted[]): Funnel {
  const seen = units.filter(({ exposure }) => exposure > 0);
  const [events, exposure] = [seen.reduce((sum, unit) => sum + unit.events, 0), seen.reduce((sum, unit) => sum + unit.exposure, 0)];
  if (exposure === 0) return { target: 0, dispersion: 1, between: 0, points: [] };
  const target = events / exposure;
  const scores = seen.map((unit) => (Math.sqrt(unit.events / unit.exposure) - Math.sqrt(target)) * 2 * Math.sqrt(unit.exposure));
  const { dispersion, between } = overdispersion(scores, seen);
  const points = seen.map((unit, index): FunnelPoint => {
    const z = heldToChance((scores[index] ?? 0) / Math.sqrt(1 + 4 * unit.exposure * between), unit.events, unit.exposure * target);
    return { key: unit.key, exposure: unit.exposure, rate: unit.events / unit.exposure, z, place: placeOf(z) };
  });
  return { target, dispersion, between, points };
}

function overdispersion(scores: readonly number[], units: readonly Counted[]): Pick<Funnel, "dispersion" | "between"> {
  const count = scores.length;
  if (count < LEAST_UNITS) return { dispersion: 1, between: 0 };
  const [least, most] = quantile([...scores], [WINSORISED, 1 - WINSORISED]) as [number, number];
  const dispersion = scores.reduce((sum, z) => sum + Math.min(most, Math.max(least, z)) ** 2, 0) / count;
  // w = 1 / s² = 4 × exposure.
  const [weight, squares] = units.reduce(([sum, square], unit) => [sum + 4 * unit.exposure, square + (4 * unit.exposure) ** 2], [0, 0]);
  const spread = weight - squares / weight;
  const excess = count * dispersion - (count - 1);
  return { dispersion, between: excess > 0 && spread > 0 ? excess / spread : 0 };
}

/** No lower than the normal score of P(X ≤ events) for a Poisson count of this mean. */
function heldToChance(z: number, events: number, mean: number): number {
  if (z >= 0) return z;
  const chance = gammaExceedance(mean, events + 1);
  return chance >= 0.5 ? 0 : Math.max(z, normalQuantile(chance));
}

/** A quantile costs more than all else of a point. */
const [INNER, OUTER] = [normalQuantile((1 + FUNNEL_INNER) / 2), normalQuantile((1 + FUNNEL_OUTER) / 2)];

function placeOf(z: number): FunnelPoint["place"] {
  if (z > OUTER) return "very-high";
  if (z > INNER) return "high";
  if (z < -OUTER) return "very-low";
  return z < -INNER ? "low" : "within";
}

/**
 * Limits of a funnel at an exposure, to draw its lines: (√target ± z√(s² + τ²))², the lower one no higher than the count whose Poisson
 * probability, or less, is that of z; 0 where even no event is likelier.
 */
export function funnelLimits(
  { target, between }: Pick<Funnel, "target" | "between">,
  exposure: number,
  confidence = FUNNEL_OUTER,
): Interval {
  const reach = normalQuantile((1 + confidence) / 2) * Math.sqrt(1 / (4 * exposure) + between);
  const centre = Math.sqrt(target);
  const low = Math.min(Math.max(0, centre - reach) ** 2, leastCount(exposure * target, (1 - confidence) / 2) / exposure);
  return { low, high: (centre + reach) ** 2 };
}

/** The count, between whole ones too, with P(X ≤ count) = tail at this mean; 0 where there is none. */
function leastCount(mean: number, tail: number): number {
  if (Math.exp(-mean) >= tail) return 0;
  let [low, high] = [0, mean];
  for (let round = 0; round < HALVINGS; round++) {
    const middle = (low + high) / 2;
    if (gammaExceedance(mean, middle + 1) < tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
