/** Pages of lifts from the monitor's memory, by id. A cursor is the last id of the page before. */
import type { Monitor } from "../core/monitor.ts";
import type { LiftCondition, LiftView } from "../core/view.ts";
import type { Page } from "../store/store.ts";

export interface LiftsQuery {
  readonly district?: string | undefined;
  readonly firm?: string | undefined;
  readonly building?: string | undefined;
  readonly state?: LiftCondition | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
}

export function liftPage(monitor: Pick<Monitor, "lift" | "liftIds">, query: LiftsQuery): Page<LiftView> {
  const ids = inOrder(monitor.liftIds());
  const rows: LiftView[] = [];
  for (let at = query.after === undefined ? 0 : firstAfter(ids, query.after); at < ids.length; at++) {
    const lift = monitor.lift(ids[at] ?? "");
    if (lift === null || !matches(lift, query)) continue;
    // One more than wanted: only then is it known that there is a next page.
    if (rows.length === query.limit) return { rows, next: rows.at(-1)?.liftId ?? null };
    rows.push(lift);
  }
  return { rows, next: null };
}

function matches({ register, state }: LiftView, query: LiftsQuery): boolean {
  return (
    (query.state === undefined || state === query.state) &&
    (query.district === undefined || register?.district === query.district) &&
    (query.firm === undefined || register?.firm === query.firm) &&
    (query.building === undefined || register?.building === query.building)
  );
}

/** The monitor's order is fixed but may not be that of the ids; a cursor must outlive lifts that come and go. */
function inOrder(ids: readonly string[]): readonly string[] {
  for (let at = 1; at < ids.length; at++) {
    if ((ids[at - 1] ?? "") > (ids[at] ?? "")) return [...ids].sort();
  }
  return ids;
}

function firstAfter(ids: readonly string[], id: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] ?? "") <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}
