/** The sensors of a lift: true until a course spoils them. Signals follow from what they say, truth from what the lift does. */
import type { Random } from "../random.ts";
import type { Sensed } from "./machine.ts";
import { landingM, nearestFloor } from "./spec.ts";
import type { LiftSpec } from "./spec.ts";

/** After a spike so many draws have none: a status between two samples of the speed looks at the sensors as well. */
const QUIET_DRAWS = 3;

export class Senses {
  readonly #spec: LiftSpec;
  /** Position counted wrong by so much, m (an encoder that slipped). */
  positionShiftM = 0;
  /** A person sensor that never says less than this. */
  leastPersons = 0;
  /** A load cell that says this whatever is in the car, kg; null: it works. */
  loadKg: number | null = null;
  /** Standard deviation of noise on a speed that is not zero, as a share of it; and how often a sample is a spike, and how high. */
  #noise: { readonly random: Random; readonly sigma: number; readonly spikeChance: number; readonly spike: number } | null = null;
  /** Draws until the next spike may come. */
  #quiet = 0;
  #frozen: { readonly speedMps: number; readonly positionM: number } | null = null;

  constructor(spec: LiftSpec) {
    this.#spec = spec;
  }

  /** Speed and position stay at these values. */
  freeze(speedMps: number, positionM: number): void {
    this.#frozen = { speedMps, positionM };
  }
  thaw(): void {
    this.#frozen = null;
  }
  /** Noise on the speed: `sigma` and `spike` are shares of the speed; two spikes never follow each other. */
  disturb(random: Random, sigma: number, spikeChance: number, spike: number): void {
    this.#noise = { random, sigma, spikeChance, spike };
  }
  calm(): void {
    this.#noise = null;
    this.#quiet = 0;
  }

  /** Fills `into` with what the sensors make of the true speed and position. */
  read(speedMps: number, positionM: number, into: Sensed): void {
    const position = this.#frozen === null ? positionM + this.positionShiftM : this.#frozen.positionM;
    into.speedMps = this.#frozen === null ? this.#noisy(speedMps) : this.#frozen.speedMps;
    into.positionM = position;
    into.floor = nearestFloor(this.#spec, position);
    into.offsetM = position - landingM(this.#spec, into.floor);
  }

  #noisy(speedMps: number): number {
    const noise = this.#noise;
    if (noise === null || speedMps === 0) return speedMps;
    const { random, sigma, spikeChance, spike } = noise;
    if (this.#quiet > 0) this.#quiet--;
    else if (random.chance(spikeChance)) {
      this.#quiet = QUIET_DRAWS;
      return speedMps * (1 + spike);
    }
    // Cut at two sigma, so that noise alone keeps within known bounds.
    return speedMps * (1 + sigma * Math.max(-2, Math.min(2, random.normal())));
  }
}
