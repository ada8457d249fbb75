/**
 * Courses of hazards: each takes a lift through onset, course and end by driving its own parts, so the signals follow from
 * what the lift does, and the truth is read off the movement itself. Figures without a source are assumptions.
 */
import type { SimulatedHazard } from "./hazards.ts";
import type { Device } from "../device/device.ts";
import type { Lift } from "../lift/lift.ts";
import type { Course, Point, Wait } from "../lift/machine.ts";
import { SCurve } from "../lift/motion.ts";
import type { Random } from "../random.ts";
import { DOOR_ZONE_M, SLOW, landingM, nearestFloor } from "../lift/spec.ts";
import type { LiftSpec } from "../lift/spec.ts";
import { personKg } from "../lift/traffic.ts";
import type { Truth } from "./truth.ts";

export interface Stage {
  /** When the course begins, ms. */
  readonly at: number;
  readonly lift: Lift;
  readonly device: Device;
  readonly random: Random;
  readonly truth: Truth;
  /** How long the condition is to last where it waits for people, ms; the course's own range when null. */
  readonly durationMs: number | null;
}

/** Deceleration of the brake, m/s²: slides 0.25 m from 1.0 m/s and 0.77 m from 1.75, within domain.md §2's 0.33 and 0.92. */
const BRAKE_MPS2 = 2.0;
/** Least distance from any landing at which a stop counts as between floors here, m: clear of coupled doors' ±0.35 m too. */
const BETWEEN_FLOORS_M = 0.45;
/** A car that creeps away from its landing under a failing brake. */
const DRIFT = { speedMps: 0.6, accelerationMps2: 0.5, jerkMps3: 2.0 };
/** Canonical codes that a controller raises at rest, with nobody inside: run-time limiter, position lost, other. */
const CODES = ["06", "07", "08"] as const;

const COURSES: Readonly<Record<SimulatedHazard, (stage: Stage) => Course>> = {
  entrapment: (stage) => stopBetweenFloors(stage, "entrapment", [150_000, 260_000]),
  "stopped-outside-door-zone": (stage) => stopBetweenFloors(stage, "stopped-outside-door-zone", [90_000, 180_000]),
  "entrapment-at-level": entrapmentAtLevel,
  "unintended-movement": unintendedMovement,
  "door-open-while-running": doorOpenWhileRunning,
  overspeed,
  "door-held-open": doorHeldOpen,
  "reported-fault": reportedFault,
  silent,
};

/** The course of one hazard, to be given to `Lift.begin`. */
export function courseOf(hazard: SimulatedHazard, stage: Stage): Course {
  return COURSES[hazard](stage);
}

/** Whether a lift is built so that the hazard can show: overspeed and a door that opens on the way need a long enough run. */
export function suits(hazard: SimulatedHazard, spec: LiftSpec): boolean {
  if (hazard === "overspeed") return cruiseS(spec, spec.travelM, 1.2) >= 4;
  if (hazard === "door-open-while-running") return spec.travelM >= 9 && cruiseS(spec, spec.travelM, 1) >= 3;
  return true;
}

/** Seconds at full speed of a run over `distanceM` with the rated speed times `factor`. */
function cruiseS(spec: LiftSpec, distanceM: number, factor: number): number {
  const speedMps = spec.ratedSpeedMps * factor;
  const path = new SCurve(distanceM, { ...spec.run, speedMps });
  return path.peakSpeedMps < speedMps ? 0 : path.durationS - 2 * path.secondsToSpeed(speedMps - 1e-6);
}

function* at(point: Point, when: () => boolean = () => true): Generator<Wait, number, number> {
  return yield { point, when };
}
function* after(event: "stopped" | "door"): Generator<Wait, number, number> {
  return yield { event };
}
function* until(time: number): Generator<Wait, number, number> {
  return yield { until: Math.round(time) };
}

/** Two people take the longest way, or one calls an empty car to the other end: so that a course need not wait for chance. */
function invite({ lift, random }: Stage, now: number, people: number): void {
  const { floors } = lift.spec;
  const far = lift.floor > floors / 2 ? 1 : floors;
  const from = people === 0 ? far : lift.floor;
  const to = people === 0 ? floors + 1 - far : far;
  lift.call(
    now,
    Array.from({ length: Math.max(1, people) }, () => ({ from, to, kg: personKg(random), since: now })),
  );
}

/** The safety circuit opens between floors and the brake stops the car; later it is brought to the nearest landing. */
function* stopBetweenFloors(stage: Stage, hazard: "entrapment" | "stopped-outside-door-zone", range: readonly [number, number]): Course {
  const { lift, random, truth } = stage;
  const occupied = hazard === "entrapment";
  let now = stage.at;
  invite(stage, now, occupied ? random.integer(1, 3) : 0);
  let moments: number[] = [];
  now = yield* at("run", () => {
    if (lift.persons > 0 !== occupied) return false;
    moments = momentsToStop(lift);
    return moments.length > 0;
  });
  now = yield* until(now + random.pick(moments));
  lift.seize();
  lift.brake(now, BRAKE_MPS2);
  now = yield* after("stopped");
  const end = truth.begin(lift.spec.liftId, hazard, now);
  now = yield* until(now + (stage.durationMs ?? random.between(...range)));
  end(now);
  lift.moveToLanding(now, SLOW);
  now = yield* after("stopped");
  lift.openDoor(now);
  now = yield* after("door");
  if (occupied) lift.evacuate(now);
  lift.release(now);
}

/** Times (ms into the run) at which the brake would leave the car clearly between floors. */
function momentsToStop(lift: Lift): number[] {
  const { path, sign, spec } = lift;
  if (path === null) return [];
  const moments: number[] = [];
  for (let timeS = 0.5; timeS < path.durationS; timeS += 0.1) {
    const speed = path.speedMps(timeS);
    const rest = lift.restM + sign * (path.positionM(timeS) + (speed * speed) / (2 * BRAKE_MPS2));
    if (speed >= 0.4 && awayM(spec, rest) >= BETWEEN_FLOORS_M && rest > 0 && rest < spec.travelM) moments.push(timeS * 1_000);
  }
  return moments;
}

/** Metres to the nearest landing. */
function awayM(spec: LiftSpec, positionM: number): number {
  return Math.abs(positionM - landingM(spec, nearestFloor(spec, positionM)));
}

/** People get in, the door closes, and then nothing: neither start nor door. */
function* entrapmentAtLevel(stage: Stage): Course {
  const { lift, random, truth } = stage;
  let now = stage.at;
  invite(stage, now, random.integer(1, 3));
  now = yield* at("closed", () => lift.persons > 0);
  lift.seize();
  const end = truth.begin(lift.spec.liftId, "entrapment-at-level", now);
  now = yield* until(now + (stage.durationMs ?? random.between(150_000, 240_000)));
  end(now);
  lift.openDoor(now);
  now = yield* after("door");
  lift.evacuate(now);
  lift.release(now);
}

/** The car leaves a landing with its door open until the protection stops it; the door is closed and the car brought back. */
function* unintendedMovement(stage: Stage): Course {
  const { lift, random, truth } = stage;
  const { spec } = lift;
  let now = stage.at;
  invite(stage, now, 1);
  now = yield* at("open");
  lift.seize();
  now = yield* until(now + 1_500);
  const up = lift.floor === 1 || (lift.floor < spec.floors && random.chance(0.6));
  const startM = lift.positionAt(now);
  const offsetM = startM - landingM(spec, lift.floor);
  const sign = up ? 1 : -1;
  const path = lift.move(now, sign * random.between(1.0, 1.25), DRIFT);
  now = yield* until(now + path.secondsToPosition(DOOR_ZONE_M - sign * offsetM) * 1_000);
  const end = truth.begin(spec.liftId, "unintended-movement", now);
  now = yield* after("stopped");
  now = yield* until(now + random.between(20_000, 40_000));
  lift.closeDoor(now);
  now = yield* after("door");
  end(now);
  lift.moveToLanding(now, SLOW);
  now = yield* after("stopped");
  lift.release(now);
}

/** A bridged door contact: the door comes open on the way, and the car runs on to its landing. */
function* doorOpenWhileRunning(stage: Stage): Course {
  const { lift, random, truth } = stage;
  const { spec } = lift;
  let now = stage.at;
  invite(stage, now, 1);
  let moments: number[] = [];
  now = yield* at("run", () => {
    moments = momentsToOpen(lift);
    return moments.length > 0;
  });
  now = yield* until(now + random.pick(moments));
  lift.seize();
  lift.openDoor(now);
  // An unintended movement is one that leaves a landing with the door open; this run was meant.
  const end = truth.begin(spec.liftId, "door-open-while-running", now);
  now = yield* after("stopped");
  end(now);
  if (lift.door.state !== "open") now = yield* after("door");
  lift.release(now);
}

/** Times (ms into the run) at near full speed, between floors, with at least 3 s of the run left. */
function momentsToOpen(lift: Lift): number[] {
  const { path, sign, spec } = lift;
  if (path === null) return [];
  const moments: number[] = [];
  for (let timeS = 1; timeS < path.durationS - 3; timeS += 0.1) {
    const clear = awayM(spec, lift.restM + sign * path.positionM(timeS)) >= BETWEEN_FLOORS_M;
    if (clear && path.speedMps(timeS) >= Math.max(0.7, 0.9 * spec.run.speedMps)) moments.push(timeS * 1_000);
  }
  return moments;
}

/** The drive runs too fast and nothing trips: 1.18 to 1.25 times the rated speed, for as long as the way allows. */
function* overspeed(stage: Stage): Course {
  const { lift, random, truth } = stage;
  const { spec } = lift;
  const factor = random.between(1.18, 1.25);
  let now = stage.at;
  invite(stage, now, random.integer(0, 2));
  const speedMps = spec.ratedSpeedMps * factor;
  now = yield* at("run", () => cruiseS(spec, lift.path?.distanceM ?? 0, factor) >= 3);
  const path = lift.rerun(now, { ...spec.run, speedMps });
  const edgeMs = path.secondsToSpeed(1.05 * spec.ratedSpeedMps) * 1_000;
  const to = now + path.durationS * 1_000 - edgeMs;
  now = yield* until(now + edgeMs);
  const end = truth.begin(spec.liftId, "overspeed", now);
  now = yield* until(to);
  end(now);
}

/** Something stands in the door; the lift waits. */
function* doorHeldOpen(stage: Stage): Course {
  const { lift, random, truth } = stage;
  let now = stage.at;
  invite(stage, now, 1);
  now = yield* at("open");
  lift.seize();
  const end = truth.begin(lift.spec.liftId, "door-held-open", now);
  now = yield* until(now + (stage.durationMs ?? random.between(150_000, 240_000)));
  lift.closeDoor(now);
  end(now);
  now = yield* after("door");
  lift.release(now);
}

/** The controller reports a fault at a landing and stands still until it is gone. */
function* reportedFault(stage: Stage): Course {
  const { lift, random, truth } = stage;
  let now = yield* at("idle", () => lift.persons === 0);
  lift.seize();
  const code = random.pick(CODES);
  lift.reportFault(now, code, true);
  const end = truth.begin(lift.spec.liftId, "reported-fault", now);
  now = yield* until(now + (stage.durationMs ?? random.between(60_000, 150_000)));
  lift.reportFault(now, code, false);
  end(now);
  lift.release(now);
}

/** Nothing is heard: the network is away and the device uploads later, or the device itself is dead and starts anew. */
function* silent(stage: Stage): Course {
  const { lift, device, random, truth } = stage;
  let now = stage.at;
  const dead = random.chance(0.5);
  if (dead) device.powerOff(now);
  else device.linkDown(now);
  const end = truth.begin(lift.spec.liftId, "silent", now);
  now = yield* until(now + (stage.durationMs ?? random.between(420_000, 540_000)));
  end(now);
  if (dead) device.powerOn(now);
  else device.linkUp(now);
}
