/** The newest changes, numbered without gaps, and each one's encoded frame once somebody wanted it. */
import type { Change } from "../core/effects.ts";
import { changeFrame } from "./change-frame.ts";
import { encodeFrame } from "./frames.ts";

interface Slot {
  readonly change: Change;
  frame: Buffer | null;
  /** Bytes of the frames before this one, as far as they have been measured. */
  startBytes: number;
}

export interface Ring {
  /** Numbers of the oldest and newest change kept; `first` is `last + 1` when empty. */
  readonly first: number;
  readonly last: number;
  push(change: Change): void;
  change(n: number): Change;
  frame(n: number): Buffer;
  /** Measures the frames that were pushed since it was last called. */
  measure(): void;
  /** Bytes of the measured frames from `n` on: what a client that waits for `n` has not been sent. */
  bytesFrom(n: number): number;
}

/** `last` is the number of the newest change before the first that will be pushed. */
export function createRing(journalId: string, size: number, last: number): Ring {
  const slots: (Slot | undefined)[] = Array.from({ length: size });
  let newest = last;
  let oldest = last + 1;
  let measuredTo = last;
  let totalBytes = 0;

  function at(n: number): Slot {
    const slot = n >= oldest && n <= newest ? slots[n % size] : undefined;
    if (slot === undefined) throw new RangeError(`change ${n} is not in the ring (${oldest} to ${newest})`);
    return slot;
  }

  function frame(n: number): Buffer {
    const slot = at(n);
    slot.frame ??= encodeFrame(changeFrame(journalId, slot.change));
    return slot.frame;
  }

  return {
    get first() {
      return oldest;
    },
    get last() {
      return newest;
    },
    push(change) {
      // A change that does not follow on would reach clients under a wrong number: begin anew from it.
      if (change.n !== newest + 1) oldest = change.n;
      newest = change.n;
      slots[change.n % size] = { change, frame: null, startBytes: totalBytes };
      if (newest - oldest >= size) oldest = newest - size + 1;
    },
    change: (n) => at(n).change,
    frame,
    measure() {
      for (let n = Math.max(measuredTo + 1, oldest); n <= newest; n++) {
        at(n).startBytes = totalBytes;
        totalBytes += frame(n).length;
      }
      measuredTo = newest;
    },
    bytesFrom: (n) => (n > newest ? 0 : totalBytes - at(Math.max(n, oldest)).startBytes),
  };
}
