/** Which hazard befalls which lift, when. */
import { SIMULATED } from "./hazards.ts";
import type { SimulatedHazard } from "./hazards.ts";
import type { Random } from "../random.ts";
import { courseOf, suits } from "./scenarios.ts";
import type { Stage } from "./scenarios.ts";
import type { Course } from "../lift/machine.ts";
import type { LiftSpec } from "../lift/spec.ts";
import { RESIDENTIAL, hourOf } from "../lift/traffic.ts";

/** `normal`: none. `demo`: all in turn. `city`: rare, each lift by its own rates. A hazard's name: that one again and again. */
export const SCENARIOS = ["normal", "demo", "city", ...SIMULATED] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** A course to begin now. `durationMs` null leaves it to the course; `cause` goes into the truth. */
export interface Cue {
  readonly lift: number;
  readonly course: (stage: Stage) => Course;
  readonly durationMs: number | null;
  readonly cause?: string;
}

export interface Director {
  /** When the next cue falls due, ms; Infinity for never. */
  readonly nextAt: number;
  /** The cue due at `nextAt`, or null where no lift could take it; moves on to the next. `free` tells whether a lift has no course under way. */
  next(free: (lift: number) => boolean): Cue | null;
}

/** Those that show soonest come first: the first alert of a demonstration is due within 20 s of the start. */
const DEMO_ORDER: readonly SimulatedHazard[] = [
  "reported-fault",
  "unintended-movement",
  "overspeed",
  "door-open-while-running",
  "entrapment",
  "door-held-open",
  "stopped-outside-door-zone",
  "entrapment-at-level",
  "silent",
];
/** First cue, and the time between cues: with courses of one to nine minutes a handful is always under way (assumption). */
const FIRST_CUE_MS = 4_000;
const CUE_EVERY_MS = 12_000;
/** Lifts tried for a cue before it is let go. */
const TRIES = 50;

export function openDirector(scenario: Scenario, specs: readonly LiftSpec[], random: Random, startAt: number): Director {
  if (scenario === "normal") return { nextAt: Number.POSITIVE_INFINITY, next: () => null };
  if (scenario === "city") return new Chance(specs, random, startAt);
  return new InTurn(scenario === "demo" ? DEMO_ORDER : [scenario], specs, random, startAt);
}

function cueOf(lift: number, hazard: SimulatedHazard, durationMs: number | null): Cue {
  return { lift, course: (stage) => courseOf(hazard, stage), durationMs };
}

/** Hazards in turn, each on a random lift that is built for it and has none. */
class InTurn implements Director {
  readonly #order: readonly SimulatedHazard[];
  readonly #specs: readonly LiftSpec[];
  readonly #random: Random;
  #turn = 0;
  nextAt: number;

  constructor(order: readonly SimulatedHazard[], specs: readonly LiftSpec[], random: Random, startAt: number) {
    this.#order = order;
    this.#specs = specs;
    this.#random = random.split("director");
    this.nextAt = startAt + FIRST_CUE_MS;
  }

  next(free: (lift: number) => boolean): Cue | null {
    const hazard = this.#order[this.#turn++ % this.#order.length];
    this.nextAt += CUE_EVERY_MS;
    if (hazard === undefined) return null;
    for (let tries = 0; tries < TRIES; tries++) {
      const lift = this.#random.integer(0, this.#specs.length - 1);
      const spec = this.#specs[lift];
      if (spec !== undefined && suits(hazard, spec) && free(lift)) return cueOf(lift, hazard, null);
    }
    return null;
  }
}

const YEAR_MS = 365.25 * 86_400_000;
/**
 * Events per lift-year. Entrapments 0.065 in all, stopping faults 0.33 (domain.md §6); the share at level and the other rates
 * are assumptions: without a source, and low enough that a city day has few of them.
 */
const PER_YEAR: Readonly<Record<SimulatedHazard, number>> = {
  entrapment: 0.045,
  "entrapment-at-level": 0.02,
  "stopped-outside-door-zone": 0.04,
  "reported-fault": 0.33,
  "door-held-open": 6,
  silent: 2,
  overspeed: 0.002,
  "door-open-while-running": 0.002,
  "unintended-movement": 0.001,
};
/** Lift-level rates are overdispersed: Gamma with this shape (domain.md §6). */
const RATE_SHAPE = 1.2;

/** Each lift by its own rates, with the hours' peaks, drawn one event ahead for the whole fleet. */
class Chance implements Director {
  readonly #random: Random;
  readonly #specs: readonly LiftSpec[];
  /** Cumulated rates per ms, so that one draw finds the lift. */
  readonly #cumulated: Float64Array;
  readonly #total: number;
  nextAt: number;

  constructor(specs: readonly LiftSpec[], random: Random, startAt: number) {
    this.#random = random.split("director");
    this.#specs = specs;
    const perMs = SIMULATED.reduce((sum, hazard) => sum + PER_YEAR[hazard], 0) / YEAR_MS;
    let sum = 0;
    this.#cumulated = Float64Array.from(specs, (spec) => {
      // By the lift's own randomness, so that a lift stays good or bad whatever else is in the fleet.
      sum += perMs * random.split("rate", spec.liftId).gamma(RATE_SHAPE);
      return sum;
    });
    this.#total = sum;
    this.nextAt = this.#after(startAt);
  }

  next(free: (lift: number) => boolean): Cue | null {
    const at = this.nextAt;
    this.nextAt = this.#after(at);
    const lift = lowerBound(this.#cumulated, this.#random.uniform() * this.#total);
    const hazard = SIMULATED[this.#random.weighted(SIMULATED.map((name) => PER_YEAR[name]))];
    const durationMs = this.#duration(hazard);
    const spec = this.#specs[lift];
    return hazard !== undefined && spec !== undefined && suits(hazard, spec) && free(lift) ? cueOf(lift, hazard, durationMs) : null;
  }

  /** Thinned by the hour: the day's journeys give the day's shape (assumption). */
  #after(from: number): number {
    const peak = Math.max(...RESIDENTIAL.share);
    let at = from;
    do {
      at += this.#random.exponential(1 / (this.#total * peak * 24));
    } while (!this.#random.chance((RESIDENTIAL.share[hourOf(at)] ?? 0) / peak));
    return Math.round(at);
  }

  /** domain.md §6: arrival lognormal with mean 11.5 min and sigma 0.39, rescue 5 min; repair lognormal about a median of 2.7 h. */
  #duration(hazard: SimulatedHazard | undefined): number | null {
    if (hazard === "entrapment" || hazard === "entrapment-at-level") return this.#random.lognormal(11.5 * 60_000, 0.39) + 5 * 60_000;
    if (hazard === "reported-fault") return 2.7 * 3_600_000 * Math.exp(1.15 * this.#random.normal());
    if (hazard === "stopped-outside-door-zone") return 90_000 + this.#random.exponential(20 * 60_000);
    return null;
  }
}

function lowerBound(cumulated: Float64Array, value: number): number {
  let [low, high] = [0, cumulated.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulated[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
