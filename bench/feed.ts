/**
 * The feed's engine against what a tutorial shows, `send` to each client in a loop, on the same HTTP server, the same changes and
 * the same clients in a process of their own (bench/feed-clients.ts), in turns.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer } from "ws";
import { systemClock } from "../src/clock.ts";
import { UNHANDLED, type Alert, type Change } from "../src/core/effects.ts";
import { createFeed } from "../src/feed/create-feed.ts";
import { changeFrame } from "../src/feed/change-frame.ts";
import type { FeedClientsResult } from "./feed-clients.ts";
import { against, cpuMs, type BenchRow } from "./row.ts";

export interface FeedOptions {
  readonly clients: number;
  /** Changes a second: what a bad day brings, and more than the loop can send. */
  readonly rates: readonly number[];
  readonly seconds: number;
  readonly rounds: number;
}

const USUAL: FeedOptions = { clients: 200, rates: [100, 500], seconds: 2, rounds: 2 };
const STEP_MS = 2;
const JOURNAL = "0123456789abcdef0123456789abcdef";

/** A way to tell all clients of a change. */
interface Contender {
  readonly server: Server;
  publish(change: Change): void;
  close(): void;
}

interface Measured {
  readonly framesPerS: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuUsAFrame: number;
}

export async function benchFeed({ clients, rates, seconds, rounds }: FeedOptions = USUAL): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const rate of rates) {
    const ours: Measured[] = [];
    const loops: Measured[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await measure(feedEngine(), clients, rate, seconds));
      loops.push(await measure(plainLoop(), clients, rate, seconds));
    }
    const mean = (of: readonly Measured[], read: (measured: Measured) => number) =>
      of.reduce((sum, each) => sum + read(each), 0) / of.length;
    const row = (name: string, unit: string, read: (measured: Measured) => number) =>
      against(`feed, ${rate} changes/s to ${clients} clients: ${name}`, mean(ours, read), unit, {
        name: "ws.send in a loop",
        value: mean(loops, read),
      });
    rows.push(
      row("arrived", "frames/s", ({ framesPerS }) => framesPerS),
      row("CPU", "µs a frame", ({ cpuUsAFrame }) => cpuUsAFrame),
      row("p50", "ms", ({ p50Ms }) => p50Ms),
      row("p99", "ms", ({ p99Ms }) => p99Ms),
    );
  }
  return rows;
}

function feedEngine(): Contender {
  let last = 0;
  const feed = createFeed({
    journalId: JOURNAL,
    clock: systemClock(),
    activeAlerts: () => [],
    lastChange: () => last,
    changesAfter: () => Promise.resolve([]),
  });
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.on("upgrade", (request, tcp: Socket, head) => {
    sockets.handleUpgrade(request, tcp, head, (socket) => {
      feed.connect(socket, tcp, { query: new URLSearchParams(), refusal: null, stillSignedIn: () => true });
    });
  });
  return {
    server,
    publish(change) {
      last = change.n;
      feed.publish([change]);
    },
    close: () => feed.close(),
  };
}

function plainLoop(): Contender {
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  return {
    server,
    publish(change) {
      const text = JSON.stringify(changeFrame(JOURNAL, change));
      for (const socket of sockets.clients) socket.send(text);
    },
    close: () => sockets.close(),
  };
}

/** Publishes at a rate for a time, then waits until all clients have everything. */
async function measure(contender: Contender, clients: number, rate: number, seconds: number): Promise<Measured> {
  const { server } = contender;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const count = Math.round(rate * seconds);
  const child = fork(
    `${import.meta.dirname}/feed-clients.ts`,
    [String((server.address() as AddressInfo).port), String(clients), String(count)],
    { execArgv: ["--import", "tsx"] },
  );
  await once(child, "message");
  const cpuBefore = cpuMs();
  const beganMs = performance.now();
  const done = once(child, "message") as Promise<[FeedClientsResult]>;
  let n = 0;
  const beganAt = Date.now();
  const timer = setInterval(() => {
    const due = Math.min(count, Math.floor(((performance.now() - beganMs) / 1_000) * rate));
    // Counted from when it was due: who is late must not look punctual.
    for (; n < due; n++) contender.publish(makeChange(n + 1, beganAt + Math.floor((n * 1_000) / rate)));
    if (n === count) clearInterval(timer);
  }, STEP_MS);
  const [{ p50Ms, p99Ms }] = await done;
  const tookMs = performance.now() - beganMs;
  const cpu = cpuMs() - cpuBefore;
  child.disconnect();
  contender.close();
  server.closeAllConnections();
  server.close();
  return { framesPerS: (count * clients * 1_000) / tookMs, p50Ms, p99Ms, cpuUsAFrame: (cpu * 1_000) / (count * clients) };
}

/** An alert as it is raised, some 900 bytes of JSON. */
function makeChange(n: number, at: number): Change {
  const alert: Alert = {
    id: String(n).padStart(26, "0"),
    liftId: `SG-WJ-${n % 4_697}`,
    hazard: "overspeed",
    priority: "critical",
    evidence: "confirmed",
    state: "active",
    acknowledged: false,
    shelvedUntil: null,
    suppressedBy: null,
    raisedAt: at,
    detectedAt: at,
    clearedAt: null,
    occurrences: 1,
    groupId: null,
    rule: {
      version: "builtin-1",
      limits: { warnFactor: 1.05, alarmFactor: 1.1, criticalFactor: 1.15, criticalSamples: 2, ratedSpeedMps: 1.75 },
    },
    details: {
      speedMps: 2.2,
      floor: 5,
      positionM: 14.5,
      doorZone: false,
      doors: { front: "closed", rear: null },
      mode: "normal",
      factor: 1.257,
    },
    entries: { first: n, last: n },
    lift: { district: "武江", building: "B1", firm: "Firm 1" },
    ...UNHANDLED,
  };
  return { n, seq: n, at, change: "raised", by: null, note: null, alert };
}
