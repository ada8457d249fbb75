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

/** Why the journal did not take a record. */
export type JournalErrorCode = "queue-full" | "record-too-large" | "closed" | "failed";

/** The record was not journalled, and whoever brought it must not be told that it was. */
export class JournalError extends Error {
  override readonly name = "JournalError";
  readonly code: JournalErrorCode;
  constructor(code: JournalErrorCode, message: string) {
    super(message);
    this.code = code;
  }
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
  /**
   * `stalled`: the disk refuses writes (full, read-only); nothing is acknowledged, and it is retried.
   * `closed`: by `close`, with reason null, or because what is on the disk is no longer known, and then `reason` says so.
   */
  readonly state: "ok" | "stalled" | "closed";
  readonly reason: string | null;
  /** Appended and not yet durable; at LIMITS.journal.pendingBytes appends are refused. */
  readonly pendingRecords: number;
  readonly pendingBytes: number;
}

export interface ReadOptions {
  /** Last sequence number wanted, inclusive; default and at most the newest durable one when the read began. */
  readonly to?: number;
  /** Records are yielded in arrays of at most about so many bytes. */
  readonly chunkBytes?: number;
}

/** What readers need of a journal: an open one, or a directory that is only read. */
export type ReadableJournal = Pick<Journal, "id" | "firstSeq" | "lastSeq" | "read">;

export interface Journal {
  /** Random, fixed at creation; the EPOCH of feed cursors. */
  readonly id: string;
  /** Oldest readable and newest durable sequence number; `lastSeq` is `firstSeq - 1` when empty. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Found at opening and by reads since; at most LIMITS.journal.damages are kept. */
  readonly damage: readonly Damage[];
  readonly status: JournalStatus;
  /** Bytes of all segments on disk. */
  readonly sizeBytes: number;
  /** The segments, oldest first, and how many bytes of each are durable: a copy of those bytes is the journal up to `lastSeq`. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /**
   * Appends. `done` is called once: with null when the record is durable and every commit listener has seen it, or with
   * a JournalError (and seq 0) when it was refused: a full queue, an oversized record or a closed journal at once, a
   * disk that fails or stays full until `close` later. Order of calls with null = order of `seq`. The draft's payload
   * is kept, not copied, until then.
   */
  append(draft: Draft, done: (error: Error | null, seq: number) => void): void;
  /** Called with each durable group, in order, before the group's `done` callbacks. One listener. */
  onCommit(listener: (records: readonly JournalRecord[]) => void): void;
  /** Called when the state of `status` changes. */
  onStatus(listener: (status: JournalStatus) => void): void;
  /**
   * Reads durable records from `from` on (or the oldest kept), in order, in bounded chunks, while appends and retention
   * go on. Damaged stretches are left out and added to `damage`. Payloads are views of the chunk.
   */
  read(from: number, options?: ReadOptions): AsyncIterable<readonly JournalRecord[]>;
  /** Deletes whole segments that exceed the size or age limits and lie wholly below `keepFrom`. Returns the new firstSeq. */
  retain(keepFrom: number): Promise<number>;
  /**
   * Makes everything appended so far durable, then closes. On a disk that takes nothing it tries once more, then hands
   * what is pending back to its `done` callbacks as refused.
   */
  close(): Promise<void>;
}
