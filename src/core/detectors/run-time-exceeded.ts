/** `run-time-exceeded`: the motor turns for longer than its limiter allows and no floor comes (domain.md §3). */
import type { LiftState } from "../lift-state.ts";
import type { Rules } from "../rules.ts";
import { ON, carDetails, isLift, type Detector } from "./detector.ts";

const HAZARD = "run-time-exceeded";

/** This lift's own limit: min(most, full travel + margin), not below the least; the most, where travel or speed is unknown, ms. */
function limitMs(lift: LiftState, rules: Rules): number {
  const { leastMs, mostMs, marginMs } = rules[HAZARD];
  if (lift.travelM === null || lift.ratedSpeedMps === null) return mostMs;
  return Math.min(mostMs, Math.max(leastMs, Math.round((lift.travelM / lift.ratedSpeedMps) * 1_000) + marginMs));
}

export const runTimeExceeded: Detector = {
  hazard: HAZARD,
  on: ON.speed,
  grades: [{ evidence: "confirmed", priority: "high" }],
  applies: isLift,
  missing: (lift) => [
    ...(lift.speedMps === null ? ["speedMps"] : []),
    ...(lift.floor === null ? ["floor"] : []),
    ...(lift.travelM === null ? ["travelM"] : []),
    ...(lift.ratedSpeedMps === null ? ["ratedSpeedMps"] : []),
  ],
  wakes: (lift, _channel, _reading, rules) => lift.runMs > rules[HAZARD].leastMs,
  holds: (lift, _slot, rules) => (lift.floor === null ? null : lift.runMs > limitMs(lift, rules)),
  level: () => 1,
  raisedAfterMs: () => 0,
  settledAfterMs: () => 0,
  ended: (lift, _slot, rules) => lift.runMs <= limitMs(lift, rules),
  clearAfterMs: (_lift, rules) => rules[HAZARD].clearAfterMs,
  autoCloseAfterMs: (rules) => rules[HAZARD].autoCloseAfterMs,
  limits: (lift, rules) => ({ limitMs: limitMs(lift, rules), travelM: lift.travelM, ratedSpeedMps: lift.ratedSpeedMps }),
  details: (lift) => ({ ...carDetails(lift), movedWithoutFloorMs: lift.runMs }),
};
