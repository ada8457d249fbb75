/** A rate month by month: drawn, and as a table. */
import type { ComponentChildren } from "preact";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { type MonthPoint, MonthsPlot } from "./months-plot.tsx";
import { say } from "./words.ts";

interface CourseProps<Row> {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly point: (row: Row) => Omit<MonthPoint, "month">;
  readonly columns: readonly Column<Row>[];
  readonly children?: ComponentChildren;
}

/** Fewer months with a rate have no course: then the table stands alone. */
const LEAST_MONTHS = 2;

/** `children` stand below the table. */
export function Course<Row extends { readonly bucket: string }>({ title, rows, point, columns, children }: CourseProps<Row>) {
  const words = say.value.rates;
  const points = rows.map((row) => ({ month: row.bucket, ...point(row) }));
  const isCourse = points.filter(({ value }) => value !== null).length >= LEAST_MONTHS;
  if (rows.length === 0) return <p class="empty">{say.value.nothing}</p>;
  return (
    <>
      <h3>
        {title} {isCourse && <span class="quiet">{words.band}</span>}
      </h3>
      {isCourse ? <MonthsPlot title={title} points={points} /> : <p class="note">{words.oneMonth}</p>}
      <details open={!isCourse}>
        <summary>{words.byMonthTable}</summary>
        <DataTable caption={title} captionUnseen columns={columns} rows={rows} rowKey={({ bucket }) => bucket} />
        {children}
      </details>
    </>
  );
}
