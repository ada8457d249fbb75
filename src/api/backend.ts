/** What the HTTP side needs from the rest of the program; `app.ts` implements it. All data is plain and read-only. */
import type { ProbeSignIn } from "../access/probe.ts";
import type { Holds } from "../backup/holds.ts";
import type { ActOutcome, Alert, Change } from "../core/effects.ts";
import type { Act, WorkOrder } from "../core/entry.ts";
import type { Monitor } from "../core/monitor.ts";
import type { FeedStats } from "../feed/feed.ts";
import type { IngressStats } from "../ingress/ingress.ts";
import type { NotificationRow, NotifyStats } from "../notify/notifications.ts";
import type { JournalStatus } from "../journal/journal.ts";
import type { RecordStretch } from "../recording/live.ts";
import type { Reporting } from "../reporting.ts";
import type { Store } from "../store/store.ts";
import type { Trending } from "../trending.ts";

/** Law L5, in readings, taken at one instant: received = accepted + duplicate + quarantined; accepted = stored + pending. */
export interface Ledger {
  readonly received: number;
  readonly accepted: number;
  readonly duplicate: number;
  /** Within `accepted`. */
  readonly late: number;
  readonly quarantined: number;
  readonly stored: number;
  readonly pending: number;
}

/** One part of the program: `message` says what is wrong, and to people who are signed in only. */
export interface PartHealth {
  readonly part: string;
  readonly ok: boolean;
  readonly message: string | null;
}

/** Plain counters, read when somebody scrapes them. */
export interface Stats {
  readonly ledger: Ledger;
  readonly ingress: IngressStats;
  readonly journal: JournalStatus & {
    readonly firstSeq: number;
    readonly lastSeq: number;
    readonly sizeBytes: number;
    readonly damages: number;
  };
  readonly monitor: { readonly position: number; readonly changes: number; readonly lifts: number; readonly alerts: number };
  /** What carries effects to the store: its offset, rows that wait, and writes that failed since the start. */
  readonly follower: {
    readonly offset: number;
    readonly behindEntries: number;
    readonly rowsWaiting: number;
    readonly failures: number;
    readonly ratePerS: number;
    /** Until nothing is behind any more, at the pace of now; null where that cannot be told. */
    readonly leftS: number | null;
  };
  readonly feed: FeedStats;
  /** Null where no notifications are set up. */
  readonly notify: NotifyStats | null;
}

export interface Backend {
  readonly journalId: string;
  readonly version: string;
  readonly monitor: Pick<Monitor, "alert" | "fleet" | "learning" | "lift" | "liftIds" | "rules" | "unusual">;
  readonly store: Pick<Store, "readings" | "alerts" | "history" | "changesAfter" | "quarantined" | "minutes" | "days" | "works">;
  /** What the site's reports need to know of it. `now` is the monitor's clock, ms since the epoch. */
  readonly site: { readonly timezone: string; readonly operatorPositions: number; now(): number };
  /** The newest version of every alert that changed after the store's offset, and of every one that the monitor holds: all active ones. */
  recentAlerts(): readonly Alert[];
  /** Changes of one alert after the store's offset (more does no harm), oldest first. */
  recentChanges(alertId: string): readonly Change[];
  /**
   * An operator's act. Resolves when it is durable in the journal and the monitor has applied it.
   * @throws when the journal does not take it (503).
   */
  act(act: Act): Promise<ActOutcome>;
  /**
   * Work done on a lift. Resolves when it is durable in the journal and the monitor has applied it.
   * @throws when the journal does not take it (503).
   */
  workOrder(order: WorkOrder): Promise<void>;
  /** What keeps files still while `hoistway backup` copies them. */
  readonly holds: Holds;
  readonly trends: Pick<Trending, "ask" | "reload">;
  readonly reports: Pick<Reporting, "make">;
  /** A stretch of the journal as a recording. */
  readonly recording: RecordStretch;
  /** Null where none are set up. */
  readonly notifications: { recent(alertId: string | null, limit: number): readonly NotificationRow[] } | null;
  /** A new sign-in for the probe of `hoistway doctor`, and the embedded broker's port. */
  probe(): ProbeSignIn & { readonly mqttPort: number | null };
  health(): readonly PartHealth[];
  ledger(): Ledger;
  stats(): Stats;
}
