/** `door-cycling`: a door opens again and again at one stop (domain.md §3). */
import { carUnseen } from "../car.ts";
import { binaryDoors, doorsClosed, type LiftState } from "../lift-state.ts";
import type { Rules } from "../rules.ts";
import { ON, carDetails, isLift, type Detector } from "./detector.ts";

const HAZARD = "door-cycling";
const LOW = 1;
const MEDIUM = 2;

/** The newest reopening is the reading in hand. */
function justReopened(lift: LiftState): boolean {
  return lift.reopenings > 0 && lift.reopenedAt?.at(-1) === lift.at;
}

function often(lift: LiftState, rules: Rules): boolean {
  const { reopenings, withinMs, manyReopenings } = rules[HAZARD];
  if (lift.reopenings >= manyReopenings) return true;
  const first = lift.reopenedAt?.at(-reopenings);
  return lift.reopenings >= reopenings && first !== undefined && lift.at - first <= withinMs;
}

export const doorCycling: Detector = {
  hazard: HAZARD,
  on: ON.door | ON.speed,
  grades: [
    { evidence: "confirmed", priority: "low" },
    { evidence: "confirmed", priority: "medium" },
  ],
  toldLevel: LOW,
  applies: isLift,
  /**
   * Of binary doors it counts those that closed and opened again; one that turns round half-way is not seen. Of a car that is not
   * seen it counts the doors that opened again sooner than any ride to another landing takes (signals.ts).
   */
  missing: (lift) => [
    ...(carUnseen(lift) ? ["speedMps"] : []),
    ...(binaryDoors(lift) ? ["opening", "closing"] : doorsClosed(lift) === null ? ["state"] : []),
  ],
  wakes: (lift, channel, _reading, rules) => channel === "door" && lift.reopenings > 0 && justReopened(lift) && often(lift, rules),
  holds: (lift, _slot, rules) => justReopened(lift) && often(lift, rules),
  level: (lift, _slot, _lastedMs, rules) => (lift.reopenings >= rules[HAZARD].manyReopenings ? MEDIUM : LOW),
  raisedAfterMs: () => 0,
  settledAfterMs: () => 0,
  /** With the car away again, or without a further reopening for a while. */
  ended: (lift) => !justReopened(lift),
  clearAfterMs: (lift, rules) => (lift.reopenings === 0 ? 0 : rules[HAZARD].clearAfterMs),
  autoCloseAfterMs: (rules) => rules[HAZARD].autoCloseAfterMs,
  details: (lift) => ({ ...carDetails(lift), reopenings: lift.reopenings }),
};
