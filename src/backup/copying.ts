/** Copies of files that are durable and summed up, and what there is to copy. */
import { createHash } from "node:crypto";
import { mkdir, open, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LIMITS } from "../config.ts";
import { OperationalError } from "../errors.ts";

export interface Copied {
  readonly bytes: number;
  readonly sha256: string;
  /** Permission bits. */
  readonly mode: number;
}

/**
 * Copies the first `most` bytes of a file with its permissions, or with `mode`; directories on the way are made, for their owner alone.
 * @throws OperationalError `backup-failed` where the file is shorter than `most`.
 */
export async function copyFile(source: string, target: string, options: CopyOptions): Promise<Copied> {
  const { most = Infinity, onBytes } = options;
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const from = await open(source, "r");
  try {
    const mode = options.mode ?? (await from.stat()).mode & 0o777;
    const to = await open(target, "wx", mode);
    try {
      const hash = createHash("sha256");
      const chunk = Buffer.allocUnsafe(LIMITS.backup.chunkBytes);
      let bytes = 0;
      while (bytes < most) {
        const { bytesRead } = await from.read(chunk, 0, Math.min(chunk.length, most - bytes));
        if (bytesRead === 0) break;
        const part = chunk.subarray(0, bytesRead);
        hash.update(part);
        await to.writeFile(part);
        bytes += bytesRead;
        onBytes(bytesRead);
      }
      if (most !== Infinity && bytes < most)
        throw new OperationalError("backup-failed", `${source}: ends after ${bytes} bytes; expected ${most}`);
      // The mode above is masked; and a copy that is only in the cache is none.
      await to.chmod(mode);
      await to.sync();
      return { bytes, sha256: hash.digest("hex"), mode };
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

export interface CopyOptions {
  /** Bytes to copy; default all. */
  readonly most?: number;
  readonly mode?: number;
  readonly onBytes: (bytes: number) => void;
}

/** Makes the names in a directory, and in those below it, durable. */
export async function syncDirectories(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true }))
    if (entry.isDirectory()) await syncDirectories(join(directory, entry.name));
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Directories within directories that are looked into: ours have two. */
const DEPTH = 8;

/** Files below a directory, by their paths with `/` between, in order; those that `wanted` refuses, and all below them, are left out. */
export async function filesBelow(directory: string, wanted: (path: string) => boolean, path = "", depth = 0): Promise<string[]> {
  const found: string[] = [];
  if (depth > DEPTH) return found;
  const names = await readdir(join(directory, path)).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  });
  for (const name of names.toSorted((one, other) => (one < other ? -1 : 1))) {
    const inside = path === "" ? name : `${path}/${name}`;
    if (!wanted(inside)) continue;
    // A journal on a disk of its own may be a link.
    const entry = await stat(join(directory, inside)).catch(() => null);
    if (entry?.isDirectory() === true) found.push(...(await filesBelow(directory, wanted, inside, depth + 1)));
    else if (entry?.isFile() === true) found.push(inside);
  }
  return found;
}
