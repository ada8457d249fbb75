/** Pages of lifts from the monitor's memory, by id. A cursor is the last id of the page before. */
import { setImmediate } from "node:timers/promises";
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

/** A view takes 10 to 20 µs to make: so many between two turns of the event loop, or a search of a city would hold up signals. */
const LIFTS_A_TURN = 200;

export async function liftPage(monitor: Pick<Monitor, "lift" | "liftIds">, query: LiftsQuery): Promise<Page<LiftView>> {
  const ids = inOrder(monitor.liftIds());
  const rows: LiftView[] = [];
  const start = query.after === undefined ? 0 : firstAfter(ids, query.after);
  for (let at = start; at < ids.length; at++) {
    if ((at - start + 1) % LIFTS_A_TURN === 0) await setImmediate();
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
  // A copy, as the monitor's own may change between two turns.
  const copy = [...ids];
  for (let at = 1; at < copy.length; at++) {
    if ((copy[at - 1] ?? "") > (copy[at] ?? "")) return copy.sort();
  }
  return copy;
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
