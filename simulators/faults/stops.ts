/** Courses of cars that stand where or when they should not. Figures without a source are assumptions. */
import type { Course } from "../lift/machine.ts";
import type { Lift } from "../lift/lift.ts";
import { SLOW } from "../lift/spec.ts";
import { after, at, awayM, invite, until } from "./stage.ts";
import type { Stage } from "./stage.ts";

/** Least distance from any landing at which a stop counts as between floors here, m: clear of coupled doors' ±0.35 m too. */
export const BETWEEN_FLOORS_M = 0.45;

export const entrapment = (stage: Stage): Course => stopBetweenFloors(stage, "entrapment", [150_000, 260_000]);
export const stoppedOutside = (stage: Stage): Course => stopBetweenFloors(stage, "stopped-outside-door-zone", [90_000, 180_000]);

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
  lift.brake(now);
  now = yield* after("stopped");
  const end = truth.begin(lift.liftId, hazard, now);
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
export function momentsToStop(lift: Lift): number[] {
  const { path, sign, spec, brakeMps2 } = lift;
  if (path === null) return [];
  const moments: number[] = [];
  for (let timeS = 0.5; timeS < path.durationS; timeS += 0.1) {
    const speed = path.speedMps(timeS);
    const rest = lift.restM + sign * (path.positionM(timeS) + (speed * speed) / (2 * brakeMps2));
    if (speed >= 0.4 && awayM(spec, rest) >= BETWEEN_FLOORS_M && rest > 0 && rest < spec.travelM) moments.push(timeS * 1_000);
  }
  return moments;
}

/** People get in, the door closes, and then nothing: neither start nor door. */
export function* entrapmentAtLevel(stage: Stage): Course {
  const { lift, random, truth } = stage;
  let now = stage.at;
  invite(stage, now, random.integer(1, 3));
  now = yield* at("closed", () => lift.persons > 0);
  lift.seize();
  const end = truth.begin(lift.liftId, "entrapment-at-level", now);
  now = yield* until(now + (stage.durationMs ?? random.between(150_000, 240_000)));
  end(now);
  lift.openDoor(now);
  now = yield* after("door");
  lift.evacuate(now);
  lift.release(now);
}
