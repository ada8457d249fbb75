/**
 * The store port. A store is a view: it can be rebuilt from the journal, and it carries the journal offset that it has
 * reached in the same transaction as the rows, so nothing is lost or doubled whatever is killed when.
 */
import type { Alert, Change, DayCount, Hazard, Quarantined, StoredReading, WorkRow } from "../core/effects.ts";
import type { Channel } from "../core/reading.ts";
import type { PackedDays, PackedDaysQuery } from "./packed-days.ts";
import type { PackedReadings } from "./packing.ts";

/** The effects of journal entries `from` to `to`, inclusive. `from` is always the store's offset + 1. */
export interface StoreBatch {
  readonly from: number;
  readonly to: number;
  /** In pieces, packed as they came (packing.ts). */
  readonly readings: readonly PackedReadings[];
  readonly changes: readonly Change[];
  readonly quarantined: readonly Quarantined[];
  /** At most one row a (day, lift): the newest absolute values. They replace what was stored. */
  readonly days: readonly DayCount[];
  readonly works: readonly WorkRow[];
}

/** A page of rows and the cursor of the next page, or null at the end. Cursors are opaque. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly next: string | null;
}

/** By device time `at` (ms, `from` inclusive, `to` exclusive), ascending; ties in journal order. */
export interface ReadingsQuery {
  readonly liftId: string;
  readonly channel?: Channel | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
}

/** Newest `raisedAt` first, ties by id. `from`/`to` bound `raisedAt` (ms, `to` exclusive). */
export interface AlertsQuery {
  readonly state?: "active" | "cleared" | undefined;
  readonly hazard?: Hazard | undefined;
  readonly liftId?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
}

/** By the time of the order, ascending. Orders of one ms are never parted, so that a page may be longer than `limit` by so many. */
export interface WorksQuery {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** Days are YYYY-MM-DD of the site's zone, both inclusive. */
export interface DaysQuery {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly liftId?: string | undefined;
}

/**
 * What one lift said in one minute of device time; `at` is the minute's beginning (ms). A roll-up of counts, least and
 * greatest values only, so that every store gives the same bits; null where no reading of the minute had the field.
 */
export interface MinuteCount {
  readonly liftId: string;
  readonly at: number;
  readonly readings: number;
  /** Readings of the fault channel. */
  readonly faults: number;
  readonly speedMinMps: number | null;
  readonly speedMaxMps: number | null;
  readonly personsMax: number | null;
  readonly loadMaxKg: number | null;
  readonly motorTemperatureMaxC: number | null;
}

/** By minute, ascending; `from` inclusive, `to` exclusive, both ms of the minute's beginning. */
export interface MinutesQuery {
  readonly liftId: string;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
}

/** What tells whether a copy of day counts and alerts is still of this store. */
export interface StoreMark {
  /** Becomes another one whenever the store changes by anything but the batches that follow; null where the store has none. */
  readonly mark: string | null;
  /** Number of the newest change of an alert; 0 for none. */
  readonly lastChange: number;
}

/** What is kept: everything from these times on (ms), or all of it where null. Stores drop whole parts, so more may stay for a while. */
export interface KeepFrom {
  readonly readings: number | null;
  readonly minutes: number | null;
}

export interface Store {
  /** Id of the journal that this store is a view of; null while empty. */
  readonly journalId: string | null;
  /** False where the store could not be reached yet since the start: its offset is 0 then, and says nothing. */
  readonly known: boolean;
  /** Newest journal entry whose effects are committed; 0 while empty. */
  readonly offset: number;
  /** Readings committed, ever. */
  readonly storedReadings: number;
  /** Commits rows and offset in one transaction. A batch that ends at or below the offset is ignored; a gap is refused. */
  write(batch: StoreBatch): Promise<void>;
  readings(query: ReadingsQuery): Promise<Page<StoredReading>>;
  alerts(query: AlertsQuery): Promise<Page<Alert>>;
  /** All changes of one alert, oldest first. */
  history(alertId: string): Promise<readonly Change[]>;
  /** Changes with `n` > `after`, oldest first, at most `limit`. */
  changesAfter(after: number, limit: number): Promise<readonly Change[]>;
  /** The newest rejected readings, newest first. */
  quarantined(limit: number): Promise<readonly Quarantined[]>;
  days(query: DaysQuery): Promise<readonly DayCount[]>;
  /** The same counts, as those who reckon with all of them want them: a stretch at a time, packed. */
  packedDays(query: PackedDaysQuery): Promise<PackedDays>;
  works(query: WorksQuery): Promise<Page<WorkRow>>;
  /** Also of readings that are dropped by now: they were rolled up before. */
  minutes(query: MinutesQuery): Promise<Page<MinuteCount>>;
  /** Drops what is older, each reading after it is in the roll-up of its minute. Called again and again; day counts, alerts and work orders stay for ever. */
  keep(from: KeepFrom): Promise<void>;
  close(): Promise<void>;
}
