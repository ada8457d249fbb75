/** A report as a spreadsheet: a sheet a table, numbers as numbers. Which library, and why: docs/decisions/0015-report-spreadsheets.md. */
import writeExcelFile from "write-excel-file/node";
import type { Sheet, SheetData } from "write-excel-file/node";
import { isFigure, type Cell, type Column, type Table } from "./cells.ts";
import { namesOf, valuesOf } from "./csv.ts";
import type { Report } from "./document.ts";
import { titleOf } from "./html.ts";
import { pointsOf } from "./points.ts";
import { tablesOf } from "./tables.ts";
import type { Words } from "./words.ts";

/** A sheet's name has at most 31 characters and none of these. */
const NAME_CHARS = 31;
const FORBIDDEN = /[:\\/?*[\]]/g;
const BOLD = { fontWeight: "bold" } as const;
const NARROW = 12;
const WIDE = 30;

export async function xlsxOf(report: Report, words: Words): Promise<Buffer> {
  const used = new Set<string>();
  const sheets = [
    {
      sheet: nameOf(words.sections.points, used),
      data: [
        [{ value: titleOf(report, words), ...BOLD }],
        [words.period(report.period.from, report.period.to)],
        [words.against(report.previous.from, report.previous.to)],
        [],
        ...pointsOf(report, words).map((point) => [point]),
        [],
        ...words.notes.map((note) => [note]),
      ] satisfies SheetData,
      columns: [{ width: 120 }],
    },
    ...tablesOf(report, words).map((table) => ({
      sheet: nameOf(table.title, used),
      data: dataOf(table),
      columns: table.columns.flatMap((column) => namesOf(column).map(() => ({ width: column.wide === true ? WIDE : NARROW + 4 }))),
      stickyRowsCount: 1,
    })),
  ] satisfies Sheet<Buffer>[];
  return writeExcelFile(sheets, { fontFamily: "Calibri", fontSize: 11 }).toBuffer();
}

function dataOf({ columns, rows }: Table): SheetData {
  const head = columns.flatMap((column) =>
    namesOf(column).map((_, index) => ({ value: index === 0 ? column.label : index === 1 ? "95% ≥" : "95% ≤", ...BOLD })),
  );
  return [
    head,
    ...rows.map((row) =>
      row.flatMap((cell, index) => valuesOf(cell, columns[index]!).map((value) => written(value, cell, columns[index]!))),
    ),
  ];
}

/** Texts are cells of type text: a name that begins with = is a name. */
function written(value: string | number | null, cell: Cell, column: Column) {
  if (value === null) return null;
  if (typeof value === "string") return { value, type: String };
  const { share = false, digits } = isFigure(cell) ? cell : { digits: column.digits ?? 0 };
  return { value, type: Number, format: `${digits === 0 ? "0" : `0.${"0".repeat(digits)}`}${share ? "%" : ""}` };
}

function nameOf(title: string, used: Set<string>): string {
  const plain = title
    .replaceAll(FORBIDDEN, " ")
    .replace(/ *\(.*$/, "")
    .slice(0, NAME_CHARS);
  let name = plain;
  for (let again = 2; used.has(name); again++) name = `${plain.slice(0, NAME_CHARS - 3)} ${again}`;
  used.add(name);
  return name;
}
