/**
 * Bytes of the journal on disk, all integers little-endian.
 *
 *     file header (64 bytes): magic 8 · version u32 · salt u32 · journal id 16 · base seq u64 · floor u64 · zero 12 · crc u32
 *     frame: marker 4 · crc u32 · seq u64 · receivedAt u64 · payload length u32 · topic length u16 · source length u16
 *            · kind u8 · refusal u8 · zero 2 · source · topic · payload
 *
 * The marker holds bytes that UTF-8 never uses, so JSON cannot look like one. The CRC-32 of a frame covers all after
 * itself and starts from the journal's random salt: a frame that a device hides in a payload is never taken for real
 * when a reader resynchronises behind damage.
 */
import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import type { EntryKind, Refusal } from "../core/entry.ts";
import type { JournalRecord } from "./journal.ts";

export const HEADER_BYTES = 64;
export const FRAME_BYTES = 36;
export const MARKER = Buffer.from([0xfe, 0x48, 0x57, 0xff]);
export const VERSION = 1;

const MARKER_WORD = MARKER.readUInt32LE(0);
const MAGIC = Buffer.from("hoistway", "latin1");
const HIGH = 2 ** 32;

/** In the order of their codes. */
export const KINDS: readonly EntryKind[] = ["message", "tick", "act", "register", "rules", "work-order"];
const REFUSALS: readonly (Refusal | null)[] = [null, "topic-not-authorized", "topic-invalid", "payload-too-large"];
const KIND_CODE = codesOf(KINDS);
const REFUSAL_CODE = codesOf(REFUSALS);

/** What makes a journal this journal: its public id (32 hex digits) and the secret start of its checksums. */
export interface Identity {
  readonly id: string;
  readonly salt: number;
}

/** `floor`: no record of the segment was received before it, ms since the epoch. */
export interface Header extends Identity {
  readonly version: number;
  readonly baseSeq: number;
  readonly floor: number;
}

export function createIdentity(): Identity {
  return { id: randomBytes(16).toString("hex"), salt: randomBytes(4).readUInt32LE(0) };
}

export function encodeHeader(identity: Identity, baseSeq: number, floor: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(bytes, 0);
  bytes.writeUInt32LE(VERSION, 8);
  bytes.writeUInt32LE(identity.salt, 12);
  bytes.write(identity.id, 16, "hex");
  writeU64(bytes, 32, baseSeq);
  writeU64(bytes, 40, floor);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
  return bytes;
}

/** The header, or null where the bytes are not one. */
export function decodeHeader(bytes: Buffer): Header | null {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) return null;
  if (bytes.readUInt32LE(60) !== crc32(bytes.subarray(0, 60))) return null;
  return {
    version: bytes.readUInt32LE(8),
    salt: bytes.readUInt32LE(12),
    id: bytes.toString("hex", 16, 32),
    baseSeq: readU64(bytes, 32),
    floor: readU64(bytes, 40),
  };
}

/** Most bytes that the frame of such a record can take; its exact size is known once it is encoded. */
export function frameBound(source: string, topic: string, payloadBytes: number): number {
  return FRAME_BYTES + 3 * (source.length + topic.length) + payloadBytes;
}

/**
 * Writes a frame at `at` of `bytes`, which has room for `frameBound`, all but its CRC (see `sealFrames`).
 * @returns the end of the frame, or -1 where topic or source is longer than its length field can say.
 */
export function encodeFrame(bytes: Buffer, at: number, record: JournalRecord): number {
  const sourceAt = at + FRAME_BYTES;
  const topicAt = writeText(bytes, sourceAt, record.source);
  const payloadAt = writeText(bytes, topicAt, record.topic);
  if (topicAt - sourceAt > 0xffff || payloadAt - topicAt > 0xffff) return -1;
  bytes.set(record.payload, payloadAt);
  writeU32(bytes, at, MARKER_WORD);
  writeU64(bytes, at + 8, record.seq);
  writeU64(bytes, at + 16, record.receivedAt);
  writeU32(bytes, at + 24, record.payload.length);
  writeU16(bytes, at + 28, payloadAt - topicAt);
  writeU16(bytes, at + 30, topicAt - sourceAt);
  bytes[at + 32] = KIND_CODE.get(record.kind) ?? 0;
  bytes[at + 33] = REFUSAL_CODE.get(record.refusal) ?? 0;
  bytes[at + 34] = 0;
  bytes[at + 35] = 0;
  return payloadAt + record.payload.length;
}

/** Fills in the CRC of each frame; `bytes` holds whole frames and nothing else. Doing it twice changes nothing. */
export function sealFrames(bytes: Buffer, salt: number): void {
  for (let at = 0; at < bytes.length;) {
    const end = at + frameLength(bytes, at);
    writeU32(bytes, at + 4, checksum(bytes, at, end, salt));
    at = end;
  }
}

/** Length that the frame at `at` claims; at least FRAME_BYTES must be there. */
export function frameLength(bytes: Buffer, at: number): number {
  return FRAME_BYTES + readU32(bytes, at + 24) + readU16(bytes, at + 28) + readU16(bytes, at + 30);
}

export function frameSeq(bytes: Buffer, at: number): number {
  return readU64(bytes, at + 8);
}

export function frameReceivedAt(bytes: Buffer, at: number): number {
  return readU64(bytes, at + 16);
}

export function hasMarker(bytes: Buffer, at: number): boolean {
  return readU32(bytes, at) === MARKER_WORD;
}

/** True where the frame from `at` to `end` is what was written. */
export function isSealed(bytes: Buffer, at: number, end: number, salt: number): boolean {
  return readU32(bytes, at + 4) === checksum(bytes, at, end, salt);
}

function checksum(bytes: Buffer, at: number, end: number, salt: number): number {
  // A plain view is made in half the time of a Buffer's, and there is one a record.
  return crc32(new Uint8Array(bytes.buffer, bytes.byteOffset + at + 8, end - at - 8), salt);
}

/** The record of a frame that `isSealed`. Its payload is a view of `bytes`, not a copy. */
export function decodeFrame(bytes: Buffer, at: number): JournalRecord {
  const topicAt = at + FRAME_BYTES + readU16(bytes, at + 30);
  const payloadAt = topicAt + readU16(bytes, at + 28);
  return {
    seq: readU64(bytes, at + 8),
    receivedAt: readU64(bytes, at + 16),
    kind: KINDS[bytes[at + 32] ?? 0] ?? "message",
    source: bytes.toString("utf8", at + FRAME_BYTES, topicAt),
    topic: bytes.toString("utf8", topicAt, payloadAt),
    payload: bytes.subarray(payloadAt, payloadAt + readU32(bytes, at + 24)),
    refusal: REFUSALS[bytes[at + 33] ?? 0] ?? null,
  };
}

/** Topics and names are ASCII almost always, and short: a loop costs a third of the call into the encoder. */
function writeText(bytes: Buffer, at: number, text: string): number {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return at + bytes.write(text, at, "utf8");
    bytes[at + index] = code;
  }
  return at + text.length;
}

function writeU16(bytes: Buffer, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}

function writeU32(bytes: Buffer, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

function writeU64(bytes: Buffer, at: number, value: number): void {
  writeU32(bytes, at, value >>> 0);
  writeU32(bytes, at + 4, Math.floor(value / HIGH));
}

function readU16(bytes: Buffer, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

function readU32(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0;
}

function readU64(bytes: Buffer, at: number): number {
  return readU32(bytes, at + 4) * HIGH + readU32(bytes, at);
}

function codesOf<T>(values: readonly T[]): ReadonlyMap<T, number> {
  return new Map(values.map((value, code) => [value, code]));
}
