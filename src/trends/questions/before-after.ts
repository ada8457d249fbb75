/** `GET /api/trends/before-after`: did work on lifts change how often they fail? One row a work order, or a group's work orders together. */
import { dayName } from "../../core/calendar.ts";
import type { Work } from "../../core/entry.ts";
import { compareToExpected, tailsAgainst, type Expected } from "../expected-after.ts";
import { falseDiscovery } from "../multiplicity.ts";
import type { WorkDone } from "../facts/works.ts";
import { aroundWorks, type AroundWorks, type AskedWorks } from "./around-works.ts";
import { finite } from "./fault-rate.ts";
import { groupLifts, type Dimension, type Filters, type Group, type Population } from "./grouping.ts";
import { checkSize } from "./tally.ts";

/** Of the works, or groups, of which an answer says that they are better or worse, this share at most is expected to be so by chance. */
export const TOLD_LEVEL = 0.05;

export interface BeforeAfterQuestion extends AskedWorks {
  /** `work`: each work order by itself. */
  readonly by: Dimension | "work";
  readonly filters: Filters;
}

/** Episodes, all stopping faults, and lift-months in service. */
export interface Stretch {
  readonly episodes: number;
  readonly faults: number;
  readonly liftMonths: number;
}

export interface BeforeAfterRow extends Group {
  /** Of a single work: ISO 8601, UTC; else null. */
  readonly at: string | null;
  readonly until: string | null;
  readonly note: string | null;
  /** Work orders. */
  readonly works: number;
  /** Of them, those that count: of a lift none within the time after one that counts, so that no day counts twice. Of a single work 1, or 0 where a side is empty. */
  readonly counted: number;
  /** Works of the same kind in the time after. */
  readonly further: number;
  readonly before: Stretch;
  readonly after: Stretch;
  /** Episodes that were to be expected after, had the work changed nothing; null where nothing can be. */
  readonly expected: number | null;
  /** Episodes after over expected ones, with a 95 % interval; `high` is null where nothing bounds it. */
  readonly ratio: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Probability of so few, and of so many, episodes, had the work changed nothing. */
  readonly better: number | null;
  readonly worse: number | null;
  readonly p: number | null;
  /** `p` with all rows of the answer allowed for (Benjamini & Hochberg). */
  readonly adjusted: number | null;
  readonly verdict: "better" | "worse" | null;
}

export interface BeforeAfterAnswer {
  readonly from: string;
  readonly to: string;
  readonly work: Work;
  readonly days: number;
  readonly level: number;
  /** Rows that could be judged, and those that are told to be better, and worse. */
  readonly tested: number;
  readonly better: number;
  readonly worse: number;
  readonly total: number;
  /** The surest first, then the newest; of those that cannot be judged yet, too. */
  readonly rows: (offset: number, limit: number) => readonly BeforeAfterRow[];
}

/** Rows before their intervals are worked out: a place of each array is a row. */
interface Judged {
  readonly groups: readonly Group[];
  readonly single: readonly WorkDone[] | null;
  readonly works: Float64Array;
  readonly counted: Float64Array;
  readonly sums: Sums;
}

/** As of AroundWorks, of one work or of a group's. */
type Sums = Pick<AroundWorks, (typeof SUMMED)[number]>;
const SUMMED = [
  "episodesBefore",
  "faultsBefore",
  "monthsBefore",
  "episodesAfter",
  "faultsAfter",
  "monthsAfter",
  "mean",
  "variance",
  "further",
] as const;

/** @throws OperationalError `query-too-large`. */
export async function beforeAfter(population: Population, question: BeforeAfterQuestion): Promise<BeforeAfterAnswer> {
  const { by, filters, range, work, days } = question;
  checkSize(range, 1, 1);
  const grouping = groupLifts(population, by === "work" ? "lift" : by, filters);
  const places = grouping.at(range.last);
  const around = await aroundWorks(population, question, places);
  const judged = by === "work" ? each(around, grouping.groups, places) : together(around, grouping.groups, places);
  const { single, groups, sums } = judged;
  // What nobody can judge yet comes after everything else.
  const p = sums.mean.map((mean, row) => (mean === 0 ? 2 : tailsAgainst(expectedOf(sums, row), sums.episodesAfter[row]!).p));
  const begun = p.map((_, row) => single?.[row]?.at ?? 0);
  const names = groups.map((): string | undefined => undefined);
  const name = (row: number) => (names[row] ??= nameOf(groups[row]!));
  const order = inOrder(p, (a, b) => p[a]! - p[b]! || begun[b]! - begun[a]! || (name(a) < name(b) ? -1 : 1));
  const tested = p.reduce((count, one) => (one > 1 ? count : count + 1), 0);
  const adjusted = falseDiscovery(Float64Array.from(order.subarray(0, tested), (row) => p[row]!));
  const told = adjusted.findLastIndex((one) => one <= TOLD_LEVEL) + 1;
  const isBetter = (row: number) => sums.episodesAfter[row]! < sums.mean[row]!;
  const better = order.subarray(0, told).reduce((count, row) => (isBetter(row) ? count + 1 : count), 0);
  return {
    from: dayName(range.first),
    to: dayName(range.last),
    work,
    days,
    level: TOLD_LEVEL,
    tested,
    better,
    worse: told - better,
    total: order.length,
    rows: (offset, limit) =>
      Array.from(order.subarray(offset, offset + limit), (row, index) => {
        const verdict = offset + index >= told ? null : isBetter(row) ? "better" : "worse";
        return rowOf(judged, row, adjusted[offset + index] ?? null, verdict);
      }),
  };
}

function each(around: AroundWorks, groups: readonly Group[], places: Int32Array): Judged {
  return {
    groups: around.lifts.map((lift) => groups[places[lift] as number]!),
    single: around.works,
    works: new Float64Array(around.works.length).fill(1),
    counted: around.mean.map((mean) => (mean === 0 ? 0 : 1)),
    sums: around,
  };
}

/** Groups with works; of those that count the sums. */
function together(around: AroundWorks, groups: readonly Group[], places: Int32Array): Judged {
  const numbers = new Map<number, number>();
  const rows = Int32Array.from(around.lifts, (lift) => {
    const place = places[lift] as number;
    const row = numbers.get(place) ?? numbers.size;
    numbers.set(place, row);
    return row;
  });
  const sumOf = (values: ArrayLike<number>) => {
    const sums = new Float64Array(numbers.size);
    for (let index = 0; index < rows.length; index++) sums[rows[index]!]! += values[index] as number;
    return sums;
  };
  const led = (values: Float64Array) => sumOf(values.map((value, index) => value * around.leads[index]!));
  const sums = Object.fromEntries(SUMMED.map((name) => [name, led(around[name])])) as unknown as Sums;
  return {
    groups: [...numbers.keys()].map((place) => groups[place]!),
    single: null,
    works: sumOf(new Uint8Array(rows.length).fill(1)),
    counted: sumOf(around.leads),
    sums: { ...sums, variance: varianceOf(around, rows, numbers.size) },
  };
}

/** Of a lift's works the expectations err together, as they rest on one rate: their errors add up, not the squares of these. */
function varianceOf({ lifts, variance, leads }: AroundWorks, rows: Int32Array, count: number): Float64Array {
  const sums = new Float64Array(count);
  for (let place = 0, error = 0; place < rows.length; place++) {
    if (leads[place] === 1) error += Math.sqrt(variance[place]!);
    if (lifts[place + 1] === lifts[place]) continue;
    sums[rows[place]!]! += error ** 2;
    error = 0;
  }
  return sums;
}

/** Rows by `p`, from 0 to 2: first into drawers, of which most have one row or none, as fifty thousand rows are compared a million times by themselves. */
function inOrder(p: Float64Array, compare: (a: number, b: number) => number): Int32Array {
  const drawers = Math.max(1, 2 * p.length);
  const drawerOf = (row: number) => Math.floor((p[row]! / 2) * (drawers - 1));
  const starts = new Int32Array(drawers + 1);
  for (let row = 0; row < p.length; row++) starts[drawerOf(row) + 1]! += 1;
  for (let drawer = 0; drawer < drawers; drawer++) starts[drawer + 1]! += starts[drawer]!;
  const order = new Int32Array(p.length);
  const next = starts.slice();
  for (let row = 0; row < p.length; row++) order[next[drawerOf(row)]!++] = row;
  for (let drawer = 0; drawer < drawers; drawer++)
    if (starts[drawer + 1]! - starts[drawer]! > 1) order.subarray(starts[drawer], starts[drawer + 1]).sort(compare);
  return order;
}

function nameOf({ key, within }: Group): string {
  return `${within ?? "\uffff"}\0${key ?? "\uffff"}`;
}

function expectedOf({ mean, variance }: Sums, row: number): Expected {
  return { mean: mean[row]!, variance: variance[row]! };
}

function rowOf(
  { groups, single, works, counted, sums }: Judged,
  row: number,
  adjusted: number | null,
  verdict: BeforeAfterRow["verdict"],
): BeforeAfterRow {
  const { key, within } = groups[row]!;
  const done = single?.[row] ?? null;
  const expected = expectedOf(sums, row);
  const found = expected.mean === 0 ? null : compareToExpected(expected, sums.episodesAfter[row]!);
  return {
    key,
    within,
    at: timeOf(done?.at),
    until: timeOf(done?.until),
    note: done?.note ?? null,
    works: works[row]!,
    counted: counted[row]!,
    further: sums.further[row]!,
    before: { episodes: sums.episodesBefore[row]!, faults: sums.faultsBefore[row]!, liftMonths: sums.monthsBefore[row]! },
    after: { episodes: sums.episodesAfter[row]!, faults: sums.faultsAfter[row]!, liftMonths: sums.monthsAfter[row]! },
    expected: found === null ? null : expected.mean,
    ratio: found?.ratio ?? null,
    low: found?.low ?? null,
    high: found === null ? null : finite(found.high),
    better: found?.better ?? null,
    worse: found?.worse ?? null,
    p: found?.p ?? null,
    adjusted,
    verdict,
  };
}

function timeOf(time: number | null | undefined): string | null {
  return time === null || time === undefined ? null : new Date(time).toISOString();
}
