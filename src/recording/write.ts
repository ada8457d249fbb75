/** From a journal to a recording that replays as the run did (docs/replay.md). */
import type { LiftRecord } from "../core/lift.ts";
import type { Snapshot } from "../core/monitor.ts";
import type { Rules } from "../core/rules.ts";
import { draftOfRules, draftsOfRegister, toEntry } from "../journal/entries.ts";
import type { Draft, JournalRecord, ReadableJournal } from "../journal/journal.ts";
import { liftOf } from "./lift-of.ts";
import { entryLine, headLine, stateLines } from "./line.ts";
import type { Stretch } from "./stretch.ts";

/** What was in force before the first entry; or the whole state, which has it within. */
export type Before =
  | { readonly state: Snapshot }
  | { readonly register: readonly LiftRecord[] | null; readonly rules: Rules | null }
  | null;

export interface RecordingOptions {
  readonly stretch: Stretch;
  /** Only messages of these lifts, and only their rows of the register; null for all. */
  readonly lifts: ReadonlySet<string> | null;
  /** Null where the stretch begins with the journal: then everything is in it. */
  readonly before: Before;
  /** Told of entries that cannot be read, which the run has passed over, too. */
  readonly onCorrupt: (reason: string) => void;
  /** Told of the last entry dealt with. */
  readonly onEntry?: (seq: number) => void;
  /** How much of the journal is read at a time. */
  readonly chunkBytes?: number;
}

/** The lines of a recording, many to a piece of text. Bounded in memory; nothing is read before it is asked for. */
export async function* recordingLines(journal: ReadableJournal, options: RecordingOptions): AsyncGenerator<string> {
  const { stretch, lifts, onCorrupt, onEntry } = options;
  /** Number that a line has without saying so. */
  let expected = 0;
  const { chunkBytes } = options;
  const reading = journal.read(stretch.first, { to: stretch.last, ...(chunkBytes === undefined ? {} : { chunkBytes }) });
  for await (const records of stretch.last < stretch.first ? [] : reading) {
    let text = "";
    const [start] = records;
    if (expected === 0 && start !== undefined) {
      // A line carries its number only where it is not the one after the line before.
      expected = start.seq;
      text += headLine(start.receivedAt, journal.id, start.seq, stretch.last);
      for (const line of linesBefore(options, start)) text += line;
    }
    for (const record of records) {
      const kept = lifts === null ? record : onlyOf(record, lifts);
      if (kept === null) continue;
      const line = recordedAs(kept, kept.seq !== expected, onCorrupt);
      if (line === null) continue;
      text += line;
      expected = kept.seq + 1;
    }
    onEntry?.(records.at(-1)?.seq ?? stretch.first);
    if (text !== "") yield text;
  }
}

/** What is no entry is passed over, as it was in the run. Messages and ticks always are entries. */
function recordedAs(record: JournalRecord, stated: boolean, onCorrupt: (reason: string) => void): string | null {
  if (record.kind !== "message" && record.kind !== "tick") {
    const entry = toEntry(record);
    if (entry.kind === "corrupt") {
      onCorrupt(entry.reason);
      return null;
    }
  }
  return entryLine(record, stated);
}

function linesBefore({ before, lifts }: RecordingOptions, { seq, receivedAt }: JournalRecord): string[] {
  if (before === null) return [];
  if ("state" in before) return stateLines(receivedAt, before.state);
  const { register, rules } = before;
  const drafts: Draft[] = [];
  if (register !== null) drafts.push(...draftsOfRegister(lifts === null ? register : register.filter(({ liftId }) => lifts.has(liftId))));
  if (rules !== null) drafts.push(draftOfRules(rules));
  return drafts.flatMap((draft) => entryLine({ ...draft, seq: seq - 1, receivedAt }, true) ?? []);
}

/** The record as far as it is about these lifts; null for another lift's message. Acts and ticks are everybody's. */
function onlyOf(record: JournalRecord, lifts: ReadonlySet<string>): JournalRecord | null {
  const { kind, topic } = record;
  if (kind === "message") return lifts.has(liftOf(topic, record.payload)) ? record : null;
  if (kind !== "register") return record;
  const entry = toEntry(record);
  if (entry.kind !== "register") return record;
  const { part, parts } = entry;
  const kept = entry.lifts.filter(({ liftId }) => lifts.has(liftId));
  return { ...record, payload: Buffer.from(JSON.stringify({ part, parts, lifts: kept })) };
}
