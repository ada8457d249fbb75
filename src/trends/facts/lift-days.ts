/**
 * Exposure and trips of every lift on every day, in memory: one array a day, one cell a lift. 16,409 lifts × 3 years are 108 MB and are
 * added up by any grouping in some 50 ms; the same by SQL over the day rows takes 0.5 to 1.2 s (bench/trends.ts).
 */
import { MonthCache } from "./month-cache.ts";

/** In `trips`: the program itself has not counted this day of this lift. */
export const UNCOUNTED = 0xffff;
/** In `trips`: more than a cell can hold; the count is in `#many`. */
const MANY = 0xfffe;
/** Above any time in service of a day, ms. */
const ANY = 0x7fff_ffff;
/** Lifts for which a day's arrays have room at first, and by how much they grow. */
const ROOM = 1_024;
/** Days that are added up beside each other. */
const AT_ONCE = 4;
/** Days before 1970 that there may be: 136 years, to before the first lift. */
const EARLIEST = 50_000;

interface Day {
  inServiceMs: Uint32Array;
  trips: Uint16Array;
}

/** What the program itself counted on one day, by the lifts' numbers. */
export interface CountedDay extends Readonly<Day> {
  readonly day: number;
  /** Trips that a cell cannot hold. */
  readonly many: readonly (readonly [lift: number, trips: number])[];
}

/** Days by number, both inclusive. */
export interface DayStretch {
  readonly first: number;
  readonly last: number;
}

/** Which cells of a row are what. */
export interface CountColumns {
  readonly stride: number;
  readonly lift: number;
  readonly day: number;
  readonly inServiceMs: number;
  readonly trips: number;
}

/** Lifts in the order of their groups: those of group g from `starts[g]` to before `starts[g + 1]`. */
export interface LiftGroups {
  /** The group of each lift; below 0 for none. */
  readonly of: Int32Array;
  readonly count: number;
  readonly order: Int32Array;
  readonly starts: Int32Array;
}

/** Of each lift by its number; lifts beyond the end have none. */
export interface LiftSums {
  readonly inServiceMs: Float64Array;
  readonly trips: Float64Array;
}

type Cells = Uint32Array | Uint16Array;

/**
 * Adds cells of AT_ONCE days with room for all lifts, those below `most`: who is in a group is looked up once for all of them. Whole numbers of 31 bits, so
 * that what is not below `most` is 0 without a branch.
 */
function addCells(
  days: readonly Cells[],
  bases: readonly number[],
  { count, order, starts }: LiftGroups,
  sums: Float64Array,
  most: number,
): void {
  const [a, b, c, d] = days as [Cells, Cells, Cells, Cells];
  const [cellA, cellB, cellC, cellD] = bases as [number, number, number, number];
  for (let group = 0; group < count; group++) {
    let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
    const end = starts[group + 1] as number;
    for (let at = starts[group] as number; at < end; at++) {
      const lift = order[at] as number;
      const [ownA, ownB, ownC, ownD] = [a[lift] as number, b[lift] as number, c[lift] as number, d[lift] as number];
      sumA += ownA & ((ownA - most) >> 31);
      sumB += ownB & ((ownB - most) >> 31);
      sumC += ownC & ((ownC - most) >> 31);
      sumD += ownD & ((ownD - most) >> 31);
    }
    sums[cellA + group]! += sumA;
    sums[cellB + group]! += sumB;
    sums[cellC + group]! += sumC;
    sums[cellD + group]! += sumD;
  }
}

/** A day with room for so many lifts: itself, or where there are not as many yet a copy. */
function withRoom(day: Day | undefined, lifts: number): Day {
  if (day !== undefined && day.trips.length >= lifts) return day;
  const wider: Day = { inServiceMs: new Uint32Array(lifts), trips: new Uint16Array(lifts).fill(UNCOUNTED) };
  if (day !== undefined) {
    wider.inServiceMs.set(day.inServiceMs);
    wider.trips.set(day.trips);
  }
  return wider;
}

/** Days are numbered from 1970-01-01, lifts from 0. */
export class LiftDays {
  /** By day and EARLIEST: a lookup in a map would cost more than all else when records of years are taken. */
  readonly #days: (Day | undefined)[] = [];
  readonly #many = new Map<string, number>();
  readonly #months = new MonthCache<LiftSums>();
  #room = 0;
  #first = Infinity;
  #last = -Infinity;

  /** First and last day with anything in it; null while empty. */
  get range(): { readonly first: number; readonly last: number } | null {
    return this.#first > this.#last ? null : { first: this.#first, last: this.#last };
  }

  /** So many lifts are known to come: a city's days are then not copied sixteen times as they grow. */
  reserve(lifts: number): void {
    this.#room = lifts;
  }

  /** The program's own counts: they replace whatever was known of that day of that lift. */
  count(lift: number, day: number, inServiceMs: number, trips: number): void {
    const cells = this.#at(day, lift);
    cells.inServiceMs[lift] = inServiceMs;
    cells.trips[lift] = Math.min(trips, MANY);
    if (trips >= MANY) this.#many.set(`${day} ${lift}`, trips);
    else if (this.#many.size > 0) this.#many.delete(`${day} ${lift}`);
  }

  /** The same for many: a row is `stride` cells, of which the columns are given. Rows of one day are quickest beside each other. */
  countAll(cells: Float64Array, { stride, lift, day, inServiceMs, trips }: CountColumns, rows: number, numbers: Int32Array): void {
    let [at, held]: [number, Day | null] = [Number.NaN, null];
    for (let row = 0, cell = 0; row < rows; row++, cell += stride) {
      const [number, on, tripped] = [
        numbers[cells[cell + lift] as number] as number,
        cells[cell + day] as number,
        cells[cell + trips] as number,
      ];
      if (on !== at || held === null || number >= held.trips.length) [at, held] = [on, this.#at(on, number)];
      held.inServiceMs[number] = cells[cell + inServiceMs] as number;
      held.trips[number] = Math.min(tripped, MANY);
      if (tripped >= MANY) this.#many.set(`${on} ${number}`, tripped);
      else if (this.#many.size > 0) this.#many.delete(`${on} ${number}`);
    }
  }

  /** Days that have counts of the program itself, in order, with those alone; arrays of their own. */
  *countedDays(): Generator<CountedDay> {
    for (let day = this.#first; day <= this.#last; day++) {
      const cells = this.#days[day + EARLIEST];
      if (cells === undefined || cells.trips.every((own) => own === UNCOUNTED)) continue;
      const inServiceMs = cells.inServiceMs.map((ms, lift) => (cells.trips[lift] === UNCOUNTED ? 0 : ms));
      const many = [...this.#many].flatMap(([key, trips]) => {
        const [on, lift] = key.split(" ").map(Number) as [number, number];
        return on === day ? [[lift, trips] as const] : [];
      });
      yield { day, inServiceMs, trips: cells.trips.slice(), many };
    }
  }

  /** Such a day again, in the place of whatever was known of it. The arrays are kept. */
  restore({ day, inServiceMs, trips, many }: CountedDay): void {
    Object.assign(this.#at(day, 0), { inServiceMs, trips });
    for (const [lift, count] of many) this.#many.set(`${day} ${lift}`, count);
  }

  /** The last day that the program itself has counted anything of; null for none. */
  lastCounted(): number | null {
    for (let day = this.#last; day >= this.#first; day--)
      if (this.#days[day + EARLIEST]?.trips.some((own) => own !== UNCOUNTED) === true) return day;
    return null;
  }

  /** Adds what imported records say. The program's own counts of a day stand against them. */
  record(lift: number, day: number, inServiceMs: number): void {
    const cells = this.#at(day, lift);
    if (cells.trips[lift] === UNCOUNTED) cells.inServiceMs[lift]! += inServiceMs;
  }

  /** Whether the program itself has counted this day of this lift. */
  counted(lift: number, day: number): boolean {
    return (this.#days[day + EARLIEST]?.trips[lift] ?? UNCOUNTED) !== UNCOUNTED;
  }

  inServiceMs(lift: number, day: number): number {
    return this.#days[day + EARLIEST]?.inServiceMs[lift] ?? 0;
  }

  /**
   * Adds the exposure (ms) of each day, and the trips where they are asked for, to the groups: those of a day from cell `cellOf(day)` on. Imported
   * records have no trips: rates per trip are over the days that the program has counted itself.
   */
  addTo(
    { first, last }: DayStretch,
    groups: LiftGroups,
    cellOf: (day: number) => number,
    inServiceMs: Float64Array,
    trips: Float64Array | null,
  ): void {
    let lifts = 0;
    for (const lift of groups.order) lifts = Math.max(lifts, lift + 1);
    const empty = withRoom(undefined, lifts);
    for (let day = first; day <= last; day += AT_ONCE) {
      const days: Day[] = [];
      const bases: number[] = [];
      for (let one = day; one < day + AT_ONCE; one++) {
        const own = one > last ? undefined : this.#days[one + EARLIEST];
        // What is not there adds nothing, to the cells of a day that is.
        days.push(own === undefined ? empty : withRoom(own, lifts));
        bases.push(cellOf(Math.min(one, last)));
      }
      if (days.every((one) => one === empty)) continue;
      addCells(
        days.map((one) => one.inServiceMs),
        bases,
        groups,
        inServiceMs,
        ANY,
      );
      if (trips !== null)
        addCells(
          days.map((one) => one.trips),
          bases,
          groups,
          trips,
          MANY,
        );
    }
    if (trips === null) return;
    for (const [key, many] of this.#many) {
      const [day, lift] = key.split(" ").map(Number) as [number, number];
      const group = groups.of[lift] ?? -1;
      if (day >= first && day <= last && group >= 0) trips[cellOf(day) + group]! += many;
    }
  }

  /** Of whole calendar months they are kept until one of their days changes. */
  sumsOf({ first, last }: DayStretch): LiftSums {
    const kept = this.#months.get(first, last);
    if (kept !== undefined) return kept;
    let lifts = 0;
    for (let day = first; day <= last; day++) lifts = Math.max(lifts, this.#days[day + EARLIEST]?.trips.length ?? 0);
    const sums = { inServiceMs: new Float64Array(lifts), trips: new Float64Array(lifts) };
    const { inServiceMs: ms, trips } = sums;
    for (let day = first; day <= last; day++) {
      const cells = this.#days[day + EARLIEST];
      if (cells === undefined) continue;
      const { inServiceMs: ownMs, trips: ownTrips } = cells;
      for (let lift = 0; lift < ownTrips.length; lift++) {
        ms[lift]! += ownMs[lift] as number;
        const own = ownTrips[lift] as number;
        if (own < MANY) trips[lift]! += own;
        else if (own === MANY) trips[lift]! += this.#many.get(`${day} ${lift}`) ?? MANY;
      }
    }
    this.#months.keep(first, last, sums);
    return sums;
  }

  /** Notes the first of the days with exposure in `first` where a lift has none yet (-1), and the last of them in `last`. */
  mark(days: DayStretch, first: Int32Array, last: Int32Array): void {
    const { inServiceMs } = this.sumsOf(days);
    const lifts = Math.min(first.length, inServiceMs.length);
    for (let lift = 0; lift < lifts; lift++) {
      if (inServiceMs[lift] === 0) continue;
      for (let day = days.first; first[lift] === -1; day++) if (this.inServiceMs(lift, day) > 0) first[lift] = day;
      // The last month decides; others are looked through only where the lift leaves.
      last[lift] = days.last;
    }
  }

  /** The last day with exposure at or before a day that is in a stretch with some. */
  lastBefore(lift: number, day: number): number {
    let last = day;
    while (this.inServiceMs(lift, last) === 0) last--;
    return last;
  }

  #at(day: number, lift: number): Day {
    this.#months.forget(day);
    let cells = this.#days[day + EARLIEST];
    if (cells === undefined) {
      cells = { inServiceMs: new Uint32Array(0), trips: new Uint16Array(0) };
      // Without holes, which would make a dictionary of it.
      while (this.#days.length <= day + EARLIEST) this.#days.push(undefined);
      this.#days[day + EARLIEST] = cells;
      this.#first = Math.min(this.#first, day);
      this.#last = Math.max(this.#last, day);
    }
    if (lift >= cells.trips.length) {
      Object.assign(cells, withRoom(cells, Math.max(this.#room, Math.ceil((lift + 1) / ROOM) * ROOM)));
    }
    return cells;
  }
}
