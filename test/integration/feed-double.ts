/** A journal of changes on an array, served by the real feed under the real HTTP server, and clients on the real `ws`. */
import { mkdtemp, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { WebSocket } from "ws";
import type { OpenAccess } from "../../src/access/access.ts";
import { openAccess } from "../../src/access/open-access.ts";
import { openHttp } from "../../src/api/http.ts";
import type { OpenedHttp } from "../../src/api/http.ts";
import type { Alert, Change } from "../../src/core/effects.ts";
import type { FeedLimits } from "../../src/feed/client.ts";
import { createFeed } from "../../src/feed/create-feed.ts";
import type { Feed } from "../../src/feed/feed.ts";
import type { FeedFrame } from "../../src/feed/frames.ts";
import { MemoryBackend, makeAlert, makeChange } from "./api-double.ts";

export class FeedServer {
  readonly journal: Change[] = [];
  /** The store has the changes up to here. */
  storedTo = 0;
  storeFails = false;
  fetches = 0;
  /** TCP sockets of the feed's clients, on the server's side. */
  readonly sockets = new Set<Socket>();
  readonly feed: Feed;
  readonly access: OpenAccess;
  readonly token: string;
  readonly http: OpenedHttp;
  private readonly dir: string;

  private constructor(made: Pick<FeedServer, "feed" | "access" | "token" | "http"> & { readonly dir: string }) {
    this.feed = made.feed;
    this.access = made.access;
    this.token = made.token;
    this.http = made.http;
    this.dir = made.dir;
  }

  static async open(limits: Partial<FeedLimits> = {}): Promise<FeedServer> {
    const dir = await mkdtemp(join(tmpdir(), "hoistway-feed-"));
    const access = await openAccess({ dir, enabled: true, liftIds: [], clock: { now: () => Date.now() } });
    const token = await access.addPerson("Ann", "viewer");
    const held: { server: FeedServer | null } = { server: null };
    const feed = createFeed({
      journalId: "epoch-1",
      clock: { now: () => 1_700_000_000_000 },
      activeAlerts: () => held.server?.active() ?? [],
      lastChange: () => held.server?.journal.length ?? 0,
      changesAfter: async (after, limit) => {
        const { server } = held;
        if (server === null) return [];
        server.fetches += 1;
        if (server.storeFails) throw new Error("the store is away");
        return server.journal.slice(after, Math.min(after + limit, server.storedTo));
      },
      limits,
    });
    const door: Feed = {
      ...feed,
      stats: feed.stats,
      connect(socket, tcp, visitor) {
        held.server?.sockets.add(tcp);
        feed.connect(socket, tcp, visitor);
      },
    };
    const http = await openHttp({ backend: new MemoryBackend(), access, feed: door, host: "127.0.0.1", port: 0, dashboard: null });
    held.server = new FeedServer({ feed, access, token, http, dir });
    return held.server;
  }

  async close(): Promise<void> {
    await this.http.close();
    await rm(this.dir, { recursive: true, force: true });
  }

  active(): Alert[] {
    const newest = new Map(this.journal.map(({ alert }) => [alert.id, alert]));
    return [...newest.values()].filter(({ state }) => state === "active").toReversed();
  }

  /** Appends changes, as the monitor does, and publishes them in the same turn, as the app does. */
  publish(count: number, alert: (n: number) => Partial<Alert> = () => ({})): void {
    for (let made = 0; made < count; made++) {
      const n = this.journal.length + 1;
      const change = makeChange(n, { alert: makeAlert(`A${n}`, alert(n)) });
      this.journal.push(change);
      this.feed.publish([change]);
    }
  }

  connect(query = "", options: { headers?: Record<string, string>; autoPong?: boolean } = {}): FeedClient {
    const { headers = { authorization: `Bearer ${this.token}` }, ...rest } = options;
    return new FeedClient(`${this.http.url.replace("http", "ws")}/feed${query}`, { headers, ...rest });
  }
}

export class FeedClient {
  readonly socket: WebSocket;
  readonly frames: FeedFrame[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;
  pings = 0;

  constructor(url: string, options: { headers: Record<string, string>; autoPong?: boolean }) {
    this.socket = new WebSocket(url, options);
    this.socket.on("message", (data: Buffer) => this.frames.push(JSON.parse(data.toString()) as FeedFrame));
    this.socket.on("ping", () => (this.pings += 1));
    this.socket.on("error", () => undefined);
    this.socket.on("close", (code, reason) => (this.closed = { code, reason: reason.toString() }));
  }

  async until(condition: (client: FeedClient) => boolean): Promise<void> {
    await vi.waitFor(
      () => {
        if (!condition(this)) throw new Error(`not yet: ${JSON.stringify(this.types())} ${JSON.stringify(this.closed)}`);
      },
      { timeout: 10_000, interval: 5 },
    );
  }

  /** Waits for the close, and gives its code. */
  async code(): Promise<number> {
    await this.until(({ closed }) => closed !== null);
    return this.closed?.code ?? 0;
  }

  types(): string[] {
    return this.frames.map(({ type }) => type);
  }

  of<T extends FeedFrame["type"]>(type: T): Extract<FeedFrame, { type: T }>[] {
    return this.frames.filter((frame): frame is Extract<FeedFrame, { type: T }> => frame.type === type);
  }

  /** The numbers of the changes that came, from their cursors. */
  numbers(): number[] {
    return this.of("change").map(({ cursor }) => Number(cursor.split(":")[1]));
  }
}
