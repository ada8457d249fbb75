/**
 * Snapshots of the monitor on disk, so that a start need not fold the whole journal. Each is one file, named by the journal
 * entry it stands at, and can be made again from the journal: one that is damaged is passed over.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Snapshot } from "./core/monitor.ts";
import { privateDirectory, writeDurably } from "./files/durable-file.ts";

export interface Snapshots {
  /** Entries at which snapshots stand, ascending. */
  positions(): readonly number[];
  /** The newest readable snapshot at or before `position`, or null. Unreadable ones on the way are deleted. */
  newest(position: number): Promise<{ readonly position: number; readonly snapshot: Snapshot } | null>;
  /** Writes a snapshot durably. `snapshot` is read before this returns its promise. */
  write(position: number, snapshot: Snapshot): Promise<void>;
  /** One was written by `writeSnapshot`. */
  written(position: number): void;
  /** Deletes all but the newest, and the newest at or before `needed`. */
  prune(needed: number): Promise<void>;
}

/** Snapshots that are only read. */
export type SavedSnapshots = Pick<Snapshots, "positions" | "newest">;

const NAME = /^(\d{16})\.json$/;

/** Opens the directory, making it where it is missing. Snapshots beyond `lastSeq` stand on entries that were lost, and go. */
export async function openSnapshots(directory: string, lastSeq: number): Promise<Snapshots> {
  await privateDirectory(directory);
  let positions: number[] = [];
  for (const name of await readdir(directory)) {
    const position = Number(NAME.exec(name)?.[1] ?? Number.NaN);
    if (position <= lastSeq) positions.push(position);
    else await unlink(join(directory, name));
  }
  positions.sort((a, b) => a - b);

  async function remove(position: number): Promise<void> {
    positions = positions.filter((kept) => kept !== position);
    await unlink(fileOf(directory, position)).catch(() => undefined);
  }

  function written(position: number): void {
    positions = [...positions.filter((kept) => kept !== position), position].sort((a, b) => a - b);
  }

  return {
    positions: () => positions,
    async newest(limit) {
      for (const position of positions.toReversed()) {
        if (position > limit) continue;
        const snapshot = await read(directory, position);
        if (snapshot !== null) return { position, snapshot };
        await remove(position);
      }
      return null;
    },
    async write(position, snapshot) {
      await writeSnapshot(directory, position, snapshot);
      written(position);
    },
    written,
    async prune(needed) {
      const keep = new Set([positions.at(-1), positions.findLast((position) => position <= needed)]);
      for (const position of positions) if (!keep.has(position)) await remove(position);
    },
  };
}

/** Writes a snapshot durably; whoever has the directory open is to be told. `snapshot` is read before this returns its promise. */
export async function writeSnapshot(directory: string, position: number, snapshot: Snapshot): Promise<void> {
  const text = JSON.stringify(snapshot);
  await writeDurably(fileOf(directory, position), `${digest(text)}\n${text}`);
}

/** The snapshots in a directory, which is not changed: of a copy, or beside the program that writes them. */
export async function readSnapshots(directory: string): Promise<SavedSnapshots> {
  const names = await readdir(directory).catch(() => []);
  const positions = names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  return {
    positions: () => positions,
    async newest(limit) {
      for (const position of positions.toReversed()) {
        const snapshot = position > limit ? null : await read(directory, position);
        if (snapshot !== null) return { position, snapshot };
      }
      return null;
    },
  };
}

function fileOf(directory: string, position: number): string {
  return join(directory, `${String(position).padStart(16, "0")}.json`);
}

/** Null where it cannot be read. */
async function read(directory: string, position: number): Promise<Snapshot> {
  return parse(await readFile(fileOf(directory, position), "utf8").catch(() => ""));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function parse(text: string): Snapshot {
  const end = text.indexOf("\n");
  const body = text.slice(end + 1);
  return end > 0 && digest(body) === text.slice(0, end) ? (JSON.parse(body) as Snapshot) : null;
}
