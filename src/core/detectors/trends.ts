/**
 * `door-slowing`, `travel-slowing` and `fault-rate-high`: what only learning finds (domain.md §3). Nothing here judges a single
 * reading; the trend comes in as evidence (`lift.learnt`), and ends when learning lets go of it.
 */
import type { LiftState } from "../lift-state.ts";
import type { JudgedHazard } from "../rules.ts";
import { doorsClosed } from "../lift-state.ts";
import { carDetails, isLift, type Detector } from "./detector.ts";

function learnt(
  hazard: JudgedHazard,
  priority: "low" | "medium",
  applies: (lift: LiftState) => boolean,
  missing: (lift: LiftState) => readonly string[],
): Detector {
  return {
    hazard,
    on: 0,
    grades: [{ evidence: "confirmed", priority }],
    applies,
    missing,
    wakes: () => false,
    holds: () => false,
    level: () => 0,
    raisedAfterMs: () => 0,
    settledAfterMs: () => 0,
    ended: () => true,
    clearAfterMs: () => 0,
    autoCloseAfterMs: () => null,
    details: carDetails,
  };
}

export const doorSlowing = learnt("door-slowing", "low", isLift, (lift) => (doorsClosed(lift) === null ? ["state"] : []));
export const travelSlowing = learnt("travel-slowing", "low", isLift, (lift) => (lift.speedMps === null ? ["speedMps"] : []));
export const faultRateHigh = learnt(
  "fault-rate-high",
  "medium",
  () => true,
  () => [],
);
