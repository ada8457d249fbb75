/** `GET /api/index`: the evaluation index of lifts, buildings, makers and firms (docs/index.md). */
import { evaluate, sensitivity, type Assessed, type Evaluation, type Sensitivity } from "../evaluation-index.ts";
import { monthDays } from "../facts/zone-days.ts";
import { ageYears, groupLifts, rollOf, type Dimension, type Group, type Population } from "./grouping.ts";
import { standingsOf, type RankingQuestion, type Standings } from "./rankings.ts";

export interface IndexRow extends Omit<Evaluation, "key">, Group {
  /** 1 is the worst; null for what is not ranked. */
  readonly rank: number | null;
  /** The best and the worst rank that it has with other weights. */
  readonly rankBest: number | null;
  readonly rankWorst: number | null;
}

export interface IndexAnswer {
  readonly period: string;
  readonly basis: Standings["basis"];
  /** Rate that scores 50 by itself, in the basis. */
  readonly referenceRate: number;
  readonly sensitivity: Sensitivity["scenarios"];
  /** Worst first; those not ranked at the end. */
  readonly rows: (offset: number, limit: number) => readonly IndexRow[];
  readonly total: number;
  /** Groups with faults or exposure of whose lifts no age is known: they have no index. */
  readonly lackAge: number;
}

/** `referenceRate` by default: 1 where rates are observed over expected, else the fleet's. @throws OperationalError `query-too-large`. */
export async function evaluationIndex(
  population: Population,
  question: RankingQuestion & { readonly referenceRate?: number | undefined },
): Promise<IndexAnswer> {
  const { basis, prior, standings } = await standingsOf(population, question);
  const ages = agesByGroup(population, question.by, question);
  const { period } = question;
  const referenceRate = question.referenceRate ?? (basis === "fair" ? 1 : prior.fleet);
  if (!(referenceRate > 0)) return { period, basis, referenceRate, sensitivity: [], rows: () => [], total: 0, lackAge: standings.length };
  const units = standings.map(({ group, rate: { rate, shape, weight, ranked } }): Unit => {
    const key = nameOf(group);
    return { group, rate: { key, rate, shape, weight, ranked }, ages: ages.get(key) ?? [] };
  });
  const known = units.filter((unit) => unit.ages.some((age) => age !== undefined));
  const { scenarios, ranks } = sensitivity(known, referenceRate);
  const places = new Map(ranks.map((one) => [one.key, one]));
  const placed = known.map((unit) => ({ unit, place: places.get(unit.rate.key)?.rank ?? Infinity }));
  placed.sort((a, b) => (a.place === b.place ? (a.unit.rate.key < b.unit.rate.key ? -1 : 1) : a.place - b.place));
  return {
    period,
    basis,
    referenceRate,
    sensitivity: scenarios,
    lackAge: units.length - known.length,
    total: known.length,
    rows: (offset, limit) => placed.slice(offset, offset + limit).map(({ unit }) => rowOf(unit, referenceRate, places.get(unit.rate.key))),
  };
}

interface Unit extends Assessed {
  readonly group: Group;
}

function rowOf(unit: Unit, referenceRate: number, place: Sensitivity["ranks"][number] | undefined): IndexRow {
  const found = evaluate(unit, referenceRate);
  if (found === undefined) throw new Error(`${unit.rate.key} has no lift whose age is known`);
  const { key: _name, ...parts } = found;
  return { ...unit.group, rank: place?.rank ?? null, rankBest: place?.best ?? null, rankWorst: place?.worst ?? null, ...parts };
}

function nameOf({ key, within }: Group): string {
  return `${within ?? ""}\0${key ?? ""}`;
}

/** Years of each lift of a group at the end of the period, null where they are not known. */
function agesByGroup(population: Population, by: Dimension, { period, filters }: RankingQuestion): Map<string, (number | undefined)[]> {
  const { last } = monthDays(period);
  const grouping = groupLifts(population, by, filters);
  const groupOf = grouping.at(last);
  const { groups } = grouping;
  const own = groups.map((): (number | undefined)[] => []);
  const { records, installed } = rollOf(population);
  for (let lift = 0; lift < records.length; lift++) {
    if (records[lift]?.inService === false) continue;
    own[groupOf[lift] ?? -1]?.push(ageYears(installed[lift], last));
  }
  return new Map(groups.map((group, number) => [nameOf(group), own[number]!]));
}
