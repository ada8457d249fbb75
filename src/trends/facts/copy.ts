/**
 * A copy of the facts on the disk, so that a start reads from the store only what came after it. It has the name of a mark that the store carries:
 * whatever changes the store but the batches that follow gives it another mark, and then the copy is of no store any more
 * (docs/decisions/0016-trends-thread.md).
 */
import { randomUUID } from "node:crypto";
import { open, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { LIMITS } from "../../config.ts";
import { privateDirectory, replaceDurably } from "../../files/durable-file.ts";
import { aligned, ALIGNED, bodyBytes, COPY_NAME, headSchema, restore, tablesOf, type Head } from "./copy-format.ts";
import type { Facts } from "./facts.ts";
import { UNCOUNTED } from "./lift-days.ts";

const FILE = /^facts-[0-9a-f-]{36}\.bin$/;
const UNFINISHED = /^\.[0-9a-f]{12}\.tmp$/;
const READ_BYTES = 16 * 1024 * 1024;

/** What a copy is of: everything of the store's days before `lastDay`, and alerts up to a change. */
export interface Copied {
  readonly lastDay: number;
  readonly lastChange: number;
}

function fileOf(directory: string, mark: string): string {
  return join(directory, `facts-${mark}.bin`);
}

/**
 * Fills facts that know the register's lifts at most. Null where there is no copy of this mark. @throws Error where there is one, and it cannot be used.
 */
export async function readCopy(directory: string, mark: string, facts: Facts): Promise<Copied | null> {
  const handle = await open(fileOf(directory, mark), "r").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  });
  if (handle === null) return null;
  try {
    const { size } = await handle.stat();
    if (size > LIMITS.trends.copyBytes || size < 3 * ALIGNED) throw new Error(`it has ${size} bytes`);
    const bytes = Buffer.from(new ArrayBuffer(size));
    let sum = 0;
    for (let start = 0; start < size; start += READ_BYTES) {
      const end = Math.min(size, start + READ_BYTES);
      const { bytesRead } = await handle.read(bytes, start, end - start, start);
      if (bytesRead !== end - start) throw new Error("it ends early");
      sum = crc32(bytes.subarray(start, Math.min(end, size - ALIGNED)), sum);
    }
    if (bytes.readUInt32LE(size - ALIGNED) !== sum) throw new Error("its checksum is another");
    const headBytes = bytes.readUInt32LE(ALIGNED);
    if (bytes.toString("latin1", 0, ALIGNED) !== COPY_NAME) throw new Error("it is of another version");
    const head = headSchema.parse(JSON.parse(bytes.toString("utf8", 2 * ALIGNED, 2 * ALIGNED + headBytes)));
    const start = 2 * ALIGNED + aligned(headBytes);
    if (head.mark !== mark || start + bodyBytes(head) + ALIGNED !== size) throw new Error("it is not what it says it is");
    if (head.timezone !== facts.zone.timezone) throw new Error(`its days are those of ${head.timezone}`);
    const numbers = Int32Array.from(head.liftIds, (liftId) => facts.numberOf(liftId));
    restore(facts, head, bytes.buffer, start, numbers);
    return { lastDay: head.days.at(-1)?.day ?? -Infinity, lastChange: head.lastChange };
  } finally {
    await handle.close();
  }
}

/** @returns the mark that the store is to carry from now on; null where the copy would be too large. */
export async function writeCopy(directory: string, facts: Facts, lastChange: number): Promise<string | null> {
  const mark = randomUUID();
  const { head: tables, cells } = tablesOf(facts);
  const days: Head["days"] = [];
  for (const { day, trips, many } of facts.days.countedDays()) {
    days.push({ day, lifts: trips.length, many: many.map(([lift, count]) => [lift, count]) });
    await turn();
  }
  const head: Head = { mark, timezone: facts.zone.timezone, lastChange, liftIds: [...facts.liftIds], days, ...tables };
  const text = Buffer.from(JSON.stringify(head));
  if (2 * ALIGNED + aligned(text.length) + bodyBytes(head) + ALIGNED > LIMITS.trends.copyBytes) return null;
  await privateDirectory(directory);
  await replaceDurably(fileOf(directory, mark), async (handle) => {
    let sum = 0;
    const add = async (bytes: Uint8Array, room: number) => {
      const padded = bytes.length === room ? bytes : Buffer.concat([bytes], room);
      sum = crc32(padded, sum);
      await handle.writeFile(padded);
    };
    const first = Buffer.alloc(2 * ALIGNED);
    first.write(COPY_NAME, "latin1");
    first.writeUInt32LE(text.length, ALIGNED);
    await add(first, first.length);
    await add(text, aligned(text.length));
    let index = 0;
    for (const { day, inServiceMs, trips } of facts.days.countedDays()) {
      // What came meanwhile is read again: a copy's last days always are.
      const told = days[index];
      if (told === undefined) break;
      if (told.day !== day) continue;
      index += 1;
      const { lifts } = told;
      // Lifts that were heard meanwhile are not in the head: somebody else may have their numbers next time.
      inServiceMs.fill(0, head.liftIds.length);
      trips.fill(UNCOUNTED, head.liftIds.length);
      await add(bytesOf(inServiceMs.subarray(0, lifts)), aligned(4 * lifts));
      await add(bytesOf(trips.subarray(0, lifts)), aligned(2 * lifts));
    }
    if (index < days.length) throw new Error("days went away meanwhile");
    await add(bytesOf(cells), cells.byteLength);
    const last = Buffer.alloc(ALIGNED);
    last.writeUInt32LE(sum);
    await handle.writeFile(last);
  });
  return mark;
}

/** Removes all copies but the one of this mark, and what a write left behind. */
export async function dropCopies(directory: string, mark: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => []))
    if ((FILE.test(name) && name !== `facts-${mark}.bin`) || UNFINISHED.test(name)) await unlink(join(directory, name));
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array | Uint16Array | Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
