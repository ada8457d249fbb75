/** What the reader can choose. Each choice is in the address, and every kind of figures keeps the others'. */
import { useEffect, useId, useRef } from "preact/hooks";
import type { FaultRateRow } from "../../../../src/trends/questions/fault-rate.ts";
import { FilterBar, FilterSelect } from "../parts/filter-bar.tsx";
import { param, place, setParams } from "../router.ts";
import { type FaultRates, useAnswer } from "./ask.ts";
import { type Asked, MOST_ROWS } from "./asked.tsx";
import {
  address,
  AGAINST,
  AGE_BANDS,
  BY,
  chosenAgainst,
  chosenWork,
  type Filter,
  FILTERS,
  type Period,
  type Show,
  SHOWS,
  WORKS,
} from "./choice.ts";
import { groupName, heading, monthName, say } from "./words.ts";

/** Kinds of figures as links: each is a step in the history, and keeps the months and the filters. */
export function Shows({ show }: { readonly show: Show }) {
  const words = say.value;
  const query = place.value.query;
  const list = useRef<HTMLElement>(null);
  // On a phone the list scrolls: what is shown is in sight.
  useEffect(() => list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" }), [show]);
  const href = (to: Show) => {
    const next = new URLSearchParams(query);
    next.set("show", to);
    const by = next.get("by");
    if (by !== null && !BY[to].some((each) => each === by)) next.delete("by");
    return `/trends?${next.toString()}`;
  };
  return (
    <nav ref={list} class="shows" aria-label={words.showsTitle}>
      {SHOWS.map((each) => (
        <a key={each} href={href(each)} aria-current={each === show ? "page" : undefined}>
          {words.shows[each]}
        </a>
      ))}
    </nav>
  );
}

/** Where there is room, filters are always open; on a phone they would push the figures off the screen. */
const WIDE = "(min-width: 44.01rem)";

interface ChoicesProps {
  readonly asked: Asked;
  readonly show: Show;
  /** Months of which something is known, in order. */
  readonly months: readonly string[];
  readonly thisMonth: string;
}

export function Choices({ asked, show, months, thisMonth }: ChoicesProps) {
  const words = say.value;
  const { by, period } = asked;
  const set = FILTERS.filter((name) => asked.filters[name] !== undefined);
  return (
    <div class="choices">
      {BY[show].length > 1 && (
        <Choice name="by" label={words.by} value={by} options={BY[show].map((each) => [each, words.dimensions[each]])} />
      )}
      {show !== "ranking" && show !== "index" && (
        <MonthChoice name="from" label={words.from} months={months} thisMonth={thisMonth} value={period.from} period={period} />
      )}
      <MonthChoice name="to" label={words.to} months={months} thisMonth={thisMonth} value={period.to} period={period} />
      {show === "compare" && (
        <Choice
          name="against"
          label={words.against}
          value={chosenAgainst(param)}
          options={AGAINST.map((each) => [each, words.againsts[each]])}
        />
      )}
      {show === "works" && (
        <Choice
          name="work"
          label={words.works.work}
          value={chosenWork(param)}
          options={WORKS.map((each) => [each, words.works.kinds[each]])}
        />
      )}
      <details class="more-filters" open={set.length > 0 || matchMedia(WIDE).matches}>
        <summary>{words.filters(set.length)}</summary>
        <FilterBar names={FILTERS}>
          <ListFilter name="district" period={period} />
          <ListFilter name="firm" period={period} />
          <ListFilter name="maker" period={period} />
          <FilterSelect name="ageBand" label={heading("ageBand")} options={AGE_BANDS.map((band) => [band, words.years(band)])} />
          <FilterSelect name="kind" label={heading("kind")} options={Object.entries(words.kinds)} />
          <FilterSelect name="use" label={heading("use")} options={Object.entries(words.uses)} />
          {(["model", "building"] as const).map(
            (name) => asked.filters[name] !== undefined && <FilterSelect key={name} name={name} label={heading(name)} options={[]} />,
          )}
        </FilterBar>
      </details>
    </div>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly onChoice?: (value: string) => void;
}

function Choice({ name, label, value, options, onChoice }: ChoiceProps) {
  const id = useId();
  return (
    <span class="filter">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={({ currentTarget }) => (onChoice ?? ((chosen) => setParams({ [name]: chosen })))(currentTarget.value)}
      >
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </span>
  );
}

interface MonthChoiceProps {
  readonly name: "from" | "to";
  readonly label: string;
  readonly months: readonly string[];
  readonly thisMonth: string;
  readonly value: string;
  readonly period: Period;
}

/** Both months go into the address, so that it means the same tomorrow. */
function MonthChoice({ name, label, months, thisMonth, value, period }: MonthChoiceProps) {
  const all = months.includes(value) ? months : [...months, value].toSorted();
  const options = all.toReversed().map((month): readonly [string, string] => {
    const text = monthName(month);
    return [month, month >= thisMonth ? `${text} (${say.value.soFar})` : text];
  });
  const choose = (month: string) => {
    const next = { ...period, [name]: month };
    if (next.from > next.to) next[name === "from" ? "to" : "from"] = month;
    setParams({ from: next.from, to: next.to });
  };
  return <Choice name={name} label={label} value={value} options={options} onChoice={choose} />;
}

/** Choices that only the register knows, as far as they have lifts in service. */
function ListFilter(props: { readonly name: Filter & ("district" | "firm" | "maker"); readonly period: Period }) {
  const { name, period } = props;
  // A day of the last month, as it costs the program the least.
  const day = `${period.to}-01`;
  const told = useAnswer<FaultRates>(address("/api/trends/fault-rate", { by: name, bucket: "day", from: day, to: day, limit: MOST_ROWS }));
  const keys = (told.value?.rows ?? []).flatMap(({ key }: FaultRateRow) => (key === null ? [] : [key]));
  return <FilterSelect name={name} label={heading(name)} options={keys.map((key) => [key, groupName(name, key)])} />;
}
