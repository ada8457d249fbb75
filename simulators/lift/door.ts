/** The car door: opening and closing times, and reversal half-way. */
import type { DoorState } from "../../src/core/reading.ts";
import type { Random } from "../random.ts";

/** Full opening and closing times, ms. */
export interface DoorTimes {
  readonly openMs: number;
  readonly closeMs: number;
}

/** Widths (mm) and the longest times (s) for centre-opening doors: domain.md §2, from memory and unverified. */
const LONGEST_S: readonly (readonly [widthMm: number, longestS: number])[] = [
  [800, 3.2],
  [1000, 4.0],
  [1100, 4.3],
  [1300, 4.9],
];

/** Times of one door: between 2 s and the longest for its width; closing takes a little longer than opening (assumption). */
export function doorTimes(widthMm: number, random: Random): DoorTimes {
  const longestS = (LONGEST_S.find(([width]) => width >= widthMm) ?? [1300, 4.9])[1];
  const openMs = Math.round(random.between(2_000, longestS * 1_000 * 0.85));
  return { openMs, closeMs: Math.min(Math.round(openMs * random.between(1.0, 1.17)), longestS * 1_000) };
}

/** A door that is closed, open, or on its way. Times in ms; `movingUntil` is Infinity while it stands. */
export class Door {
  readonly #times: DoorTimes;
  state: DoorState = "closed";
  movingUntil = Number.POSITIVE_INFINITY;
  /** When it came to stand as it does, ms. */
  standsSince = 0;
  /** Wear: how many times as long as new it takes. */
  slowness = 1;
  /** How far open it stood (0 to 1) when it began to move, and when that was. */
  #openness = 0;
  #since = 0;

  constructor(times: DoorTimes) {
    this.#times = times;
  }

  /** 0 closed to 1 open, at a time not before the last act. */
  opennessAt(at: number): number {
    if (this.state === "opening") return Math.min(1, this.#openness + (at - this.#since) / (this.#times.openMs * this.slowness));
    if (this.state === "closing") return Math.max(0, this.#openness - (at - this.#since) / (this.#times.closeMs * this.slowness));
    return this.#openness;
  }

  /** Begins to open, from wherever it is. */
  open(at: number): void {
    this.#openness = this.opennessAt(at);
    this.#since = at;
    this.state = "opening";
    this.movingUntil = at + Math.max(1, Math.round((1 - this.#openness) * this.#times.openMs * this.slowness));
  }

  /** Begins to close, from wherever it is. */
  close(at: number): void {
    this.#openness = this.opennessAt(at);
    this.#since = at;
    this.state = "closing";
    this.movingUntil = at + Math.max(1, Math.round(this.#openness * this.#times.closeMs * this.slowness));
  }

  /** Called at `movingUntil`. */
  arrive(): void {
    this.#openness = this.state === "opening" ? 1 : 0;
    this.state = this.state === "opening" ? "open" : "closed";
    this.standsSince = this.movingUntil;
    this.movingUntil = Number.POSITIVE_INFINITY;
  }
}
