/**
 * Stopping faults of every lift by day, and which of them begin an episode: a fault more than EPISODE_GAP_DAYS after the last one of that
 * lift. Within a day faults are never that far apart, so of each day the first and the last fault tell.
 */
import { EPISODE_GAP_DAYS } from "../episodes.ts";
import type { DayStretch } from "./lift-days.ts";
import { isMonth, MonthCache } from "./months.ts";

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

/** Days of lifts with faults, by lift and day; one a place of each array, as a city's years have half a million. */
export interface FaultList {
  readonly lifts: Int32Array;
  readonly days: Int32Array;
  readonly faults: Uint32Array;
  /** BEGINS where the first of the faults begins an episode, and COUNTED where the program itself counted them. */
  readonly marks: Uint8Array;
}

export const BEGINS = 1;
export const COUNTED = 2;

const NOTHING: FaultList = { lifts: new Int32Array(0), days: new Int32Array(0), faults: new Uint32Array(0), marks: new Uint8Array(0) };

export class FaultDays {
  readonly #rows: (Float64Array | undefined)[] = [];
  readonly #used: number[] = [];
  readonly #months = new MonthCache<FaultList>();
  /** The newest day with faults of each lift: most counts are of later days and of no fault, and are done with it. */
  #newest = new Int32Array(0);
  /** No fault was ever counted before or after these days. */
  #first = Infinity;
  #last = -Infinity;

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
    if (!known) this.#insert(lift, at, day);
    this.#rows[lift]!.set([day, faults, midday, midday, 1], at * STRIDE);
    this.#newest[lift] = Math.max(this.#newest[lift]!, day);
  }

  /** A fault of imported records; the caller sees to it that each comes once. Not on days that the program has counted itself. */
  record(lift: number, day: number, atMs: number): void {
    const at = this.#find(lift, day);
    this.#forget(day);
    if (this.#dayAt(lift, at) !== day) {
      this.#insert(lift, at, day);
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
  listOf({ first, last }: DayStretch): FaultList {
    if (last < this.#first || first > this.#last) return NOTHING;
    const whole = isMonth(first, last);
    const kept = whole ? this.#months.get(first) : undefined;
    if (kept !== undefined) return kept;
    let count = 0;
    this.each({ first, last }, () => (count += 1));
    const list = {
      lifts: new Int32Array(count),
      days: new Int32Array(count),
      faults: new Uint32Array(count),
      marks: new Uint8Array(count),
    };
    let place = 0;
    this.each({ first, last }, (lift, day, faults, begins, counted) => {
      list.lifts[place] = lift;
      list.days[place] = day;
      list.faults[place] = faults;
      list.marks[place++] = (begins ? BEGINS : 0) | (counted ? COUNTED : 0);
    });
    if (whole) this.#months.keep(first, list);
    return list;
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

  #insert(lift: number, at: number, day: number): void {
    this.#first = Math.min(this.#first, day);
    this.#last = Math.max(this.#last, day);
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
