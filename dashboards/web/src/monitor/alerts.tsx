/** The alert lists: what is active, what is folded away, what has ended. */
import { signal } from "@preact/signals";
import type { Alert } from "../../../../src/core/effects.ts";
import { ACTIVE_MOST } from "../feed.ts";
import { PRIORITIES_IN_ORDER } from "../order.ts";
import { language, messages } from "../preferences.ts";
import { fleet, known, lists, stale, truncated, urgent } from "../site.ts";
import { districtName } from "../messages/messages.ts";
import { ActiveRow, EndedRow } from "./alert-row.tsx";
import { Mark } from "../parts/marks.tsx";

/** Rows made at once: a district's power cut must not freeze the page. */
const STEP = 200;
const most = signal(STEP);

export function Alerts() {
  const say = messages.value.alerts;
  const { active, folded, cleared, unacknowledged } = lists.value;
  return (
    <section class="alerts" id="alerts" aria-labelledby="alerts-title" tabIndex={-1}>
      <div class="bar">
        <h1 id="alerts-title">
          {say.title} <span class="quiet">{known.value ? say.summary(active.length, unacknowledged) : ""}</span>
        </h1>
        <PriorityCounts />
      </div>
      {active.length > 0 ? <ActiveTable alerts={active} label={say.title} /> : <Quiet />}
      {active.length > most.value && (
        <button type="button" class="more" onClick={() => (most.value += STEP)}>
          {say.more(Math.min(STEP, active.length - most.value))}
        </button>
      )}
      {truncated.value && <p class="note">{say.truncated(ACTIVE_MOST)}</p>}
      {folded.length > 0 && (
        <details class="fold">
          <summary>{say.folded(folded.length)}</summary>
          <ActiveTable alerts={folded} label={say.folded(folded.length)} />
        </details>
      )}
      <Ended alerts={cleared} />
    </section>
  );
}

function PriorityCounts() {
  const say = messages.value;
  const { byPriority } = lists.value;
  return (
    <ul class="priorities" aria-label={say.alerts.byPriority}>
      {PRIORITIES_IN_ORDER.map((priority) => (
        <li key={priority} class={byPriority[priority] === 0 ? "zero" : ""}>
          <Mark priority={priority} filled={byPriority[priority] > 0} /> {say.priorities[priority]} <b>{byPriority[priority]}</b>
        </li>
      ))}
    </ul>
  );
}

function ActiveTable(props: { readonly alerts: readonly Alert[]; readonly label: string }) {
  const say = messages.value.alerts.columns;
  return (
    <table class="list" role="table" aria-label={props.label}>
      <thead role="rowgroup">
        <tr role="row">
          {(["priority", "hazard", "lift", "details", "since", "state"] as const).map((column) => (
            <th key={column} role="columnheader" scope="col" class={column}>
              {say[column]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {props.alerts.slice(0, most.value).map((alert) => (
          <ActiveRow key={alert.id} alert={alert} />
        ))}
      </tbody>
    </table>
  );
}

/** What an empty list means depends on whether anything is being heard. */
function Quiet() {
  const say = messages.value;
  if (!known.value || stale.value) return <p class="empty">{say.alerts.unknown}</p>;
  const counts = fleet.value?.counts.total;
  return (
    <div class="empty">
      <p>{counts === undefined ? say.alerts.quietNoFleet : say.alerts.quiet(counts.registered, counts["in-service"])}</p>
      <p class="quiet">
        {say.alerts.watched}: {Object.values(say.hazards).join(language.value === "zh" ? "、" : ", ")}
      </p>
    </div>
  );
}

function Ended(props: { readonly alerts: readonly Alert[] }) {
  const say = messages.value.alerts;
  return (
    <section class="ended" aria-labelledby="ended-title">
      <h2 id="ended-title">{say.cleared}</h2>
      {props.alerts.length === 0 ? (
        <p class="quiet">{say.clearedNone}</p>
      ) : (
        <table class="list" role="table" aria-labelledby="ended-title">
          <thead role="rowgroup">
            <tr role="row">
              {(["priority", "hazard", "lift", "ended", "lasted", "state"] as const).map((column) => (
                <th key={column} role="columnheader" scope="col" class={column}>
                  {say.columns[column]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {props.alerts.map((alert) => (
              <EndedRow key={alert.id} alert={alert} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** Tells those who listen instead of looking of new critical alerts, once. */
export function Announcer() {
  const say = messages.value;
  const fresh = urgent.value;
  const [first] = fresh;
  const spoken =
    first === undefined ? "" : fresh.length === 1 ? say.alerts.urgent(speak(first)) : say.alerts.urgentMany(fresh.length, speak(first));
  return (
    <div class="unseen" aria-live="polite" role="status">
      {spoken}
    </div>
  );
}

function speak(alert: Alert): string {
  const say = messages.value;
  const { building, district } = alert.lift;
  const place = [building, district === null ? null : districtName(district, language.value)].filter((part) => part !== null).join(", ");
  return say.alerts.spoken(say.hazards[alert.hazard], alert.liftId, place);
}
