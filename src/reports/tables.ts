/** The document of a report as tables, in the reader's words. */
import { localTime } from "./local-time.ts";
import type { Cell, Column, Figure, Table } from "./cells.ts";
import { numberText } from "./cells.ts";
import type { Change, GroupRow, Measure, MeasureId, Reason, Report, Value } from "./document.ts";
import { nameOf, type Words } from "./words.ts";
import { worksTable } from "./works-table.ts";

/** Lines of a table on the printed page. */
const PRINTED = 40;
const MINUTE_MS = 60_000;
const SHARES: ReadonlySet<MeasureId> = new Set(["response-within", "arrival-within", "availability", "recurrence"]);
const DIGITS: Readonly<Record<MeasureId, number>> = {
  "fault-rate": 4,
  "faults-per-1000-trips": 3,
  "entrapments-per-100-lift-months": 2,
  "monthly-entrapment-rate": 2,
  "response-within": 1,
  "response-median": 1,
  "arrival-within": 1,
  "arrival-median": 1,
  "rescue-median": 1,
  availability: 2,
  "days-between-faults": 0,
  "repair-median": 1,
  "repair-mean": 1,
  recurrence: 1,
};
const RATE_DIGITS = 4;

export function tablesOf(report: Report, words: Words): Table[] {
  return [
    summary(report, words),
    ...(report.standing === null ? [] : [groupTable("standing", report, [report.standing], [], words)]),
    spotChecks(report, words),
    ...report.groups.map(({ by, rows, source, yearSource }) =>
      groupTable(
        by,
        report,
        rows,
        [source, yearSource].filter((one) => one !== null),
        words,
      ),
    ),
    chart(report, words),
    chronic(report, words),
    entrapments(report, words),
    open(report, words),
    ...(report.works === null ? [] : [worksTable(report.works, words)]),
    ...(report.operatorLoad === null ? [] : [load(report.operatorLoad, words)]),
    due(report, words),
  ];
}

export function measureFigure({ id }: Pick<Measure, "id">, { value, low, high }: Value): Figure {
  return { value, low, high, digits: DIGITS[id], share: SHARES.has(id) };
}

/** What may be said of a change, in words. */
export function changeText(change: Change | null, words: Words, late = false): string {
  if (change === null) return words.change.untested;
  const { verdict, ratio } = change;
  if (verdict === "same" || verdict === "unknown") return words.change[verdict];
  if (ratio === null) return words.change.upFromNone;
  const text = numberText(ratio, 2, words);
  if (late) return words.change[verdict === "up" ? "lateUp" : "lateDown"](text);
  return words.change[verdict](text);
}

function summary({ measures }: Report, words: Words): Table {
  const { columns } = words;
  return {
    id: "summary",
    title: words.sections.summary,
    notes: [],
    columns: [
      { id: "measure", label: columns.measure, wide: true },
      { id: "now", label: columns.now, figures: true },
      { id: "before", label: columns.before, figures: true },
      { id: "change", label: columns.change, whole: true },
      { id: "ratio", label: columns.ratio, digits: 3, sheetOnly: true },
      { id: "p", label: columns.p, digits: 3, sheetOnly: true },
      { id: "count", label: columns.count, sheetOnly: true },
      { id: "of", label: columns.of, digits: 1, sheetOnly: true },
    ],
    rows: measures
      .filter(({ now, before }) => now.value !== null || before.value !== null)
      .map((measure) => {
        const { id, now, before, change } = measure;
        return [
          words.measures[id],
          measureFigure(measure, now),
          measureFigure(measure, before),
          changeText(change, words, id.endsWith("-within")),
          change?.ratio ?? null,
          change?.p ?? null,
          now.count,
          now.of,
        ];
      }),
    printed: PRINTED,
    sources: [...new Set(measures.flatMap(({ source }) => source ?? []))],
  };
}

function groupTable(by: string, report: Report, rows: readonly GroupRow[], sources: readonly string[], words: Words): Table {
  const { columns } = words;
  const dimension = by === "standing" ? (report.scope.firm === undefined ? "district" : "firm") : by;
  const fair = rows.some(({ year }) => year.fair !== null);
  const section = by as keyof Words["sections"] & keyof Words["dimensions"];
  return {
    id: by,
    title: words.sections[section],
    notes: [],
    columns: [
      { id: dimension, label: words.dimensions[dimension as keyof Words["dimensions"]], wide: true },
      { id: "episodes", label: columns.episodes },
      { id: "faults", label: columns.faults, sheetOnly: true },
      { id: "liftMonths", label: columns.liftMonths },
      { id: "rate", label: columns.rate, figures: true },
      { id: "before", label: columns.before, digits: RATE_DIGITS },
      { id: "change", label: columns.change, whole: true },
      { id: "p", label: columns.p, digits: 3, sheetOnly: true },
      { id: "year", label: columns.yearRate, figures: true, ...(fair ? { sheetOnly: true } : {}) },
      ...(fair ? [{ id: "fair", label: columns.fair, figures: true }] : []),
      { id: "finding", label: columns.verdict },
    ],
    rows: rows.map(({ key, episodes, faults, liftMonths, rate, low, high, before, change, year }): Cell[] => [
      nameOf(words, dimension, key),
      episodes,
      faults,
      liftMonths,
      { value: rate, low, high, digits: RATE_DIGITS },
      before.rate,
      changeText(change, words),
      change.p,
      { value: year.shrunk, low: year.low, high: year.high, digits: RATE_DIGITS },
      ...(fair ? [year.fair === null ? null : { value: year.fair.ratio, low: year.fair.low, high: year.fair.high, digits: 2 }] : []),
      findingOf(year, words),
    ]),
    printed: PRINTED,
    sources,
  };
}

/** The gravest finding of a group. */
export function findingOf({ ranked, flagged, fair }: GroupRow["year"], words: Words): string {
  if (!ranked) return words.findings.unranked;
  if (flagged) return words.findings.flagged;
  return words.findings[fair?.place ?? "within"];
}

interface Placed {
  readonly liftId: string;
  readonly district: string | null;
  readonly building: string | null;
  readonly firm: string | null;
  readonly userUnit: string | null;
}

function liftColumns({ columns }: Words): Column[] {
  return [
    { id: "liftId", label: columns.lift, whole: true },
    { id: "district", label: columns.district, whole: true },
    { id: "building", label: columns.building, wide: true },
    { id: "firm", label: columns.firm, wide: true },
    { id: "userUnit", label: columns.userUnit, sheetOnly: true },
  ];
}

function liftCells({ liftId, district, building, firm, userUnit }: Placed, words: Words): Cell[] {
  return [liftId, district === null ? null : nameOf(words, "district", district), building, firm, userUnit];
}

function spotChecks({ spotChecks: { rows } }: Report, words: Words): Table {
  const { columns } = words;
  return {
    id: "spot-checks",
    title: words.sections["spot-checks"],
    notes: [],
    columns: [
      { id: "rank", label: columns.rank },
      ...liftColumns(words),
      { id: "points", label: columns.points },
      { id: "reasons", label: columns.reasons, wide: true },
    ],
    rows: rows.map((row) => [
      row.rank,
      ...liftCells(row, words),
      row.points,
      row.reasons.map((reason) => `${reasonText(reason, words)} [${reason.points}]`).join(words.lang === "zh" ? "；" : "; "),
    ]),
    printed: PRINTED,
    sources: [],
  };
}

function reasonText({ code, value }: Reason, words: Words): string {
  const said = words.reasons[code];
  if (code === "alert-critical" || code === "alert-high") return said(words.hazards[value as keyof Words["hazards"]]);
  if (code === "rate-flagged" || code === "rate-high") return said(numberText(Number(value), code === "rate-high" ? 1 : 2, words));
  return said(typeof value === "number" ? numberText(value, 0, words) : (value ?? ""));
}

function chart({ chart: { points, source, bucket } }: Report, words: Words): Table {
  const { columns } = words;
  return {
    id: "chart",
    title: words.sections.chart,
    notes: [],
    columns: [
      { id: "bucket", label: words.plots.buckets[bucket] },
      { id: "episodes", label: columns.episodes },
      { id: "liftMonths", label: columns.liftMonths, digits: 1 },
    ],
    rows: points.map(({ name, episodes, liftMonths }) => [name, episodes, liftMonths]),
    printed: 0,
    sources: source === null ? [] : [source],
  };
}

function chronic({ chronic: { rows, byChance, least, from, to } }: Report, words: Words): Table {
  return {
    id: "chronic",
    title: `${words.sections.chronic} (${words.period(from, to)})`,
    notes: [words.point.chronic(rows.length, numberText(byChance, 1, words), least)],
    columns: [...liftColumns(words), { id: "faults", label: words.columns.faults }],
    rows: rows.map((row) => [...liftCells(row, words), row.faults]),
    printed: PRINTED,
    sources: [],
  };
}

function minutes(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : (to - from) / MINUTE_MS;
}

function entrapments({ entrapments: rows, timezone }: Report, words: Words): Table {
  const { columns } = words;
  return {
    id: "entrapments",
    title: words.sections.entrapments,
    notes: [],
    columns: [
      { id: "at", label: columns.at, whole: true },
      ...liftColumns(words),
      { id: "dispatchedMinutes", label: columns.dispatched, digits: 1 },
      { id: "arrivedMinutes", label: columns.arrived, digits: 1 },
      { id: "rescuedMinutes", label: columns.rescued, digits: 1 },
    ],
    rows: rows.map((row) => [
      localTime(row.at, timezone),
      ...liftCells(row, words),
      minutes(row.toldAt, row.dispatchedAt),
      minutes(row.dispatchedAt ?? row.toldAt, row.arrivedAt),
      minutes(row.arrivedAt, row.rescuedAt),
    ]),
    printed: PRINTED,
    sources: [],
  };
}

function open({ open: { rows, counts }, timezone }: Report, words: Words): Table {
  const { columns } = words;
  return {
    id: "open",
    title: words.sections.open,
    notes: [words.point.open(counts.critical, counts.high)],
    columns: [
      { id: "priority", label: columns.priority, whole: true },
      { id: "hazard", label: columns.hazard },
      ...liftColumns(words),
      { id: "since", label: columns.since, whole: true },
      { id: "acknowledged", label: columns.acknowledged },
    ],
    rows: rows.map((row) => [
      words.priorities[row.priority],
      words.hazards[row.hazard],
      ...liftCells(row, words),
      localTime(row.raisedAt, timezone),
      row.acknowledged ? words.yes : words.no,
    ]),
    printed: PRINTED,
    sources: ["/api/alerts?state=active"],
  };
}

function load(report: NonNullable<Report["operatorLoad"]>, words: Words): Table {
  const { perDay, floods, stale, chattering, verdict, from, to, positions } = report;
  return {
    id: "load",
    title: words.sections.load,
    notes: [],
    columns: [
      { id: "measure", label: words.columns.measure, wide: true },
      { id: "value", label: words.columns.value, digits: 1 },
    ],
    rows: [
      [words.load.perDay, perDay.average],
      [words.load.peakDay, perDay.peak],
      [words.load.floods, floods.count],
      [words.load.stale, stale.count],
      [words.load.chattering, chattering.count],
      [words.load.verdict, words.load.verdicts[verdict]],
    ],
    printed: PRINTED,
    sources: [`/api/reports/operator-load?from=${from}&to=${to}&positions=${positions}`],
  };
}

function due({ due: { rows, withinDays, inspection, insurance, asOf } }: Report, words: Words): Table {
  const { columns } = words;
  const said = (["inspection", "insurance"] as const).map((what) => {
    const { past, due: soon, unknown } = { inspection, insurance }[what];
    return words.due(words.what[what], past, soon, withinDays, unknown);
  });
  return {
    id: "due",
    title: `${words.sections.due} (${asOf})`,
    notes: said,
    columns: [
      { id: "what", label: columns.what, whole: true },
      { id: "on", label: columns.on, whole: true },
      { id: "days", label: columns.days },
      ...liftColumns(words),
    ],
    rows: rows.map((row) => [words.what[row.what], row.on, row.days, ...liftCells(row, words)]),
    printed: PRINTED,
    sources: [],
  };
}
