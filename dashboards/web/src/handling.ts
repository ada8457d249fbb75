/** What may be done about an alert, and what is to be done next (docs/alerts.md). The program decides; this only decides what is offered. */
import type { Alert, Hazard } from "../../../src/core/effects.ts";
import type { ActName } from "../../../src/core/entry.ts";

const PEOPLE_SHUT_IN: ReadonlySet<Hazard> = new Set(["entrapment", "entrapment-at-level"]);

export function isEntrapment(alert: Pick<Alert, "hazard">): boolean {
  return PEOPLE_SHUT_IN.has(alert.hazard);
}

/** Whether nothing is left to be done: it takes no more acts. */
export function isOver({ state, acknowledged, suppressedBy, shelvedUntil, dispatchedAt, closedAt }: Alert): boolean {
  if (closedAt !== null) return true;
  return state === "cleared" && (acknowledged || suppressedBy !== null || shelvedUntil !== null) && dispatchedAt === null;
}

/** All acts that the alert's state allows, in the order in which they are usually done. */
export function allowedActs(alert: Alert): readonly ActName[] {
  if (isOver(alert)) return [];
  const acts: ActName[] = [];
  const active = alert.state === "active";
  if (!alert.acknowledged) acts.push("acknowledge");
  if (active && alert.dispatchedAt === null) acts.push("dispatch");
  if (alert.dispatchedAt !== null && alert.arrivedAt === null) acts.push("arrive");
  if (isEntrapment(alert) && alert.arrivedAt !== null && alert.rescuedAt === null) acts.push("rescue");
  if (alert.shelvedUntil !== null) acts.push("unshelve");
  else if (active && !isEntrapment(alert) && alert.suppressedBy === null && (alert.priority !== "critical" || alert.acknowledged)) {
    acts.push("shelve");
  }
  acts.push("close");
  return acts;
}

/**
 * The one act that comes next, or null where waiting is right: an acknowledged alert of lower priority that nobody is sent to, one that
 * is shelved or suppressed.
 */
export function nextAct(alert: Alert): ActName | null {
  if (isOver(alert)) return null;
  if (!alert.acknowledged) return "acknowledge";
  if (alert.dispatchedAt !== null && alert.arrivedAt === null) return "arrive";
  if (alert.arrivedAt !== null) return isEntrapment(alert) && alert.rescuedAt === null ? "rescue" : "close";
  if (alert.state === "cleared") return "close";
  if (alert.suppressedBy !== null || alert.shelvedUntil !== null) return null;
  return alert.priority === "critical" || alert.priority === "high" ? "dispatch" : null;
}

/** Whether closing it needs words: it still stands, and nobody was reported out. */
export function closeNeedsReason(alert: Alert): boolean {
  return alert.state === "active" && alert.rescuedAt === null;
}

const MARKS = {
  acknowledge: "acknowledgedAt",
  dispatch: "dispatchedAt",
  arrive: "arrivedAt",
  rescue: "rescuedAt",
  close: "closedAt",
} as const;

/** When an act was done, ms since the epoch; null where it was not, and for acts that leave no mark. */
export function doneAt(act: ActName, alert: Alert): number | null {
  return act === "shelve" || act === "unshelve" ? null : alert[MARKS[act]];
}

/** Whether the feed's newest version of an alert shows that an act was done. */
export function isDone(act: ActName, alert: Alert): boolean {
  if (act === "acknowledge") return alert.acknowledged;
  if (act === "shelve" || act === "unshelve") return (alert.shelvedUntil !== null) === (act === "shelve");
  return doneAt(act, alert) !== null;
}
