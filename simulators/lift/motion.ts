/** How a car moves: the jerk-limited run between landings, and the stop by the brake. Distances are positive; the lift adds the sign. */

/** Speed in m/s, acceleration in m/s², jerk in m/s³, all positive. */
export interface MotionLimits {
  readonly speedMps: number;
  readonly accelerationMps2: number;
  readonly jerkMps3: number;
}

/** Position (m), speed (m/s) and acceleration (m/s²) as functions of the seconds since the start; constant before 0 and after the end. */
export interface Trajectory {
  readonly distanceM: number;
  readonly durationS: number;
  positionM(timeS: number): number;
  speedMps(timeS: number): number;
  accelerationMps2(timeS: number): number;
}

/**
 * The time-optimal symmetric seven-phase profile: jerk up, constant acceleration, jerk down, constant speed, and its mirror image.
 * Short travels leave out the constant speed, then the constant acceleration. The distance is met exactly by construction.
 */
export class SCurve implements Trajectory {
  readonly distanceM: number;
  readonly durationS: number;
  readonly peakSpeedMps: number;
  readonly peakAccelerationMps2: number;
  readonly #jerk: number;
  /** Length of one jerk phase, and of a whole ramp from standstill to the peak speed. */
  readonly #jerkS: number;
  readonly #rampS: number;
  readonly #rampM: number;

  constructor(distanceM: number, limits: MotionLimits) {
    if (!(distanceM > 0)) throw new RangeError(`a run needs a positive distance, not ${distanceM} m`);
    const { speedMps, accelerationMps2, jerkMps3 } = limits;
    const peak = Math.min(speedMps, reachableSpeed(distanceM, accelerationMps2, jerkMps3));
    // Below this speed the ramp turns from jerk up to jerk down before the acceleration limit is reached.
    const limited = peak >= (accelerationMps2 * accelerationMps2) / jerkMps3;
    this.#jerk = jerkMps3;
    this.#jerkS = limited ? accelerationMps2 / jerkMps3 : Math.sqrt(peak / jerkMps3);
    this.#rampS = limited ? this.#jerkS + peak / accelerationMps2 : 2 * this.#jerkS;
    this.#rampM = (peak * this.#rampS) / 2;
    this.distanceM = distanceM;
    this.peakSpeedMps = peak;
    this.peakAccelerationMps2 = this.#jerk * this.#jerkS;
    this.durationS = 2 * this.#rampS + Math.max(0, distanceM - 2 * this.#rampM) / peak;
  }

  positionM(timeS: number): number {
    if (timeS <= 0) return 0;
    if (timeS >= this.durationS) return this.distanceM;
    return timeS <= this.durationS / 2 ? this.#risingPosition(timeS) : this.distanceM - this.#risingPosition(this.durationS - timeS);
  }

  speedMps(timeS: number): number {
    if (timeS <= 0 || timeS >= this.durationS) return 0;
    return this.#risingSpeed(Math.min(timeS, this.durationS - timeS));
  }

  accelerationMps2(timeS: number): number {
    if (timeS <= 0 || timeS >= this.durationS) return 0;
    return timeS <= this.durationS / 2 ? this.#risingAcceleration(timeS) : -this.#risingAcceleration(this.durationS - timeS);
  }

  /** Seconds from the start until the speed first reaches `speedMps`; it is left again so many seconds before the end. Needs speed <= peak. */
  secondsToSpeed(speedMps: number): number {
    return bisect(0, this.#rampS, (timeS) => this.#risingSpeed(timeS) >= speedMps);
  }

  /** Seconds from the start until `positionM` metres are covered. */
  secondsToPosition(positionM: number): number {
    return bisect(0, this.durationS, (timeS) => this.positionM(timeS) >= positionM);
  }

  #risingAcceleration(timeS: number): number {
    if (timeS >= this.#rampS) return 0;
    return this.#jerk * Math.min(timeS, this.#jerkS, this.#rampS - timeS);
  }

  #risingSpeed(timeS: number): number {
    if (timeS >= this.#rampS) return this.peakSpeedMps;
    // The ramp is point-symmetric about its middle.
    return timeS <= this.#rampS / 2 ? this.#earlySpeed(timeS) : this.peakSpeedMps - this.#earlySpeed(this.#rampS - timeS);
  }

  #risingPosition(timeS: number): number {
    if (timeS >= this.#rampS) return this.#rampM + this.peakSpeedMps * (timeS - this.#rampS);
    if (timeS <= this.#rampS / 2) return this.#earlyPosition(timeS);
    const rest = this.#rampS - timeS;
    return this.#rampM - this.peakSpeedMps * rest + this.#earlyPosition(rest);
  }

  #earlySpeed(timeS: number): number {
    if (timeS <= this.#jerkS) return (this.#jerk * timeS * timeS) / 2;
    return this.#jerk * this.#jerkS * (timeS - this.#jerkS / 2);
  }

  #earlyPosition(timeS: number): number {
    if (timeS <= this.#jerkS) return (this.#jerk * timeS ** 3) / 6;
    const after = timeS - this.#jerkS;
    return this.#jerk * this.#jerkS * (this.#jerkS ** 2 / 6 + (this.#jerkS * after) / 2 + (after * after) / 2);
  }
}

/** A stop by the brake from `speedMps` at a constant deceleration (m/s²): what the safety circuit does, without regard to comfort. */
export class BrakeStop implements Trajectory {
  readonly distanceM: number;
  readonly durationS: number;
  readonly #speed: number;
  readonly #deceleration: number;

  constructor(speedMps: number, decelerationMps2: number) {
    this.#speed = speedMps;
    this.#deceleration = decelerationMps2;
    this.durationS = speedMps / decelerationMps2;
    this.distanceM = (speedMps * speedMps) / (2 * decelerationMps2);
  }

  positionM(timeS: number): number {
    const time = Math.min(Math.max(timeS, 0), this.durationS);
    return this.#speed * time - (this.#deceleration * time * time) / 2;
  }

  speedMps(timeS: number): number {
    return Math.max(0, this.#speed - this.#deceleration * Math.max(timeS, 0));
  }

  accelerationMps2(timeS: number): number {
    return timeS > 0 && timeS < this.durationS ? -this.#deceleration : 0;
  }
}

/** The drive turns at a constant speed (m/s) and the car stays where it is. */
export class RopeSlip implements Trajectory {
  readonly distanceM = 0;
  readonly durationS: number;
  readonly #speed: number;

  constructor(speedMps: number, durationS: number) {
    this.#speed = speedMps;
    this.durationS = durationS;
  }

  positionM(): number {
    return 0;
  }
  speedMps(timeS: number): number {
    return timeS > 0 && timeS < this.durationS ? this.#speed : 0;
  }
  accelerationMps2(): number {
    return 0;
  }
}

/** The highest speed from which one can still stop within the distance, m/s. */
function reachableSpeed(distanceM: number, acceleration: number, jerk: number): number {
  const jerkS = acceleration / jerk;
  const speed = (acceleration / 2) * (Math.sqrt(jerkS * jerkS + (4 * distanceM) / acceleration) - jerkS);
  return speed >= acceleration * jerkS ? speed : ((distanceM * Math.sqrt(jerk)) / 2) ** (2 / 3);
}

/** The least value in [low, high] from which on `holds`, for a monotone condition. */
function bisect(low: number, high: number, holds: (value: number) => boolean): number {
  let [from, to] = [low, high];
  for (let round = 0; round < 50; round++) {
    const middle = (from + to) / 2;
    if (holds(middle)) to = middle;
    else from = middle;
  }
  return to;
}
