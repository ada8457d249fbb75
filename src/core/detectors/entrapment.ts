/** `entrapment` and `entrapment-at-level`: somebody inside a stopped car behind closed doors (domain.md §3). */
import { RUNS_ABOVE_MPS } from "../car.ts";
import { all, doorsClosed, inDoorZone, stopped, type LiftState, type Slot, type Truth } from "../lift-state.ts";
import { PERSON_KG, personsDoubtful, somebodyInside } from "../persons.ts";
import type { Rules } from "../rules.ts";
import { ON, carDetails, isLift, type Detector } from "./detector.ts";

/** The two are the first in the table of detectors. */
function hasAlert(lift: LiftState, index: 0 | 1): boolean {
  return (lift.busy & (1 << index)) !== 0 && lift.slots[index]?.alertId != null;
}

/** How long the car had stood shut when its button told that somebody is inside: who presses has been in there since then, ms. */
function stoodMs(lift: LiftState, slot: Slot): number {
  return lift.alarmButton && lift.stopAt >= 0 ? Math.max(0, slot.since - Math.max(lift.stopAt, lift.doorClosedAt)) : 0;
}

/**
 * Between doors that close and a car that sets off lies a moment, and a link that drops in it says nothing of the ride that follows. So
 * people are shut in at a landing only where the lift has said something when it would have been away (assumption) …
 */
const AWAY_AFTER_MS = 5_000;
/** … if it is one that speaks: so many readings in a row without a number missing, which is as far as they are counted (signals.ts). */
const SPEAKS = 20;

/** Heard since everybody who rides would have left the landing. A lift that promises no word in time is judged without one. */
function heardSince(lift: LiftState, slot: Slot, withinMs: number): boolean {
  return lift.gapless < SPEAKS || lift.keepAliveS * 1_000 > withinMs || lift.at - slot.since >= AWAY_AFTER_MS;
}

/** A car that ran no later than this after its controller's word has not run since: the last samples of a stop come late (assumption). */
const RAN_WITHIN_MS = 3_000;

/**
 * The controller says that the car stands outside its door zone (code 04), and no run has belied it since: then neither a speed nor
 * a door need be known, nor an attempt to start again be believed. People who push the doors there are not out.
 */
function saidStuck(lift: LiftState): boolean {
  for (const { hazard, since } of lift.faults)
    if (hazard === "stopped-outside-door-zone" && lift.ranAt <= since + RAN_WITHIN_MS) {
      const zone = inDoorZone(lift);
      return zone === false || (zone === null && doorsClosed(lift) !== false);
    }
  return false;
}

/** By whom people are freed, who are brought to a landing, a car is moved no faster (domain.md §2: inspection). */
const RESCUE_MPS = 0.63;

/** Slower than any run: it re-levels, or tries to start and does not; or it is moved by those who free its people. */
function creeps(lift: LiftState, index: 0 | 1): boolean {
  return Math.abs(lift.speedMpsOrNaN) < (hasAlert(lift, index) ? RESCUE_MPS : RUNS_ABOVE_MPS);
}

function entrapmentDetector(
  hazard: "entrapment" | "entrapment-at-level",
  limitsOf: (rules: Rules) => Rules["entrapment" | "entrapment-at-level"],
): Detector {
  const atLevel = hazard === "entrapment-at-level";

  function inside(lift: LiftState, rules: Rules): Truth {
    const { loadAboveKg } = limitsOf(rules);
    // Between floors every sign counts. At a landing a car stands most of the day, and a false count would page each time.
    if (inDoorZone(lift) !== false && !lift.alarmButton && personsDoubtful(lift, loadAboveKg)) return null;
    return somebodyInside(lift, loadAboveKg);
  }
  function zone(lift: LiftState): Truth {
    const reported = inDoorZone(lift);
    // Brought to level with its doors shut, it is the same entrapment still.
    if (!atLevel && reported === true && hasAlert(lift, 0)) return true;
    // Where nothing tells where the car stands, people are shut in all the same: told as an entrapment, at the slower pace of one at level.
    return reported === null ? !atLevel : reported === atLevel;
  }
  function pace(lift: LiftState, rules: Rules): { suspectedAfterMs: number; confirmedAfterMs: number } {
    const own = limitsOf(rules);
    if (atLevel || inDoorZone(lift) === false) return own;
    const slower = rules["entrapment-at-level"];
    return {
      suspectedAfterMs: Math.max(own.suspectedAfterMs, slower.suspectedAfterMs),
      confirmedAfterMs: Math.max(own.confirmedAfterMs, slower.confirmedAfterMs),
    };
  }

  function holds(lift: LiftState, rules: Rules): Truth {
    // The same people are not trapped twice: a car brought to level with its doors shut keeps the first alert (G5).
    if (atLevel && hasAlert(lift, 0)) return false;
    // Of a car that runs nothing else is asked: most readings are of one.
    const stands = stopped(lift, limitsOf(rules).stoppedBelowMps);
    if (!atLevel && lift.reported !== 0 && saidStuck(lift)) return inside(lift, rules);
    return stands === false ? false : all(stands, zone(lift), doorsClosed(lift), inside(lift, rules));
  }
  /** What comes and goes: a count that flickers, a try to start or to re-level, and, between floors, doors that people push. */
  function lapses(lift: LiftState, rules: Rules): boolean {
    if (!creeps(lift, atLevel ? 1 : 0)) return false;
    if (atLevel) return !hasAlert(lift, 0) && all(inDoorZone(lift) === true, doorsClosed(lift), inside(lift, rules), true) === true;
    return (inDoorZone(lift) === false || hasAlert(lift, 0)) && doorsClosed(lift) !== null;
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
      ...(atLevel && inDoorZone(lift) === null ? ["doorZone"] : []),
      ...((lift.persons === null && (lift.loadKg === null || lift.kind !== "passenger")) || (atLevel && personsDoubtful(lift, PERSON_KG))
        ? ["persons"]
        : []),
    ],
    wakes: (lift, _channel, _reading, rules) => holds(lift, rules) === true,
    holds: (lift, _slot, rules) => holds(lift, rules),
    lapses,
    level(lift, slot, lastedMs, rules) {
      const { suspectedAfterMs, confirmedAfterMs } = pace(lift, rules);
      if (inDoorZone(lift) !== false && !lift.alarmButton && !heardSince(lift, slot, suspectedAfterMs)) return 0;
      if (lastedMs >= confirmedAfterMs) return 2;
      if (lastedMs + stoodMs(lift, slot) < suspectedAfterMs) return 0;
      return lift.alarmButton ? 2 : 1;
    },
    raisedAfterMs: (lift, slot, rules) => Math.max(0, pace(lift, rules).suspectedAfterMs - stoodMs(lift, slot)),
    settledAfterMs(rules, lift) {
      const { suspectedAfterMs, confirmedAfterMs } = pace(lift, rules);
      return Math.max(suspectedAfterMs, confirmedAfterMs);
    },
    /**
     * People are free when a door stands open at a landing, when the car moves again, or when nobody is inside after all.
     * A door forced open between floors does not end it, and no timer does.
     */
    ended(lift, _slot, rules) {
      if (!atLevel && lift.reported !== 0 && saidStuck(lift)) return inside(lift, rules) === false;
      const closed = doorsClosed(lift);
      // Whoever is brought to a landing by hand is inside until its doors open.
      const moving = stopped(lift, limitsOf(rules).stoppedBelowMps) === false && !(Math.abs(lift.speedMpsOrNaN) < RESCUE_MPS);
      if (closed === false && inDoorZone(lift) !== false) return true;
      if (moving && closed !== false) return true;
      return inside(lift, rules) === false;
    },
    clearAfterMs: (lift, rules) => (doorsClosed(lift) === false && inDoorZone(lift) === true ? 0 : limitsOf(rules).clearAfterMs),
    autoCloseAfterMs: () => null,
    limits: (lift, rules) => (pace(lift, rules) === limitsOf(rules) ? {} : { ...pace(lift, rules) }),
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
