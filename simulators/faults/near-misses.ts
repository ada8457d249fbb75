/**
 * Courses that look like hazards and are none: each names the signal that tells. They write no truth, and a monitor must stay quiet.
 * Figures without a source are assumptions.
 */
import type { Course } from "../lift/machine.ts";
import type { NearMiss } from "./hazards.ts";
import { SLOW, ropeStretchM } from "../lift/spec.ts";
import type { LiftSpec } from "../lift/spec.ts";
import { personKg } from "../lift/traffic.ts";
import type { MotionLimits } from "../lift/motion.ts";
import { after, at, invite, until } from "./stage.ts";
import type { Stage } from "./stage.ts";

export const NEAR_MISS_COURSES: Readonly<Record<NearMiss, (stage: Stage) => Course>> = {
  "re-levelling": reLevelling,
  "long-loading": longLoading,
  "inspection-run": inspectionRun,
  "firefighter-drive": firefighterDrive,
  "parked-open": parkedOpen,
  "person-sensor-stuck": personSensorStuck,
  "clock-jumps": clockJumps,
  "speed-noise": speedNoise,
  "rated-speed-change": ratedSpeedChange,
};

/** A load at the lowest landing that stretches the ropes by so much takes the car off its kept level, m. */
const STRETCH_M = 0.024;
const LADEN = 0.9;

/** A crowd gets in at the lowest landing, the ropes stretch, and the car re-levels with its door open: slowly, and near its landing. */
function* reLevelling(stage: Stage): Course {
  const { lift, random } = stage;
  const { floors, ratedLoadKg } = lift.spec;
  let now = yield* at("idle", () => lift.persons === 0);
  const crowd = [];
  for (let kg = personKg(random), sum = 0; sum + kg <= LADEN * ratedLoadKg; kg = personKg(random)) {
    crowd.push({ from: 1, to: floors, kg, since: now });
    sum += kg;
  }
  lift.call(now, crowd);
  yield* at("run");
  yield* at("idle", () => lift.persons === 0);
}

/** Whether the ropes of this lift are long and thin enough for it. */
export function stretches(spec: LiftSpec): boolean {
  return spec.kind === "passenger" && ropeStretchM(spec, LADEN * spec.ratedLoadKg, 0) >= STRETCH_M;
}

/**
 * A mover fills the car for ten minutes. The door stands open for a minute and a half at a time, closes, and opens again at the
 * button: never open for 120 s, never three reopenings within 15 s (each is a whole cycle), and fewer than 20 at the stop.
 */
function* longLoading(stage: Stage): Course {
  const { lift, random } = stage;
  const loads = random.integer(5, 8);
  invite(stage, stage.at, 1);
  let now = yield* at("open");
  lift.seize();
  for (let load = 0; load < loads; load++) {
    const to = lift.floor === 1 ? lift.spec.floors : 1;
    lift.call(now, [{ from: lift.floor, to, kg: personKg(random), since: now }]);
    now = yield* until(now + random.between(60_000, 100_000));
    lift.admit(now);
    lift.closeDoor(now);
    now = yield* after("door");
    now = yield* until(now + random.between(2_000, 6_000));
    lift.openDoor(now);
    now = yield* after("door");
  }
  lift.release(now);
}

/** On the roof of the car, with the door open: slower than domain.md §2's 0.63 m/s. */
const INSPECTION: MotionLimits = { speedMps: 0.5, accelerationMps2: 0.4, jerkMps3: 0.8 };

/** A mechanic drives the car from its roof with the door open, and stands between floors: the mode tells. */
function* inspectionRun(stage: Stage): Course {
  const { lift, random } = stage;
  const { spec } = lift;
  let now = yield* at("idle", () => lift.persons === 0);
  lift.seize();
  lift.setMode(now, "inspection");
  lift.openDoor(now);
  now = yield* after("door");
  now = yield* until(now + random.between(20_000, 40_000));
  const away = lift.floor < spec.floors ? 1 : -1;
  for (const byM of [random.between(1.2, 1.9), random.between(0.6, 0.9), -random.between(0.3, 0.8)]) {
    lift.move(now, away * byM, INSPECTION);
    now = yield* after("stopped");
    now = yield* until(now + random.between(40_000, 120_000));
  }
  lift.moveToLanding(now, SLOW);
  now = yield* after("stopped");
  lift.closeDoor(now);
  now = yield* after("door");
  lift.setMode(now, "normal");
  lift.release(now);
}

/** A fire alarm calls the car down and holds its door; firefighters ride, wait behind closed doors and hold doors open: the mode tells. */
function* firefighterDrive(stage: Stage): Course {
  const { lift, random } = stage;
  let now = yield* at("idle", () => lift.persons === 0);
  lift.seize();
  lift.setMode(now, "fire-recall");
  if (lift.floor !== 1) {
    lift.moveToLanding(now, lift.runLimits, 1);
    now = yield* after("stopped");
  }
  lift.openDoor(now);
  now = yield* after("door");
  now = yield* until(now + random.between(130_000, 200_000));
  lift.setMode(now, "firefighter");
  const goal = random.integer(2, lift.spec.floors);
  const crew = Array.from({ length: random.integer(2, 3) }, () => ({ from: 1, to: goal, kg: personKg(random) + 25, since: now }));
  lift.call(now, crew);
  lift.admit(now);
  for (const floor of [goal, 1]) {
    now = yield* until(now + random.between(10_000, 20_000));
    lift.closeDoor(now);
    now = yield* after("door");
    // They listen before they let it run, and before they open.
    now = yield* until(now + random.between(65_000, 90_000));
    lift.moveToLanding(now, lift.runLimits, floor);
    now = yield* after("stopped");
    now = yield* until(now + random.between(5_000, 30_000));
    lift.openDoor(now);
    now = yield* after("door");
    now = yield* until(now + random.between(125_000, 180_000));
  }
  lift.evacuate(now);
  lift.closeDoor(now);
  now = yield* after("door");
  lift.setMode(now, "normal");
  lift.release(now);
}

/** Taken out of service with its door open, for cleaning or for the night: the mode tells. */
function* parkedOpen(stage: Stage): Course {
  const { lift, random } = stage;
  let now = yield* at("idle", () => lift.persons === 0);
  lift.seize();
  lift.setMode(now, "out-of-service");
  lift.openDoor(now);
  now = yield* after("door");
  now = yield* until(now + (stage.durationMs ?? random.between(600_000, 1_200_000)));
  lift.closeDoor(now);
  now = yield* after("door");
  lift.setMode(now, "normal");
  lift.release(now);
}

/** The person sensor sees one or two who are not there, for hours, while the car stands at its landing: the load cell says 0. */
function* personSensorStuck(stage: Stage): Course {
  const { lift, random } = stage;
  lift.senses.leastPersons = random.integer(1, 2);
  lift.tell(stage.at, "load");
  const now = yield* until(stage.at + (stage.durationMs ?? random.between(1_800_000, 3_600_000)));
  lift.senses.leastPersons = 0;
  lift.tell(now, "load");
}

/** The device's clock is set back and forth, as by a bad source of time: sequence numbers and arrival tell. */
function* clockJumps(stage: Stage): Course {
  const { device, random } = stage;
  let now = stage.at;
  let offMs = 0;
  for (let jump = random.integer(3, 6); jump > 0; jump--) {
    now = yield* until(now + random.between(60_000, 180_000));
    const toMs = Math.round((random.chance(0.5) ? 1 : -1) * random.between(20_000, 600_000));
    device.stepClock(toMs - offMs);
    offMs = toMs;
  }
  now = yield* until(now + random.between(60_000, 180_000));
  device.stepClock(-offMs);
}

/** Noise that alone stays below the warning's 1.05, and single spikes above 1.15, never two in a row (domain.md §2 asks for two). */
const NOISE = { sigma: 0.015, spikeChance: 0.04, spike: [0.16, 0.22] } as const;

function* speedNoise(stage: Stage): Course {
  const { lift, random } = stage;
  let now = stage.at;
  lift.senses.disturb(random.split("noise"), NOISE.sigma, NOISE.spikeChance, random.between(...NOISE.spike));
  const endAt = now + (stage.durationMs ?? random.between(600_000, 1_200_000));
  while (now < endAt) {
    invite(stage, now, 0);
    now = yield* until(now + 90_000);
  }
  lift.senses.calm();
}

/** Before modernisation the lift ran at four fifths of the speed that the register now has; afterwards at that speed, and not above. */
const BEFORE = 1.25;

function* ratedSpeedChange(stage: Stage): Course {
  const { lift, random } = stage;
  let now = stage.at;
  lift.condition.travelTime = BEFORE;
  for (let ride = 0; ride < 4; ride++) {
    invite(stage, now, 0);
    now = yield* until(now + random.between(90_000, 150_000));
  }
  invite(stage, now, 0);
  now = yield* at("idle", () => lift.persons === 0);
  lift.seize();
  lift.setMode(now, "out-of-service");
  now = yield* until(now + random.between(180_000, 300_000));
  lift.condition.travelTime = 1;
  lift.setMode(now, "normal");
  lift.release(now);
  for (let ride = 0; ride < 4; ride++) {
    invite(stage, now, 0);
    now = yield* until(now + random.between(90_000, 150_000));
  }
}
