/** What is normal for this lift, as it was learnt, and how far each control chart is from telling of a change (docs/learning.md). */
import type { LearntSignal } from "../../../../src/core/learning/learnt-view.ts";
import { DataTable } from "../parts/data-table.tsx";
import { Moment } from "../parts/time.tsx";
import { messages } from "../preferences.ts";
import { learning } from "./lift-state.ts";
import { words } from "./words.ts";

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

const WIDE = 160;
/** The threshold stands at three quarters: what is beyond it has room. */
const AT_THRESHOLD = 0.75;

/** The cumulative sum as a bar that grows towards its threshold. */
function Chart({ signal: { statistic, threshold } }: { readonly signal: LearntSignal }) {
  const share = threshold > 0 ? Math.min(1, (statistic / threshold) * AT_THRESHOLD) : 0;
  const text = words.value.chart(statistic.toFixed(1), threshold.toFixed(1));
  const beyond = statistic >= threshold;
  return (
    <span class="cusum">
      <svg viewBox={`0 0 ${WIDE} 14`} width={WIDE} height="14" aria-hidden="true">
        <rect class="whole" width={WIDE} y="3" height="8" />
        <rect class={beyond ? "part beyond" : "part"} width={share * WIDE} y="3" height="8" />
        <line x1={AT_THRESHOLD * WIDE} x2={AT_THRESHOLD * WIDE} y1="0" y2="14" />
      </svg>{" "}
      <span class="unseen">{text}</span>
      <span class="quiet" aria-hidden="true" title={text}>
        {statistic.toFixed(1)} / {threshold.toFixed(1)}
      </span>
    </span>
  );
}
