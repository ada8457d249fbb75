/** A report as CSV: all tables in one, a row each, with the union of their columns; raw figures, names in the reader's words. */
import { csvOf } from "../trends/questions/table.ts";
import { isFigure, type Cell, type Column } from "./cells.ts";
import type { Report } from "./document.ts";
import { tablesOf } from "./tables.ts";
import type { Words } from "./words.ts";

export function reportCsv(report: Report, words: Words): string {
  const columns = new Set<string>(["table"]);
  const rows: Record<string, string | number | null>[] = [];
  for (const table of tablesOf(report, words)) {
    const names = table.columns.flatMap(namesOf);
    for (const name of names) columns.add(name);
    for (const row of table.rows) {
      const values = row.flatMap((cell, index) => valuesOf(cell, table.columns[index]!));
      rows.push(
        Object.fromEntries([
          ["table", table.id],
          ...names.map((name, index): [string, string | number | null] => [name, values[index] ?? null]),
        ]),
      );
    }
  }
  return csvOf([...columns], rows);
}

/** A figure has a column for each end of its interval. */
export function namesOf({ id, figures = false }: Column): string[] {
  return figures ? [id, `${id}Low`, `${id}High`] : [id];
}

export function valuesOf(cell: Cell, { figures = false }: Column): (string | number | null)[] {
  if (isFigure(cell)) return cell.value === null ? [null, null, null] : [cell.value, cell.low, cell.high];
  return figures ? [null, null, null] : [cell];
}
