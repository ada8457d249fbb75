/** The device's clock: wrong by an offset that grows with its drift, and set right by steps. */
import type { Random } from "../random.ts";

/** `offsetMs` at the start (positive: fast), drift in parts per million, and how often a time server sets it, ms (Infinity: never). */
export interface ClockKind {
  readonly offsetMs: number;
  readonly driftPpm: number;
  readonly correctEveryMs: number;
}

export const EXACT: ClockKind = { offsetMs: 0, driftPpm: 0, correctEveryMs: Number.POSITIVE_INFINITY };

/** What a time server over a mobile network leaves, ms (assumption). */
const RESIDUE_MS = 150;

export class Clock {
  readonly #kind: ClockKind;
  readonly #random: Random;
  #offsetMs: number;
  #since: number;
  /** Time of the next correction, ms. */
  #correctAt: number;

  /** @param at true time at which the offset holds. */
  constructor(kind: ClockKind, random: Random, at: number) {
    this.#kind = kind;
    this.#random = random;
    this.#offsetMs = kind.offsetMs;
    this.#since = at;
    this.#correctAt = at + kind.correctEveryMs * random.uniform();
  }

  /** What it shows at true time `at`, integer ms. Times must not go back. */
  read(at: number): number {
    // An exact clock costs nothing on the way of every message.
    if (this.#kind === EXACT && this.#offsetMs === 0) return at;
    while (at >= this.#correctAt) {
      const corrected = this.#correctAt;
      this.#offsetMs = RESIDUE_MS * this.#random.normal();
      this.#since = corrected;
      this.#correctAt = corrected + this.#kind.correctEveryMs * this.#random.between(0.8, 1.2);
    }
    return Math.round(at + this.#offsetMs + ((at - this.#since) * this.#kind.driftPpm) / 1_000_000);
  }

  /** Steps it by `byMs`, as a bad source of time does; a correction to come undoes it. */
  step(byMs: number): void {
    this.#offsetMs += byMs;
  }
}
