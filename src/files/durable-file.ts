/** Files that are replaced whole or not at all, and readable by their owner only: secrets, and the monitor's snapshots. */
import { randomBytes } from "node:crypto";
import { chmod, mkdir, open, readFile, rename, stat, unlink, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Makes `dir` (and its parents) and closes it to everyone but its owner. */
export async function privateDirectory(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await chmod(dir, 0o700);
}

/** Writes beside the file, syncs, renames over it and syncs the directory: after a power cut it is the old file or the new one. */
export async function writeDurably(file: string, text: string): Promise<void> {
  await replaceDurably(file, (handle) => handle.writeFile(text));
}

/** The same of what is written piece by piece. */
export async function replaceDurably(file: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const temporary = join(dirname(file), `.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  const directory = await open(dirname(file), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** The text of a private file, or null when there is none. One that others could read is closed to them. */
export async function readPrivate(file: string): Promise<string | null> {
  try {
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0) await chmod(file, 0o600);
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
