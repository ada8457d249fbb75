/**
 * Exposure and trips of every lift on every day, in memory: one array a day, one cell a lift. 16,409 lifts × 3 years are 108 MB and are
 * added up by any grouping in some 50 ms; the same by SQL over the day rows takes 0.5 to 1.2 s (bench/trends.ts).
 */

/** In `trips`: the program itself has not counted this day of this lift. */
const UNCOUNTED = 0xffff;
/** In `trips`: more than a cell can hold; the count is in `#many`. */
const MANY = 0xfffe;
/** Lifts for which a day's arrays have room at first, and by how much they grow. */
const ROOM = 1_024;

interface Day {
  inServiceMs: Uint32Array;
  trips: Uint16Array;
}

/** Days are numbered from 1970-01-01, lifts from 0. */
export class LiftDays {
  readonly #days = new Map<number, Day>();
  readonly #many = new Map<string, number>();
  #first = Infinity;
  #last = -Infinity;

  /** First and last day with anything in it; null while empty. */
  get range(): { readonly first: number; readonly last: number } | null {
    return this.#first > this.#last ? null : { first: this.#first, last: this.#last };
  }

  /** The program's own counts: they replace whatever was known of that day of that lift. */
  count(lift: number, day: number, inServiceMs: number, trips: number): void {
    const cells = this.#at(day, lift);
    cells.inServiceMs[lift] = inServiceMs;
    cells.trips[lift] = Math.min(trips, MANY);
    if (trips >= MANY) this.#many.set(`${day} ${lift}`, trips);
    else if (this.#many.size > 0) this.#many.delete(`${day} ${lift}`);
  }

  /** Adds what imported records say. The program's own counts of a day stand against them. */
  record(lift: number, day: number, inServiceMs: number): void {
    const cells = this.#at(day, lift);
    if (cells.trips[lift] === UNCOUNTED) cells.inServiceMs[lift]! += inServiceMs;
  }

  /** Whether the program itself has counted this day of this lift. */
  counted(lift: number, day: number): boolean {
    return (this.#days.get(day)?.trips[lift] ?? UNCOUNTED) !== UNCOUNTED;
  }

  inServiceMs(lift: number, day: number): number {
    return this.#days.get(day)?.inServiceMs[lift] ?? 0;
  }

  /**
   * Adds the exposure (ms) and the trips of one day to the groups of its lifts; of a lift whose group is negative nothing. Imported records have no
   * trips: rates per trip are over the days that the program has counted itself.
   */
  addTo(day: number, groups: Int32Array, inServiceMs: Float64Array, trips: Float64Array): void {
    const cells = this.#days.get(day);
    if (cells === undefined) return;
    const lifts = Math.min(groups.length, cells.trips.length);
    for (let lift = 0; lift < lifts; lift++) {
      const group = groups[lift] as number;
      if (group < 0) continue;
      inServiceMs[group]! += cells.inServiceMs[lift] as number;
      const own = cells.trips[lift] as number;
      if (own === UNCOUNTED) continue;
      trips[group]! += own === MANY ? (this.#many.get(`${day} ${lift}`) ?? MANY) : own;
    }
  }

  /** Notes the day of lifts with exposure: in `first` where there is none yet (-1), in `last` always. */
  mark(day: number, first: Int32Array, last: Int32Array): void {
    const cells = this.#days.get(day)?.inServiceMs;
    if (cells === undefined) return;
    const lifts = Math.min(first.length, cells.length);
    for (let lift = 0; lift < lifts; lift++) {
      if (cells[lift] === 0) continue;
      if (first[lift] === -1) first[lift] = day;
      last[lift] = day;
    }
  }

  #at(day: number, lift: number): Day {
    let cells = this.#days.get(day);
    if (cells === undefined) {
      cells = { inServiceMs: new Uint32Array(0), trips: new Uint16Array(0) };
      this.#days.set(day, cells);
      this.#first = Math.min(this.#first, day);
      this.#last = Math.max(this.#last, day);
    }
    const room = cells.trips.length;
    if (lift >= room) {
      // In whole steps of the room of the day before, or a city's first day would be copied sixteen times.
      const known = this.#days.get(day - 1)?.trips.length ?? 0;
      const wanted = Math.max(known, Math.ceil((lift + 1) / ROOM) * ROOM);
      const [ms, trips] = [new Uint32Array(wanted), new Uint16Array(wanted).fill(UNCOUNTED)];
      ms.set(cells.inServiceMs);
      trips.set(cells.trips);
      Object.assign(cells, { inServiceMs: ms, trips });
    }
    return cells;
  }
}
