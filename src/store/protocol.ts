/** Messages between the main thread and a store's worker. Everything is plain data; packed readings change hands. */
import type { MessagePort } from "node:worker_threads";
import type { AlertsQuery, DaysQuery, KeepFrom, MinutesQuery, ReadingsQuery, WorksQuery } from "./store.ts";
import type { FailureMessage } from "./failures.ts";
import type { PackedDaysQuery } from "./packed-days.ts";
import type { PackedReadings } from "./packing.ts";
import type { ColumnValues } from "./tables.ts";

/** What a store says of itself; committed together with the rows, or after them. */
export interface StoreState {
  readonly journalId: string | null;
  readonly offset: number;
  readonly storedReadings: number;
  readonly quarantinedEver: number;
  /** Set while the store has not been reached. */
  readonly unknown?: true;
}

/** A batch without its readings, which came before it in pieces. */
export interface CommitRequest {
  readonly from: number;
  readonly to: number;
  readonly changes: ColumnValues | null;
  readonly alerts: ColumnValues | null;
  readonly quarantined: ColumnValues | null;
  readonly days: ColumnValues | null;
  readonly works: ColumnValues | null;
}

export type QueryRequest =
  | { readonly kind: "readings"; readonly query: ReadingsQuery }
  | { readonly kind: "alerts"; readonly query: AlertsQuery }
  | { readonly kind: "history"; readonly alertId: string }
  | { readonly kind: "changes"; readonly after: number; readonly limit: number }
  | { readonly kind: "quarantined"; readonly limit: number }
  | { readonly kind: "days"; readonly query: DaysQuery }
  | { readonly kind: "packedDays"; readonly query: PackedDaysQuery }
  | { readonly kind: "minutes"; readonly query: MinutesQuery }
  | { readonly kind: "works"; readonly query: WorksQuery }
  | { readonly kind: "mark" };

/** Everything after an entry is forgotten, and the next batch is the one after it. */
export interface ResetTo {
  readonly offset: number;
  /** What `storedReadings` is at that entry. */
  readonly storedReadings: number;
  /** When the entry after it was received (ms), and whether it is the first of its day (UTC). */
  readonly receivedAt: number;
  readonly firstOfDay: boolean;
}

/** Rows that no journal has (docs/decisions/0011-backup-export-import.md); readings came before it in pieces. */
export interface ImportRequest {
  readonly changes: ColumnValues | null;
  readonly alerts: ColumnValues | null;
  readonly days: ColumnValues | null;
  readonly works: ColumnValues | null;
}

/** A copy of what the store has was named `to`, from a store that was marked `from`. */
export interface MarkRequest {
  readonly from: string;
  readonly to: string;
}

export type AmendRequest =
  | { readonly kind: "reset"; readonly to: ResetTo }
  | { readonly kind: "import"; readonly rows: ImportRequest }
  | ({ readonly kind: "mark" } & MarkRequest);

export type ToWorker =
  | { readonly op: "piece"; readonly id: number; readonly packed: PackedReadings }
  | { readonly op: "commit"; readonly id: number; readonly batch: CommitRequest }
  | { readonly op: "amend"; readonly id: number; readonly request: AmendRequest }
  | { readonly op: "query"; readonly id: number; readonly request: QueryRequest }
  | { readonly op: "keep"; readonly id: number; readonly from: KeepFrom }
  | { readonly op: "sorted"; readonly id: number }
  | { readonly op: "close"; readonly id: number }
  | ConnectRequest;

/** Another thread asks, too, through a port of its own. Of what comes through it only queries are answered. */
export interface ConnectRequest {
  readonly op: "connect";
  readonly port: MessagePort;
}

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
  | { readonly op: "done"; readonly id: number; readonly state: StoreState; readonly added?: number }
  | { readonly op: "failed"; readonly id: number; readonly state: StoreState; readonly failure: FailureMessage };

/** What a store's worker does: batches and everything else that writes one after the other, queries beside them. */
export interface Engine {
  /** As last committed. */
  readonly state: StoreState;
  commit(batch: CommitRequest, pieces: readonly PackedReadings[]): Promise<void>;
  query(request: QueryRequest): Promise<Answer>;
  /** What no journal brings about. @returns rows that were not there before. */
  amend(request: AmendRequest, pieces: readonly PackedReadings[]): Promise<number>;
  keep(from: KeepFrom): Promise<void>;
  /** Resolves when the work of the background is done, or has failed: closed slices are sorted. */
  sorted(): Promise<void>;
  /** Waits for what runs, then closes. */
  close(): Promise<void>;
}
