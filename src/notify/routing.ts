/** Which routes a change takes, and when it is quiet. */
import { isAbout, type Alert, type Change, type ChangeKind } from "../core/effects.ts";
import type { Route } from "./plan.ts";

const OPENING: ReadonlySet<ChangeKind> = new Set(["raised", "confirmed", "updated", "unshelved"]);
const ENDING: ReadonlySet<ChangeKind> = new Set(["cleared", "closed"]);
/** Told only where a route names them: then it is these very acts that somebody wants to hear of. */
const QUIETING: ReadonlySet<ChangeKind> = new Set(["suppressed", "shelved"]);

export function isEntrapment({ hazard }: Alert): boolean {
  return hazard === "entrapment" || hazard === "entrapment-at-level";
}

/**
 * Nobody is to be disturbed for it: suppressed by design (a lift in inspection or out of service), shelved, part of a mass
 * event that speaks for it, or the news of yesterday. An entrapment that is not suppressed is never quiet.
 */
export function isQuiet(alert: Alert): boolean {
  if (alert.suppressedBy !== null) return true;
  if (isEntrapment(alert)) return false;
  if (alert.shelvedUntil !== null) return true;
  if (alert.priority === "critical") return false;
  return (alert.groupId !== null && alert.hazard !== "mass-event") || alert.details["backlog"] === true;
}

/** Still waits for somebody: escalations go on. */
export function isWaiting(alert: Alert): boolean {
  return alert.state === "active" && !alert.acknowledged && !isQuiet(alert);
}

/** Whether that route has to do with alerts like this one, whatever the change. */
export function concerns({ when }: Route, alert: Alert): boolean {
  const { priority, hazard, lift } = alert;
  return (
    (when.priority?.includes(priority) ?? true) &&
    (when.hazard?.includes(hazard) ?? true) &&
    (when.district?.some((district) => isAbout(alert, "district", district)) ?? true) &&
    among(when.firm, lift.firm) &&
    among(when.building, lift.building)
  );
}

function among(list: readonly string[] | undefined, value: string | null): boolean {
  return list === undefined || (value !== null && list.includes(value));
}

/**
 * Whether a change goes along a route; `told` says that the route has told of this alert. An alert that becomes graver, and so
 * the business of a route that has not told of it, is told as if it were raised; the end of what was never told is not.
 */
export function takes(route: Route, { change, alert }: Change, told: boolean): boolean {
  if (!concerns(route, alert)) return false;
  const asked = route.when.change;
  if (QUIETING.has(change)) return asked.includes(change);
  if (isQuiet(alert) && !(told && ENDING.has(change))) return false;
  const tellsBeginnings = asked.includes("raised");
  if (tellsBeginnings && !told) return OPENING.has(change) && alert.state === "active";
  return asked.includes(change);
}
