/** A lift by itself, that no device listens to. */
import type { LiftRecord } from "../../src/core/lift.ts";
import { Lift } from "../lift/lift.ts";
import type { Observer } from "../lift/machine.ts";
import { liftSpec } from "../lift/spec.ts";
import { Random } from "../random.ts";

const NOBODY: Observer = {
  doorChanged: () => undefined,
  started: () => undefined,
  stopped: () => undefined,
  levelChanged: () => undefined,
  statusChanged: () => undefined,
  faultChanged: () => undefined,
};

/** The lift as it is in a run with this seed that begins at `from`, ms. */
export function oneLift(record: LiftRecord, seed: number, from: number): Lift {
  const random = Random.seeded(seed).split("lift", record.liftId);
  return new Lift(liftSpec(record, random.split("spec"), from), random, NOBODY, from);
}
