/** A feed client as contract §5 asks for one: it keeps its cursor, and resumes with it on the next connection. */
import { vi } from "vitest";
import { WebSocket } from "ws";
import type { Alert } from "../../src/core/effects.ts";
import type { ChangeFrame } from "../../src/feed/change-frame.ts";
import type { FeedFrame } from "../../src/feed/frames.ts";
import type { Rest } from "./rest.ts";

const RECONNECT_MS = 30;

export class FeedClient {
  /** All changes received, in their order. */
  readonly changes: ChangeFrame[] = [];
  /** The same, as they came. */
  readonly lines: string[] = [];
  readonly snapshots: (readonly Alert[])[] = [];
  readonly resyncs: string[] = [];
  connects = 0;
  cursor: string | null;
  readonly #rest: Rest;
  readonly #reconnect: boolean;
  #socket: WebSocket | null = null;
  #closed = false;

  /** `after` is the cursor to begin with; without it the feed begins with a snapshot. */
  constructor(rest: Rest, options: { readonly after?: string; readonly reconnect?: boolean } = {}) {
    this.#rest = rest;
    this.#reconnect = options.reconnect ?? false;
    this.cursor = options.after ?? null;
    this.#connect();
  }

  /** SEQ of the cursor: the number of the newest change seen. */
  get newest(): number {
    return this.cursor === null ? 0 : Number(this.cursor.slice(this.cursor.lastIndexOf(":") + 1));
  }

  /** Waits for a change that is looked for; gives the first. */
  until(what: string, matches: (change: ChangeFrame) => boolean, timeout = 20_000): Promise<ChangeFrame> {
    return vi.waitFor(
      () => {
        const found = this.changes.find(matches);
        if (found === undefined) throw new Error(`${what} did not come; the feed said: ${this.changes.map(describe).join(", ")}`);
        return found;
      },
      { timeout, interval: 10 },
    );
  }

  /** Waits for the first frames, so that what happens from here on is a change. */
  async greeted(): Promise<void> {
    await vi.waitFor(
      () => {
        if (this.snapshots.length === 0) throw new Error("no snapshot from the feed");
      },
      { timeout: 20_000, interval: 10 },
    );
  }

  #connect(): void {
    const after = this.cursor === null ? "" : `?after=${encodeURIComponent(this.cursor)}`;
    const headers = this.#rest.token === null ? {} : { authorization: `Bearer ${this.#rest.token}` };
    const socket = new WebSocket(`${this.#rest.origin.replace("http", "ws")}/feed${after}`, { headers });
    this.#socket = socket;
    socket.on("open", () => {
      this.connects += 1;
    });
    socket.on("message", (data: Buffer) => this.#take(data.toString("utf8")));
    // 'close' follows, and says all that matters here.
    socket.on("error", () => {});
    socket.on("close", () => {
      if (this.#reconnect && !this.#closed) setTimeout(() => this.#connect(), RECONNECT_MS);
    });
  }

  #take(text: string): void {
    if (this.#closed) return;
    const frame = JSON.parse(text) as FeedFrame;
    switch (frame.type) {
      case "change":
        this.changes.push(frame);
        this.lines.push(text);
        this.cursor = frame.cursor;
        break;
      case "snapshot":
        this.snapshots.push(frame.alerts);
        this.cursor = frame.cursor;
        break;
      case "resync":
        this.resyncs.push(frame.reason);
        break;
      case "heartbeat":
        this.cursor = frame.cursor;
        break;
      case "hello":
        break;
    }
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#socket?.terminate();
  }
}

function describe({ change, alert }: ChangeFrame): string {
  return `${change} ${alert.hazard} of ${alert.liftId}`;
}
