/** Which hazard befalls which lift, when. */
import type { LiftRecord } from "../../src/core/lift.ts";
import { CityDirector } from "./city-director.ts";
import { NEAR_MISSES, SIMULATED, WEAR } from "./hazards.ts";
import type { Happening } from "./hazards.ts";
import { DEMO_ORDER, InTurn } from "./in-turn.ts";
import type { Random } from "../random.ts";
import type { MachineSpec } from "./scenarios.ts";
import type { AnyStage } from "./stage.ts";
import type { Course } from "../lift/machine.ts";

/** `normal`: none. `demo`: all in turn. `city`: what chance brings (chance.ts). The name of a hazard, a kind of wear or a near miss: that one again and again. */
export const SCENARIOS = ["normal", "demo", "city", ...new Set<Happening>([...SIMULATED, ...WEAR, ...NEAR_MISSES])] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** A course to begin now. `durationMs` null leaves it to the course; `cause` goes into the truth. */
export interface Cue {
  readonly lift: number;
  readonly course: (stage: AnyStage) => Course;
  readonly durationMs: number | null;
  readonly cause?: string;
  /** Canonical code that a reported fault is to have. */
  readonly code?: string;
  /** Goes on beside other courses (`Lift.beginSlow`). */
  readonly slow?: boolean;
}

export interface Director {
  /** When the next cue falls due, ms; Infinity for never. */
  readonly nextAt: number;
  /** The cue due at `nextAt`, or null where no lift could take it; moves on to the next. `free` tells whether a lift has no course under way. */
  next(free: (lift: number) => boolean): Cue | null;
}

/** A fleet with what its machines are made of: `specs` go with `lifts`. */
export interface Cast {
  readonly lifts: readonly LiftRecord[];
  readonly specs: readonly MachineSpec[];
}

export function openDirector(scenario: Scenario, { lifts, specs }: Cast, random: Random, startAt: number): Director {
  if (scenario === "normal") return { nextAt: Number.POSITIVE_INFINITY, next: () => null };
  if (scenario === "city") return new CityDirector(lifts, specs, random, startAt);
  return new InTurn(scenario === "demo" ? DEMO_ORDER : [scenario], specs, random, startAt);
}
