/**
 * Stopping faults of every lift by day, and which of them begin an episode: a fault more than EPISODE_GAP_DAYS after the last one of that
 * lift. Within a day faults are never that far apart, so of each day the first and the last fault tell.
 */
import { EPISODE_GAP_DAYS } from "../episodes.ts";
import type { DayStretch } from "./lift-days.ts";
import { MonthCache } from "./month-cache.ts";

const DAY_MS = 86_400_000;
/** Cells of a row: day, faults, first and last of them (ms), and whether the program itself counted them. */
const STRIDE = 5;
/** Before any day. */
const NEVER = -(2 ** 31);

export interface FaultDay {
  readonly day: number;
  readonly faults: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/**
 * The faults of one lift on one day. `begins`: the first of them begins an episode. `counted`: by the program itself, not from imported records. Not an
 * object: a city's years have half a million.
 */
export type See = (lift: number, day: number, faults: number, begins: boolean, counted: boolean) => void;

/** Of each lift by its number; lifts beyond the end have none. */
export interface FaultSums {
  readonly faults: Uint32Array;
  /** Of `faults`, those that the program itself counted. */
  readonly counted: Uint32Array;
  readonly episodes: Uint32Array;
}

export class FaultDays {
  readonly #rows: (Float64Array | undefined)[] = [];
  readonly #used: number[] = [];
  readonly #months = new MonthCache<FaultSums>();
  /** The newest day with faults of each lift: most counts are of later days and of no fault, and are done with it. */
  #newest = new Int32Array(0);

  /** The program's own count of a day, which replaces what was known of it. `midday` (ms) stands for times that are not known. */
  count(lift: number, day: number, faults: number, midday: number): void {
    if (faults === 0 && (lift >= this.#newest.length || day > (this.#newest[lift] as number))) return;
    const at = this.#find(lift, day);
    const known = this.#dayAt(lift, at) === day;
    if (!known && faults === 0) return;
    if (known) {
      const [, was, firstAt, lastAt, counted] = this.#rows[lift]!.subarray(at * STRIDE, (at + 1) * STRIDE);
      // The running day is told again and again.
      if (was === faults && firstAt === midday && lastAt === midday && counted === 1) return;
    }
    this.#forget(day);
    if (faults === 0) {
      this.#remove(lift, at);
      return;
    }
    if (!known) this.#insert(lift, at);
    this.#rows[lift]!.set([day, faults, midday, midday, 1], at * STRIDE);
    this.#newest[lift] = Math.max(this.#newest[lift]!, day);
  }

  /** A fault of imported records; the caller sees to it that each comes once. Not on days that the program has counted itself. */
  record(lift: number, day: number, atMs: number): void {
    const at = this.#find(lift, day);
    this.#forget(day);
    if (this.#dayAt(lift, at) !== day) {
      this.#insert(lift, at);
      this.#rows[lift]!.set([day, 1, atMs, atMs, 0], at * STRIDE);
      this.#newest[lift] = Math.max(this.#newest[lift]!, day);
      return;
    }
    const row = this.#rows[lift]!;
    const cell = at * STRIDE;
    if (row[cell + 4] === 1) return;
    row[cell + 1]! += 1;
    row[cell + 2] = Math.min(row[cell + 2]!, atMs);
    row[cell + 3] = Math.max(row[cell + 3]!, atMs);
  }

  /** Days with faults, by lift and day, of the lifts with numbers from `from` to before `to`; by default of all. */
  each({ first, last }: DayStretch, see: See, from = 0, to = this.#rows.length): void {
    const gapMs = EPISODE_GAP_DAYS * DAY_MS;
    for (let lift = from; lift < Math.min(to, this.#rows.length); lift++) {
      const row = this.#rows[lift];
      if (row === undefined) continue;
      const end = this.#used[lift]!;
      for (let at = this.#find(lift, first); at < end; at++) {
        const cell = at * STRIDE;
        const day = row[cell] as number;
        if (day > last) break;
        const begins = at === 0 || row[cell + 2]! - row[cell - STRIDE + 3]! > gapMs;
        see(lift, day, row[cell + 1] as number, begins, row[cell + 4] === 1);
      }
    }
  }

  /** Of whole calendar months they are kept until something in them changes. */
  sumsOf({ first, last }: DayStretch): FaultSums {
    const kept = this.#months.get(first, last);
    if (kept !== undefined) return kept;
    const lifts = this.#rows.length;
    const sums = { faults: new Uint32Array(lifts), counted: new Uint32Array(lifts), episodes: new Uint32Array(lifts) };
    this.each({ first, last }, (lift, _day, faults, begins, counted) => {
      sums.faults[lift]! += faults;
      if (counted) sums.counted[lift]! += faults;
      if (begins) sums.episodes[lift]! += 1;
    });
    this.#months.keep(first, last, sums);
    return sums;
  }

  /** Of one lift, in order. */
  of(lift: number): FaultDay[] {
    const row = this.#rows[lift];
    return Array.from({ length: this.#used[lift] ?? 0 }, (_, at) => {
      const [day, faults, firstAt, lastAt] = row!.subarray(at * STRIDE, at * STRIDE + STRIDE) as unknown as number[];
      return { day: day!, faults: faults!, firstAt: firstAt!, lastAt: lastAt! };
    });
  }

  /** What a day says may move the beginning of an episode after it. */
  #forget(day: number): void {
    this.#months.forget(day);
    this.#months.forget(day + EPISODE_GAP_DAYS + 1);
  }

  /** Place of the first row of a lift that is not before `day`. */
  #find(lift: number, day: number): number {
    const row = this.#rows[lift];
    let [low, high] = [0, this.#used[lift] ?? 0];
    if (row === undefined) return 0;
    // What comes is mostly of the newest day.
    if (high > 0 && row[(high - 1) * STRIDE]! < day) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (row[middle * STRIDE]! < day) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #dayAt(lift: number, at: number): number | undefined {
    return at < (this.#used[lift] ?? 0) ? this.#rows[lift]![at * STRIDE] : undefined;
  }

  #insert(lift: number, at: number): void {
    const used = this.#used[lift] ?? 0;
    let row = this.#rows[lift];
    if (row === undefined || (used + 1) * STRIDE > row.length) {
      const wider = new Float64Array(Math.max(4, 2 * used) * STRIDE);
      if (row !== undefined) wider.set(row);
      row = wider;
      // Holes would make the array slow.
      while (this.#rows.length < lift) this.#rows.push(undefined);
      while (this.#used.length <= lift) this.#used.push(0);
      if (lift >= this.#newest.length) {
        const newest = new Int32Array(Math.max(1_024, 2 * lift)).fill(NEVER);
        newest.set(this.#newest);
        this.#newest = newest;
      }
      this.#rows[lift] = row;
    }
    row.copyWithin((at + 1) * STRIDE, at * STRIDE, used * STRIDE);
    this.#used[lift] = used + 1;
  }

  #remove(lift: number, at: number): void {
    const used = this.#used[lift]!;
    this.#rows[lift]!.copyWithin(at * STRIDE, (at + 1) * STRIDE, used * STRIDE);
    this.#used[lift] = used - 1;
    this.#newest[lift] = this.#dayAt(lift, used - 2) ?? NEVER;
  }
}
