/** What lifts had before and after each work order, and what was to be expected after it. */
import { LIMITS } from "../../config.ts";
import type { Work } from "../../core/entry.ts";
import { EPISODE_GAP_DAYS } from "../episodes.ts";
import { expectedAfter } from "../expected-after.ts";
import type { Facts } from "../facts/facts.ts";
import type { LiftDays } from "../facts/lift-days.ts";
import type { WorkDone } from "../facts/works.ts";
import type { ZoneDays } from "../facts/zone-days.ts";
import type { Prior } from "../shrinkage.ts";
import { rollOf, type Population } from "./grouping.ts";
import { slices } from "./slices.ts";
import { LiftLife, monthsOf, type Months } from "./life-sums.ts";
import type { Range } from "./tally.ts";

/**
 * Work orders by lift and time, one a place of each array: a city's years have a hundred thousand, and an object each would cost more than their sums.
 * `Before` is up to and with the day of the work, `After` from EPISODE_GAP_DAYS after its end on; episodes, all stopping faults, and lift-months in service.
 */
export interface AroundWorks {
  readonly lifts: readonly number[];
  readonly works: readonly WorkDone[];
  readonly episodesBefore: Float64Array;
  readonly faultsBefore: Float64Array;
  readonly monthsBefore: Float64Array;
  readonly episodesAfter: Float64Array;
  readonly faultsAfter: Float64Array;
  readonly monthsAfter: Float64Array;
  /** What was to be expected after (expected-after.ts); 0 where one of the two times has no exposure. */
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  /** Works of the same kind in the time after. */
  readonly further: Float64Array;
  /** 1 where no work of this kind that is 1 has this one in its time after: of those no day of a lift counts twice. */
  readonly leads: Uint8Array;
}

export interface AskedWorks {
  readonly work: Work;
  /** The works begun in these days. */
  readonly range: Range;
  /** How many days after the work count. */
  readonly days: number;
  /** The last day that is looked at; by default there is none. */
  readonly asOf?: number | undefined;
}

/** Of the lifts that are `asked` about: those with a number of a group, not below 0. */
export async function aroundWorks(population: Population, question: AskedWorks, asked: Int32Array): Promise<AroundWorks> {
  const { facts } = population;
  const { range, days, asOf = Infinity } = question;
  const { lifts, works } = asksFor(population, question, asked);
  const [episodesBefore, faultsBefore, monthsBefore, episodesAfter, faultsAfter, monthsAfter, mean, variance, further] = Array.from(
    { length: 9 },
    () => new Float64Array(works.length),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  const leads = new Uint8Array(works.length);
  const before = { episodesBefore, faultsBefore, monthsBefore };
  const after = { episodesAfter, faultsAfter, monthsAfter };
  const found: AroundWorks = { lifts, works, ...before, ...after, mean, variance, further, leads };
  const known = facts.days.range;
  if (known === null || works.length === 0) return found;
  const last = Math.min(known.last, asOf);
  const first = Math.max(known.first, range.first - LIMITS.trends.beforeDays + 1);
  if (first > last) return found;
  const yielding = slices();
  const months = await monthsOf(population, first, last, yielding);
  const { records } = rollOf(population);
  const life = new LiftLife(population, months);
  const stretches = stretchesOf(facts, found, first, last, days);
  const { since, begun, from, until } = stretches;
  const lived = new LivedUpTo(facts.days, months, lifts, stretches);
  await yielding();
  let [lift, covered] = [-1, -Infinity];
  let prior: Prior | undefined;
  for (let place = 0; place < works.length; place++) {
    if (lift !== lifts[place]) {
      await yielding();
      lift = lifts[place] as number;
      covered = -Infinity;
      prior = months.priors.get(records[lift]?.kind ?? "");
      life.open(lift);
    }
    const day = begun[place] as number;
    life.add(since[place] as number, day, lived.of(place, SINCE), lived.of(place, BEGUN));
    episodesBefore[place] = life.episodes;
    faultsBefore[place] = life.faults;
    monthsBefore[place] = life.months;
    const record = { events: life.episodes, exposure: life.comparable };
    const exposed = life.months;
    life.add(from[place] as number, until[place] as number, lived.of(place, FROM), lived.of(place, UNTIL));
    episodesAfter[place] = life.episodes;
    faultsAfter[place] = life.faults;
    monthsAfter[place] = life.months;
    for (let next = place + 1; lifts[next] === lift && begun[next]! <= until[place]!; next++) further[place]! += 1;
    if (exposed === 0 || life.months === 0) continue;
    const expected = expectedAfter(prior!, record, life.comparable);
    mean[place] = expected.mean;
    variance[place] = expected.variance;
    if (day <= covered || expected.mean === 0) continue;
    leads[place] = 1;
    covered = until[place] as number;
  }
  return found;
}

/** Days that count for each work, all inclusive: from `since` to the day it was `begun`, and `from` its end to `until`. */
interface Stretches {
  readonly since: Int32Array;
  readonly begun: Int32Array;
  readonly from: Int32Array;
  readonly until: Int32Array;
}

function stretchesOf(facts: Facts, { lifts, works }: AroundWorks, first: number, last: number, days: number): Stretches {
  const [since, begun, from, until] = Array.from({ length: 4 }, () => new Int32Array(works.length)) as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  let [lift, machines]: [number, readonly WorkDone[]] = [-1, []];
  for (let place = 0; place < works.length; place++) {
    const done = works[place] as WorkDone;
    if (lift !== lifts[place]) {
      lift = lifts[place] as number;
      machines = facts.works.of(lift).filter((one) => one.work === "modernisation");
    }
    const day = facts.zone.dayOf(done.at);
    const end = done.until === null || done.until <= done.at ? day : facts.zone.dayOf(done.until);
    let [earliest, latest] = [Math.max(first, day - LIMITS.trends.beforeDays + 1), Math.min(end + days, last)];
    // A modernisation makes a new machine of a lift: what was before it is of another.
    for (const machine of machines) {
      if (machine.at < done.at) earliest = Math.max(earliest, endOf(machine, facts.zone) + 1);
      else if (machine.at > done.at) latest = Math.min(latest, facts.zone.dayOf(machine.at) - 1);
    }
    since[place] = earliest;
    begun[place] = day;
    // Until then a fault is of the episode that may have brought the work about.
    from[place] = end + 1 + EPISODE_GAP_DAYS;
    until[place] = latest;
  }
  return { since, begun, from, until };
}

/** Which of a work's days. */
const [SINCE, BEGUN, FROM, UNTIL] = [0, 1, 2, 3] as const;
const DAYS = 4;

/** Time in service up to the borders of each work's stretches, looked up for all of them day by day: lift by lift it would be a walk all over the facts. */
class LivedUpTo {
  /** By work and border, ms from the first day of the border's month to it. */
  readonly #ms: Float64Array;

  constructor(days: LiftDays, { begins, last }: Months, lifts: readonly number[], { since, begun, from, until }: Stretches) {
    const [who, when] = [new Int32Array(DAYS * lifts.length), new Int32Array(DAYS * lifts.length)];
    for (let work = 0, at = 0; work < lifts.length; work++) {
      who.fill(lifts[work] as number, at, at + DAYS);
      when[at++] = Math.min(since[work]! - 1, last);
      when[at++] = Math.min(begun[work] as number, last);
      when[at++] = Math.min(from[work]! - 1, last);
      when[at++] = Math.min(until[work] as number, last);
    }
    this.#ms = days.inServiceMsUpTo(who, when, begins[0]!);
  }

  of(work: number, border: number): number {
    return this.#ms[DAYS * work + border] as number;
  }
}

function asksFor({ facts }: Population, { work, range }: AskedWorks, asked: Int32Array): Pick<AroundWorks, "lifts" | "works"> {
  const [lifts, works]: [number[], WorkDone[]] = [[], []];
  const [begin, end] = [facts.zone.begin(range.first), facts.zone.begin(range.last + 1)];
  for (let lift = 0; lift < asked.length; lift++) {
    if ((asked[lift] as number) < 0) continue;
    for (const done of facts.works.of(lift)) {
      if (done.work !== work || done.at < begin || done.at >= end) continue;
      lifts.push(lift);
      works.push(done);
    }
  }
  return { lifts, works };
}

/** The last day of a work. */
function endOf({ at, until }: WorkDone, zone: ZoneDays): number {
  return zone.dayOf(Math.max(at, until ?? at));
}
