/** What a course has to play with, and the few words in which courses are written. */
import { CANONICAL_CODES } from "../../src/core/dialects.ts";
import type { Device } from "../device/device.ts";
import type { Escalator } from "../lift/escalator.ts";
import type { Lift } from "../lift/lift.ts";
import type { Course, Point, Wait } from "../lift/machine.ts";
import type { Random } from "../random.ts";
import { landingM, nearestFloor } from "../lift/spec.ts";
import type { LiftSpec } from "../lift/spec.ts";
import { personKg } from "../lift/traffic.ts";
import type { Truth } from "./truth.ts";

interface StageOf<M> {
  /** When the course begins, ms. */
  readonly at: number;
  readonly lift: M;
  readonly device: Device;
  readonly random: Random;
  readonly truth: Truth;
  /** How long the condition is to last where it waits for people, ms; the course's own range when null. */
  readonly durationMs: number | null;
  /** Canonical code that a reported fault is to have; the course's own choice when there is none. */
  readonly code?: string;
}
export type Stage = StageOf<Lift>;
export type EscalatorStage = StageOf<Escalator>;
export type AnyStage = StageOf<Lift | Escalator>;

/** A course for lifts, to be cued on any machine; the director has seen to it that this is a lift. */
export function forLift(course: (stage: Stage) => Course): (stage: AnyStage) => Course {
  return (stage) => {
    const { lift } = stage;
    if (lift.kind !== "lift") throw new Error(`${lift.liftId} is an escalator; expected a lift`);
    return course({ ...stage, lift });
  };
}
export function forEscalator(course: (stage: EscalatorStage) => Course): (stage: AnyStage) => Course {
  return (stage) => {
    const { lift } = stage;
    if (lift.kind !== "escalator") throw new Error(`${lift.liftId} is a lift; expected an escalator`);
    return course({ ...stage, lift });
  };
}

/** Waits for a point at which the condition holds. */
export function* at(point: Point, when: () => boolean = () => true): Generator<Wait, number, number> {
  return yield { point, when };
}
/** Waits for the end of a movement that the course began. */
export function* after(event: "stopped" | "door"): Generator<Wait, number, number> {
  return yield { event };
}
export function* until(time: number): Generator<Wait, number, number> {
  return yield { until: Math.round(time) };
}

/** So many people take the longest way, or one calls an empty car to the other end: so that a course need not wait for chance. */
export function invite({ lift, random }: Stage, now: number, people: number): void {
  const { floors } = lift.spec;
  const far = lift.floor > floors / 2 ? 1 : floors;
  const from = people === 0 ? far : lift.floor;
  const to = people === 0 ? floors + 1 - far : far;
  lift.call(
    now,
    Array.from({ length: Math.max(1, people) }, () => ({ from, to, kg: personKg(random), since: now })),
  );
}

/**
 * The controller raises a code. The function that is returned ends it. A fault that the device has no word for is not reported;
 * a code that names a hazard tells of that hazard, whose own window the course begins, and is no reported fault besides.
 */
export function raise({ lift, device, truth }: AnyStage, now: number, code: string): (to: number) => void {
  if (!device.canReport(code)) return () => undefined;
  lift.reportFault(now, code, true);
  const meaning = CANONICAL_CODES.get(code);
  const named = meaning?.hazard !== undefined;
  const end = named ? null : truth.begin(lift.liftId, "reported-fault", now);
  truth.counted(lift.liftId, code, meaning?.stopping === true, now);
  return (to) => {
    lift.reportFault(to, code, false);
    end?.(to);
  };
}

/** Metres to the nearest landing. */
export function awayM(spec: LiftSpec, positionM: number): number {
  return Math.abs(positionM - landingM(spec, nearestFloor(spec, positionM)));
}

/** Motor run-time limiter: min(45 s, full travel time + 10 s), at least 20 s (domain.md §2, from memory and unverified), ms. */
export function runTimeLimitMs(spec: LiftSpec): number {
  return 1_000 * Math.min(45, Math.max(20, spec.travelM / spec.ratedSpeedMps + 10));
}
