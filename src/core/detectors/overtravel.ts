/** `overtravel`: the car is past a terminal landing, or goes on that way after it (domain.md §3). */
import { STOPPED_BELOW_MPS } from "../car.ts";
import { doorsClosed, inDoorZone, orNull, stopped, type LiftState, type Slot } from "../lift-state.ts";
import type { Rules } from "../rules.ts";
import { ON, carDetails, isLift, type Detector } from "./detector.ts";

const HAZARD = "overtravel";
const SUSPECTED = 1;
const CONFIRMED = 2;

/** At the highest landing 1, at the lowest -1, else 0. */
function terminal(lift: LiftState): number {
  if (lift.floor === null) return 0;
  return lift.floor === lift.topFloor ? 1 : lift.floor === 1 ? -1 : 0;
}

/** Past the terminal level by the offset of a stopped car, or by its position, mm; NaN where neither can tell. */
function beyondMm(lift: LiftState): number {
  const end = terminal(lift);
  const offsetMm = lift.levelOffsetMmOrNaN;
  if (lift.levelOffsetAt === lift.speedAt && !Number.isNaN(offsetMm)) return end === 0 ? Number.NaN : end * offsetMm;
  // A register's travel may be some centimetres wrong: within the zone the level offset, said when the car stops, decides.
  if (lift.doorZone === true && !Number.isNaN(offsetMm)) return Number.NaN;
  const positionM = lift.positionMOrNaN;
  const above = lift.travelM === null ? Number.NEGATIVE_INFINITY : positionM - lift.travelM;
  return Math.max(above, -positionM) * 1_000;
}

function passed(lift: LiftState, rules: Rules): boolean {
  return beyondMm(lift) > rules[HAZARD].beyondMm;
}

/**
 * A car that stands at its landing with an open door sinks or rises as people change, and levels again: it has gone nowhere. What
 * counts there is where it came to stand from its run.
 */
function levelsAgain(lift: LiftState, slot: Slot): boolean {
  return slot.samples === 0 && doorsClosed(lift) === false && inDoorZone(lift) !== false && lift.stopAt !== lift.at;
}

/** It was in the zone of a terminal landing, went on the same way and is out of it; unless its position says that it is not: then its speed has the wrong sign. */
function leftZone(lift: LiftState): boolean {
  if (lift.passedZone === 0 || lift.doorZone !== false || terminal(lift) !== lift.passedZone) return false;
  return !(beyondMm(lift) <= 0);
}

export const overtravel: Detector = {
  hazard: HAZARD,
  on: ON.speed,
  grades: [
    { evidence: "suspected", priority: "critical" },
    { evidence: "confirmed", priority: "critical" },
  ],
  applies: isLift,
  missing: (lift) => {
    const lacking: string[] = [];
    if (lift.topFloor === null) lacking.push("floors");
    if (lift.levelOffsetMm === null && lift.positionM === null) lacking.push("positionM");
    else if (lift.levelOffsetMm === null && lift.travelM === null) lacking.push("travelM");
    return lacking;
  },
  wakes: (lift, _channel, _reading, rules) => leftZone(lift) || passed(lift, rules),
  sample(lift, slot, _channel, _reading, rules) {
    slot.samples = passed(lift, rules) && !levelsAgain(lift, slot) ? slot.samples + 1 : 0;
  },
  holds: (lift, slot) => slot.samples > 0 || leftZone(lift),
  level(lift, slot, _lastedMs, rules) {
    // One sample of a moving car may be noise; of one that stands, or is out of every zone, it is not.
    const sure = stopped(lift, STOPPED_BELOW_MPS) === true || lift.doorZone === false;
    if (slot.samples >= rules[HAZARD].samples || (slot.samples > 0 && sure)) return CONFIRMED;
    return leftZone(lift) ? SUSPECTED : 0;
  },
  raisedAfterMs: (lift, slot) => lift.at - slot.since,
  settledAfterMs: () => 0,
  ended: (lift, slot) => slot.samples === 0 && !leftZone(lift),
  clearAfterMs: (_lift, rules) => rules[HAZARD].clearAfterMs,
  autoCloseAfterMs: (rules) => rules[HAZARD].autoCloseAfterMs,
  limits: (lift) => ({ travelM: lift.travelM, floors: lift.topFloor }),
  details: (lift) => ({ ...carDetails(lift), levelOffsetMm: lift.levelOffsetMm, beyondMm: orNull(beyondMm(lift)), persons: lift.persons }),
};
