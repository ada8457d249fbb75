/** Rows of a store, a batch at a time, whichever store it is. */
import { LIMITS } from "../config.ts";
import type { Store } from "../store/store.ts";
import { alertRow, type Kind, readingRow, type Row } from "./kinds.ts";

export interface RowFilter {
  /** ms: device time of readings, raisedAt of alerts, of work orders the time they were told, receivedAt of what was rejected; `to` exclusive. */
  readonly from: number | null;
  readonly to: number | null;
  /** Days of the site, both inclusive: for day counts. */
  readonly fromDay: string | null;
  readonly toDay: string | null;
  readonly lifts: ReadonlySet<string> | null;
}

export type ExportedStore = Pick<Store, "readings" | "alerts" | "history" | "quarantined" | "days" | "works">;

/** `liftIds` are those that are known; lifts with day counts are found by themselves. */
export async function* rowsOf(
  store: ExportedStore,
  kind: Kind,
  filter: RowFilter,
  liftIds: readonly string[],
): AsyncGenerator<readonly Row[]> {
  if (kind === "readings") yield* readings(store, filter, liftIds);
  else if (kind === "alerts") yield* alerts(store, filter);
  else if (kind === "days") yield* days(store, filter);
  else if (kind === "works") yield* works(store, filter);
  else yield* quarantine(store, filter);
}

async function* readings(store: ExportedStore, { from, to, lifts }: RowFilter, liftIds: readonly string[]): AsyncGenerator<readonly Row[]> {
  const counted = lifts === null ? (await store.days({})).map(({ liftId }) => liftId) : [];
  const ids = lifts === null ? [...new Set([...liftIds, ...counted])] : [...lifts];
  for (const liftId of ids.toSorted((one, other) => (one < other ? -1 : 1))) {
    let after: string | undefined;
    do {
      const page = await store.readings({ liftId, from: from ?? undefined, to: to ?? undefined, limit: LIMITS.exchange.pageRows, after });
      if (page.rows.length > 0) yield page.rows.map(readingRow);
      after = page.next ?? undefined;
    } while (after !== undefined);
  }
}

async function* alerts(store: ExportedStore, { from, to, lifts }: RowFilter): AsyncGenerator<readonly Row[]> {
  let after: string | undefined;
  do {
    const page = await store.alerts({ from: from ?? undefined, to: to ?? undefined, limit: LIMITS.exchange.pageAlerts, after });
    const rows: Row[] = [];
    for (const alert of page.rows) if (lifts === null || lifts.has(alert.liftId)) rows.push(alertRow(alert, await store.history(alert.id)));
    if (rows.length > 0) yield rows;
    after = page.next ?? undefined;
  } while (after !== undefined);
}

async function* days(store: ExportedStore, { fromDay, toDay, lifts }: RowFilter): AsyncGenerator<readonly Row[]> {
  const found = await store.days({ from: fromDay ?? undefined, to: toDay ?? undefined });
  const wanted = lifts === null ? found : found.filter(({ liftId }) => lifts.has(liftId));
  for (let start = 0; start < wanted.length; start += LIMITS.exchange.pageRows)
    yield wanted.slice(start, start + LIMITS.exchange.pageRows).map((row) => ({ ...row }));
}

async function* works(store: ExportedStore, { from, to, lifts }: RowFilter): AsyncGenerator<readonly Row[]> {
  let after: string | undefined;
  do {
    const page = await store.works({ limit: LIMITS.store.worksPage, after });
    const wanted = page.rows.filter(
      ({ at, liftId }) => at >= (from ?? -Infinity) && at < (to ?? Infinity) && (lifts === null || lifts.has(liftId)),
    );
    if (wanted.length > 0) yield wanted.map((row) => ({ ...row }));
    after = page.next ?? undefined;
  } while (after !== undefined);
}

/** The newest, as many as a store gives. */
async function* quarantine(store: ExportedStore, { from, to, lifts }: RowFilter): AsyncGenerator<readonly Row[]> {
  const rows = await store.quarantined(LIMITS.store.quarantinePage);
  yield rows
    .filter(({ receivedAt, topic }) => {
      const [, liftId = ""] = topic.split("/");
      return receivedAt >= (from ?? 0) && receivedAt < (to ?? Infinity) && (lifts === null || lifts.has(liftId));
    })
    .map((row) => ({ ...row }));
}
