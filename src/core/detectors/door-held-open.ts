/** `door-held-open`: a door stays away from closed in normal mode (domain.md §3). */
import { doorsClosed, type LiftState, type Truth } from "../lift-state.ts";
import { ON, carDetails, isLift, type Detector } from "./detector.ts";

const HAZARD = "door-held-open";

function holds(lift: LiftState): Truth {
  // Binary doors know only "closed" or not, so opening and closing count as open. A lift that reports no mode is in normal mode.
  if (lift.mode !== null && lift.mode !== "normal") return false;
  const closed = doorsClosed(lift);
  return closed === null ? null : !closed;
}

export const doorHeldOpen: Detector = {
  hazard: HAZARD,
  on: ON.door | ON.status | ON.fault,
  grades: [{ evidence: "confirmed", priority: "low" }],
  applies: isLift,
  missing: (lift) => (doorsClosed(lift) === null ? ["state"] : []),
  wakes: (lift) => holds(lift) === true,
  holds,
  level: (_lift, _slot, lastedMs, rules) => (lastedMs > rules[HAZARD].afterMs ? 1 : 0),
  raisedAfterMs: (_lift, _slot, rules) => rules[HAZARD].afterMs,
  settledAfterMs: (rules) => rules[HAZARD].afterMs + 1,
  ended: (lift) => doorsClosed(lift),
  clearAfterMs: () => 0,
  autoCloseAfterMs: (rules) => rules[HAZARD].autoCloseAfterMs,
  details: (lift) => ({ ...carDetails(lift), openSince: lift.doorOpenSince < 0 ? null : lift.doorOpenSince }),
};
