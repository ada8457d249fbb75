/** A lift's record in stretches of days, beside what its months were like for all lifts: what comparisons before and after are made of. */
import type { FaultDays } from "../facts/fault-days.ts";
import type { LiftDays } from "../facts/lift-days.ts";
import { monthBegin } from "../facts/month-cache.ts";
import { fitPrior, shrinker, type Prior } from "../shrinkage.ts";
import { rollOf, type Population } from "./grouping.ts";
import { DAY_MS, MONTH_MS } from "./tally.ts";

/** Share of a month from which on a lift is taken to have been there on the days of its faults. */
const MOSTLY = 0.9;

/** The months that are looked at, what all lifts had in them, and what makes a rate of one month comparable with that of another. */
export interface Months {
  /** The first day of each, and at the end that of the month after. */
  readonly begins: readonly number[];
  /** Time in service of each lift up to the beginning of each, ms; and the same with each month's factor. */
  readonly lived: readonly Float64Array[];
  readonly comparable: readonly Float64Array[];
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
  for (let month = monthBegin(first); month <= last; month = monthBegin(month + 31)) begins.push(month);
  const lifts = facts.liftIds.length;
  const spans = begins.map((begin) => ({ first: begin, last: Math.min(last, monthBegin(begin + 31) - 1) }));
  const lived = spans.map((days) => facts.days.sumsOf(days).inServiceMs);
  const failed = spans.map((days) => facts.faults.sumsOf(days).episodes);
  const units = spans.map((_, month) => ({
    key: String(month),
    events: total(failed[month]!),
    exposure: total(lived[month]!) / MONTH_MS,
  }));
  await yielding();
  const all = fitPrior(units);
  const factors = Float64Array.from(units.map(shrinker(all)), ({ rate }) => (all.fleet === 0 ? 1 : rate / all.fleet));
  const [livedTo, comparableTo] = [[new Float64Array(lifts)], [new Float64Array(lifts)]];
  const events = new Float64Array(lifts);
  for (let month = 0; month < spans.length; month++) {
    livedTo.push(plus(livedTo[month]!, lived[month]!, 1));
    comparableTo.push(plus(comparableTo[month]!, lived[month]!, factors[month] as number));
    const episodes = failed[month]!;
    const seen = lived[month]!;
    // Of a month in which it was never in service a lift has no rate.
    for (let lift = 0; lift < Math.min(lifts, episodes.length); lift++)
      if ((seen[lift] ?? 0) > 0) events[lift]! += episodes[lift] as number;
    await yielding();
  }
  const exposure = comparableTo.at(-1)!;
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
    lived: livedTo,
    comparable: comparableTo,
    factors,
    last,
    priors: new Map([...kinds].map(([kind, own]) => [kind, fitPrior(own)])),
  };
}

function total(cells: Float64Array | Uint32Array): number {
  let sum = 0;
  for (let lift = 0; lift < cells.length; lift++) sum += cells[lift] as number;
  return sum;
}

function plus(sums: Float64Array<ArrayBuffer>, cells: Float64Array, factor: number): Float64Array<ArrayBuffer> {
  const result = sums.slice();
  for (let lift = 0; lift < Math.min(sums.length, cells.length); lift++) result[lift]! += (cells[lift] as number) * factor;
  return result;
}

/** One lift's days at a time, for sums over stretches of them: those of the last one that was added up. */
export class LiftLife {
  episodes = 0;
  faults = 0;
  /** In service. */
  months = 0;
  /** The same, each counting for its month. */
  comparable = 0;
  #upToDay = Number.NaN;
  #upToMs = 0;
  #upToComparable = 0;
  readonly #days: LiftDays;
  readonly #faultDays: FaultDays;
  readonly #months: Months;
  #lift = 0;
  /** Days with faults: the day, how many, and 1 where the first of them begins an episode. */
  #cells = new Int32Array(192);
  #used = 0;
  /** Of the month whose faults are being noted: the first day after it, and whether the lift was in service for less than MOSTLY of it. */
  #month = 0;
  #monthEnd = -Infinity;
  #hardlyThere = false;
  readonly #note = (lift: number, day: number, faults: number, begins: boolean): void => {
    if (day >= this.#monthEnd) this.#openMonth(lift, day);
    // Faults from before a lift was there, by its register, would stand beside no time in service. A day is far away in memory.
    if (this.#hardlyThere && this.#days.inServiceMs(lift, day) === 0) return;
    if (this.#used + 3 > this.#cells.length) {
      const wider = new Int32Array(2 * this.#cells.length);
      wider.set(this.#cells);
      this.#cells = wider;
    }
    this.#cells[this.#used++] = day;
    this.#cells[this.#used++] = faults;
    this.#cells[this.#used++] = begins ? 1 : 0;
  };

  constructor({ facts }: Population, months: Months) {
    this.#days = facts.days;
    this.#faultDays = facts.faults;
    this.#months = months;
  }

  open(lift: number): void {
    const { begins, last } = this.#months;
    this.#lift = lift;
    this.#upToDay = Number.NaN;
    this.#used = 0;
    this.#month = 0;
    this.#monthEnd = -Infinity;
    this.#faultDays.each({ first: begins[0]!, last }, this.#note, lift, lift + 1);
  }

  #openMonth(lift: number, day: number): void {
    const { begins, lived } = this.#months;
    while ((begins[this.#month + 1] as number) <= day) this.#month += 1;
    const month = this.#month;
    this.#monthEnd = begins[month + 1] as number;
    const most = (this.#monthEnd - begins[month]!) * DAY_MS;
    this.#hardlyThere = lived[month + 1]![lift]! - lived[month]![lift]! < MOSTLY * most;
  }

  /** Both days inclusive. */
  add(first: number, last: number): void {
    this.episodes = 0;
    this.faults = 0;
    this.months = 0;
    this.comparable = 0;
    if (first > last) return;
    const cells = this.#cells;
    for (let at = 0; at < this.#used; at += 3) {
      const day = cells[at] as number;
      if (day > last) break;
      if (day < first) continue;
      this.faults += cells[at + 1] as number;
      this.episodes += cells[at + 2] as number;
    }
    // The day before is mostly the last one of the stretch before.
    this.#addUpTo(first - 1);
    const [ms, comparable] = [this.#upToMs, this.#upToComparable];
    this.#addUpTo(last);
    this.months = (this.#upToMs - ms) / MONTH_MS;
    this.comparable = (this.#upToComparable - comparable) / MONTH_MS;
  }

  /** Everything up to a day. The days are far apart in memory, so that of a month as few as possible are looked at. */
  #addUpTo(day: number): void {
    if (day === this.#upToDay) return;
    const { begins, lived, comparable, factors } = this.#months;
    this.#upToDay = day;
    this.#upToMs = 0;
    this.#upToComparable = 0;
    let month = begins.length - 2;
    while (month >= 0 && (begins[month] as number) > day) month--;
    if (month < 0) return;
    const lift = this.#lift;
    const [begin, next] = [begins[month] as number, begins[month + 1] as number];
    const before = lived[month]![lift] as number;
    let ms = 0;
    if (day - begin < next - day) for (let one = begin; one <= day; one++) ms += this.#days.inServiceMs(lift, one);
    else {
      ms = lived[month + 1]![lift]! - before;
      for (let one = day + 1; one < next; one++) ms -= this.#days.inServiceMs(lift, one);
    }
    this.#upToMs = before + ms;
    this.#upToComparable = comparable[month]![lift]! + ms * (factors[month] as number);
  }
}
