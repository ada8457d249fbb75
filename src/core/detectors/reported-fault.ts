/** `reported-fault`: the controller reports a fault code that names no hazard of its own (domain.md §2); one that does is evidence for that hazard. */
import { meaningOfCode } from "../dialects.ts";
import { PRIORITIES, type Priority } from "../effects.ts";
import { doorsClosed, inDoorZone, type ActiveFault, type LiftState } from "../lift-state.ts";
import { ON, carDetails, type Detector } from "./detector.ts";

const HAZARD = "reported-fault";
/** A code that this version does not know may be anything (assumption). */
const UNKNOWN_CODE: Priority = "medium";

/** Pressed, in a lift where the entrapment rules cannot judge: then the button itself is what an operator must see. */
function unjudgedAlarm(lift: LiftState): boolean {
  return lift.alarmButton && !lift.alarmReleased && (doorsClosed(lift) === null || lift.speedMps === null || inDoorZone(lift) === null);
}

function gravity(priority: Priority): number {
  return PRIORITIES.length - PRIORITIES.indexOf(priority);
}

function faultGravity(fault: ActiveFault): number {
  return gravity(meaningOfCode(fault.dialect, fault.code)?.priority ?? UNKNOWN_CODE);
}

function unnamed(fault: ActiveFault): boolean {
  return fault.hazard === null;
}

export const reportedFault: Detector = {
  hazard: HAZARD,
  on: ON.fault,
  /** One grade a priority, lowest first: an alert rises with its gravest code. */
  grades: PRIORITIES.toReversed().map((priority) => ({ evidence: "confirmed", priority })),
  applies: () => true,
  missing: () => [],
  wakes: () => true,
  holds: (lift) => lift.faults.some(unnamed) || unjudgedAlarm(lift),
  level(lift) {
    let highest = unjudgedAlarm(lift) ? gravity("high") : 0;
    for (const fault of lift.faults) if (unnamed(fault)) highest = Math.max(highest, faultGravity(fault));
    return highest;
  },
  raisedAfterMs: () => 0,
  settledAfterMs: () => 0,
  ended: (lift) => !lift.faults.some(unnamed) && !unjudgedAlarm(lift),
  clearAfterMs: () => 0,
  autoCloseAfterMs: (rules) => rules[HAZARD].autoCloseAfterMs,
  forget(lift) {
    lift.faults = lift.faults.filter((fault) => !unnamed(fault));
    lift.alarmButton = false;
    lift.alarmReleased = false;
  },
  details: (lift) => ({
    ...carDetails(lift),
    faults: lift.faults.filter(unnamed).map((fault) => ({ ...fault })),
    alarmButton: lift.alarmButton,
  }),
};
