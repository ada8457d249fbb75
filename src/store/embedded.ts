/**
 * The embedded store: DuckDB in one worker thread, which alone owns the file. This side checks, packs, counts what is in
 * flight and unpacks; it never waits for the disk.
 */
import { existsSync, mkdirSync, realpathSync, renameSync } from "node:fs";
import { join } from "node:path";
import { LIMITS } from "../config.ts";
import { OperationalError } from "../errors.ts";
import type { EmbeddedOptions } from "./engine.ts";
import { createThreadedStore } from "./threaded.ts";
import type { ThreadedStore } from "./threaded.ts";
import { openWorkerLink } from "./worker-link.ts";

export interface EmbeddedStoreOptions {
  /** Directory of the file `store.duckdb`; created where it is missing. */
  readonly dir: string;
  readonly journalId: string;
  /** Moves an existing file aside (to `store.duckdb.broken`, or `.broken-2` and so on) and starts empty, at offset 0. */
  readonly rebuild?: boolean;
  /** Bounds other than LIMITS.store, for tests. */
  readonly limits?: Partial<Record<keyof typeof LIMITS.store, number>>;
}

const FILE = "store.duckdb";
/** Files open in this process: DuckDB would open a second instance on one without a word, and lose writes (design.md). */
const openFiles = new Set<string>();

/**
 * Opens, or creates, the store in `dir`.
 * @throws OperationalError `data-directory-in-use`, `store-corrupt`, `store-of-another-journal`, `store-too-new`,
 *   `store-unavailable` (the directory cannot be written), `store-full`, `store-failed`.
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<ThreadedStore> {
  const limits = { ...LIMITS.store, ...options.limits };
  const file = claim(options);
  try {
    const worker = await openWorkerLink("./embedded-worker", { ...limits, file, journalId: options.journalId } satisfies EmbeddedOptions);
    return createThreadedStore(worker, limits, () => openFiles.delete(file));
  } catch (error) {
    openFiles.delete(file);
    throw error;
  }
}

/** What was moved aside is never deleted, and not by the next one either. */
function freeName(name: string): string {
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${name}-${number}`;
    if (!existsSync(free) && !existsSync(`${free}.wal`)) return free;
  }
}

function claim({ dir, rebuild }: EmbeddedStoreOptions): string {
  let file: string;
  try {
    mkdirSync(dir, { recursive: true });
    file = join(realpathSync(dir), FILE);
  } catch (error) {
    throw new OperationalError(
      "store-unavailable",
      `${dir} cannot be used (${(error as Error).message}); expected a directory that can be written`,
    );
  }
  if (openFiles.has(file))
    throw new OperationalError("data-directory-in-use", `${file} is open in this process already; a data directory serves one store`);
  openFiles.add(file);
  if (rebuild === true) {
    try {
      const aside = freeName(`${file}.broken`);
      for (const part of ["", ".wal"]) if (existsSync(file + part)) renameSync(file + part, `${aside}${part}`);
    } catch (error) {
      openFiles.delete(file);
      throw new OperationalError("store-unavailable", `${file} cannot be moved aside (${(error as Error).message})`);
    }
  }
  return file;
}
