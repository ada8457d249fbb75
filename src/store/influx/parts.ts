/** Rows as answers carry them: by column, in parts of bounded size. */
import type { Answer } from "../protocol.ts";
import type { ColumnValues } from "../tables.ts";
import type { Table } from "./answers.ts";
import type { Connection, Policy } from "./connection.ts";

/** Rows of a part of an answer: the main thread takes a few ms for one. */
export const PART_ROWS = 4_096;

/** One statement's rows, times in ms. */
export async function askOne(connection: Connection, policy: Policy, statement: string): Promise<Table> {
  const [table] = await connection.query(policy, [statement], "ms");
  return table!;
}

export function columnsOf({ columns, values }: Table, wanted: readonly { readonly name: string }[]): ColumnValues {
  return wanted.map(({ name: title }) => {
    const index = columns.indexOf(title);
    return values.map((row) => (index < 0 ? null : (row[index] ?? null)));
  });
}

export function inParts(columns: ColumnValues): Answer {
  const count = columns[0]?.length ?? 0;
  const parts: ColumnValues[] = [];
  for (let start = 0; start < count; start += PART_ROWS) parts.push(columns.map((values) => values.slice(start, start + PART_ROWS)));
  return { packed: [], columns: parts, next: null };
}
