/** Reads durable records from the segments, while others write and delete them. */
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { HEADER_BYTES } from "./frame.ts";
import type { Damage, JournalRecord } from "./journal.ts";
import type { Segment } from "./recover.ts";
import { collect, Scanner } from "./scan.ts";
import { segmentName } from "./writer.ts";

/** What a reader sees of the journal; `segments` changes under it. */
export interface ReadSource {
  readonly directory: string;
  readonly salt: number;
  /** Oldest first, never empty. */
  readonly segments: readonly Segment[];
  onDamage(damage: Damage): void;
}

/** A stretch this short is scanned rather than halved. */
const PROBE_BYTES = 128 * 1024;

/** Yields the records `from` to `to`, both durable, in arrays of about `chunkBytes`. */
export async function* readRecords(
  source: ReadSource,
  from: number,
  to: number,
  chunkBytes: number,
): AsyncGenerator<readonly JournalRecord[], void, void> {
  let next = from;
  while (next <= to) {
    const index = Math.max(
      0,
      source.segments.findLastIndex((segment) => segment.baseSeq <= next),
    );
    const segment = source.segments[index] as Segment;
    const limitSeq = source.segments[index + 1]?.baseSeq ?? Infinity;
    const lastSeq = Math.min(to, limitSeq - 1);
    next = Math.max(next, segment.baseSeq);
    const file = segmentName(segment.baseSeq);
    let handle: FileHandle;
    try {
      handle = await open(join(source.directory, file), "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      // Retention was faster, and the oldest kept segment is another one now; or somebody else has removed the file.
      if (source.segments.some((kept) => kept.baseSeq === segment.baseSeq)) {
        source.onDamage({ file, offset: 0, bytes: segment.end, from: segment.baseSeq, to: lastSeq, kind: "corrupt" });
        next = lastSeq + 1;
      }
      continue;
    }
    try {
      yield* readSegment(source, handle, segment, next, lastSeq, limitSeq, chunkBytes);
    } finally {
      await handle.close();
    }
    next = lastSeq + 1;
  }
}

async function* readSegment(
  source: ReadSource,
  handle: FileHandle,
  segment: Segment,
  from: number,
  to: number,
  limitSeq: number,
  chunkBytes: number,
): AsyncGenerator<readonly JournalRecord[], void, void> {
  const start = await seek(source, handle, segment, from, limitSeq);
  const file = segmentName(segment.baseSeq);
  const scanner = new Scanner(source.salt, start.seq, limitSeq, (gap) => source.onDamage({ file, kind: "corrupt", ...gap }));
  let offset = start.offset;
  let carry: Buffer = Buffer.alloc(0);
  for (;;) {
    const at = offset + carry.length;
    // A fresh buffer a chunk: the records that are handed out are views of it.
    const piece = Buffer.allocUnsafeSlow(carry.length + Math.min(chunkBytes, segment.end - at));
    carry.copy(piece);
    const bytes = await fill(handle, piece, carry.length, at);
    const last = bytes.length < piece.length || offset + bytes.length >= segment.end;
    const { consumed, records, done } = collect(scanner, bytes, offset, last, from, to);
    if (records.length > 0) yield records;
    if (done) return;
    offset += consumed;
    carry = bytes.subarray(consumed);
    if (last) break;
  }
  scanner.finish(offset, Number.isFinite(limitSeq) ? limitSeq - 1 : to);
}

/**
 * Finds a place at or before `target` by halving: frames are numbered and can be found from any offset, so a segment
 * needs no index. @returns the offset and seq of a frame, or of the segment's start.
 */
async function seek(
  source: ReadSource,
  handle: FileHandle,
  segment: Segment,
  target: number,
  limitSeq: number,
): Promise<{ readonly offset: number; readonly seq: number }> {
  let low = { offset: HEADER_BYTES, seq: segment.baseSeq };
  let high = segment.end;
  const window = Buffer.allocUnsafe(PROBE_BYTES);
  while (target > low.seq && high - low.offset > PROBE_BYTES) {
    const middle = low.offset + Math.floor((high - low.offset) / 2);
    const bytes = await fill(handle, window.subarray(0, Math.min(PROBE_BYTES, segment.end - middle)), 0, middle);
    let found = null as { readonly offset: number; readonly seq: number } | null;
    const scanner = new Scanner(source.salt, low.seq, limitSeq, () => undefined);
    scanner.scan(bytes, middle, true, (start, _end, seq) => {
      found = { offset: middle + start, seq };
      return false;
    });
    // Nothing found means a frame larger than the window, or damage: the lower half is right in any case.
    if (found !== null && found.seq <= target) low = found;
    else high = middle;
  }
  return low;
}

/** Fills `into` from its offset `done` on with the file's bytes from `position`. @returns the part that holds bytes. */
async function fill(handle: FileHandle, into: Buffer, done: number, position: number): Promise<Buffer> {
  let filled = done;
  while (filled < into.length) {
    const { bytesRead } = await handle.read(into, filled, into.length - filled, position + filled - done);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return into.subarray(0, filled);
}
