/** A table whose columns can be sorted by their heads. Figures stand right, under each other. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { messages } from "../preferences.ts";

export interface Column<Row> {
  readonly key: string;
  readonly label: string;
  /** Below the label, say an axis for what is drawn in the cells. */
  readonly under?: ComponentChildren;
  readonly figure?: boolean;
  readonly cell: (row: Row) => ComponentChildren;
  /** What the column is sorted by; without it the column cannot be. Null comes last. */
  readonly sort?: (row: Row) => number | string | null;
}

interface DataTableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Whether the caption is for screen readers only. */
  readonly captionUnseen?: boolean;
}

interface Order {
  readonly key: string;
  readonly down: boolean;
}

/** The first column is each row's head. Rows keep the order they are given in until a head is pressed. */
export function DataTable<Row>({ caption, columns, rows, rowKey, captionUnseen = false }: DataTableProps<Row>) {
  const [order, setOrder] = useState<Order | null>(null);
  const say = messages.value.parts;
  const by = columns.find(({ key }) => key === order?.key)?.sort;
  const shown = by === undefined || order === null ? rows : [...rows].sort((a, b) => compare(by(a), by(b), order.down));
  return (
    <div class="scroll" role="region" aria-label={caption} tabIndex={0}>
      <table class="data">
        <caption class={captionUnseen ? "unseen" : undefined}>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ key, label, under, figure, sort }) => {
              const direction = order?.key !== key ? "none" : order.down ? "descending" : "ascending";
              return (
                <th key={key} scope="col" class={figure ? "figure" : undefined} aria-sort={sort === undefined ? undefined : direction}>
                  {sort === undefined ? (
                    label
                  ) : (
                    <button type="button" class="plain" title={say.sort} onClick={() => setOrder(next(order, key, figure === true))}>
                      {label}
                      <span aria-hidden="true">{direction === "none" ? "" : direction === "ascending" ? " ▲" : " ▼"}</span>
                    </button>
                  )}
                  {under}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map(({ key, figure, cell }, at) =>
                at === 0 ? (
                  <th key={key} scope="row">
                    {cell(row)}
                  </th>
                ) : (
                  <td key={key} class={figure ? "figure" : undefined}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Figures begin with the greatest, words with the first of the alphabet; the third press gives the given order back. */
function next(order: Order | null, key: string, figure: boolean): Order | null {
  if (order?.key !== key) return { key, down: figure };
  return order.down === figure ? { key, down: !figure } : null;
}

function compare(a: number | string | null, b: number | string | null, down: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const less = typeof a === "string" ? a.localeCompare(String(b)) : a - Number(b);
  return down ? -less : less;
}
