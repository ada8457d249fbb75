/**
 * Exposure and trips of every lift on every day, in memory: one array a day, one cell a lift. 16,409 lifts × 3 years are 108 MB and are
 * added up by any grouping in some 50 ms; the same by SQL over the day rows takes 0.5 to 1.2 s (bench/trends.ts).
 */
import { addTrips, addWide, AT_ONCE, NO_TRIPS_FROM, type LiftGroups } from "./group-sums.ts";
import { isMonth, monthBegin, MonthCache, weeksOf } from "./months.ts";

/** In `trips`: the program itself has not counted this day of this lift. */
export const UNCOUNTED = 0xffff;
/** In `trips`: more than a cell can hold; the count is in `#many`. */
const MANY = NO_TRIPS_FROM;
/** More than any day has, ms: months of such days are still whole numbers of 32 bits. */
const DAY_MOST_MS = 100_000_000;
/** Lifts for which a day's arrays have room at first, and by how much they grow. */
const ROOM = 1_024;
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

/** Of each lift by its number; lifts beyond the end have none. */
export interface LiftSums {
  readonly inServiceMs: Uint32Array;
  readonly trips: Uint32Array;
}

/** A calendar month of all lifts. */
export interface MonthSums {
  /** First days of its weeks (months.ts), and of the next month. */
  readonly begins: readonly number[];
  /** From the month's first day up to before each of them. */
  readonly upTo: readonly LiftSums[];
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

/** The same of cells alone. */
function wide(cells: Uint32Array, lifts: number): Uint32Array {
  if (cells.length >= lifts) return cells;
  const wider = new Uint32Array(lifts);
  wider.set(cells);
  return wider;
}

/** Sums of AT_ONCE arrays to the cells of each. */
function spread(sums: Float64Array, cells: readonly number[], result: Float64Array): void {
  const [a, b, c, d] = cells as [number, number, number, number];
  for (let place = 0, group = 0; place < sums.length; place += AT_ONCE, group++) {
    result[a + group]! += sums[place] as number;
    result[b + group]! += sums[place + 1] as number;
    result[c + group]! += sums[place + 2] as number;
    result[d + group]! += sums[place + 3] as number;
  }
}

/** What array `at` has more than the one before, which it becomes, to the cells from `cell` on. */
function spreadWeek(sums: Float64Array, at: number, before: Float64Array, cell: number, result: Float64Array): void {
  for (let group = 0, place = at; group < before.length; group++, place += AT_ONCE) {
    const sum = sums[place] as number;
    result[cell + group]! += sum - before[group]!;
    before[group] = sum;
  }
}

/** Days are numbered from 1970-01-01, lifts from 0. */
export class LiftDays {
  /** By day and EARLIEST: a lookup in a map would cost more than all else when records of years are taken. */
  readonly #days: (Day | undefined)[] = [];
  readonly #many = new Map<string, number>();
  readonly #months = new MonthCache<MonthSums>();
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
    cells.inServiceMs[lift] = Math.min(inServiceMs, DAY_MOST_MS);
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
      held.inServiceMs[number] = Math.min(cells[cell + inServiceMs] as number, DAY_MOST_MS);
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
  addDays(
    { first, last }: DayStretch,
    groups: LiftGroups,
    cellOf: (day: number) => number,
    inServiceMs: Float64Array,
    trips: Float64Array | null,
  ): void {
    const lifts = (groups.lifts.at(-1) ?? -1) + 1;
    const empty = withRoom(undefined, lifts);
    const sums = new Float64Array(groups.count * AT_ONCE);
    for (let day = first; day <= last; day += AT_ONCE) {
      const days: Day[] = [];
      const cells: number[] = [];
      for (let one = day; one < day + AT_ONCE; one++) {
        const own = one > last ? undefined : this.#days[one + EARLIEST];
        // What is not there adds nothing, to the cells of a day that is.
        days.push(own === undefined ? empty : withRoom(own, lifts));
        cells.push(cellOf(Math.min(one, last)));
      }
      if (days.every((one) => one === empty)) continue;
      sums.fill(0);
      addWide(
        days.map((one) => one.inServiceMs),
        groups,
        sums,
      );
      spread(sums, cells, inServiceMs);
      if (trips === null) continue;
      sums.fill(0);
      addTrips(
        days.map((one) => one.trips),
        groups,
        sums,
      );
      spread(sums, cells, trips);
    }
    if (trips === null || this.#many.size === 0) return;
    const of = new Map(Array.from(groups.lifts, (lift, index) => [lift, groups.places[index]! / AT_ONCE]));
    for (const [key, many] of this.#many) {
      const [day, lift] = key.split(" ").map(Number) as [number, number];
      const group = of.get(lift);
      if (day >= first && day <= last && group !== undefined) trips[cellOf(day) + group]! += many;
    }
  }

  /** The same of a whole calendar month by weeks: `cellOf` gives all days of a week the same cell. */
  addWeeks(
    first: number,
    groups: LiftGroups,
    cellOf: (day: number) => number,
    inServiceMs: Float64Array,
    trips: Float64Array | null,
  ): void {
    const lifts = (groups.lifts.at(-1) ?? -1) + 1;
    const { begins, upTo } = this.monthOf(first);
    const weeks = upTo.slice(1);
    const cells = weeks.map((_, week) => cellOf(begins[week] as number));
    const empty = new Uint32Array(lifts);
    const sums = new Float64Array(groups.count * AT_ONCE);
    for (const [kind, result] of [
      ["inServiceMs", inServiceMs],
      ["trips", trips],
    ] as const) {
      if (result === null) continue;
      const before = new Float64Array(groups.count);
      for (let from = 0; from < weeks.length; from += AT_ONCE) {
        const own = weeks.slice(from, from + AT_ONCE).map((week) => wide(week[kind], lifts));
        const padded = [...own, empty, empty, empty].slice(0, AT_ONCE);
        sums.fill(0);
        addWide(padded, groups, sums);
        for (let at = 0; at < own.length; at++) spreadWeek(sums, at, before, cells[from + at] as number, result);
      }
    }
  }

  /** Of days of one calendar month. */
  sumsOf({ first, last }: DayStretch): LiftSums {
    return isMonth(first, last) ? this.monthOf(first).upTo.at(-1)! : this.#added(first, last).at(-1)!;
  }

  /** The month that begins with a day; kept until one of its days changes. */
  monthOf(first: number): MonthSums {
    let month = this.#months.get(first);
    if (month === undefined) {
      const begins = weeksOf(first);
      month = { begins, upTo: this.#added(first, begins.at(-1)! - 1, begins) };
      this.#months.keep(first, month);
    }
    return month;
  }

  /**
   * Exposure of lifts from the first day of a month to one of its days, ms; 0 for days before `least`. Day by day: days are far apart in memory, and of each
   * as few are looked at as possible.
   */
  inServiceMsUpTo(lifts: Int32Array, days: Int32Array, least: number): Float64Array {
    const result = new Float64Array(lifts.length);
    let most = least - 1;
    for (let place = 0; place < days.length; place++) most = Math.max(most, days[place] as number);
    const starts = new Int32Array(most - least + 2);
    for (let place = 0; place < days.length; place++) if (days[place]! >= least) starts[days[place]! - least + 1]! += 1;
    for (let day = 1; day < starts.length; day++) starts[day]! += starts[day - 1]!;
    const order = new Int32Array(starts.at(-1)!);
    const next = starts.slice();
    for (let place = 0; place < days.length; place++) if (days[place]! >= least) order[next[days[place]! - least]!++] = place;
    for (let day = least; day <= most; day++) {
      const places = order.subarray(starts[day - least], starts[day - least + 1]);
      if (places.length > 0) this.#addUpTo(day, lifts, places, result);
    }
    return result;
  }

  #addUpTo(day: number, lifts: Int32Array, places: Int32Array, result: Float64Array): void {
    const { begins, upTo } = this.monthOf(monthBegin(day));
    let week = 0;
    while ((begins[week + 1] as number) <= day) week++;
    const [begin, end] = [begins[week] as number, begins[week + 1] as number];
    const fromBegin = day - begin < end - day - 1;
    const sums = upTo[fromBegin ? week : week + 1]!.inServiceMs;
    const more: Uint32Array[] = [];
    for (let one = fromBegin ? begin : day + 1; fromBegin ? one <= day : one < end; one++) {
      const cells = this.#days[one + EARLIEST]?.inServiceMs;
      if (cells !== undefined) more.push(cells);
    }
    for (let index = 0; index < places.length; index++) {
      const place = places[index] as number;
      const lift = lifts[place] as number;
      let ms = 0;
      for (let one = 0; one < more.length; one++) ms += more[one]![lift] ?? 0;
      result[place] = (sums[lift] ?? 0) + (fromBegin ? ms : -ms);
    }
  }

  /** Days added up, from the first to before each of `begins`; by default all of them. Whole numbers of 32 bits hold a month's ms. */
  #added(first: number, last: number, begins: readonly number[] = [first, last + 1]): LiftSums[] {
    let lifts = 0;
    for (let day = first; day <= last; day++) lifts = Math.max(lifts, this.#days[day + EARLIEST]?.trips.length ?? 0);
    const [ms, trips] = [new Uint32Array(lifts), new Uint32Array(lifts)];
    const upTo: LiftSums[] = [];
    for (let day = first, next = 0; day <= last + 1; day++) {
      if (day === begins[next]) {
        upTo.push(day > last ? { inServiceMs: ms, trips } : { inServiceMs: ms.slice(), trips: trips.slice() });
        next += 1;
      }
      const cells = day > last ? undefined : this.#days[day + EARLIEST];
      if (cells === undefined) continue;
      const { inServiceMs: ownMs, trips: ownTrips } = cells;
      for (let lift = 0; lift < ownTrips.length; lift++) {
        ms[lift]! += ownMs[lift] as number;
        const own = ownTrips[lift] as number;
        if (own < MANY) trips[lift]! += own;
        else if (own === MANY) trips[lift]! += this.#many.get(`${day} ${lift}`) ?? MANY;
      }
    }
    return upTo;
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
