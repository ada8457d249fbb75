/** Which group each lift belongs to, and which lifts are asked about at all. The register as it is now decides; only ages move with time. */
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
  readonly stratum: string;
}

export interface Grouping {
  /** Complete once every month of the period has been asked for. */
  readonly groups: readonly Group[];
  /** Where strata were asked for: `at` gives a lift's part, not its group. */
  readonly parts: readonly Part[];
  /** The group, or part, of each lift on a day; -1 for lifts that are not asked about. Valid until the next call. */
  at(day: number): Int32Array;
}

/** Ages are those of the month's first day, so that a lift does not change its group within a month. */
export function groupLifts(population: Population, by: Dimension, filters: Filters, byStratum = false): Grouping {
  const { records, installed } = rollOf(population);
  const { liftIds } = population.facts;
  const groups = numbering<Group>();
  const fixed = numbering<{ readonly group: Group; readonly stratum: string }>();
  const parts = numbering<Part>();
  // What moves a lift is its age alone, so that the rest is worked out once.
  const fixedOf = new Int32Array(records.length).fill(-1);
  for (const [lift, record] of records.entries()) {
    const liftId = liftIds[lift] as string;
    if (!isAsked(record, liftId, filters)) continue;
    const group = groupOf(record, liftId, by);
    const stratum = byStratum && record !== undefined ? `${record.kind ?? ""}|${useOfRecord(record)}|${floorsOf(record)}` : "";
    fixedOf[lift] = fixed.of(`${nameOf(group)}\0${stratum}`, () => ({ group, stratum }));
  }
  const moves = by === "ageBand" || filters.ageBand !== undefined || byStratum;
  const bands = AGE_BANDS.length + 1;
  /** By what is fixed and the band: the group or part, once it has been seen. */
  const numberOf = new Int32Array(fixed.values.length * bands).fill(-1);
  const cells = new Int32Array(records.length);
  let madeFor: number | null = null;

  function see(place: number, band: number): number {
    const { group, stratum } = fixed.values[place]!;
    const age = AGE_BANDS[band] ?? null;
    const whole = by === "ageBand" ? { key: age, within: null } : group;
    const number = groups.of(nameOf(whole), () => whole);
    if (!byStratum) return number;
    return parts.of(`${number} ${age ?? ""}|${stratum}`, () => ({ group: number, stratum: `${age ?? ""}|${stratum}` }));
  }

  return {
    groups: groups.values,
    parts: parts.values,
    at(day) {
      const first = moves ? monthOf(day) : 0;
      if (first === madeFor) return cells;
      madeFor = first;
      for (let lift = 0; lift < cells.length; lift++) {
        const place = fixedOf[lift] as number;
        const years = (first - (installed[lift] as number)) / YEAR_DAYS;
        const band = moves && years >= 0 ? Math.min(AGE_BANDS.length - 1, Math.floor(years / BAND_YEARS)) : AGE_BANDS.length;
        if (place < 0 || (filters.ageBand !== undefined && AGE_BANDS[band] !== filters.ageBand)) {
          cells[lift] = -1;
          continue;
        }
        const slot = place * bands + band;
        if (numberOf[slot] === -1) numberOf[slot] = see(place, band);
        cells[lift] = numberOf[slot] as number;
      }
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
