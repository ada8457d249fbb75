/** A small real server for the page: the built files under the program's headers, REST and a feed by contract §§5 and 6, driven by the test. */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { type WebSocket, WebSocketServer } from "ws";
import type { Role } from "../../src/access/access.ts";
import { perform } from "../../src/core/alert-acts.ts";
import type { Act, ActName } from "../../src/core/entry.ts";
import { countFleet } from "../../src/core/fleet.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";
import type { Alert, ChangeKind } from "../../src/core/effects.ts";
import type { LiftCondition } from "../../src/core/view.ts";

export const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
export const TOKEN = "a-token-of-the-test";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

export interface SiteLift {
  readonly liftId: string;
  readonly district: string | null;
  readonly state: LiftCondition;
  readonly registered: boolean;
}

export interface Site {
  readonly url: string;
  /** Cursors (or null) with which clients connected, in order. */
  readonly connects: (string | null)[];
  /** Acts that were done, as `NAME ID`. */
  readonly acts: string[];
  role: Role;
  heartbeatS: number;
  lifts: readonly SiteLift[];
  trouble: string | null;
  /** Answers 409 to acts while set. */
  forbidActs: boolean;
  /** Refuses feed connections while set. */
  down: boolean;
  alerts(): readonly Alert[];
  change(kind: ChangeKind, alert: Alert): void;
  /** Sends the newest change once more, as a faulty middle box might. */
  repeatLast(): void;
  /** Breaks all connections without a goodbye. */
  drop(): void;
  /** Stops heartbeats, and everything else, while connections stay open. */
  freeze(): void;
  /** Ends all sessions, as a restart does, and closes their feeds. */
  signEveryoneOut(): void;
  /** Keeps the newest so many changes, and of the alerts that ended as many: for a long run. */
  trim(most: number): void;
  /** Forgets changes, so that resuming is impossible. */
  forget(): void;
  close(): Promise<void>;
}

export async function startSite(files: string, initial: readonly Alert[] = []): Promise<Site> {
  const sessions = new Set<string>();
  const sockets = new Set<WebSocket>();
  const known = new Map(initial.map((alert) => [alert.id, alert]));
  const frames: { seq: number; text: string }[] = [];
  let epoch = "e1";
  let seq = 7;
  let frozen = false;

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  const feed = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    if (site.down) {
      socket.destroy();
      return;
    }
    feed.handleUpgrade(request, socket, head, (client) => {
      if (!signedIn(request)) {
        client.close(4401, "not signed in");
        return;
      }
      const after = new URL(request.url ?? "", "http://x").searchParams.get("after");
      site.connects.push(after);
      sockets.add(client);
      client.on("close", () => sockets.delete(client));
      greet(client, after);
    });
  });
  const heart = setInterval(() => broadcast(JSON.stringify({ type: "heartbeat", cursor: cursor(), at: Date.now() })), 250);

  function cursor(at = seq): string {
    return `${epoch}:${at}`;
  }

  function greet(client: WebSocket, after: string | null): void {
    if (frozen) return;
    client.send(JSON.stringify({ type: "hello", version: 1, cursor: cursor(), heartbeatS: site.heartbeatS }));
    const from = after?.startsWith(`${epoch}:`) === true ? Number(after.slice(epoch.length + 1)) : null;
    const oldest = frames[0]?.seq ?? seq + 1;
    if (from !== null && from >= oldest - 1) {
      for (const frame of frames) if (frame.seq > from) client.send(frame.text);
      return;
    }
    if (after !== null) client.send(JSON.stringify({ type: "resync", reason: "the cursor is too old" }));
    client.send(JSON.stringify({ type: "snapshot", cursor: cursor(), alerts: waiting() }));
  }

  function person() {
    return { name: "night shift", role: site.role, auth: "cookie", expiresAt: null };
  }

  function waiting(): Alert[] {
    return [...known.values()].filter((alert) => alert.state === "active" || !alert.acknowledged);
  }

  function broadcast(text: string): void {
    if (frozen) return;
    for (const socket of sockets) socket.send(text);
  }

  function signedIn(request: IncomingMessage): boolean {
    const session = /(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
    return session !== undefined && sessions.has(session);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://x");
    if (!url.pathname.startsWith("/api/")) {
      await serveFile(url.pathname, response);
      return;
    }
    const route = `${request.method} ${url.pathname}`;
    if (route === "GET /api/health") {
      if (site.trouble === null) json(response, 200, { status: "ok" });
      else json(response, 503, { status: "down", down: ["store"], parts: [{ part: "store", ok: false, message: site.trouble }] });
      return;
    }
    if (route === "POST /api/session") {
      const body = JSON.parse(await text(request)) as { token: string };
      if (body.token !== TOKEN) {
        refuse(response, 401, "token-refused", "the token is not known");
        return;
      }
      const id = `s${sessions.size + 1}`;
      sessions.add(id);
      response.setHeader("set-cookie", `session=${id}; HttpOnly; SameSite=Strict; Path=/`);
      json(response, 200, person());
      return;
    }
    if (!signedIn(request)) {
      refuse(response, 401, "not-signed-in", "sign in first");
      return;
    }
    if (route === "GET /api/session") json(response, 200, person());
    else if (route === "DELETE /api/session") {
      sessions.clear();
      response.writeHead(204).end();
    } else if (route === "GET /api/ledger") {
      json(response, 200, { received: 120_345, accepted: 120_300, duplicate: 40, late: 12, quarantined: 5, stored: 120_280, pending: 20 });
    } else if (route === "GET /api/fleet") sendFleet(response);
    else if (route === "GET /api/alerts")
      json(response, 200, { alerts: [...known.values()].filter((alert) => alert.state === "cleared"), next: null });
    else if (request.method === "POST" && /^\/api\/alerts\/[^/]+\/[a-z]+$/.test(url.pathname)) {
      const [id = "", name = ""] = url.pathname.split("/").slice(3);
      act(decodeURIComponent(id), name as ActName, JSON.parse((await text(request)) || "{}") as Partial<Act>, response);
    } else if (route === "GET /api/fleet/buildings") json(response, 200, { buildings: [], more: 0 });
    else refuse(response, 404, "not-found", route);
  }

  function sendFleet(response: ServerResponse): void {
    const lifts = site.lifts.map(({ state, registered, district }) => ({ condition: state, registered, district }));
    json(response, 200, countFleet(lifts, "Asia/Shanghai"));
  }

  function act(id: string, name: ActName, words: Partial<Act>, response: ServerResponse): void {
    const before = known.get(id);
    if (before === undefined || site.forbidActs) {
      refuse(response, 409, "forbidden-by-state", "the alert is closed");
      return;
    }
    const alert = structuredClone(before);
    const entry: Act = { note: null, reason: null, until: null, minutes: null, ...words, act: name, alertId: id, by: person().name };
    const done = perform(alert, entry, Date.now(), DEFAULT_RULES);
    if (typeof done !== "string") {
      refuse(response, 409, done.code, done.message);
      return;
    }
    site.acts.push(`${name} ${id}`);
    site.change(done, alert);
    json(response, 200, alert);
  }

  async function serveFile(path: string, response: ServerResponse): Promise<void> {
    const file = join(files, normalize(path === "/" || path.startsWith("/lift/") ? "/index.html" : path));
    try {
      const bytes = await readFile(file);
      const type = TYPES[extname(file)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, "content-security-policy": CSP, "x-content-type-options": "nosniff" }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  }

  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const site: Site = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connects: [],
    acts: [],
    role: "operator",
    heartbeatS: 1,
    lifts: [],
    trouble: null,
    forbidActs: false,
    down: false,
    alerts: waiting,
    change(kind, alert) {
      seq += 1;
      known.set(alert.id, alert);
      const text = JSON.stringify({ type: "change", cursor: cursor(), change: kind, alert });
      frames.push({ seq, text });
      broadcast(text);
    },
    repeatLast() {
      const last = frames.at(-1);
      if (last !== undefined) broadcast(last.text);
    },
    drop() {
      for (const socket of sockets) socket.terminate();
    },
    freeze() {
      frozen = true;
    },
    signEveryoneOut() {
      sessions.clear();
      for (const socket of sockets) socket.close(4401, "not signed in");
    },
    trim(most) {
      frames.splice(0, Math.max(0, frames.length - most));
      const over = [...known.values()].filter(({ state }) => state === "cleared");
      for (const { id } of over.slice(0, Math.max(0, over.length - most))) known.delete(id);
    },
    forget() {
      frames.length = 0;
      epoch = `${epoch}x`;
    },
    async close() {
      clearInterval(heart);
      for (const socket of feed.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return site;
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  json(response, status, { error: { code, message, path: "" } });
}

async function text(request: IncomingMessage): Promise<string> {
  let all = "";
  for await (const chunk of request) all += String(chunk);
  return all;
}
