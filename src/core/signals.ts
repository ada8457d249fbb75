/** A judged reading into the lift's state: doors, car, mode, faults. No judgement here. */
import { carUnseen, followCar, followStatus, FROZEN_WITHIN_MPS, leaveStop, STOPPED_BELOW_MPS } from "./car.ts";
import { meaningOfCode, DEFAULT_DIALECT } from "./dialects.ts";
import { BELIES_WITHIN_MS, BINARY_CYCLES, doorsClosed, GAPLESS, inDoorZone, type FaultBegin, type LiftState } from "./lift-state.ts";
import type { DoorReading, FaultReading, OnlineReading, SpeedReading, StatusReading } from "./reading.ts";
import { followStand, learnLanding } from "./landings.ts";
import { EMPTY_SHARE, LOAD_DOUBTS, PERSON_KG, somebodyInside } from "./persons.ts";
import { evidenceFor, reportedBits } from "./reported.ts";

/** Faults active at once in one lift; the oldest is forgotten beyond it. There are about twenty codes. */
const ACTIVE_FAULTS = 32;
/** Beginnings of faults remembered for one lift, and for how long: a month for the chronic (domain.md §3), and far more than three of each code. */
const FAULTS_KEPT = 64;
const FAULTS_KEPT_MS = 30 * 86_400_000;
/** Reopenings whose times are kept: three make door cycling (domain.md §3). */
const REOPENINGS_TIMED = 3;
/** A door that opens again later than this after it closed begins a new cycle (domain.md §3: reopenings within 15 s). */
const REOPENS_WITHIN_MS = 15_000;
/** No car goes from one landing to the next in less, its doors closed: 2.8 m at 1.2 m/s² (domain.md §6) are 3.06 s. */
const RIDE_LEAST_MS = 3_000;
/** A step band that has stood for so long was stopped, and may be set going the other way; one that rolls back does so as it stops (assumption). */
const ESCALATOR_RESTS_MS = 10_000;
/** A car that has gone so far since it was in the door zone has left it: twice half the zone (domain.md §2, unverified). */
const LEFT_M = 0.4;
/** A door that opens later than this after a run, between floors, may have been forced (assumption: help takes minutes to come). */
const FORCED_AFTER_MS = 60_000;
/** A load cell below this shows nobody (persons.ts). */
const EMPTY_KG = PERSON_KG * EMPTY_SHARE;
/** The doors of a car above this open in a running car (domain.md §3). */
const RUNNING_ABOVE_MPS = 0.5;
/** Half the unlocking zone without coupled doors (domain.md §2, unverified). */
const BELIED_M = 0.2;

/**
 * A device that numbered most of GAPLESS readings without a gap has lost what is missing, and does not merely count otherwise
 * (assumption). A gap halves what it has shown, so that one that loses messages now and then is still believed at the next.
 */
const GAPLESS_MOSTLY = GAPLESS / 2;
/** Of a device that skips numbers, so long a pause may hide a run that was not heard of (assumption). */
const SKIPS_WITHIN_MS = 10_000;

/**
 * Follows the numbers of judged readings; false where some are missing, or begin anew. A device need only count upwards (contract
 * §2): one that skips numbers all the time has lost nothing, unless it paused (`pauseMs`, device time since its reading before). What is missing may have been the door's: one that was
 * last said to be away from closed is then unknown, or the next run with a door that has long closed would be unintended
 * movement. A closed one stays closed: it opens in two steps, and somebody may be behind it.
 */
export function followSequence(lift: LiftState, seq: number, pauseMs: number): boolean {
  const { judgedSeq } = lift;
  lift.judgedSeq = seq;
  if (seq === judgedSeq + 1) {
    if (lift.gapless < GAPLESS) lift.gapless += 1;
    return true;
  }
  const grows = judgedSeq >= 0 && seq > judgedSeq;
  const counts = lift.gapless >= GAPLESS_MOSTLY;
  if (grows && counts) doubtDoors(lift);
  if (judgedSeq >= 0) lift.gapless >>= 1;
  return grows && !counts && pauseMs <= SKIPS_WITHIN_MS;
}

function doubtDoors(lift: LiftState): void {
  lift.doorsDoubted = lift.front !== "closed" || (lift.rear !== null && lift.rear !== "closed");
  if (lift.front !== null && lift.front !== "closed") lift.front = "unknown";
  if (lift.rear !== null && lift.rear !== "closed") lift.rear = "unknown";
  lift.doorOpenSince = -1;
  lift.openedMoving = false;
  lift.openedOutsideZone = false;
}

export function takeOnline(lift: LiftState, reading: OnlineReading): void {
  lift.online = reading.online;
  if (reading.keepAliveS !== undefined) lift.keepAliveS = reading.keepAliveS;
  if (reading.firmware !== undefined) lift.firmware = reading.firmware;
}

export function takeDoor(lift: LiftState, reading: DoorReading): void {
  const wasOpen = lift.doorOpenSince >= 0;
  const wasShut = doorsClosed(lift) === true;
  const rear = reading.door === "rear";
  const was = rear ? lift.rear : lift.front;
  if ((was === "closed" || was === "closing") && (reading.state === "opening" || reading.state === "open")) {
    if (!wasOpen && carUnseen(lift) && reading.at - lift.doorClosedAt > RIDE_LEAST_MS) leaveStop(lift);
    const openings = rear ? (lift.rearOpenings += 1) : (lift.frontOpenings += 1);
    const again = was === "closing" || lift.doorClosedAt < 0 || reading.at - lift.doorClosedAt <= REOPENS_WITHIN_MS;
    if (openings > 1 && again) reopened(lift, reading.at);
  }
  if (rear) lift.rear = reading.state;
  else lift.front = reading.state;
  if (reading.state === "opening" || reading.state === "closing") lift.binaryCycles = 0;
  if (reading.state !== "unknown") lift.doorsDoubted = false;
  if (doorsClosed(lift) !== false) {
    if (wasOpen && reading.state === "closed" && lift.binaryCycles < BINARY_CYCLES) lift.binaryCycles += 1;
    if (!wasShut) lift.doorClosedAt = reading.at;
    lift.stoodOpen = false;
    lift.doorOpenSince = -1;
    lift.openedMoving = false;
    lift.openedOutsideZone = false;
    lift.openedMOrNaN = Number.NaN;
    return;
  }
  if (reading.state === "open" && !lift.stoodOpen) {
    lift.stoodOpen = true;
    // A door that only tried to open has let nobody out.
    if (lift.persons !== null && lift.persons > 0) lift.samePersons += 1;
  }
  if (wasOpen) return;
  lift.doorOpenSince = reading.at;
  if (lift.doorZone === null) learnLanding(lift, reading.at);
  const speedMps = lift.speedMps === null ? null : Math.abs(lift.speedMps);
  lift.openedMoving = speedMps !== null && speedMps > RUNNING_ABOVE_MPS;
  const stands = speedMps !== null && speedMps < STOPPED_BELOW_MPS;
  const zone = inDoorZone(lift);
  lift.openedOutsideZone = zone === false && stands;
  const fresh = lift.doorZone === null || lift.doorZoneAt >= lift.ranAt;
  // Samples that stayed the same beside a trip are frozen: the car may be at a landing.
  const frozen = lift.sameReadings >= 0;
  lift.openedAway = lift.openedOutsideZone && fresh && !frozen && lift.zoneSeen && openedByItself(lift, reading.at);
  if (zone !== null) lift.zoneSeen = zone;
  // From here on it may not go. Where a word was lost since it was last seen to stand, nobody knows from where.
  if (stands && lift.wayKnown) lift.openedMOrNaN = lift.positionM ?? lift.wayM;
}

/** Soon after a run, or with people inside: a car that stands empty between floors for longer is opened by those who come to see. */
function openedByItself(lift: LiftState, at: number): boolean {
  return (lift.ranAt >= 0 && at - lift.ranAt <= FORCED_AFTER_MS) || somebodyInside(lift, PERSON_KG) === true;
}

function reopened(lift: LiftState, at: number): void {
  lift.reopenings += 1;
  lift.reopenedAt ??= [];
  lift.reopenedAt.push(at);
  if (lift.reopenedAt.length > REOPENINGS_TIMED) lift.reopenedAt.shift();
}

export function takeSpeed(lift: LiftState, reading: SpeedReading): void {
  if (lift.kind === "escalator") takeEscalator(lift, reading);
  else {
    if (reading.doorZone === undefined && lift.doorZone === true) leaveZone(lift, reading);
    followCar(lift, reading);
    if (lift.ranAt === reading.at) followRun(lift, reading);
    if (lift.doorZone === null) followStand(lift, reading);
  }
  followStandstill(lift, reading);
  lift.speedDoubtful = maybeFrozen(lift, reading);
  lift.speedMpsOrNaN = reading.speedMps;
  lift.speedAt = reading.at;
  if (reading.floor !== undefined) lift.floor = reading.floor;
  if (reading.positionM !== undefined) {
    // The first position of all cannot be held against a way.
    if (Number.isNaN(lift.positionMOrNaN)) lift.openedMOrNaN = Number.NaN;
    lift.positionMOrNaN = reading.positionM;
  }
  if (reading.levelOffsetMm !== undefined) {
    lift.levelOffsetMmOrNaN = reading.levelOffsetMm;
    lift.levelOffsetAt = reading.at;
  }
  takeZone(lift, reading.doorZone, reading.at);
  if (lift.openedMoving && Math.abs(reading.speedMps) < STOPPED_BELOW_MPS) {
    // It has come to a stand, at a landing or between: what it does from here on it does with an open door.
    lift.openedMoving = false;
    lift.openedOutsideZone = inDoorZone(lift) === false;
  }
}

/** The zone that a device said in its status is left behind by a car that has gone further than the zone is high, whatever that was. */
function leaveZone(lift: LiftState, reading: SpeedReading): void {
  const elapsedMs = reading.at - Math.max(lift.speedAt, lift.doorZoneAt);
  const meanMps = (Math.abs(reading.speedMps) + Math.abs(lift.speedMpsOrNaN)) / 2;
  if (!(elapsedMs > 0 && elapsedMs <= BELIES_WITHIN_MS) || maybeFrozen(lift, reading)) return;
  lift.zoneWayM += (meanMps * elapsedMs) / 1_000 || 0;
  if (lift.zoneWayM > LEFT_M) lift.doorZone = null;
}

/** What a run under way tells of what was not heard: nobody rides with an open door, or holds the button that he let go of. */
function followRun(lift: LiftState, reading: SpeedReading): void {
  if (lift.alarmReleased) {
    lift.alarmReleased = false;
    lift.alarmButton = false;
  }
  // The second sample at full speed: the car has gone further than its zone.
  if (!lift.doorsDoubted || Math.abs(reading.speedMps) <= RUNNING_ABOVE_MPS || !(Math.abs(lift.speedMpsOrNaN) > RUNNING_ABOVE_MPS)) return;
  lift.doorsDoubted = false;
  if (lift.front === "unknown") lift.front = "closed";
  if (lift.rear === "unknown") lift.rear = "closed";
  lift.doorClosedAt = lift.speedAt;
}

/** As fast as at the sample before, and without the way that goes with it: the speed may have frozen there. Without a position only the zone can tell. */
function maybeFrozen(lift: LiftState, { at, speedMps, positionM }: SpeedReading): boolean {
  if (!(Math.abs(speedMps - lift.speedMpsOrNaN) < FROZEN_WITHIN_MPS)) return false;
  if (positionM === undefined) return true;
  const wayM = (Math.abs(speedMps) * (at - lift.speedAt)) / 1_000;
  return !(Math.abs(positionM - lift.positionMOrNaN) > wayM / 2);
}

/** Two samples that say standstill, between which the car has gone further than the height of its zone: the speed has frozen (domain.md §3). */
function followStandstill(lift: LiftState, { at, speedMps, positionM }: SpeedReading): void {
  if (Math.abs(speedMps) >= STOPPED_BELOW_MPS) {
    lift.belied = 0;
    return;
  }
  if (positionM === undefined || at - lift.speedAt > BELIES_WITHIN_MS) return;
  // Neither holds where the sample before is unknown.
  const stood = Math.abs(lift.speedMpsOrNaN) < STOPPED_BELOW_MPS;
  const went = Math.abs(positionM - lift.positionMOrNaN) > BELIED_M;
  if (!stood || !went) return;
  lift.belied += 1;
  lift.beliedAt = at;
}

function takeEscalator(lift: LiftState, reading: SpeedReading): void {
  if (reading.handrailMps !== undefined) lift.handrailMps = reading.handrailMps;
  if (Math.abs(reading.speedMps) < STOPPED_BELOW_MPS) {
    if (lift.stopAt < 0) lift.stopAt = reading.at;
    return;
  }
  // Set going after a rest, it goes the way that it was set to, whatever sign its maker gives that way.
  if (lift.travels === 0 || (lift.stopAt >= 0 && reading.at - lift.stopAt >= ESCALATOR_RESTS_MS))
    lift.travels = reading.speedMps > 0 ? 1 : -1;
  lift.stopAt = -1;
}

export function takeStatus(lift: LiftState, reading: StatusReading): void {
  if (lift.kind !== "escalator") followStatus(lift, reading);
  if (reading.floor !== undefined) lift.floor = reading.floor;
  if (reading.mode !== undefined) lift.mode = reading.mode;
  if (reading.powered !== undefined) lift.powered = reading.powered;
  const { persons, loadKg } = reading;
  if (loadKg !== undefined) {
    if (loadKg > EMPTY_KG) lift.loadDoubts = 0;
    else if (persons != null && persons > 0 && lift.persons === 0 && lift.loadDoubts < LOAD_DOUBTS) lift.loadDoubts += 1;
    lift.loadKgOrNaN = loadKg;
  }
  if (persons !== undefined) {
    if (persons !== lift.persons) lift.samePersons = 0;
    if (persons !== null && persons > lift.mostPersons) lift.mostPersons = persons;
    lift.persons = persons;
  }
  if (reading.tripCount !== undefined) {
    // A counter that went down was replaced or reset: it says nothing about trips made.
    if (lift.tripCount !== null && reading.tripCount > lift.tripCount) lift.tally.trips += reading.tripCount - lift.tripCount;
    lift.tripCount = reading.tripCount;
  }
  takeZone(lift, reading.doorZone, reading.at);
}

function takeZone(lift: LiftState, doorZone: boolean | undefined, at: number): void {
  if (doorZone === undefined) return;
  lift.doorZone = doorZone;
  lift.doorZoneAt = at;
  lift.zoneWayM = 0;
  if (doorZone) {
    lift.openedOutsideZone = false;
    lift.zoneSeen = true;
  }
  releaseAlarm(lift);
}

/** After an open door at a landing nobody is held in the car any more, whatever the button's last word was. */
export function releaseAlarm(lift: LiftState): void {
  if (!lift.alarmButton || doorsClosed(lift) !== false) return;
  const zone = inDoorZone(lift);
  // Where no zone is known, a button that is still held says more than a door that opens.
  if (zone === false || (zone === null && !lift.alarmReleased)) return;
  lift.alarmButton = false;
  lift.alarmReleased = false;
}

/** Whoever lets go of the button in a car that stands shut is in there still. */
function pressAlarm(lift: LiftState, pressed: boolean): void {
  const held = !pressed && lift.alarmButton && doorsClosed(lift) === true && Math.abs(lift.speedMpsOrNaN) < STOPPED_BELOW_MPS;
  lift.alarmButton = pressed || held;
  lift.alarmReleased = held;
}

/** Returns what the code did: a fault that began (`stopping` or not), or nothing that counts. */
export function takeFault(lift: LiftState, reading: FaultReading): "stopping-fault" | "fault" | null {
  const dialect = reading.dialect ?? DEFAULT_DIALECT;
  const active = reading.active ?? true;
  const meaning = meaningOfCode(dialect, reading.code);
  switch (meaning?.class) {
    case "none":
      lift.faults = [];
      lift.reported = 0;
      return null;
    case "event":
      takeEvent(lift, meaning.code, meaning.mode, active);
      return null;
    case "alarm":
      pressAlarm(lift, active);
      return null;
    case "fault":
    case "escalator-fault":
    case undefined:
      break;
  }
  const index = lift.faults.findIndex((fault) => fault.code === reading.code && fault.dialect === dialect);
  if (!active) {
    if (index >= 0) lift.faults.splice(index, 1);
    lift.reported = reportedBits(lift.faults);
    return null;
  }
  if (index >= 0) return null;
  const hazard = evidenceFor(lift, meaning?.hazard);
  lift.faults.push({ code: reading.code, dialect, canonical: meaning?.code ?? null, hazard, since: reading.at });
  if (lift.faults.length > ACTIVE_FAULTS) lift.faults.shift();
  lift.reported = reportedBits(lift.faults);
  const stopping = meaning?.stopping === true;
  logFault(lift, { code: reading.code, dialect, stopping, at: reading.at });
  return stopping ? "stopping-fault" : "fault";
}

const BACK_TO_AUTOMATIC = "40";
const MAIN_POWER_OFF = "41";

/** Keeps what began within a month, up to a bound: beyond it the oldest is forgotten. */
function logFault(lift: LiftState, begun: FaultBegin): void {
  lift.faultLog ??= [];
  const { faultLog } = lift;
  const old = faultLog.findIndex(({ at }) => begun.at - at < FAULTS_KEPT_MS);
  if (old !== 0) faultLog.splice(0, old < 0 ? faultLog.length : old);
  faultLog.push(begun);
  if (faultLog.length > FAULTS_KEPT) faultLog.shift();
}

function takeEvent(lift: LiftState, code: string | null, mode: LiftState["mode"] | undefined, active: boolean): void {
  if (code === MAIN_POWER_OFF) lift.powered = !active;
  // No lift serves without its mains, so a controller that never says "power is back" has said it now.
  else if (code === BACK_TO_AUTOMATIC && active && lift.powered === false) lift.powered = true;
  if (mode === undefined || mode === null) return;
  if (active) lift.mode = mode;
  else if (lift.mode === mode) lift.mode = "normal";
}
