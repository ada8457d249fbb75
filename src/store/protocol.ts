/** Messages between the main thread and the store's worker. Everything is plain data; packed readings change hands. */
import type { AlertsQuery, DaysQuery, ReadingsQuery } from "./store.ts";
import type { StoreState } from "./database.ts";
import type { FailureMessage } from "./failures.ts";
import type { PackedReadings } from "./packing.ts";
import type { ColumnValues } from "./tables.ts";

export interface WorkerOptions {
  readonly file: string;
  readonly journalId: string;
  readonly memoryMb: number;
  readonly threads: number;
  readonly spillGb: number;
  readonly checkpointMb: number;
  readonly readers: number;
  readonly queryMs: number;
  readonly daysRows: number;
  readonly quarantineRows: number;
  readonly sortPieceRows: number;
}

/** A batch without its readings, which came before it in pieces. */
export interface CommitRequest {
  readonly from: number;
  readonly to: number;
  readonly changes: ColumnValues | null;
  readonly alerts: ColumnValues | null;
  readonly quarantined: ColumnValues | null;
  readonly days: ColumnValues | null;
}

export type QueryRequest =
  | { readonly kind: "readings"; readonly query: ReadingsQuery }
  | { readonly kind: "alerts"; readonly query: AlertsQuery }
  | { readonly kind: "history"; readonly alertId: string }
  | { readonly kind: "changes"; readonly after: number; readonly limit: number }
  | { readonly kind: "quarantined"; readonly limit: number }
  | { readonly kind: "days"; readonly query: DaysQuery };

export type ToWorker =
  | { readonly op: "piece"; readonly id: number; readonly packed: PackedReadings }
  | { readonly op: "commit"; readonly id: number; readonly batch: CommitRequest }
  | { readonly op: "query"; readonly id: number; readonly request: QueryRequest }
  | { readonly op: "retain"; readonly id: number; readonly day: string }
  | { readonly op: "sorted"; readonly id: number }
  | { readonly op: "close"; readonly id: number };

/** Rows of an answer: readings packed, or the columns of another table, in parts of bounded size. */
export interface Answer {
  readonly packed: readonly PackedReadings[];
  readonly columns: readonly ColumnValues[];
  readonly next: string | null;
}

export type FromWorker =
  | { readonly op: "opened"; readonly state: StoreState }
  | { readonly op: "refused"; readonly failure: FailureMessage }
  | { readonly op: "answer"; readonly id: number; readonly answer: Answer }
  | { readonly op: "done"; readonly id: number; readonly state: StoreState; readonly days: readonly string[] }
  | { readonly op: "failed"; readonly id: number; readonly state: StoreState; readonly failure: FailureMessage };
