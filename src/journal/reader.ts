/**
 * Reads a journal's directory and changes nothing in it: no lock, no repair, no thread. For copies, also read-only ones, and
 * beside the program that writes it: what is seen is the journal as it was at opening.
 */
import { type FileHandle, open, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { LIMITS } from "../config.ts";
import { OperationalError } from "../errors.ts";
import { decodeHeader, type Header, HEADER_BYTES, VERSION } from "./frame.ts";
import type { Damage, ReadableJournal } from "./journal.ts";
import { readRecords } from "./read.ts";
import type { Segment } from "./recover.ts";
import { Scanner } from "./scan.ts";
import { segmentBase, segmentName } from "./writer.ts";

const IDENTITY_FILE = "identity";

/**
 * Opens the journal in `directory` for reading. `onDamage` is told of each stretch that a read has to leave out, perhaps more than once.
 * @throws OperationalError `journal-missing` where there is none, `journal-version` where a later version wrote it.
 */
export async function openJournalReader(directory: string, onDamage: (damage: Damage) => void): Promise<ReadableJournal> {
  const at = resolve(directory);
  const names = await readdir(at).catch((error: unknown) => {
    throw new OperationalError("journal-missing", `${directory}: cannot be read (${(error as Error).message})`);
  });
  const bases = names
    .map(segmentBase)
    .filter((base) => base !== null)
    .sort((a, b) => a - b);
  const opened: { readonly baseSeq: number; readonly end: number; readonly header: Header | null }[] = [];
  for (const baseSeq of bases) {
    const segment = await openSegment(join(at, segmentName(baseSeq)));
    // Retention may have deleted it meanwhile, if it was the oldest.
    if (segment !== null) opened.push({ baseSeq, ...segment });
  }
  const own = names.includes(IDENTITY_FILE) ? await openSegment(join(at, IDENTITY_FILE)) : null;
  const identity = own?.header ?? opened.find(({ header }) => header !== null)?.header ?? null;
  if (identity === null || opened.length === 0) {
    throw new OperationalError("journal-missing", `${directory}: holds no journal; expected files such as ${segmentName(1)}`);
  }
  const segments: Segment[] = opened.map(({ baseSeq, end, header }) => ({
    baseSeq,
    end: Math.max(end, HEADER_BYTES),
    floor: header?.id === identity.id ? header.floor : null,
  }));
  const lastSeq = await lastSeqOf(at, identity.salt, segments);
  return {
    id: identity.id,
    firstSeq: segments[0]?.baseSeq ?? 1,
    lastSeq,
    read(from, { to = lastSeq, chunkBytes = LIMITS.journal.readChunkBytes } = {}) {
      return readRecords({ directory: at, salt: identity.salt, segments, onDamage }, from, Math.min(to, lastSeq), chunkBytes);
    },
  };
}

async function openSegment(path: string): Promise<{ readonly end: number; readonly header: Header | null } | null> {
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new OperationalError("journal-missing", `${path}: cannot be read (${(error as Error).message})`);
  }
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    const header = decodeHeader(buffer.subarray(0, bytesRead));
    if (header !== null && header.version > VERSION) {
      throw new OperationalError(
        "journal-version",
        `${path}: was written by a later version of Hoistway (format ${header.version}); this one reads up to ${VERSION}`,
      );
    }
    return { end: size, header };
  } finally {
    await handle.close();
  }
}

/** Number of the last whole record. A group that is being written, or was torn by a power cut, ends at its last whole one. */
async function lastSeqOf(directory: string, salt: number, segments: readonly Segment[]): Promise<number> {
  for (const segment of segments.toReversed()) {
    const handle = await open(join(directory, segmentName(segment.baseSeq)), "r");
    try {
      const scanner = new Scanner(salt, segment.baseSeq, Infinity, () => undefined);
      const buffer = Buffer.allocUnsafe(LIMITS.journal.readChunkBytes + LIMITS.journal.recordBytes);
      let offset = HEADER_BYTES;
      let found = false;
      while (offset < segment.end) {
        const wanted = Math.min(buffer.length, segment.end - offset);
        const { bytesRead } = await handle.read(buffer, 0, wanted, offset);
        const last = bytesRead < wanted || offset + bytesRead >= segment.end;
        const consumed = scanner.scan(buffer.subarray(0, bytesRead), offset, last, () => (found = true));
        if (last || consumed === 0) break;
        offset += consumed;
      }
      if (found) return scanner.expected - 1;
    } finally {
      await handle.close();
    }
  }
  return (segments[0]?.baseSeq ?? 1) - 1;
}
