/**
 * What the monitor remembers of one lift: data of one shape, fast to reach. Unknown is null: missing data is unknown, never
 * stopped, never closed. Times are ms; `at` is the device's clock. With a city's lifts in turn, each reading finds its lift out
 * of the processor's caches: what most lifts never need is null here until it is needed.
 */
import type { Hazard } from "./effects.ts";
import { restoreLearning, saveLearning, type Learning, type SavedLearning } from "./learning/learning.ts";
import type { LiftKind, LiftRecord } from "./lift.ts";
import type { DoorState, Mode } from "./reading.ts";
import { newSequence } from "./sequence.ts";

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
  /** What speaks for the alert: bits of EVIDENCE. */
  sources: number;
  alertId: string | null;
  /** Listening clock when a person closed the alert while its condition stood; -1 once the condition has ended. */
  closedHeard: number;
  /** Raises and clears within a minute of each other, and the device time at which the first of them was raised. */
  flaps: number;
  flapFrom: number;
}

/** Where evidence comes from: the lift's signals, its controller's own code, a trend that was learnt. */
export const EVIDENCE = { signal: 1, controller: 2, trend: 4 } as const;

export interface ActiveFault {
  readonly code: string;
  readonly dialect: string;
  readonly canonical: string | null;
  /** The hazard for which it is evidence; null where it is only a reported fault. */
  readonly hazard: Hazard | null;
  since: number;
}

/** A fault code that began, for those that come again and again. */
export interface FaultBegin {
  readonly code: string;
  readonly dialect: string;
  readonly stopping: boolean;
  /** Device time. */
  at: number;
}

/** Counts of the running day (see DayCount), but for its readings. */
export interface DayTally {
  inServiceMs: number;
  faults: number;
  stoppingFaults: number;
  entrapments: number;
  trips: number;
}

/** Contract §2: the keep-alive of a lift that does not say. */
const DEFAULT_KEEP_ALIVE_S = 60;

/** Readings without a missing number that are counted at most: a device that numbered so many has lost what is missing (assumption). */
export const GAPLESS = 20;

/** Of a lift that is not on the list of silences to come (silence.ts). */
export const UNLISTED = -1;

export class LiftState {
  readonly liftId: string;
  /** Place among the lifts, in the order in which they became known. */
  readonly ordinal: number;
  register: LiftRecord | null = null;
  /** Of the register, at hand here: its record is memory of its own, and far away. */
  kind: LiftKind = "passenger";
  ratedSpeedMps: number | null = null;
  ratedLoadKg: number | null = null;
  travelM: number | null = null;
  topFloor: number | null = null;
  /** The mean height of a floor. */
  floorHeightM: number | null = null;
  readonly sequence = newSequence();

  /** Device time and monitor's time of the newest judged reading; -1 before the first. */
  at = -1;
  receivedAt = -1;
  /** Number of the newest judged reading: the next has the next one, unless some were lost. */
  judgedSeq = -1;
  /** Readings judged in a row without a number missing, up to GAPLESS; half of them after a gap. At first a device is believed, once. */
  gapless = GAPLESS / 2;
  /** Monitor's time, and the listening clock, of the newest sign of life. */
  heardAt = -1;
  heard = -1;
  /** Listening clock at the first sign of life. */
  firstHeard = -1;
  /** Monitor's time less device time: the least seen lately. */
  clockSkewMs = 0;
  /** Readings in a row whose delay agreed with it, up to a limit: the clock is known. */
  clockSettled = 0;
  /** The delay of readings that come much later than that, all alike, and monitor's time since when; -1 while they do not. */
  laterMs = 0;
  laterSince = -1;
  /** Second of the listening clock under which the list of silences has it (silence.ts). */
  silenceDue = UNLISTED;
  /** Who published its newest reading, where that was not the lift itself: its gateway. */
  gateway: string | null = null;
  /** Alert of the mass event that it is struck by now. */
  groupId: string | null = null;
  online: boolean | null = null;
  keepAliveS = DEFAULT_KEEP_ALIVE_S;
  firmware: string | null = null;

  front: DoorState | null = null;
  rear: DoorState | null = null;
  /** Device time since when some door has not been closed; -1 while all are closed or unknown. */
  doorOpenSince = -1;
  /** The doors left closed while the car was already moving, or while it stood outside the zone. */
  openedMoving = false;
  openedOutsideZone = false;
  /** … and nobody had reason to force it: it may be the hazard itself. Believed once, until the zone was seen again. */
  openedAway = false;
  zoneSeen = false;
  /** Of a device without a door zone: where the car stood when its doors opened, its position or else its way, m; NaN where it was not seen to stand. */
  openedMOrNaN = Number.NaN;
  /** Times that each door began to open since the car last ran or changed its floor. */
  frontOpenings = 0;
  rearOpenings = 0;
  /** Device time at which the doors were last closed. */
  doorClosedAt = -1;
  /** Its doors are unknown for want of a lost reading, not by their own word. */
  doorsDoubted = false;
  /** A door has stood open since they were last closed. */
  stoodOpen = false;
  /** Cycles in a row of which nothing but open and closed was said, up to BINARY_CYCLES. */
  binaryCycles = 0;
  /** How many openings were reopenings, and device times of the newest three; null before the first. */
  reopenings = 0;
  reopenedAt: number[] | null = null;

  /**
   * NaN where it is unknown, here and wherever a name says so: the hot path compares with it, and finds it above, below and equal to
   * nothing; everybody else asks for `speedMps`, `positionM`, `levelOffsetMm` and `loadKg`, which are null then. V8 keeps a double in
   * place only where the field never holds anything else. As `number | null` each sample's number, and each look at it, makes an
   * object, which the collector has to find through its lift and copy: the fold took a quarter longer, its pauses several times as long.
   */
  speedMpsOrNaN = Number.NaN;
  positionMOrNaN = Number.NaN;
  levelOffsetMmOrNaN = Number.NaN;
  speedAt = -1;
  /** The newest sample said the speed of the one before it, and no position that goes with it: it may have frozen. */
  speedDoubtful = false;
  /** Device time of the newest sample that said standstill while the position went on, and how many did since one last said motion. */
  beliedAt = -1;
  belied = 0;
  floor: number | null = null;
  doorZone: boolean | null = null;
  doorZoneAt = -1;
  /** The way since the zone was last said, where samples of speed do not say it, m. */
  zoneWayM = 0;
  levelOffsetAt = -1;
  /** Of a device without a door zone (landings.ts): whether the car stands at a landing, positions of the landings that are known by floor, and whether they lie unevenly. */
  stands: Truth = null;
  landings: (number | null)[] | null = null;
  unevenFloors = false;
  handrailMps: number | null = null;
  /** The sign of an escalator's speed in the direction in which it was set going; 0 before it was seen to run. */
  travels = 0;
  /** What car.ts makes of the speed samples. Time moved without a change of floor, as far as the samples add up, ms. */
  runMs = 0;
  /** It has run since it last stood: faster or further than it may re-level, with its doors closed. */
  ran = false;
  /** The newest run went up. */
  ranUp = false;
  /** The way by the integral of speed since it was at `wayFloor`; means nothing unless it is known. */
  wayM = 0;
  wayKnown = false;
  wayFloor: number | null = null;
  /** Device time of the newest sample of a run. */
  ranAt = -1;
  /** The newest departure of the reported floor from the way, in floors, and its device time. */
  jumpFloors = 0;
  jumpAt = -1;
  /** It was in the zone of a terminal landing and went on: 1 up, -1 down, 0 no. */
  passedZone = 0;
  /** The newest stop after a run (an escalator's while it stands, else -1): device time, offset from the landing, position, and how far it has rolled since. */
  stopAt = -1;
  stopOffsetMmOrNaN = Number.NaN;
  stopPositionMOrNaN = Number.NaN;
  rollMm = 0;
  /** Trip counter at the first of identical speed readings, and how many came after it went on; -1 for none. */
  sameTrips = -1;
  sameReadings = -1;
  mode: Mode | null = null;
  powered: boolean | null = null;
  persons: number | null = null;
  loadKgOrNaN = Number.NaN;
  /** Times that people were counted and the load cell showed none, up to 3; and openings of the doors with the count unchanged. */
  loadDoubts = 0;
  samePersons = 0;
  /** The most that were ever counted: a sensor of presence says no more than one. */
  mostPersons = 0;
  tripCount: number | null = null;
  /** Pressed; or let go in a car that stands shut, where nobody can have left since. */
  alarmButton = false;
  alarmReleased = false;
  faults: ActiveFault[] = [];
  /** Faults that began in the last month, oldest first; null before the first. */
  faultLog: FaultBegin[] | null = null;
  /** Bits of the detectors whose hazard an active code of the controller names. */
  reported = 0;
  /** Bits of the detectors whose hazard learning has found a trend towards; set by whoever learns, judged by `judgeBits`. */
  learnt = 0;
  /** What is learnt of it; null before a door or the car has moved. */
  learning: Learning | null = null;

  /** One a detector, in the order of the detectors' table; null where the detector has had nothing to do with this lift. */
  readonly slots: (Slot | null)[];
  /** Bits of the detectors that apply to this lift. */
  applies = 0;
  /** Bits of the detectors whose slot is not at rest. */
  busy = 0;
  /** Bits of the detectors that wait for time to pass. */
  pending = 0;

  /** Readings taken on the running day; its other counts. */
  readings = 0;
  tally: DayTally = newTally();
  tallyChanged = false;

  constructor(liftId: string, ordinal: number, detectors: number) {
    this.liftId = liftId;
    this.ordinal = ordinal;
    this.slots = Array.from({ length: detectors }, () => null);
  }

  get speedMps(): number | null {
    return orNull(this.speedMpsOrNaN);
  }
  get positionM(): number | null {
    return orNull(this.positionMOrNaN);
  }
  get levelOffsetMm(): number | null {
    return orNull(this.levelOffsetMmOrNaN);
  }
  get loadKg(): number | null {
    return orNull(this.loadKgOrNaN);
  }

  /** What the register says from now on. */
  enrol(register: LiftRecord | null): void {
    this.register = register;
    this.kind = register?.kind ?? "passenger";
    this.ratedSpeedMps = register?.ratedSpeedMps ?? null;
    this.ratedLoadKg = register?.ratedLoadKg ?? null;
    this.travelM = register?.travelM ?? null;
    this.topFloor = register?.floors ?? null;
    const floors = this.topFloor ?? 0;
    this.floorHeightM = this.travelM !== null && this.travelM > 0 && floors > 1 ? this.travelM / (floors - 1) : null;
  }

  /** The slot of a detector, made at its first use. */
  slot(index: number): Slot {
    return (this.slots[index] ??= newSlot());
  }
}

/** Null where a value is NaN: unknown, as everybody but the hot path has it. */
export function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/** A detector's slot that is at rest. */
export function newSlot(): Slot {
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
    sources: 0,
    alertId: null,
    closedHeard: -1,
    flaps: 0,
    flapFrom: -1,
  };
}

/** Of the register, of the lift's place, or of time yet to come: found anew, never saved. */
const DERIVED: ReadonlySet<string> = new Set<keyof LiftState>([
  "register",
  "kind",
  "ratedSpeedMps",
  "ratedLoadKg",
  "travelM",
  "topFloor",
  "floorHeightM",
  "applies",
  "ordinal",
  "silenceDue",
]);
const NEW = new LiftState("", 0, 0);
const KEYS = Object.keys(NEW).filter((key) => !DERIVED.has(key)) as readonly (keyof LiftState)[];

/** A lift as it goes into a snapshot: what is not as in a new one. */
export interface SavedLift extends Partial<Omit<LiftState, "slots" | "learning">> {
  readonly liftId: string;
  readonly sequence: LiftState["sequence"];
  readonly slots: readonly (readonly [number, Slot])[];
  readonly learning?: SavedLearning;
}

export function saveLift(lift: LiftState): SavedLift {
  const saved: Partial<Record<keyof LiftState, unknown>> = {};
  for (const key of KEYS) if (!Object.is(lift[key], NEW[key])) saved[key] = lift[key];
  saved.slots = lift.slots.flatMap((slot, index) => (slot === null ? [] : [[index, slot] as const]));
  if (lift.learning !== null) saved.learning = saveLearning(lift.learning);
  return saved as SavedLift;
}

/** Puts a snapshot's lift into a new one of that id. */
export function restoreLift(lift: LiftState, saved: SavedLift): void {
  const { sequence, slots } = lift;
  // Assigned, not spread, here and below: V8 gives each spread object a shape of its own, and every use of one is then a miss.
  const learning = saved.learning === undefined ? null : restoreLearning(saved.learning);
  Object.assign(lift, saved, { slots, learning, sequence: Object.assign(sequence, saved.sequence) });
  for (const [index, slot] of saved.slots) slots[index] = Object.assign(newSlot(), slot);
}

export function newTally(): DayTally {
  return { inServiceMs: 0, faults: 0, stoppingFaults: 0, entrapments: 0, trips: 0 };
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

/** So many cycles without a word of its opening and closing make a door binary (assumption: a lost message or two hides no more). */
export const BINARY_CYCLES = 3;

/** Its doors have shown nothing but open and closed: a door that turns round half-way says nothing (domain.md §2). */
export function binaryDoors(lift: LiftState): boolean {
  return lift.binaryCycles >= BINARY_CYCLES;
}

/** Samples further apart than this do not show whether the car went on between them (assumption: three periods of 1 Hz). */
export const BELIES_WITHIN_MS = 3_000;

/** Speed below the limit for "stopped"; null where no speed is known. A standstill that the position has just belied is none. */
export function stopped(lift: LiftState, belowMps: number): Truth {
  const speedMps = lift.speedMpsOrNaN;
  if (Number.isNaN(speedMps)) return null;
  if (lift.belied > 0 && lift.beliedAt === lift.speedAt && lift.at - lift.speedAt <= BELIES_WITHIN_MS) return false;
  return Math.abs(speedMps) < belowMps;
}

/** Car within the unlocking zone: as reported, or else by where the stopped car stands (landings.ts). */
export function inDoorZone(lift: LiftState): Truth {
  return lift.doorZone ?? lift.stands;
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
