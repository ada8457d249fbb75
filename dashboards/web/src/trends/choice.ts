/** What the manager has chosen. All of it is in the address: which figures, by what, of which months, of which lifts. Pure. */
import type { Work } from "../../../../src/core/entry.ts";
import type { Dimension, Filters } from "../../../../src/trends/questions/grouping.ts";

/** Reads one parameter of the address (`param` of the router); null where it is not there. */
type Read = (name: string) => string | null;

export const SHOWS = ["rates", "ranking", "rescue", "life", "index", "compare", "works", "lifts"] as const;
export type Show = (typeof SHOWS)[number];

/** Which dimensions each kind of figures can be divided by; the first is the default. */
export const BY: Readonly<Record<Show, readonly Dimension[]>> = {
  rates: ["district", "firm", "maker", "model", "ageBand", "kind", "use", "building"],
  ranking: ["firm", "maker", "model", "district", "building", "lift"],
  rescue: ["district", "firm", "maker", "model", "ageBand", "kind", "use", "building"],
  life: ["all", "kind", "use", "maker", "firm", "district"],
  index: ["firm", "maker", "building", "lift"],
  compare: ["firm", "district", "maker", "model", "ageBand", "kind", "use", "building"],
  works: ["firm", "district", "maker", "model", "ageBand", "kind", "use", "building"],
  lifts: ["lift"],
};

export const FILTERS = [
  "district",
  "firm",
  "maker",
  "model",
  "ageBand",
  "kind",
  "use",
  "building",
] as const satisfies readonly (keyof Filters)[];
export type Filter = (typeof FILTERS)[number];
export const AGE_BANDS = ["0-4", "5-9", "10-14", "15-19", "20-24", "25+"] as const;

/** Bands from the youngest to the oldest; lifts of unknown age come last. */
export function byAge<Row extends { readonly key: string | null }>(rows: readonly Row[]): readonly Row[] {
  const place = ({ key }: Row) => {
    const at = AGE_BANDS.findIndex((band) => band === key);
    return at === -1 ? AGE_BANDS.length : at;
  };
  return rows.toSorted((a, b) => place(a) - place(b));
}

/** What an earlier period is: the same months a year before, or as many months just before. */
export const AGAINST = ["year", "before"] as const;
export type Against = (typeof AGAINST)[number];

/** Months YYYY-MM, both inclusive. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;
/** Months of a period when nothing is chosen. */
const USUAL = 12;
/** As far as a question may look back. */
export const MOST_MONTHS = 180;
const DAY_MS = 86_400_000;

/** A month some months after another, or before it. */
export function monthAfter(month: string, months: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}

export function monthsIn({ from, to }: Period): number {
  const [a = 0, b = 0] = from.split("-").map(Number);
  const [c = 0, d = 0] = to.split("-").map(Number);
  return (c - a) * 12 + d - b + 1;
}

/** First and last day, YYYY-MM-DD. */
export function daysOf({ from, to }: Period): { readonly from: string; readonly to: string } {
  return { from: `${from}-01`, to: new Date(Date.parse(`${monthAfter(to, 1)}-01`) - DAY_MS).toISOString().slice(0, 10) };
}

/** The months asked for; those of which something is known (in order) decide what nobody has chosen: the last twelve that are over. */
export function periodOf(known: readonly string[], thisMonth: string, from: string | null, to: string | null): Period {
  const over = known.filter((month) => month < thisMonth);
  const last = to !== null && MONTH.test(to) ? to : (over.at(-1) ?? known.at(-1) ?? thisMonth);
  const usual = monthAfter(last, 1 - USUAL);
  const first = known[0];
  const begin = from !== null && MONTH.test(from) ? from : first !== undefined && first > usual && first <= last ? first : usual;
  if (begin > last) return { from: last, to: last };
  return { from: monthsIn({ from: begin, to: last }) > MOST_MONTHS ? monthAfter(last, 1 - MOST_MONTHS) : begin, to: last };
}

export function earlier(period: Period, against: Against): Period {
  const by = against === "year" ? 12 * Math.ceil(monthsIn(period) / 12) : monthsIn(period);
  return { from: monthAfter(period.from, -by), to: monthAfter(period.to, -by) };
}

export function chosenShow(param: Read): Show {
  return SHOWS.find((show) => show === param("show")) ?? "rates";
}

export function chosenBy(show: Show, param: Read): Dimension {
  return BY[show].find((by) => by === param("by")) ?? BY[show][0] ?? "district";
}

export function chosenAgainst(param: Read): Against {
  return AGAINST.find((against) => against === param("against")) ?? "year";
}

/** The one that is asked about most comes first. */
export const WORKS = ["repair", "modernisation", "maintenance"] as const satisfies readonly Work[];

export function chosenWork(param: Read): Work {
  return WORKS.find((work) => work === param("work")) ?? "repair";
}

/** Filters that are set. */
export function chosenFilters(param: Read): Partial<Record<Filter, string>> {
  const set = FILTERS.flatMap((name) => {
    const value = param(name);
    return value === null ? [] : [[name, value] as const];
  });
  return Object.fromEntries(set);
}

type Parameters = Readonly<Record<string, string | number | undefined>>;

/** A path with the parameters that are there. */
export function address(path: string, parameters: Parameters): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

/** What a group stands in is a filter of its own: two districts may have a building of one name. */
const WITHIN: Partial<Readonly<Record<Dimension, Filter>>> = { building: "district", model: "maker" };

/** The page of a group's lifts, or of a lift; null where the register does not say which lifts they are. */
export function liftsOf(
  by: Dimension,
  { key, within }: { readonly key: string | null; readonly within: string | null },
  period: Period,
  filters: Partial<Record<Filter, string>>,
): string | null {
  if (key === null) return null;
  if (by === "lift") return `/lift/${encodeURIComponent(key)}`;
  if (by === "all") return address("/trends", { show: "lifts", ...period, ...filters });
  const outer = WITHIN[by];
  return address("/trends", {
    show: "lifts",
    ...period,
    ...filters,
    ...(outer === undefined || within === null ? {} : { [outer]: within }),
    [by]: key,
  });
}
