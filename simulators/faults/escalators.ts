/** Courses of escalators and moving walks. Figures without a source are assumptions. */
import type { Course, Wait } from "../lift/machine.ts";
import type { EscalatorHazard } from "./hazards.ts";
import { at, raise, until } from "./stage.ts";
import type { EscalatorStage } from "./stage.ts";

export const ESCALATOR_COURSES: Readonly<Record<EscalatorHazard, (stage: EscalatorStage) => Course>> = {
  "escalator-overspeed": overspeed,
  "escalator-reversal": reversal,
  "escalator-missing-step": missingStep,
  "handrail-deviation": handrailDeviation,
};

/** domain.md §2: more than 10 % above rated, and codes 62 to 64. */
const OVERSPEED_FACTOR = 1.1;

/** The drive runs away: 1.17 to 1.3 times the rated speed for some seconds, then the safety device stops it. */
function* overspeed(stage: EscalatorStage): Course {
  const { lift, random, truth } = stage;
  const { ratedSpeedMps, freeFactor, dip } = lift.spec;
  let now = yield* at("run");
  lift.seize();
  // Above the limit even under the fullest load.
  const mps = (ratedSpeedMps * random.between(1.17, 1.3)) / (freeFactor - dip);
  const there = lift.drive(now, mps, 0.1);
  now = yield* crossing(lift, now, OVERSPEED_FACTOR * ratedSpeedMps);
  const end = truth.begin(lift.liftId, "escalator-overspeed", now);
  now = yield* until(there + random.between(6_000, 25_000));
  lift.brake(now);
  const cleared = raise(stage, now, "62");
  now = yield* crossing(lift, now, OVERSPEED_FACTOR * ratedSpeedMps);
  end(now);
  yield* mended(stage, now, cleared);
}

/** Under load the steps of a broken drive slow down, stand, and run back with their people, until the safety device stops them. */
function* reversal(stage: EscalatorStage): Course {
  const { lift, random, truth } = stage;
  let now = yield* at("run");
  lift.seize();
  now = yield* until(lift.drive(now, 0, 0.25));
  const there = lift.drive(now, -lift.spec.ratedSpeedMps * random.between(0.4, 0.9), 0.3);
  const end = truth.begin(lift.liftId, "escalator-reversal", now);
  now = yield* until(there + random.between(2_000, 6_000));
  const stands = lift.brake(now);
  const cleared = raise(stage, now, "63");
  now = yield* until(stands);
  end(now);
  yield* mended(stage, now, cleared);
}

/** A step is missing: the safety device notices and stops the escalator. */
function* missingStep(stage: EscalatorStage): Course {
  const { lift, truth } = stage;
  let now = yield* at("run");
  lift.seize();
  lift.brake(now);
  const cleared = raise(stage, now, "64");
  const end = truth.begin(lift.liftId, "escalator-missing-step", now);
  yield* mended(stage, now, (to) => {
    cleared(to);
    end(to);
  });
}

/** The safety circuit opens, or something else stops it: code 61 or 65. */
export function* escalatorFault(stage: EscalatorStage): Course {
  const { lift, random } = stage;
  const now = yield* at("run");
  lift.seize();
  lift.brake(now);
  yield* mended(stage, now, raise(stage, now, random.chance(0.7) ? "61" : "65"));
}

/** The handrail slips: 20 to 35 % behind the steps, for one to three minutes (domain.md §2: more than 15 % for 15 s). */
function* handrailDeviation(stage: EscalatorStage): Course {
  const { lift, random, truth } = stage;
  let now = yield* at("run");
  // A crawl or the closing hour would end it unseen.
  lift.seize();
  lift.setHandrail(now, random.between(0.65, 0.8));
  const end = truth.begin(lift.liftId, "handrail-deviation", now);
  now = yield* until(now + (stage.durationMs ?? random.between(60_000, 180_000)));
  lift.setHandrail(now, 1);
  end(now);
  lift.release(now);
}

/** The fault stands until somebody has come; then the escalator starts again. */
function* mended(stage: EscalatorStage, from: number, cleared: (to: number) => void): Course {
  const now = yield* until(from + (stage.durationMs ?? stage.random.between(60_000, 180_000)));
  cleared(now);
  stage.lift.release(now);
}

/** Waits until the speed, on its way to another, is on the other side of a limit. */
function* crossing(lift: EscalatorStage["lift"], from: number, limitMps: number): Generator<Wait, number, number> {
  const above = lift.speedAt(from) > limitMps;
  let at = from;
  while (lift.speedAt(at) > limitMps === above) at += 10;
  return yield* until(at);
}
