/** The lift's alerts, newest first, with what people did about each. */
import { span } from "../format.ts";
import { Trail } from "../parts/alert-parts.tsx";
import { DataTable } from "../parts/data-table.tsx";
import { Mark } from "../parts/marks.tsx";
import { Moment, Zone } from "../parts/time.tsx";
import { messages } from "../preferences.ts";
import { rank } from "../order.ts";
import { now } from "../site.ts";
import { alerts, ALERTS_MOST } from "./lift-state.ts";
import { words } from "./words.ts";

const MINUTE_MS = 60_000;

export function History() {
  const say = words.value;
  const all = messages.value;
  const found = alerts.value;
  // A span that still runs is shown to the minute: the table is not drawn anew each second.
  const minute = now.value - (now.value % MINUTE_MS);
  return (
    <section aria-labelledby="history-title">
      <div class="bar">
        <h2 id="history-title">{say.history}</h2>
        <Zone />
      </div>
      {found === null ? (
        <p class="quiet">{all.parts.loading}</p>
      ) : found.length === 0 ? (
        <p class="quiet">{say.noAlerts}</p>
      ) : (
        <DataTable
          caption={say.history}
          captionUnseen
          rows={found}
          rowKey={({ id }) => id}
          columns={[
            {
              key: "raised",
              label: say.columns.raised,
              cell: ({ raisedAt }) => <Moment at={raisedAt} />,
              sort: ({ raisedAt }) => raisedAt,
            },
            {
              key: "hazard",
              label: say.columns.hazard,
              cell: ({ id, hazard, evidence }) => (
                <>
                  <a href={`/#alert-${id}`}>{all.hazards[hazard]}</a> <span class="quiet">{all.evidence[evidence]}</span>
                </>
              ),
              sort: ({ hazard }) => all.hazards[hazard],
            },
            {
              key: "priority",
              label: say.columns.priority,
              cell: ({ priority, acknowledged, state }) => (
                <>
                  <Mark priority={priority} filled={state === "active" && !acknowledged} /> {all.priorities[priority]}
                </>
              ),
              sort: ({ priority }) => -rank(priority),
            },
            {
              key: "state",
              label: say.columns.state,
              cell: ({ state }) => (state === "active" ? <b>{say.states.active}</b> : say.states.cleared),
              sort: ({ state }) => state,
            },
            {
              key: "lasted",
              label: say.columns.lasted,
              figure: true,
              cell: ({ raisedAt, clearedAt }) => span((clearedAt ?? minute) - raisedAt, all.units),
              sort: ({ raisedAt, clearedAt }) => (clearedAt ?? minute) - raisedAt,
            },
            { key: "acts", label: say.columns.acts, cell: (alert) => <Trail alert={alert} /> },
          ]}
        />
      )}
      {found !== null && found.length >= ALERTS_MOST && <p class="note">{say.moreAlerts(ALERTS_MOST)}</p>}
    </section>
  );
}
