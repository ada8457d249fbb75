/** `rebuild-store`: the store made again from the journal, by the fold that the program does (docs/operating.md). For a program that is stopped. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { LIMITS } from "../config.ts";
import { OperationalError, UsageError } from "../errors.ts";
import type { Journal, ReadableJournal } from "../journal/journal.ts";
import { openJournalAlone } from "../journal/open-alone.ts";
import { openProgress } from "./progress.ts";
import { firstAtOrAfter, pointOf, stretchOf } from "../recording/stretch.ts";
import { foldJournal, monitorAt, readEntries } from "../recovery.ts";
import { readRules } from "../rules/file.ts";
import { log } from "./process.ts";
import { loadSettings } from "../settings/settings.ts";
import { readSnapshots, type SavedSnapshots } from "../snapshots.ts";
import { createFollower } from "../store/follower.ts";
import type { ThreadedStore } from "../store/threaded.ts";
import { openStore } from "../stores.ts";

const DAY_MS = 86_400_000;

function onCorrupt(reason: string): void {
  log(`journal: ${reason}; it was passed over`);
}

type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** A journal that can be folded from `beginning` on. */
interface Foldable {
  readonly journal: Journal;
  readonly snapshots: SavedSnapshots;
  /** First entry whose effects can be made again. */
  readonly beginning: number;
}

export async function rebuildStore(flags: Flags): Promise<void> {
  const { from, fresh, ...rest } = flags;
  const config = rest["config"];
  const settings = loadSettings(rest, process.env, typeof config === "string" ? config : undefined);
  if (fresh === true && settings.store === "influx")
    throw new UsageError("--fresh: moves the embedded store's file aside; expected an empty bucket instead (--influx-bucket)");
  const point = pointOf("--from", typeof from === "string" ? from : undefined);
  const { timezone } = readRules(settings.rules, settings.timezone).site;
  if (!existsSync(join(settings.data, "journal")))
    throw new UsageError(`--data ${settings.data}: holds no journal; expected a data directory`);
  const journal = await openJournalAlone(settings.data);
  try {
    const foldable = await foldableOf(settings.data, journal);
    const first = await firstOf(foldable, (await stretchOf(journal, point, null)).first);
    // Moved aside, never deleted; what cannot be read is moved aside by itself.
    const store = await openStore(settings, timezone, journal, log, { fresh: fresh === true });
    try {
      if (!store.known) throw new OperationalError("store-unavailable", "the store cannot be reached; nothing was changed");
      const again = await reset(store, foldable, first);
      await fill(store, foldable);
      process.stdout.write(`store: entries ${again} to ${journal.lastSeq} of journal ${journal.id} are in it\n`);
    } finally {
      await store.close();
    }
  } finally {
    await journal.close();
  }
}

/** @throws UsageError where the journal has lost its beginning and no snapshot stands in for it. */
async function foldableOf(data: string, journal: Journal): Promise<Foldable> {
  const snapshots = await readSnapshots(join(data, "snapshots"));
  for (const damage of journal.damage) log(`journal: ${damage.kind} in ${damage.file}; entries ${damage.from} to ${damage.to} are lost`);
  if (journal.firstSeq <= 1) return { journal, snapshots, beginning: 1 };
  for (const position of snapshots.positions()) {
    if (position < journal.firstSeq - 1 || position > journal.lastSeq) continue;
    const monitor = await monitorAt(snapshots, position);
    if (monitor.position < journal.firstSeq - 1) continue;
    log(
      `the journal begins at entry ${journal.firstSeq}: what came before is no longer in it, and the oldest snapshot stands at entry ${monitor.position}`,
    );
    return { journal, snapshots, beginning: monitor.position + 1 };
  }
  throw new UsageError(`--data ${data}: the journal begins at entry ${journal.firstSeq}; expected a snapshot to begin from`);
}

/** Where to begin, as near to what was asked for as can be. */
async function firstOf({ journal, beginning }: Foldable, wanted: number): Promise<number> {
  if (wanted > journal.lastSeq + 1) throw new UsageError(`--from: the journal ends at entry ${journal.lastSeq}; found ${wanted}`);
  if (wanted < beginning) log(`entries before ${beginning} cannot be folded: it begins there`);
  return Math.max(wanted, beginning);
}

/** Takes the store back to the entry before `first`, and says what stays and what is not there. @returns where it really begins. */
async function reset(store: ThreadedStore, foldable: Foldable, first: number): Promise<number> {
  const { offset } = store;
  try {
    await resetTo(store, foldable, first);
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code !== "store-rolled-up") throw error;
    // Minutes do not say which of their readings came later: a day is made again as a whole, or not at all.
    const at = await receivedAt(foldable.journal, first);
    const begin = Math.floor(at / DAY_MS) * DAY_MS;
    const whole = await firstAtOrAfter(foldable.journal, begin);
    const other =
      whole >= foldable.beginning && whole > foldable.journal.firstSeq ? whole : await firstAtOrAfter(foldable.journal, begin + DAY_MS);
    log(`readings of the day of entry ${first} are rolled up by minute already: it begins at entry ${other}, with a whole day (UTC)`);
    return reset(store, foldable, other);
  }
  if (first > 1) {
    const kept = Math.min(offset, first - 1);
    if (kept > 0) log(`entries up to ${kept}: what the store had of them stays as it was`);
    if (kept < first - 1) log(`entries ${kept + 1} to ${first - 1}: the store has nothing of them, and gets nothing`);
  }
  return first;
}

async function resetTo(store: ThreadedStore, { journal, snapshots }: Foldable, first: number): Promise<void> {
  const monitor = await monitorAt(snapshots, first - 1);
  await foldJournal(monitor, journal, () => undefined, onCorrupt, first - 1);
  const at = await receivedAt(journal, first);
  const before = first === 1 ? null : await receivedAt(journal, first - 1);
  const firstOfDay = before === null || Math.floor(before / DAY_MS) < Math.floor(at / DAY_MS);
  // They were stored before, by this store or the one that was moved aside: the ledger counts them once.
  await store.reset({ offset: first - 1, storedReadings: monitor.counts.accepted, receivedAt: at, firstOfDay });
}

/** Of the first entry from `seq` on; of now where there is none. */
async function receivedAt(journal: ReadableJournal, seq: number): Promise<number> {
  for await (const [record] of journal.read(seq, { chunkBytes: LIMITS.recording.chunkBytes }))
    if (record !== undefined) return record.receivedAt;
  return Date.now();
}

/** As the program fills its store from the journal. @throws OperationalError where the store has taken nothing for a while. */
async function fill(store: ThreadedStore, { journal, snapshots }: Foldable): Promise<void> {
  const begin = store.offset;
  const follower = createFollower({
    store,
    position: journal.lastSeq,
    shadowAt: (offset) => monitorAt(snapshots, offset),
    read: (from) => readEntries(journal, from, onCorrupt),
  });
  const progress = openProgress(process.stderr, () => performance.now());
  const filling = follower.flush();
  let moved = { offset: begin, at: performance.now() };
  try {
    while (store.offset < journal.lastSeq) {
      await Promise.race([filling, setTimeout(LIMITS.rebuild.pollMs)]);
      const { behindEntries, lastError, ratePerS } = follower.status;
      if (store.offset > moved.offset || lastError === null) moved = { offset: store.offset, at: performance.now() };
      const done = store.offset - begin;
      progress.show(
        done / Math.max(1, done + behindEntries),
        () => `${done} of ${done + behindEntries} entries, ${Math.round(ratePerS)} rows a second`,
      );
      if (lastError !== null && performance.now() - moved.at > LIMITS.rebuild.failingMs)
        throw new OperationalError(
          "store-failed",
          `the store takes nothing: ${lastError}; serve goes on where this stopped, or run it again`,
        );
    }
  } finally {
    progress.end();
    await follower.close();
  }
}
