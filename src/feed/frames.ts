/** What the feed says (contract §5), and its bytes on the wire. */
import type { Alert } from "../core/effects.ts";
import type { ChangeFrame } from "./change-frame.ts";

interface HelloFrame {
  readonly type: "hello";
  readonly version: 1;
  /** Where the changes that follow begin; after a snapshot, its cursor. */
  readonly cursor: string;
  readonly heartbeatS: number;
}

/** Active alerts, and cleared ones that wait for acknowledgement, newest first; changes after `cursor` follow. */
interface SnapshotFrame {
  readonly type: "snapshot";
  readonly cursor: string;
  readonly alerts: readonly Alert[];
}

/** The stream could not go on where `after` said; a snapshot follows. */
interface ResyncFrame {
  readonly type: "resync";
  readonly reason: ResyncReason;
}
export type ResyncReason = "cursor-invalid" | "other-journal" | "cursor-ahead" | "too-old" | "not-stored";

/** Everything up to `cursor` has been sent, or was filtered out. `at` is the monitor's time, ms since the epoch. */
interface HeartbeatFrame {
  readonly type: "heartbeat";
  readonly cursor: string;
  readonly at: number;
}

export type FeedFrame = HelloFrame | SnapshotFrame | ResyncFrame | ChangeFrame | HeartbeatFrame;

/** The number of the last change seen, or why the stream cannot go on from there. */
export function parseCursor(cursor: string, journalId: string, lastChange: number): number | ResyncReason {
  const colon = cursor.lastIndexOf(":");
  const digits = cursor.slice(colon + 1);
  if (colon < 1 || !/^\d{1,15}$/.test(digits)) return "cursor-invalid";
  if (cursor.slice(0, colon) !== journalId) return "other-journal";
  const n = Number(digits);
  return n > lastChange ? "cursor-ahead" : n;
}

const FIN = 0x80;
const TEXT = 0x01;
const CONTINUATION = 0x00;

/**
 * A frame as a whole, unmasked WebSocket text message (RFC 6455 §5.2). Encoded here and not by `ws`, so that one
 * encoding serves every client and many messages go out in one write: seven times the throughput (design.md, "Feed").
 */
export function encodeFrame(frame: FeedFrame): Buffer {
  return message(FIN | TEXT, Buffer.from(JSON.stringify(frame)));
}

/**
 * The same as one message in fragments of at most `fragmentBytes`, so that a large snapshot can be sent bit by bit and
 * pings, or a close, can go in between (RFC 6455 §5.4).
 */
export function encodeFragments(frame: FeedFrame, fragmentBytes: number): Buffer[] {
  const text = Buffer.from(JSON.stringify(frame));
  const fragments: Buffer[] = [];
  for (let from = 0; from < text.length; from += fragmentBytes) {
    const end = Math.min(from + fragmentBytes, text.length);
    fragments.push(message((end === text.length ? FIN : 0) | (from === 0 ? TEXT : CONTINUATION), text.subarray(from, end)));
  }
  return fragments;
}

function message(firstByte: number, payload: Buffer): Buffer {
  const header = payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10;
  const bytes = Buffer.allocUnsafe(header + payload.length);
  bytes[0] = firstByte;
  if (header === 2) {
    bytes[1] = payload.length;
  } else if (header === 4) {
    bytes[1] = 126;
    bytes.writeUInt16BE(payload.length, 2);
  } else {
    bytes[1] = 127;
    bytes.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  payload.copy(bytes, header);
  return bytes;
}
