/** What each rule has in hand at the replay's moment: its condition, its timers and samples, its alert. */
import type { Judging, JudgingPhase } from "../../../../src/core/judging-view.ts";
import { Mark } from "../parts/marks.tsx";
import { messages } from "../preferences.ts";
import { seconds } from "./figures.ts";
import { say } from "./messages.ts";
import { moment } from "./replay-state.ts";

/** What is going on first, what cannot be judged last. */
const ORDER: readonly JudgingPhase[] = ["alert", "ending", "closed", "holding", "counting", "at-rest", "cannot-judge"];
const IDLE: ReadonlySet<JudgingPhase> = new Set(["at-rest", "cannot-judge"]);
const SIGNS: Readonly<Record<JudgingPhase, string>> = {
  alert: "▲",
  ending: "△",
  closed: "◇",
  holding: "◔",
  counting: "◔",
  "at-rest": "·",
  "cannot-judge": "?",
};

export function JudgingTable() {
  const words = say.value.judging;
  const state = moment.value;
  if (state === null) return null;
  const rows = [...state.judging].sort((a, b) => ORDER.indexOf(a.phase) - ORDER.indexOf(b.phase));
  const busy = rows.filter(({ phase }) => !IDLE.has(phase));
  const idle = rows.filter(({ phase }) => IDLE.has(phase));
  const blind = idle.filter(({ phase }) => phase === "cannot-judge").length;
  return (
    <>
      {busy.length === 0 ? <p class="quiet">{words.nothing}</p> : <Rules rows={busy} title={words.title} />}
      <details class="fold">
        <summary>{words.idle(idle.length - blind, blind)}</summary>
        <Rules rows={idle} title={words.idle(idle.length - blind, blind)} />
      </details>
    </>
  );
}

function Rules(props: { readonly rows: readonly Judging[]; readonly title: string }) {
  const { rows, title } = props;
  const words = say.value.judging;
  return (
    <div class="scroll" role="region" aria-label={title} tabIndex={0}>
      <table class="data judging">
        <caption class="unseen">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{words.rule}</th>
            <th scope="col">{words.state}</th>
            <th scope="col">{words.timer}</th>
            <th scope="col">{words.end}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((each) => (
            <Row key={each.hazard} judging={each} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row(props: { readonly judging: Judging }) {
  const { judging } = props;
  const words = say.value.judging;
  const { phase, missing, heldMs, raisedAfterMs, settledAfterMs, endedMs, clearAfterMs, samples, level, levels, evidence } = judging;
  const alert = moment.value?.alerts.find(({ id }) => id === judging.alertId);
  const until = raisedAfterMs === null ? null : level === 0 ? raisedAfterMs : level < levels ? settledAfterMs : null;
  return (
    <tr class={phase}>
      <th scope="row">
        {alert === undefined ? (
          <span class="judging-sign" aria-hidden="true">
            {SIGNS[phase]}
          </span>
        ) : (
          <Mark priority={alert.priority} filled />
        )}{" "}
        {messages.value.hazards[judging.hazard]}
      </th>
      <td>
        {words.phases[phase]}
        {phase === "cannot-judge" && missing.length > 0 && <span class="quiet"> {words.lacks(missing.join(", "))}</span>}
        {alert !== undefined && <span class="quiet"> {messages.value.evidence[alert.evidence]}</span>}
        {evidence.length > 0 && <span class="quiet"> · {evidence.map((source) => words.sources[source]).join(" + ")}</span>}
        {alert?.suppressedBy != null && <span class="quiet"> · {words.suppressed(alert.suppressedBy)}</span>}
      </td>
      <td class="figure">
        {heldMs !== null && (until === null || until <= 0 ? seconds(heldMs) : <Timer ms={heldMs} of={until} />)}
        {samples > 0 && <span class="quiet"> {words.samples(samples)}</span>}
      </td>
      <td class="figure">{endedMs !== null && <Timer ms={endedMs} of={clearAfterMs} />}</td>
    </tr>
  );
}

function Timer(props: { readonly ms: number; readonly of: number }) {
  const { ms, of } = props;
  return (
    <span class="timer">
      {seconds(Math.min(ms, of))} / {seconds(of)} <progress max={of} value={Math.min(ms, of)} aria-hidden="true" />
    </span>
  );
}
