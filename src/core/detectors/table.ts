/** All detectors. Their order is part of a snapshot's format: append, never reorder. */
import type { LiftState } from "../lift-state.ts";
import { isProbe } from "../probe.ts";
import { brakeWeakening } from "./brake-weakening.ts";
import type { Detector } from "./detector.ts";
import { doorCycling } from "./door-cycling.ts";
import { doorHeldOpen } from "./door-held-open.ts";
import { doorOpenWhileRunning } from "./door-open-while-running.ts";
import { entrapment, entrapmentAtLevel } from "./entrapment.ts";
import { escalatorMissingStep, escalatorOverspeed, escalatorReversal, handrailDeviation } from "./escalator.ts";
import { frozenSignal } from "./frozen-signal.ts";
import { levellingDrift } from "./levelling-drift.ts";
import { overspeed } from "./overspeed.ts";
import { overtravel } from "./overtravel.ts";
import { positionLost } from "./position-lost.ts";
import { repeatedFaults } from "./repeated-faults.ts";
import { reportedFault } from "./reported-fault.ts";
import { runTimeExceeded } from "./run-time-exceeded.ts";
import { silent } from "./silent.ts";
import { stoppedOutsideDoorZone } from "./stopped-outside-door-zone.ts";
import { doorSlowing, faultRateHigh, travelSlowing } from "./trends.ts";
import { unintendedMovement } from "./unintended-movement.ts";

const ALL: readonly Detector[] = [
  entrapment,
  entrapmentAtLevel,
  unintendedMovement,
  doorOpenWhileRunning,
  overspeed,
  stoppedOutsideDoorZone,
  doorHeldOpen,
  reportedFault,
  silent,
  overtravel,
  runTimeExceeded,
  doorCycling,
  levellingDrift,
  brakeWeakening,
  positionLost,
  repeatedFaults,
  frozenSignal,
  escalatorOverspeed,
  escalatorReversal,
  escalatorMissingStep,
  handrailDeviation,
  doorSlowing,
  travelSlowing,
  faultRateHigh,
];

/** All in one shape: with as many shapes as detectors V8 would search for each method at each call. */
export const DETECTORS: readonly Detector[] = ALL.map(inOneShape);

export const SILENT = ALL.indexOf(silent);

/** Bits of the detectors whose business this lift is. */
export function applicable(lift: LiftState): number {
  if (isProbe(lift)) return 1 << ALL.indexOf(reportedFault);
  let bits = 0;
  for (const [index, detector] of DETECTORS.entries()) if (detector.applies(lift)) bits |= 1 << index;
  return bits;
}

function inOneShape(detector: Detector): Detector {
  const shape: { [Key in keyof Required<Detector>]: undefined } = {
    hazard: undefined,
    on: undefined,
    grades: undefined,
    applies: undefined,
    missing: undefined,
    wakes: undefined,
    sample: undefined,
    holds: undefined,
    lapses: undefined,
    level: undefined,
    raisedAfterMs: undefined,
    settledAfterMs: undefined,
    ended: undefined,
    clearAfterMs: undefined,
    autoCloseAfterMs: undefined,
    forget: undefined,
    limits: undefined,
    heeds: undefined,
    toldLevel: undefined,
    trendLevel: undefined,
    details: undefined,
  };
  return Object.assign(shape, detector);
}
