/**
 * What the monitor remembers of one lift: plain data of one shape (fast to reach, and its own snapshot). Unknown is null:
 * missing data is unknown, never stopped, never closed. Times are ms; `at` is the device's clock.
 */
import type { LiftKind, LiftRecord } from "./lift.ts";
import type { DoorState, Mode } from "./reading.ts";
import { newSequence, type LiftSequence } from "./sequence.ts";

/** One hazard's running judgement of one lift; -1 stands for "not running". */
export interface Slot {
  /** Device time since when the start condition has held, and the listening clock then. */
  since: number;
  heard: number;
  /** Device time since when the end condition has held, and the listening clock then. */
  endSince: number;
  endHeard: number;
  /** Samples in a row that met the start condition; and the device time of the last one. */
  samples: number;
  sampleAt: number;
  /** Device time since when the samples have met a second, stricter limit; -1 while they do not. */
  strictSince: number;
  /** The start condition was met anew while the alert was active. */
  recurred: boolean;
  /** Level reached: 0 none, otherwise the detector's own scale. */
  level: number;
  /** Listening clock at the newest evidence. */
  evidenceHeard: number;
  /** First journal entry of the evidence. */
  entry: number;
  /** Alerts raised so far: makes ids distinct. */
  raised: number;
  alertId: string | null;
}

export interface ActiveFault {
  readonly code: string;
  readonly dialect: string;
  readonly canonical: string | null;
  readonly since: number;
}

/** Counts of the running day (see DayCount). */
export interface DayTally {
  inServiceMs: number;
  readings: number;
  faults: number;
  stoppingFaults: number;
  entrapments: number;
  trips: number;
}

export interface LiftState {
  readonly liftId: string;
  register: LiftRecord | null;
  /** Of the register, at hand here: its record is memory of its own, and far away. */
  kind: LiftKind;
  ratedSpeedMps: number | null;
  sequence: LiftSequence;

  /** Device time and monitor's time of the newest judged reading; -1 before the first. */
  at: number;
  receivedAt: number;
  /** Monitor's time, and the listening clock, of the newest sign of life. */
  heardAt: number;
  heard: number;
  /** Listening clock at the first sign of life. */
  firstHeard: number;
  /** Monitor's time less device time: the least seen lately. */
  clockSkewMs: number;
  /** Readings in a row whose delay agreed with it, up to a limit: the clock is known. */
  clockSettled: number;
  online: boolean | null;
  keepAliveS: number;
  firmware: string | null;

  front: DoorState | null;
  rear: DoorState | null;
  /** Device time since when some door has not been closed; -1 while all are closed or unknown. */
  doorOpenSince: number;
  /** The doors left closed while the car was already moving, or while it stood outside the zone. */
  openedMoving: boolean;
  openedOutsideZone: boolean;

  speedMps: number | null;
  speedAt: number;
  floor: number | null;
  positionM: number | null;
  doorZone: boolean | null;
  doorZoneAt: number;
  levelOffsetMm: number | null;
  levelOffsetAt: number;
  mode: Mode | null;
  powered: boolean | null;
  persons: number | null;
  loadKg: number | null;
  tripCount: number | null;
  alarmButton: boolean;
  faults: ActiveFault[];

  /** One a detector, in the order of the detectors' table. */
  slots: Slot[];
  /** Bits of the detectors that apply to this lift. */
  applies: number;
  /** Bits of the detectors whose slot is not at rest. */
  busy: number;
  /** Bits of the detectors that wait for time to pass. */
  pending: number;

  tally: DayTally;
  tallyChanged: boolean;
}

/** Contract §2: the keep-alive of a lift that does not say. */
const DEFAULT_KEEP_ALIVE_S = 60;

export function newLiftState(liftId: string, register: LiftRecord | null, detectors: number): LiftState {
  return {
    liftId,
    register,
    kind: register?.kind ?? "passenger",
    ratedSpeedMps: register?.ratedSpeedMps ?? null,
    sequence: newSequence(),
    at: -1,
    receivedAt: -1,
    heardAt: -1,
    heard: -1,
    firstHeard: -1,
    clockSkewMs: 0,
    clockSettled: 0,
    online: null,
    keepAliveS: DEFAULT_KEEP_ALIVE_S,
    firmware: null,
    front: null,
    rear: null,
    doorOpenSince: -1,
    openedMoving: false,
    openedOutsideZone: false,
    speedMps: null,
    speedAt: -1,
    floor: null,
    positionM: null,
    doorZone: null,
    doorZoneAt: -1,
    levelOffsetMm: null,
    levelOffsetAt: -1,
    mode: null,
    powered: null,
    persons: null,
    loadKg: null,
    tripCount: null,
    alarmButton: false,
    faults: [],
    slots: Array.from({ length: detectors }, newSlot),
    applies: 0,
    busy: 0,
    pending: 0,
    tally: newTally(),
    tallyChanged: false,
  };
}

function newSlot(): Slot {
  return {
    since: -1,
    heard: -1,
    endSince: -1,
    endHeard: -1,
    samples: 0,
    sampleAt: -1,
    strictSince: -1,
    recurred: false,
    level: 0,
    evidenceHeard: -1,
    entry: 0,
    raised: 0,
    alertId: null,
  };
}

/** A lift as it goes into a snapshot: the register holds its record once already, and most slots are at rest. */
export type SavedLift = Omit<LiftState, "register" | "slots"> & {
  readonly register: null;
  readonly slots: readonly (readonly [number, Slot])[];
};

const AT_REST = Object.entries(newSlot()) as [keyof Slot, Slot[keyof Slot]][];

export function saveLift(lift: LiftState): SavedLift {
  const slots = lift.slots.flatMap((slot, index) => (AT_REST.every(([key, value]) => slot[key] === value) ? [] : [[index, slot] as const]));
  return { ...lift, register: null, slots };
}

export function restoreLift(saved: SavedLift, register: LiftRecord | null, detectors: number): LiftState {
  const lift = newLiftState(saved.liftId, register, detectors);
  const { slots } = lift;
  for (const [index, slot] of saved.slots) slots[index] = slot;
  // Assigned, not spread: V8 gives each spread object a shape of its own, and every use of one is then a miss.
  return Object.assign(lift, saved, { register, slots });
}

export function newTally(): DayTally {
  return { inServiceMs: 0, readings: 0, faults: 0, stoppingFaults: 0, entrapments: 0, trips: 0 };
}

/** Three-valued: a judgement that lacks what it needs is null. */
export type Truth = boolean | null;

/** All doors closed; null where a door is unknown or was never reported. */
export function doorsClosed(lift: LiftState): Truth {
  const { front, rear } = lift;
  if (front === null && rear === null) return null;
  if ((front !== null && front !== "closed" && front !== "unknown") || (rear !== null && rear !== "closed" && rear !== "unknown"))
    return false;
  return front === "unknown" || rear === "unknown" ? null : true;
}

/** Speed below the limit for "stopped"; null where no speed is known. */
export function stopped(lift: LiftState, belowMps: number): Truth {
  return lift.speedMps === null ? null : Math.abs(lift.speedMps) < belowMps;
}

/** Half the unlocking zone without coupled doors, mm (domain.md §2, unverified): used only where no zone is reported. */
const ZONE_MM = 200;

/** Car within the unlocking zone: as reported, or else by the level offset of a stopped car. */
export function inDoorZone(lift: LiftState): Truth {
  if (lift.doorZone !== null) return lift.doorZone;
  return lift.levelOffsetMm === null ? null : Math.abs(lift.levelOffsetMm) <= ZONE_MM;
}

/**
 * Somebody inside: by count, by load, or by the alarm button; null where nothing can tell. A load proves a person only in
 * a passenger lift: in others it is goods.
 */
export function somebodyInside(lift: LiftState, loadAboveKg: number): Truth {
  if (lift.alarmButton) return true;
  if (lift.persons !== null && lift.persons > 0) return true;
  const loadKg = lift.kind === "passenger" ? lift.loadKg : null;
  if (loadKg !== null && loadKg > loadAboveKg) return true;
  return lift.persons === null && loadKg === null ? null : false;
}

/** False when any is false, null when any of the rest is unknown. */
export function all(a: Truth, b: Truth, c: Truth, d: Truth): Truth {
  if (a === false || b === false || c === false || d === false) return false;
  return a === null || b === null || c === null || d === null ? null : true;
}

/** By the register or by its mode. */
export function outOfService(lift: LiftState): boolean {
  return lift.register?.inService === false || lift.mode === "out-of-service";
}
