/** What the rest of the program sees of notifications. */
import type { Change } from "../core/effects.ts";
import type { Heading, Outcome } from "./delivery.ts";

/** One message to one target and what became of it, as REST gives it. Times are ms since the epoch. */
export interface NotificationRow extends Heading {
  readonly outcome: Outcome | "pending";
  readonly finishedAt: number | null;
  readonly attempts: number;
  readonly lastError: string | null;
}

/** Counts since the start, unless they say otherwise. */
export interface NotifyStats {
  /** Newest journal entry whose changes are in the outbox. */
  readonly offset: number;
  /** Messages that wait or are under way, now; and those under way. */
  readonly pending: number;
  readonly inFlight: number;
  /** Targets whose last attempt failed, now. */
  readonly failingTargets: number;
  readonly sent: number;
  /** Given up: tried too often, too old, or without their target. */
  readonly failed: number;
  readonly expired: number;
  readonly dropped: number;
  /** Attempts that failed and were made again. */
  readonly retried: number;
}

/** The changes of a stretch of the journal, from the offset + 1 on. */
export interface ChangesTo {
  readonly to: number;
  readonly changes: readonly Change[];
}

export interface Notifications {
  readonly offset: number;
  /** How far the disk knows: a start after a power cut goes on from there. */
  readonly durableOffset: number;
  readonly stats: NotifyStats;
  /** What is wrong, for people; null when nothing is. `unwritable`: the outbox's own disk. */
  readonly trouble: { readonly unwritable: boolean; readonly message: string } | null;
  /** Takes the changes of journal entries up to `to`; resolves when what follows from them is durable. One at a time. */
  write(stretch: ChangesTo): Promise<void>;
  /** The time of a journal entry; escalations and summaries become due by it. Cheap. */
  tick(seq: number, at: number): void;
  /** Newest first; of one alert, or of all. */
  recent(alertId: string | null, limit: number): NotificationRow[];
  /** Begins to send. */
  start(): void;
  /** Gives what is under way `withinMs`; the rest is sent after the next start. */
  close(withinMs: number): Promise<void>;
}
