/** Messages between the main thread and the one that reckons trends and makes reports. Everything is plain data. */
import type { MessagePort } from "node:worker_threads";
import type { Alert, WorkRow } from "./core/effects.ts";
import type { LiftRecord } from "./core/lift.ts";
import type { Report, Scope } from "./reports/document.ts";
import type { Period } from "./reports/period.ts";
import type { PackedReadings } from "./store/packing.ts";
import type { Asked, Wanted } from "./trends/questions/asked.ts";

/** What the thread starts with. */
export interface TrendThreadData {
  /** To the store's worker. */
  readonly store: MessagePort;
  /** The data directory, where imported histories are. */
  readonly data: string;
  readonly timezone: string;
  readonly register: readonly LiftRecord[];
}

/** How a report is made, beside its period and scope. */
export interface ReportSetting {
  readonly operatorPositions: number;
  readonly program: string;
  readonly madeAt: number;
}

export type ToTrends =
  | { readonly op: "register"; readonly register: readonly LiftRecord[] }
  /** What the store has taken. `days` as `packDays` makes them. */
  | {
      readonly op: "take";
      readonly days: PackedReadings | null;
      readonly alerts: readonly Alert[];
      readonly works: readonly WorkRow[];
      readonly lastChange: number;
    }
  /** Whether the store was marked as it was asked for. */
  | { readonly op: "remarked"; readonly done: boolean }
  | { readonly op: "ask"; readonly id: number; readonly asked: Asked; readonly wanted: Wanted }
  | { readonly op: "report"; readonly id: number; readonly period: Period; readonly scope: Scope; readonly setting: ReportSetting }
  | { readonly op: "reload"; readonly id: number };

/** An answer's text, as bytes that change hands. */
export interface AnswerBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly next: string | null;
}

export interface Reloaded {
  readonly lifts: number;
  readonly version: number;
}

export type FromTrends =
  | { readonly op: "answer"; readonly id: number; readonly value: AnswerBytes | Report | Reloaded }
  /** `code` of an OperationalError; null for what nobody foresaw. */
  | { readonly op: "failed"; readonly id: number; readonly code: string | null; readonly message: string }
  /** A copy of the facts is on the disk, and the store is to carry its mark. One at a time. */
  | { readonly op: "remark"; readonly from: string; readonly to: string }
  | { readonly op: "log"; readonly line: string };
