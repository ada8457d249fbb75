/** `stopped-outside-door-zone`: an empty car, or one whose occupancy nobody knows, stands between floors (domain.md §3). */
import { doorsClosed, inDoorZone, stopped, type LiftState, type Truth } from "../lift-state.ts";
import { PERSON_KG, somebodyInside } from "../persons.ts";
import type { Rules } from "../rules.ts";
import { ON, carDetails, isLift, type Detector } from "./detector.ts";

const HAZARD = "stopped-outside-door-zone";
function holds(lift: LiftState, rules: Rules): Truth {
  const zone = inDoorZone(lift);
  const still = stopped(lift, rules[HAZARD].stoppedBelowMps);
  // With somebody inside it is an entrapment; where nothing can tell, it is this.
  if (somebodyInside(lift, rules[HAZARD].loadAboveKg) === true) return false;
  if (zone === true || still === false) return false;
  return zone === null || still === null ? null : true;
}

export const stoppedOutsideDoorZone: Detector = {
  hazard: HAZARD,
  on: ON.speed | ON.status | ON.fault,
  grades: [{ evidence: "confirmed", priority: "high" }],
  applies: isLift,
  /** The controller's code with people inside is an entrapment in the making, which is judged by its own rule where it can be. */
  heeds: (lift) =>
    !(somebodyInside(lift, PERSON_KG) === true && doorsClosed(lift) !== null && lift.speedMps !== null && inDoorZone(lift) === false),
  missing: (lift) => [...(lift.speedMps === null ? ["speedMps"] : []), ...(inDoorZone(lift) === null ? ["doorZone"] : [])],
  wakes: (lift, _channel, _reading, rules) => holds(lift, rules) === true,
  holds: (lift, _slot, rules) => holds(lift, rules),
  level: (_lift, _slot, lastedMs, rules) => (lastedMs >= rules[HAZARD].afterMs ? 1 : 0),
  raisedAfterMs: (_lift, _slot, rules) => rules[HAZARD].afterMs,
  settledAfterMs: (rules) => rules[HAZARD].afterMs,
  ended: (lift, _slot, rules) =>
    inDoorZone(lift) === true ||
    stopped(lift, rules[HAZARD].stoppedBelowMps) === false ||
    somebodyInside(lift, rules[HAZARD].loadAboveKg) === true,
  clearAfterMs: (_lift, rules) => rules[HAZARD].clearAfterMs,
  autoCloseAfterMs: (rules) => rules[HAZARD].autoCloseAfterMs,
  details: (lift, _slot, rules) => ({
    ...carDetails(lift),
    levelOffsetMm: lift.levelOffsetMm,
    occupied: somebodyInside(lift, rules[HAZARD].loadAboveKg),
  }),
};
