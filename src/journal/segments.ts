/** The segments on disk as the main thread knows them, and the deletion of the oldest. */
import { mkdirSync } from "node:fs";
import { open, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileDisk } from "./disk.ts";
import type { Segment } from "./recover.ts";
import { segmentName, type Tail } from "./writer.ts";

export class Segments {
  /** Oldest first, never empty; it changes while readers hold it. */
  readonly all: Segment[];
  readonly #directory: string;
  #retaining: Promise<unknown> = Promise.resolve();

  constructor(directory: string, segments: readonly Segment[]) {
    this.#directory = directory;
    this.all = [...segments];
  }

  get firstSeq(): number {
    return (this.all[0] as Segment).baseSeq;
  }

  get sizeBytes(): number {
    return this.all.reduce((sum, segment) => sum + segment.end, 0);
  }

  /** A group was committed: the newest segment ends at `tail`, or `tail` is a new one whose first record came at `floor`. */
  grow(tail: Tail, floor: number): void {
    const newest = this.all.at(-1) as Segment;
    if (newest.baseSeq === tail.baseSeq) this.all[this.all.length - 1] = { ...newest, end: tail.end };
    else this.all.push({ ...tail, floor });
  }

  /**
   * Deletes the oldest segments while all are together larger than `maxBytes` or the oldest ended before `oldestAt` (ms
   * since the epoch): never the newest, never one with a record of `keepFrom` or above. @returns the new firstSeq.
   */
  retain(keepFrom: number, maxBytes: number, oldestAt: number): Promise<number> {
    const run = this.#retaining.then(() => this.#retain(keepFrom, maxBytes, oldestAt));
    this.#retaining = run.catch(() => undefined);
    return run;
  }

  async #retain(keepFrom: number, maxBytes: number, oldestAt: number): Promise<number> {
    for (;;) {
      const [oldest, ...younger] = this.all as [Segment, ...Segment[]];
      const after = younger[0];
      if (after === undefined || after.baseSeq > keepFrom) break;
      // Nothing in it is younger than what the next readable header begins with.
      const endedAt = younger.find((segment) => segment.floor !== null)?.floor ?? Infinity;
      if (this.sizeBytes <= maxBytes && endedAt >= oldestAt) break;
      // Readers find the list changed before the file is gone.
      this.all.shift();
      try {
        await unlink(join(this.#directory, segmentName(oldest.baseSeq)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
          this.all.unshift(oldest);
          throw error;
        }
      }
      // One by one, so that a power cut leaves no hole between segments.
      await syncDirectory(this.#directory);
    }
    return this.firstSeq;
  }
}

/** Makes the directory and makes its name durable, up to the first directory that was there before. */
export function makeDirectory(directory: string): void {
  const first = mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const top = dirname(resolve(first));
  for (let parent = dirname(directory); ; parent = dirname(parent)) {
    fileDisk.syncDirectory(parent);
    if (parent === top || parent === dirname(parent)) return;
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
