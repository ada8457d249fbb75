/** Tables with many rows, as many at a time as can be read. */
import { useState } from "preact/hooks";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { groupKey } from "./asked.tsx";
import type { BeforeAfterRow } from "../../../../src/trends/questions/before-after.ts";
import type { ServiceLifeRow } from "../../../../src/trends/questions/life-curve.ts";
import { say } from "./words.ts";

const ROWS_AT_ONCE = 100;

interface RowsTableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** How many there are in all, where the answer has not got them all. */
  readonly total?: number;
  readonly rowKey: (row: Row) => string;
}

type GroupsProps<Row> = Omit<RowsTableProps<Row>, "rowKey">;

/** One row a group. Heads sort what is shown. */
export function PagedTable<Row extends { readonly key: string | null; readonly within: string | null }>(props: GroupsProps<Row>) {
  return <RowsTable {...props} rowKey={groupKey} />;
}

/** A row for each age of each group. */
export function AgesTable(props: GroupsProps<ServiceLifeRow>) {
  return <RowsTable {...props} rowKey={(row) => `${groupKey(row)}\0${row.age}`} />;
}

/** A row for each work order: of a lift there may be many. */
export function WorksTable(props: GroupsProps<BeforeAfterRow>) {
  return <RowsTable {...props} rowKey={(row) => `${groupKey(row)}\0${row.at ?? ""}`} />;
}

function RowsTable<Row>({ caption, columns, rows, rowKey, total = rows.length }: RowsTableProps<Row>) {
  const [most, setMost] = useState(ROWS_AT_ONCE);
  const shown = Math.min(most, rows.length);
  return (
    <>
      <DataTable caption={caption} captionUnseen columns={columns} rows={rows.slice(0, shown)} rowKey={rowKey} />
      {shown < total && (
        <p class="acts">
          <span class="quiet">{say.value.firstRows(shown, total)}</span>
          {shown < rows.length && (
            <button type="button" onClick={() => setMost(most + ROWS_AT_ONCE)}>
              {say.value.more}
            </button>
          )}
        </p>
      )}
    </>
  );
}
