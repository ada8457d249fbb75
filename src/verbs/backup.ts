/** `backup` and `restore`: a data directory, also one in use, to another place and back (docs/operating.md). */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { restoreBackup } from "../backup/restore.ts";
import { openSource } from "../backup/source.ts";
import { takeBackup } from "../backup/take.ts";
import { UsageError } from "../errors.ts";
import { openProgress } from "./progress.ts";
import { log } from "./process.ts";

export interface BackupFlags {
  readonly data: string;
  readonly to: string;
  readonly json?: boolean;
}

export interface RestoreFlags {
  readonly from: string;
  readonly data: string;
  readonly json?: boolean;
}

const MB = 1e6;

export async function backup(flags: BackupFlags, version: string): Promise<void> {
  const { data, to } = flags;
  if (!existsSync(join(data, "journal"))) throw new UsageError(`--data ${data}: holds no journal; expected a data directory`);
  const embedded = existsSync(join(data, "store", "store.duckdb"));
  const source = await openSource(data, version, embedded ? "embedded" : "influx", log);
  const progress = openProgress(process.stderr, () => performance.now());
  try {
    const taken = await takeBackup(data, to, source, (done, all) => progress.show(done / all, () => megabytes(done, all)));
    progress.end();
    const { files, bytes, firstSeq, position, storeOffset, journalId, takenAt } = taken;
    const told = { to, journalId, firstSeq, position, storeOffset, takenAt, files: files.length, bytes };
    const store = storeOffset === null ? "no store in it" : `the store at entry ${storeOffset}`;
    process.stdout.write(
      flags.json === true
        ? `${JSON.stringify(told)}\n`
        : `${to}: entries ${firstSeq} to ${position} of journal ${journalId}, ${store}; ${files.length} files, ${(bytes / MB).toFixed(1)} MB\n`,
    );
  } finally {
    progress.end();
    await source.close();
  }
}

export async function restore(flags: RestoreFlags): Promise<void> {
  const { from, data } = flags;
  const progress = openProgress(process.stderr, () => performance.now());
  const manifest = await restoreBackup(from, data, (done, all) => progress.show(done / all, () => megabytes(done, all)));
  progress.end();
  const { journalId, firstSeq, position, storeOffset, takenAt, program, store } = manifest;
  const told = { data, journalId, firstSeq, position, storeOffset, takenAt, program, files: manifest.files.length };
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(told)}\n`
      : `${data}: entries ${firstSeq} to ${position} of journal ${journalId}, as of ${takenAt}; every file is as it was\n`,
  );
  if (store === "influx")
    log(
      "the store was an InfluxDB, which is not in the backup: start with a bucket that has none of the later entries, or with --store embedded",
    );
}

function megabytes(done: number, all: number): string {
  return `${(done / MB).toFixed(0)} of ${(all / MB).toFixed(0)} MB`;
}
