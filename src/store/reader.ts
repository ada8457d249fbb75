/** The port's questions, over whatever carries them to the store's worker: checked here, and unpacked from its answers. */
import { setImmediate as turn } from "node:timers/promises";
import type { LIMITS } from "../config.ts";
import type { Alert, Change, DayCount, Quarantined, StoredReading, WorkRow } from "../core/effects.ts";
import { OperationalError } from "../errors.ts";
import { readCursor } from "./cursor.ts";
import { unpackReadings } from "./packing.ts";
import type { Answer, QueryRequest } from "./protocol.ts";
import type { MinuteCount, Page, Store, StoreMark } from "./store.ts";
import { CHANGE_COLUMNS, DAY_COLUMNS, MINUTE_COLUMNS, QUARANTINE_COLUMNS, WORK_COLUMNS } from "./tables.ts";
import type { ColumnValues } from "./tables.ts";

export type StoreReader = Pick<
  Store,
  "readings" | "alerts" | "history" | "changesAfter" | "quarantined" | "days" | "packedDays" | "works" | "minutes"
> & { mark(): Promise<StoreMark> };
type Pages = Readonly<Record<"readingsPage" | "alertsPage" | "quarantinePage" | "minutesPage" | "worksPage", number>> &
  Partial<Record<keyof typeof LIMITS.store, number>>;

/** Pages are at most as `limits` say. */
export function readerOver(query: (request: QueryRequest) => Promise<Answer>, limits: Pages): StoreReader {
  return {
    async readings(request): Promise<Page<StoredReading>> {
      checkLimit(request.limit, limits.readingsPage);
      if (request.after !== undefined) readCursor(request.after, ["number", "number", "number"]);
      const answer = await query({ kind: "readings", query: request });
      const rows: StoredReading[] = [];
      for (const packed of answer.packed) {
        unpackReadings(packed, rows);
        if (answer.packed.length > 1) await turn();
      }
      return { rows, next: answer.next };
    },
    async alerts(request): Promise<Page<Alert>> {
      checkLimit(request.limit, limits.alertsPage);
      if (request.after !== undefined) readCursor(request.after, ["number", "string"]);
      const answer = await query({ kind: "alerts", query: request });
      return { rows: await unfold(answer.columns, ([alert]) => JSON.parse(String(alert)) as Alert), next: answer.next };
    },
    async history(alertId) {
      const answer = await query({ kind: "history", alertId });
      return unfold(answer.columns, change);
    },
    async changesAfter(after, limit) {
      checkLimit(limit, limits.alertsPage);
      const answer = await query({ kind: "changes", after, limit });
      return unfold(answer.columns, change);
    },
    async quarantined(limit) {
      checkLimit(limit, limits.quarantinePage);
      const answer = await query({ kind: "quarantined", limit });
      return unfold(answer.columns, (cells) => record(QUARANTINE_COLUMNS, cells) as Quarantined);
    },
    async days(request) {
      const answer = await query({ kind: "days", query: request });
      return unfold(answer.columns, (cells) => record(DAY_COLUMNS, cells) as DayCount);
    },
    async packedDays(request) {
      const { packed, next } = await query({ kind: "packedDays", query: request });
      const [part] = packed;
      return { liftIds: part?.strings ?? [], count: part?.count ?? 0, cells: part?.cells ?? new Float64Array(0), next };
    },
    async mark() {
      const [columns] = (await query({ kind: "mark" })).columns;
      const [mark, lastChange] = [columns?.[0]?.[0], columns?.[1]?.[0]];
      return { mark: typeof mark === "string" ? mark : null, lastChange: Number(lastChange ?? 0) };
    },
    async works(request) {
      checkLimit(request.limit, limits.worksPage);
      if (request.after !== undefined) readCursor(request.after, ["number"]);
      const answer = await query({ kind: "works", query: request });
      return { rows: await unfold(answer.columns, (cells) => record(WORK_COLUMNS, cells) as WorkRow), next: answer.next };
    },
    async minutes(request) {
      checkLimit(request.limit, limits.minutesPage);
      if (request.after !== undefined) readCursor(request.after, ["number"]);
      const answer = await query({ kind: "minutes", query: request });
      return { rows: await unfold(answer.columns, (cells) => record(MINUTE_COLUMNS, cells) as MinuteCount), next: answer.next };
    },
  };
}

function checkLimit(limit: number, most: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > most) {
    throw new OperationalError("query-invalid", `limit: found ${limit}, expected an integer from 1 to ${most}`);
  }
}

/** Rows from columns, part by part, with a turn of the event loop between parts. */
async function unfold<T>(parts: readonly ColumnValues[], row: (cells: readonly unknown[]) => T): Promise<T[]> {
  const result: T[] = [];
  for (const columns of parts) {
    const count = columns[0]?.length ?? 0;
    for (let index = 0; index < count; index++) {
      result.push(row(columns.map((values) => values[index])));
      if (index % 512 === 511) await turn();
    }
  }
  return result;
}

function record(columns: readonly { readonly name: string }[], cells: readonly unknown[]): unknown {
  return Object.fromEntries(columns.map(({ name }, index) => [name, cells[index]]));
}

function change(cells: readonly unknown[]): Change {
  const { alertId: _, alert, ...rest } = record(CHANGE_COLUMNS, cells) as Omit<Change, "alert"> & { alertId: string; alert: string };
  return { ...rest, alert: JSON.parse(alert) as Alert };
}
