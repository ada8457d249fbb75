/** The embedded journal: this thread encodes and hands out, a thread of its own writes and syncs. */
import { resolve } from "node:path";
import type { Clock } from "../clock.ts";
import { LIMITS } from "../config.ts";
import { OperationalError } from "../errors.ts";
import type { Reply } from "./engine.ts";
import { frameBound } from "./frame.ts";
import {
  type Damage,
  type Draft,
  type Journal,
  JournalError,
  type JournalRecord,
  type JournalStatus,
  type ReadOptions,
} from "./journal.ts";
import { type DirectoryLock, lockDirectory } from "./lock.ts";
import { type Done, type Group, PendingGroups } from "./pending.ts";
import { readRecords } from "./read.ts";
import type { Recovered } from "./recover.ts";
import { makeDirectory, Segments } from "./segments.ts";
import { type EngineLink, type StartEngine, startThread } from "./thread.ts";
import { segmentName } from "./writer.ts";

export interface JournalOptions {
  /** Made if missing; the journal is alone in it. */
  readonly directory: string;
  readonly clock: Clock;
  /** `retain` deletes the oldest segments while all together are larger than this, or while they are older. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** The disk failed to sync, so what is on it is unknown: the process is to end with code 1; a restart recovers. */
  onFatal(error: Error): void;
  /** Default LIMITS.journal.segmentBytes and retryMs; tests use smaller ones. */
  readonly segmentBytes?: number;
  readonly retryMs?: number;
}

/**
 * Opens the journal in `options.directory`, alone: creates or recovers it.
 * @throws OperationalError `data-directory-in-use`; `journal-version`, `journal-mixed`; `journal-failed` where the disk refuses.
 */
export async function openJournal(options: JournalOptions, start: StartEngine = startThread): Promise<Journal> {
  const directory = resolve(options.directory);
  makeDirectory(directory);
  const lock = lockDirectory(directory);
  const { segmentBytes = LIMITS.journal.segmentBytes, retryMs = LIMITS.journal.retryMs } = options;
  const link = start({ directory, segmentBytes, retryMs });
  return new Promise((resolvePromise, reject) => {
    let journal: EmbeddedJournal | undefined;
    link.onReply((reply) => {
      if (journal !== undefined) {
        journal.handle(reply);
      } else if (reply.type === "opened") {
        journal = new EmbeddedJournal(options, directory, lock, link, reply.recovered);
        resolvePromise(journal);
      } else {
        lock.release();
        const { code, message } = reply.type === "fatal" ? reply : { code: "journal-failed", message: reply.type };
        reject(new OperationalError(code, `the journal in ${directory} could not be opened: ${message}`));
      }
    });
  });
}

class EmbeddedJournal implements Journal {
  readonly id: string;
  readonly damage: Damage[];
  readonly #options: JournalOptions;
  readonly #directory: string;
  readonly #lock: DirectoryLock;
  readonly #link: EngineLink;
  readonly #salt: number;
  readonly #segments: Segments;
  readonly #pending = new PendingGroups();
  #lastSeq: number;
  /** Of the newest record appended, durable or not. */
  #appendedSeq: number;
  #appendedAt: number;
  #inFlight: Group | null = null;
  #flushScheduled = false;
  #pendingRecords = 0;
  #pendingBytes = 0;
  #state: JournalStatus["state"] = "ok";
  #reason: string | null = null;
  #closing = false;
  #closeSent = false;
  readonly #ended: Promise<void>;
  #end: () => void = nothing;
  #commitListener: (records: readonly JournalRecord[]) => void = nothing;
  #statusListener: (status: JournalStatus) => void = nothing;

  constructor(options: JournalOptions, directory: string, lock: DirectoryLock, link: EngineLink, recovered: Recovered) {
    this.#options = options;
    this.#directory = directory;
    this.#lock = lock;
    this.#link = link;
    this.id = recovered.identity.id;
    this.#salt = recovered.identity.salt;
    this.#segments = new Segments(directory, recovered.segments);
    this.#lastSeq = recovered.lastSeq;
    this.#appendedSeq = recovered.lastSeq;
    this.#appendedAt = recovered.lastAt;
    this.damage = recovered.damage.slice(0, LIMITS.journal.damages);
    this.#ended = new Promise((ended) => {
      this.#end = ended;
    });
  }

  get firstSeq(): number {
    return this.#segments.firstSeq;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get files(): Journal["files"] {
    return this.#segments.all.map(({ baseSeq, end }) => ({ name: segmentName(baseSeq), bytes: end }));
  }

  get sizeBytes(): number {
    return this.#segments.sizeBytes;
  }

  get status(): JournalStatus {
    return { state: this.#state, reason: this.#reason, pendingRecords: this.#pendingRecords, pendingBytes: this.#pendingBytes };
  }

  onCommit(listener: (records: readonly JournalRecord[]) => void): void {
    this.#commitListener = listener;
  }

  onStatus(listener: (status: JournalStatus) => void): void {
    this.#statusListener = listener;
  }

  append(draft: Draft, done: Done): void {
    if (this.#state === "closed" || this.#closing) return done(new JournalError("closed", "the journal is closed"), 0);
    const { kind, source, topic, payload, refusal } = draft;
    let bound = frameBound(source, topic, payload.length);
    if (bound > LIMITS.journal.recordBytes) {
      bound += Buffer.byteLength(source) + Buffer.byteLength(topic) - 3 * (source.length + topic.length);
      if (bound > LIMITS.journal.recordBytes) return done(tooLarge(bound), 0);
    }
    if (this.#pendingBytes + bound > LIMITS.journal.pendingBytes) {
      return done(new JournalError("queue-full", `${this.#pendingBytes} bytes wait for the disk; expected fewer`), 0);
    }
    const seq = this.#appendedSeq + 1;
    const receivedAt = Math.max(this.#appendedAt, this.#options.clock.now());
    const size = this.#pending.add({ seq, receivedAt, kind, source, topic, payload, refusal }, done, bound);
    if (size < 0) return done(tooLarge(bound), 0);
    this.#appendedSeq = seq;
    this.#appendedAt = receivedAt;
    this.#pendingRecords += 1;
    this.#pendingBytes += size;
    if (this.#inFlight === null && !this.#flushScheduled) {
      // Behind all sockets that are readable now, so that they share the sync.
      this.#flushScheduled = true;
      setImmediate(() => {
        this.#flushScheduled = false;
        this.#flush();
      });
    }
  }

  read(from: number, options: ReadOptions = {}): AsyncIterable<readonly JournalRecord[]> {
    const source = {
      directory: this.#directory,
      salt: this.#salt,
      segments: this.#segments.all,
      onDamage: (damage: Damage) => this.#addDamage(damage),
    };
    const { to = this.#lastSeq, chunkBytes = LIMITS.journal.readChunkBytes } = options;
    return readRecords(source, from, Math.min(to, this.#lastSeq), chunkBytes);
  }

  retain(keepFrom: number): Promise<number> {
    const { clock, maxBytes, maxAgeMs } = this.#options;
    return this.#segments.retain(keepFrom, maxBytes, clock.now() - maxAgeMs);
  }

  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      if (this.#state === "closed") this.#end();
      else if (this.#state === "stalled") this.#link.post({ type: "retry" });
      else this.#flush();
    }
    await this.#ended;
    await this.#link.stop();
    this.#lock.release();
  }

  /** A reply of the journal's thread. */
  handle(reply: Reply): void {
    switch (reply.type) {
      case "committed":
        this.#committed(reply);
        return;
      case "stalled":
        if (this.#closing) {
          this.#refusePending(new JournalError("failed", `the journal was closed while its disk took nothing: ${reply.reason}`));
          this.#closeThread();
        } else if (this.#state === "ok") {
          this.#setState("stalled", reply.reason);
        }
        return;
      case "fatal": {
        const error = new OperationalError(reply.code, `the journal in ${this.#directory} failed: ${reply.message}`);
        this.#setState("closed", error.message);
        this.#refusePending(new JournalError("failed", error.message));
        this.#end();
        this.#options.onFatal(error);
        return;
      }
      case "closed":
        this.#setState("closed", null);
        this.#end();
        return;
      case "opened":
        return;
      default:
        reply satisfies never;
    }
  }

  #flush(): void {
    if (this.#inFlight !== null || this.#state === "closed") return;
    const group = this.#pending.take();
    const first = group?.records[0];
    if (group === undefined || first === undefined) {
      if (this.#closing) this.#closeThread();
      return;
    }
    this.#inFlight = group;
    const { slot, length } = group;
    const memory = slot.sent ? null : slot.memory;
    slot.sent = slot.index >= 0;
    this.#link.post({ type: "commit", slot: slot.index, memory, length, firstSeq: first.seq, firstAt: first.receivedAt });
  }

  #committed({ tail }: Reply & { readonly type: "committed" }): void {
    const group = this.#inFlight as Group;
    const first = group.records[0] as JournalRecord;
    const last = group.records.at(-1) as JournalRecord;
    this.#inFlight = null;
    this.#pending.recycle(group.slot);
    this.#segments.grow(tail, first.receivedAt);
    this.#lastSeq = last.seq;
    this.#pendingRecords -= group.records.length;
    this.#pendingBytes -= group.length;
    if (this.#state === "stalled") this.#setState("ok", null);
    // First give the thread its next group, then tell everybody about this one.
    this.#flush();
    this.#commitListener(group.records);
    for (let index = 0; index < group.dones.length; index += 1) {
      (group.dones[index] as Done)(null, (group.records[index] as JournalRecord).seq);
    }
  }

  #refusePending(error: JournalError): void {
    for (let group: Group | undefined = this.#inFlight ?? this.#pending.take(); group !== undefined; group = this.#pending.take()) {
      this.#inFlight = null;
      for (const done of group.dones) done(error, 0);
    }
    this.#pendingRecords = 0;
    this.#pendingBytes = 0;
  }

  #closeThread(): void {
    if (!this.#closeSent) this.#link.post({ type: "close" });
    this.#closeSent = true;
  }

  #setState(state: JournalStatus["state"], reason: string | null): void {
    this.#state = state;
    this.#reason = reason;
    this.#statusListener(this.status);
  }

  #addDamage(damage: Damage): void {
    if (this.damage.length >= LIMITS.journal.damages) return;
    const { file, offset, kind } = damage;
    // Every reader that comes by finds it again.
    if (!this.damage.some((known) => known.file === file && known.offset === offset && known.kind === kind)) this.damage.push(damage);
  }
}

function nothing(): void {}

function tooLarge(bytes: number): JournalError {
  return new JournalError(
    "record-too-large",
    `a record of ${bytes} bytes; expected at most ${LIMITS.journal.recordBytes}, and topic and source at most 65,535 each`,
  );
}
