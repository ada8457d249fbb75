/** Courses of doors. Figures without a source are assumptions. */
import type { Course } from "../lift/machine.ts";
import { after, at, invite, until } from "./stage.ts";
import type { Stage } from "./stage.ts";

/** Something stands in the door; the lift waits. */
export function* doorHeldOpen(stage: Stage): Course {
  const { lift, random, truth } = stage;
  let now = stage.at;
  invite(stage, now, 1);
  now = yield* at("open");
  lift.seize();
  const end = truth.begin(lift.liftId, "door-held-open", now);
  now = yield* until(now + (stage.durationMs ?? random.between(150_000, 240_000)));
  lift.closeDoor(now);
  end(now);
  now = yield* after("door");
  lift.release(now);
}

/** domain.md §3: so many reopenings within this time at one stop are door cycling; from 20 at one stop on it is grave. */
const [CYCLES, WITHIN_MS] = [3, 15_000];

/** Rubbish in the sill: the door reverses again and again before it is closed. */
export function* doorCycling(stage: Stage): Course {
  const { lift, random, truth } = stage;
  let now = stage.at;
  invite(stage, now, 1);
  now = yield* at("open", () => lift.reopenings === 0);
  lift.seize();
  const count = random.chance(0.3) ? random.integer(20, 24) : random.integer(4, 12);
  const reopenedAt: number[] = [];
  let end: ((to: number) => void) | null = null;
  for (let cycle = 0; cycle < count; cycle++) {
    now = yield* until(now + random.between(500, 1_200));
    lift.closeDoor(now);
    const closingMs = lift.door.movingUntil - now;
    now = yield* until(now + closingMs * random.between(0.3, 0.55));
    lift.openDoor(now);
    reopenedAt.push(now);
    const first = reopenedAt.at(-CYCLES);
    if (end === null && first !== undefined && now - first <= WITHIN_MS) end = truth.begin(lift.liftId, "door-cycling", now);
    now = yield* after("door");
  }
  now = yield* until(now + 1_000);
  lift.closeDoor(now);
  now = yield* after("door");
  end?.(now);
  lift.release(now);
}
