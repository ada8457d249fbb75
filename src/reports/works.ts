/** What a monthly review says of work on lifts: whether it changed how often they fail, of all of it and of the groups of which that can be told. */
import { LIMITS } from "../config.ts";
import { WORKS, type Work } from "../core/entry.ts";
import { dayName } from "../core/calendar.ts";
import { beforeAfter, type BeforeAfterRow } from "../trends/questions/before-after.ts";
import type { Dimension, Filters, Population } from "../trends/questions/grouping.ts";
import type { Range } from "../trends/questions/tally.ts";
import type { Report, ReportKind } from "./document.ts";
import { daysOf, sourceOf } from "./measures.ts";

type WorkRow = NonNullable<Report["works"]>["rows"][number];

/** Works of the range, as far as the time after them is over by its last day; null where there is nothing to tell. */
export async function worksOf(
  population: Population,
  kind: ReportKind,
  by: Dimension,
  range: Range,
  filters: Filters,
): Promise<Report["works"]> {
  if (kind !== "monthly") return null;
  const days = LIMITS.trends.afterDaysDefault;
  const rows: WorkRow[] = [];
  const sources: string[] = [];
  for (const work of WORKS) {
    const question = { work, days, range, asOf: range.last, filters };
    const [all] = (await beforeAfter(population, { ...question, by: "all" })).rows(0, 1);
    if (all === undefined || all.counted === 0) continue;
    const groups = await beforeAfter(population, { ...question, by });
    rows.push(rowOf(work, "all", all), ...groups.rows(0, groups.better + groups.worse).map((row) => rowOf(work, by, row)));
    const given = { work, days: String(days), ...daysOf(range), asOf: dayName(range.last) };
    for (const one of ["all", by]) sources.push(sourceOf("/api/trends/before-after", { by: one, ...given }, filters));
  }
  return rows.length === 0 ? null : { ...daysOf(range), days, by, sources, rows };
}

function rowOf(work: Work, by: string, row: BeforeAfterRow): WorkRow {
  const { key, within, works, counted, expected, ratio, low, high, adjusted, verdict } = row;
  return { work, by, key, within, works, counted, episodes: row.after.episodes, expected, ratio, low, high, adjusted, verdict };
}
