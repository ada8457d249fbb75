/**
 * The journal's interface: an append-only, durable, numbered log of everything that happened. The embedded engine is
 * `openJournal`; a distributed log can stand behind the same interface later.
 */
import type { EntryKind, Refusal } from "../core/entry.ts";

/** A thing to be journalled. For `message`, `topic` and `payload` are the publish; for other kinds `payload` is JSON. */
export interface Draft {
  readonly kind: EntryKind;
  /** Identity that brought it in ("" for the program itself or with authentication off). */
  readonly source: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly refusal: Refusal | null;
}

/** A journalled thing: a draft with its position and the (never decreasing) time of its arrival, ms since the epoch. */
export interface JournalRecord extends Draft {
  readonly seq: number;
  readonly receivedAt: number;
}

/** A stretch of the journal that was found unreadable and skipped; everything else was kept. */
export interface Damage {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
  /** First and last sequence numbers lost, inclusive; `to` < `from` when bytes were lost but no committed record. */
  readonly from: number;
  readonly to: number;
  readonly kind: "torn-tail" | "corrupt";
}

export interface JournalStatus {
  /** `stalled`: the disk refuses writes (full, read-only); nothing is acknowledged, and it is retried. */
  readonly state: "ok" | "stalled" | "closed";
  readonly reason: string | null;
  readonly pendingRecords: number;
  readonly pendingBytes: number;
}

export interface ReadOptions {
  /** Last sequence number wanted, inclusive; default the newest durable one when the read began. */
  readonly to?: number;
  /** Records are yielded in arrays of at most about so many bytes. */
  readonly chunkBytes?: number;
}

export interface Journal {
  /** Random, fixed at creation; the EPOCH of feed cursors. */
  readonly id: string;
  /** Oldest readable and newest durable sequence number; `lastSeq` is `firstSeq - 1` when empty. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly damage: readonly Damage[];
  readonly status: JournalStatus;
  /** Bytes of all segments on disk. */
  readonly sizeBytes: number;
  /**
   * Appends. `done` is called once: with null when the record is durable and every commit listener has seen it, or with
   * a JournalError when it was refused (full queue, oversized record, closed). Order of calls = order of `seq`.
   */
  append(draft: Draft, done: (error: Error | null, seq: number) => void): void;
  /** Called with each durable group, in order, before the group's `done` callbacks. One listener. */
  onCommit(listener: (records: readonly JournalRecord[]) => void): void;
  /** Called when the state of `status` changes. */
  onStatus(listener: (status: JournalStatus) => void): void;
  /** Reads durable records from `from` on (or the oldest kept), in order, in bounded chunks. */
  read(from: number, options?: ReadOptions): AsyncIterable<readonly JournalRecord[]>;
  /** Deletes whole segments that exceed the size or age limits and lie wholly below `keepFrom`. Returns the new firstSeq. */
  retain(keepFrom: number): Promise<number>;
  /** Makes everything appended so far durable, then closes. */
  close(): Promise<void>;
}
