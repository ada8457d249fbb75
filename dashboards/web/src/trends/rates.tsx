/** How often lifts fail: all that are asked for by month, and group by group. */
import type { FaultRateRow } from "../../../../src/trends/questions/fault-rate.ts";
import type { Column } from "../parts/data-table.tsx";
import { type FaultRates, useAnswer } from "./ask.ts";
import { AmongChosen, Answered, type Asked, CsvLink, faultRatePath, groupColumn, LiftsLink } from "./asked.tsx";
import { byAge } from "./choice.ts";
import { boundsColumn, countColumns, figureColumn, lookOf, monthColumn, verdictColumn } from "./columns.tsx";
import { Course } from "./course.tsx";
import { FunnelPlot } from "./funnel-plot.tsx";
import { intervalColumn } from "./intervals.tsx";
import { PagedTable } from "./paged-table.tsx";
import { linear, reachOf } from "./scale.ts";
import { isTooLittle, MONTH_DAYS, standingOf } from "./verdict.ts";
import { interval, rate, ratio, say } from "./words.ts";

const MONTHS_A_YEAR = 12;

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
      {isTooLittle(liftDays) ? (
        <strong>{say.value.tooLittle}</strong>
      ) : (
        perLiftMonth !== null && (
          <>
            <strong>{words.rate(rate(perLiftMonth), interval(low, high, rate))}</strong> {words.yearly(rate(perLiftMonth * MONTHS_A_YEAR))}
          </>
        )
      )}{" "}
      {words.sentence(faults, episodes, say.value.liftMonths(liftDays / MONTH_DAYS))}
    </p>
  );
}

function ByMonth({ rows }: { readonly rows: readonly FaultRateRow[] }) {
  const columns: Column<FaultRateRow>[] = [
    monthColumn(),
    ...countColumns<FaultRateRow>(),
    figureColumn("rate", say.value.columns.rate, ({ perLiftMonth }) => perLiftMonth, rate),
    boundsColumn((row) => row),
  ];
  return (
    <Course
      title={say.value.rates.byMonth}
      rows={rows}
      point={({ perLiftMonth, low, high }) => ({ value: perLiftMonth, low, high })}
      columns={columns}
    />
  );
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
    verdictColumn(standing),
    ...(fair ? [figureColumn("ratio", words.columns.ratioShort, value, ratio)] : []),
    boundsColumn(spread, fair ? ratio : rate),
    figureColumn("rate", words.columns.rate, ({ perLiftMonth }) => perLiftMonth, rate),
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
