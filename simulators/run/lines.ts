/**
 * Lines gathered in any order and given out by time. A lift is simulated for a while before the next one's turn comes, which keeps
 * it close to the processor; so the lines of a window come lift by lift, and some are for a later window.
 */
import { Bytes } from "../device/bytes.ts";

const RADIX_BITS = 16;
const RADIX = 1 << RADIX_BITS;

export class Lines {
  /** What stands from the last start is the line under way: compose it here, then `end` it. */
  readonly line: Bytes;
  /** What the last `take` gave out. */
  #spare: Uint8Array;
  #times = new Float64Array(1_024);
  /** Where each line begins; one more for the line under way. */
  #starts = new Float64Array(1_025);
  #count = 0;

  /** @param capacity bytes at first. */
  constructor(capacity: number) {
    this.#spare = new Uint8Array(capacity);
    this.line = new Bytes(capacity);
  }

  /** Bytes gathered and not given out. */
  get size(): number {
    return this.#starts[this.#count] ?? 0;
  }

  /** The line under way is complete; it belongs at `at`, ms. */
  end(at: number): void {
    if (this.#count === this.#times.length) {
      this.#times = grown(this.#times, 2 * this.#count);
      this.#starts = grown(this.#starts, 2 * this.#count + 1);
    }
    this.#times[this.#count++] = at;
    this.#starts[this.#count] = this.line.length;
  }

  /**
   * Takes the lines that belong at `upTo` ms or before: by time, and in the order in which they came where that is the same. The bytes
   * are the caller's until the next call.
   */
  take(upTo: number): Buffer {
    const [count, times, starts] = [this.#count, this.#times, this.#starts];
    const order = ascending(times, count);
    let taken = 0;
    let size = 0;
    for (; taken < count; taken++) {
      const index = order[taken] ?? 0;
      if ((times[index] ?? 0) > upTo) break;
      size += (starts[index + 1] ?? 0) - (starts[index] ?? 0);
    }
    if (taken === 0) return Buffer.alloc(0);
    // In order behind the lines themselves: within one buffer a copy costs a third of what it does between two.
    const { line } = this;
    line.reserve(size);
    const { buffer } = line;
    const from = line.length;
    let place = from;
    for (let rank = 0; rank < taken; rank++) {
      const index = order[rank] ?? 0;
      const start = starts[index] ?? 0;
      const end = starts[index + 1] ?? 0;
      buffer.copyWithin(place, start, end);
      place += end - start;
    }
    // Two buffers in turn: fresh ones of this size would have the collector run all the time.
    line.buffer = this.#spare;
    this.#spare = buffer;
    this.#keep(buffer, order.subarray(taken, count).toSorted());
    return Buffer.from(buffer.buffer, from, size);
  }

  /** The lines that stay, by index ascending, begin the new buffer. */
  #keep(old: Uint8Array, indexes: Uint32Array): void {
    const { line } = this;
    const [times, starts] = [this.#times, this.#starts];
    line.clear();
    for (const [place, index] of indexes.entries()) {
      const piece = old.subarray(starts[index] ?? 0, starts[index + 1] ?? 0);
      times[place] = times[index] ?? 0;
      starts[place] = line.length;
      line.reserve(piece.length);
      line.buffer.set(piece, line.length);
      line.length += piece.length;
    }
    this.#count = indexes.length;
    starts[this.#count] = line.length;
  }
}

/** Indexes 0 to count - 1 in the order of their times; equal times keep their order (radix sort from the least digit). */
function ascending(times: Float64Array, count: number): Uint32Array {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < count; index++) {
    const at = times[index] ?? 0;
    if (at < first) first = at;
    if (at > last) last = at;
  }
  let order = new Uint32Array(count);
  for (let index = 0; index < count; index++) order[index] = index;
  let other = new Uint32Array(count);
  const ends = new Uint32Array(RADIX + 1);
  for (let unit = 1; unit <= last - first; unit *= RADIX) {
    const digit = (index: number): number => Math.floor(((times[index] ?? 0) - first) / unit) % RADIX;
    ends.fill(0);
    for (let index = 0; index < count; index++) ends[digit(index) + 1]!++;
    for (let value = 0; value < RADIX; value++) ends[value + 1]! += ends[value]!;
    for (const index of order) other[ends[digit(index)]!++] = index;
    [order, other] = [other, order];
  }
  return order;
}

function grown(array: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length);
  larger.set(array);
  return larger;
}
