/** `GET /api/trends/fault-rate`: stopping faults by group and time, with exposure, intervals, shrunk rates and fair comparison. */
import { dayName } from "../../core/calendar.ts";
import { garwood } from "../fault-rate.ts";
import type { Counted } from "../fault-rate.ts";
import type { Bucket } from "../facts/zone-days.ts";
import { funnel, type FunnelPoint } from "../funnel.ts";
import { fitPrior, posteriorInterval, shrinker, type ShrunkRate } from "../shrinkage.ts";
import { standardiseNumbered, type NumberedCell } from "../standardise.ts";
import { groupLifts, type Dimension, type Filters, type Grouping, type Part, type Population } from "./grouping.ts";
import { pagesOf, startsOf } from "./pages.ts";
import { DAY_MS, MONTH_MS, tallyUp, type Range, type Tally } from "./tally.ts";

/** Groups with less exposure are shown and not ranked (statistics.md §3); a lift of its own is as it is. */
export const LEAST_LIFT_MONTHS = 30;
/** Groups that answer for what they are given: they are compared with what their lifts would have had in the whole fleet. */
export const COMPARED: readonly Dimension[] = ["firm", "maker", "model", "district", "building"];

export interface FaultRateQuestion {
  readonly by: Dimension;
  readonly bucket: Bucket;
  readonly range: Range;
  readonly filters: Filters;
}

/** Observed over expected, where expected is what the fleet's lifts of the same age, kind, use and floors had. */
export interface FairRatio {
  readonly expected: number;
  readonly ratio: number | null;
  readonly low: number;
  /** Null where nothing bounds it. */
  readonly high: number | null;
  readonly shrunk: number;
  /** Where it stands in the funnel, dispersion allowed for. */
  readonly place: FunnelPoint["place"] | null;
  /** Share of the expected that rests on the group's own lifts. */
  readonly own: number;
}

/** Rates are episodes a lift-month of 30.4375 days in service; intervals are 95 % ones. */
export interface FaultRateRow {
  readonly key: string | null;
  /** A building's district, a model's maker, a lift's building. */
  readonly within: string | null;
  readonly bucket: string;
  /** Stopping faults, all of them. */
  readonly faults: number;
  /** Of them, those more than 3 days after the lift's last one: what rates count. */
  readonly episodes: number;
  readonly liftDays: number;
  readonly trips: number;
  readonly perLiftMonth: number | null;
  /** Garwood's interval of it. */
  readonly low: number;
  readonly high: number | null;
  /** Stopping faults, all of them, a lift-month. */
  readonly faultsPerLiftMonth: number | null;
  /** Stopping faults of days whose trips are known, a thousand of those trips. */
  readonly per1000Trips: number | null;
  readonly shrunk: number;
  readonly shrunkLow: number;
  readonly shrunkHigh: number | null;
  /** P(rate > 2 × the fleet's). */
  readonly aboveTwiceFleet: number;
  readonly ranked: boolean;
  readonly flagged: boolean;
  readonly fair: FairRatio | null;
}

export interface FaultRateAnswer {
  readonly from: string;
  readonly to: string;
  /** The rows from `offset` on, by bucket and key. */
  readonly rows: (offset: number, limit: number) => readonly FaultRateRow[];
  readonly total: number;
}

interface Unit extends Counted {
  readonly bucket: number;
  readonly group: number;
}

/** What the rows of one bucket have in common: worked out for a page that shows some of them. */
interface Shown {
  readonly units: readonly Unit[];
  readonly shrunk: (unit: Unit) => ShrunkRate;
  readonly fair: (unit: Unit) => FairRatio | null;
}

/** @throws OperationalError `query-too-large`. */
export async function faultRate(population: Population, question: FaultRateQuestion): Promise<FaultRateAnswer> {
  const { by, bucket, range, filters } = question;
  const fair = COMPARED.includes(by) && (bucket === "month" || bucket === "total");
  const grouping = groupLifts(population, by, filters, { byStratum: fair, steady: true });
  const divided = await tallyUp(population.facts, range, bucket, grouping, () => (fair ? grouping.parts.length : grouping.groups.length));
  const tally = fair ? together(divided, grouping) : divided;
  const order = Int32Array.from(grouping.groups, (_, group) => group).sort((a, b) => compareGroups(grouping, a, b));
  const starts = startsOf(
    tally,
    ({ inServiceMs, episodes, faults }, cell) => inServiceMs[cell]! > 0 || episodes[cell]! > 0 || faults[cell]! > 0,
  );
  const leastExposure = by === "lift" ? 0 : LEAST_LIFT_MONTHS;

  function shown(index: number): Shown {
    const units: Unit[] = [];
    for (const group of order) {
      const unit = unitOf(tally, index, group);
      if (unit.exposure > 0 || unit.events > 0 || tally.faults[index * tally.groups + group]! > 0) units.push(unit);
    }
    const ratios = fair ? fairRatios(divided, grouping, index) : null;
    return { units, shrunk: shrinker(fitPrior(units), { leastExposure }), fair: ({ group }) => ratios?.(group) ?? null };
  }

  return {
    from: dayName(range.first),
    to: dayName(range.last),
    total: starts.at(-1)!,
    rows: pagesOf(starts, shown, ({ units, shrunk, fair: compared }, from, to) =>
      units.slice(from, to).map((unit) => rowOf(tally, grouping, unit, shrunk(unit), compared(unit))),
    ),
  };
}

function compareGroups({ groups }: Grouping, a: number, b: number): number {
  const [one, other] = [groups[a]!, groups[b]!];
  return order(one.within, other.within) || order(one.key, other.key);
}

/** Nulls last. */
function order(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}

/** Parts added up to their groups. */
function together(divided: Tally, { groups, parts }: Grouping): Tally {
  const groupOf = Int32Array.from(parts, ({ group }) => group);
  const sum = (cells: Float64Array) => {
    const result = new Float64Array(divided.buckets.length * groups.length);
    for (let bucket = 0; bucket < divided.buckets.length; bucket++) {
      const [to, from] = [bucket * groups.length, bucket * divided.groups];
      for (let part = 0; part < groupOf.length; part++) result[to + groupOf[part]!]! += cells[from + part] as number;
    }
    return result;
  };
  return {
    buckets: divided.buckets,
    groups: groups.length,
    liftsOn: divided.liftsOn,
    inServiceMs: sum(divided.inServiceMs),
    trips: sum(divided.trips),
    faults: sum(divided.faults),
    countedFaults: sum(divided.countedFaults),
    episodes: sum(divided.episodes),
  };
}

function unitOf({ groups, episodes, inServiceMs }: Tally, bucket: number, group: number): Unit {
  const cell = bucket * groups + group;
  return { key: String(group), events: episodes[cell]!, exposure: inServiceMs[cell]! / MONTH_MS, bucket, group };
}

/** Of the groups of one bucket, each worked out when it is asked for. */
function fairRatios(divided: Tally, { groups, parts, strata }: Grouping, bucket: number): (group: number) => FairRatio | null {
  const cells: NumberedCell[] = [];
  for (let part = 0, cell = bucket * divided.groups; part < parts.length; part++, cell++) {
    const events = divided.episodes[cell] as number;
    const exposure = (divided.inServiceMs[cell] as number) / MONTH_MS;
    const { group, stratum } = parts[part] as Part;
    if (exposure > 0 || events > 0) cells.push({ group, stratum, events, exposure });
  }
  const found = standardiseNumbered(cells, groups.length, strata);
  const units = found.map(({ group, events, exposure }) => ({ key: String(group), events, exposure }));
  const shrunk = shrinker(fitPrior(units));
  const places = new Map(funnel(units).points.map(({ key, place }) => [key, place]));
  const numbers = new Map(found.map(({ group }, index) => [group, index]));
  return (group) => {
    const index = numbers.get(group);
    if (index === undefined) return null;
    const [{ own }, unit] = [found[index]!, units[index]!];
    const { rate = null, low, high } = garwood(unit.events, unit.exposure);
    const place = places.get(unit.key) ?? null;
    return { expected: unit.exposure, ratio: rate, low, high: finite(high), shrunk: shrunk(unit).rate, place, own };
  };
}

function rowOf(tally: Tally, { groups }: Grouping, unit: Unit, shrunk: ShrunkRate, fair: FairRatio | null): FaultRateRow {
  const cell = unit.bucket * tally.groups + unit.group;
  const { key, within } = groups[unit.group]!;
  const { rate = null, low, high } = garwood(unit.events, unit.exposure);
  const bounds = posteriorInterval(shrunk);
  const [faults, trips] = [tally.faults[cell]!, tally.trips[cell]!];
  return {
    key,
    within,
    bucket: tally.buckets[unit.bucket]!,
    faults,
    episodes: unit.events,
    liftDays: tally.inServiceMs[cell]! / DAY_MS,
    trips,
    perLiftMonth: rate,
    low,
    high: finite(high),
    faultsPerLiftMonth: unit.exposure > 0 ? faults / unit.exposure : null,
    per1000Trips: trips > 0 ? (1_000 * tally.countedFaults[cell]!) / trips : null,
    shrunk: shrunk.rate,
    shrunkLow: bounds.low,
    shrunkHigh: finite(bounds.high),
    aboveTwiceFleet: shrunk.exceedance,
    ranked: shrunk.ranked,
    flagged: shrunk.flagged,
    fair,
  };
}

export function finite(value: number): number | null {
  return value === Infinity ? null : value;
}
