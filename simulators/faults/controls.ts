/** Courses of controllers, sensors and devices. Figures without a source are assumptions. */
import type { Course } from "../lift/machine.ts";
import type { Lift } from "../lift/lift.ts";
import { landingM } from "../lift/spec.ts";
import { after, at, invite, raise, until } from "./stage.ts";
import type { AnyStage, Stage } from "./stage.ts";

/** Canonical codes that a controller raises at rest, with nobody inside, and that say nothing else: door-close, door-open, other fault. */
const CODES = ["02", "03", "08"] as const;

/** The controller reports a fault at a landing and stands still until it is gone. */
export function* reportedFault(stage: Stage): Course {
  const { lift, random } = stage;
  let now = yield* at("idle", () => lift.persons === 0);
  lift.seize();
  const cleared = raise(stage, now, CODES.find((known) => known === stage.code) ?? random.pick(CODES));
  now = yield* until(now + (stage.durationMs ?? random.between(60_000, 150_000)));
  cleared(now);
  lift.release(now);
}

/** The same fault comes three to five times; each time the lift goes on after a while, and nobody has mended it. */
export function* repeatedFaults(stage: Stage): Course {
  const { lift, random } = stage;
  const code = random.pick(CODES);
  const times = random.integer(3, 5);
  let now = stage.at;
  for (let time = 0; time < times; time++) {
    now = yield* at("idle", () => lift.persons === 0);
    lift.seize();
    const cleared = raise(stage, now, code);
    now = yield* until(now + random.between(30_000, 90_000));
    cleared(now);
    lift.release(now);
    now = yield* until(now + random.between(120_000, 300_000));
  }
}

/** A run to find the position again, and where a shift of the count by whole floors stays within the shaft, in floors. */
const FINDING = { speedMps: 0.5, accelerationMps2: 0.4, jerkMps3: 0.8 };
const SLIPPED_FLOORS: readonly [number, number] = [2, 4];

/** The position jumps by some floors; the controller notices, and goes to a terminal landing to find it again. */
export function* positionLost(stage: Stage): Course {
  const { lift, random, truth } = stage;
  const { spec } = lift;
  let now = yield* at("idle", () => lift.persons === 0 && room(lift) >= SLIPPED_FLOORS[0]);
  lift.seize();
  const floors = Math.min(room(lift), random.integer(...SLIPPED_FLOORS));
  // Counted towards the middle, and found again at the end from which the count ran away.
  const up = lift.floor <= spec.floors / 2;
  lift.senses.positionShiftM = (up ? 1 : -1) * landingM(spec, 1 + floors);
  const end = truth.begin(lift.liftId, "position-lost", now);
  lift.tell(now, "position");
  now = yield* until(now + random.between(2_000, 5_000));
  const cleared = raise(stage, now, "07");
  now = yield* until(now + random.between(20_000, 60_000));
  const terminal = up ? 1 : spec.floors;
  if (lift.floor !== terminal) {
    lift.moveToLanding(now, FINDING, terminal);
    now = yield* after("stopped");
  }
  lift.senses.positionShiftM = 0;
  lift.tell(now, "position");
  now = yield* until(now + 1_000);
  cleared(now);
  end(now);
  lift.release(now);
}

/** Floors between the lift and the further terminal landing. */
function room(lift: Lift): number {
  return Math.max(lift.floor - 1, lift.spec.floors - lift.floor);
}

/** Nothing is heard: the network is away and the device uploads later, or the device itself is dead and starts anew. */
export function* silent(stage: AnyStage): Course {
  const { lift, device, random, truth } = stage;
  let now = stage.at;
  const dead = random.chance(0.5);
  if (dead) device.powerOff(now);
  else device.linkDown(now);
  const end = truth.begin(lift.liftId, "silent", device.heardAt);
  now = yield* until(now + (stage.durationMs ?? random.between(420_000, 540_000)));
  end(now);
  if (dead) device.powerOn(now);
  else device.linkUp(now);
}

/** Half: speed and position stand still while the lift goes on with its trips. Half: the load cell says what cannot be. */
export function* frozenSignal(stage: Stage): Course {
  const { lift, random, truth } = stage;
  let now = stage.at;
  const spell = stage.durationMs ?? random.between(180_000, 420_000);
  if (random.chance(0.3)) {
    lift.senses.loadKg = -Math.round(random.between(300, 900));
    lift.tell(now, "load");
    const end = truth.begin(lift.liftId, "frozen-signal", now);
    now = yield* until(now + spell);
    lift.senses.loadKg = null;
    lift.tell(now, "load");
    end(now);
    return;
  }
  invite(stage, now, 0);
  now = yield* at("run");
  lift.senses.freeze(0, lift.restM);
  const end = truth.begin(lift.liftId, "frozen-signal", now);
  const enough = now + spell;
  // Trips go on whatever the hour: without them a frozen signal cannot be told from a lift that stands.
  for (let trips = 0; now < enough || trips < 3; trips++) {
    now = yield* until(now + 20_000);
    invite(stage, now, 0);
    now = yield* at("run");
  }
  lift.senses.thaw();
  end(now);
}
