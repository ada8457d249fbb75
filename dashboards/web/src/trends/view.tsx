/** Trends: which districts, firms, makers, models, ages get better or worse, how sure that is, and which lifts are behind it. */
import type { ComponentType } from "preact";
import { now, zone } from "../site.ts";
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
import { groupName, periodName, say } from "./words.ts";

export function TrendsView(_props: ViewProps) {
  const words = say.value;
  const thisMonth = monthOf(now.peek(), zone.value);
  const known = useAnswer<FaultRates>(
    address("/api/trends/fault-rate", { by: "all", bucket: "month", from: `${monthAfter(thisMonth, -MOST_MONTHS)}-01` }),
  );
  const show = chosenShow();
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
          rows.length === 0 ? (
            <p class="empty">{words.noHistory}</p>
          ) : (
            <Chosen show={show} months={rows.map(({ bucket }) => bucket)} thisMonth={thisMonth} />
          )
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
  readonly months: readonly string[];
  readonly thisMonth: string;
}

function Chosen({ show, months, thisMonth }: ChosenProps) {
  const asked: Asked = { by: chosenBy(show), period: periodOf(months, thisMonth, param("from"), param("to")), filters: chosenFilters() };
  const Figures = FIGURES[show];
  return (
    <>
      <Choices asked={asked} show={show} months={months} thisMonth={thisMonth} />
      <PrintedChoice asked={asked} show={show} />
      <Figures asked={asked} />
    </>
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
  lifts: Lifts,
};
