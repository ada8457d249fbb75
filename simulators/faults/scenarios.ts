/**
 * Courses of hazards by name: each takes a machine through onset, course and end by driving its own parts, so the signals follow
 * from what the machine does, and the truth is read off the movement itself.
 */
import type { Course } from "../lift/machine.ts";
import type { EscalatorSpec } from "../lift/escalator.ts";
import type { LiftSpec } from "../lift/spec.ts";
import { frozenSignal, positionLost, repeatedFaults, reportedFault, silent } from "./controls.ts";
import { doorCycling, doorHeldOpen } from "./doors.ts";
import { ESCALATOR_COURSES, escalatorFault } from "./escalators.ts";
import { ESCALATOR_HAZARDS, NEAR_MISSES, WEAR } from "./hazards.ts";
import type { EscalatorHazard, Happening, NearMiss, SwiftHazard, Wear } from "./hazards.ts";
import { brakeWeakening, levellingDrift } from "./levels.ts";
import { cruiseS, doorOpenWhileRunning, overspeed, overtravel, runTimeExceeded, unintendedMovement } from "./movements.ts";
import { NEAR_MISS_COURSES, stretches } from "./near-misses.ts";
import { forEscalator, forLift } from "./stage.ts";
import type { AnyStage, Stage } from "./stage.ts";
import { entrapment, entrapmentAtLevel, stoppedOutside } from "./stops.ts";
import { wearOut } from "./wear.ts";

export type MachineSpec = LiftSpec | EscalatorSpec;

const COURSES: Readonly<Record<Exclude<SwiftHazard, "silent">, (stage: Stage) => Course>> = {
  entrapment,
  "stopped-outside-door-zone": stoppedOutside,
  "entrapment-at-level": entrapmentAtLevel,
  "unintended-movement": unintendedMovement,
  "door-open-while-running": doorOpenWhileRunning,
  overspeed,
  overtravel,
  "run-time-exceeded": runTimeExceeded,
  "brake-weakening": brakeWeakening,
  "levelling-drift": levellingDrift,
  "position-lost": positionLost,
  "door-held-open": doorHeldOpen,
  "door-cycling": doorCycling,
  "reported-fault": reportedFault,
  "repeated-faults": repeatedFaults,
  "frozen-signal": frozenSignal,
};

const isWear = (name: Happening): name is Wear => (WEAR as readonly string[]).includes(name);
const isNearMiss = (name: Happening): name is NearMiss => (NEAR_MISSES as readonly string[]).includes(name);
const isEscalatorHazard = (name: Happening): name is EscalatorHazard => (ESCALATOR_HAZARDS as readonly string[]).includes(name);

/** What befalls one machine by itself; a mass event befalls many (mass-event.ts). */
export type Single = Exclude<Happening, "mass-event">;

/** The course of one happening, to be given to `begin` of the machine, or to `beginSlow` of a lift when it is slow. */
export function courseOf(name: Single, stage: AnyStage): Course {
  if (isEscalatorHazard(name)) return forEscalator(ESCALATOR_COURSES[name])(stage);
  if (name === "silent") return silent(stage);
  if (name === "reported-fault" && stage.lift.kind === "escalator") return forEscalator(escalatorFault)(stage);
  if (isWear(name)) return forLift((own) => wearOut(name, own))(stage);
  return forLift(isNearMiss(name) ? NEAR_MISS_COURSES[name] : COURSES[name])(stage);
}

/** Whether it goes on for days beside whatever else befalls the lift. */
export function isSlow(name: Single): boolean {
  return isWear(name);
}

/** Whether a machine is built so that the happening can show. */
export function suits(name: Single, spec: MachineSpec): boolean {
  if (spec.kind === "escalator") return isEscalatorHazard(name) || name === "silent" || name === "reported-fault";
  if (isEscalatorHazard(name)) return false;
  if (name === "silent") return true;
  // The rest needs people, a controller of some wit, and a way to go.
  if (spec.kind === "dumbwaiter" || spec.travelM < 6) return false;
  return NEEDS[name]?.(spec) ?? true;
}

/** What some need of a lift beyond that. */
const NEEDS: Partial<Record<Single, (spec: LiftSpec) => boolean>> = {
  overspeed: (spec) => cruiseS(spec, spec.travelM, 1.2) >= 4,
  "door-open-while-running": (spec) => spec.travelM >= 9 && cruiseS(spec, spec.travelM, 1) >= 3,
  "position-lost": (spec) => spec.floors >= 5,
  // Behind closed doors for so long without a stop would be an entrapment in the eyes of the frozen signal.
  "frozen-signal": (spec) => spec.travelM / spec.ratedSpeedMps <= 45,
  "re-levelling": stretches,
  "rated-speed-change": (spec) => cruiseS(spec, spec.travelM, 1) >= 3,
  "speed-noise": (spec) => cruiseS(spec, spec.travelM, 1) >= 3,
};
