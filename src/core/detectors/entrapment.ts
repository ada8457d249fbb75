/** `entrapment` and `entrapment-at-level`: somebody inside a stopped car behind closed doors (domain.md §3). */
import { all, doorsClosed, inDoorZone, personsDoubtful, somebodyInside, stopped, type LiftState, type Truth } from "../lift-state.ts";
import type { Rules } from "../rules.ts";
import { ON, carDetails, isLift, type Detector } from "./detector.ts";

/** The two are the first in the table of detectors. */
function hasAlert(lift: LiftState, index: 0 | 1): boolean {
  return (lift.busy & (1 << index)) !== 0 && lift.slots[index]?.alertId != null;
}

/** Of `missing`, which knows no rules (domain.md §3). */
const DOUBT_BELOW_KG = 30;

function entrapmentDetector(
  hazard: "entrapment" | "entrapment-at-level",
  limitsOf: (rules: Rules) => Rules["entrapment" | "entrapment-at-level"],
): Detector {
  const atLevel = hazard === "entrapment-at-level";

  function inside(lift: LiftState, rules: Rules): Truth {
    const { loadAboveKg } = limitsOf(rules);
    // Between floors every sign counts. At a landing a car stands most of the day, and a false count would page each time.
    if (atLevel && !lift.alarmButton && personsDoubtful(lift, loadAboveKg)) return null;
    return somebodyInside(lift, loadAboveKg);
  }
  function zone(lift: LiftState): Truth {
    const reported = inDoorZone(lift);
    return reported === null ? null : reported === atLevel;
  }

  function holds(lift: LiftState, rules: Rules): Truth {
    // The same people are not trapped twice: a car brought to level with its doors shut keeps the first alert (G5).
    if (atLevel && hasAlert(lift, 0)) return false;
    return all(stopped(lift, limitsOf(rules).stoppedBelowMps), zone(lift), doorsClosed(lift), inside(lift, rules));
  }

  return {
    hazard,
    on: ON.door | ON.speed | ON.status | ON.fault,
    grades: [
      { evidence: "suspected", priority: "critical" },
      { evidence: "confirmed", priority: "critical" },
    ],
    applies: (lift) => isLift(lift) && lift.kind !== "dumbwaiter",
    // The same people are not trapped twice (G5), whichever of the two the controller's code names.
    heeds: (lift) => !hasAlert(lift, atLevel ? 0 : 1),
    missing: (lift) => [
      ...(doorsClosed(lift) === null ? ["state"] : []),
      ...(lift.speedMps === null ? ["speedMps"] : []),
      ...(inDoorZone(lift) === null ? ["doorZone"] : []),
      ...((lift.persons === null && lift.loadKg === null) || (atLevel && personsDoubtful(lift, DOUBT_BELOW_KG)) ? ["persons"] : []),
    ],
    wakes: (lift, _channel, _reading, rules) => holds(lift, rules) === true,
    holds: (lift, _slot, rules) => holds(lift, rules),
    level(lift, _slot, lastedMs, rules) {
      const { suspectedAfterMs, confirmedAfterMs } = limitsOf(rules);
      if (lastedMs >= confirmedAfterMs) return 2;
      if (lastedMs < suspectedAfterMs) return 0;
      return lift.alarmButton ? 2 : 1;
    },
    raisedAfterMs: (_lift, _slot, rules) => limitsOf(rules).suspectedAfterMs,
    settledAfterMs: (rules) => Math.max(limitsOf(rules).suspectedAfterMs, limitsOf(rules).confirmedAfterMs),
    /**
     * People are free when a door stands open at a landing, when the car moves again, or when nobody is inside after all.
     * A door forced open between floors does not end it, and no timer does.
     */
    ended(lift, _slot, rules) {
      const closed = doorsClosed(lift);
      const moving = stopped(lift, limitsOf(rules).stoppedBelowMps) === false;
      if (closed === false && inDoorZone(lift) !== false) return true;
      if (moving && closed !== false) return true;
      return inside(lift, rules) === false;
    },
    clearAfterMs: (lift, rules) => (doorsClosed(lift) === false && inDoorZone(lift) === true ? 0 : limitsOf(rules).clearAfterMs),
    autoCloseAfterMs: () => null,
    details: (lift) => ({
      ...carDetails(lift),
      persons: lift.persons,
      loadKg: lift.loadKg,
      alarmButton: lift.alarmButton,
      levelOffsetMm: lift.levelOffsetMm,
    }),
  };
}

export const entrapment = entrapmentDetector("entrapment", (rules) => rules.entrapment);
export const entrapmentAtLevel = entrapmentDetector("entrapment-at-level", (rules) => rules["entrapment-at-level"]);
