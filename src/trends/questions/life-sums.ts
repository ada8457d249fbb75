/** A lift's record in stretches of days, beside what its months were like for all lifts: what comparisons before and after are made of. */
import { BEGINS, type FaultDays, type See } from "../facts/fault-days.ts";
import type { LiftDays, LiftSums } from "../facts/lift-days.ts";
import { monthBegin, nextMonth } from "../facts/months.ts";
import { fitPrior, shrinker, type Prior } from "../shrinkage.ts";
import { rollOf, type Population } from "./grouping.ts";
import { DAY_MS, MONTH_MS } from "./tally.ts";

/** Share of a month from which on a lift is taken to have been there on the days of its faults. */
const MOSTLY = 0.9;

/** The months that are looked at, what all lifts had in them, and what makes a rate of one month comparable with that of another. */
export interface Months {
  /** The first day of each, and at the end that of the month after. */
  readonly begins: readonly number[];
  /** Of each, up to `last`. */
  readonly lived: readonly LiftSums[];
  readonly factors: Float64Array;
  readonly last: number;
  readonly priors: ReadonlyMap<string, Prior>;
}

/**
 * Rates move with seasons and with how well faults are recorded: an exposure counts for what all lifts had in its month over what they have on the whole,
 * shrunk, so that months which differ by no more than chance count alike. How far lifts of a kind differ is then told from such exposures.
 */
export async function monthsOf(
  population: Population,
  first: number,
  last: number,
  yielding: () => Promise<void> | undefined,
): Promise<Months> {
  const { facts } = population;
  const { records } = rollOf(population);
  const begins: number[] = [];
  for (let month = monthBegin(first); month <= last; month = nextMonth(month)) begins.push(month);
  const lifts = facts.liftIds.length;
  const spans = begins.map((begin) => ({ first: begin, last: Math.min(last, nextMonth(begin) - 1) }));
  const lived = spans.map((days) => facts.days.sumsOf(days));
  const failed = spans.map((days) => facts.faults.listOf(days));
  const units = spans.map((_, month) => ({
    key: String(month),
    events: begun(failed[month]!.marks),
    exposure: total(lived[month]!.inServiceMs) / MONTH_MS,
  }));
  await yielding();
  const all = fitPrior(units);
  const factors = Float64Array.from(units.map(shrinker(all)), ({ rate }) => (all.fleet === 0 ? 1 : rate / all.fleet));
  const [events, exposure] = [new Float64Array(lifts), new Float64Array(lifts)];
  for (let month = 0; month < spans.length; month++) {
    const { lifts: who, marks } = failed[month]!;
    const seen = lived[month]!.inServiceMs;
    const factor = factors[month] as number;
    for (let lift = 0; lift < Math.min(lifts, seen.length); lift++) exposure[lift]! += (seen[lift] as number) * factor;
    // Of a month in which it was never in service a lift has no rate.
    for (let place = 0; place < who.length; place++) {
      const lift = who[place] as number;
      if ((seen[lift] ?? 0) > 0) events[lift]! += marks[place]! & BEGINS;
    }
    await yielding();
  }
  const kinds = new Map<string, { key: string; events: number; exposure: number }[]>();
  for (let lift = 0; lift < lifts; lift++) {
    const kind = records[lift]?.kind ?? "";
    const unit = { key: kind, events: events[lift] as number, exposure: (exposure[lift] as number) / MONTH_MS };
    const own = kinds.get(kind);
    if (own === undefined) kinds.set(kind, [unit]);
    else own.push(unit);
  }
  return {
    begins: [...begins, spans.at(-1)!.last + 1],
    lived,
    factors,
    last,
    priors: new Map([...kinds].map(([kind, own]) => [kind, fitPrior(own)])),
  };
}

function total(cells: Uint32Array): number {
  let sum = 0;
  for (let lift = 0; lift < cells.length; lift++) sum += cells[lift] as number;
  return sum;
}

function begun(marks: Uint8Array): number {
  let count = 0;
  for (let place = 0; place < marks.length; place++) count += marks[place]! & BEGINS;
  return count;
}

/** One lift's days at a time, for sums over stretches of them: those of the last one that was added up. */
export class LiftLife {
  episodes = 0;
  faults = 0;
  /** In service. */
  months = 0;
  /** The same, each counting for its month. */
  comparable = 0;
  #upToMs = 0;
  #upToComparable = 0;
  readonly #days: LiftDays;
  readonly #months: Months;
  /** Time in service up to the beginning of each month, ms, and the same with each month's factor. */
  readonly #livedIn: readonly Uint32Array[];
  readonly #lived: Float64Array;
  readonly #comparable: Float64Array;
  /** Its days with faults, and how many faults and episodes came up to each of them. */
  #faultDays = new Int32Array(64);
  #faultsTo = new Float64Array(65);
  #episodesTo = new Float64Array(65);
  #used = 0;
  /** The month of the fault day that was seen last ends before this day, and the lift was hardly there in it. */
  #monthEnd = -Infinity;
  #hardlyThere = false;
  readonly #faults: FaultDays;
  /** Of each day from the first month on the place of its month. */
  readonly #monthOf: Uint16Array;
  readonly #see: See = (lift, day, faults, begins) => this.#fault(lift, day, faults, begins);

  constructor({ facts }: Population, months: Months) {
    this.#days = facts.days;
    this.#faults = facts.faults;
    this.#months = months;
    const { begins } = months;
    this.#monthOf = new Uint16Array(begins.at(-1)! - begins[0]!);
    for (let month = 0; month + 1 < begins.length; month++)
      this.#monthOf.fill(month, begins[month]! - begins[0]!, begins[month + 1]! - begins[0]!);
    this.#livedIn = months.lived.map(({ inServiceMs }) => inServiceMs);
    this.#lived = new Float64Array(months.lived.length + 1);
    this.#comparable = new Float64Array(months.lived.length + 1);
  }

  open(lift: number): void {
    const { factors, begins } = this.#months;
    const [livedIn, lived, comparable] = [this.#livedIn, this.#lived, this.#comparable];
    let [ms, weighted] = [0, 0];
    for (let month = 0; month < livedIn.length; month++) {
      const own = livedIn[month]![lift] ?? 0;
      ms += own;
      weighted += own * (factors[month] as number);
      lived[month + 1] = ms;
      comparable[month + 1] = weighted;
    }
    this.#used = 0;
    this.#monthEnd = -Infinity;
    this.#faults.each({ first: begins[0]!, last: begins.at(-1)! - 1 }, this.#see, lift, lift + 1);
  }

  #fault(lift: number, day: number, faults: number, begins: boolean): void {
    if (day >= this.#monthEnd) {
      const month = this.#monthAt(day);
      this.#monthEnd = this.#months.begins[month + 1] as number;
      this.#hardlyThere = this.#isHardlyThere(month);
    }
    // Faults from before a lift was there, by its register, would stand beside no time in service. A day is far away in memory.
    if (this.#hardlyThere && this.#days.inServiceMs(lift, day) === 0) return;
    const used = this.#used++;
    if (used === this.#faultDays.length) {
      this.#faultDays = widened(this.#faultDays, new Int32Array(2 * used));
      this.#faultsTo = widened(this.#faultsTo, new Float64Array(2 * used + 1));
      this.#episodesTo = widened(this.#episodesTo, new Float64Array(2 * used + 1));
    }
    this.#faultDays[used] = day;
    this.#faultsTo[used + 1] = this.#faultsTo[used]! + faults;
    this.#episodesTo[used + 1] = this.#episodesTo[used]! + Number(begins);
  }

  #isHardlyThere(month: number): boolean {
    const { begins } = this.#months;
    return this.#lived[month + 1]! - this.#lived[month]! < MOSTLY * (begins[month + 1]! - begins[month]!) * DAY_MS;
  }

  /** Of a day from the first month on. */
  #monthAt(day: number): number {
    return this.#monthOf[day - this.#months.begins[0]!] as number;
  }

  /** Both days inclusive; `before` and `upTo`: its time in service from the first day of their months to the day before the first, and to the last, ms. */
  add(first: number, last: number, before: number, upTo: number): void {
    this.episodes = 0;
    this.faults = 0;
    this.months = 0;
    this.comparable = 0;
    if (first > last) return;
    const [from, to] = [this.#faultsBefore(first), this.#faultsBefore(last + 1)];
    this.faults = this.#faultsTo[to]! - this.#faultsTo[from]!;
    this.episodes = this.#episodesTo[to]! - this.#episodesTo[from]!;
    this.#goTo(first - 1, before);
    const [ms, comparable] = [this.#upToMs, this.#upToComparable];
    this.#goTo(last, upTo);
    this.months = (this.#upToMs - ms) / MONTH_MS;
    this.comparable = (this.#upToComparable - comparable) / MONTH_MS;
  }

  /** How many of its days with faults are before a day. */
  #faultsBefore(day: number): number {
    let [low, high] = [0, this.#used];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#faultDays[middle] as number) < day) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Everything up to a day, with what its month has up to it. */
  #goTo(day: number, ms: number): void {
    const { begins, factors } = this.#months;
    const month = day < begins[0]! ? -1 : this.#monthAt(Math.min(day, begins.at(-1)! - 1));
    this.#upToMs = month < 0 ? 0 : this.#lived[month]! + ms;
    this.#upToComparable = month < 0 ? 0 : this.#comparable[month]! + ms * (factors[month] as number);
  }
}

function widened<Cells extends Int32Array | Float64Array>(cells: Cells, wider: Cells): Cells {
  wider.set(cells);
  return wider;
}
