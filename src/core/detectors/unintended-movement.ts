/** `unintended-movement`: the car leaves its landing, or moves, with a door open (domain.md §3; compare GB/T 24476 code 05). */
import { STOPPED_BELOW_MPS } from "../car.ts";
import { doorsClosed, inDoorZone, stopped, type LiftState, type Slot } from "../lift-state.ts";
import type { SpeedReading } from "../reading.ts";
import type { Rules } from "../rules.ts";
import { ON, carDetails, isLift, type Detector } from "./detector.ts";

const HAZARD = "unintended-movement";
/** Of a way that samples of 1 Hz add up to, what the car has gone for certain (assumption: half, as for one sample of two). */
const WAY_SHARE = 0.5;

/** The unlocking zone, from end to end with coupled doors (domain.md §2, unverified): who has gone so far is out of it. */
const ZONE_M = 0.7;

/** The zone is reported still, after a time in which a car of that speed would have left it: the speed is not the car's. */
function speedBelied(lift: LiftState, slot: Slot, reading: SpeedReading): boolean {
  const wayM = (Math.abs(reading.speedMps) * (reading.at - slot.sampleAt)) / 1_000;
  return slot.samples > 0 && reading.doorZone === true && lift.doorOpenSince >= 0 && wayM > ZONE_M;
}

/**
 * Seen away from level with a door open. A car that already stood there when its door was opened has not moved: that is how people
 * are freed, unless nobody knew yet that there were any.
 */
function awayFromLevel(lift: LiftState, offsetAboveMm: number): boolean {
  if (lift.openedOutsideZone) return lift.openedAway && lift.slots[0]?.alertId == null;
  if (lift.doorZone === false && lift.doorZoneAt >= lift.doorOpenSince) return true;
  // Without either, by how far the car has gone from where it stood when its door opened.
  if (lift.doorZone === null && lift.doorOpenSince >= 0 && lift.speedAt >= lift.doorOpenSince && goneMm(lift) > offsetAboveMm) return true;
  return Math.abs(lift.levelOffsetMmOrNaN) > offsetAboveMm && lift.levelOffsetAt >= lift.doorOpenSince;
}

function isFast(lift: LiftState, reading: SpeedReading, rules: Rules): boolean {
  return Math.abs(reading.speedMps) > rules[HAZARD].speedAboveMps && reading.at >= lift.doorOpenSince;
}

/** How far the car is from where its doors opened: by its position; or, where none is reported, by its speed, which is sampled too seldom to be exact, mm. */
function goneMm(lift: LiftState): number {
  const openedM = lift.openedMOrNaN;
  if (Number.isNaN(openedM)) return 0;
  if (!Number.isNaN(lift.positionMOrNaN)) return Math.abs(lift.positionMOrNaN - openedM) * 1_000;
  return lift.wayKnown ? Math.abs(lift.wayM - openedM) * 1_000 * WAY_SHARE : 0;
}

export const unintendedMovement: Detector = {
  hazard: HAZARD,
  on: ON.door | ON.speed | ON.status,
  grades: [{ evidence: "confirmed", priority: "critical" }],
  applies: isLift,
  missing: (lift) => [
    ...(doorsClosed(lift) === null ? ["state"] : []),
    ...(lift.speedMps === null && lift.doorZone === null ? ["speedMps"] : []),
  ],
  wakes(lift, channel, reading, rules) {
    if (lift.doorOpenSince < 0) return false;
    return (channel === "speed" && isFast(lift, reading as SpeedReading, rules)) || awayFromLevel(lift, rules[HAZARD].offsetAboveMm);
  },
  sample(lift, slot, channel, reading, rules) {
    if (doorsClosed(lift) !== false) slot.samples = 0;
    else if (channel === "speed" && "speedMps" in reading) {
      // A speed that may have frozen is not counted at the landing: a car of that speed is out of the zone within seconds, and told then.
      const counts = reading.doorZone !== true || !lift.speedDoubtful;
      if (!isFast(lift, reading, rules)) slot.samples = 0;
      else if (speedBelied(lift, slot, reading)) slot.samples = 1;
      else if (counts) slot.samples += 1;
      slot.sampleAt = reading.at;
    }
  },
  holds(lift, slot, rules) {
    // A door that opens in a car already running is its own hazard, door-open-while-running.
    if (doorsClosed(lift) !== false || lift.openedMoving) return false;
    return slot.samples >= rules[HAZARD].samples || awayFromLevel(lift, rules[HAZARD].offsetAboveMm);
  },
  level: () => 1,
  raisedAfterMs: () => 0,
  settledAfterMs: () => 0,
  ended: (lift) => doorsClosed(lift) === true || (inDoorZone(lift) === true && stopped(lift, STOPPED_BELOW_MPS) === true),
  clearAfterMs: (_lift, rules) => rules[HAZARD].clearAfterMs,
  autoCloseAfterMs: (rules) => rules[HAZARD].autoCloseAfterMs,
  details: (lift) => ({
    ...carDetails(lift),
    levelOffsetMm: lift.levelOffsetMm,
    goneMm: lift.doorZone === null ? Math.round(goneMm(lift)) : null,
    persons: lift.persons,
  }),
};
