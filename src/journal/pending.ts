/**
 * Records on their way to the disk: encoded as they come, into groups that are committed as wholes. The memory is shared
 * with the journal's thread. Moving buffers to it and back instead counts, at every commit, as new memory in both heaps,
 * and was seen to keep the collectors of both busy 99 % of the time.
 */
import { LIMITS } from "../config.ts";
import { encodeFrame } from "./frame.ts";
import type { JournalRecord } from "./journal.ts";

export type Done = (error: Error | null, seq: number) => void;

/** Memory of one group. The thread keeps those with a number, so that each is sent to it once. */
export interface Slot {
  /** Below LIMITS.journal.slots, or -1 for one that serves a single group of a backlog. */
  readonly index: number;
  readonly frames: Buffer;
  readonly memory: SharedArrayBuffer;
  /** The thread has it. */
  sent: boolean;
}

/** A group: frames back to back, and whose they are. */
export interface Group {
  readonly slot: Slot;
  length: number;
  readonly records: JournalRecord[];
  readonly dones: Done[];
}

/** First in, first out; the newest group takes records until it is full or taken. */
export class PendingGroups {
  readonly #groups: Group[] = [];
  readonly #free: Slot[] = [];
  #slots = 0;

  /** Adds a record whose frame takes at most `bound` bytes. @returns the frame's size, or -1 where it cannot be encoded. */
  add(record: JournalRecord, done: Done, bound: number): number {
    let group = this.#groups.at(-1);
    if (group === undefined || group.length + bound > LIMITS.journal.groupBytes) {
      group = { slot: this.#free.pop() ?? this.#createSlot(), length: 0, records: [], dones: [] };
      this.#groups.push(group);
    }
    const end = encodeFrame(group.slot.frames, group.length, record);
    if (end < 0) return -1;
    const size = end - group.length;
    group.length = end;
    group.records.push(record);
    group.dones.push(done);
    return size;
  }

  /** The oldest group with records in it; records that come later begin another. */
  take(): Group | undefined {
    return this.#groups[0]?.length === 0 ? undefined : this.#groups.shift();
  }

  /** Gives a group's memory back. */
  recycle(slot: Slot): void {
    if (slot.index >= 0) this.#free.push(slot);
  }

  #createSlot(): Slot {
    // The kernel gives the pages when they are first written, so an idle journal holds little of it.
    const memory = new SharedArrayBuffer(LIMITS.journal.groupBytes);
    const index = this.#slots < LIMITS.journal.slots ? this.#slots : -1;
    if (index >= 0) this.#slots += 1;
    return { index, memory, frames: Buffer.from(memory), sent: false };
  }
}
