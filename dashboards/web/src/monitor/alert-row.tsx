/** One alert as a row. On a phone the same row is a card; roles are written out because `display` would drop them there. */
import type { Alert } from "../../../../src/core/effects.ts";
import { facts } from "../facts.ts";
import { span } from "../format.ts";
import { NextAct } from "../parts/acts.tsx";
import { foldedBecause, Trail, Where } from "../parts/alert-parts.tsx";
import { Mark } from "../parts/marks.tsx";
import { Age, When } from "../parts/time.tsx";
import { language, messages } from "../preferences.ts";
import { mayAct } from "../site.ts";
import { words } from "./words.ts";

interface RowProps {
  readonly alert: Alert;
}

/** `inside`: how many alerts a mass event owns. */
export function ActiveRow({ alert, inside = 0 }: RowProps & { readonly inside?: number }) {
  const say = messages.value;
  const known = facts(alert, say, language.value, { handling: false });
  const folded = foldedBecause(alert, say);
  const ended = alert.state === "cleared";
  const said = [folded, ...known, inside > 0 ? words.value.inside(inside) : null].filter((text) => text !== null);
  return (
    <div role="row" class={`row ${alert.priority} ${alert.acknowledged ? "seen" : "open"} ${ended ? "ended" : ""}`} data-alert={alert.id}>
      <PriorityCell alert={alert} />
      <HazardCell alert={alert} />
      <div role="cell" class="lift">
        <Where alert={alert} />
      </div>
      <div role="cell" class="details">
        {ended ? (
          <b>{words.value.ended}</b>
        ) : (
          <span class={alert.evidence === "suspected" ? "evidence suspected" : "quiet"}>{say.evidence[alert.evidence]}</span>
        )}
        {said.length > 0 && " · "}
        {said.join(" · ")}
        <Trail alert={alert} />
      </div>
      <div role="cell" class="since">
        <b>
          <Age from={alert.raisedAt} />
        </b>{" "}
        <span class="under quiet">
          <When at={alert.raisedAt} />
        </span>
      </div>
      <div role="cell" class="state">
        {!mayAct.value && !alert.acknowledged && <span>{say.alerts.notAcknowledged}</span>}
        <NextAct alert={alert} />
      </div>
    </div>
  );
}

export function EndedRow({ alert }: RowProps) {
  const endedAt = alert.clearedAt ?? alert.raisedAt;
  return (
    <div role="row" class={`row ${alert.priority} ${alert.acknowledged ? "seen" : "open"}`} data-alert={alert.id}>
      <PriorityCell alert={alert} />
      <HazardCell alert={alert} />
      <div role="cell" class="lift">
        <Where alert={alert} />
      </div>
      <div role="cell" class="details">
        <Trail alert={alert} />
        {!alert.acknowledged && alert.suppressedBy !== null && messages.value.alerts.noneNeeded}
      </div>
      <div role="cell" class="since">
        <When at={endedAt} />{" "}
        <span class="under quiet">
          {messages.value.alerts.columns.lasted} {span(endedAt - alert.raisedAt, messages.value.units)}
        </span>
      </div>
      <div role="cell" class="state">
        <NextAct alert={alert} />
      </div>
    </div>
  );
}

function PriorityCell({ alert }: RowProps) {
  return (
    <div role="cell" class="priority">
      <Mark priority={alert.priority} filled={!alert.acknowledged} /> <span>{messages.value.priorities[alert.priority]}</span>
    </div>
  );
}

function HazardCell({ alert }: RowProps) {
  const say = messages.value;
  return (
    <div role="rowheader" class="hazard">
      <a href={`#alert-${alert.id}`} data-open>
        {say.hazards[alert.hazard]}
      </a>{" "}
      {alert.occurrences > 1 && <span class="quiet">{say.alerts.times(alert.occurrences)}</span>}
    </div>
  );
}
