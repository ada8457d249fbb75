/** The journal's writer engine: appends groups of frames to segments and makes each group durable. Synchronous. */
import { join } from "node:path";
import { type Disk, writeAll } from "./disk.ts";
import { encodeHeader, HEADER_BYTES, type Identity, sealFrames } from "./frame.ts";

const SUFFIX = ".segment";
const DIGITS = 16;

/** Segments are named after their first sequence number, so that a record's segment is known without opening any. */
export function segmentName(baseSeq: number): string {
  return String(baseSeq).padStart(DIGITS, "0") + SUFFIX;
}

/** Base sequence number in a segment's name, or null where the name is no segment's. */
export function segmentBase(name: string): number | null {
  return /^\d{16}\.segment$/.test(name) ? Number(name.slice(0, DIGITS)) : null;
}

/** The disk took no more (full, read-only): everything is as before the group, and it may be tried again. */
export class WriteRefused extends Error {
  override readonly name = "WriteRefused";
}

/** What was written may or may not be on the disk, and asking again does not tell: the process must end and recover. */
export class SyncFailed extends Error {
  override readonly name = "SyncFailed";
}

/** The segment that takes the next group, and where its last durable frame ends. */
export interface Tail {
  readonly baseSeq: number;
  readonly end: number;
}

export class SegmentWriter {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #identity: Identity;
  readonly #segmentBytes: number;
  #handle: number;
  #tail: Tail;
  /** Bytes of a refused group may stand behind the tail. */
  #undoNeeded = false;

  constructor(disk: Disk, directory: string, identity: Identity, segmentBytes: number, tail: Tail) {
    this.#disk = disk;
    this.#directory = directory;
    this.#identity = identity;
    this.#segmentBytes = segmentBytes;
    this.#tail = tail;
    this.#handle = disk.open(join(directory, segmentName(tail.baseSeq)), "existing");
  }

  get tail(): Tail {
    return this.#tail;
  }

  /**
   * Seals `frames` and makes them durable; a group never spans two segments.
   * @param firstSeq sequence number of the first frame; `firstAt` its receivedAt.
   * @throws WriteRefused when nothing was kept and the group may be tried again; SyncFailed when the process must end.
   */
  commit(frames: Buffer, firstSeq: number, firstAt: number): void {
    sealFrames(frames, this.#identity.salt);
    try {
      this.#undo();
      if (this.#tail.end > HEADER_BYTES && this.#tail.end + frames.length > this.#segmentBytes) this.#roll(firstSeq, firstAt);
      this.#undoNeeded = true;
      writeAll(this.#disk, this.#handle, frames, this.#tail.end);
    } catch (error) {
      if (error instanceof SyncFailed) throw error;
      try {
        this.#undo();
      } catch {
        // A disk that refuses even this is asked again before the next write.
      }
      throw new WriteRefused(describe(error), { cause: error });
    }
    this.#synced(() => this.#disk.sync(this.#handle));
    this.#undoNeeded = false;
    this.#tail = { baseSeq: this.#tail.baseSeq, end: this.#tail.end + frames.length };
  }

  close(): void {
    this.#disk.close(this.#handle);
  }

  /** A torn group left in place would cost the acknowledged ones written behind it (reliability.md). */
  #undo(): void {
    if (!this.#undoNeeded) return;
    this.#disk.truncate(this.#handle, this.#tail.end);
    this.#undoNeeded = false;
  }

  #roll(baseSeq: number, floor: number): void {
    const handle = createSegment(this.#disk, this.#directory, this.#identity, baseSeq, floor, (step) => this.#synced(step));
    const old = this.#handle;
    this.#handle = handle;
    this.#tail = { baseSeq, end: HEADER_BYTES };
    this.#disk.close(old);
  }

  #synced(step: () => void): void {
    try {
      step();
    } catch (error) {
      throw new SyncFailed(describe(error), { cause: error });
    }
  }
}

/**
 * Creates a segment with its header, durable before anything is written into it. A refused write leaves no file behind.
 * @param synced runs each sync, to tell its failure from a refused write.
 */
export function createSegment(
  disk: Disk,
  directory: string,
  identity: Identity,
  baseSeq: number,
  floor: number,
  synced: (step: () => void) => void,
): number {
  const path = join(directory, segmentName(baseSeq));
  const handle = disk.open(path, "create");
  try {
    writeAll(disk, handle, encodeHeader(identity, baseSeq, floor), 0);
  } catch (error) {
    disk.close(handle);
    try {
      disk.unlink(path);
    } catch {
      // The next try empties the file, and recovery takes an empty last segment for what it is.
    }
    throw error;
  }
  synced(() => disk.sync(handle));
  synced(() => disk.syncDirectory(directory));
  return handle;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
