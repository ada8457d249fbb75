/** Two periods beside each other: not differences, but what the test makes of them. */
import type { FaultRateRow } from "../../../../src/trends/questions/fault-rate.ts";
import type { Column } from "../parts/data-table.tsx";
import { param } from "../router.ts";
import { type FaultRates, type Rescues, useAnswer } from "./ask.ts";
import { Answered, type Asked, CsvLink, faultRatePath, groupColumn, groupKey, rescuePath } from "./asked.tsx";
import { byAge, chosenAgainst, earlier } from "./choice.ts";
import { intervalColumn } from "./intervals.tsx";
import { PagedTable } from "./paged-table.tsx";
import { doubling } from "./scale.ts";
import { type Change, type Compared, changeOf, type Counts, MONTH_DAYS } from "./verdict.ts";
import { interval, periodName, rate, ratio, say, whole } from "./words.ts";

/** The axis goes to so many times, and so little, as most changes fit in; what lies beyond is drawn as an arrow. */
const REACHES = [2, 4, 8] as const;
const FITTING = 0.9;

export function Compare({ asked }: { readonly asked: Asked }) {
  const words = say.value.compare;
  const before = { ...asked, period: earlier(asked.period, chosenAgainst(param)) };
  const faults = useBoth<FaultRates>(before, asked, (one) => faultRatePath({ ...one, by: "all" }, "total"));
  const shutIn = useBoth<Rescues>(before, asked, (one) => rescuePath({ ...one, by: "all" }, "total"));
  const groups = useBoth<FaultRates>(before, asked, (one) => faultRatePath(one, "total"));
  return (
    <>
      <section class="part">
        <h2>{words.title}</h2>
        <p class="sentence">
          <strong>{words.periods(periodName(asked.period), periodName(before.period))}</strong>
        </p>
        <Answered told={faults}>
          {([was, is]) => (
            <Answered told={shutIn}>
              {([wasShut, isShut]) => (
                <dl class="cards">
                  <ChangeCard
                    label={words.faults}
                    found={changeOf(episodes(was.rows[0]), episodes(is.rows[0]), 2)}
                    of={[episodes(was.rows[0]), episodes(is.rows[0])]}
                  />
                  <ChangeCard
                    label={words.entrapments}
                    found={changeOf(entrapments(wasShut.rows[0]), entrapments(isShut.rows[0]), 2)}
                    of={[entrapments(wasShut.rows[0]), entrapments(isShut.rows[0])]}
                  />
                </dl>
              )}
            </Answered>
          )}
        </Answered>
      </section>
      <section class="part">
        <div class="part-head">
          <h2>{say.value.rates.byGroup(say.value.dimensions[asked.by])}</h2>
          {[before, asked].map((one) => (
            <span key={one.period.from} class="acts">
              <span class="quiet">{periodName(one.period)}</span>
              <CsvLink path={faultRatePath(one, "total")} name={`fault-rate-${one.by}-${one.period.from}-${one.period.to}`} />
            </span>
          ))}
        </div>
        <p class="note">{words.ratioNote}</p>
        <Answered told={groups}>{([was, is]) => <Groups asked={asked} was={was.rows} is={is.rows} />}</Answered>
      </section>
    </>
  );
}

/** The same question of both periods. */
function useBoth<T>(before: Asked, after: Asked, path: (asked: Asked) => string) {
  const [was, is] = [useAnswer<T>(path(before)), useAnswer<T>(path(after))];
  return {
    value: was.value === null || is.value === null ? null : ([was.value, is.value] as const),
    failed: was.failed ?? is.failed,
    again: () => {
      was.again();
      is.again();
    },
  };
}

function episodes(row: Pick<FaultRateRow, "episodes" | "liftDays"> | undefined): Counts {
  return { events: row?.episodes ?? 0, exposure: (row?.liftDays ?? 0) / MONTH_DAYS };
}

function entrapments(row: { readonly entrapments: number; readonly liftDays: number } | undefined): Counts {
  return { events: row?.entrapments ?? 0, exposure: (row?.liftDays ?? 0) / MONTH_DAYS };
}

function ChangeCard(props: { readonly label: string; readonly found: Compared; readonly of: readonly [Counts, Counts] }) {
  const words = say.value.compare;
  const { found } = props;
  const [before, after] = props.of;
  return (
    <div class="card">
      <dt>{props.label}</dt>
      <dd>
        <ChangeWord change={found.change} />
        <span class="quiet under">
          {before.exposure === 0
            ? words.noExposure
            : found.change === "unknown"
              ? ""
              : words.times(written(found.ratio), interval(found.low, bounded(found.high), ratio))}
        </span>
        {before.exposure > 0 && <span class="quiet under">{words.counts(whole(before.events), whole(after.events))}</span>}
      </dd>
    </div>
  );
}

function ChangeWord({ change }: { readonly change: Change }) {
  return <strong class={`verdict ${change === "worse" ? "out" : "plain"}`}>{say.value.changes[change]}</strong>;
}

function bounded(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function written(value: number | undefined): string {
  return value === undefined ? "–" : Number.isFinite(value) ? ratio(value) : say.value.compare.noneBefore;
}

interface Pair {
  readonly key: string | null;
  readonly within: string | null;
  readonly before: Counts;
  readonly after: Counts;
  readonly found: Compared;
}

/** What is shown first: what got worse, surely; then perhaps; what is not known last. */
const ORDER: readonly Change[] = ["worse", "perhaps-worse", "better", "perhaps-better", "within", "unknown"];

function Groups(props: { readonly asked: Asked; readonly was: readonly FaultRateRow[]; readonly is: readonly FaultRateRow[] }) {
  const words = say.value;
  const earlierRows = new Map(props.was.map((row) => [groupKey(row), row]));
  const laterRows = new Map(props.is.map((row) => [groupKey(row), row]));
  const names = [...new Set([...laterRows.keys(), ...earlierRows.keys()])];
  const pairs = names.flatMap((name): Pair[] => {
    const row = laterRows.get(name) ?? earlierRows.get(name);
    if (row === undefined) return [];
    const [before, after] = [episodes(earlierRows.get(name)), episodes(laterRows.get(name))];
    return [{ key: row.key, within: row.within, before, after, found: changeOf(before, after, names.length) }];
  });
  const place = ({ found }: Pair) => ORDER.indexOf(found.change);
  const shown =
    props.asked.by === "ageBand"
      ? byAge(pairs)
      : pairs.toSorted((a, b) => place(a) - place(b) || (b.found.ratio ?? 0) - (a.found.ratio ?? 0));
  const columns: Column<Pair>[] = [
    groupColumn(props.asked),
    intervalColumn({
      key: "plot",
      label: words.columns.ratio,
      scale: doubling(reachOf(pairs)),
      reference: 1,
      of: ({ found }) => ({ value: found.ratio ?? null, low: found.low, high: bounded(found.high) }),
      look: ({ found }) =>
        found.change === "worse" ? "out" : found.change === "better" ? "good" : found.change === "unknown" ? "faint" : "plain",
    }),
    { key: "verdict", label: words.columns.verdict, cell: ({ found }) => <ChangeWord change={found.change} /> },
    {
      key: "ratio",
      label: words.columns.ratio,
      figure: true,
      sort: ({ found }) => found.ratio ?? null,
      cell: ({ found }) => written(found.ratio),
    },
    {
      key: "interval",
      label: words.intervalHead,
      figure: true,
      cell: ({ found }) => (found.change === "unknown" ? "–" : interval(found.low, bounded(found.high), ratio)),
    },
    ...(["before", "after"] as const).map((which): Column<Pair> => ({
      key: which,
      label: words.compare.rates[which],
      figure: true,
      sort: (pair) => perMonth(pair[which]),
      cell: (pair) => <Counted counts={pair[which]} />,
    })),
  ];
  if (pairs.length === 0) return <p class="empty">{words.nothing}</p>;
  return <PagedTable caption={words.compare.title} columns={columns} rows={shown} />;
}

function reachOf(pairs: readonly Pair[]): number {
  const sizes = pairs
    .filter(({ found }) => found.change !== "unknown")
    .map(({ found: { low, high } }) => Math.max(high, 1 / low))
    .toSorted((a, b) => a - b);
  const most = sizes[Math.floor(sizes.length * FITTING)] ?? 0;
  return REACHES.find((reach) => reach >= most) ?? REACHES[2];
}

function perMonth({ events, exposure }: Counts): number | null {
  return exposure > 0 ? events / exposure : null;
}

function Counted({ counts }: { readonly counts: Counts }) {
  const value = perMonth(counts);
  return (
    <>
      {value === null ? "–" : rate(value)}
      <span class="quiet under">
        {whole(counts.events)} / {whole(counts.exposure)}
      </span>
    </>
  );
}
