/** From what is on disk to a monitor at the journal's end: the newest snapshot, and the entries after it. */
import type { Effects } from "./core/effects.ts";
import type { Entry } from "./core/entry.ts";
import { createMonitor, type Monitor } from "./core/monitor.ts";
import { DEFAULT_RULES } from "./core/rules.ts";
import { MONITOR_LIMITS } from "./config.ts";
import { toEntry } from "./journal/entries.ts";
import type { JournalRecord, ReadableJournal } from "./journal/journal.ts";
import type { SavedSnapshots } from "./snapshots.ts";

/**
 * A monitor that has folded nothing. The register and the limits come as entries of the journal, so that a copy of the
 * journal is all that a replay needs.
 */
export function emptyMonitor(): Monitor {
  return createMonitor([], DEFAULT_RULES, MONITOR_LIMITS);
}

/** A monitor at the newest snapshot at or before `position` that this version reads; where there is none, an empty one. */
export async function monitorAt(snapshots: SavedSnapshots, position: number): Promise<Monitor> {
  for (let limit = position; ;) {
    const monitor = emptyMonitor();
    const saved = await snapshots.newest(limit);
    if (saved === null) return monitor;
    try {
      monitor.restore(saved.snapshot);
      return monitor;
    } catch {
      // Another version wrote it. What it stands for is in the journal.
      limit = saved.position - 1;
    }
  }
}

/** Entries of a chunk of records. A record that is whole but is no entry is told to `onCorrupt` and left out. */
export function entriesOf(records: readonly JournalRecord[], onCorrupt: (reason: string) => void): Entry[] {
  const entries: Entry[] = [];
  for (const record of records) {
    const entry = toEntry(record);
    if (entry.kind === "corrupt") onCorrupt(entry.reason);
    else entries.push(entry);
  }
  return entries;
}

/** Entries of the journal from `from` to `to`, or to its end at the time of the call, in bounded chunks. */
export async function* readEntries(
  journal: ReadableJournal,
  from: number,
  onCorrupt: (reason: string) => void,
  to = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<Entry[]> {
  for await (const records of journal.read(from, { to })) yield entriesOf(records, onCorrupt);
}

/** Folds the journal from the monitor's position to `to`, or to its end; `onEffects` sees what each entry brought about. */
export async function foldJournal(
  monitor: Monitor,
  journal: ReadableJournal,
  onEffects: (effects: Effects, entry: Entry) => void,
  onCorrupt: (reason: string) => void,
  to = Number.MAX_SAFE_INTEGER,
): Promise<void> {
  for await (const entries of readEntries(journal, monitor.position + 1, onCorrupt, to)) {
    for (const entry of entries) onEffects(monitor.apply(entry), entry);
  }
}
