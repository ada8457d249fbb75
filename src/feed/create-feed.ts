/**
 * The feed's engine: one ring of changes that every client reads at its own pace. A change is encoded once; clients at
 * the same place with the same filter share the bytes, and each gets them in one write a flush.
 */
import type { Clock } from "../clock.ts";
import { LIMITS } from "../config.ts";
import type { Alert, Change } from "../core/effects.ts";
import { createClient } from "./client.ts";
import type { Client, FeedCounters, FeedLimits, Snapshot, Stream, Stretch } from "./client.ts";
import type { Feed } from "./feed.ts";
import { parseFilter } from "./filter.ts";
import type { Filter } from "./filter.ts";
import { formatCursor } from "./change-frame.ts";
import { encodeFragments } from "./frames.ts";
import { createRing } from "./ring.ts";

export interface FeedOptions {
  readonly journalId: string;
  /** The monitor's clock, for heartbeats. */
  readonly clock: Clock;
  /** Active alerts, and cleared ones that wait for acknowledgement, newest first: `Monitor.alerts`. */
  readonly activeAlerts: () => readonly Alert[];
  /** Number of the newest change, `Monitor.changeCount`, at the same instant as `activeAlerts`. */
  readonly lastChange: () => number;
  /** Older changes: `Store.changesAfter`. */
  readonly changesAfter: (after: number, limit: number) => Promise<readonly Change[]>;
  /** For tests. */
  readonly limits?: Partial<FeedLimits>;
}

/** Snapshots kept, one a filter; few filters are in use. */
const SNAPSHOTS = 8;
/** About 1 MiB, 1,500 alerts and 5 ms of encoding: below it a snapshot is always fresh. */
const LARGE_FRAGMENTS = 16;
const REUSE_CHANGES = 500;

export function createFeed(options: FeedOptions): Feed {
  const { journalId, clock, activeAlerts, lastChange, changesAfter } = options;
  const limits: FeedLimits = { ...LIMITS.feed, ...options.limits };
  const ring = createRing(journalId, limits.ringChanges, lastChange());
  const clients = new Set<Client>();
  const counters: FeedCounters = { connected: 0, frames: 0, resumed: 0, resynced: 0, closedSlow: 0, refused: 0 };
  const stretches = new Map<string, Stretch>();
  const snapshots = new Map<string, Snapshot>();
  let flushTimer: NodeJS.Timeout | null = null;
  /** When changes may go out again, performance.now(). */
  let flushableMs = -Infinity;

  function stretch(from: number, filter: Filter): Stretch {
    const key = `${from} ${filter.key}`;
    const shared = stretches.get(key);
    if (shared !== undefined) return shared;
    const frames: Buffer[] = [];
    let bytes = 0;
    let next = from;
    while (next <= ring.last && bytes < limits.socketBytes) {
      if (filter.wants(ring.change(next).alert)) {
        const frame = ring.frame(next);
        frames.push(frame);
        bytes += frame.length;
      }
      next += 1;
    }
    const made: Stretch = { next, frames: frames.length, bytes: frames.length === 0 ? null : Buffer.concat(frames, bytes) };
    // Shared within one flush only; a client that catches up by itself between flushes shares with nobody.
    if (flushing) stretches.set(key, made);
    return made;
  }

  /** A large one is used again while the changes since are few: they follow it, and a storm of sign-ins costs one encoding. */
  function snapshot(filter: Filter): Snapshot {
    const n = lastChange();
    const kept = snapshots.get(filter.key);
    if (kept !== undefined) {
      const isLarge = kept.fragments.length > LARGE_FRAGMENTS;
      if (kept.n === n || (isLarge && n - kept.n <= REUSE_CHANGES && kept.n + 1 >= ring.first)) return kept;
    }
    if (snapshots.size >= SNAPSHOTS) snapshots.clear();
    const alerts = activeAlerts().filter((alert) => filter.wants(alert));
    const frame = { type: "snapshot", cursor: formatCursor(journalId, n), alerts } as const;
    const made: Snapshot = { n, fragments: encodeFragments(frame, limits.socketBytes) };
    snapshots.set(filter.key, made);
    return made;
  }

  let flushing = false;
  function flush(): void {
    flushTimer = null;
    ring.measure();
    const now = performance.now();
    flushing = true;
    for (const client of clients) {
      client.pump();
      client.checkSpeed(now);
    }
    flushing = false;
    stretches.clear();
    // A flush to few clients costs little and may come again soon; one to many waits, and takes more changes with it.
    const endedMs = performance.now();
    flushableMs = endedMs + Math.min(limits.flushMs, (endedMs - now) / limits.flushShare);
  }

  function beat(): void {
    const at = clock.now();
    const now = performance.now();
    recheck();
    for (const client of clients) {
      client.checkSpeed(now);
      client.beat(at);
    }
  }

  function recheck(): void {
    for (const client of clients) {
      if (!client.stillSignedIn()) client.close(4401, "no longer signed in");
    }
  }

  const byName = new Map<string, number>();
  const stream: Stream = { journalId, ring, limits, lastChange, changesAfter, stretch, snapshot, counters };
  const heart = setInterval(beat, limits.heartbeatMs).unref();

  return {
    get stats() {
      return { clients: clients.size, ...counters };
    },

    publish(changes) {
      if (changes.length === 0) return;
      for (const change of changes) if (change.n > ring.last) ring.push(change);
      if (clients.size === 0 || flushTimer !== null) return;
      const waitMs = flushableMs - performance.now();
      if (waitMs <= 0) flush();
      else flushTimer = setTimeout(flush, waitMs).unref();
    },

    connect(socket, tcp, visitor) {
      socket.on("error", () => socket.terminate());
      const filter = parseFilter(visitor.query);
      const { name } = visitor;
      const own = name === undefined ? 0 : (byName.get(name) ?? 0);
      if (visitor.refusal !== null || "problem" in filter || clients.size >= limits.clients || own >= limits.clientsPerPerson) {
        counters.refused += 1;
        if (visitor.refusal !== null) socket.close(visitor.refusal, visitor.refusal === 4401 ? "not signed in" : "origin refused");
        else if ("problem" in filter) socket.close(1008, filter.problem);
        else socket.close(1013, own >= limits.clientsPerPerson ? "too many clients of one person" : "too many clients; try again later");
        return;
      }
      counters.connected += 1;
      const client = createClient(stream, socket, tcp, visitor, filter);
      clients.add(client);
      if (name !== undefined) byName.set(name, own + 1);
      socket.on("close", () => {
        clients.delete(client);
        if (name === undefined) return;
        const left = (byName.get(name) ?? 1) - 1;
        if (left === 0) byName.delete(name);
        else byName.set(name, left);
      });
    },

    recheck,

    close() {
      clearInterval(heart);
      if (flushTimer !== null) clearTimeout(flushTimer);
      for (const client of clients) client.close(1001, "the program stops");
    },
  };
}
