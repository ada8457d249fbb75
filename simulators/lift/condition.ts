import type { MotionLimits } from "./motion.ts";

/** What wear and bad adjustment make of a lift's parts; 1 and 0 are as new. Slow courses change it, maintenance resets it. */
export class Condition {
  /** Door times, and time of a run, as multiples of those as new. */
  doorTimes = 1;
  travelTime = 1;
  /** Scatter of the stops as a multiple. */
  stopScatter = 1;
  /** The levelling switch is off by so much: the controller takes this height for the landing, mm. */
  levelBiasMm = 0;
  /** The brake lets the car run on by so much in its direction at each stop, mm, and its torque as a share. */
  overrunMm = 0;
  brakeTorque = 1;

  /** Limits of an ordinary run: a lift that has become slow takes that much longer for every run, with the same shape. */
  limits(run: MotionLimits): MotionLimits {
    const slow = this.travelTime;
    if (slow === 1) return run;
    return { speedMps: run.speedMps / slow, accelerationMps2: run.accelerationMps2 / slow ** 2, jerkMps3: run.jerkMps3 / slow ** 3 };
  }

  /** Maintenance: everything as new. */
  reset(): void {
    this.doorTimes = 1;
    this.travelTime = 1;
    this.stopScatter = 1;
    this.levelBiasMm = 0;
    this.overrunMm = 0;
    this.brakeTorque = 1;
  }
}
