/** `position-lost`: the reported floor jumps away from the way that the car went (domain.md §3). */
import type { LiftState } from "../lift-state.ts";
import type { Rules } from "../rules.ts";
import { ON, carDetails, isLift, type Detector } from "./detector.ts";

const HAZARD = "position-lost";

/** The reading in hand made it jump. */
function jumped(lift: LiftState, rules: Rules): boolean {
  return lift.jumpAt >= 0 && lift.jumpAt === lift.at && Math.abs(lift.jumpFloors) > rules[HAZARD].jumpAboveFloors;
}

export const positionLost: Detector = {
  hazard: HAZARD,
  on: ON.speed | ON.status,
  grades: [{ evidence: "confirmed", priority: "medium" }],
  applies: isLift,
  missing: (lift) => [
    ...(lift.floor === null ? ["floor"] : []),
    ...(lift.speedMps === null ? ["speedMps"] : []),
    ...(lift.floorHeightM === null ? [lift.travelM === null ? "travelM" : "floors"] : []),
  ],
  wakes: (lift, _channel, _reading, rules) => jumped(lift, rules),
  holds: (lift, _slot, rules) => jumped(lift, rules),
  level: () => 1,
  raisedAfterMs: () => 0,
  settledAfterMs: () => 0,
  ended: (lift, _slot, rules) => !jumped(lift, rules),
  clearAfterMs: (_lift, rules) => rules[HAZARD].clearAfterMs,
  autoCloseAfterMs: (rules) => rules[HAZARD].autoCloseAfterMs,
  limits: (lift) => ({ floorHeightM: lift.floorHeightM }),
  details: (lift) => ({ ...carDetails(lift), jumpFloors: lift.jumpFloors }),
};
