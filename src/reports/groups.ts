/** Tables of a report by district, firm, maker, age …: the period, the one before, and the twelve months that comparisons need. */
import { AGE_BANDS, type Dimension, type Filters, type Population } from "../trends/questions/grouping.ts";
import type { Counts } from "../trends/before-after.ts";
import { faultRate, type FaultRateAnswer, type FaultRateRow } from "../trends/questions/fault-rate.ts";
import { MONTH_DAYS, type Range } from "../trends/questions/tally.ts";
import { slices } from "../trends/questions/slices.ts";
import { changesOf } from "./changes.ts";
import type { GroupRow, Groups, Scope } from "./document.ts";
import { daysOf, sourceOf } from "./measures.ts";

/** Rows worked out without a pause: each has four quantiles. */
const ROWS = 100;

export interface Ranges {
  readonly now: Range;
  readonly before: Range;
  readonly year: Range;
}

/** What a report of this scope is divided by. */
export function dimensionsOf({ district, firm, userUnit }: Scope): readonly Dimension[] {
  if (userUnit !== undefined) return ["building", "kind", "ageBand"];
  if (firm !== undefined)
    return district === undefined ? ["district", "maker", "ageBand", "kind"] : ["building", "maker", "ageBand", "kind"];
  if (district !== undefined) return ["firm", "maker", "ageBand", "kind"];
  return ["district", "firm", "maker", "ageBand", "kind"];
}

/** Worst first by what is fair (observed over expected, shrunk) where that is known; ages in their order. */
export async function groupsOf(population: Population, by: Dimension, ranges: Ranges, filters: Filters): Promise<Groups> {
  const ask = async (range: Range) => rowsOf(await faultRate(population, { by, bucket: "total", range, filters }));
  const [now, before, year] = [await ask(ranges.now), await ask(ranges.before), await ask(ranges.year)];
  const [byName, pastByName] = [named(now), named(before)];
  const pairs = year.map((row) => ({ before: counts(pastByName.get(nameOf(row))), after: counts(byName.get(nameOf(row))) }));
  const changes = changesOf(pairs);
  const rows = year.map((row, index): GroupRow & { readonly order: number } => {
    const [own, pair] = [byName.get(nameOf(row)), pairs[index]!];
    return {
      key: row.key,
      within: row.within,
      faults: own?.faults ?? 0,
      episodes: pair.after.events,
      liftMonths: pair.after.exposure,
      rate: own?.perLiftMonth ?? null,
      low: own?.low ?? 0,
      high: own?.high ?? null,
      before: { episodes: pair.before.events, liftMonths: pair.before.exposure, rate: pastByName.get(nameOf(row))?.perLiftMonth ?? null },
      change: changes[index]!,
      year: yearOf(row),
      order: by === "ageBand" ? -AGE_BANDS.indexOf(row.key as (typeof AGE_BANDS)[number]) : (row.fair?.shrunk ?? row.shrunk),
    };
  });
  const sorted = rows.toSorted(
    (a, b) =>
      (by === "ageBand" ? 0 : Number(b.year.ranked) - Number(a.year.ranked)) || b.order - a.order || (nameOf(a) < nameOf(b) ? -1 : 1),
  );
  const source = (range: Range) => sourceOf("/api/trends/fault-rate", { by, bucket: "total", ...daysOf(range) }, filters);
  return { by, source: source(ranges.now), yearSource: source(ranges.year), rows: sorted.map(({ order: _order, ...row }) => row) };
}

function counts(row: FaultRateRow | undefined): Counts {
  return { events: row?.episodes ?? 0, exposure: (row?.liftDays ?? 0) / MONTH_DAYS };
}

function yearOf(row: FaultRateRow): GroupRow["year"] {
  const {
    episodes,
    liftDays,
    perLiftMonth: rate,
    low: rateLow,
    high: rateHigh,
    shrunk,
    shrunkLow,
    shrunkHigh,
    aboveTwiceFleet,
    ranked,
    flagged,
    fair,
  } = row;
  return {
    episodes,
    liftMonths: liftDays / MONTH_DAYS,
    rate,
    rateLow,
    rateHigh,
    shrunk,
    low: shrunkLow,
    high: shrunkHigh,
    aboveTwiceFleet,
    ranked,
    flagged,
    fair: fair === null ? null : { expected: fair.expected, ratio: fair.ratio, low: fair.low, high: fair.high, place: fair.place },
  };
}

async function rowsOf(answer: FaultRateAnswer): Promise<FaultRateRow[]> {
  const all: FaultRateRow[] = [];
  const yielding = slices();
  while (all.length < answer.total) {
    all.push(...answer.rows(all.length, ROWS));
    await yielding();
  }
  return all;
}

function named(rows: readonly FaultRateRow[]): Map<string, FaultRateRow> {
  return new Map(rows.map((row) => [nameOf(row), row]));
}

function nameOf({ key, within }: { readonly key: string | null; readonly within: string | null }): string {
  return `${within ?? "\u{1}"}\0${key ?? "\u{1}"}`;
}
