/** In what order alerts are read: people shut in first, then by priority, then the newest (domain.md §4). */
import type { Alert, Hazard, Priority } from "../../../src/core/effects.ts";
import { isPaging } from "./feed.ts";

const RANK: Readonly<Record<Priority, number>> = { critical: 1, high: 2, medium: 3, low: 4 };
const PEOPLE_SHUT_IN: ReadonlySet<Hazard> = new Set(["entrapment", "entrapment-at-level"]);

/** Highest first. */
export const PRIORITIES_IN_ORDER = (Object.keys(RANK) as Priority[]).sort((a, b) => RANK[a] - RANK[b]);

/** 1 for the highest; the number that is written into the priority's mark. */
export function rank(priority: Priority): number {
  return RANK[priority];
}

export interface AlertLists {
  /** Active and paging, in reading order. */
  readonly active: readonly Alert[];
  /** Active, but suppressed by design or shelved. */
  readonly folded: readonly Alert[];
  /** The last to end first. */
  readonly cleared: readonly Alert[];
  readonly byPriority: Readonly<Record<Priority, number>>;
  readonly unacknowledged: number;
  readonly unacknowledgedCritical: number;
}

export function arrange(active: Iterable<Alert>, cleared: Iterable<Alert>): AlertLists {
  const paging: Alert[] = [];
  const folded: Alert[] = [];
  const byPriority = { critical: 0, high: 0, medium: 0, low: 0 };
  let unacknowledged = 0;
  let unacknowledgedCritical = 0;
  for (const alert of active) {
    if (!isPaging(alert)) {
      folded.push(alert);
      continue;
    }
    paging.push(alert);
    byPriority[alert.priority] += 1;
    if (alert.acknowledged) continue;
    unacknowledged += 1;
    if (alert.priority === "critical") unacknowledgedCritical += 1;
  }
  paging.sort(inReadingOrder);
  folded.sort(inReadingOrder);
  const ended = [...cleared].sort((a, b) => (b.clearedAt ?? 0) - (a.clearedAt ?? 0) || compareIds(a, b));
  return { active: paging, folded, cleared: ended, byPriority, unacknowledged, unacknowledgedCritical };
}

function inReadingOrder(a: Alert, b: Alert): number {
  return (
    Number(PEOPLE_SHUT_IN.has(b.hazard)) - Number(PEOPLE_SHUT_IN.has(a.hazard)) ||
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
