/**
 * What changed and may not be in the store yet: REST lays it over the store's answers, so that what an operator has just
 * done is seen at once although the store is written in batches. Bounded by the store's lag; `settle` lets go.
 */
import type { Alert, Change } from "./core/effects.ts";

export interface RecentAlerts {
  take(changes: readonly Change[]): void;
  /** Forgets changes of journal entries up to `offset`: the store has them. */
  settle(offset: number): void;
  /** Newest version of each alert that changed after the store's offset. */
  alerts(): readonly Alert[];
  changes(alertId: string): readonly Change[];
}

/** While the store is away for long, the oldest are forgotten: the journal has them, and the store will (assumption). */
const CHANGES_KEPT = 50_000;

export function createRecentAlerts(): RecentAlerts {
  let recent: Change[] = [];
  return {
    take(changes) {
      for (const change of changes) recent.push(change);
      if (recent.length > CHANGES_KEPT) recent = recent.slice(-CHANGES_KEPT / 2);
    },
    settle(offset) {
      let first = 0;
      while (first < recent.length && (recent[first]?.seq ?? Infinity) <= offset) first += 1;
      if (first > 0) recent = recent.slice(first);
    },
    alerts: () => [...new Map(recent.map(({ alert }) => [alert.id, alert])).values()],
    changes: (alertId) => recent.filter(({ alert }) => alert.id === alertId),
  };
}
