/** Courses of levelling and of the brake at the landing. Figures without a source are assumptions. */
import type { Course } from "../lift/machine.ts";
import { landingM } from "../lift/spec.ts";
import { after, at, invite, until } from "./stage.ts";
import type { Stage } from "./stage.ts";

/** domain.md §3 asks for more than 20 mm; with the ordinary error of a stop these always are, and never overtravel. */
const JUMP_MM: readonly [number, number] = [30, 37];
/** domain.md §3 asks for more than 10 mm. */
const ROLL_MM: readonly [number, number] = [11.5, 13.5];
const ROLLING = { speedMps: 0.03, accelerationMps2: 0.06, jerkMps3: 0.3 };

/** A levelling switch has moved up: from one stop to the next the car stands above its landing, always by about as much, until it is mended. */
export function* levellingDrift(stage: Stage): Course {
  const { lift, random, truth } = stage;
  let now = stage.at;
  invite(stage, now, 0);
  // Behind a closed door, or the car would follow the switch at once.
  now = yield* at("closed");
  lift.condition.levelBiasMm = random.between(...JUMP_MM);
  invite(stage, now, 0);
  now = yield* at("run");
  now = yield* until(lift.arrivesAt);
  const end = truth.begin(lift.liftId, "levelling-drift", now);
  const enough = now + (stage.durationMs ?? random.between(120_000, 300_000));
  do {
    invite(stage, now, 0);
    now = yield* at("closed");
  } while (now < enough);
  lift.condition.levelBiasMm = 0;
  invite(stage, now, 0);
  now = yield* at("run");
  now = yield* until(lift.arrivesAt);
  end(now);
}

/** The brake does not hold: at each stop the car rolls away from its landing a little, before anybody has moved. */
export function* brakeWeakening(stage: Stage): Course {
  const { lift, random, truth } = stage;
  const stops = random.integer(3, 6);
  let now = stage.at;
  let end: ((to: number) => void) | null = null;
  for (let stop = 0; stop < stops; stop++) {
    invite(stage, now, 0);
    now = yield* at("run");
    now = yield* until(lift.arrivesAt);
    now = yield* until(now + random.between(200, 500));
    const offM = lift.positionAt(now) - landingM(lift.spec, lift.floor);
    lift.move(now, ((offM < 0 ? -1 : 1) * random.between(...ROLL_MM)) / 1_000, ROLLING);
    now = yield* after("stopped");
    end ??= truth.begin(lift.liftId, "brake-weakening", now);
  }
  // Mended: the next stop holds, as the run that follows it shows.
  for (let stop = 0; stop < 2; stop++) {
    invite(stage, now, 0);
    now = yield* at("run");
  }
  end?.(now);
}
