/** `GET /api/index`: the evaluation index of lifts, buildings, makers and firms (docs/index.md). */
import { ascending } from "../ascending.ts";
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
    if (own.some((age) => age !== undefined)) known.push({ group, rate, ages: own });
  }
  const { scenarios, ranks } = sensitivity(known, referenceRate);
  const order = worstFirst(known, ranks);
  return {
    period,
    basis,
    referenceRate,
    sensitivity: scenarios,
    lackAge: standings.length - known.length,
    total: known.length,
    rows: (offset, limit) => order.slice(offset, offset + limit).map(({ unit, place }) => rowOf(unit, referenceRate, place)),
  };
}

interface Unit extends Assessed {
  readonly group: Group;
}

function rowOf(unit: Unit, referenceRate: number, place: Sensitivity["ranks"][number] | undefined): IndexRow {
  const found = evaluate(unit, referenceRate);
  if (found === undefined) throw new Error(`${nameOf(unit.group)} has no lift whose age is known`);
  const { key, within } = unit.group;
  const { index, low, high, grade, chances, sure, ranked, faults, serviceLife } = found;
  const [rank, rankBest, rankWorst] = [place?.rank ?? null, place?.best ?? null, place?.worst ?? null];
  return { key, within, rank, rankBest, rankWorst, index, low, high, grade, chances, sure, ranked, faults, serviceLife };
}

interface Placed {
  readonly unit: Unit;
  /** Undefined where it is not ranked. */
  readonly place: Sensitivity["ranks"][number] | undefined;
}

/** By rank, then by name; `ranks` are of the ranked units, in their order. */
function worstFirst(units: readonly Unit[], ranks: Sensitivity["ranks"]): Placed[] {
  let next = 0;
  const placed = units.map((unit): Placed => ({ unit, place: unit.rate.ranked ? ranks[next++] : undefined }));
  const rankOf = ({ place }: Placed) => place?.rank ?? units.length + 1;
  const order = Array.from(ascending(Float64Array.from(placed, rankOf)), (index) => placed[index]!);
  for (let first = 0, end = 0; first < order.length; first = end) {
    end = first + 1;
    while (end < order.length && rankOf(order[end]!) === rankOf(order[first]!)) end++;
    if (end - first > 1) {
      const named = order.slice(first, end).map((one) => ({ one, name: nameOf(one.unit.group) }));
      named.sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const [index, { one }] of named.entries()) order[first + index] = one;
    }
  }
  return order;
}

function nameOf(group: Group): string {
  return `${group.within ?? ""}\0${group.key ?? ""}`;
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
