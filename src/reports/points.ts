/** What to know of a report, in a few sentences. */
import { numberText } from "./cells.ts";
import type { MeasureId, Report } from "./document.ts";
import { nameOf, type Words } from "./words.ts";

/** Groups whose names a sentence holds. */
const NAMES = 8;

export function pointsOf(report: Report, words: Words): string[] {
  const { point } = words;
  const measure = (id: MeasureId) => report.measures.find((one) => one.id === id);
  const faults = measure("fault-rate");
  const shutIn = measure("entrapments-per-100-lift-months");
  const arrival = measure("arrival-within");
  const points: string[] = [];
  if (faults !== undefined) {
    const all = report.groups.find(({ by }) => by === "kind")?.rows.reduce((sum, row) => sum + row.faults, 0) ?? 0;
    points.push(point.faults(faults.now.count ?? 0, all, point.verdicts[faults.change?.verdict ?? "unknown"]));
  }
  if (shutIn !== undefined) points.push(point.entrapments(shutIn.now.count ?? 0, point.verdicts[shutIn.change?.verdict ?? "unknown"]));
  if (arrival !== undefined && (arrival.now.of ?? 0) > 0)
    points.push(point.late((arrival.now.of ?? 0) - (arrival.now.count ?? 0), arrival.now.of ?? 0));
  for (const { by, rows } of report.groups) {
    if (by !== "district" && by !== "firm" && by !== "maker") continue;
    const what = words.dimensions[by];
    const names = (chosen: typeof rows) =>
      chosen
        .slice(0, NAMES)
        .map(({ key }) => nameOf(words, by, key))
        .join(words.lang === "zh" ? "、" : ", ") + (chosen.length > NAMES ? " …" : "");
    const outside = rows.filter(({ year }) => year.flagged || (year.ranked && year.fair?.place === "very-high"));
    points.push(outside.length === 0 ? point.noneOutside(what) : point.outside(what, names(outside)));
    const rose = rows.filter(({ change }) => change.verdict === "up");
    if (rose.length > 0) points.push(point.changed(what, names(rose)));
  }
  const { chronic, due, open } = report;
  points.push(point.chronic(chronic.rows.length, numberText(chronic.byChance, 1, words), chronic.least));
  points.push(point.due(due.inspection.past, due.inspection.due, due.insurance.past, due.withinDays));
  if (open.counts.critical + open.counts.high > 0) points.push(point.open(open.counts.critical, open.counts.high));
  return points;
}
