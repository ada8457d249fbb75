/** Who wants to go where, and when: a Poisson process whose rate follows the hour of the day. */
import type { Random } from "../random.ts";

const HOUR_MS = 3_600_000;
/** China Standard Time, which has no daylight saving; the fleets stand in Guangdong. */
const ZONE_OFFSET_MS = 8 * HOUR_MS;

/** Shape of a day: `share[h]` of the day's journeys begin in hour h, `upShare[h]` of those from or to the lobby go up. */
export interface Pattern {
  readonly share: readonly number[];
  readonly upShare: readonly number[];
  /** Journeys between two upper floors. */
  readonly interfloor: number;
}

/**
 * Residential. Peaks at 8-10 h and 18-20 h of 12 to 18 % of the day each (domain.md §6, there for faults; that journeys peak
 * alike is an assumption, as are the other hours and the directions: out in the morning, home in the evening).
 */
export const RESIDENTIAL: Pattern = {
  share: normalised([4, 2, 1, 1, 2, 8, 30, 62, 74, 68, 48, 50, 58, 50, 44, 44, 48, 62, 76, 72, 58, 46, 28, 12]),
  upShare: [
    0.8, 0.7, 0.5, 0.4, 0.3, 0.2, 0.15, 0.15, 0.2, 0.3, 0.4, 0.55, 0.55, 0.4, 0.4, 0.45, 0.55, 0.7, 0.75, 0.7, 0.65, 0.7, 0.75, 0.8,
  ],
  interfloor: 0.06,
};

/** One person's wish. Floors count from 1; mass in kg. */
export interface Journey {
  readonly from: number;
  readonly to: number;
  readonly kg: number;
  readonly since: number;
}

/** Hour of the day (0 to 23) in the fleets' zone. */
export function hourOf(at: number): number {
  return Math.floor((at + ZONE_OFFSET_MS) / HOUR_MS) % 24;
}

/** Journeys of one lift. `journeysPerDay` is the mean of a day; groups of several people count as one arrival. */
export class Traffic {
  readonly #random: Random;
  readonly #floors: number;
  readonly #journeysPerDay: number;
  readonly #pattern: Pattern;

  constructor(random: Random, floors: number, journeysPerDay: number, pattern: Pattern = RESIDENTIAL) {
    this.#random = random;
    this.#floors = floors;
    this.#journeysPerDay = journeysPerDay;
    this.#pattern = pattern;
  }

  /** Time of the next arrival after `at`, ms; exact for a rate that is constant within each hour, because the process has no memory. */
  nextAfter(at: number): number {
    let from = at;
    for (;;) {
      const hourEnd = (Math.floor(from / HOUR_MS) + 1) * HOUR_MS;
      const meanMs = HOUR_MS / (this.#journeysPerDay * (this.#pattern.share[hourOf(from)] ?? 0));
      const next = from + this.#random.exponential(meanMs);
      if (next < hourEnd) return Math.max(at + 1, Math.round(next));
      from = hourEnd;
    }
  }

  /** The people who arrive together: 1 to 3 (assumption), with one wish. */
  arrive(at: number): Journey[] {
    const upper = this.#random.integer(2, this.#floors);
    let [from, to] = this.#random.chance(this.#pattern.upShare[hourOf(at)] ?? 0.5) ? [1, upper] : [upper, 1];
    if (this.#floors > 2 && this.#random.chance(this.#pattern.interfloor)) {
      from = this.#random.integer(2, this.#floors);
      to = 2 + ((from - 2 + this.#random.integer(1, this.#floors - 2)) % (this.#floors - 1));
    }
    const people = 1 + this.#random.weighted([75, 18, 7]);
    return Array.from({ length: people }, () => ({ from, to, kg: personKg(this.#random), since: at }));
  }
}

/** Mass of one person with what they carry: 68 ± 14 kg within 25 to 120 (assumption; 75 kg is the usual planning value, unverified). */
export function personKg(random: Random): number {
  return Math.round(Math.min(120, Math.max(25, 68 + 14 * random.normal())));
}

function normalised(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
