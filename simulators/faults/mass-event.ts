/** An event that many machines share: their network or their mains is gone within a minute. Figures without a source are assumptions. */
import type { Course } from "../lift/machine.ts";
import { DOOR_ZONE_M, SLOW } from "../lift/spec.ts";
import type { Random } from "../random.ts";
import { after, awayM, until } from "./stage.ts";
import type { AnyStage, EscalatorStage, Stage } from "./stage.ts";
import type { Truth } from "./truth.ts";

/** Members are lost, and come back, within these times of each other, ms. */
const LOST_WITHIN_MS = 40_000;
const BACK_WITHIN_MS = 60_000;
const LASTS_MS: readonly [number, number] = [420_000, 600_000];

interface Member {
  readonly liftId: string;
  readonly lostAt: number;
  readonly backAt: number;
}

export interface MassEvent {
  readonly what: "network" | "power";
  readonly members: readonly Member[];
}

/** Draws an event that begins at `at`; `durationMs` null leaves its length to chance. */
export function drawMassEvent(liftIds: readonly string[], at: number, durationMs: number | null, random: Random): MassEvent {
  const what = random.chance(0.5) ? "network" : "power";
  const backAt = at + (durationMs ?? random.between(...LASTS_MS));
  const members = liftIds.map((liftId, index) => ({
    liftId,
    // The mains are gone at once, for all.
    lostAt: Math.round(what === "power" || index === 0 ? at : at + random.between(0, LOST_WITHIN_MS)),
    backAt: Math.round(what === "power" ? backAt : backAt + random.between(0, BACK_WITHIN_MS)),
  }));
  return { what, members };
}

/** The course of one member. The first tells the truth of the whole. */
export function memberOf(event: MassEvent, index: number): (stage: AnyStage) => Course {
  return function* (stage) {
    const member = event.members[index];
    if (member === undefined) throw new RangeError(`the event has no member ${index}`);
    const lastBackAt = Math.max(...event.members.map(({ backAt }) => backAt));
    let end: ((to: number) => void) | null = null;
    if (index === 0) {
      const liftIds = event.members.map(({ liftId }) => liftId);
      end = stage.truth.beginMass(liftIds, stage.at);
    }
    const now = yield* until(Math.max(stage.at, member.lostAt));
    yield* event.what === "network" ? unheard(stage, now, member.backAt) : withoutPower(stage, now, member.backAt);
    if (end === null) return;
    end(yield* until(lastBackAt));
  };
}

function* unheard({ lift, device, truth }: AnyStage, from: number, backAt: number): Course {
  device.linkDown(from);
  const end = truth.begin(lift.liftId, "silent", device.heardAt);
  const now = yield* until(backAt);
  end(now);
  device.linkUp(now);
}

/** The mains are gone and the device lives on its battery. */
export function withoutPower(stage: AnyStage, from: number, backAt: number): Course {
  const { lift } = stage;
  return lift.kind === "lift" ? carWithoutPower({ ...stage, lift }, from, backAt) : stepsWithoutPower({ ...stage, lift }, from, backAt);
}

function* stepsWithoutPower({ lift }: EscalatorStage, from: number, backAt: number): Course {
  lift.seize();
  lift.setPowered(from, false);
  lift.reportFault(from, "41", true);
  if (lift.moving) lift.brake(from);
  const now = yield* until(backAt);
  lift.setPowered(now, true);
  lift.reportFault(now, "41", false);
  lift.release(now);
}

/** The brake falls in wherever the car is; an open door stands open, and a closed one keeps its people in. */
function* carWithoutPower({ lift, truth }: Stage, from: number, backAt: number): Course {
  let now = from;
  lift.seize();
  lift.setPowered(now, false);
  lift.reportFault(now, "41", true);
  if (lift.moving) {
    lift.brake(now);
    now = yield* after("stopped");
  }
  // A door on its way still has the force to get there.
  if (lift.door.movingUntil < Number.POSITIVE_INFINITY) now = yield* after("door");
  const ends = conditionsOf(lift, truth, now);
  if (lift.door.state === "open") lift.evacuate(now);
  now = yield* until(Math.max(now, backAt));
  lift.setPowered(now, true);
  lift.reportFault(now, "41", false);
  const away = awayM(lift.spec, lift.positionAt(now)) > DOOR_ZONE_M;
  if (away || (lift.door.state === "closed" && lift.persons > 0)) {
    if (away) {
      for (const end of ends) end(now);
      lift.moveToLanding(now, SLOW);
      now = yield* after("stopped");
    } else for (const end of ends) end(now);
    lift.openDoor(now);
    now = yield* after("door");
    lift.evacuate(now);
  } else if (lift.door.state === "open") {
    lift.closeDoor(now);
    for (const end of ends) end(now);
    now = yield* after("door");
  }
  lift.release(now);
}

/** What the standing car means for people, as truth that has begun. */
function conditionsOf(lift: Stage["lift"], truth: Truth, at: number): ((to: number) => void)[] {
  if (lift.door.state === "open") return [truth.begin(lift.liftId, "door-held-open", lift.door.standsSince)];
  const away = awayM(lift.spec, lift.positionAt(at)) > DOOR_ZONE_M;
  if (lift.persons > 0) return [truth.begin(lift.liftId, away ? "entrapment" : "entrapment-at-level", at)];
  return away ? [truth.begin(lift.liftId, "stopped-outside-door-zone", at)] : [];
}
