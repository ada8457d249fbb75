/** Calls of one lift: who waits at the landings, who rides, and where the car goes next. */
import type { Journey } from "./traffic.ts";

/** People who have waited so long take the stairs; more than so many do not wait at all (assumptions). */
const PATIENCE_MS = 5 * 60_000;
const MOST_WAITING = 30;
/** A hall call is answered on the way only while the heaviest person would still fit, kg; in a small lift while half of it is free. */
const ROOM_KG = 120;

export class Calls {
  readonly #ratedLoadKg: number;
  riders: readonly Journey[] = [];
  #waiting: readonly Journey[] = [];

  constructor(ratedLoadKg: number) {
    this.#ratedLoadKg = ratedLoadKg;
  }

  get loadKg(): number {
    return this.riders.reduce((sum, rider) => sum + rider.kg, 0);
  }

  /** People come to their landing, unless it is too crowded; those who lost patience are gone. */
  arrive(at: number, people: readonly Journey[]): void {
    const patient = this.#waiting.filter((journey) => at - journey.since < PATIENCE_MS);
    this.#waiting = patient.length + people.length > MOST_WAITING ? patient : [...patient, ...people];
  }

  waitingAt(floor: number): number {
    return this.#waiting.filter((journey) => journey.from === floor).length;
  }

  /** Those who want this floor get out, or everyone. Returns how many did. */
  alight(floor: number | "everyone"): number {
    const before = this.riders.length;
    this.riders = floor === "everyone" ? [] : this.riders.filter((rider) => rider.to !== floor);
    return before - this.riders.length;
  }

  /** Those who wait at this floor get in, in turn, as far as the rated load allows. Returns how many did. */
  board(floor: number): number {
    let load = this.loadKg;
    const boarding = new Set<Journey>();
    for (const journey of this.#waiting) {
      if (journey.from !== floor || load + journey.kg > this.#ratedLoadKg) continue;
      load += journey.kg;
      boarding.add(journey);
    }
    if (boarding.size === 0) return 0;
    this.riders = [...this.riders, ...boarding];
    this.#waiting = this.#waiting.filter((journey) => !boarding.has(journey));
    return boarding.size;
  }

  /**
   * Collective control, without direction at the landing: the nearest call ahead, else the nearest behind, else null.
   * A lift with people in it leaves: who comes too late waits for its return.
   * @param direction +1, -1, or 0 when the lift has none yet.
   */
  nextStop(floor: number, direction: number): number | null {
    const room = this.loadKg + Math.min(ROOM_KG, this.#ratedLoadKg / 2) <= this.#ratedLoadKg;
    let [ahead, behind] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    const consider = (call: number): void => {
      const way = call - floor;
      if (way * direction >= 0) {
        if (Math.abs(way) < Math.abs(ahead - floor)) ahead = call;
      } else if (Math.abs(way) < Math.abs(behind - floor)) behind = call;
    };
    for (const rider of this.riders) consider(rider.to);
    for (const journey of this.#waiting) if (room && (journey.from !== floor || this.riders.length === 0)) consider(journey.from);
    const next = Number.isFinite(ahead) ? ahead : behind;
    return Number.isFinite(next) ? next : null;
  }
}
