/** `GET /api/index`: the evaluation index of lifts, buildings, makers and firms (docs/index.md). */
import { evaluate, sensitivity, type Assessed, type Evaluation, type Sensitivity } from "../evaluation-index.ts";
import { monthDays } from "../facts/zone-days.ts";
import { ageYears, rollOf, type Group, type Grouping, type Population } from "./grouping.ts";
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
  const { basis, prior, standings, grouping } = await standingsOf(population, question);
  const ages = agesByGroup(population, grouping, monthDays(question.period).last, basis === "fair");
  const { period } = question;
  const referenceRate = question.referenceRate ?? (basis === "fair" ? 1 : prior.fleet);
  if (!(referenceRate > 0)) return { period, basis, referenceRate, sensitivity: [], rows: () => [], total: 0, lackAge: standings.length };
  const known: Unit[] = [];
  for (const { group, rate } of standings) {
    const own = ages.get(group) ?? [];
    if (own.some((age) => age !== undefined)) known.push({ group, name: nameOf(group), rate, ages: own });
  }
  const { scenarios, ranks } = sensitivity(known, referenceRate);
  // Ranks are of the ranked ones, in their order.
  let next = 0;
  const placed = known.map((unit) => ({ unit, place: unit.rate.ranked ? ranks[next++] : undefined }));
  placed.sort((a, b) => {
    const [one, other] = [a.place?.rank ?? Infinity, b.place?.rank ?? Infinity];
    return one === other ? (a.unit.name < b.unit.name ? -1 : 1) : one - other;
  });
  return {
    period,
    basis,
    referenceRate,
    sensitivity: scenarios,
    lackAge: standings.length - known.length,
    total: known.length,
    rows: (offset, limit) => placed.slice(offset, offset + limit).map(({ unit, place }) => rowOf(unit, referenceRate, place)),
  };
}

interface Unit extends Assessed {
  readonly group: Group;
  readonly name: string;
}

function rowOf(unit: Unit, referenceRate: number, place: Sensitivity["ranks"][number] | undefined): IndexRow {
  const found = evaluate(unit, referenceRate);
  if (found === undefined) throw new Error(`${unit.name} has no lift whose age is known`);
  const { key, within } = unit.group;
  const { index, low, high, grade, chances, sure, ranked, faults, serviceLife } = found;
  const [rank, rankBest, rankWorst] = [place?.rank ?? null, place?.best ?? null, place?.worst ?? null];
  return { key, within, rank, rankBest, rankWorst, index, low, high, grade, chances, sure, ranked, faults, serviceLife };
}

/** Groups are kept from question to question (grouping.ts), and their names with them. */
const names = new WeakMap<Group, string>();

function nameOf(group: Group): string {
  let name = names.get(group);
  if (name === undefined) names.set(group, (name = `${group.within ?? ""}\0${group.key ?? ""}`));
  return name;
}

/** Years of each lift of a group on a day, undefined where they are not known. `byParts` where the grouping is by strata. */
function agesByGroup(
  population: Population,
  grouping: Grouping,
  day: number,
  byParts: boolean,
): ReadonlyMap<Group, readonly (number | undefined)[]> {
  const places = grouping.at(day);
  const { records, installed } = rollOf(population);
  const ages = new Map<Group, (number | undefined)[]>();
  for (let lift = 0; lift < records.length; lift++) {
    const place = places[lift] ?? -1;
    if (place < 0 || records[lift]?.inService === false) continue;
    const group = grouping.groups[byParts ? grouping.parts[place]!.group : place]!;
    const age = ageYears(installed[lift], day);
    const own = ages.get(group);
    if (own === undefined) ages.set(group, [age]);
    else own.push(age);
  }
  return ages;
}
