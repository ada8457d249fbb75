/** Which group each lift belongs to, and which lifts are asked about at all. The register as it is now decides; only ages move with time. */
import { LIMITS } from "../../config.ts";
import { useOf, type Use } from "../../core/building-use.ts";
import type { LiftRecord } from "../../core/lift.ts";
import type { Facts } from "../facts/facts.ts";

export const DIMENSIONS = ["district", "firm", "maker", "model", "kind", "ageBand", "building", "use", "lift", "all"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Bands of age in years. */
export const AGE_BANDS = ["0-4", "5-9", "10-14", "15-19", "20-24", "25+"] as const;
export type AgeBand = (typeof AGE_BANDS)[number];
const BAND_YEARS = 5;
const YEAR_DAYS = 365.25;
const DAY_MS = 86_400_000;

/** Each filter must hold. */
export interface Filters {
  readonly district?: string | undefined;
  readonly firm?: string | undefined;
  readonly maker?: string | undefined;
  readonly model?: string | undefined;
  readonly kind?: string | undefined;
  readonly ageBand?: AgeBand | undefined;
  readonly building?: string | undefined;
  readonly userUnit?: string | undefined;
  readonly use?: Use | undefined;
  readonly liftId?: string | undefined;
}

/** Lifts by their numbers in the facts, as the register has them. */
export interface Population {
  readonly facts: Facts;
  readonly register: readonly LiftRecord[];
}

/** A group: what rows call it, and what it stands in: a building its district, a model its maker, a lift its building. */
export interface Group {
  /** Null for lifts of which the register does not say. */
  readonly key: string | null;
  readonly within: string | null;
}

/** Age on a day, in years, of a lift that was installed on another; undefined where that is not known, or later. */
export function ageYears(installed: number | undefined, day: number): number | undefined {
  const years = (day - (installed ?? Number.NaN)) / YEAR_DAYS;
  return years >= 0 ? years : undefined;
}

/** Lifts of a register by their numbers, and the days on which they were installed; NaN where it does not say. */
interface Roll {
  readonly facts: Facts;
  readonly records: readonly (LiftRecord | undefined)[];
  readonly installed: Float64Array;
}
const rolls = new WeakMap<readonly LiftRecord[], Roll>();

/** Made once for a register, and again when lifts are heard that it does not have. */
export function rollOf({ facts, register }: Population): Roll {
  const made = rolls.get(register);
  if (made?.facts === facts && made.records.length === facts.liftIds.length) return made;
  const numbers = register.map(({ liftId }) => facts.numberOf(liftId));
  const records: (LiftRecord | undefined)[] = Array.from({ length: facts.liftIds.length }, () => undefined);
  const installed = new Float64Array(records.length).fill(Number.NaN);
  for (const [index, record] of register.entries()) {
    const lift = numbers[index]!;
    records[lift] = record;
    if (record.installedOn !== undefined) installed[lift] = Date.parse(record.installedOn) / DAY_MS;
  }
  const roll = { facts, records, installed };
  rolls.set(register, roll);
  return roll;
}

/** The records of lifts by their numbers. */
export function recordsOf(population: Population): readonly (LiftRecord | undefined)[] {
  return rollOf(population).records;
}

const uses = new WeakMap<LiftRecord, Use>();

/** What the building is used for; reading it off the name takes a microsecond, and a city has many lifts. */
export function useOfRecord(record: LiftRecord): Use {
  let use = uses.get(record);
  if (use === undefined) uses.set(record, (use = useOf(record)));
  return use;
}

/** Floors matter by their order of magnitude (assumption): low, middle and high buildings. */
function floorsOf({ floors }: LiftRecord): string {
  return floors === undefined ? "" : floors <= 8 ? "low" : floors <= 18 ? "middle" : "high";
}

function groupOf(record: LiftRecord | undefined, liftId: string, by: Dimension): Group {
  switch (by) {
    case "all":
    case "ageBand":
      return { key: "all", within: null };
    case "lift":
      return { key: liftId, within: record?.building ?? null };
    case "use":
      return { key: record === undefined ? null : useOfRecord(record), within: null };
    case "building":
      return { key: record?.building ?? null, within: record?.district ?? null };
    case "model":
      return { key: record?.model ?? null, within: record?.maker ?? null };
    case "district":
    case "firm":
    case "kind":
    case "maker":
      break;
  }
  return { key: record?.[by] ?? null, within: null };
}

/** All but the age, which moves. */
function isAsked(record: LiftRecord | undefined, liftId: string, filters: Filters): boolean {
  const { ageBand: _moves, use, liftId: only, ...texts } = filters;
  if (only !== undefined && liftId !== only) return false;
  if (use !== undefined && (record === undefined || useOfRecord(record) !== use)) return false;
  for (const [column, text] of Object.entries(texts)) if (text !== undefined && record?.[column as keyof LiftRecord] !== text) return false;
  return true;
}

/** Numbers what has a name, from 0. */
function numbering<T>() {
  const numbers = new Map<string, number>();
  const values: T[] = [];
  return {
    values,
    of(name: string, value: () => T): number {
      let number = numbers.get(name);
      if (number === undefined) numbers.set(name, (number = values.push(value()) - 1));
      return number;
    },
  };
}

/** A part of a group: its lifts of one stratum, which fair comparison holds fixed: age × kind × use × floors. */
export interface Part {
  readonly group: number;
  /** By its number: one for all groups that have it. */
  readonly stratum: number;
}

export interface Grouping {
  /** Complete once every month of the period has been asked for. */
  readonly groups: readonly Group[];
  /** Where strata were asked for: `at` gives a lift's part, not its group. */
  readonly parts: readonly Part[];
  /** How many numbers of strata there are. */
  readonly strata: number;
  /** Stands for all groupings that have the same groups by the same numbers on all days; null where it is not steady. */
  readonly key: object | null;
  /** The group, or part, of each lift on a day; -1 for lifts that are not asked about. It stays as it is. */
  at(day: number): Int32Array;
}

/** What of a lift does not move: its group and stratum but for the age. */
interface Fixed {
  /** By lift: the place in `values`; -1 for lifts that are not asked about. */
  readonly of: Int32Array;
  /** Each pair of a group and a stratum that there is, by their numbers. */
  readonly values: readonly { readonly group: number; readonly stratum: number }[];
  readonly groups: readonly Group[];
  readonly strata: number;
  /** Keys of groupings by what does not move, and by age. */
  readonly byGroup: object;
  readonly byAge: object;
}

/** By what was asked for, newest last: naming the groups of a city's lifts takes longer than adding up their years. */
const kept = new WeakMap<Roll, Map<string, Fixed>>();

function fixedOf(population: Population, by: Dimension, filters: Filters, byStratum: boolean): Fixed {
  const roll = rollOf(population);
  const { ageBand: _moves, ...still } = filters;
  const question = JSON.stringify([by === "ageBand" ? "all" : by, byStratum, still]);
  let made = kept.get(roll);
  if (made === undefined) kept.set(roll, (made = new Map()));
  let fixed = made.get(question);
  if (fixed === undefined) {
    fixed = fix(population, roll, by, filters, byStratum);
    for (const oldest of made.keys()) {
      if (made.size < LIMITS.trends.groupings) break;
      made.delete(oldest);
    }
  } else made.delete(question);
  made.set(question, fixed);
  return fixed;
}

function fix({ facts: { liftIds } }: Population, { records }: Roll, by: Dimension, filters: Filters, byStratum: boolean): Fixed {
  const groups = numbering<Group>();
  const strata = numbering<string>();
  const fixed = numbering<{ readonly group: number; readonly stratum: number }>();
  const of = new Int32Array(records.length).fill(-1);
  for (const [lift, record] of records.entries()) {
    const liftId = liftIds[lift] as string;
    if (!isAsked(record, liftId, filters)) continue;
    const own = groupOf(record, liftId, by);
    const group = groups.of(nameOf(own), () => own);
    const name = byStratum && record !== undefined ? `${record.kind ?? ""}|${useOfRecord(record)}|${floorsOf(record)}` : "";
    const stratum = strata.of(name, () => name);
    of[lift] = fixed.of(`${group} ${stratum}`, () => ({ group, stratum }));
  }
  return { of, values: fixed.values, groups: groups.values, strata: strata.values.length, byGroup: {}, byAge: {} };
}

/**
 * Ages are those of the month's first day, so that a lift does not change its group within a month. `steady`: its groups have the same numbers whichever days
 * are asked for, so that it has a key.
 */
export function groupLifts(
  population: Population,
  by: Dimension,
  filters: Filters,
  { byStratum = false, steady = false }: { readonly byStratum?: boolean; readonly steady?: boolean } = {},
): Grouping {
  const { installed } = rollOf(population);
  const fixed = fixedOf(population, by, filters, byStratum);
  const lifts = fixed.of.length;
  const groups: Group[] = [];
  const parts: Part[] = [];
  const moves = by === "ageBand" || filters.ageBand !== undefined || byStratum;
  const asked = filters.ageBand === undefined ? null : AGE_BANDS.indexOf(filters.ageBand);
  const bands = AGE_BANDS.length + 1;
  /** By what is fixed and the band: the group or part, once it has been seen. */
  const numberOf = new Int32Array(fixed.values.length * bands).fill(-1);
  /** By what is fixed, or by the band where ages are asked for. */
  const groupNumbers = new Int32Array(Math.max(fixed.groups.length, bands)).fill(-1);
  let cells = new Int32Array(lifts);
  let madeFor: number | null = null;
  /** The first day on which a lift is of the next band. */
  const movesOn = new Float64Array(lifts);

  function see(place: number, band: number): number {
    const own = fixed.values[place]!;
    const whole = by === "ageBand" ? band : own.group;
    let group = groupNumbers[whole] as number;
    if (group === -1) {
      groupNumbers[whole] = group = groups.length;
      groups.push(by === "ageBand" ? { key: AGE_BANDS[band] ?? null, within: null } : fixed.groups[whole]!);
    }
    return byStratum ? parts.push({ group, stratum: own.stratum * bands + band }) - 1 : group;
  }

  function place(lift: number, first: number): void {
    const own = fixed.of[lift] as number;
    const since = installed[lift] as number;
    const years = (first - since) / YEAR_DAYS;
    const known = moves && years >= 0;
    const band = known ? Math.min(AGE_BANDS.length - 1, Math.floor(years / BAND_YEARS)) : AGE_BANDS.length;
    if (!moves || Number.isNaN(since)) movesOn[lift] = Infinity;
    else if (!known) movesOn[lift] = since;
    else movesOn[lift] = band === AGE_BANDS.length - 1 ? Infinity : since + (band + 1) * BAND_YEARS * YEAR_DAYS;
    if (own < 0 || (asked !== null && band !== asked)) {
      cells[lift] = -1;
      return;
    }
    const slot = own * bands + band;
    if (numberOf[slot] === -1) numberOf[slot] = see(own, band);
    cells[lift] = numberOf[slot] as number;
  }

  // All bands at once, so that they have the same numbers whichever days are asked for.
  if (steady && by === "ageBand" && fixed.values.length > 0) for (let band = 0; band < bands; band++) numberOf[band] = see(0, band);
  return {
    groups,
    parts,
    strata: fixed.strata * bands,
    key: !steady || byStratum || filters.ageBand !== undefined ? null : by === "ageBand" ? fixed.byAge : fixed.byGroup,
    at(day) {
      const first = moves ? monthOf(day) : 0;
      if (first === madeFor) return cells;
      // Within a month one lift in sixty moves on.
      const later = madeFor !== null && first > madeFor;
      if (madeFor !== null) cells = cells.slice();
      madeFor = first;
      for (let lift = 0; lift < lifts; lift++) if (!later || first >= (movesOn[lift] as number)) place(lift, first);
      return cells;
    },
  };
}

function nameOf({ key, within }: Group): string {
  return `${within ?? "\u0001"}\0${key ?? "\u0001"}`;
}

/** First day of a day's month. */
function monthOf(day: number): number {
  const date = new Date(day * DAY_MS);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / DAY_MS;
}
