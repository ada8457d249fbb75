/** What lifts had before and after each work order, and what was to be expected after it. */
import { LIMITS } from "../../config.ts";
import type { Work } from "../../core/entry.ts";
import { EPISODE_GAP_DAYS } from "../episodes.ts";
import { expectedAfter } from "../expected-after.ts";
import type { WorkDone } from "../facts/works.ts";
import type { ZoneDays } from "../facts/zone-days.ts";
import { rollOf, type Population } from "./grouping.ts";
import { slices } from "./slices.ts";
import { LiftLife, monthsOf } from "./life-sums.ts";
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
  let [lift, covered, machines]: [number, number, readonly WorkDone[]] = [-1, -Infinity, []];
  for (const [place, done] of works.entries()) {
    if (lift !== lifts[place]) {
      await yielding();
      lift = lifts[place] as number;
      covered = -Infinity;
      machines = facts.works.of(lift).filter((one) => one.work === "modernisation");
      life.open(lift);
    }
    const [day, end] = [facts.zone.dayOf(done.at), endOf(done, facts.zone)];
    let [since, until] = [Math.max(first, day - LIMITS.trends.beforeDays + 1), Math.min(end + days, last)];
    // A modernisation makes a new machine of a lift: what was before it is of another.
    for (const machine of machines) {
      if (machine.at < done.at) since = Math.max(since, endOf(machine, facts.zone) + 1);
      else if (machine.at > done.at) until = Math.min(until, facts.zone.dayOf(machine.at) - 1);
    }
    life.add(since, day);
    episodesBefore[place] = life.episodes;
    faultsBefore[place] = life.faults;
    monthsBefore[place] = life.months;
    const record = { events: life.episodes, exposure: life.comparable };
    const lived = life.months;
    // Until then a fault is of the episode that may have brought the work about.
    life.add(end + 1 + EPISODE_GAP_DAYS, until);
    episodesAfter[place] = life.episodes;
    faultsAfter[place] = life.faults;
    monthsAfter[place] = life.months;
    for (let next = place + 1; lifts[next] === lift && facts.zone.dayOf(works[next]!.at) <= until; next++) further[place]! += 1;
    if (lived === 0 || life.months === 0) continue;
    const expected = expectedAfter(months.priors.get(records[lift]?.kind ?? "")!, record, life.comparable);
    mean[place] = expected.mean;
    variance[place] = expected.variance;
    if (day <= covered || expected.mean === 0) continue;
    leads[place] = 1;
    covered = until;
  }
  return found;
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
