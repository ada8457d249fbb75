/** What a lift is made of: its row of the register, and what the register leaves open drawn from its own randomness. */
import type { LiftRecord } from "../../src/core/lift.ts";
import { doorTimes } from "./door.ts";
import type { DoorTimes } from "./door.ts";
import type { MotionLimits } from "./motion.ts";
import type { Random } from "../random.ts";

/** Physical constants of one lift. Floors count from 1; positions are metres above the lowest landing. */
export interface LiftSpec {
  readonly liftId: string;
  readonly floors: number;
  readonly travelM: number;
  readonly ratedSpeedMps: number;
  readonly ratedLoadKg: number;
  /** Limits of an ordinary run; the speed is what the drive really runs at. */
  readonly run: MotionLimits;
  readonly doorTimes: DoorTimes;
  /** How long the door stands open at the least, and what each person adds, ms. */
  readonly dwellMs: number;
  readonly personMs: number;
  /** From door closed to the first movement, ms. */
  readonly startDelayMs: number;
  /** Standard deviation of the stop about the landing, mm. */
  readonly stopSigmaMm: number;
  readonly reopenChance: number;
  readonly journeysPerDay: number;
  /** Trips on the counter when the simulation begins. */
  readonly tripCount: number;
}

/** ±0.20 m about a landing (domain.md §2, from memory and unverified). */
export const DOOR_ZONE_M = 0.2;
/** A stop further than this from its landing does not occur in health (domain.md §2: ±10 mm, source), mm. */
const STOP_WITHIN_MM = 9;
/** Slow movement: correction runs after a stop between floors, and rescue (domain.md §2: inspection <= 0.63 m/s; 0.3 is an assumption). */
export const SLOW: MotionLimits = { speedMps: 0.3, accelerationMps2: 0.3, jerkMps3: 0.6 };

/** Where the register says nothing: a common residential lift (assumption). */
const UNKNOWN = { ratedSpeedMps: 1.0, ratedLoadKg: 800, floors: 10, floorHeightM: 2.9 };
const DAY_MS = 86_400_000;

/** @param at start of the run, ms; the trip counter grows with the lift's age at it. */
export function liftSpec(record: LiftRecord, random: Random, at: number): LiftSpec {
  const floors = Math.max(2, record.floors ?? UNKNOWN.floors);
  const ratedSpeedMps = record.ratedSpeedMps ?? UNKNOWN.ratedSpeedMps;
  const ratedLoadKg = record.ratedLoadKg ?? UNKNOWN.ratedLoadKg;
  // About 1.5 runs serve one journey, so this gives the 100 to 450 trips a day of residential lifts (domain.md §6).
  const journeysPerDay = (record.kind === "freight" ? 0.4 : 1) * random.between(70, 190) * (0.6 + Math.min(floors, 30) / 40);
  const ageDays = record.installedOn === undefined ? 0 : Math.max(0, (at - Date.parse(record.installedOn)) / DAY_MS);
  return {
    liftId: record.liftId,
    floors,
    travelM: record.travelM === undefined || record.travelM <= 0 ? (floors - 1) * UNKNOWN.floorHeightM : record.travelM,
    ratedSpeedMps,
    ratedLoadKg,
    run: {
      speedMps: ratedSpeedMps * random.between(0.97, 1.01),
      // domain.md §6: acceleration 0.6 to 1.2 m/s², jerk 1.0 to 1.5 m/s³; the gentler end for slow lifts (assumption).
      accelerationMps2: random.between(0.6, Math.min(1.2, 0.6 + 0.25 * ratedSpeedMps)),
      jerkMps3: random.between(1.0, 1.5),
    },
    doorTimes: doorTimes(ratedLoadKg >= 1_350 ? 1_100 : ratedLoadKg >= 1_000 ? 900 : 800, random),
    dwellMs: Math.round(random.between(2_500, 4_500)),
    personMs: 900,
    startDelayMs: Math.round(random.between(400, 900)),
    stopSigmaMm: random.between(1.5, 3.5),
    reopenChance: random.between(0.02, 0.08),
    journeysPerDay,
    tripCount: Math.round(ageDays * journeysPerDay * 1.5),
  };
}

/** Height of a landing above the lowest, m. */
export function landingM(spec: LiftSpec, floor: number): number {
  return ((floor - 1) * spec.travelM) / (spec.floors - 1);
}

/** The floor whose landing is nearest to a position. */
export function nearestFloor(spec: LiftSpec, positionM: number): number {
  const floor = 1 + Math.round((positionM * (spec.floors - 1)) / spec.travelM);
  return Math.min(spec.floors, Math.max(1, floor));
}

/** Deviation of one stop from its landing, mm: normal, cut at ±9. */
export function stopErrorMm(spec: LiftSpec, random: Random): number {
  return Math.max(-STOP_WITHIN_MM, Math.min(STOP_WITHIN_MM, spec.stopSigmaMm * random.normal()));
}
