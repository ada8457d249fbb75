/** What a lift is made of: its row of the register, and what the register leaves open drawn from its own randomness. */
import type { LiftRecord } from "../../src/core/lift.ts";
import { useOf } from "../../src/core/building-use.ts";
import type { Use } from "../../src/core/building-use.ts";
import { doorTimes } from "./door.ts";
import type { DoorTimes } from "./door.ts";
import type { MotionLimits } from "./motion.ts";
import { PATTERNS } from "./patterns.ts";
import type { Random } from "../random.ts";

/** Physical constants of one lift. Floors count from 1; positions are metres above the lowest landing. */
export interface LiftSpec {
  readonly liftId: string;
  readonly kind: "passenger" | "freight" | "dumbwaiter";
  readonly use: Use;
  readonly district: string;
  readonly building: string;
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
  /** How much lower a fully laden car stops than an empty one, mm. */
  readonly stopSagMm: number;
  /** How much the ropes stretch at rated load, metres a metre of rope. */
  readonly ropeStrain: number;
  /** Deceleration by the brake, m/s². */
  readonly brakeMps2: number;
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
/** Re-levelling with doors open (domain.md §2: <= 0.30 m/s, from memory and unverified; a few cm/s in practice: assumption). */
export const RELEVEL: MotionLimits = { speedMps: 0.03, accelerationMps2: 0.06, jerkMps3: 0.3 };
/** A car further than this from its landing re-levels (domain.md §2: kept level ±20 mm, source), m. */
export const KEPT_LEVEL_M = 0.02;
/** Rope above the car at the highest landing, m (assumption). */
const HEADROOM_M = 5;
/** The ropes of no lift stretch more than this at rated load (assumption), m. */
const MOST_STRETCH_M = 0.036;

/** Where the register says nothing: a common residential lift (assumption). */
const UNKNOWN = { ratedSpeedMps: 1.0, ratedLoadKg: 800, floors: 10, floorHeightM: 2.9 };
/** Runs in a weekday of freight lifts and dumbwaiters (domain.md §6: from 50; the most is an assumption). */
const GOODS_TRIPS = [75, 190] as const;
/** Runs that serve one journey: the empty way there and the ride, less where calls share a run. Measured on the model, a working week. */
const RUNS_PER_JOURNEY: Readonly<Record<Use, number>> = {
  residential: 1.75,
  office: 1.74,
  mall: 1.81,
  hospital: 1.77,
  hotel: 1.73,
  industrial: 1.81,
};
const DAY_MS = 86_400_000;

/** @param at start of the run, ms; the trip counter grows with the lift's age at it. */
export function liftSpec(record: LiftRecord, random: Random, at: number): LiftSpec {
  const floors = Math.max(2, record.floors ?? UNKNOWN.floors);
  const ratedSpeedMps = record.ratedSpeedMps ?? UNKNOWN.ratedSpeedMps;
  const ratedLoadKg = record.ratedLoadKg ?? UNKNOWN.ratedLoadKg;
  const kind = record.kind === "freight" || record.kind === "dumbwaiter" ? record.kind : "passenger";
  const use = useOf(record);
  const [least, most] = kind === "passenger" ? PATTERNS[use].trips : GOODS_TRIPS;
  // Taller buildings have more people to a lift (assumption).
  const tripsPerDay = least + (most - least) * Math.min(1, random.uniform() * (0.6 + Math.min(floors, 30) / 40));
  const journeysPerDay = tripsPerDay / RUNS_PER_JOURNEY[use];
  const travelM = record.travelM === undefined || record.travelM <= 0 ? (floors - 1) * UNKNOWN.floorHeightM : record.travelM;
  const ageDays = record.installedOn === undefined ? 0 : Math.max(0, (at - Date.parse(record.installedOn)) / DAY_MS);
  return {
    liftId: record.liftId,
    kind,
    use,
    district: record.district ?? "",
    building: record.building ?? "",
    floors,
    travelM,
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
    stopSagMm: random.between(0.5, 4),
    // 1:1 and 2:1 roping of five ropes of 10 mm give 0.7 and 0.3 mm a metre (arithmetic on assumed ropes); high lifts have more of them.
    ropeStrain: Math.min(random.between(0.0003, 0.0006), MOST_STRETCH_M / (travelM + HEADROOM_M)),
    brakeMps2: random.between(1.9, 2.2),
    reopenChance: random.between(0.02, 0.08),
    journeysPerDay,
    tripCount: Math.round(ageDays * tripsPerDay),
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

/** Deviation of one stop from its landing in health, mm: normal about a load-dependent mean, cut at ±9. `wear` multiplies both. */
export function stopErrorMm(spec: LiftSpec, random: Random, loadKg: number, wear = 1): number {
  const mean = spec.stopSagMm * (0.5 - loadKg / spec.ratedLoadKg);
  const most = STOP_WITHIN_MM * wear;
  return Math.max(-most, Math.min(most, mean + wear * spec.stopSigmaMm * random.normal()));
}

/** How far the load in the car stretches the ropes at a height above the lowest landing, m. */
export function ropeStretchM(spec: LiftSpec, loadKg: number, positionM: number): number {
  return (spec.ropeStrain * loadKg * (spec.travelM - positionM + HEADROOM_M)) / spec.ratedLoadKg;
}
