/** Where the car is, and the movement under way. */
import type { Trajectory } from "./motion.ts";

const NEVER = Number.POSITIVE_INFINITY;

export class Drive {
  /** Metres above the lowest landing where the car rests, or where the movement under way began. */
  restM: number;
  path: Trajectory | null = null;
  /** +1 up, -1 down, of the movement under way; 0 at rest. */
  sign = 0;
  startedAt = 0;
  endsAt = NEVER;

  constructor(restM: number) {
    this.restM = restM;
  }

  /** Begins a movement from where the car is; one under way ends there. */
  start(at: number, path: Trajectory, sign: number): void {
    this.restM = this.positionAt(at);
    this.path = path;
    this.sign = sign;
    this.startedAt = at;
    this.endsAt = at + Math.max(1, Math.round(path.durationS * 1_000));
  }
  /** The movement that has begun at this very instant. */
  justBegun(at: number): Trajectory {
    if (this.path === null || this.startedAt !== at) throw new Error("a run can be begun anew only as it begins");
    return this.path;
  }
  /** Called at `endsAt`. */
  end(): void {
    if (this.path !== null) this.restM += this.sign * this.path.distanceM;
    this.path = null;
    this.sign = 0;
    this.endsAt = NEVER;
  }

  positionAt(at: number): number {
    return this.path === null ? this.restM : this.restM + this.sign * this.path.positionM((at - this.startedAt) / 1_000);
  }
  /** Up is positive. */
  speedAt(at: number): number {
    return this.path === null ? 0 : this.sign * this.path.speedMps((at - this.startedAt) / 1_000);
  }
}
