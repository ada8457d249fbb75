/** How lifts age: mean faults by an age. */
import type { ServiceLifeRow } from "../../../../src/trends/questions/life-curve.ts";
import type { Column } from "../parts/data-table.tsx";
import { type ServiceLives, useAnswer } from "./ask.ts";
import { Answered, type Asked, CsvLink, groupColumn, groupKey, MOST_ROWS } from "./asked.tsx";
import { address, daysOf } from "./choice.ts";
import { type Curve, LifePlot } from "./life-plot.tsx";
import { AgesTable } from "./paged-table.tsx";
import { groupName, interval, rate, say, whole } from "./words.ts";

/** Ages seen in fewer lifts are not drawn. */
const LEAST_LIFTS = 10;
/** More curves over each other cannot be told apart. */
const CURVES = 4;
/** Years at either end that are compared. */
const YEARS = 5;

export function Life({ asked }: { readonly asked: Asked }) {
  const words = say.value.life;
  const { by, period, filters } = asked;
  const path = address("/api/trends/service-life", { by, ...daysOf(period), ...filters, limit: MOST_ROWS });
  const told = useAnswer<ServiceLives>(path);
  return (
    <section class="part">
      <div class="part-head">
        <h2>{words.title}</h2>
        <CsvLink path={path} name={`service-life-${by}-${period.from}-${period.to}`} />
      </div>
      <p class="note">{words.note}</p>
      <Answered told={told}>{(answer) => <Curves asked={asked} answer={answer} />}</Answered>
    </section>
  );
}

function Curves({ asked, answer }: { readonly asked: Asked; readonly answer: ServiceLives }) {
  const words = say.value;
  const groups = new Map<string, ServiceLifeRow[]>();
  for (const row of answer.rows) {
    const name = groupKey(row);
    const own = groups.get(name);
    if (own === undefined) groups.set(name, [row]);
    else own.push(row);
  }
  const largest = [...groups.values()]
    .map((rows) => ({ rows, most: Math.max(...rows.map(({ lifts }) => lifts)) }))
    .toSorted((a, b) => b.most - a.most)
    .slice(0, CURVES);
  const curves = largest
    .map(({ rows }): Curve => ({ name: groupName(asked.by, rows[0]?.key ?? null), points: enough(rows) }))
    .filter(({ points }) => points.length > 1);
  const columns: Column<ServiceLifeRow>[] = [
    ...(asked.by === "all" ? [] : [groupColumn<ServiceLifeRow>(asked)]),
    { key: "age", label: words.columns.age, figure: asked.by !== "all", sort: ({ age }) => age, cell: ({ age }) => whole(age) },
    { key: "mean", label: words.columns.mean, figure: true, sort: ({ mean }) => mean, cell: ({ mean }) => rate(mean) },
    { key: "interval", label: words.intervalHead, figure: true, cell: ({ low, high }) => interval(low, high, rate) },
    {
      key: "perYear",
      label: words.columns.perYear,
      figure: true,
      sort: ({ perYear }) => perYear,
      cell: ({ perYear }) => (perYear === null ? "–" : rate(perYear)),
    },
    { key: "lifts", label: words.columns.lifts, figure: true, sort: ({ lifts }) => lifts, cell: ({ lifts }) => whole(lifts) },
  ];
  if (answer.rows.length === 0) return <p class="empty">{words.nothing}</p>;
  return (
    <>
      <p class="sentence">
        {curves.length === 1 && <strong>{bend(curves[0]?.points ?? [])}</strong>}{" "}
        {curves.length === 0 ? words.life.tooFew : curves.length < groups.size && words.life.curves(curves.length)}{" "}
        {answer.lackAge > 0 && words.life.lackAge(answer.lackAge)}
      </p>
      {curves.length > 0 && <LifePlot curves={curves} />}
      <details>
        <summary>{words.life.byAge}</summary>
        <AgesTable caption={words.life.title} columns={columns} rows={answer.rows.filter(({ lifts }) => lifts > 0)} />
      </details>
    </>
  );
}

/** From the first age with enough lifts to the last: between them the curve is unbroken but for few. */
function enough(rows: readonly ServiceLifeRow[]): readonly ServiceLifeRow[] {
  return rows.filter(({ lifts }) => lifts >= LEAST_LIFTS);
}

/** The slope at either end, where there is room for two. */
function bend(points: readonly ServiceLifeRow[]): string {
  const [first, last] = [points[0], points.at(-1)];
  const early = points[YEARS];
  const late = points.at(-1 - YEARS);
  if (first === undefined || last === undefined || early === undefined || late === undefined || points.length < 2 * YEARS) return "";
  return say.value.life.bends(
    rate((early.mean - first.mean) / (early.age - first.age)),
    rate((last.mean - late.mean) / (last.age - late.age)),
  );
}
