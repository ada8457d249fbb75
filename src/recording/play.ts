/** Entries to be folded again, from a recording or from a data directory. */
import { type Stats, statSync } from "node:fs";
import { UsageError } from "../errors.ts";
import { entriesOf } from "../recovery.ts";
import { liftOf } from "./lift-of.ts";
import { monitorAtBeginning, openDataDirectory } from "./data-directory.ts";
import { readRecording } from "./read.ts";
import type { Played } from "./reader.ts";
import type { Point } from "./stretch.ts";

/** What of it is wanted. */
export interface Wanted {
  readonly from: Point | null;
  /** A time: before it; an entry: up to it. */
  readonly to: Point | null;
  readonly lifts: ReadonlySet<string> | null;
}

/**
 * Everything in `path`, in batches, bounded in memory; `onDone` is told how much of it has been read, from 0 to 1; null of a pipe,
 * whose end is open.
 * @throws UsageError where it cannot be read, or is neither; OperationalError where a directory holds no journal.
 */
export async function* play(
  path: string,
  onDone: (done: number | null) => void,
  log: (line: string) => void,
): AsyncGenerator<readonly Played[]> {
  const stat = statOf(path);
  if (!stat.isDirectory()) {
    yield* readRecording("FILE", path, (bytes) => onDone(stat.isFile() ? bytes / Math.max(1, stat.size) : null));
    return;
  }
  const directory = await openDataDirectory(path, log);
  const { journal, onCorrupt } = directory;
  const monitor = await monitorAtBeginning(directory);
  const from = monitor.position + 1;
  yield [{ kind: "head", journal: journal.id, first: from }];
  // As text and back: a snapshot is not to be kept, and two monitors may begin from it.
  if (monitor.position > 0) yield [{ kind: "state", snapshot: JSON.parse(JSON.stringify(monitor.snapshot())) as unknown }];
  for await (const records of journal.read(from)) {
    onDone(((records.at(-1)?.seq ?? from) - from + 1) / Math.max(1, journal.lastSeq - from + 1));
    const bytes = new Map(records.map((record) => [record.seq, record.payload]));
    yield entriesOf(records, onCorrupt).map((entry): Played => {
      const own = entry.kind === "message" && entry.payload === null ? bytes.get(entry.seq) : undefined;
      return own === undefined ? entry : { ...entry, bytes: own };
    });
  }
}

/** Whether an entry is wanted. Register, limits and what comes before them always are: the rest rests on them. */
export function isWanted(played: Played, { from, to, lifts }: Wanted): boolean {
  if (played.kind === "register" || played.kind === "rules" || played.kind === "head" || played.kind === "state") return true;
  const { seq, receivedAt } = played;
  if (from !== null && ("seq" in from ? seq < from.seq : receivedAt < from.at)) return false;
  if (to !== null && ("seq" in to ? seq > to.seq : receivedAt >= to.at)) return false;
  return lifts === null || played.kind !== "message" || lifts.has(liftOf(played.topic, played.payload));
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw new UsageError(`${path}: cannot be read (${(error as Error).message})`);
  }
}
