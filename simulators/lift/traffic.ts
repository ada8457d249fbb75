/** Who wants to go where, and when: a Poisson process whose rate follows the hour and the day of the week. */
import type { Random } from "../random.ts";
import { PATTERNS } from "./patterns.ts";
import type { Pattern } from "./patterns.ts";
import type { LiftSpec } from "./spec.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** China Standard Time, which has no daylight saving; the fleets stand in Guangdong. */
const ZONE_OFFSET_MS = 8 * HOUR_MS;
const [SUNDAY, SATURDAY] = [0, 6];

/** One person's wish. Floors count from 1; mass in kg, with what they carry. */
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
/** Time since midnight in the fleets' zone, ms. */
export function timeOfDay(at: number): number {
  return (at + ZONE_OFFSET_MS) % DAY_MS;
}
/** Day of the week (0 Sunday to 6) in the fleets' zone; 1 January 1970 was a Thursday. */
export function weekdayOf(at: number): number {
  return (Math.floor((at + ZONE_OFFSET_MS) / DAY_MS) + 4) % 7;
}

/** Share of a weekday's journeys that begin in the hour of `at`, on that day of the week. */
export function shareAt(pattern: Pattern, at: number): number {
  const day = weekdayOf(at);
  const hour = hourOf(at);
  if (day === SATURDAY) return pattern.saturday * (pattern.weekendShare[hour] ?? 0);
  if (day === SUNDAY) return pattern.sunday * (pattern.weekendShare[hour] ?? 0);
  return pattern.share[hour] ?? 0;
}

/** Time of the next event after `at` (ms) of a Poisson process with `perDay` events in a weekday; exact, because it has no memory. */
export function nextArrival(random: Random, pattern: Pattern, perDay: number, at: number): number {
  let from = at;
  for (;;) {
    const hourEnd = (Math.floor(from / HOUR_MS) + 1) * HOUR_MS;
    const next = from + random.exponential(HOUR_MS / (perDay * shareAt(pattern, from)));
    if (next < hourEnd) return Math.max(at + 1, Math.round(next));
    from = hourEnd;
  }
}

/** Groups of 1, 2 and 3 people (assumption). */
const PEOPLE = [75, 18, 7];
/** What a freight lift takes besides its driver, and a dumbwaiter, kg: least and most (assumption). */
const FREIGHT_KG = [40, 600] as const;
const DUMBWAITER_KG = [5, 60] as const;

/** Journeys of one lift. The spec's `journeysPerDay` is the mean of a weekday; groups of several people count as one arrival. */
export class Traffic {
  readonly #random: Random;
  readonly #spec: LiftSpec;
  readonly #pattern: Pattern;

  constructor(random: Random, spec: LiftSpec) {
    this.#random = random;
    this.#spec = spec;
    this.#pattern = PATTERNS[spec.use];
  }

  nextAfter(at: number): number {
    return nextArrival(this.#random, this.#pattern, this.#spec.journeysPerDay, at);
  }

  /** Those who come together, with one wish. */
  arrive(at: number): Journey[] {
    const random = this.#random;
    const { floors, kind, ratedLoadKg } = this.#spec;
    const upper = random.integer(2, floors);
    let [from, to] = random.chance(this.#pattern.upShare[hourOf(at)] ?? 0.5) ? [1, upper] : [upper, 1];
    if (floors > 2 && random.chance(this.#pattern.interfloor)) {
      from = random.integer(2, floors);
      to = 2 + ((from - 2 + random.integer(1, floors - 2)) % (floors - 1));
    }
    if (kind === "dumbwaiter") return [{ from, to, kg: Math.round(Math.min(ratedLoadKg, random.between(...DUMBWAITER_KG))), since: at }];
    if (kind === "freight") {
      const kg = personKg(random) + Math.round(random.between(...FREIGHT_KG));
      return [{ from, to, kg: Math.min(Math.round(ratedLoadKg * 0.8), kg), since: at }];
    }
    const people = 1 + random.weighted(PEOPLE);
    return Array.from({ length: people }, () => ({ from, to, kg: personKg(random), since: at }));
  }
}

/** Mass of one person with what they carry: 68 ± 14 kg within 25 to 120 (assumption; 75 kg is the usual planning value, unverified). */
export function personKg(random: Random): number {
  return Math.round(Math.min(120, Math.max(25, 68 + 14 * random.normal())));
}
