/** Happenings in turn, each on a random machine that is built for it and has none: for demonstrations and tests. */
import type { LiftRecord } from "../../src/core/lift.ts";
import type { Cue, Director } from "./director.ts";
import { ESCALATOR_HAZARDS, NEAR_MISSES, SIMULATED, SLOW_HAZARDS } from "./hazards.ts";
import type { Happening } from "./hazards.ts";
import { drawMassEvent, memberOf } from "./mass-event.ts";
import type { Random } from "../random.ts";
import { courseOf, isSlow, suits } from "./scenarios.ts";
import type { MachineSpec, Single } from "./scenarios.ts";
import { MASS_EVENT_LIFTS } from "./truth.ts";

/** Those that show soonest come first: the first alert of a demonstration is due within 20 s of the start. */
const FIRST: readonly Happening[] = ["reported-fault", "unintended-movement", "overspeed", "door-open-while-running", "entrapment"];
const slow: readonly Happening[] = SLOW_HAZARDS;
/** Every hazard that shows within minutes, and then one near miss. */
const ROUND = [...FIRST, ...SIMULATED.filter((hazard) => !FIRST.includes(hazard) && !slow.includes(hazard))];
export const DEMO_ORDER: readonly Happening[] = NEAR_MISSES.flatMap((nearMiss) => [...ROUND, nearMiss]);

/** First cue, and the time between cues: with courses of one to ten minutes a handful is always under way (assumption). */
const FIRST_CUE_MS = 4_000;
const CUE_EVERY_MS = 12_000;
/** Where all that is asked for is wear, which goes on for weeks. */
const SLOW_CUE_EVERY_MS = 6 * 3_600_000;
/** Machines tried for a cue before it is let go. */
const TRIES = 50;
/** At most so many machines of a building or district share a staged mass event (assumption). */
const MOST_MEMBERS = 40;

/** What a fleet lacks that a scenario needs, in words; null where it can be shown. Without this a run would be silent about it. */
export function lacking(scenario: string, lifts: readonly LiftRecord[]): string | null {
  const escalators: readonly string[] = ESCALATOR_HAZARDS;
  if (escalators.includes(scenario)) return lifts.some(({ kind }) => kind === "escalator") ? null : "an escalator";
  if (scenario === "mass-event") return lifts.length >= MASS_EVENT_LIFTS ? null : `${MASS_EVENT_LIFTS} lifts`;
  const anything = ["normal", "demo", "city", "silent", "reported-fault"].includes(scenario);
  return anything || lifts.some(({ kind }) => kind !== "escalator" && kind !== "dumbwaiter") ? null : "a passenger or freight lift";
}

export class InTurn implements Director {
  readonly #order: readonly Happening[];
  readonly #specs: readonly MachineSpec[];
  readonly #random: Random;
  /** Machines that suit each happening. */
  readonly #suited = new Map<Happening, readonly number[]>();
  readonly #groups: readonly (readonly number[])[];
  /** Cues that are due at the same instant as the last. */
  readonly #pending: Cue[] = [];
  readonly #everyMs: number;
  #turn = 0;
  nextAt: number;

  /** What no machine of the fleet is built for is left out. */
  constructor(order: readonly Happening[], specs: readonly MachineSpec[], random: Random, startAt: number) {
    this.#specs = specs;
    this.#random = random.split("director");
    this.#groups = groupsOf(specs);
    this.#order = order.filter((name) => (name === "mass-event" ? this.#groups.length > 0 : this.#suitedTo(name).length > 0));
    this.#everyMs = this.#order.every((name) => name !== "mass-event" && isSlow(name)) ? SLOW_CUE_EVERY_MS : CUE_EVERY_MS;
    this.nextAt = this.#order.length > 0 ? startAt + FIRST_CUE_MS : Number.POSITIVE_INFINITY;
  }

  next(free: (lift: number) => boolean): Cue | null {
    const pending = this.#pending.shift();
    if (pending !== undefined) {
      if (this.#pending.length === 0) this.nextAt += this.#everyMs;
      return pending;
    }
    const at = this.nextAt;
    const name = this.#order[this.#turn++ % this.#order.length];
    if (name === "mass-event") this.#pending.push(...this.#mass(at, free));
    const next = this.#pending.shift() ?? null;
    if (this.#pending.length === 0) this.nextAt += this.#everyMs;
    return name === undefined || name === "mass-event" ? next : this.#single(name, free);
  }

  #single(name: Single, free: (lift: number) => boolean): Cue | null {
    const suited = this.#suitedTo(name);
    for (let tries = 0; tries < TRIES; tries++) {
      const lift = this.#random.pick(suited);
      // Wear goes on beside courses; a machine that wears already refuses it.
      if (isSlow(name) || free(lift)) return { lift, course: (stage) => courseOf(name, stage), durationMs: null, slow: isSlow(name) };
    }
    return null;
  }

  #mass(at: number, free: (lift: number) => boolean): Cue[] {
    for (let tries = 0; tries < TRIES; tries++) {
      const members = this.#random.pick(this.#groups).filter(free).slice(0, MOST_MEMBERS);
      if (members.length < MASS_EVENT_LIFTS) continue;
      const liftIds = members.map((lift) => this.#specs[lift]?.liftId ?? "");
      const event = drawMassEvent(liftIds, at, null, this.#random);
      return members.map((lift, index) => ({ lift, course: memberOf(event, index), durationMs: null }));
    }
    return [];
  }

  #suitedTo(name: Single): readonly number[] {
    let suited = this.#suited.get(name);
    if (suited === undefined) {
      suited = [...this.#specs.keys()].filter((index) => suits(name, this.#specs[index] as MachineSpec));
      this.#suited.set(name, suited);
    }
    return suited;
  }
}

/** Machines of one building, where there are enough for a mass event; else those of one district. */
function groupsOf(specs: readonly MachineSpec[]): (readonly number[])[] {
  const by = (key: (spec: MachineSpec) => string): number[][] => {
    const groups = new Map<string, number[]>();
    for (const [index, spec] of specs.entries()) {
      const group = groups.get(key(spec));
      if (group === undefined) groups.set(key(spec), [index]);
      else group.push(index);
    }
    return [...groups.values()].filter((group) => group.length >= MASS_EVENT_LIFTS);
  };
  const buildings = by((spec) => `${spec.district}/${spec.building}`);
  if (buildings.length > 0) return buildings;
  const districts = by((spec) => spec.district);
  return districts.length > 0 ? districts : by(() => "");
}
