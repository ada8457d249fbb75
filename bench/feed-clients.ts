/**
 * WebSocket clients of bench/feed.ts, forked: `feed-clients.ts PORT CLIENTS CHANGES`. They parse nothing but the time of a change,
 * so that it is the server that is measured. Says when all are connected, and the delays when all have had all changes.
 */
import { once } from "node:events";
import { WebSocket } from "ws";
import { percentile } from "./row.ts";

export interface FeedClientsResult {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const [port = 0, clients = 0, changes = 0] = process.argv.slice(2).map(Number);
const CHANGE = Buffer.from(`{"type":"change"`);
/** The first of a change; those within its alert have other names. */
const AT = Buffer.from(`"at":`);
const AT_DIGITS = 13;
const delaysMs = new Float64Array(clients * changes);
let seen = 0;

const sockets = Array.from({ length: clients }, () => new WebSocket(`ws://127.0.0.1:${port}/feed`, { perMessageDeflate: false }));
for (const socket of sockets) socket.on("message", take);
await Promise.all(sockets.map((socket) => once(socket, "open")));
process.send?.("connected");
process.once("disconnect", () => process.exit(0));

function take(data: Buffer): void {
  if (data.compare(CHANGE, 0, CHANGE.length, 0, CHANGE.length) !== 0) return;
  const start = data.indexOf(AT) + AT.length;
  delaysMs[seen++] = Date.now() - Number(data.toString("latin1", start, start + AT_DIGITS));
  if (seen < delaysMs.length) return;
  const sorted = [...delaysMs.sort()];
  process.send?.({ p50Ms: percentile(sorted, 0.5) ?? 0, p99Ms: percentile(sorted, 0.99) ?? 0 } satisfies FeedClientsResult);
}
