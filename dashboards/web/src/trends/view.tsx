/** Trends: which districts, firms, makers, models, ages get better or worse, how sure that is, and which lifts are behind it. */
import type { ComponentType } from "preact";
import type { FaultRateRow } from "../../../../src/trends/questions/fault-rate.ts";
import { fleet, now, zone } from "../site.ts";
import { param } from "../router.ts";
import type { ViewProps } from "../views.ts";
import { type FaultRates, useAnswer } from "./ask.ts";
import { Answered, type Asked } from "./asked.tsx";
import { address, chosenBy, chosenFilters, chosenShow, FILTERS, MOST_MONTHS, monthAfter, periodOf, type Show } from "./choice.ts";
import { Compare } from "./compare.tsx";
import { Choices, Shows } from "./controls.tsx";
import { Index } from "./evaluation.tsx";
import { Life } from "./life.tsx";
import { Lifts } from "./lifts.tsx";
import { Ranking } from "./ranking.tsx";
import { Rates } from "./rates.tsx";
import { Rescue } from "./rescue.tsx";
import "./trends.css";
import { isTooLittle, MONTH_DAYS } from "./verdict.ts";
import { groupName, periodName, say } from "./words.ts";
import { Works } from "./works.tsx";

export function TrendsView(_props: ViewProps) {
  const words = say.value;
  const thisMonth = monthOf(now.peek(), zone.value);
  const known = useAnswer<FaultRates>(
    address("/api/trends/fault-rate", { by: "all", bucket: "month", from: `${monthAfter(thisMonth, -MOST_MONTHS)}-01` }),
  );
  const show = chosenShow(param);
  return (
    <main id="main" tabIndex={-1} class="page trends">
      <div class="trends-head">
        <h1>{words.title}</h1>
        <Shows show={show} />
        <button type="button" class="print" onClick={() => window.print()}>
          {words.print}
        </button>
      </div>
      <Answered told={known}>
        {({ rows }) =>
          rows.length === 0 ? <p class="empty">{words.noHistory}</p> : <Chosen show={show} known={rows} thisMonth={thisMonth} />
        }
      </Answered>
    </main>
  );
}

function monthOf(atMs: number, zoneName: string): string {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zoneName, year: "numeric", month: "2-digit" }).formatToParts(atMs);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}`;
}

interface ChosenProps {
  readonly show: Show;
  /** Of the whole fleet, by month. */
  readonly known: readonly FaultRateRow[];
  readonly thisMonth: string;
}

function Chosen({ show, known, thisMonth }: ChosenProps) {
  const months = known.map(({ bucket }) => bucket);
  const period = periodOf(months, thisMonth, param("from"), param("to"));
  const asked: Asked = { by: chosenBy(show, param), period, filters: chosenFilters(param) };
  const Figures = FIGURES[show];
  // A ranking and the index look back further than the months that are chosen.
  const behind = known.filter(({ bucket }) => bucket <= period.to && (bucket >= period.from || show === "ranking" || show === "index"));
  return (
    <>
      <Choices asked={asked} show={show} months={months} thisMonth={thisMonth} />
      <PrintedChoice asked={asked} show={show} />
      {isTooLittle(sumOf(behind, "liftDays")) ? <TooLittle behind={behind} known={known} show={show} /> : <Figures asked={asked} />}
    </>
  );
}

function sumOf(rows: readonly FaultRateRow[], key: "liftDays" | "faults"): number {
  return rows.reduce((sum, row) => sum + row[key], 0);
}

/** Lift-months from which groups are ranked (docs/trends.md). */
const RANKED_FROM = 30;

/** Instead of rates that nothing is behind: what there is, and when and how there will be more. */
function TooLittle(props: { readonly behind: readonly FaultRateRow[]; readonly known: readonly FaultRateRow[]; readonly show: Show }) {
  const { behind, known, show } = props;
  const words = say.value;
  const lifts = fleet.value?.counts.total["in-service"] ?? 0;
  const [first, last] = [known[0], known.at(-1)];
  const more = first !== undefined && last !== undefined && !isTooLittle(sumOf(known, "liftDays"));
  return (
    <section class="empty">
      <h2>{words.soFarTitle}</h2>
      <p>{words.soFarKnown(words.liftMonths(sumOf(behind, "liftDays") / MONTH_DAYS), sumOf(behind, "faults"))}</p>
      {more ? (
        <p>
          {words.soFarLonger} <a href={address("/trends", { show, from: first.bucket, to: last.bucket })}>{words.soFarAll}</a>
        </p>
      ) : (
        <>
          {lifts > 0 && <p>{words.soFarWhen(lifts, Math.ceil((RANKED_FROM * MONTH_DAYS) / lifts))}</p>}
          <p>{words.soFarImport}</p>
        </>
      )}
    </section>
  );
}

/** On paper the choices are a line of text. */
function PrintedChoice({ asked, show }: { readonly asked: Asked; readonly show: Show }) {
  const words = say.value;
  const filters = FILTERS.flatMap((name) => {
    const value = asked.filters[name];
    return value === undefined ? [] : [`${words.dimensions[name]}: ${groupName(name, value)}`];
  });
  return <p class="printed">{[words.shows[show], periodName(asked.period), ...filters].join(" · ")}</p>;
}

const FIGURES: Readonly<Record<Show, ComponentType<{ readonly asked: Asked }>>> = {
  rates: Rates,
  ranking: Ranking,
  rescue: Rescue,
  life: Life,
  index: Index,
  compare: Compare,
  works: Works,
  lifts: Lifts,
};
