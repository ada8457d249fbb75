/** Courses of cars that move as they should not. Figures without a source are assumptions. */
import type { Course } from "../lift/machine.ts";
import type { Lift } from "../lift/lift.ts";
import { SCurve } from "../lift/motion.ts";
import { DOOR_ZONE_M, SLOW, landingM } from "../lift/spec.ts";
import type { LiftSpec } from "../lift/spec.ts";
import { after, at, awayM, invite, raise, runTimeLimitMs, until } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { BETWEEN_FLOORS_M } from "./stops.ts";

/** A car that creeps away from its landing under a failing brake. */
const DRIFT = { speedMps: 0.6, accelerationMps2: 0.5, jerkMps3: 2.0 };
/** domain.md §3: past the terminal level by more than this is overtravel, m. */
const OVERTRAVEL_M = 0.05;
/** Every way to compute a motor run-time limit ends at 45 s (domain.md §2); the slip lasts for longer, s. */
const SLIP_S: readonly [number, number] = [52, 62];

/** Seconds at full speed of a run over `distanceM` with the rated speed times `factor`. */
export function cruiseS(spec: LiftSpec, distanceM: number, factor: number): number {
  const speedMps = spec.ratedSpeedMps * factor;
  const path = new SCurve(distanceM, { ...spec.run, speedMps });
  return path.peakSpeedMps < speedMps ? 0 : path.durationS - 2 * path.secondsToSpeed(speedMps - 1e-6);
}

/** The car leaves a landing with its door open until the protection stops it; the door is closed and the car brought back. */
export function* unintendedMovement(stage: Stage): Course {
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
export function* doorOpenWhileRunning(stage: Stage): Course {
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
export function* overspeed(stage: Stage): Course {
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

/** An empty car does not stop at its terminal landing: it goes on past it, stands on the limit switch, and is brought back. */
export function* overtravel(stage: Stage): Course {
  const { lift, random, truth } = stage;
  const { spec } = lift;
  let now = stage.at;
  invite(stage, now, 0);
  const toTerminal = (): boolean => {
    const { path, sign } = lift;
    const goalM = lift.restM + sign * (path?.distanceM ?? 0);
    return lift.persons === 0 && path !== null && path.distanceM > 2 && Math.abs(goalM - (sign > 0 ? spec.travelM : 0)) < 0.1;
  };
  now = yield* at("run", toTerminal);
  // Out of the unlocking zone, so that the door stays shut.
  const path = lift.rerun(now, lift.runLimits, random.between(0.27, 0.4));
  lift.seize();
  const { restM, sign } = lift;
  const crossedM = Math.abs((sign > 0 ? spec.travelM : 0) - restM) + OVERTRAVEL_M;
  now = yield* until(now + path.secondsToPosition(crossedM) * 1_000);
  const end = truth.begin(spec.liftId, "overtravel", now);
  now = yield* after("stopped");
  now = yield* until(now + random.between(20_000, 45_000));
  const back = lift.move(now, landingM(spec, lift.floor) - lift.positionAt(now), SLOW);
  now = yield* until(now + back.secondsToPosition(back.distanceM - OVERTRAVEL_M) * 1_000);
  end(now);
  now = yield* after("stopped");
  lift.release(now);
}

/** The ropes slip on the sheave: the motor turns, no landing comes nearer, and the limiter is late. */
export function* runTimeExceeded(stage: Stage): Course {
  const { lift, random, truth } = stage;
  let now = yield* at("idle", () => lift.persons === 0);
  lift.seize();
  const up = lift.floor < lift.spec.floors;
  // So slow that the way which the motor believes in stays below a floor and a half.
  lift.slip(now, (up ? 1 : -1) * random.between(0.06, 0.075), random.between(...SLIP_S));
  now = yield* until(now + runTimeLimitMs(lift.spec));
  const end = truth.begin(lift.liftId, "run-time-exceeded", now);
  now = yield* after("stopped");
  end(now);
  const cleared = raise(stage, now, "06");
  now = yield* until(now + random.between(60_000, 150_000));
  cleared(now);
  lift.release(now);
}
