/** A data directory, or a journal alone, that is only read: a copy, or one that a program is writing just now. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../errors.ts";
import type { Monitor } from "../core/monitor.ts";
import type { Damage, JournalRecord, ReadableJournal } from "../journal/journal.ts";
import { openJournalReader } from "../journal/reader.ts";
import { emptyMonitor, entriesOf, foldJournal, monitorAt } from "../recovery.ts";
import { readSnapshots, type SavedSnapshots } from "../snapshots.ts";
import type { Before } from "./write.ts";

export interface DataDirectory {
  readonly path: string;
  readonly journal: ReadableJournal;
  readonly snapshots: SavedSnapshots;
  /** Tells a line about what could not be read. */
  readonly onCorrupt: (reason: string) => void;
}

/** @throws OperationalError where there is no journal that this version reads. */
export async function openDataDirectory(path: string, log: (line: string) => void): Promise<DataDirectory> {
  const told = new Set<string>();
  const onDamage = ({ kind, file, offset, from, to }: Damage): void => {
    const line = `journal: ${kind} in ${file} at byte ${offset}, ${to < from ? "no known entry lost" : `entries ${from} to ${to} lost`}`;
    if (!told.has(line)) log(line);
    told.add(line);
  };
  const whole = existsSync(join(path, "journal"));
  const journal = await openJournalReader(whole ? join(path, "journal") : path, onDamage);
  const snapshots = await readSnapshots(whole ? join(path, "snapshots") : path);
  return { path, journal, snapshots, onCorrupt: (reason) => log(`journal: ${reason}; it was passed over`) };
}

/**
 * A monitor at the first entry from which the journal can be folded: empty where it is whole, and where its beginning was deleted
 * at the oldest snapshot.
 * @throws UsageError where there is no such snapshot.
 */
export async function monitorAtBeginning({ path, journal, snapshots }: DataDirectory): Promise<Monitor> {
  if (journal.firstSeq <= 1) return emptyMonitor();
  const oldest = snapshots.positions().find((position) => position >= journal.firstSeq - 1);
  if (oldest !== undefined) {
    const monitor = await monitorAt(snapshots, oldest);
    if (monitor.position > 0) return monitor;
  }
  throw new UsageError(`${path}: the journal begins at entry ${journal.firstSeq}; expected a data directory with a snapshot to begin from`);
}

/**
 * The monitor's whole state before entry `first`, folded from the newest snapshot before it or from the journal's beginning.
 * @throws UsageError where neither is there.
 */
export async function stateBefore({ path, journal, snapshots, onCorrupt }: DataDirectory, first: number): Promise<Before> {
  const monitor = await monitorAt(snapshots, first - 1);
  if (monitor.position < journal.firstSeq - 1) {
    const from = snapshots.positions().find((position) => position >= journal.firstSeq - 1);
    const possible = from === undefined ? "no state is left to begin from" : `expected an entry from ${from + 1} on`;
    throw new UsageError(`--state: ${path} begins at entry ${journal.firstSeq}; ${possible}; found ${first}`);
  }
  await foldJournal(monitor, journal, () => undefined, onCorrupt, first - 1);
  return { state: monitor.snapshot() };
}

/**
 * Register and limits in force before entry `first`. They are looked for in the journal from the newest snapshot before it on; where the
 * journal has lost its beginning, those of the oldest snapshot stand in, and `log` is told.
 */
export async function inForceBefore(directory: DataDirectory, first: number, log: (line: string) => void): Promise<Before> {
  const { journal, snapshots, onCorrupt } = directory;
  if (first <= 1) return null;
  const monitor = await monitorAt(snapshots, first - 1);
  let found = monitor.position > 0;
  for await (const records of journal.read(monitor.position + 1, { to: first - 1 })) {
    for (const entry of entriesOf(records.filter(isSetting), onCorrupt)) {
      monitor.apply(entry);
      found = true;
    }
  }
  if (found || journal.firstSeq <= 1) return { register: monitor.register, rules: monitor.rules };
  const oldest = await snapshots.newest(snapshots.positions()[0] ?? 0);
  if (oldest === null) {
    log(`the journal begins at entry ${journal.firstSeq}: the register and the limits in force before entry ${first} are not in it`);
    return null;
  }
  log(`the journal begins at entry ${journal.firstSeq}: register and limits are those of the snapshot at entry ${oldest.position}`);
  monitor.restore(oldest.snapshot);
  return { register: monitor.register, rules: monitor.rules };
}

function isSetting({ kind }: JournalRecord): boolean {
  return kind === "register" || kind === "rules";
}
