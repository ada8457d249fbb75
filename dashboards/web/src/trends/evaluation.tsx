/** The evaluation index (docs/index.md): its parts, its interval, and what it owes to its weights. */
import type { IndexRow } from "../../../../src/trends/questions/evaluation.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { type Indices, useAnswer } from "./ask.ts";
import { AmongChosen, Answered, type Asked, CsvLink, groupColumn } from "./asked.tsx";
import { address } from "./choice.ts";
import { intervalColumn } from "./intervals.tsx";
import { PagedTable } from "./paged-table.tsx";
import { linear } from "./scale.ts";
import { chance, interval, monthName, percent, ratio, say, tenth, tick, whole } from "./words.ts";

/** A grade less likely than this is not named beside the likeliest. */
const WORTH_NAMING = 0.1;

export function Index({ asked }: { readonly asked: Asked }) {
  const words = say.value.index;
  const { by, period, filters } = asked;
  const path = address("/api/index", { by, period: period.to, ...filters });
  const told = useAnswer<Indices>(`${path}&limit=500`);
  return (
    <>
      <section class="part">
        <div class="part-head">
          <h2>
            {words.title(say.value.dimensions[by])}
            {say.value.comma}
            {monthName(period.to)}
          </h2>
          <CsvLink path={`${path}&limit=20000`} name={`index-${by}-${period.to}`} />
        </div>
        <p class="note">
          {words.note} {words.notProof} {words.formula} <AmongChosen filters={filters} />
        </p>
        <Answered told={told}>{(answer) => <Indexed asked={asked} answer={answer} />}</Answered>
      </section>
      {told.value !== null && told.value.sensitivity.length > 0 && <Sensitivity scenarios={told.value.sensitivity} />}
    </>
  );
}

function Indexed({ asked, answer }: { readonly asked: Asked; readonly answer: Indices }) {
  const words = say.value;
  const { rows, lackAge } = answer;
  const columns: Column<IndexRow>[] = [
    groupColumn(asked),
    intervalColumn({
      key: "plot",
      label: words.columns.index,
      scale: linear(0, 100),
      reference: 50,
      of: ({ index, low, high }) => ({ value: index, low, high }),
      look: ({ ranked }) => (ranked ? "plain" : "faint"),
    }),
    { key: "index", label: words.columns.index, figure: true, sort: (row) => row.index, cell: (row) => tenth(row.index) },
    { key: "interval", label: words.intervalHead, figure: true, cell: ({ low, high }) => interval(low, high, tenth) },
    { key: "grade", label: words.columns.grade, figure: true, sort: (row) => row.grade, cell: (row) => <Grade row={row} /> },
    { key: "parts", label: words.index.parts, cell: (row) => <Parts row={row} /> },
    {
      key: "lostFaults",
      label: words.columns.lostFaults,
      figure: true,
      sort: ({ faults }) => faults.lost,
      cell: ({ faults }) => tenth(faults.lost),
    },
    {
      key: "lostAge",
      label: words.columns.lostAge,
      figure: true,
      sort: (row) => row.serviceLife.lost,
      cell: (row) => tenth(row.serviceLife.lost),
    },
    {
      key: "years",
      label: words.columns.years,
      figure: true,
      sort: (row) => row.serviceLife.years,
      cell: (row) => tenth(row.serviceLife.years),
    },
    { key: "places", label: words.columns.places, figure: true, cell: (row) => <Places row={row} /> },
  ];
  if (rows.length === 0) return <p class="empty">{words.nothing}</p>;
  const { legend } = words.index;
  return (
    <>
      <p class="legend">
        <span class="swatch index">{legend.index}</span> <span class="swatch faults">{legend.faults}</span>{" "}
        <span class="swatch age">{legend.age}</span> {lackAge > 0 && <span class="quiet">{words.index.lackAge(lackAge)}</span>}
      </p>
      <PagedTable caption={words.index.title(words.dimensions[asked.by])} columns={columns} rows={rows} total={answer.total} />
    </>
  );
}

function Grade({ row }: { readonly row: IndexRow }) {
  const words = say.value.index;
  const others = row.chances
    .filter(({ grade, probability }) => grade !== row.grade && probability >= WORTH_NAMING)
    .map(({ grade }) => grade);
  const own = row.chances.find(({ grade }) => grade === row.grade)?.probability ?? 0;
  return (
    <>
      <strong>{row.grade}</strong>{" "}
      <span class="quiet">
        {row.sure || others.length === 0 ? words.sure : `${words.or(others.join(say.value.list))} · ${chance(own)}`}
      </span>
    </>
  );
}

/** Points of 100: what is left, and what faults and age have cost. */
function Parts({ row }: { readonly row: IndexRow }) {
  const { index, faults, serviceLife } = row;
  return (
    <svg class="index-parts" aria-hidden="true">
      <rect class="index" x="0" y="4" height="14" width={`${index}%`} />
      <rect class="faults" x={`${index}%`} y="4" height="14" width={`${faults.lost}%`} />
      <rect class="age" x={`${index + faults.lost}%`} y="4" height="14" width={`${serviceLife.lost}%`} />
    </svg>
  );
}

function Places({ row: { rank, rankBest, rankWorst } }: { readonly row: IndexRow }) {
  if (rank === null || rankBest === null || rankWorst === null) return <span class="quiet">{say.value.standings["too-few"]}</span>;
  return <>{say.value.index.placeOf(whole(rank), whole(Math.min(rankBest, rankWorst)), whole(Math.max(rankBest, rankWorst)))}</>;
}

type Scenario = Indices["sensitivity"][number];

function Sensitivity({ scenarios }: { readonly scenarios: readonly Scenario[] }) {
  const words = say.value.index;
  const columns: Column<Scenario>[] = [
    {
      key: "weights",
      label: words.sensitivity,
      cell: ({ weights }) => words.weights(tick(weights.faultWeight), tick(weights.serviceLifeYears)),
    },
    {
      key: "correlation",
      label: words.correlation,
      figure: true,
      cell: ({ correlation }) => (correlation === undefined ? "–" : ratio(correlation)),
    },
    { key: "kept", label: words.kept, figure: true, cell: ({ worstKept }) => percent(worstKept) },
  ];
  return (
    <section class="part">
      <h2>{words.sensitivity}</h2>
      <DataTable
        caption={words.sensitivity}
        captionUnseen
        columns={columns}
        rows={scenarios}
        rowKey={({ weights }) => `${weights.faultWeight} ${weights.serviceLifeYears}`}
      />
    </section>
  );
}
