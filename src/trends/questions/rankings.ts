/**
 * `GET /api/rankings` and what the index rests on: groups by their shrunk rate at the end of a month, older months counting less. Firms,
 * makers, models, districts and buildings are ranked by observed over expected, so that nobody is blamed for old lifts.
 */
import { dayName } from "../../core/calendar.ts";
import { discounted } from "../episodes.ts";
import type { Counted } from "../fault-rate.ts";
import { monthDays } from "../facts/zone-days.ts";
import { posteriorInterval, shrink, type Prior, type ShrunkRate } from "../shrinkage.ts";
import { standardise } from "../standardise.ts";
import { COMPARED, finite, LEAST_LIFT_MONTHS } from "./fault-rate.ts";
import { groupLifts, type Dimension, type Filters, type Group, type Population } from "./grouping.ts";
import { MONTH_MS, tallyUp, type Tally } from "./tally.ts";

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
  const grouping = groupLifts(population, by, filters, fair);
  const { groups, parts } = grouping;
  const tally = await tallyUp(population.facts, { first: begin, last }, "month", grouping, () => (fair ? parts.length : groups.length));
  const months = (cell: number) => monthly(tally, cell);
  const sums = groups.map(() => ({ events: new Float64Array(MONTHS), exposure: new Float64Array(MONTHS) }));
  const cells: { readonly group: string; readonly stratum: string; readonly events: number; readonly exposure: number }[] = [];
  for (let cell = 0; cell < tally.groups; cell++) {
    const own = months(cell);
    const { group, stratum } = fair ? parts[cell]! : { group: cell, stratum: "" };
    for (let month = 0; month < MONTHS; month++) {
      sums[group]!.events[month]! += own.events[month]!;
      sums[group]!.exposure[month]! += own.exposure[month]!;
    }
    if (fair) {
      const { events, exposure } = discounted({ key: "", ...own });
      cells.push({ group: String(group), stratum, events, exposure });
    }
  }
  const plain = sums.map((own, group) => discounted({ key: String(group), ...own }));
  const expected = fair ? new Map(standardise(cells).map((one) => [one.key, one.exposure])) : null;
  const seen = plain.map((_, group) => group).filter((group) => total(sums[group]!.exposure) > 0);
  const units = seen.map((group): Counted => {
    const one = plain[group]!;
    return expected === null ? one : { ...one, exposure: expected.get(one.key) ?? 0 };
  });
  const { prior, rates } = shrink(units);
  const least = by === "lift" ? 0 : LEAST_LIFT_MONTHS;
  const standings = seen.map((group, place): Standing => {
    const own = sums[group]!;
    const rate = rates[place]!;
    const allLiftMonths = total(own.exposure);
    const ranked = rate.ranked && allLiftMonths >= least;
    return {
      group: groups[group]!,
      rate: { ...rate, ranked, flagged: rate.flagged && ranked },
      episodes: own.events[MONTHS - 1]!,
      liftMonths: own.exposure[MONTHS - 1]!,
      allEpisodes: total(own.events),
      allLiftMonths,
    };
  });
  return { basis: fair ? "fair" : "rate", prior, standings };
}

/** @throws OperationalError `query-too-large`. */
export async function rankings(population: Population, question: RankingQuestion): Promise<RankingAnswer> {
  const { basis, prior, standings } = await standingsOf(population, question);
  const order = standings.toSorted(
    (a, b) => Number(b.rate.ranked) - Number(a.rate.ranked) || b.rate.rate - a.rate.rate || (nameOf(a) < nameOf(b) ? -1 : 1),
  );
  return {
    period: question.period,
    basis,
    fleet: prior.fleet,
    total: order.length,
    rows: (offset, limit) => order.slice(offset, offset + limit).map((standing, index) => rowOf(standing, offset + index + 1)),
  };
}

function nameOf({ group }: Standing): string {
  return `${group.within ?? ""}\0${group.key ?? ""}`;
}

function rowOf({ group, rate, ...counts }: Standing, place: number): RankingRow {
  const { low, high } = posteriorInterval(rate);
  const { ranked, flagged, exceedance } = rate;
  return {
    rank: ranked ? place : null,
    ...group,
    rate: rate.rate,
    low,
    high: finite(high),
    aboveTwiceFleet: exceedance,
    flagged,
    ranked,
    ...counts,
  };
}

function monthly({ groups, episodes, inServiceMs }: Tally, cell: number) {
  const [events, exposure] = [new Float64Array(MONTHS), new Float64Array(MONTHS)];
  for (let month = 0; month < MONTHS; month++) {
    events[month] = episodes[month * groups + cell]!;
    exposure[month] = inServiceMs[month * groups + cell]! / MONTH_MS;
  }
  return { events, exposure };
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function monthsBefore(day: number, months: number): number {
  const [year, month] = dayName(day).split("-").map(Number) as [number, number];
  return Date.UTC(year, month - 1 - months, 1) / 86_400_000;
}
