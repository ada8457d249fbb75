/** What lifts and escalators have in common: a discrete-event machine that a device watches and a course can take over. */
import type { DoorState, Mode } from "../../src/core/reading.ts";

/** What the sensors say at one instant; NaN where a machine has no such sensor. Reused by the device: a sample allocates nothing. */
export interface Sensed {
  /** Up is positive; of an escalator its direction of travel. */
  speedMps: number;
  /** Metres above the lowest landing. */
  positionM: number;
  /** Nearest landing, from 1, and the distance of the car's sill above it, m. */
  floor: number;
  offsetM: number;
  handrailMps: number;
}

export function blankSensed(): Sensed {
  return { speedMps: 0, positionM: Number.NaN, floor: Number.NaN, offsetM: Number.NaN, handrailMps: Number.NaN };
}

/** What a machine tells its device. Times are ms since the epoch, in order. */
export interface Observer {
  doorChanged(at: number): void;
  started(at: number): void;
  stopped(at: number): void;
  /** At rest, the sill moved against the landing because people got in or out; or the speed of an escalator changed. */
  levelChanged(at: number): void;
  /** Persons, load, mode or power changed. */
  statusChanged(at: number): void;
  faultChanged(at: number, code: string, active: boolean): void;
}

/** What a course waits for: a time (ms), the end of a movement of car or door that it holds, or a point at which a condition holds. */
export type Wait =
  | { readonly until: number }
  | { readonly event: "stopped" | "door" }
  | { readonly point: Point; readonly when: () => boolean };
/** Where a course may take over: the door is open; it has closed; a run begins; nothing to do. */
export type Point = "open" | "closed" | "run" | "idle";
export type Course = Generator<Wait, void, number>;

export interface Machine {
  readonly kind: "lift" | "escalator";
  readonly liftId: string;
  /** When it next does something by itself, ms. */
  readonly nextAt: number;
  /** Does what is due at `nextAt`. */
  step(): void;
  /** Whether a course may begin at `at`. */
  freeAt(at: number): boolean;
  /** Lets a course begin at `at`; there must be none under way. */
  begin(course: Course, at: number): void;
  /** Car, or steps, under way. */
  readonly moving: boolean;
  /** While it moves, the device samples the speed this often, ms. */
  readonly sampleEveryMs: number;
  /** Null: no door. */
  readonly doorState: DoorState | null;
  readonly mode: Mode;
  readonly powered: boolean;
  /** As the sensors have them; null: cannot tell. */
  readonly sensedPersons: number | null;
  readonly sensedLoadKg: number | null;
  readonly tripCount: number;
  sense(at: number, into: Sensed): void;
}

/** Between two courses on one machine, so that each has an end that can be seen (assumption). */
export const REST_MS = 60_000;
