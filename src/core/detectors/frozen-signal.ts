/** `frozen-signal`: readings that stay the same while the lift goes on with its trips, or that cannot be (domain.md §3). */
import type { LiftState } from "../lift-state.ts";
import type { Rules } from "../rules.ts";
import { ON, carDetails, isLift, type Detector } from "./detector.ts";

const HAZARD = "frozen-signal";

/** Identical readings beside trips that went on; or standstill, beside a position that went on. */
function frozen(lift: LiftState, rules: Rules): boolean {
  return Math.max(lift.sameReadings, lift.belied) >= rules[HAZARD].readings;
}

/** A load that no car has. */
function impossibleLoad({ loadKgOrNaN: loadKg, ratedLoadKg }: LiftState, rules: Rules): boolean {
  const { loadBelowKg, loadFactor } = rules[HAZARD];
  return loadKg < loadBelowKg || (ratedLoadKg !== null && loadKg > ratedLoadKg * loadFactor);
}

/** What no car can do, by the name of the field; null where all may be true. */
function impossibleMotion(lift: LiftState, rules: Rules): string | null {
  const { speedFactor, beyondShaftM } = rules[HAZARD];
  const { ratedSpeedMps } = lift;
  if (ratedSpeedMps !== null && Math.abs(lift.speedMpsOrNaN) > ratedSpeedMps * speedFactor) return "speedMps";
  const positionM = lift.positionMOrNaN;
  return positionM < -beyondShaftM || (lift.travelM !== null && positionM > lift.travelM + beyondShaftM) ? "positionM" : null;
}

function impossible(lift: LiftState, rules: Rules): string | null {
  return impossibleLoad(lift, rules) ? "loadKg" : impossibleMotion(lift, rules);
}

export const frozenSignal: Detector = {
  hazard: HAZARD,
  on: ON.speed | ON.status,
  grades: [{ evidence: "confirmed", priority: "low" }],
  applies: isLift,
  missing: (lift) => [...(lift.speedMps === null ? ["speedMps"] : []), ...(lift.tripCount === null ? ["tripCount"] : [])],
  // Each channel can make only its own values impossible.
  wakes: (lift, channel, _reading, rules) =>
    channel === "status" ? impossibleLoad(lift, rules) : frozen(lift, rules) || impossibleMotion(lift, rules) !== null,
  holds: (lift, _slot, rules) => frozen(lift, rules) || impossible(lift, rules) !== null,
  level: () => 1,
  raisedAfterMs: () => 0,
  settledAfterMs: () => 0,
  ended: (lift, _slot, rules) => !frozen(lift, rules) && impossible(lift, rules) === null,
  clearAfterMs: (_lift, rules) => rules[HAZARD].clearAfterMs,
  autoCloseAfterMs: (rules) => rules[HAZARD].autoCloseAfterMs,
  details: (lift, _slot, rules) => ({
    ...carDetails(lift),
    identicalReadings: Math.max(0, lift.sameReadings, lift.belied),
    impossible: impossible(lift, rules),
    loadKg: lift.loadKg,
    tripCount: lift.tripCount,
  }),
};
