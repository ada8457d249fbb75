/**
 * `GET /api/rankings` and what the index rests on: groups by their shrunk rate at the end of a month, older months counting less. Firms,
 * makers, models, districts and buildings are ranked by observed over expected, so that nobody is blamed for old lifts.
 */
import { dayName } from "../../core/calendar.ts";
import { discountedPart } from "../episodes.ts";
import type { Counted } from "../fault-rate.ts";
import { monthDays } from "../facts/zone-days.ts";
import { fitPrior, posteriorInterval, shrinker, type Prior, type ShrunkRate } from "../shrinkage.ts";
import { standardiseNumbered, type NumberedCell } from "../standardise.ts";
import { COMPARED, finite, LEAST_LIFT_MONTHS } from "./fault-rate.ts";
import { groupLifts, type Dimension, type Filters, type Group, type Grouping, type Population } from "./grouping.ts";
import { MONTH_MS, tallyUp } from "./tally.ts";

/** Months that a ranking looks back: the first of them counts 0.5 % of the last. */
const MONTHS = 24;

export interface RankingQuestion {
  readonly by: Dimension;
  /** YYYY-MM: the last month that counts. */
  readonly period: string;
  readonly filters: Filters;
}

/** What is known of one group at the end of the period. */
export interface Standing {
  readonly group: Group;
  readonly rate: ShrunkRate;
  /** Of the period's month alone. */
  readonly episodes: number;
  readonly liftMonths: number;
  /** Of all the months that count, undiscounted. */
  readonly allEpisodes: number;
  readonly allLiftMonths: number;
}

export interface Standings {
  /** `fair`: rates are observed over expected; `rate`: episodes a lift-month. */
  readonly basis: "fair" | "rate";
  readonly prior: Prior;
  readonly standings: readonly Standing[];
  /** Whose groups the standings are of; by strata where they are `fair`. */
  readonly grouping: Grouping;
}

export interface RankingRow {
  /** 1 is the worst; null for groups that are not ranked. */
  readonly rank: number | null;
  readonly key: string | null;
  readonly within: string | null;
  readonly rate: number;
  readonly low: number;
  readonly high: number | null;
  readonly aboveTwiceFleet: number;
  readonly flagged: boolean;
  readonly ranked: boolean;
  readonly episodes: number;
  readonly liftMonths: number;
  readonly allEpisodes: number;
  readonly allLiftMonths: number;
}

export interface RankingAnswer {
  readonly period: string;
  readonly basis: Standings["basis"];
  /** Rate of all together, in the basis. */
  readonly fleet: number;
  /** Worst first; those not ranked at the end. */
  readonly rows: (offset: number, limit: number) => readonly RankingRow[];
  readonly total: number;
}

/** @throws OperationalError `query-too-large`. */
export async function standingsOf(population: Population, { by, period, filters }: RankingQuestion): Promise<Standings> {
  const { first, last } = monthDays(period);
  const fair = COMPARED.includes(by);
  const begin = monthsBefore(first, MONTHS - 1);
  const grouping = groupLifts(population, by, filters, { byStratum: fair });
  const { groups, parts, strata } = grouping;
  const tally = await tallyUp(population.facts, { first: begin, last }, "month", grouping, () => (fair ? parts.length : groups.length));
  // A group's months lie beside each other.
  const [events, exposure] = [new Float64Array(groups.length * MONTHS), new Float64Array(groups.length * MONTHS)];
  const [own, lived] = [new Float64Array(MONTHS), new Float64Array(MONTHS)];
  const cells: NumberedCell[] = [];
  for (let cell = 0; cell < tally.groups; cell++) {
    const { group, stratum } = fair ? parts[cell]! : { group: cell, stratum: 0 };
    for (let month = 0, at = cell, sum = group * MONTHS; month < MONTHS; month++, at += tally.groups, sum++) {
      own[month] = tally.episodes[at] as number;
      lived[month] = (tally.inServiceMs[at] as number) / MONTH_MS;
      events[sum]! += own[month] as number;
      exposure[sum]! += lived[month] as number;
    }
    if (fair) cells.push({ group, stratum, ...discountedPart(own, lived, 0, MONTHS) });
  }
  const expected = new Float64Array(groups.length);
  if (fair) for (const one of standardiseNumbered(cells, groups.length, strata)) expected[one.group] = one.exposure;
  const seen = groups.map((_, group) => group).filter((group) => total(exposure, group) > 0);
  const units = seen.map((group): Counted => {
    const { events: own, exposure: lived, spread } = discountedPart(events, exposure, group * MONTHS, (group + 1) * MONTHS);
    return { key: String(group), events: own, exposure: fair ? expected[group]! : lived, spread: spread ?? 1 };
  });
  const prior = fitPrior(units);
  const shrunk = shrinker(prior);
  const least = by === "lift" ? 0 : LEAST_LIFT_MONTHS;
  const standings = seen.map((group, place): Standing => {
    const rate = shrunk(units[place]!);
    const allLiftMonths = total(exposure, group);
    const ranked = rate.ranked && allLiftMonths >= least;
    const last = (group + 1) * MONTHS - 1;
    return {
      group: groups[group]!,
      rate: ranked === rate.ranked ? rate : { ...rate, ranked, flagged: false },
      episodes: events[last]!,
      liftMonths: exposure[last]!,
      allEpisodes: total(events, group),
      allLiftMonths,
    };
  });
  return { basis: fair ? "fair" : "rate", prior, standings, grouping };
}

/** @throws OperationalError `query-too-large`. */
export async function rankings(population: Population, question: RankingQuestion): Promise<RankingAnswer> {
  const { basis, prior, standings } = await standingsOf(population, question);
  const named = standings.map((standing) => ({ standing, name: nameOf(standing) }));
  const order = named.toSorted(
    ({ standing: { rate: a }, name }, { standing: { rate: b }, name: other }) =>
      Number(b.ranked) - Number(a.ranked) || b.rate - a.rate || (name < other ? -1 : 1),
  );
  return {
    period: question.period,
    basis,
    fleet: prior.fleet,
    total: order.length,
    rows: (offset, limit) => order.slice(offset, offset + limit).map(({ standing }, index) => rowOf(standing, offset + index + 1)),
  };
}

function nameOf({ group }: Standing): string {
  return `${group.within ?? ""}\0${group.key ?? ""}`;
}

function rowOf({ group: { key, within }, rate, episodes, liftMonths, allEpisodes, allLiftMonths }: Standing, place: number): RankingRow {
  const { low, high } = posteriorInterval(rate);
  const { ranked, flagged, exceedance } = rate;
  return {
    rank: ranked ? place : null,
    key,
    within,
    rate: rate.rate,
    low,
    high: finite(high),
    aboveTwiceFleet: exceedance,
    flagged,
    ranked,
    episodes,
    liftMonths,
    allEpisodes,
    allLiftMonths,
  };
}

/** Of all months of a group. */
function total(months: Float64Array, group: number): number {
  let sum = 0;
  for (let month = group * MONTHS; month < (group + 1) * MONTHS; month++) sum += months[month] as number;
  return sum;
}

function monthsBefore(day: number, months: number): number {
  const [year, month] = dayName(day).split("-").map(Number) as [number, number];
  return Date.UTC(year, month - 1 - months, 1) / 86_400_000;
}
