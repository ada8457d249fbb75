/** Records on their way to the disk: encoded as they come, into groups that are committed as wholes. */
import { LIMITS } from "../config.ts";
import { encodeFrame } from "./frame.ts";
import type { JournalRecord } from "./journal.ts";

export type Done = (error: Error | null, seq: number) => void;

/** A group: frames back to back, and whose they are. */
export interface Group {
  frames: Buffer;
  length: number;
  readonly records: JournalRecord[];
  readonly dones: Done[];
}

const FIRST_BYTES = 64 * 1024;

/** First in, first out; the newest group takes records until it is full or taken. */
export class PendingGroups {
  readonly #groups: Group[] = [];
  readonly #spare: Buffer[] = [];

  /** Adds a record whose frame takes at most `bound` bytes. @returns the frame's size, or -1 where it cannot be encoded. */
  add(record: JournalRecord, done: Done, bound: number): number {
    const group = this.#room(bound);
    const end = encodeFrame(group.frames, group.length, record);
    if (end < 0) return -1;
    const size = end - group.length;
    group.length = end;
    group.records.push(record);
    group.dones.push(done);
    return size;
  }

  /** The oldest group; records that come later begin another. */
  take(): Group | undefined {
    const group = this.#groups.shift();
    return group !== undefined && group.length === 0 ? undefined : group;
  }

  /** Gives a group's memory back. */
  recycle(frames: ArrayBuffer): void {
    if (this.#spare.length < LIMITS.journal.spareGroups) this.#spare.push(Buffer.from(frames));
  }

  #room(bound: number): Group {
    const group = this.#groups.at(-1);
    if (group === undefined) return this.#begin(bound);
    const needed = group.length + bound;
    if (needed <= group.frames.length) return group;
    if (needed > LIMITS.journal.groupBytes) return this.#begin(bound);
    const larger = Buffer.allocUnsafeSlow(Math.min(LIMITS.journal.groupBytes, Math.max(2 * group.frames.length, needed)));
    group.frames.copy(larger, 0, 0, group.length);
    group.frames = larger;
    return group;
  }

  #begin(bound: number): Group {
    const spare = this.#spare.pop();
    const frames = spare !== undefined && spare.length >= bound ? spare : Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, bound));
    const group: Group = { frames, length: 0, records: [], dones: [] };
    this.#groups.push(group);
    return group;
  }
}
