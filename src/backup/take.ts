/**
 * Takes a backup. What is in it agrees: the store is copied first, at some offset, and then the journal up to a later entry, so the restored
 * program finds in the journal what its store has not got. Everything else is copied before the journal, so that nothing knows more than it.
 */
import { mkdir, readdir, realpath, rm, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { OperationalError, UsageError } from "../errors.ts";
import { openJournalReader } from "../journal/reader.ts";
import { copyFile, filesBelow, syncDirectories } from "./copying.ts";
import { type BackupFile, type Manifest, writeManifest } from "./manifest.ts";
import type { Source } from "./source.ts";

export interface Taken extends Omit<Manifest, "format" | "version"> {
  readonly bytes: number;
}

export type OnBytes = (done: number, all: number) => void;

/** Parts that are copied by rules of their own, and those that are not copied: the socket, the facts of trends, which are read anew, and what is moved aside or half written. */
const APART = new Set(["control", "journal", "store", "snapshots", "trends"]);
const UNFINISHED = /(^|\/)\.[0-9a-f]{12}\.tmp$|\.part$/;
const STORE_FILES = new Set(["store.duckdb", "store.duckdb.wal"]);
const SNAPSHOT = /^snapshots\/(\d{16})\.json$/;
const SEGMENT = /^journal\/\d{16}\.segment$/;

/** @throws UsageError where `to` is not empty, OperationalError where something cannot be copied; then nothing is left of it. */
export async function takeBackup(data: string, to: string, source: Source, onBytes: OnBytes): Promise<Taken> {
  await claimEmpty("--to", to, data);
  try {
    return await copyAll(data, to, source, onBytes);
  } catch (error) {
    for (const name of await readdir(to).catch(() => [])) await rm(join(to, name), { recursive: true, force: true });
    throw error;
  }
}

async function copyAll(data: string, to: string, source: Source, onBytes: OnBytes): Promise<Taken> {
  const files: BackupFile[] = [];
  const all = await bytesBelow(data);
  let done = 0;
  const copy = async (path: string, most?: number): Promise<void> => {
    const copied = await copyFile(join(data, path), join(to, path), {
      ...(most === undefined ? {} : { most }),
      onBytes(bytes) {
        done += bytes;
        onBytes(done, Math.max(done, all));
      },
    });
    files.push({ path, ...copied });
  };

  const journal = await source.holdJournal();
  try {
    for (const path of await filesBelow(data, (name) => !APART.has(name) && !UNFINISHED.test(name))) await copy(path);
    const { store } = await source.extent();
    let storeOffset: number | null = null;
    const hold = await source.holdStore();
    try {
      const parts = await filesBelow(data, (path) => path === "store" || (path.startsWith("store/") && STORE_FILES.has(path.slice(6))));
      // A store that is an InfluxDB is not in the data directory; what stands there is of a time before.
      if (store === "embedded" && parts.length > 0) {
        ({ storeOffset } = await source.extent());
        for (const path of parts) await copy(path);
      }
      hold.check();
    } finally {
      hold.release();
    }
    const extent = await source.extent();
    for (const { name, bytes } of extent.files) await copy(`journal/${name}`, bytes);
    const rest = await filesBelow(data, (path) => path === "journal" || (path.startsWith("journal/") && path !== "journal/lock"));
    for (const path of rest.filter((one) => !SEGMENT.test(one) && !UNFINISHED.test(one))) await copy(path);
    const snapshots = await filesBelow(data, (path) => path === "snapshots" || path.startsWith("snapshots/"));
    // One that was written meanwhile stands on entries that are not in the copy.
    for (const path of snapshots) if (Number(SNAPSHOT.exec(path)?.[1] ?? Infinity) <= extent.position) await copy(path);
    journal.check();
    await checkJournal(to, extent.position);
    await syncDirectories(to);
    const { journalId, firstSeq, position, version } = extent;
    const manifest = { program: version, takenAt: new Date().toISOString(), journalId, firstSeq, position, store, storeOffset, files };
    await writeManifest(to, manifest);
    return { ...manifest, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
  } finally {
    journal.release();
  }
}

/** @throws OperationalError where the journal in a copied data directory does not end at entry `position`. */
export async function checkJournal(directory: string, position: number): Promise<void> {
  const { lastSeq } = await openJournalReader(join(directory, "journal"), () => undefined);
  if (lastSeq !== position)
    throw new OperationalError("backup-failed", `${directory}: the journal in it ends at entry ${lastSeq}; expected ${position}`);
}

/** Makes a directory that is there for this alone. */
export async function claimEmpty(flag: string, directory: string, apartFrom: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const [own, other] = [await realpath(directory), await realpath(apartFrom)];
  if (`${own}${sep}`.startsWith(`${other}${sep}`))
    throw new UsageError(`${flag} ${directory}: is in ${apartFrom}; expected a directory outside of it`);
  if ((await readdir(directory)).length > 0)
    throw new UsageError(`${flag} ${directory}: is not empty; expected a directory without anything in it`);
}

/** About how much there is to copy, for the progress. */
async function bytesBelow(data: string): Promise<number> {
  let bytes = 0;
  for (const path of await filesBelow(data, (name) => name !== "control" && !UNFINISHED.test(name))) {
    bytes += (await stat(join(data, path)).catch(() => null))?.size ?? 0;
  }
  return bytes;
}
