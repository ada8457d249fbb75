/** How an outage of the random process (outages.ts) befalls one of its members. Figures without a source are assumptions. */
import type { Lift } from "../lift/lift.ts";
import type { Course, Wait } from "../lift/machine.ts";
import { DOOR_ZONE_M, SLOW } from "../lift/spec.ts";
import type { Member } from "./outages.ts";
import { after, at, awayM, invite, until } from "./stage.ts";
import type { AnyStage, EscalatorStage, Stage } from "./stage.ts";
import { momentsToStop } from "./stops.ts";

/** Who is to be trapped is invited into the car so long before the power fails, so that it is under way by then, ms. */
export const INVITE_MS = 20_000;
/** A rescue device waits so long before it moves the car, and people need so long to leave it, ms. */
const RESCUE_AFTER_MS: readonly [number, number] = [5_000, 10_000];
const LEAVE_MS = 8_000;

export interface OutageMember {
  readonly member: Member;
  /** When power or network fail, ms. */
  readonly failsAt: number;
  /** When people who are trapped are out, ms; null: nobody is trapped. */
  readonly freedAt: number | null;
  /** The member that tells of all: their ids, which may still grow, and when the last is back, ms. */
  readonly tells: { readonly liftIds: readonly string[]; readonly lastBackAt: number } | null;
}

/** The network is gone: the device works on, and uploads later. */
export function* withoutNetwork(stage: AnyStage, { member, failsAt, tells }: OutageMember): Course {
  const { lift, device, truth } = stage;
  const told = tells === null ? null : truth.beginMass(tells.liftIds, failsAt);
  device.linkDown(stage.at);
  const end = truth.begin(lift.liftId, "silent", device.heardAt);
  let now = yield* until(Math.max(stage.at, member.backAt));
  end(now);
  device.linkUp(now);
  if (tells === null) return;
  now = yield* until(Math.max(now, tells.lastBackAt));
  told?.(now);
}

/** The mains are gone. */
export function* withoutMains(stage: AnyStage, outage: OutageMember): Course {
  const { tells } = outage;
  const told = tells === null ? null : stage.truth.beginMass(tells.liftIds, outage.failsAt);
  const { lift } = stage;
  const now = yield* lift.kind === "lift" ? car({ ...stage, lift }, outage) : steps({ ...stage, lift }, outage);
  if (tells !== null) told?.(yield* until(Math.max(now, tells.lastBackAt)));
}

/** What the device lives on. */
interface Supply {
  /** When its battery will be empty, ms; Infinity: it has none, and is dead already. */
  readonly emptyAt: number;
  empty(at: number): void;
  back(at: number): void;
}

function powerFails({ lift, device, truth }: AnyStage, now: number, { member }: OutageMember): Supply {
  let end: ((to: number) => void) | null = null;
  const empty = (from: number): void => {
    device.powerOff(from);
    end = truth.begin(lift.liftId, "silent", device.heardAt);
  };
  if (member.batteryMs === 0) empty(now);
  lift.setPowered(now, false);
  lift.reportFault(now, "41", true);
  return {
    emptyAt: member.batteryMs === 0 ? Number.POSITIVE_INFINITY : now + member.batteryMs,
    empty,
    back(to) {
      lift.setPowered(to, true);
      end?.(to);
      if (end !== null) device.powerOn(to);
      lift.reportFault(to, "41", false);
    },
  };
}

function* steps(stage: EscalatorStage, outage: OutageMember): Generator<Wait, number, number> {
  const { lift } = stage;
  lift.seize();
  const device = powerFails(stage, stage.at, outage);
  if (lift.moving) lift.brake(stage.at);
  const backAt = Math.max(stage.at, outage.member.backAt);
  if (device.emptyAt < backAt) device.empty(yield* until(device.emptyAt));
  const now = yield* until(backAt);
  device.back(now);
  lift.release(now);
  return now;
}

function* car(stage: Stage, outage: OutageMember): Generator<Wait, number, number> {
  const { lift, truth } = stage;
  const { member, freedAt } = outage;
  const trapped = freedAt !== null;
  let now = trapped ? yield* intoRun(stage, outage.failsAt) : stage.at;
  lift.seize();
  const device = powerFails(stage, now, outage);
  if (lift.moving) {
    lift.brake(now);
    now = yield* after("stopped");
  }
  // A door on its way still has the force to get there.
  if (lift.door.movingUntil < Number.POSITIVE_INFINITY) now = yield* after("door");
  let end: ((to: number) => void) | null = null;
  if (trapped) end = truth.begin(lift.liftId, "entrapment", now);
  else if (lift.persons > 0 || (away(lift, now) && member.rescued)) {
    // The model says that nobody is trapped: where people are inside, a device brings them to a landing and opens.
    lift.setMode(now, "emergency-power");
    now = yield* until(now + stage.random.between(...RESCUE_AFTER_MS));
    now = yield* letOut(lift, now);
  } else if (away(lift, now)) end = truth.begin(lift.liftId, "stopped-outside-door-zone", now);
  else if (lift.door.state === "open") now = yield* shut(lift, now);

  // What may still come before the power: the battery's end, and people's rescue.
  const { backAt } = member;
  const emptyAt = device.emptyAt;
  const firstEmpty = emptyAt < (freedAt ?? backAt) && emptyAt < backAt;
  if (firstEmpty) device.empty((now = yield* until(Math.max(now, emptyAt))));
  if (freedAt !== null && freedAt < backAt) {
    now = yield* until(Math.max(now, freedAt));
    end?.(now);
    now = yield* letOut(lift, now);
  }
  if (!firstEmpty && emptyAt < backAt) device.empty((now = yield* until(Math.max(now, emptyAt))));
  now = yield* until(Math.max(now, backAt));
  device.back(now);
  end?.(now);
  if (away(lift, now) || lift.persons > 0) now = yield* letOut(lift, now);
  if (lift.mode !== "normal") lift.setMode(now, "normal");
  lift.release(now);
  return now;
}

/** Waits until the car runs with people in it, and for the moment to stop it between floors: after `failsAt` where this run lasts so long. */
function* intoRun(stage: Stage, failsAt: number): Generator<Wait, number, number> {
  const { lift, random } = stage;
  invite(stage, stage.at, random.integer(1, 3));
  let moments: number[] = [];
  const now = yield* at("run", () => {
    moments = lift.persons > 0 ? momentsToStop(lift) : [];
    return moments.length > 0;
  });
  const moment = moments.find((ms) => now + ms >= failsAt) ?? moments.at(-1) ?? 0;
  return yield* until(now + moment);
}

function away(lift: Lift, now: number): boolean {
  return awayM(lift.spec, lift.positionAt(now)) > DOOR_ZONE_M;
}

/** The car is brought to a landing, by its device or by hand; its door opens, people get out, and it is closed. */
function* letOut(lift: Lift, from: number): Generator<Wait, number, number> {
  let now = from;
  if (away(lift, now)) {
    lift.moveToLanding(now, SLOW);
    now = yield* after("stopped");
  }
  if (lift.door.state !== "open") {
    lift.openDoor(now);
    now = yield* after("door");
  }
  return yield* shut(lift, now);
}

/** People leave, and the door is closed: by its spring, or by hand. */
function* shut(lift: Lift, from: number): Generator<Wait, number, number> {
  lift.evacuate(from);
  lift.closeDoor(yield* until(from + LEAVE_MS));
  return yield* after("door");
}
