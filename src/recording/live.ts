/** Recordings of the journal that this process is writing, for REST: in small bites, so that nobody's export holds up a signal. */
import { LIMITS } from "../config.ts";
import type { Monitor } from "../core/monitor.ts";
import type { ReadableJournal } from "../journal/journal.ts";
import { type Point, type Stretch, stretchOf } from "./stretch.ts";
import { recordingLines } from "./write.ts";

export interface LiveRecording {
  readonly stretch: Stretch;
  /** Bounded in memory; nothing is read before it is asked for. */
  lines(): AsyncIterable<string>;
}

/** From a point to a point, as `stretchOf` takes them. */
export type RecordStretch = (from: Point, to: Point, lifts: ReadonlySet<string> | null) => Promise<LiveRecording>;

/** Register and limits before the stretch are those in force now: an answer about minutes cannot look through weeks of journal. */
export function recorder(
  journal: ReadableJournal,
  monitor: Pick<Monitor, "register" | "rules">,
  onCorrupt: (reason: string) => void,
): RecordStretch {
  return async (from, to, lifts) => {
    const stretch = await stretchOf(journal, from, to);
    const before = stretch.first <= 1 ? null : { register: monitor.register, rules: monitor.rules };
    const { chunkBytes } = LIMITS.recording;
    return { stretch, lines: () => recordingLines(journal, { stretch, lifts, before, onCorrupt, chunkBytes }) };
  };
}
