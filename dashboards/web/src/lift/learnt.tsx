/** What is normal for this lift, as it was learnt, and how far each control chart is from telling of a change (docs/learning.md). */
import type { LiftLearning } from "../../../../src/core/learning/learnt-view.ts";
import { DataTable } from "../parts/data-table.tsx";
import { Moment } from "../parts/time.tsx";
import { messages } from "../preferences.ts";
import { learning } from "./lift-state.ts";
import { words } from "./words.ts";

type Charted = LiftLearning["signals"][number];

export function Learnt() {
  const say = words.value;
  const learnt = learning.value;
  return (
    <section aria-labelledby="learnt-title">
      <div class="bar">
        <h2 id="learnt-title">{say.learnt}</h2>
      </div>
      {learnt === null ? (
        <p class="quiet">{messages.value.parts.loading}</p>
      ) : learnt.signals.length === 0 ? (
        <p class="quiet">{say.nothingLearnt}</p>
      ) : (
        <>
          <p class="note">{say.chartNote}</p>
          <DataTable
            caption={say.learnt}
            captionUnseen
            rows={learnt.signals}
            rowKey={({ signal }) => signal}
            columns={[
              { key: "signal", label: say.signalColumns.signal, cell: ({ signal }) => say.signals[signal] ?? signal },
              { key: "baseline", label: say.signalColumns.baseline, figure: true, cell: ({ baseline, unit }) => value(baseline, unit) },
              {
                key: "spread",
                label: say.signalColumns.spread,
                figure: true,
                cell: ({ sdPercent }) => (sdPercent === null ? "–" : `± ${sdPercent} %`),
              },
              { key: "newest", label: say.signalColumns.newest, figure: true, cell: ({ newest, unit }) => value(newest, unit) },
              { key: "chart", label: say.signalColumns.chart, cell: (signal) => <Chart signal={signal} /> },
              {
                key: "state",
                label: say.signalColumns.state,
                cell: ({ state }) =>
                  state === "alarmed" || state === "changed" ? (
                    <b>
                      {state === "alarmed" ? "▲" : "△"} {say.signalStates[state]}
                    </b>
                  ) : (
                    <span class="quiet">{say.signalStates[state]}</span>
                  ),
              },
              { key: "days", label: say.signalColumns.days, figure: true, cell: ({ days }) => Math.floor(days) },
            ]}
          />
        </>
      )}
      {learnt?.workAt != null && (
        <p class="quiet">
          {say.sinceWork} <Moment at={learnt.workAt} />
        </p>
      )}
      {learnt?.unusual != null && learnt.unusual.hours > 0 && (
        <p class="quiet">{say.unusual(learnt.unusual.score.toFixed(2), learnt.unusual.hours)}</p>
      )}
    </section>
  );
}

function value(of: number | null, unit: string): string {
  if (of === null) return "–";
  const { tag } = messages.value;
  if (unit === "ms") return `${(of / 1_000).toLocaleString(tag, { maximumFractionDigits: 2 })} s`;
  const text = of.toLocaleString(tag, { maximumFractionDigits: 3 });
  return unit === "mm" ? `${text} mm` : text;
}

const WIDE = 216;
/** Daily values above, the cumulative sum below; px from the top. */
const VALUES = { top: 4, bottom: 36 };
const SUMS = { top: 42, bottom: 66 };
/** The threshold stands at three quarters of the sums' height: what is beyond it has room. */
const AT_THRESHOLD = 0.75;
/** The band around the baseline, standard deviations of a day's value: nineteen days in twenty. */
const BAND_SD = 2;

/** The control chart: each of the last days with its value about the baseline, and the cumulative sum against its decision limit. */
function Chart({ signal }: { readonly signal: Charted }) {
  const { statistic, threshold, past, baseline, sdPercent } = signal;
  const spread = baseline === null || sdPercent === null ? 0 : (BAND_SD * baseline * sdPercent) / 100;
  const centre = baseline ?? 0;
  const shown = [...past.flatMap(({ value: of }) => of ?? []), ...(baseline === null ? [] : [centre - spread, centre + spread])];
  const [least, most] = [Math.min(...shown), Math.max(...shown)];
  const x = (day: number): number => ((day + 0.5) / Math.max(1, past.length)) * WIDE;
  const y = (of: number): number => VALUES.bottom - ((of - least) / (most - least || 1)) * (VALUES.bottom - VALUES.top);
  const sum = (share: number): number => SUMS.bottom - Math.min(1, share * AT_THRESHOLD) * (SUMS.bottom - SUMS.top);
  const wide = WIDE / Math.max(1, past.length) - 4;
  const text = words.value.chart(statistic.toFixed(1), threshold.toFixed(1));
  return (
    <span class="cusum">
      <svg viewBox={`0 0 ${WIDE} ${SUMS.bottom + 2}`} width={WIDE} height={SUMS.bottom + 2} aria-hidden="true">
        {baseline !== null && (
          <>
            <rect class="band" x="0" width={WIDE} y={y(centre + spread)} height={y(centre - spread) - y(centre + spread)} />
            <line class="baseline" x1="0" x2={WIDE} y1={y(centre)} y2={y(centre)} />
          </>
        )}
        <polyline points={past.flatMap(({ value: of }, day) => (of === null ? [] : [`${x(day)},${y(of)}`])).join(" ")} />
        {past.map(({ value: of, ofThreshold }, day) => (
          <g key={day}>
            {of !== null && <circle cx={x(day)} cy={y(of)} r="2.5" />}
            <rect
              class={(ofThreshold ?? 0) >= 1 ? "part beyond" : "part"}
              x={x(day) - wide / 2}
              width={wide}
              y={sum(ofThreshold ?? 0)}
              height={SUMS.bottom - sum(ofThreshold ?? 0)}
            />
          </g>
        ))}
        <line class="ground" x1="0" x2={WIDE} y1={SUMS.bottom} y2={SUMS.bottom} />
        <line class="limit" x1="0" x2={WIDE} y1={sum(1)} y2={sum(1)} />
      </svg>{" "}
      <span class="unseen">
        {text} {words.value.chartDays(past.map(({ value: of }) => value(of, signal.unit)).join(", "))}
      </span>
      <span class="quiet" aria-hidden="true" title={text}>
        {statistic.toFixed(1)} / {threshold.toFixed(1)}
      </span>
    </span>
  );
}
