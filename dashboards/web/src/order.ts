/** In what order alerts are read: people shut in apart and first, then by priority, then the newest (domain.md §4). */
import type { Alert, Priority } from "../../../src/core/effects.ts";
import { isPaging } from "./feed.ts";
import { isEntrapment, isOver } from "./handling.ts";

const RANK: Readonly<Record<Priority, number>> = { critical: 1, high: 2, medium: 3, low: 4 };

/** Highest first. */
export const PRIORITIES_IN_ORDER = (Object.keys(RANK) as Priority[]).sort((a, b) => RANK[a] - RANK[b]);

/** 1 for the highest; the number that is written into the priority's mark. */
export function rank(priority: Priority): number {
  return RANK[priority];
}

export interface AlertLists {
  /** Entrapments that are not over, the longest first: the next duty to run out is on top, and a new one moves none of the others. */
  readonly people: readonly Alert[];
  /** What else pages, and what has ended though somebody is on the way or nobody has seen it who should have; in reading order. */
  readonly active: readonly Alert[];
  /** Active, but suppressed by design, shelved, or part of a mass event. */
  readonly folded: readonly Alert[];
  /** The last to end first. */
  readonly cleared: readonly Alert[];
  /** Of those that page, people shut in among them. */
  readonly byPriority: Readonly<Record<Priority, number>>;
  readonly unacknowledged: number;
  readonly unacknowledgedCritical: number;
}

export function arrange(active: Iterable<Alert>, cleared: Iterable<Alert>): AlertLists {
  const people: Alert[] = [];
  const listed: Alert[] = [];
  const folded: Alert[] = [];
  const ended: Alert[] = [];
  const byPriority = { critical: 0, high: 0, medium: 0, low: 0 };
  let unacknowledged = 0;
  let unacknowledgedCritical = 0;
  for (const alert of active) {
    if (!isPaging(alert)) {
      folded.push(alert);
      continue;
    }
    (isEntrapment(alert) ? people : listed).push(alert);
    byPriority[alert.priority] += 1;
    if (alert.acknowledged) continue;
    unacknowledged += 1;
    if (alert.priority === "critical") unacknowledgedCritical += 1;
  }
  for (const alert of cleared) {
    if (!wantsSomebody(alert)) ended.push(alert);
    else (isEntrapment(alert) ? people : listed).push(alert);
  }
  people.sort((a, b) => isEnded(a) - isEnded(b) || a.raisedAt - b.raisedAt || compareIds(a, b));
  listed.sort(inReadingOrder);
  folded.sort(inReadingOrder);
  ended.sort((a, b) => (b.clearedAt ?? 0) - (a.clearedAt ?? 0) || compareIds(a, b));
  return { people, active: listed, folded, cleared: ended, byPriority, unacknowledged, unacknowledgedCritical };
}

/** Of an alert whose signal has ended: somebody is on the way and has to be called off, or a grave one has been seen by nobody. */
function wantsSomebody(alert: Alert): boolean {
  if (isOver(alert) || !isPaging(alert)) return false;
  return alert.dispatchedAt !== null || alert.priority === "critical" || alert.priority === "high";
}

/** What stands comes before what has ended and waits for somebody. */
function isEnded(alert: Alert): number {
  return Number(alert.state === "cleared");
}

function inReadingOrder(a: Alert, b: Alert): number {
  return (
    isEnded(a) - isEnded(b) ||
    Number(isEntrapment(b)) - Number(isEntrapment(a)) ||
    RANK[a.priority] - RANK[b.priority] ||
    b.raisedAt - a.raisedAt ||
    compareIds(a, b)
  );
}

/** Ties by id, so that two pages side by side show one order. */
function compareIds(a: Alert, b: Alert): number {
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
