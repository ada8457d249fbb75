/** Groups by their shrunk rate, worst first, each with where it may lie. */
import type { RankingRow } from "../../../../src/trends/questions/rankings.ts";
import type { Column } from "../parts/data-table.tsx";
import { type FaultRates, type Rankings, useAnswer } from "./ask.ts";
import { AmongChosen, Answered, type Asked, CsvLink, faultRatePath, groupColumn } from "./asked.tsx";
import { address } from "./choice.ts";
import { boundsColumn, figureColumn, lookOf, verdictColumn } from "./columns.tsx";
import { FunnelPlot } from "./funnel-plot.tsx";
import { intervalColumn } from "./intervals.tsx";
import { PagedTable } from "./paged-table.tsx";
import { linear, reachOf } from "./scale.ts";
import { rankOf } from "./verdict.ts";
import { chance, monthName, rate, ratio, say, whole } from "./words.ts";

/** Of a city's lifts the worst are enough to look at; the file has more. */
const LIFTS_MOST = 500;

export function Ranking({ asked }: { readonly asked: Asked }) {
  const words = say.value.ranking;
  const { by, period, filters } = asked;
  const path = address("/api/rankings", { by, period: period.to, ...filters });
  const told = useAnswer<Rankings>(`${path}&limit=${by === "lift" ? LIFTS_MOST : 5_000}`);
  const isFair = told.value?.basis === "fair";
  const rates = useAnswer<FaultRates>(isFair ? faultRatePath(asked, "total") : null);
  return (
    <>
      <section class="part">
        <div class="part-head">
          <h2>{words.title(say.value.dimensions[by])}</h2>
          <CsvLink path={`${path}&limit=20000`} name={`ranking-${by}-${period.to}`} />
        </div>
        <p class="note">
          {words.note(monthName(period.to))} <AmongChosen filters={filters} />
        </p>
        <Answered told={told}>{(answer) => <Ranked asked={asked} answer={answer} />}</Answered>
      </section>
      {rates.value !== null && <FunnelPlot by={by} rows={rates.value.rows} />}
    </>
  );
}

function Ranked({ asked, answer }: { readonly asked: Asked; readonly answer: Rankings }) {
  const words = say.value;
  const { fleet, rows } = answer;
  const fair = answer.basis === "fair";
  const write = fair ? ratio : rate;
  const ranked = rows.filter((row) => row.ranked);
  const above = ranked.filter(({ low }) => low > fleet).length;
  const tooFew = rows.length - ranked.length;
  const standing = (row: RankingRow) => rankOf(row, fleet);
  const columns: Column<RankingRow>[] = [
    groupColumn(asked),
    intervalColumn({
      key: "plot",
      label: fair ? words.ranking.fair : words.columns.rate,
      scale: linear(0, reachOf(ranked.length > 0 ? ranked.map(({ rate: value, high }) => ({ value, high })) : [], fleet)),
      reference: fleet,
      of: ({ rate: value, low, high }) => ({ value, low, high }),
      look: (row) => lookOf(standing(row)),
    }),
    verdictColumn(standing),
    figureColumn("rate", words.columns.shrunk, (row) => row.rate, write),
    boundsColumn((row) => row, write),
    { key: "place", label: words.columns.place, figure: true, cell: (row) => (row.rank === null ? "–" : whole(row.rank)) },
    figureColumn("twice", words.columns.twice, (row) => row.aboveTwiceFleet, chance),
    figureColumn("episodes", words.columns.episodes, (row) => row.allEpisodes, whole),
    figureColumn("liftMonths", words.columns.liftMonths, (row) => row.allLiftMonths, whole),
  ];
  if (rows.length === 0) return <p class="empty">{words.nothing}</p>;
  return (
    <>
      <p class="sentence">
        {answer.next === null && <strong>{ranked.length === 0 ? words.tooLittle : words.ranking.told(above, ranked.length)}</strong>}{" "}
        {tooFew > 0 && words.ranking.tooFew(tooFew)}
      </p>
      <PagedTable caption={words.ranking.title(words.dimensions[asked.by])} columns={columns} rows={rows} total={answer.total} />
    </>
  );
}
