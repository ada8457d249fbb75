/** Did work on lifts change how often they fail? All of it, by group, and each work order; held against what was to be expected, not against the time before. */
import type { BeforeAfterRow } from "../../../../src/trends/questions/before-after.ts";
import type { Column } from "../parts/data-table.tsx";
import { param } from "../router.ts";
import { type BeforeAfters, useAnswer } from "./ask.ts";
import { Answered, type Asked, CsvLink, groupColumn } from "./asked.tsx";
import { address, byAge, chosenWork, daysOf } from "./choice.ts";
import { figureColumn } from "./columns.tsx";
import { intervalColumn, type Look } from "./intervals.tsx";
import { PagedTable, WorksTable } from "./paged-table.tsx";
import { doubling } from "./scale.ts";
import { dayName, interval, rate, ratio, say, tenth, whole } from "./words.ts";

/** The surest of them: the rest are in the file. */
const SINGLE_ROWS = 500;
const MOST_ROWS = 2_000;
/** Ratios further out end in an arrow. */
const REACH = 4;

export function Works({ asked }: { readonly asked: Asked }) {
  const words = say.value.works;
  const work = chosenWork(param);
  const pathBy = (by: string, limit: number) =>
    address("/api/trends/before-after", { by, work, ...daysOf(asked.period), ...asked.filters, limit });
  const all = useAnswer<BeforeAfters>(pathBy("all", 1));
  const groups = useAnswer<BeforeAfters>(pathBy(asked.by, MOST_ROWS));
  const single = useAnswer<BeforeAfters>(pathBy("work", SINGLE_ROWS));
  const file = `${work}-${asked.period.from}-${asked.period.to}`;
  return (
    <>
      <section class="part">
        <h2>{words.title}</h2>
        <Answered told={all}>{({ rows, days }) => <Sentence row={rows[0]} kind={words.kinds[work]} days={days} />}</Answered>
        <p class="note">{words.note}</p>
      </section>
      <section class="part">
        <div class="part-head">
          <h2>{say.value.rates.byGroup(say.value.dimensions[asked.by])}</h2>
          <CsvLink path={pathBy(asked.by, MOST_ROWS)} name={`before-after-${asked.by}-${file}`} />
        </div>
        <Answered told={groups}>{(answer) => <Groups asked={asked} answer={answer} />}</Answered>
      </section>
      <section class="part">
        <div class="part-head">
          <h2>{words.each}</h2>
          <CsvLink path={pathBy("work", MOST_ROWS)} name={`before-after-${file}`} />
        </div>
        <Answered told={single}>{(answer) => <Single asked={{ ...asked, by: "lift" }} answer={answer} />}</Answered>
      </section>
    </>
  );
}

function Sentence(props: { readonly row: BeforeAfterRow | undefined; readonly kind: string; readonly days: number }) {
  const words = say.value.works;
  const { row, kind, days } = props;
  if (row === undefined) return <p class="empty">{words.none(kind)}</p>;
  return (
    <p class="sentence">
      {words.sentence(kind, row.works, row.counted, days)}{" "}
      {row.expected !== null && row.ratio !== null && row.low !== null && (
        <>
          {words.found(row.after.episodes, tenth(row.expected), ratio(row.ratio), interval(row.low, row.high, ratio))}{" "}
          <strong class={`verdict ${lookOf(row)}`}>{verdictOf(row)}</strong>
        </>
      )}
    </p>
  );
}

function verdictOf({ verdict, p }: BeforeAfterRow): string {
  const { verdicts } = say.value.works;
  return p === null ? verdicts.early : verdicts[verdict ?? "within"];
}

function lookOf({ verdict, p }: BeforeAfterRow): Look {
  return p === null ? "faint" : verdict === "worse" ? "out" : verdict === "better" ? "good" : "plain";
}

function Told({ answer: { tested, better, worse } }: { readonly answer: BeforeAfters }) {
  return (
    <p class="sentence">
      <strong>{say.value.works.told(tested, better, worse)}</strong>
    </p>
  );
}

/** What is shown of groups and of single works alike. */
function figures(): Column<BeforeAfterRow>[] {
  const words = say.value;
  return [
    intervalColumn({
      key: "plot",
      label: words.works.ratio,
      scale: doubling(REACH),
      reference: 1,
      of: (row) => ({ value: row.ratio, low: row.low ?? 0, high: row.high }),
      look: lookOf,
    }),
    {
      key: "verdict",
      label: words.columns.verdict,
      cell: (row) => <span class={`verdict ${lookOf(row)}`}>{verdictOf(row)}</span>,
    },
    figureColumn("ratio", words.works.ratio, (row) => row.ratio, ratio),
    {
      key: "interval",
      label: words.intervalHead,
      figure: true,
      cell: ({ low, high }) => (low === null ? "–" : interval(low, high, ratio)),
    },
    figureColumn("expected", words.works.expected, (row) => row.expected, rate),
    figureColumn("after", words.works.after, (row) => row.after.episodes, whole),
    figureColumn(
      "before",
      words.works.before,
      (row) => (row.before.liftMonths > 0 ? row.before.episodes / row.before.liftMonths : null),
      rate,
    ),
    figureColumn("since", words.works.since, (row) => (row.after.liftMonths > 0 ? row.after.episodes / row.after.liftMonths : null), rate),
  ];
}

function Groups({ asked, answer }: { readonly asked: Asked; readonly answer: BeforeAfters }) {
  const words = say.value;
  if (answer.rows.length === 0) return <p class="empty">{words.works.noneHere}</p>;
  const columns: Column<BeforeAfterRow>[] = [
    groupColumn(asked),
    ...figures(),
    figureColumn("works", words.works.count, (row) => row.works, whole),
  ];
  const rows = asked.by === "ageBand" ? byAge(answer.rows) : answer.rows;
  return (
    <>
      <Told answer={answer} />
      <PagedTable caption={words.works.title} columns={columns} rows={rows} />
    </>
  );
}

function Single({ asked, answer }: { readonly asked: Asked; readonly answer: BeforeAfters }) {
  const words = say.value;
  if (answer.rows.length === 0) return <p class="empty">{words.works.noneHere}</p>;
  const columns: Column<BeforeAfterRow>[] = [
    groupColumn(asked),
    { key: "at", label: words.works.at, sort: ({ at }) => at, cell: ({ at, note }) => <When at={at} note={note} /> },
    ...figures(),
    figureColumn("further", words.works.further, (row) => row.further, whole),
  ];
  return (
    <>
      <Told answer={answer} />
      <p class="note">{words.works.few}</p>
      <WorksTable caption={words.works.each} columns={columns} rows={answer.rows} />
      {answer.next !== null && <p class="quiet">{words.works.surest(answer.rows.length)}</p>}
    </>
  );
}

function When({ at, note }: Pick<BeforeAfterRow, "at" | "note">) {
  return (
    <>
      {at === null ? "–" : dayName(at)}
      {note !== null && <span class="quiet under">{note}</span>}
    </>
  );
}
