/**
 * What a car's speed samples add up to: its runs and stops, the way it went, and whether its readings still change. Facts
 * only; detectors judge them. A reading that follows a gap says nothing about what was missed, so the sums begin anew there.
 */
import { doorsClosed, type LiftState } from "./lift-state.ts";
import type { SpeedReading, StatusReading } from "./reading.ts";
import { watchRoll } from "./roll.ts";

/** A car below this is stopped (domain.md §3). Where a rule lets a site choose, its own limit counts (rules.ts). */
export const STOPPED_BELOW_MPS = 0.05;
/** Faster than a car may re-level with its doors open (domain.md §2): it runs. */
export const RUNS_ABOVE_MPS = 0.3;
/** A car that is rated so slow that it may never be faster runs above this share of its rated speed (assumption: it levels at less). */
const RUNS_ABOVE_SHARE = 0.5;
/** Nor does a car re-level further than its zone with coupled doors (domain.md §2): whatever its speed, it runs. */
const RUNS_BEYOND_M = 0.35;
/** Samples of a moving car further apart than this do not add up to a way or a time (assumption: three periods of 1 Hz). */
const SAMPLE_GAP_MS = 3_000;
/** A device that reports by exception says first of a run at most so long after its beginning (contract: 1 Hz while moving). */
const FIRST_SAMPLE_MS = 1_000;
/** Departures of the floor from the way below this are how floors are displayed, and not looked at (domain.md §3: more than 1). */
const JUMP_FLOORS = 1;
/** What a frozen sensor's noise may add, m/s (assumption): a car that falls or is driven away gathers more in a second. */
export const FROZEN_WITHIN_MPS = 0.02;
/** So many identical samples beside trips are a frozen sensor (domain.md §3): what it says when it thaws is no jump of the car's. */
const FROZEN_READINGS = 5;

/** Readings were lost, or the device began anew: what they said is unknown. */
export function breakOff(lift: LiftState): void {
  lift.wayKnown = false;
  lift.runMs = 0;
  lift.ran = false;
  lift.passedZone = 0;
  // The word that was lost may have been that of the door: who goes in or out moves the car.
  lift.stopOffsetMmOrNaN = Number.NaN;
  lift.stopPositionMOrNaN = Number.NaN;
  lift.sameTrips = -1;
  lift.sameReadings = -1;
}

/** Nothing that its device says shows the car's runs. */
export function carUnseen(lift: LiftState): boolean {
  return lift.speedAt < 0 && lift.floor === null;
}

/** Faster than it re-levels. */
function isRun(lift: LiftState, speedMps: number): boolean {
  const absMps = Math.abs(speedMps);
  if (absMps > RUNS_ABOVE_MPS) return true;
  const ratedMps = lift.ratedSpeedMps;
  return ratedMps !== null && ratedMps * RUNS_ABOVE_SHARE < RUNS_ABOVE_MPS && absMps > ratedMps * RUNS_ABOVE_SHARE;
}

/** What its doors do from here on is not at the stop where they did it before. */
export function leaveStop(lift: LiftState): void {
  lift.frontOpenings = 0;
  lift.rearOpenings = 0;
  lift.reopenings = 0;
}

/** Takes in a speed sample, before the lift's state does. */
export function followCar(lift: LiftState, reading: SpeedReading): void {
  const moving = Math.abs(reading.speedMps) >= STOPPED_BELOW_MPS;
  const moved = Math.abs(lift.speedMpsOrNaN) >= STOPPED_BELOW_MPS;
  if (lift.sameReadings >= FROZEN_READINGS) lift.wayKnown = false;
  countSame(lift, reading);
  if (moving || moved) addWay(lift, reading, moved);
  if (reading.floor !== undefined && reading.floor !== lift.floor) changeFloor(lift, reading.floor, lift.wayM, reading.at);
  if (moving) run(lift, reading);
  else stand(lift, reading, moved);
}

/** Takes in the floor and the trips of a status, before the lift's state does. */
export function followStatus(lift: LiftState, reading: StatusReading): void {
  if (reading.floor !== undefined && reading.floor !== lift.floor) {
    const sinceMs = reading.at - lift.speedAt;
    const speedMps = lift.speedMps ?? 0;
    const moving = Math.abs(speedMps) >= STOPPED_BELOW_MPS;
    if (moving && (sinceMs < 0 || sinceMs > SAMPLE_GAP_MS)) lift.wayKnown = false;
    changeFloor(lift, reading.floor, moving ? lift.wayM + (speedMps * sinceMs) / 1_000 : lift.wayM, reading.at);
  }
  const { tripCount } = reading;
  if (tripCount === undefined) return;
  if (lift.sameTrips < 0) lift.sameTrips = tripCount;
  else if (tripCount > lift.sameTrips && lift.sameReadings < 0) lift.sameReadings = 0;
}

/** Counts identical samples after the trip counter has gone on beside them: `sameReadings` is -1 until it has. */
function countSame(lift: LiftState, reading: SpeedReading): void {
  if (!sameSample(lift, reading)) {
    lift.sameTrips = -1;
    lift.sameReadings = -1;
  } else if (lift.sameReadings >= 0) lift.sameReadings += 1;
}

/** To the bit; or, wherever the car goes, the speed of a moving one within a sensor's noise: none keeps that from one trip to the next, as many stand alike. */
function sameSample(lift: LiftState, { speedMps, positionM }: SpeedReading): boolean {
  if (Math.abs(speedMps) >= STOPPED_BELOW_MPS) return Math.abs(speedMps - lift.speedMpsOrNaN) < FROZEN_WITHIN_MPS;
  return speedMps === lift.speedMpsOrNaN && (positionM === undefined || positionM === lift.positionMOrNaN);
}

function addWay(lift: LiftState, reading: SpeedReading, moved: boolean): void {
  const elapsedMs = reading.at - lift.speedAt;
  const before = lift.speedMpsOrNaN || 0;
  if (elapsedMs >= 0 && elapsedMs <= SAMPLE_GAP_MS) {
    lift.wayM += (((before + reading.speedMps) / 2) * elapsedMs) / 1_000;
    lift.runMs += elapsedMs;
  } else if (moved) lift.wayKnown = false;
  else lift.wayM += ((reading.speedMps / 2) * FIRST_SAMPLE_MS) / 1_000;
}

/** Compares a new floor with the way from the last one that was known for sure. */
function changeFloor(lift: LiftState, floor: number, wayM: number, at: number): void {
  lift.runMs = 0;
  leaveStop(lift);
  const heightM = lift.floorHeightM;
  if (!lift.wayKnown || lift.wayFloor === null) return;
  // Where the register leaves the height of a floor open, only a car that has not moved can be judged.
  if (heightM === null && Math.abs(wayM) > STOPPED_BELOW_MPS) return;
  const jump = floor - lift.wayFloor - (heightM === null ? 0 : wayM / heightM);
  if (Math.abs(jump) <= JUMP_FLOORS) return;
  lift.jumpFloors = jump;
  lift.jumpAt = at;
  lift.wayFloor = floor;
  lift.wayM = 0;
}

function run(lift: LiftState, reading: SpeedReading): void {
  const runs = isRun(lift, reading.speedMps);
  if (runs) lift.ranAt = reading.at;
  if ((runs || (lift.wayKnown && Math.abs(lift.wayM) > RUNS_BEYOND_M)) && doorsClosed(lift) !== false) {
    lift.ran = true;
    lift.ranUp = reading.speedMps > 0;
    leaveStop(lift);
  }
  const up = reading.speedMps > 0;
  const floor = reading.floor ?? lift.floor;
  if (floor === null || floor !== (up ? lift.topFloor : 1)) lift.passedZone = 0;
  else if (reading.doorZone === true) lift.passedZone = up ? 1 : -1;
  else if (lift.passedZone !== 0 && lift.passedZone > 0 !== up) lift.passedZone = 0;
}

function stand(lift: LiftState, reading: SpeedReading, moved: boolean): void {
  const floor = reading.floor ?? lift.floor;
  if (moved || !lift.wayKnown || floor !== lift.wayFloor) {
    lift.wayFloor = floor;
    lift.wayM = 0;
    lift.wayKnown = floor !== null;
  }
  if (moved) {
    lift.runMs = 0;
    if (reading.doorZone === true) lift.passedZone = 0;
  }
  if (lift.ran) {
    // A car is as good as standing some moments before it stands; a device that says its offset says it then. It may say none between floors.
    if (reading.levelOffsetMm === undefined && reading.doorZone !== false && !Number.isNaN(lift.levelOffsetMmOrNaN)) return;
    lift.ran = false;
    lift.stopAt = reading.at;
    lift.stopOffsetMmOrNaN = reading.levelOffsetMm ?? Number.NaN;
    lift.stopPositionMOrNaN = reading.positionM ?? Number.NaN;
    lift.rollMm = 0;
  } else watchRoll(lift, reading);
}
