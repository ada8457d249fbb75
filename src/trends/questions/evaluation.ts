/** `GET /api/index`: the evaluation index of lifts, buildings, makers and firms (docs/index.md). */
import { evaluate, sensitivity, type Assessed, type Evaluation, type Sensitivity } from "../evaluation-index.ts";
import { monthDays } from "../facts/zone-days.ts";
import { ageYears, groupLifts, recordsOf, type Dimension, type Group, type Population } from "./grouping.ts";
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
  readonly rows: readonly IndexRow[];
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
  const referenceRate = question.referenceRate ?? (basis === "fair" ? 1 : prior.fleet);
  const units = standings.map(({ group, rate }): Assessed => ({
    rate: { ...rate, key: nameOf(group) },
    ages: ages.get(nameOf(group)) ?? [],
  }));
  if (!(referenceRate > 0)) return { period: question.period, basis, referenceRate, sensitivity: [], rows: [], lackAge: 0 };
  const { scenarios, ranks } = sensitivity(units, referenceRate);
  const places = new Map(ranks.map((one) => [one.key, one]));
  const rows: IndexRow[] = [];
  let lackAge = 0;
  for (const [place, unit] of units.entries()) {
    const found = evaluate(unit, referenceRate);
    if (found === undefined) {
      lackAge += 1;
      continue;
    }
    const { key, ...parts } = found;
    const rank = places.get(key);
    rows.push({
      ...standings[place]!.group,
      rank: rank?.rank ?? null,
      rankBest: rank?.best ?? null,
      rankWorst: rank?.worst ?? null,
      ...parts,
    });
  }
  rows.sort((a, b) => Number(b.ranked) - Number(a.ranked) || a.index - b.index || (nameOf(a) < nameOf(b) ? -1 : 1));
  return { period: question.period, basis, referenceRate, sensitivity: scenarios, rows, lackAge };
}

function nameOf({ key, within }: Group): string {
  return `${within ?? ""}\0${key ?? ""}`;
}

/** Years of each lift of a group at the end of the period, null where they are not known. */
function agesByGroup(population: Population, by: Dimension, { period, filters }: RankingQuestion): Map<string, (number | undefined)[]> {
  const { last } = monthDays(period);
  const grouping = groupLifts(population, by, filters);
  const groups = grouping.at(last);
  const ages = new Map<string, (number | undefined)[]>();
  for (const [lift, record] of recordsOf(population).entries()) {
    const group = grouping.groups[groups[lift] ?? -1];
    if (group === undefined || record?.inService === false) continue;
    const name = nameOf(group);
    const own = ages.get(name);
    const age = ageYears(record, last) ?? undefined;
    if (own === undefined) ages.set(name, [age]);
    else own.push(age);
  }
  return ages;
}
