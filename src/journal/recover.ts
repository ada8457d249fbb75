/**
 * Brings a journal's directory into a state that can be appended to, after whatever happened to it. Only the last
 * segment is read whole: a group is written only when the one before it was synced, so nothing but the end of the last
 * segment can be torn. Damage elsewhere is found where it matters, by whoever reads there, and an opening takes the same
 * time whatever the journal's size.
 */
import { join } from "node:path";
import { LIMITS } from "../config.ts";
import { OperationalError } from "../errors.ts";
import { type Disk, readFull, writeAll } from "./disk.ts";
import { createIdentity, decodeHeader, encodeHeader, frameReceivedAt, type Header, HEADER_BYTES, type Identity, VERSION } from "./frame.ts";
import type { Damage } from "./journal.ts";
import { Scanner } from "./scan.ts";
import { createSegment, segmentBase, segmentName, type Tail } from "./writer.ts";

const IDENTITY_FILE = "identity";

/** A segment on disk. `end` is its durable size; `floor` bounds the receivedAt of its records from below (null: unknown). */
export interface Segment {
  readonly baseSeq: number;
  readonly end: number;
  readonly floor: number | null;
}

export interface Recovered {
  readonly identity: Identity;
  readonly segments: readonly Segment[];
  readonly tail: Tail;
  /** Newest durable sequence number and a bound of receivedAt that the next record may not go below. */
  readonly lastSeq: number;
  readonly lastAt: number;
  readonly damage: readonly Damage[];
}

/**
 * Recovers, or creates, the journal in `directory`, which exists and is locked. Everything that it reports as kept is
 * durable when it returns.
 * @throws OperationalError where a later version wrote the journal or two are mixed; the disk's own errors.
 */
export function recover(disk: Disk, directory: string): Recovered {
  const damage: Damage[] = [];
  const bases = disk
    .list(directory)
    .map(segmentBase)
    .filter((base) => base !== null)
    .sort((a, b) => a - b);
  const opened = bases.map((baseSeq) => openSegment(disk, directory, baseSeq));
  const identity = recoverIdentity(disk, directory, opened);
  const foreign = opened.at(-1)?.header;
  if (foreign && foreign.id !== identity.id) {
    throw new OperationalError(
      "journal-mixed",
      `${directory} holds files of two journals: ${IDENTITY_FILE} is of ${identity.id}, ${segmentName(foreign.baseSeq)} of ${foreign.id}; expected one`,
    );
  }
  for (const segment of opened) {
    if (segment.header?.id !== identity.id && (segment.size > HEADER_BYTES || segment !== opened.at(-1))) {
      const bytes = Math.min(HEADER_BYTES, segment.size);
      damage.push({
        file: segmentName(segment.baseSeq),
        offset: 0,
        bytes,
        from: segment.baseSeq,
        to: segment.baseSeq - 1,
        kind: "corrupt",
      });
    }
  }
  const segments: Segment[] = opened.map(({ baseSeq, size, header }) => ({
    baseSeq,
    end: Math.max(size, HEADER_BYTES),
    floor: header?.id === identity.id ? header.floor : null,
  }));
  let lastSeq = 0;
  let lastAt = segments.reduce((latest, segment) => Math.max(latest, segment.floor ?? 0), 0);

  let kept = HEADER_BYTES;
  for (let index = segments.length - 1; index >= 0; index -= 1) {
    const segment = segments[index] as Segment;
    const newest = index === segments.length - 1;
    const found = verify(disk, directory, identity, segment, newest ? Infinity : (segments[index + 1] as Segment).baseSeq, damage, newest);
    lastSeq = Math.max(lastSeq, found.lastSeq);
    lastAt = Math.max(lastAt, found.lastAt);
    if (newest) kept = found.end;
    // The time of the last record is in this segment, or at the least its header bounds it.
    if (found.lastAt > 0 || segment.floor !== null) break;
  }
  const newest = segments.at(-1);
  if (newest === undefined || kept === 0) {
    // No segment, or a last one in which nothing was ever committed.
    const baseSeq = newest?.baseSeq ?? 1;
    disk.close(createSegment(disk, directory, identity, baseSeq, lastAt, (step) => step()));
    segments.splice(segments.length - 1, 1, { baseSeq, end: HEADER_BYTES, floor: lastAt });
  } else {
    segments.splice(segments.length - 1, 1, { ...newest, end: kept });
  }
  disk.syncDirectory(directory);
  const { baseSeq, end } = segments.at(-1) as Segment;
  return { identity, segments, tail: { baseSeq, end }, lastSeq, lastAt, damage };
}

interface Opened {
  readonly baseSeq: number;
  readonly size: number;
  readonly header: Header | null;
}

function openSegment(disk: Disk, directory: string, baseSeq: number): Opened {
  const handle = disk.open(join(directory, segmentName(baseSeq)), "existing");
  try {
    return { baseSeq, size: disk.size(handle), header: checked(decodeHeader(readFull(disk, handle, Buffer.alloc(HEADER_BYTES), 0))) };
  } finally {
    disk.close(handle);
  }
}

function checked(header: Header | null): Header | null {
  if (header !== null && header.version > VERSION) {
    throw new OperationalError(
      "journal-version",
      `the journal was written by a later version of Hoistway (format ${header.version}); this one reads up to ${VERSION}`,
    );
  }
  return header;
}

/** The identity stands in a file of its own and in every segment's header, so that no single damage costs it. */
function recoverIdentity(disk: Disk, directory: string, opened: readonly Opened[]): Identity {
  const path = join(directory, IDENTITY_FILE);
  if (disk.list(directory).includes(IDENTITY_FILE)) {
    const handle = disk.open(path, "existing");
    try {
      const header = checked(decodeHeader(readFull(disk, handle, Buffer.alloc(HEADER_BYTES), 0)));
      if (header !== null) {
        disk.sync(handle);
        return header;
      }
    } finally {
      disk.close(handle);
    }
  }
  const identity = opened.find((segment) => segment.header !== null)?.header ?? createIdentity();
  const handle = disk.open(path, "create");
  try {
    writeAll(disk, handle, encodeHeader(identity, 0, 0), 0);
    disk.sync(handle);
  } finally {
    disk.close(handle);
  }
  disk.syncDirectory(directory);
  return identity;
}

/**
 * Reads a segment from end to end. Of the newest one the torn tail is cut off and the rest made durable.
 * @returns the end of what is kept, 0 where neither header nor records were found.
 */
function verify(
  disk: Disk,
  directory: string,
  identity: Identity,
  segment: Segment,
  limitSeq: number,
  damage: Damage[],
  newest: boolean,
): { readonly end: number; readonly lastSeq: number; readonly lastAt: number } {
  const file = segmentName(segment.baseSeq);
  const handle = disk.open(join(directory, file), "existing");
  try {
    let end = segment.floor === null ? 0 : HEADER_BYTES;
    let lastAt = 0;
    const scanner = new Scanner(identity.salt, segment.baseSeq, limitSeq, (gap) => damage.push({ file, kind: "corrupt", ...gap }));
    // A byte more than there is, so that the end shows.
    const buffer = Buffer.allocUnsafe(Math.min(LIMITS.journal.readChunkBytes + LIMITS.journal.recordBytes, segment.end - HEADER_BYTES + 1));
    let offset = HEADER_BYTES;
    for (;;) {
      const bytes = readFull(disk, handle, buffer, offset);
      const last = bytes.length < buffer.length;
      const at = offset;
      offset += scanner.scan(bytes, at, last, (start, frameEnd) => {
        end = at + frameEnd;
        lastAt = frameReceivedAt(bytes, start);
        return true;
      });
      if (last) break;
    }
    const lastSeq = scanner.expected - 1;
    if (!newest) {
      scanner.finish(segment.end, limitSeq - 1);
      return { end, lastSeq, lastAt };
    }
    if (end > 0 && end < segment.end) {
      damage.push({ file, offset: end, bytes: segment.end - end, from: lastSeq + 1, to: lastSeq, kind: "torn-tail" });
      disk.truncate(handle, end);
    }
    if (end > 0) rewriteTail(disk, handle, end);
    return { end, lastSeq, lastAt };
  } finally {
    disk.close(handle);
  }
}

/**
 * Writes the last group again, as it was read, and syncs. After a failed fsync the kernel may hold pages that it takes
 * for written and are not; without this they would be folded into the store now and be gone after the next power cut.
 */
function rewriteTail(disk: Disk, handle: number, end: number): void {
  const start = Math.max(0, end - LIMITS.journal.groupBytes - LIMITS.journal.recordBytes);
  const bytes = readFull(disk, handle, Buffer.allocUnsafe(end - start), start);
  writeAll(disk, handle, bytes, start);
  disk.sync(handle);
}
