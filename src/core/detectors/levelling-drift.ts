/**
 * `levelling-drift`: the car stops off its landing (domain.md §3). What is judged here is the single stop; a trend over many
 * stops is learnt elsewhere and comes in as evidence of its own (`lift.learnt`).
 */
import { doorsClosed, orNull, type LiftState } from "../lift-state.ts";
import type { Rules } from "../rules.ts";
import { ON, carDetails, isLift, type Detector } from "./detector.ts";

const HAZARD = "levelling-drift";

/** Doors open this long before or after a stop that was meant for the landing; a car that an open safety circuit stopped stays shut (assumption). */
const DOORS_FOLLOW_MS = 10_000;
const DOORS_AHEAD_MS = 3_000;

/** The newest stop was an arrival: the doors open at it. */
function arrived(lift: LiftState): boolean {
  const afterMs = lift.doorOpenSince - lift.stopAt;
  return lift.stopAt >= 0 && lift.doorOpenSince >= 0 && afterMs >= -DOORS_AHEAD_MS && afterMs <= DOORS_FOLLOW_MS;
}

/** Off by more than a kept level, and near enough to be meant for the landing: beyond that the car stands between floors. */
function off(lift: LiftState, rules: Rules): boolean {
  const offsetMm = lift.stopOffsetMmOrNaN;
  if (!(Math.abs(offsetMm) > rules[HAZARD].offsetAboveMm) || Math.abs(offsetMm) > rules[HAZARD].landingWithinMm) return false;
  const past = lift.floor === lift.topFloor ? 1 : lift.floor === 1 ? -1 : 0;
  // Past a terminal landing it is overtravel.
  return past * offsetMm <= rules.overtravel.beyondMm;
}

export const levellingDrift: Detector = {
  hazard: HAZARD,
  on: ON.speed | ON.door,
  grades: [
    { evidence: "suspected", priority: "medium" },
    { evidence: "confirmed", priority: "medium" },
  ],
  applies: isLift,
  missing: (lift) => [...(lift.levelOffsetMm === null ? ["levelOffsetMm"] : []), ...(doorsClosed(lift) === null ? ["state"] : [])],
  wakes: (lift, channel, _reading, rules) =>
    (channel === "door" ? lift.doorOpenSince === lift.at : lift.stopAt === lift.at) && off(lift, rules) && arrived(lift),
  /** Stops off the level one after the other; `sampleAt` is the newest of them. */
  sample(lift, slot, _channel, _reading, rules) {
    if (slot.sampleAt === lift.stopAt || !arrived(lift)) return;
    slot.sampleAt = lift.stopAt;
    slot.samples = off(lift, rules) ? slot.samples + 1 : 0;
  },
  holds: (_lift, slot) => slot.samples > 0,
  level: (_lift, slot, _lastedMs, rules) => (slot.samples >= rules[HAZARD].confirmedStops ? 2 : 1),
  raisedAfterMs: () => 0,
  settledAfterMs: () => 0,
  ended: (_lift, slot) => slot.samples === 0,
  clearAfterMs: () => 0,
  autoCloseAfterMs: (rules) => rules[HAZARD].autoCloseAfterMs,
  details: (lift, slot) => ({ ...carDetails(lift), stopOffsetMm: orNull(lift.stopOffsetMmOrNaN), stops: slot.samples }),
};
