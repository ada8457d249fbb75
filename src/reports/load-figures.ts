/** What an operator load report says, and the figures that it is held against (docs/operator-load.md). */
import type { Alert, ChangeKind, Hazard, Priority } from "../core/effects.ts";

/** Of an alert, what the load depends on. */
export type LoadAlert = Pick<
  Alert,
  "id" | "liftId" | "hazard" | "priority" | "state" | "suppressedBy" | "shelvedUntil" | "detectedAt" | "occurrences" | "groupId"
> & { readonly chattering?: boolean | undefined };
export interface LoadChange {
  readonly at: number;
  readonly change: ChangeKind;
  readonly alert: LoadAlert;
}

export interface LoadOptions {
  /** The period, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** Operator positions that share the alerts evenly. */
  readonly positions: number;
  /** IANA zone in which days begin. */
  readonly timezone: string;
}

const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
/** domain.md §4 for all of these. */
export const FIGURES = {
  windowMs: 10 * MINUTE_MS,
  /** A day and position. */
  acceptablePerDay: 150,
  mostPerDay: 300,
  /** In ten minutes: above it a flood begins, below the other it ends. */
  floodAbove: 10,
  floodEndsBelow: 5,
  staleMs: DAY_MS,
  chatterClears: 3,
  chatterMs: MINUTE_MS,
  /** Shares of the lowest, middle and highest priority that pages. */
  mix: { medium: 0.8, high: 0.15, critical: 0.05 },
} as const;
export const TOP = 10;
/** Floods and stale alerts that are listed; all are counted. */
export const LISTED = 20;

export type Verdict = "acceptable" | "manageable" | "too-many" | "too-short";
export type Paging = Exclude<Priority, "low">;

export interface StaleAlert {
  readonly id: string;
  readonly liftId: string;
  readonly hazard: Hazard;
  readonly priority: Priority;
  readonly activeMs: number;
}

export interface OperatorLoadReport {
  readonly from: number;
  readonly to: number;
  readonly positions: number;
  /** Alerts that asked for an operator: not suppressed, not shelved, not low, not owned by another alert. */
  readonly pages: number;
  readonly perDay: { readonly average: number; readonly peak: number; readonly peakDay: string | null };
  readonly per10Min: { readonly average: number; readonly peak: number; readonly peakAt: number | null };
  /** Of the average day; `too-short` where the period is less than a day. And days by what they were themselves. */
  readonly verdict: Verdict;
  readonly days: readonly { readonly day: string; readonly pages: number; readonly perPosition: number }[];
  readonly daysAboveAcceptable: number;
  readonly daysAboveMost: number;
  readonly floods: {
    readonly count: number;
    readonly windows: number;
    readonly windowsInFlood: number;
    readonly share: number;
    /** The largest ones, by pages. */
    readonly largest: readonly { readonly from: number; readonly to: number; readonly pages: number }[];
  };
  readonly chattering: {
    readonly count: number;
    readonly alerts: readonly { readonly liftId: string; readonly hazard: Hazard; readonly times: number }[];
  };
  readonly stale: { readonly count: number; readonly longest: readonly StaleAlert[] };
  readonly topTen: readonly { readonly liftId: string; readonly hazard: Hazard; readonly pages: number; readonly share: number }[];
  readonly topTenShare: number;
  readonly mix: Readonly<Record<Paging, { readonly pages: number; readonly share: number; readonly target: number }>>;
  /** Alerts that asked nobody, by why not. */
  readonly suppressed: number;
  readonly shelved: number;
  readonly low: number;
  readonly owned: number;
}
