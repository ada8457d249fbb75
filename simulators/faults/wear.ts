/**
 * Slow wear and decay, day by day over weeks and months, beside whatever else befalls the lift, until maintenance mends it.
 * All figures are assumptions; the truth begins when the decay has reached what a careful mechanic would call worn.
 */
import type { Course } from "../lift/machine.ts";
import type { Condition } from "../lift/condition.ts";
import { raise, until } from "./stage.ts";
import type { Stage } from "./stage.ts";
import type { SimulatedHazard, Wear } from "./hazards.ts";

const DAY_MS = 86_400_000;

/** One kind of wear: what a day does to the condition, and from when on it counts. */
interface Decay {
  readonly hazard: SimulatedHazard;
  /** Days until it counts, and days from then until maintenance. */
  readonly growsDays: readonly [number, number];
  readonly lastsDays: readonly [number, number];
  /** The condition when `done` of the way to counting (1) and beyond is behind it. `sign` is +1 or -1. */
  readonly apply: (condition: Condition, done: number, sign: number) => void;
}

const DECAYS: Readonly<Record<Exclude<Wear, "fault-rate-high">, Decay>> = {
  /** Counts from door times 20 % longer than as new. */
  "door-slowing": {
    hazard: "door-slowing",
    growsDays: [20, 60],
    lastsDays: [5, 30],
    apply: (condition, done) => (condition.doorTimes = 1 + 0.2 * done),
  },
  /** Counts from runs 12 % longer. */
  "travel-slowing": {
    hazard: "travel-slowing",
    growsDays: [20, 60],
    lastsDays: [5, 30],
    apply: (condition, done) => (condition.travelTime = 1 + 0.12 * done),
  },
  /** Counts from a mean offset of 8 mm; the stops scatter more as well. */
  "levelling-trend": {
    hazard: "levelling-drift",
    growsDays: [15, 40],
    lastsDays: [5, 20],
    apply: (condition, done, sign) => {
      condition.levelBiasMm = sign * 8 * done;
      condition.stopScatter = 1 + 0.2 * done;
    },
  },
  /** Counts when the car runs on by 8 mm at each stop and the brake has lost a fifth of its torque. */
  "brake-trend": {
    hazard: "brake-weakening",
    growsDays: [15, 40],
    lastsDays: [5, 20],
    apply: (condition, done) => {
      condition.overrunMm = 8 * done;
      condition.brakeTorque = Math.max(0.5, 1 - 0.2 * done);
    },
  },
};

/** A course of wear, to be given to `Lift.beginSlow`: it begins new, grows by the day, and ends with maintenance. */
export function* wearOut(kind: Wear, stage: Stage): Course {
  yield* kind === "fault-rate-high" ? faultsRise(stage) : decays(stage, DECAYS[kind]);
}

function* decays(stage: Stage, decay: Decay): Course {
  const { lift, random, truth } = stage;
  const days = Math.round(random.between(...decay.growsDays));
  const lasts = stage.durationMs === null ? Math.round(random.between(...decay.lastsDays)) : Math.ceil(stage.durationMs / DAY_MS);
  const sign = random.chance(0.5) ? 1 : -1;
  let now = stage.at;
  let end: ((to: number) => void) | null = null;
  for (let day = 1; day <= days + lasts; day++) {
    now = yield* until(now + DAY_MS);
    decay.apply(lift.condition, day / days, sign);
    if (day === days) end = truth.begin(lift.liftId, decay.hazard, now);
  }
  lift.condition.reset();
  end?.(now);
}

/** Stopping faults a day of a lift that has gone bad: against 0.33 a year of the others (domain.md §6), two every three days. */
const BAD_EVERY_MS = 1.5 * DAY_MS;
const CODES = ["02", "03", "08"] as const;

/** Faults come again and again for weeks, each of another kind than the last, so that no code repeats thrice a day. */
function* faultsRise(stage: Stage): Course {
  const { lift, random, truth } = stage;
  let now = stage.at;
  const endAt = now + (stage.durationMs ?? Math.round(random.between(14, 45)) * DAY_MS);
  const end = truth.begin(lift.liftId, "fault-rate-high", now);
  for (let turn = random.integer(0, CODES.length - 1); now < endAt; turn++) {
    const cleared = raise(stage, now, CODES[turn % CODES.length] ?? "08");
    now = yield* until(now + random.between(60_000, 900_000));
    cleared(now);
    now = yield* until(now + 0.2 * DAY_MS + random.exponential(BAD_EVERY_MS - 0.2 * DAY_MS));
  }
  end(now);
}
