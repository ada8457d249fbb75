/**
 * When the way from a carrier (a lift's own modem, or a building's gateway) to the broker is broken. All lifts of a gateway draw
 * the same outages from a generator of its name, so they need not know of each other.
 */
import type { Random } from "../random.ts";

/** Outages of one carrier: Poisson, lognormal lengths. */
export interface OutageRates {
  readonly perDay: number;
  readonly medianMs: number;
  /** Of the logarithm. */
  readonly sigma: number;
}

const DAY_MS = 86_400_000;
/** A carrier looks for its broker with full jitter, and waits so long at the most between two tries, ms (as the live devices do). */
const RETRY_MS = 30_000;

export class LinkOutages {
  readonly #rates: OutageRates;
  readonly #random: Random;
  readonly loss: "link" | "gateway";
  #down = false;
  /** Time at which it breaks next, or is whole again, ms. */
  nextAt: number;

  /** @param random named by the carrier. @param at first instant, ms. */
  constructor(rates: OutageRates, random: Random, at: number, loss: "link" | "gateway") {
    this.#rates = rates;
    this.#random = random;
    this.loss = loss;
    this.nextAt = at + this.#whole();
  }

  /** Called at `nextAt`; moves on. True when it breaks now. */
  next(): boolean {
    this.#down = !this.#down;
    const { medianMs, sigma } = this.#rates;
    const brokenMs = medianMs * Math.exp(sigma * this.#random.normal()) + this.#random.between(0, RETRY_MS);
    this.nextAt += this.#down ? Math.round(brokenMs) : this.#whole();
    return this.#down;
  }

  #whole(): number {
    return 1 + Math.round(this.#random.exponential(DAY_MS / this.#rates.perDay));
  }
}
