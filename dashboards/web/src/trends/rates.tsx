/** How often lifts fail: all that are asked for by month, and group by group. */
import { DataTable, type Column } from "../parts/data-table.tsx";
import type { FaultRateRow } from "../../../../src/trends/questions/fault-rate.ts";
import { type FaultRates, useAnswer } from "./ask.ts";
import { AmongChosen, Answered, type Asked, CsvLink, faultRatePath, groupColumn, LiftsLink } from "./asked.tsx";
import { byAge } from "./choice.ts";
import { FunnelPlot } from "./funnel-plot.tsx";
import { intervalColumn, type Look } from "./intervals.tsx";
import { MonthsPlot } from "./months-plot.tsx";
import { PagedTable } from "./paged-table.tsx";
import { linear, reachOf } from "./scale.ts";
import { isOut, MONTH_DAYS, type Standing, standingOf } from "./verdict.ts";
import { interval, monthName, rate, ratio, say, whole } from "./words.ts";

const MONTHS_A_YEAR = 12;

export function lookOf(standing: Standing): Look {
  return standing === "too-few" ? "faint" : isOut(standing) ? "out" : standing === "far-below" ? "good" : "plain";
}

export function Rates({ asked }: { readonly asked: Asked }) {
  const words = say.value.rates;
  const overall = { ...asked, by: "all" as const };
  const all = useAnswer<FaultRates>(faultRatePath(overall, "total"));
  const months = useAnswer<FaultRates>(faultRatePath(overall, "month"));
  const groups = useAnswer<FaultRates>(faultRatePath(asked, "total"));
  return (
    <>
      <section class="part">
        <div class="part-head">
          <h2>{words.title}</h2>
          <LiftsLink asked={asked} />
        </div>
        <Answered told={all}>{({ rows }) => <Sentence row={rows[0]} />}</Answered>
        <h3>
          {words.byMonth} <span class="quiet">{words.band}</span>
        </h3>
        <Answered told={months}>{({ rows }) => <ByMonth rows={rows} />}</Answered>
      </section>
      <section class="part">
        <div class="part-head">
          <h2>{words.byGroup(say.value.dimensions[asked.by])}</h2>
          <CsvLink path={faultRatePath(asked, "total")} name={`fault-rate-${asked.by}-${asked.period.from}-${asked.period.to}`} />
        </div>
        <Answered told={groups}>
          {({ rows }) => <Groups asked={asked} rows={rows} all={all.value?.rows[0]?.perLiftMonth ?? null} />}
        </Answered>
      </section>
      {groups.value !== null && groups.value.rows.some(({ fair }) => fair !== null) && (
        <FunnelPlot by={asked.by} rows={groups.value.rows} />
      )}
    </>
  );
}

function Sentence({ row }: { readonly row: FaultRateRow | undefined }) {
  const words = say.value.rates;
  if (row === undefined) return <p class="empty">{say.value.nothing}</p>;
  const { faults, episodes, liftDays, perLiftMonth, low, high } = row;
  return (
    <p class="sentence">
      {perLiftMonth !== null && (
        <>
          <strong>{words.rate(rate(perLiftMonth), interval(low, high, rate))}</strong>{" "}
          {words.yearly(rate(perLiftMonth * MONTHS_A_YEAR))}{" "}
        </>
      )}
      {words.sentence(whole(faults), whole(episodes), whole(liftDays / MONTH_DAYS))}
    </p>
  );
}

function ByMonth({ rows }: { readonly rows: readonly FaultRateRow[] }) {
  const words = say.value.rates;
  const columns: Column<FaultRateRow>[] = [
    { key: "month", label: say.value.columns.month, cell: ({ bucket }) => monthName(bucket) },
    ...countColumns(),
    {
      key: "rate",
      label: say.value.columns.rate,
      figure: true,
      cell: ({ perLiftMonth }) => (perLiftMonth === null ? "–" : rate(perLiftMonth)),
    },
    { key: "interval", label: say.value.intervalHead, figure: true, cell: ({ low, high }) => interval(low, high, rate) },
  ];
  if (rows.length === 0) return <p class="empty">{say.value.nothing}</p>;
  return (
    <>
      <MonthsPlot
        title={words.byMonth}
        points={rows.map(({ bucket, perLiftMonth, low, high }) => ({ month: bucket, value: perLiftMonth, low, high }))}
      />
      <details>
        <summary>{words.byMonthTable}</summary>
        <DataTable caption={words.byMonth} captionUnseen columns={columns} rows={rows} rowKey={({ bucket }) => bucket} />
      </details>
    </>
  );
}

/** What a rate was counted from. */
export function countColumns<Row extends Pick<FaultRateRow, "faults" | "episodes" | "liftDays">>(): Column<Row>[] {
  const { faults, episodes, liftMonths } = say.value.columns;
  return [
    { key: "faults", label: faults, figure: true, sort: (row) => row.faults, cell: (row) => whole(row.faults) },
    { key: "episodes", label: episodes, figure: true, sort: (row) => row.episodes, cell: (row) => whole(row.episodes) },
    { key: "liftMonths", label: liftMonths, figure: true, sort: (row) => row.liftDays, cell: (row) => whole(row.liftDays / MONTH_DAYS) },
  ];
}

interface GroupsProps {
  readonly asked: Asked;
  readonly rows: readonly FaultRateRow[];
  /** Rate of all together. */
  readonly all: number | null;
}

function Groups({ asked, rows, all }: GroupsProps) {
  const words = say.value;
  const fair = rows.some((row) => row.fair !== null);
  const value = (row: FaultRateRow) => (fair ? (row.fair?.ratio ?? null) : row.perLiftMonth);
  const spread = (row: FaultRateRow) =>
    fair
      ? { value: value(row), low: row.fair?.low ?? 0, high: row.fair?.high ?? null }
      : { value: value(row), low: row.low, high: row.high };
  const shown =
    asked.by === "ageBand"
      ? byAge(rows)
      : rows.toSorted((a, b) => Number(b.ranked) - Number(a.ranked) || (value(b) ?? 0) - (value(a) ?? 0));
  const reference = fair ? 1 : all;
  const standing = (row: FaultRateRow) => standingOf(row, all);
  const write = fair ? ratio : rate;
  const columns: Column<FaultRateRow>[] = [
    groupColumn(asked),
    intervalColumn({
      key: "plot",
      label: fair ? words.columns.fair : words.columns.rate,
      scale: linear(0, reachOf(rows.filter(({ ranked }) => ranked).map(spread), reference)),
      reference,
      of: spread,
      look: (row) => lookOf(standing(row)),
    }),
    { key: "verdict", label: words.columns.verdict, cell: (row) => <Verdict standing={standing(row)} /> },
    ...(fair
      ? [
          {
            key: "ratio",
            label: words.columns.ratioShort,
            figure: true,
            sort: value,
            cell: (row: FaultRateRow) => (value(row) === null ? "–" : write(value(row) ?? 0)),
          },
        ]
      : []),
    { key: "interval", label: words.intervalHead, figure: true, cell: (row) => interval(spread(row).low, spread(row).high, write) },
    {
      key: "rate",
      label: words.columns.rate,
      figure: true,
      sort: (row) => row.perLiftMonth,
      cell: (row) => (row.perLiftMonth === null ? "–" : rate(row.perLiftMonth)),
    },
    ...countColumns<FaultRateRow>(),
  ];
  return (
    <>
      <p class="note">
        {fair ? words.rates.fairNote : words.rates.plainNote} <AmongChosen filters={asked.filters} />
      </p>
      <PagedTable caption={words.rates.byGroup(words.dimensions[asked.by])} columns={columns} rows={shown} />
    </>
  );
}

export function Verdict({ standing }: { readonly standing: Standing }) {
  return <span class={`verdict ${lookOf(standing)}`}>{say.value.standings[standing]}</span>;
}
