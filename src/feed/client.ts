/** One client of the feed: where it stands in the stream of changes, and how fast it takes them. */
import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { Change } from "../core/effects.ts";
import type { FeedVisitor } from "./feed.ts";
import type { Filter } from "./filter.ts";
import { changeFrame, formatCursor } from "./change-frame.ts";
import { encodeFrame, parseCursor } from "./frames.ts";
import type { FeedFrame, ResyncReason } from "./frames.ts";
import type { Ring } from "./ring.ts";

/** A stretch of changes as bytes: those of `from` to `next - 1` that the filter wants. */
export interface Stretch {
  readonly next: number;
  readonly frames: number;
  readonly bytes: Buffer | null;
}

/** The alerts after change `n`, as one message in fragments. */
export interface Snapshot {
  readonly n: number;
  readonly fragments: readonly Buffer[];
}

/** What all clients share. */
export interface Stream {
  readonly journalId: string;
  readonly ring: Ring;
  readonly limits: FeedLimits;
  readonly lastChange: () => number;
  readonly changesAfter: (after: number, limit: number) => Promise<readonly Change[]>;
  /** The bytes of the changes from `from` on, at most about LIMITS.feed.socketBytes. */
  readonly stretch: (from: number, filter: Filter) => Stretch;
  readonly snapshot: (filter: Filter) => Snapshot;
  readonly counters: FeedCounters;
}

/** The limits of config.ts, `LIMITS.feed`, that tests may shrink. */
export interface FeedLimits {
  readonly heartbeatMs: number;
  readonly flushMs: number;
  readonly flushShare: number;
  readonly ringChanges: number;
  readonly resumeChanges: number;
  readonly bufferedBytes: number;
  readonly slowMs: number;
  readonly socketBytes: number;
  readonly fetchChanges: number;
  readonly resumeWaitMs: number;
  readonly resumeRetryMs: number;
  readonly clients: number;
  readonly clientsPerPerson: number;
}

export interface FeedCounters {
  connected: number;
  frames: number;
  resumed: number;
  resynced: number;
  closedSlow: number;
  refused: number;
}

export interface Client {
  /** Sends what it can take now. `drain` of its socket goes on with the rest. */
  pump(): void;
  /** Closes it when it has had too much unsent for too long. `now` is monotonic, ms. */
  checkSpeed(now: number): void;
  /** Heartbeat, ping, and an end for who has died or is no longer signed in. `at` is the monitor's time. */
  beat(at: number): void;
  stillSignedIn(): boolean;
  close(code: number, reason: string): void;
}

/** `ws` answers OPEN as 1; the constant is not worth loading the package for a type-only import. */
const OPEN = 1;
/** Two, because after a freeze of our own the next heartbeat comes before the answers that wait are read. */
const UNANSWERED_BEATS = 2;

export function createClient(stream: Stream, socket: WebSocket, tcp: Socket, visitor: FeedVisitor, filter: Filter): Client {
  const { ring, limits, counters, journalId } = stream;
  /** Number of the next change to be sent or filtered out. */
  let next = 0;
  /** Fragments of a snapshot that wait for the socket. */
  let backlog: readonly Buffer[] = [];
  let sentOfBacklog = 0;
  let fetching = false;
  let fetchDeadline: number | null = null;
  /** It has been at the newest change once; before that it is catching up, and may take its time. */
  let caughtUp = false;
  let slowSince: number | null = null;
  /** Heartbeats since it last gave a sign of life. */
  let unanswered = 0;

  const isOpen = (): boolean => socket.readyState === OPEN && !tcp.destroyed;

  function send(frame: FeedFrame): void {
    counters.frames += 1;
    tcp.write(encodeFrame(frame));
  }

  function sendSnapshot({ n, fragments }: Snapshot): void {
    next = n + 1;
    backlog = fragments;
    sentOfBacklog = 0;
    counters.frames += 1;
  }

  function sendResync(reason: ResyncReason): void {
    counters.resynced += 1;
    send({ type: "resync", reason });
  }

  function start(): void {
    const after = visitor.query.get("after");
    const last = stream.lastChange();
    let from = after === null ? null : parseCursor(after, journalId, last);
    if (typeof from === "number" && last - from > limits.resumeChanges) from = "too-old";
    const snapshot = typeof from === "number" ? null : stream.snapshot(filter);
    const begin = typeof from === "number" ? from : (snapshot?.n ?? last);
    send({ type: "hello", version: 1, cursor: formatCursor(journalId, begin), heartbeatS: limits.heartbeatMs / 1000 });
    if (typeof from === "string") sendResync(from);
    if (snapshot === null) {
      counters.resumed += 1;
      next = begin + 1;
    } else {
      sendSnapshot(snapshot);
    }
    pump();
  }

  function pump(): void {
    if (fetching) return;
    while (isOpen()) {
      const fragment = backlog[sentOfBacklog];
      if (fragment === undefined && next > ring.last) break;
      if (tcp.writableLength >= limits.socketBytes) return;
      if (fragment !== undefined) {
        tcp.write(fragment);
        sentOfBacklog += 1;
        if (sentOfBacklog === backlog.length) backlog = [];
        continue;
      }
      if (next < ring.first) {
        if (caughtUp || ring.last - next >= limits.resumeChanges + limits.ringChanges) return tooSlow();
        void fetchFromStore();
        return;
      }
      const stretch = stream.stretch(next, filter);
      next = stretch.next;
      counters.frames += stretch.frames;
      if (stretch.bytes !== null) tcp.write(stretch.bytes);
    }
    caughtUp = true;
  }

  /** Reads what the ring no longer has from the store, which may be some batches behind. */
  async function fetchFromStore(): Promise<void> {
    fetching = true;
    let changes: readonly Change[] = [];
    try {
      changes = await stream.changesAfter(next - 1, limits.fetchChanges);
    } catch {
      // A store that is down or busy is asked again below, until the wait is over.
    }
    fetching = false;
    if (!isOpen()) return;
    const frames: Buffer[] = [];
    const from = next;
    for (const change of changes) {
      if (change.n !== next) break;
      if (filter.wants(change.alert)) frames.push(encodeFrame(changeFrame(journalId, change)));
      next += 1;
    }
    counters.frames += frames.length;
    if (frames.length > 0) tcp.write(Buffer.concat(frames));
    if (next === from && changes.length === 0 && waitForStore()) return;
    if (next === from && next < ring.first) {
      sendResync("not-stored");
      sendSnapshot(stream.snapshot(filter));
    }
    fetchDeadline = null;
    pump();
  }

  /** False when the wait is over. */
  function waitForStore(): boolean {
    const now = performance.now();
    fetchDeadline ??= now + limits.resumeWaitMs;
    if (now >= fetchDeadline) return false;
    fetching = true;
    setTimeout(() => {
      fetching = false;
      pump();
    }, limits.resumeRetryMs).unref();
    return true;
  }

  function tooSlow(): void {
    counters.closedSlow += 1;
    socket.close(4408, "too slow; resume with your cursor");
  }

  const heard = (): void => {
    unanswered = 0;
  };
  tcp.on("drain", () => {
    heard();
    pump();
  });
  socket.on("pong", heard);
  socket.on("message", heard);
  start();

  return {
    pump,
    stillSignedIn: () => visitor.stillSignedIn(),
    checkSpeed(now) {
      const unsentBytes = tcp.writableLength + (next < ring.first ? 0 : ring.bytesFrom(next));
      if (!caughtUp || unsentBytes <= limits.bufferedBytes) {
        slowSince = null;
      } else {
        slowSince ??= now;
        if (now - slowSince >= limits.slowMs && isOpen()) tooSlow();
      }
    },
    beat(at) {
      if (!isOpen()) return;
      if (unanswered >= UNANSWERED_BEATS) {
        socket.terminate();
        return;
      }
      unanswered += 1;
      socket.ping();
      const between = !fetching && backlog.length === 0 && tcp.writableLength < limits.socketBytes;
      if (between) send({ type: "heartbeat", cursor: formatCursor(journalId, next - 1), at });
    },
    close: (code, reason) => socket.close(code, reason),
  };
}
