/**
 * Gathers the day of a lift from its readings, before the lift's state takes them in. Only a door that changes and a car that
 * starts or stops cost more than a comparison. What a device does not say is not gathered: a binary door gives whole cycles,
 * a car without a position its floors or the integral of its speed.
 */
import { STOPPED_BELOW_MPS } from "../car.ts";
import type { LiftState } from "../lift-state.ts";
import type { DoorReading, SpeedReading, StatusReading } from "../reading.ts";
import { DOOR, Learning } from "./learning.ts";
import { addToQuantile, countOf, newQuantile, quantileOf } from "./quantile.ts";
import { QUANTITY, SHARES, type Quantity } from "./streams.ts";

/** A door that takes less or more than this for a movement did something else as well (domain.md §2: 2 to 5 s; assumption). */
const DOOR_MS: readonly [number, number] = [300, 30_000];
/** A cycle of a binary door longer than this was held (domain.md §3: 120 s). */
const CYCLE_MS: readonly [number, number] = [1_000, 120_000];
/** A door that opens again so soon after it closed has reopened (assumption). */
const REOPENS_WITHIN_MS = 5_000;
/** Runs outside these are corrections, or no ordinary runs (assumption). */
const LEAST_RUN_M = 1.5;
const MOST_RUN_MS = 180_000;
/** The first sample of a run comes at most so long after its beginning (contract: 1 Hz while moving). */
const FIRST_SAMPLE_MS = 1_000;
/** A stop further off than this was not meant for the landing: half the unlocking zone (domain.md §2, unverified), mm. */
const LANDING_WITHIN_MM = 100;
/** Acceleration and jerk of the kinematic model: the middle of domain.md §6; speed and floor height where the register is silent (assumptions). */
const ACCELERATION_MPS2 = 0.9;
const JERK_MPS3 = 1.25;
/** Stops of a direction before their middle is good enough to measure the scatter against (assumption). */
const SCATTER_AFTER = 5;
const UNKNOWN_SPEED_MPS = 1;
const UNKNOWN_FLOOR_M = 3;

function serving(lift: LiftState): boolean {
  return lift.mode === null || lift.mode === "normal";
}

/** Readings were lost: what was under way is not known to its end. */
export function interruptGathering({ learning }: LiftState): void {
  if (learning === null) return;
  learning.front = DOOR.unknown;
  learning.rear = DOOR.unknown;
  learning.runAt = -1;
}

export function gatherDoor(lift: LiftState, reading: DoorReading): void {
  const rear = reading.door === "rear";
  const was = rear ? lift.rear : lift.front;
  const { state, at } = reading;
  if (was === null || was === state) return;
  const learning = (lift.learning ??= new Learning());
  const doing = rear ? learning.rear : learning.front;
  const lasted = at - (rear ? learning.rearAt : learning.frontAt);
  let next: number = DOOR.unknown;
  switch (state) {
    case "opening":
    case "open":
      if (was === "closing" || (doing === DOOR.closed && lasted <= REOPENS_WITHIN_MS)) learning.reopenings += 1;
      if (was === "closed") next = state === "opening" ? DOOR.opening : DOOR.open;
      else if (doing === DOOR.opening) observe(lift, learning, rear ? QUANTITY.rearOpenMs : QUANTITY.frontOpenMs, lasted, DOOR_MS);
      break;
    case "closing":
      if (was === "open") next = DOOR.closing;
      break;
    case "closed":
      if (doing === DOOR.closing) observe(lift, learning, rear ? QUANTITY.rearCloseMs : QUANTITY.frontCloseMs, lasted, DOOR_MS);
      else if (doing === DOOR.open) observe(lift, learning, rear ? QUANTITY.rearCycleMs : QUANTITY.frontCycleMs, lasted, CYCLE_MS);
      learning.cycles += 1;
      learning.hourCycles += 1;
      next = DOOR.closed;
      break;
    case "unknown":
      break;
  }
  if (rear) {
    learning.rear = next;
    learning.rearAt = at;
  } else {
    learning.front = next;
    learning.frontAt = at;
  }
}

export function gatherSpeed(lift: LiftState, reading: SpeedReading): void {
  const was = lift.speedMpsOrNaN;
  if (Number.isNaN(was)) return;
  const moved = Math.abs(was) >= STOPPED_BELOW_MPS;
  const moves = Math.abs(reading.speedMps) >= STOPPED_BELOW_MPS;
  if (moved === moves) {
    // The stop's own sample may not say the offset; then the next one may.
    if (!moves && lift.stopAt >= 0 && lift.speedAt === lift.stopAt && Number.isNaN(lift.stopOffsetMmOrNaN)) gatherOffset(lift, reading);
    return;
  }
  const learning = (lift.learning ??= new Learning());
  if (moves) {
    learning.runAt = reading.at - Math.max(0, Math.min(FIRST_SAMPLE_MS, reading.at - lift.speedAt));
    learning.runFromMOrNaN = lift.positionMOrNaN;
    learning.runFromFloor = lift.floor;
    return;
  }
  if (learning.runAt >= 0 && lift.ran && serving(lift) && lift.faults.length === 0) {
    const runMs = reading.at - learning.runAt;
    const signedM = runM(lift, learning, reading, was);
    const distanceM = Math.abs(signedM);
    if (distanceM >= LEAST_RUN_M && runMs > 0 && runMs <= MOST_RUN_MS) {
      const ratio = (10_000 * runMs) / modelMs(distanceM, lift.ratedSpeedMps ?? UNKNOWN_SPEED_MPS);
      add(learning, was > 0 ? QUANTITY.up : QUANTITY.down, ratio);
    }
    learning.upwards = was > 0;
    gatherOffset(lift, reading);
  }
  learning.runAt = -1;
}

export function gatherStatus(lift: LiftState, { motorTemperatureC }: StatusReading): void {
  if (motorTemperatureC === undefined) return;
  const learning = (lift.learning ??= new Learning());
  learning.heatSum += motorTemperatureC;
  learning.heatCount += 1;
}

/** The way of the run that ends, m: by position, by floors, or by the integral of the speed. */
function runM(lift: LiftState, learning: Learning, reading: SpeedReading, was: number): number {
  if (reading.positionM !== undefined && !Number.isNaN(learning.runFromMOrNaN)) return reading.positionM - learning.runFromMOrNaN;
  const floor = reading.floor ?? lift.floor;
  if (floor !== null && learning.runFromFloor !== null) return (floor - learning.runFromFloor) * (lift.floorHeightM ?? UNKNOWN_FLOOR_M);
  return lift.wayM + ((was + reading.speedMps) / 2) * ((reading.at - lift.speedAt) / 1_000);
}

/** Time of a run by the time-optimal jerk-limited profile, ms. */
function modelMs(distanceM: number, speedMps: number): number {
  const jerkS = ACCELERATION_MPS2 / JERK_MPS3;
  const rampM = (speedMps * speedMps) / ACCELERATION_MPS2 + speedMps * jerkS;
  const seconds =
    distanceM >= rampM
      ? distanceM / speedMps + speedMps / ACCELERATION_MPS2 + jerkS
      : jerkS + Math.sqrt(jerkS * jerkS + (4 * distanceM) / ACCELERATION_MPS2);
  return 1_000 * seconds;
}

function gatherOffset(lift: LiftState, { levelOffsetMm }: SpeedReading): void {
  const { learning } = lift;
  if (learning === null || levelOffsetMm === undefined || Math.abs(levelOffsetMm) > LANDING_WITHIN_MM || !serving(lift)) return;
  const quantity = learning.upwards ? QUANTITY.upOffset : QUANTITY.downOffset;
  const offset = 100 * levelOffsetMm;
  add(learning, quantity, offset);
  const stops = learning.day[quantity];
  // The middle of a few stops is too rough to measure the scatter against.
  if (stops != null && countOf(stops) > SCATTER_AFTER)
    add(learning, QUANTITY.scatter, Math.abs(offset - quantileOf(stops, SHARES[quantity] ?? 0)));
}

function observe(lift: LiftState, learning: Learning, quantity: Quantity, value: number, [least, most]: readonly [number, number]): void {
  if (value >= least && value <= most && serving(lift)) add(learning, quantity, value);
}

function add(learning: Learning, quantity: Quantity, value: number): void {
  const { day } = learning;
  while (day.length <= quantity) day.push(null);
  addToQuantile((day[quantity] ??= newQuantile()), SHARES[quantity] ?? 0, value);
}
