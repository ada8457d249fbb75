/** The hazards that the simulator can bring about, and what else it can stage. */
import type { Hazard } from "../../src/core/effects.ts";

/** Shown within minutes, on lifts. */
const SWIFT = [
  "entrapment",
  "entrapment-at-level",
  "unintended-movement",
  "door-open-while-running",
  "overspeed",
  "overtravel",
  "stopped-outside-door-zone",
  "run-time-exceeded",
  "brake-weakening",
  "levelling-drift",
  "position-lost",
  "reported-fault",
  "repeated-faults",
  "silent",
  "door-held-open",
  "door-cycling",
  "frozen-signal",
] as const satisfies readonly Hazard[];

/** On escalators and moving walks only. */
export const ESCALATOR_HAZARDS = [
  "escalator-overspeed",
  "escalator-reversal",
  "escalator-missing-step",
  "handrail-deviation",
] as const satisfies readonly Hazard[];

/** Of many machines at once. */
export const MASS_HAZARDS = ["mass-event"] as const satisfies readonly Hazard[];

/** Wear and decay over days to months, beside whatever else befalls the lift. */
export const SLOW_HAZARDS = ["door-slowing", "travel-slowing", "fault-rate-high"] as const satisfies readonly Hazard[];

export const SIMULATED = [...SWIFT, ...ESCALATOR_HAZARDS, ...MASS_HAZARDS, ...SLOW_HAZARDS] as const;
export type SimulatedHazard = (typeof SIMULATED)[number];
export type SwiftHazard = (typeof SWIFT)[number];
export type EscalatorHazard = (typeof ESCALATOR_HAZARDS)[number];

/** Kinds of wear: each a hazard of its own, or the slow form of one. */
export const WEAR = [...SLOW_HAZARDS, "levelling-trend", "brake-trend"] as const;
export type Wear = (typeof WEAR)[number];

/** What looks like a hazard and is none: a monitor must stay quiet. */
export const NEAR_MISSES = [
  "re-levelling",
  "long-loading",
  "inspection-run",
  "firefighter-drive",
  "parked-open",
  "person-sensor-stuck",
  "clock-jumps",
  "speed-noise",
  "rated-speed-change",
] as const;
export type NearMiss = (typeof NEAR_MISSES)[number];

/** Whatever a scenario can be asked to show. */
export type Happening = SimulatedHazard | Wear | NearMiss;
