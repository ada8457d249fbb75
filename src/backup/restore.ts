/** Puts a backup back: into a directory beside the wanted one, every file against its checksum, which then takes its name. All or nothing. */
import { mkdtemp, readdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { OperationalError, UsageError } from "../errors.ts";
import { copyFile, syncDirectories } from "./copying.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import { checkJournal, type OnBytes } from "./take.ts";

/**
 * @throws UsageError where `from` is no backup, or `data` has something in it; OperationalError where a file is missing, changed or cannot be
 * written: then nothing is left of it.
 */
export async function restoreBackup(from: string, data: string, onBytes: OnBytes): Promise<Manifest> {
  const manifest = await readManifest("--from", from);
  const found = await readdir(data).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new UsageError(`--data ${data}: cannot be used (${(error as Error).message}); expected an empty directory, or none`);
  });
  if (found !== null && found.length > 0)
    throw new UsageError(`--data ${data}: is not empty; expected a directory without anything in it, or none: a backup replaces nothing`);
  const all = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const parent = dirname(resolve(data));
  const beside = await mkdtemp(join(parent, ".hoistway-restore-")).catch((error: unknown) => {
    throw new UsageError(`--data ${data}: ${parent} cannot be written (${(error as Error).message})`);
  });
  try {
    const wrong: string[] = [];
    for (const { path, bytes, sha256, mode } of manifest.files) {
      const copied = await copyFile(join(from, path), join(beside, path), {
        mode,
        onBytes(count) {
          done += count;
          onBytes(done, all);
        },
      }).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
        throw error;
      });
      if (copied === null) wrong.push(`${join(from, path)}: is missing; expected ${bytes} bytes`);
      else if (copied.bytes !== bytes) wrong.push(`${join(from, path)}: has ${copied.bytes} bytes; expected ${bytes}`);
      else if (copied.sha256 !== sha256) wrong.push(`${join(from, path)}: has changed (SHA-256 ${copied.sha256}; expected ${sha256})`);
    }
    if (wrong.length > 0) throw new OperationalError("backup-damaged", [...wrong, "nothing was restored"].join("\n"));
    await checkJournal(beside, manifest.position);
    await syncDirectories(beside);
    if (found !== null) await rmdir(data);
    await rename(beside, data);
    return manifest;
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    throw error;
  }
}
