/** Finds the frames in the bytes of a segment, and tells which stretches hold none. */
import { LIMITS } from "../config.ts";
import { decodeFrame, FRAME_BYTES, frameLength, frameSeq, hasMarker, isSealed, MARKER } from "./frame.ts";
import type { JournalRecord } from "./journal.ts";

/** Unreadable bytes at an offset of the file, and the sequence numbers lost with them (`to` < `from`: none). */
export interface Gap {
  readonly offset: number;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

const MORE = 0;
const BAD = -1;

/**
 * Walks a segment, piece by piece. A frame counts when its marker, length and CRC are right and its seq is above all
 * before it and below `limitSeq`; behind anything else the next such frame is looked for, byte by byte, so damage costs
 * the frames that it touches and no other.
 */
export class Scanner {
  /** Sequence number that the next frame should have. */
  expected: number;
  readonly #salt: number;
  readonly #limitSeq: number;
  readonly #onGap: (gap: Gap) => void;
  #gapAt = -1;

  constructor(salt: number, expected: number, limitSeq: number, onGap: (gap: Gap) => void) {
    this.#salt = salt;
    this.expected = expected;
    this.#limitSeq = limitSeq;
    this.#onGap = onGap;
  }

  /**
   * Scans `bytes`, which begin at `offset` of the file; with `last` nothing follows them. `visit` gets the place of each
   * frame in `bytes` and ends the walk by answering false.
   * @returns how many bytes were dealt with; the rest belongs in front of the next piece.
   */
  scan(bytes: Buffer, offset: number, last: boolean, visit: (start: number, end: number, seq: number) => boolean): number {
    let at = 0;
    while (at < bytes.length) {
      const end = this.#frameEnd(bytes, at);
      if (end === MORE && !last) return at;
      if (end > 0) {
        const seq = frameSeq(bytes, at);
        if (this.#gapAt >= 0 || seq !== this.expected) this.#close(offset + at, seq - 1);
        this.expected = seq + 1;
        const go = visit(at, end, seq);
        at = end;
        if (!go) return at;
        continue;
      }
      if (this.#gapAt < 0) this.#gapAt = offset + at;
      const next = bytes.indexOf(MARKER, at + 1);
      // Without `last` a marker may begin in the last three bytes.
      if (next < 0) return last ? bytes.length : Math.max(at + 1, bytes.length - MARKER.length + 1);
      at = next;
    }
    return at;
  }

  /** Ends the walk at `offset`, the end of the segment; frames up to `lastSeq` should have been there. */
  finish(offset: number, lastSeq: number): void {
    if (this.#gapAt >= 0 || this.expected <= lastSeq) this.#close(offset, lastSeq);
  }

  #close(offset: number, lastLost: number): void {
    const from = this.#gapAt < 0 ? offset : this.#gapAt;
    this.#onGap({ offset: from, bytes: offset - from, from: this.expected, to: lastLost });
    this.#gapAt = -1;
  }

  #frameEnd(bytes: Buffer, at: number): number {
    if (bytes.length - at < MARKER.length) return MORE;
    if (!hasMarker(bytes, at)) return BAD;
    if (bytes.length - at < FRAME_BYTES) return MORE;
    const length = frameLength(bytes, at);
    if (length > LIMITS.journal.recordBytes) return BAD;
    const seq = frameSeq(bytes, at);
    if (seq < this.expected || seq >= this.#limitSeq) return BAD;
    if (bytes.length - at < length) return MORE;
    return isSealed(bytes, at, at + length, this.#salt) ? at + length : BAD;
  }
}

/** Decodes the frames of one piece with `from` <= seq <= `to`. */
export function collect(
  scanner: Scanner,
  bytes: Buffer,
  offset: number,
  last: boolean,
  from: number,
  to: number,
): { readonly consumed: number; readonly records: JournalRecord[]; readonly done: boolean } {
  const records: JournalRecord[] = [];
  let done = false;
  const consumed = scanner.scan(bytes, offset, last, (start, _end, seq) => {
    if (seq >= from && seq <= to) records.push(decodeFrame(bytes, start));
    done = seq >= to;
    return !done;
  });
  return { consumed, records, done };
}
