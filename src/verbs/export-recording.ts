/** `export recording`: a stretch of the journal as a recording, also beside the program that writes it (docs/replay.md). */
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { LIFT_ID } from "../core/lift.ts";
import { UsageError } from "../errors.ts";
import { openProgress } from "./progress.ts";
import { inForceBefore, openDataDirectory, stateBefore } from "../recording/data-directory.ts";
import { pointOf, stretchOf } from "../recording/stretch.ts";
import { recordingLines } from "../recording/write.ts";
import { log } from "./process.ts";

export interface ExportRecordingFlags {
  readonly data: string;
  /** Default the standard output. */
  readonly out?: string;
  readonly from?: string;
  readonly to?: string;
  readonly lift?: readonly string[];
  readonly state?: boolean;
}

export async function exportRecording(flags: ExportRecordingFlags): Promise<void> {
  const [from, to] = [pointOf("--from", flags.from), pointOf("--to", flags.to)];
  const lifts = liftsOf("--lift", flags.lift);
  const directory = await openDataDirectory(flags.data, log);
  const { journal, onCorrupt } = directory;
  const stretch = await stretchOf(journal, from, to);
  const entries = stretch.last - stretch.first + 1;
  if (entries <= 0) throw new UsageError(`--from, --to: no entries there; expected some of ${journal.firstSeq} to ${journal.lastSeq}`);
  const before =
    flags.state === true && stretch.first > 1
      ? await stateBefore(directory, stretch.first)
      : await inForceBefore(directory, stretch.first, log);
  const progress = openProgress(process.stderr, () => performance.now());
  const onEntry = (seq: number): void => {
    const done = seq - stretch.first + 1;
    progress.show(done / entries, () => `${done} of ${entries} entries`);
  };
  const lines = Readable.from(recordingLines(journal, { stretch, lifts, before, onCorrupt, onEntry }), { objectMode: false });
  const { out } = flags;
  if (out === undefined) {
    await pipeline(lines, process.stdout, { end: false });
  } else {
    // Whole or not at all: half a recording replays to something else.
    const part = `${out}.part`;
    try {
      const file = createWriteStream(part);
      await (out.endsWith(".gz") ? pipeline(lines, createGzip(), file) : pipeline(lines, file));
      await rename(part, out);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }
  progress.end();
  process.stderr.write(`entries ${stretch.first} to ${stretch.last} of journal ${journal.id}${out === undefined ? "" : ` in ${out}`}\n`);
}

/** Ids given one by one or separated by commas; null for none. @throws UsageError for what is no id. */
export function liftsOf(flag: string, words: readonly string[] | undefined): ReadonlySet<string> | null {
  const ids = (words ?? []).flatMap((word) => word.split(",")).map((id) => id.trim());
  const wrong = ids.filter((id) => !LIFT_ID.test(id));
  if (wrong.length > 0) throw new UsageError(wrong.map((id) => `${flag}: expected the id of a lift; found ${JSON.stringify(id)}`));
  return ids.length === 0 ? null : new Set(ids);
}
