/** People shut in: how often, and how soon they were helped. */
import type { RescueRow, TimesWithin } from "../../../../src/trends/questions/rescue.ts";
import type { Column } from "../parts/data-table.tsx";
import { type Rescues, useAnswer } from "./ask.ts";
import { Answered, type Asked, CsvLink, groupColumn, LiftsLink, rescuePath } from "./asked.tsx";
import { byAge } from "./choice.ts";
import { boundsColumn, figureColumn, liftMonthsColumn, lookOf, monthColumn, verdictColumn } from "./columns.tsx";
import { Course } from "./course.tsx";
import { intervalColumn } from "./intervals.tsx";
import { PagedTable } from "./paged-table.tsx";
import { linear, reachOf } from "./scale.ts";
import { isTooLittle, MONTH_DAYS, standingOf } from "./verdict.ts";
import { interval, rate, say, share, tenth, whole } from "./words.ts";

/** Groups with less are shown, but compared with nothing (statistics of faults draw the same line). */
const LEAST_LIFT_MONTHS = 30;

export function Rescue({ asked }: { readonly asked: Asked }) {
  const words = say.value.rescue;
  const overall = { ...asked, by: "all" as const };
  const all = useAnswer<Rescues>(rescuePath(overall, "total"));
  const months = useAnswer<Rescues>(rescuePath(overall, "month"));
  const groups = useAnswer<Rescues>(rescuePath(asked, "total"));
  return (
    <>
      <section class="part">
        <div class="part-head">
          <h2>{words.title}</h2>
          <LiftsLink asked={asked} />
        </div>
        <Answered told={all}>{({ rows }) => <Cards row={rows[0]} />}</Answered>
        <Answered told={months}>{({ rows }) => <ByMonth rows={rows} />}</Answered>
      </section>
      <section class="part">
        <div class="part-head">
          <h2>{say.value.rates.byGroup(say.value.dimensions[asked.by])}</h2>
          <CsvLink path={rescuePath(asked, "total")} name={`rescue-${asked.by}-${asked.period.from}-${asked.period.to}`} />
        </div>
        <Answered told={groups}>
          {({ rows }) => <Groups asked={asked} rows={rows} all={all.value?.rows[0]?.per100LiftMonths ?? null} />}
        </Answered>
      </section>
    </>
  );
}

function Cards({ row }: { readonly row: RescueRow | undefined }) {
  const words = say.value.rescue;
  if (row === undefined) return <p class="empty">{say.value.nothing}</p>;
  const { entrapments, liftDays, per100LiftMonths, low, high, response, arrival, rescue } = row;
  const little = isTooLittle(liftDays);
  return (
    <>
      <p class="sentence">
        {little && <strong>{say.value.tooLittle}</strong>} {words.sentence(entrapments, say.value.liftMonths(liftDays / MONTH_DAYS))}
      </p>
      <dl class="cards">
        <Card
          label={words.rate}
          figure={per100LiftMonths === null || little ? "–" : rate(per100LiftMonths)}
          under={per100LiftMonths === null || little ? "" : interval(low, high, rate)}
        />
        <WithinCard label={words.sent(response.withinMinutes)} times={response} all={entrapments} />
        <WithinCard label={words.there(arrival.withinMinutes)} times={arrival} all={entrapments} />
        <Card
          label={words.out}
          figure={rescue.median === null ? words.none : words.minutes(tenth(rescue.median))}
          under={
            rescue.median === null || rescue.p95 === null
              ? words.noneTimed(entrapments)
              : rescue.medianHigh === null
                ? words.fewTimed(rescue.count)
                : words.medianP95(interval(rescue.medianLow, rescue.medianHigh, tenth), tenth(rescue.p95))
          }
        />
      </dl>
    </>
  );
}

function WithinCard(props: { readonly label: string; readonly times: TimesWithin; readonly all: number }) {
  const words = say.value.rescue;
  const { count, within, share: part, low, high } = props.times;
  if (part === null) return <Card label={props.label} figure={words.none} under={words.noneTimed(props.all)} />;
  return (
    <Card
      label={props.label}
      figure={share(part)}
      under={`${interval(low, high, share)}${say.value.stop} ${words.of(whole(within), whole(count), whole(props.all))}`}
    />
  );
}

function Card(props: { readonly label: string; readonly figure: string; readonly under: string }) {
  return (
    <div class="card">
      <dt>{props.label}</dt>
      <dd>
        <strong>{props.figure}</strong>
        <span class="quiet under">{props.under}</span>
      </dd>
    </div>
  );
}

function ByMonth({ rows }: { readonly rows: readonly RescueRow[] }) {
  const words = say.value.rescue;
  const { columns: heads } = say.value;
  const columns: Column<RescueRow>[] = [
    monthColumn(),
    figureColumn("times", heads.entrapments, ({ entrapments }) => entrapments, whole),
    figureColumn("rate", heads.entrapmentRate, ({ per100LiftMonths }) => per100LiftMonths, rate),
    boundsColumn((row) => row),
    figureColumn("monthly", heads.monthly, ({ monthlyRate }) => monthlyRate, rate),
    { key: "arrival", label: heads.arrival(rows[0]?.arrival.withinMinutes ?? 0), figure: true, cell: ({ arrival }) => part(arrival) },
  ];
  return (
    <Course title={words.byMonth} rows={rows} point={spread} columns={columns}>
      <p class="note">{words.monthlyNote}</p>
    </Course>
  );
}

function part({ share: value, within, count }: TimesWithin): string {
  return value === null ? "–" : `${share(value)} (${whole(within)}/${whole(count)})`;
}

function isEnough({ liftDays }: RescueRow): boolean {
  return liftDays / MONTH_DAYS >= LEAST_LIFT_MONTHS;
}

function spread({ per100LiftMonths: value, low, high }: RescueRow) {
  return { value, low, high };
}

function Groups(props: { readonly asked: Asked; readonly rows: readonly RescueRow[]; readonly all: number | null }) {
  const { asked, rows, all } = props;
  const words = say.value;
  const standing = (row: RescueRow) => standingOf({ ranked: isEnough(row), flagged: false, fair: null, low: row.low, high: row.high }, all);
  const shown =
    asked.by === "ageBand"
      ? byAge(rows)
      : rows.toSorted((a, b) => Number(isEnough(b)) - Number(isEnough(a)) || (b.per100LiftMonths ?? 0) - (a.per100LiftMonths ?? 0));
  const minutes = rows[0] ?? { response: { withinMinutes: 0 }, arrival: { withinMinutes: 0 } };
  const columns: Column<RescueRow>[] = [
    groupColumn(asked),
    intervalColumn({
      key: "plot",
      label: words.columns.entrapmentRate,
      scale: linear(0, reachOf(rows.filter(isEnough).map(spread), all)),
      reference: all,
      of: spread,
      look: (row) => lookOf(standing(row)),
    }),
    verdictColumn(standing),
    figureColumn("rate", words.columns.entrapmentRate, ({ per100LiftMonths }) => per100LiftMonths, rate),
    boundsColumn((row) => row),
    figureColumn("times", words.columns.entrapments, ({ entrapments }) => entrapments, whole),
    liftMonthsColumn(),
    {
      key: "sent",
      label: words.columns.response(minutes.response.withinMinutes),
      figure: true,
      sort: (row) => row.response.share,
      cell: (row) => <Within times={row.response} />,
    },
    {
      key: "there",
      label: words.columns.arrival(minutes.arrival.withinMinutes),
      figure: true,
      sort: (row) => row.arrival.share,
      cell: (row) => <Within times={row.arrival} />,
    },
    {
      key: "out",
      label: words.columns.rescue,
      figure: true,
      sort: (row) => row.rescue.median,
      cell: ({ rescue: { median } }) => (median === null ? "–" : words.rescue.minutes(tenth(median))),
    },
  ];
  return (
    <>
      <p class="note">{words.rates.plainNote}</p>
      <PagedTable caption={words.rates.byGroup(words.dimensions[asked.by])} columns={columns} rows={shown} />
    </>
  );
}

function Within({ times }: { readonly times: TimesWithin }) {
  if (times.share === null) return <span class="quiet">{say.value.rescue.none}</span>;
  return (
    <>
      {part(times)}
      <span class="quiet under">{interval(times.low, times.high, share)}</span>
    </>
  );
}
