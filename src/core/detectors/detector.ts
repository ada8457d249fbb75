/** What a detector is, and the kernel's view of time. A detector is a small module and a table of limits (rules.ts). */
import type { Priority } from "../effects.ts";
import type { LiftState, Slot, Truth } from "../lift-state.ts";
import type { Channel, Reading } from "../reading.ts";
import type { JudgedHazard, Rules } from "../rules.ts";

/** Bits of the channels whose readings can change a judgement. */
export const ON = { door: 1, speed: 2, fault: 4, status: 8, online: 16 } as const satisfies Record<Channel, number>;

/**
 * The moment of a judgement. On a reading, conditions last by the device's clock (`at`); on a tick there is no device
 * time, so they last by the listening clock, which stands still while the monitor itself was not listening.
 */
export interface Moment {
  /** Device time of the reading, or -1 on a tick. */
  at: number;
  /** Time listened to so far, ms. */
  listened: number;
  /** The journal entry and its time. */
  entry: number;
  receivedAt: number;
}

/** A level that a detector can reach. Level 0 is none; they are ordered by gravity. */
export interface Grade {
  readonly evidence: "suspected" | "confirmed";
  readonly priority: Priority;
}

export interface Detector {
  readonly hazard: JudgedHazard;
  /** Bits of the channels it judges on. */
  readonly on: number;
  /** Judged in every mode: not suppressed by design (domain.md §3). */
  readonly grades: readonly Grade[];
  /** Whether this kind of lift, with this register entry, is its business at all. */
  applies(lift: LiftState): boolean;
  /** What it needs and lacks, by the names of the contract's fields, or of the states that a door never says; empty when it can judge. A weaker form may be left (docs/hazards.md). */
  missing(lift: LiftState): readonly string[];
  /** With its slot at rest, whether this reading can stir it: must be true wherever `sample` or `holds` would. Hot path. */
  wakes(lift: LiftState, channel: Channel, reading: Reading, rules: Rules): boolean;
  /** Takes in a reading, after the lift's state has: counts samples. Absent where the state alone decides. */
  sample?(lift: LiftState, slot: Slot, channel: Channel, reading: Reading, rules: Rules): void;
  /** The start condition now. */
  holds(lift: LiftState, slot: Slot, rules: Rules): Truth;
  /** Whether the start condition has gone only by a signal that comes and goes: its time runs on for `clearAfterMs` then, with an alert until that has ended. */
  lapses?(lift: LiftState, rules: Rules): boolean;
  /** Level reached when the start condition has held for `lastedMs`. */
  level(lift: LiftState, slot: Slot, lastedMs: number, rules: Rules): number;
  /** How long the start condition must hold for the first level, ms: the alert is raised at its end. */
  raisedAfterMs(lift: LiftState, slot: Slot, rules: Rules): number;
  /** How long the start condition can still change the level, ms: beyond it time alone matters no more. */
  settledAfterMs(rules: Rules, lift: LiftState): number;
  /** The end condition now; it must hold for `clearAfterMs`. */
  ended(lift: LiftState, slot: Slot, rules: Rules): Truth;
  clearAfterMs(lift: LiftState, rules: Rules): number;
  /** Time without new evidence after which the alert ends by itself, ms; null for never. */
  autoCloseAfterMs(rules: Rules): number | null;
  /** After closing by itself: lets go of evidence that would otherwise stand for ever. */
  forget?(lift: LiftState): void;
  /** Limits that go into the alert beside those of its rule: what was derived for this lift. */
  limits?(lift: LiftState, rules: Rules): Record<string, number | null>;
  /** Whether the controller's code is to be heeded now; always where absent. */
  heeds?(lift: LiftState): boolean;
  /** Level of the controller's word alone, and of a learnt trend alone; the gravest and the first where absent. */
  readonly toldLevel?: number;
  readonly trendLevel?: number;
  /** The values that were judged. */
  details(lift: LiftState, slot: Slot, rules: Rules): Record<string, unknown>;
}

/** The values that most detectors judge, for people. */
export function carDetails(lift: LiftState): Record<string, unknown> {
  return {
    speedMps: lift.speedMps,
    floor: lift.floor,
    positionM: lift.positionM,
    doorZone: lift.doorZone,
    doors: { front: lift.front, rear: lift.rear },
    mode: lift.mode,
  };
}

/** Everything that carries people between floors behind doors. */
export function isLift(lift: LiftState): boolean {
  return lift.kind !== "escalator";
}
