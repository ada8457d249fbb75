/** The operator load report of stored alert changes. */
import { setImmediate } from "node:timers/promises";
import { LIMITS } from "../config.ts";
import { OperationalError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { DAY_MS, type LoadOptions, type OperatorLoadReport } from "./load-figures.ts";
import { OperatorLoad } from "./operator-load.ts";

/** What happened in the day before the period tells what was going on at its beginning. */
const LEAD_MS = DAY_MS;

/**
 * @throws OperationalError `query-too-large` for a period of more than LIMITS.report.days, or with more than LIMITS.report.changes; and what
 *   the store throws.
 */
export async function storedLoad(store: Pick<Store, "alerts" | "changesAfter">, options: LoadOptions): Promise<OperatorLoadReport> {
  const { from, to } = options;
  if (to - from > LIMITS.report.days * DAY_MS)
    throw new OperationalError(
      "query-too-large",
      `from, to: found ${Math.ceil((to - from) / DAY_MS)} days; expected at most ${LIMITS.report.days}`,
    );
  const load = new OperatorLoad(options);
  let after = await lastBefore(store, from - LEAD_MS);
  for (let taken = 0; ;) {
    const changes = await store.changesAfter(after, LIMITS.report.pageChanges);
    for (const change of changes) load.take(change);
    const last = changes.at(-1);
    if (last === undefined || last.at >= to) break;
    after = last.n;
    taken += changes.length;
    if (taken > LIMITS.report.changes)
      throw new OperationalError(
        "query-too-large",
        `the period has more than ${LIMITS.report.changes} changes of alerts; expected a shorter one`,
      );
    await setImmediate();
  }
  let cursor: string | undefined;
  do {
    // Raised by the device's clock, which may be wrong; what is begun too late is left out by the monitor's.
    const page = await store.alerts({ state: "active", limit: LIMITS.report.pageChanges, after: cursor });
    for (const alert of page.rows) load.standing(alert);
    cursor = page.next ?? undefined;
    await setImmediate();
  } while (cursor !== undefined);
  return load.report();
}

/** Number of the last change before `time`: they are numbered in the order of their times. */
async function lastBefore(store: Pick<Store, "changesAfter">, time: number): Promise<number> {
  const isBefore = async (n: number): Promise<boolean> => {
    const [next] = await store.changesAfter(n, 1);
    return next !== undefined && next.at < time;
  };
  let low = 0;
  if (!(await isBefore(low))) return low;
  let high = 1;
  while (await isBefore(high)) {
    low = high;
    high *= 2;
  }
  // Behind `low` there is a change before `time`, behind `high` there is none.
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (await isBefore(middle)) low = middle;
    else high = middle;
  }
  return high;
}
