/**
 * Pages of alerts that show what has just happened, although the store lags: the newest versions, which the monitor
 * knows, over the store's rows. Newest `raisedAt` first, ties by id; a cursor is the place in that order.
 */
import { LIMITS } from "../config.ts";
import type { Alert } from "../core/effects.ts";
import type { AlertsQuery, Page, Store } from "../store/store.ts";
import { Problem } from "./problem.ts";

interface Place {
  readonly raisedAt: number;
  readonly id: string;
}

/** `stale` is a matter of active alerts, which the monitor holds: the store need not know of it. */
export interface AlertPageQuery extends AlertsQuery {
  readonly stale?: boolean | undefined;
}

/**
 * @param recent newest versions, at most one an alert, taken before the call, with all active ones among them; the store may
 * hold older versions.
 * @throws Problem 400 for a cursor that is none.
 */
export async function alertPage(store: Pick<Store, "alerts">, recent: readonly Alert[], query: AlertPageQuery): Promise<Page<Alert>> {
  const place = query.after === undefined ? null : parsePlace(query.after);
  const isAfter = (alert: Place): boolean => place === null || order(place, alert) < 0;
  const newer = new Set(recent.map((alert) => alert.id));
  const rows = recent.filter((alert) => isAfter(alert) && matches(alert, query));

  // The store's cursors are its own, so a later page starts at the time of the place, and skips to it.
  const to = place === null ? query.to : Math.min(place.raisedAt + 1, query.to ?? Number.MAX_SAFE_INTEGER);
  const { after: _after, stale: _stale, ...filters } = query;
  let stored = 0;
  let cursor: string | undefined;
  // The monitor holds every active alert, so the store, which may be away, is not asked for them.
  let more = query.state !== "active" && query.stale === undefined;
  while (more) {
    const page = await store.alerts({ ...filters, to, limit: Math.min(query.limit + 1, LIMITS.store.alertsPage), after: cursor });
    for (const alert of page.rows) {
      if (newer.has(alert.id) || !isAfter(alert)) continue;
      rows.push(alert);
      stored += 1;
    }
    cursor = page.next ?? undefined;
    more = cursor !== undefined && stored <= query.limit;
  }

  rows.sort(order);
  const last = rows[query.limit - 1];
  return { rows: rows.slice(0, query.limit), next: rows.length > query.limit && last !== undefined ? formatPlace(last) : null };
}

/** Negative when `a` comes first. */
function order(a: Place, b: Place): number {
  return b.raisedAt - a.raisedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function matches(alert: Alert, { state, stale, hazard, liftId, from, to }: AlertPageQuery): boolean {
  return (
    (stale === undefined || (alert.state === "active" && alert.stale === stale)) &&
    (state === undefined || alert.state === state) &&
    (hazard === undefined || alert.hazard === hazard) &&
    (liftId === undefined || alert.liftId === liftId) &&
    (from === undefined || alert.raisedAt >= from) &&
    (to === undefined || alert.raisedAt < to)
  );
}

function formatPlace({ raisedAt, id }: Place): string {
  return `${raisedAt}.${id}`;
}

function parsePlace(cursor: string): Place {
  const match = /^(-?\d{1,16})\.([A-Za-z0-9_-]{1,64})$/.exec(cursor);
  if (match === null) throw new Problem(400, "invalid", "expected the `next` of an earlier page", "after");
  return { raisedAt: Number(match[1]), id: match[2] ?? "" };
}
