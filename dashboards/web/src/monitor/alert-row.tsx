/** One alert as a row. On a phone the same row is a card; roles are written out because `display` would drop them there. */
import { acts, sendAcknowledge } from "../acts.ts";
import { facts } from "../facts.ts";
import { clockTime, span } from "../format.ts";
import type { Alert } from "../../../../src/core/effects.ts";
import { districtName, type Messages } from "../messages/messages.ts";
import { language, messages } from "../preferences.ts";
import { mayAct, now, zone } from "../site.ts";
import { Mark } from "../parts/marks.tsx";

interface RowProps {
  readonly alert: Alert;
}

export function ActiveRow({ alert }: RowProps) {
  const say = messages.value;
  const known = facts(alert, say, language.value);
  return (
    <tr role="row" class={`${alert.priority} ${alert.acknowledged ? "seen" : "open"}`} data-alert={alert.id}>
      <PriorityCell alert={alert} />
      <HazardCell alert={alert} />
      <PlaceCell alert={alert} />
      <td role="cell" class="details">
        {known.join(" · ")}
      </td>
      <td role="cell" class="since">
        <Age from={alert.raisedAt} />
      </td>
      <td role="cell" class="state">
        {folding(alert, say) !== null && <span class="quiet">{folding(alert, say)} </span>}
        <Acknowledgement alert={alert} />
      </td>
    </tr>
  );
}

export function EndedRow({ alert }: RowProps) {
  const endedAt = alert.clearedAt ?? alert.raisedAt;
  return (
    <tr role="row" class={`${alert.priority} ${alert.acknowledged ? "seen" : "open"}`} data-alert={alert.id}>
      <PriorityCell alert={alert} />
      <HazardCell alert={alert} />
      <PlaceCell alert={alert} />
      <td role="cell" class="ended">
        <When at={endedAt} />
      </td>
      <td role="cell" class="lasted">
        {span(endedAt - alert.raisedAt, messages.value.units)}
      </td>
      <td role="cell" class="state">
        <Acknowledgement alert={alert} />
      </td>
    </tr>
  );
}

function PriorityCell({ alert }: RowProps) {
  return (
    <td role="cell" class="priority">
      <Mark priority={alert.priority} filled={!alert.acknowledged} /> <span>{messages.value.priorities[alert.priority]}</span>
    </td>
  );
}

function HazardCell({ alert }: RowProps) {
  const say = messages.value;
  return (
    <th role="rowheader" scope="row" class="hazard">
      {say.hazards[alert.hazard]}{" "}
      <span class="under quiet">
        {say.evidence[alert.evidence]}
        {alert.occurrences > 1 && ` · ${say.alerts.times(alert.occurrences)}`}
      </span>
    </th>
  );
}

function PlaceCell({ alert }: RowProps) {
  const { building, district } = alert.lift;
  const count = alert.hazard === "mass-event" ? alert.details["count"] : null;
  return (
    <td role="cell" class="lift">
      <b>{typeof count === "number" ? messages.value.alerts.lifts(count) : alert.liftId}</b>{" "}
      <span class="under">
        {building === null && district === null && typeof count !== "number" ? (
          <span class="quiet">{messages.value.alerts.notInRegister}</span>
        ) : (
          <>
            {building !== null && <span lang="zh">{building}</span>}
            {building !== null && district !== null && " · "}
            {district !== null && districtName(district, language.value)}
          </>
        )}
      </span>
    </td>
  );
}

/** The span since `from`, ticking, with the clock time that it counts from. */
function Age(props: { readonly from: number }) {
  const say = messages.value;
  return (
    <>
      <b>{span(now.value - props.from, say.units)}</b>{" "}
      <span class="under quiet">
        <When at={props.from} />
      </span>
    </>
  );
}

function When(props: { readonly at: number }) {
  return <time dateTime={new Date(props.at).toISOString()}>{clockTime(props.at, now.value, zone.value, messages.value.tag)}</time>;
}

function Acknowledgement({ alert }: RowProps) {
  const say = messages.value;
  if (alert.acknowledged) return <span class="quiet">✓ {say.alerts.acknowledged}</span>;
  // The monitor lets go of a suppressed alert when it ends: nobody was paged, so nobody has to answer.
  if (alert.state === "cleared" && alert.suppressedBy !== null) return <span>{say.alerts.noneNeeded}</span>;
  if (!mayAct.value) return <span>{say.alerts.notAcknowledged}</span>;
  const act = acts.value.get(alert.id);
  return (
    <>
      <button
        type="button"
        class="act"
        disabled={act?.phase === "sending"}
        aria-label={say.alerts.acknowledgeThis(say.hazards[alert.hazard], alert.liftId)}
        onClick={(event) => void sendAcknowledge(alert.id, event.detail > 0)}
      >
        {act?.phase === "sending" ? say.alerts.acknowledging : say.alerts.acknowledge}
      </button>
      {act?.phase === "failed" && (
        <span class="failure" role="alert">
          {act.reason(say)}
        </span>
      )}
    </>
  );
}

/** Why an alert is folded away, or null. */
function folding(alert: Alert, say: Messages): string | null {
  if (alert.suppressedBy !== null) {
    if (alert.groupId !== null) return say.alerts.partOfEvent;
    const modes: Readonly<Record<string, string>> = say.modes;
    const mode = alert.suppressedBy.replace(/^(mode|register):/, "");
    return say.alerts.suppressedBy(modes[mode] ?? mode);
  }
  return alert.shelvedUntil === null ? null : say.alerts.shelvedUntil(clockTime(alert.shelvedUntil, now.value, zone.value, say.tag));
}
