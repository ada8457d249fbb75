/** Columns that the tables of several kinds of figures share. */
import type { FaultRateRow } from "../../../../src/trends/questions/fault-rate.ts";
import type { Column } from "../parts/data-table.tsx";
import type { Look, Spread } from "./intervals.tsx";
import { isOut, MONTH_DAYS, type Standing } from "./verdict.ts";
import { interval, monthName, rate, say, whole } from "./words.ts";

export function lookOf(standing: Standing): Look {
  return standing === "too-few" ? "faint" : isOut(standing) ? "out" : standing === "far-below" ? "good" : "plain";
}

export function Verdict({ standing }: { readonly standing: Standing }) {
  return <span class={`verdict ${lookOf(standing)}`}>{say.value.standings[standing]}</span>;
}

export function verdictColumn<Row>(standing: (row: Row) => Standing): Column<Row> {
  return { key: "verdict", label: say.value.columns.verdict, cell: (row) => <Verdict standing={standing(row)} /> };
}

export function monthColumn<Row extends { readonly bucket: string }>(): Column<Row> {
  return { key: "month", label: say.value.columns.month, cell: ({ bucket }) => monthName(bucket) };
}

/** A figure that rows are sorted by; a dash where it is not known. */
export function figureColumn<Row>(
  key: string,
  label: string,
  of: (row: Row) => number | null,
  write: (value: number) => string,
): Column<Row> {
  return {
    key,
    label,
    figure: true,
    sort: of,
    cell: (row) => {
      const value = of(row);
      return value === null ? "–" : write(value);
    },
  };
}

/** The interval in figures, beside the one that is drawn. */
export function boundsColumn<Row>(of: (row: Row) => Pick<Spread, "low" | "high">, write: (value: number) => string = rate): Column<Row> {
  return {
    key: "interval",
    label: say.value.intervalHead,
    figure: true,
    cell: (row) => interval(of(row).low, of(row).high, write),
  };
}

export function liftMonthsColumn<Row extends { readonly liftDays: number }>(): Column<Row> {
  return figureColumn("liftMonths", say.value.columns.liftMonths, ({ liftDays }) => liftDays / MONTH_DAYS, whole);
}

/** What a rate was counted from. */
export function countColumns<Row extends Pick<FaultRateRow, "faults" | "episodes" | "liftDays">>(): Column<Row>[] {
  const { faults, episodes } = say.value.columns;
  return [
    figureColumn<Row>("faults", faults, (row) => row.faults, whole),
    figureColumn<Row>("episodes", episodes, (row) => row.episodes, whole),
    liftMonthsColumn<Row>(),
  ];
}
