/** The lifts behind a figure, one row each: their counts add up to it. */
import type { FaultRateRow } from "../../../../src/trends/questions/fault-rate.ts";
import type { RescueRow } from "../../../../src/trends/questions/rescue.ts";
import type { Column } from "../parts/data-table.tsx";
import { type FaultRates, type Rescues, useAnswer } from "./ask.ts";
import { Answered, type Asked, CsvLink, faultRatePath, groupColumn, rescuePath } from "./asked.tsx";
import { address, FILTERS } from "./choice.ts";
import { boundsColumn, countColumns, figureColumn, lookOf, verdictColumn } from "./columns.tsx";
import { intervalColumn } from "./intervals.tsx";
import { PagedTable } from "./paged-table.tsx";
import { linear, reachOf } from "./scale.ts";
import { MONTH_DAYS, standingOf } from "./verdict.ts";
import { chance, groupName, rate, say, whole } from "./words.ts";

type LiftRow = FaultRateRow & { readonly shutIn: number };

export function Lifts({ asked }: { readonly asked: Asked }) {
  const words = say.value.lifts;
  const set = FILTERS.filter((name) => asked.filters[name] !== undefined);
  const question = { ...asked, by: "lift" as const };
  const isNarrow = set.length > 0;
  const told = useAnswer<FaultRates>(isNarrow ? faultRatePath(question, "total") : null);
  const rescues = useAnswer<Rescues>(isNarrow ? rescuePath(question, "total") : null);
  return (
    <section class="part">
      <div class="part-head">
        <h2>
          {words.title}
          {isNarrow && `: ${set.map((name) => groupName(name, asked.filters[name] ?? null)).join(" · ")}`}
        </h2>
        {isNarrow && <CsvLink path={faultRatePath(question, "total")} name={`lifts-${asked.period.from}-${asked.period.to}`} />}
      </div>
      {isNarrow ? (
        <Answered told={told}>
          {({ rows }) => <Answered told={rescues}>{(shutIn) => <Rows asked={question} rows={rows} shutIn={shutIn.rows} />}</Answered>}
        </Answered>
      ) : (
        <p class="empty">
          {words.choose} <a href={address("/trends", { show: "ranking", by: "lift", ...asked.period })}>{words.ranking}</a>
        </p>
      )}
    </section>
  );
}

function Rows(props: { readonly asked: Asked; readonly rows: readonly FaultRateRow[]; readonly shutIn: readonly RescueRow[] }) {
  const words = say.value;
  const times = new Map(props.shutIn.map(({ key, entrapments }) => [key, entrapments]));
  const rows = props.rows
    .map((row): LiftRow => ({ ...row, shutIn: times.get(row.key) ?? 0 }))
    .toSorted((a, b) => b.shrunk - a.shrunk || b.faults - a.faults || b.shutIn - a.shutIn);
  const sum = (of: (row: LiftRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  const exposure = sum(({ liftDays }) => liftDays);
  const all = exposure > 0 ? (sum(({ episodes }) => episodes) / exposure) * MONTH_DAYS : null;
  const isAlike = (rows[0]?.shrunk ?? 0) - (rows.at(-1)?.shrunk ?? 0) <= 1e-6 * (rows[0]?.shrunk ?? 0);
  const of = ({ shrunk: value, shrunkLow: low, shrunkHigh: high }: LiftRow) => ({ value, low, high });
  const standing = (row: LiftRow) => standingOf({ ...row, fair: null, low: row.shrunkLow, high: row.shrunkHigh }, all);
  const columns: Column<LiftRow>[] = [
    groupColumn(props.asked),
    intervalColumn({
      key: "plot",
      label: words.columns.shrunk,
      scale: linear(0, reachOf(rows.slice(0, 100).map(of), all)),
      reference: all,
      of,
      look: (row) => lookOf(standing(row)),
    }),
    verdictColumn(standing),
    figureColumn("rate", words.columns.shrunk, (row) => row.shrunk, rate),
    boundsColumn((row) => ({ low: row.shrunkLow, high: row.shrunkHigh })),
    ...countColumns<LiftRow>(),
    figureColumn("shutIn", words.lifts.shutIn, (row) => row.shutIn, whole),
    figureColumn("twice", words.columns.twice, (row) => row.aboveTwiceFleet, chance),
  ];
  if (rows.length === 0) return <p class="empty">{words.nothing}</p>;
  return (
    <>
      <p class="sentence">
        <strong>
          {words.lifts.sums(
            words.lifts.lifts(rows.length),
            sum(({ faults }) => faults),
            sum(({ episodes }) => episodes),
            sum(({ shutIn }) => shutIn),
          )}
        </strong>{" "}
        {isAlike ? words.lifts.alike : words.lifts.caution}
      </p>
      <PagedTable caption={words.lifts.title} columns={columns} rows={rows} />
    </>
  );
}
