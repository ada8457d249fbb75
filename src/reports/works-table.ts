/** What a report says of work on lifts, as a table. */
import type { Table } from "./cells.ts";
import type { Report } from "./document.ts";
import { nameOf, type Words } from "./words.ts";

const PRINTED = 40;

export function worksTable({ rows, days, from, to, sources }: NonNullable<Report["works"]>, words: Words): Table {
  const { columns, works } = words;
  return {
    id: "works",
    title: `${works.title} (${words.period(from, to)})`,
    notes: [works.note(days)],
    columns: [
      { id: "work", label: columns.what, whole: true },
      { id: "group", label: works.group, wide: true },
      { id: "works", label: works.count },
      { id: "counted", label: works.counted },
      { id: "expected", label: works.expected, digits: 1 },
      { id: "episodes", label: works.episodes },
      { id: "ratio", label: works.ratio, figures: true },
      { id: "adjusted", label: columns.p, digits: 3, sheetOnly: true },
      { id: "verdict", label: columns.verdict },
    ],
    rows: rows.map((row) => [
      works.kinds[row.work],
      row.by === "all" ? works.all : nameOf(words, row.by, row.key),
      row.works,
      row.counted,
      row.expected,
      row.episodes,
      { value: row.ratio, low: row.low ?? 0, high: row.high, digits: 2 },
      row.adjusted,
      works.verdicts[row.verdict ?? "none"],
    ]),
    printed: PRINTED,
    sources,
  };
}
