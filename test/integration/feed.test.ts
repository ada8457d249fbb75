import { afterEach, describe, expect, test, vi } from "vitest";
import type { FeedLimits } from "../../src/feed/client.ts";
import { FeedServer } from "./feed-double.ts";
import { makeChange } from "./api-double.ts";

let server: FeedServer;
async function open(limits: Partial<FeedLimits> = {}): Promise<FeedServer> {
  server = await FeedServer.open(limits);
  return server;
}
afterEach(async () => {
  await server.close();
});

const numbersFrom = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const cursors = (to: number): string => `epoch-1:${to}`;

/** Alerts of three priorities, two lifts and two districts. */
const mixed = (n: number) => ({
  priority: (["critical", "high", "low"] as const)[n % 3] ?? "low",
  liftId: `L${n % 2}`,
  lift: { district: n % 4 < 2 ? "武江" : "浈江", building: null, firm: null },
});
const wanted = (from: number, wants: (n: number) => boolean) => numbersFrom(from, 48).filter(wants);
const cookieOf = async (): Promise<{ cookie: string; id: string }> => {
  const { id } = server.access.begin({ name: "Ann", role: "viewer" });
  return { cookie: `hoistway_session=${id}`, id };
};

describe("a client that connects", () => {
  test("is greeted, gets the active alerts, and then every change, as the contract has them", async () => {
    await open();
    server.publish(2);
    const client = server.connect();
    await client.until(({ frames }) => frames.length === 2);
    server.publish(1, () => ({ priority: "low" }));
    await client.until(({ frames }) => frames.length === 3);
    expect(client.frames).toEqual([
      { type: "hello", version: 1, cursor: cursors(2), heartbeatS: 15 },
      {
        type: "snapshot",
        cursor: cursors(2),
        alerts: server.journal
          .slice(0, 2)
          .map(({ alert }) => alert)
          .toReversed(),
      },
      { type: "change", cursor: cursors(3), change: "raised", by: null, note: null, at: 5_003, alert: server.journal[2]?.alert },
    ]);
  });

  test("gets a snapshot of any size whole, with pings between its parts, and the changes after it", async () => {
    await open({ heartbeatMs: 50 });
    server.publish(20_000);
    const client = server.connect();
    await client.until(() => client.of("snapshot").length === 1);
    expect(client.of("snapshot")[0]?.alerts).toHaveLength(20_000);
    server.publish(3);
    await client.until(() => client.numbers().length === 3);
    expect(client.numbers()).toEqual([20_001, 20_002, 20_003]);
    await client.until(({ pings }) => pings > 0);
    // A large snapshot is used again, and the changes since follow it.
    const later = server.connect();
    await later.until(() => later.numbers().length === 3);
    expect(later.types().filter((type) => type !== "heartbeat")).toEqual(["hello", "snapshot", "change", "change", "change"]);
    expect(later.frames.slice(0, 2)).toMatchObject([{ cursor: cursors(20_000) }, { cursor: cursors(20_000) }]);
    expect(later.numbers()).toEqual([20_001, 20_002, 20_003]);
  });

  test("many at once get every change, each once and in order", async () => {
    await open({ flushMs: 1 });
    const clients = Array.from({ length: 50 }, () => server.connect());
    await Promise.all(clients.map((client) => client.until(({ frames }) => frames.length === 2)));
    for (let round = 0; round < 20; round++) {
      server.publish(25);
      await clients[0]?.until((client) => client.numbers().length >= (round + 1) * 25 - 10);
    }
    await Promise.all(clients.map((client) => client.until(() => client.numbers().length === 500)));
    for (const client of clients) expect(client.numbers()).toEqual(numbersFrom(1, 500));
    expect(server.feed.stats).toMatchObject({ clients: 50, connected: 50, frames: 50 * 502 });
  });
});

describe("a client that resumes", () => {
  test("goes on after its cursor from memory, without a snapshot", async () => {
    await open();
    server.publish(10);
    const client = server.connect(`?after=${cursors(7)}`);
    await client.until(() => client.numbers().length === 3);
    server.publish(1);
    await client.until(() => client.numbers().length === 4);
    expect(client.types()).toEqual(["hello", "change", "change", "change", "change"]);
    expect(client.frames[0]).toMatchObject({ cursor: cursors(7) });
    expect(client.numbers()).toEqual([8, 9, 10, 11]);
    expect(server.fetches).toBe(0);
  });

  test("gets what memory no longer has from the store, and the rest from memory", async () => {
    await open({ ringChanges: 10, fetchChanges: 7 });
    server.publish(100);
    server.storedTo = 95;
    const client = server.connect(`?after=${cursors(20)}`);
    await client.until(() => client.numbers().length === 80);
    expect(client.numbers()).toEqual(numbersFrom(21, 100));
    expect(client.of("snapshot")).toEqual([]);
    expect(server.fetches).toBeGreaterThan(5);
  });

  test("waits for a store that lags or is away for a moment", async () => {
    await open({ ringChanges: 5, resumeRetryMs: 5, resumeWaitMs: 10_000 });
    server.publish(50);
    server.storedTo = 20;
    const client = server.connect(`?after=${cursors(10)}`);
    await client.until(() => client.numbers().length === 10);
    server.storeFails = true;
    const fetches = server.fetches;
    await vi.waitFor(() => expect(server.fetches).toBeGreaterThan(fetches + 2));
    server.storeFails = false;
    server.storedTo = 50;
    await client.until(() => client.numbers().length === 40);
    expect(client.numbers()).toEqual(numbersFrom(11, 50));
  });

  test("is told to start afresh when the store does not have the changes", async () => {
    await open({ ringChanges: 5, resumeRetryMs: 5, resumeWaitMs: 30 });
    server.publish(50);
    const client = server.connect(`?after=${cursors(10)}`);
    await client.until(() => client.of("snapshot").length === 1);
    expect(client.types()).toEqual(["hello", "resync", "snapshot"]);
    expect(client.frames[1]).toEqual({ type: "resync", reason: "not-stored" });
    expect(client.frames[2]).toMatchObject({ cursor: cursors(50) });
    server.publish(1);
    await client.until(() => client.numbers().length === 1);
    expect(client.numbers()).toEqual([51]);
  });

  test.each([
    ["other:3", "other-journal"],
    ["epoch-1:9999", "cursor-ahead"],
    ["epoch-1:-1", "cursor-invalid"],
    ["epoch-1:", "cursor-invalid"],
    ["epoch-1", "cursor-invalid"],
    ["", "cursor-invalid"],
    ["epoch-1:1", "too-old"],
  ])("from %j is told why it cannot (%s), and gets a snapshot", async (after, reason) => {
    await open({ resumeChanges: 10 });
    server.publish(12);
    const client = server.connect(`?after=${after}`);
    await client.until(({ frames }) => frames.length === 3);
    expect(client.types()).toEqual(["hello", "resync", "snapshot"]);
    expect(client.frames[1]).toEqual({ type: "resync", reason });
    expect(server.feed.stats.resynced).toBe(1);
  });
});

describe("filters", () => {
  test("hold for the snapshot and for changes; the cursor goes past the rest with the heartbeats", async () => {
    await open({ heartbeatMs: 50 });
    server.publish(24, mixed);
    const urgent = server.connect("?priority=critical,high");
    const local = server.connect(`?district=${encodeURIComponent("武江")}&liftId=L1`);
    const resumed = server.connect(`?after=${cursors(12)}&priority=low`);
    await urgent.until(() => urgent.of("snapshot").length === 1);
    await local.until(() => local.of("snapshot").length === 1);
    server.publish(24, mixed);
    const last = ({ frames }: typeof urgent) => frames.some((frame) => frame.type === "heartbeat" && frame.cursor === cursors(48));
    await Promise.all([urgent, local, resumed].map((client) => client.until(last)));
    expect(urgent.numbers()).toEqual(wanted(25, (n) => n % 3 !== 2));
    expect(urgent.of("snapshot")[0]?.alerts).toHaveLength(16);
    expect(local.numbers()).toEqual(wanted(25, (n) => n % 4 === 1));
    expect(local.of("snapshot")[0]?.alerts).toHaveLength(6);
    expect(resumed.numbers()).toEqual(wanted(13, (n) => n % 3 === 2));
  });

  test("that make no sense are refused with a reason", async () => {
    await open();
    const client = server.connect("?priority=critical,urgent");
    expect(await client.code()).toBe(1008);
    expect(client.closed?.reason).toBe("priority: expected critical, high, medium, low");
    expect(client.frames).toEqual([]);
  });
});

describe("heartbeats", () => {
  test("come when nothing else does, with the cursor and the monitor's time", async () => {
    await open({ heartbeatMs: 50 });
    server.publish(3);
    const client = server.connect();
    await client.until(() => client.of("heartbeat").length >= 3);
    expect(client.of("hello")[0]?.heartbeatS).toBe(0.05);
    expect(client.of("heartbeat")[0]).toEqual({ type: "heartbeat", cursor: cursors(3), at: 1_700_000_000_000 });
  });

  test("find out who is dead: a client that does not answer pings is dropped", async () => {
    await open({ heartbeatMs: 50 });
    const alive = server.connect();
    const dead = server.connect("", { autoPong: false });
    expect(await dead.code()).toBe(1006);
    await alive.until(({ pings }) => pings > 4);
    expect(alive.closed).toBeNull();
    await vi.waitFor(() => expect(server.feed.stats.clients).toBe(1));
  });
});

describe("who may listen", () => {
  test("nobody who is not signed in: 4401, after the upgrade, so that a page can see it", async () => {
    await open();
    const shown: Record<string, string>[] = [{}, { authorization: "Bearer wrong" }, { cookie: "hoistway_session=wrong" }];
    for (const headers of shown) {
      const client = server.connect("", { headers });
      expect(await client.code()).toBe(4401);
      expect(client.frames).toEqual([]);
    }
    expect(server.feed.stats).toMatchObject({ clients: 0, refused: 3 });
  });

  test("no page of another origin, signed in or not: 4403", async () => {
    await open();
    const { cookie } = await cookieOf();
    const base = server.http.url;
    for (const origin of ["http://evil.example", "null", `${base}.evil.example`, base.replace("http", "https"), "http://127.0.0.1:1", ""]) {
      const client = server.connect("", { headers: { cookie, origin } });
      expect(await client.code(), origin).toBe(4403);
      expect(client.frames).toEqual([]);
    }
    const bearer = { authorization: `Bearer ${server.token}`, origin: "http://evil.example" };
    expect(await server.connect("", { headers: bearer }).code()).toBe(4403);
  });

  test("our own page with its cookie, until it signs out: 4401", async () => {
    await open();
    const one = await cookieOf();
    const other = await cookieOf();
    const [client, stays] = [one, other].map(({ cookie }) => server.connect("", { headers: { cookie, origin: server.http.url } }));
    await client?.until(({ frames }) => frames.length === 2);
    await stays?.until(({ frames }) => frames.length === 2);
    server.access.signOut(one.id);
    expect(await client?.code()).toBe(4401);
    server.publish(1);
    await stays?.until(() => stays.numbers().length === 1);
  });

  test("a person until they are removed: 4401", async () => {
    await open();
    const client = server.connect();
    await client.until(({ frames }) => frames.length === 2);
    await server.access.remove("Ann");
    expect(await client.code()).toBe(4401);
  });

  test("no more than the limit: 1013", async () => {
    await open({ clients: 2 });
    const first = server.connect();
    const second = server.connect();
    await Promise.all([first, second].map((client) => client.until(({ frames }) => frames.length === 2)));
    expect(await server.connect().code()).toBe(1013);
    first.socket.close();
    await vi.waitFor(() => expect(server.feed.stats.clients).toBe(1));
    const third = server.connect();
    await third.until(({ frames }) => frames.length === 2);
  });
});

describe("a client that is too slow", () => {
  test("is closed with 4408, holds up nobody, costs little memory, and resumes with its cursor", async () => {
    await open({ bufferedBytes: 200_000, slowMs: 100, flushMs: 2 });
    const slow = server.connect();
    const quick = server.connect();
    await Promise.all([slow, quick].map((client) => client.until(({ frames }) => frames.length === 2)));
    slow.socket.pause();
    const details = { filler: "x".repeat(2_000) };
    let most = 0;
    while (server.feed.stats.closedSlow === 0) {
      server.publish(200, () => ({ details }));
      await quick.until(() => quick.numbers().at(-1) === server.journal.length);
      most = Math.max(most, ...[...server.sockets].map((socket) => socket.writableLength));
      expect(server.journal.length).toBeLessThan(50_000);
    }
    expect(most).toBeLessThan(500_000);
    slow.socket.resume();
    expect(await slow.code()).toBe(4408);
    expect(quick.closed).toBeNull();
    const after = slow.numbers().at(-1) ?? 0;
    expect(slow.numbers()).toEqual(numbersFrom(1, after));
    expect(after).toBeLessThan(server.journal.length);
    server.storedTo = server.journal.length;
    const again = server.connect(`?after=${cursors(after)}`);
    await again.until(() => again.numbers().at(-1) === server.journal.length);
    expect(again.numbers()).toEqual(numbersFrom(after + 1, server.journal.length));
  });

  test("only for a moment is not closed: a burst beyond the bound is nobody's fault", async () => {
    await open({ bufferedBytes: 50_000, slowMs: 5_000, flushMs: 2 });
    const client = server.connect();
    await client.until(({ frames }) => frames.length === 2);
    server.publish(5_000);
    await client.until(() => client.numbers().length === 5_000);
    expect(client.closed).toBeNull();
  });
});

test("what a client says is ignored, unless it is too long", async () => {
  await open();
  const client = server.connect();
  await client.until(({ frames }) => frames.length === 2);
  client.socket.send("hello?");
  client.socket.send(Buffer.alloc(16 * 1024));
  server.publish(1);
  await client.until(() => client.numbers().length === 1);
  client.socket.send(Buffer.alloc(16 * 1024 + 1));
  expect(await client.code()).toBe(1009);
});

test("changes that were published before, or leave a gap, do not reach a client under a wrong number", async () => {
  await open();
  server.publish(3);
  const client = server.connect();
  await client.until(({ frames }) => frames.length === 2);
  server.feed.publish(server.journal.slice(0, 3));
  server.journal.push(makeChange(4), makeChange(5));
  server.storedTo = 5;
  server.feed.publish(server.journal.slice(4));
  await client.until(({ closed, frames }) => closed !== null || frames.length > 2);
  expect(client.numbers()).toEqual([]);
  expect(await client.code()).toBe(4408);
  const again = server.connect(`?after=${cursors(3)}`);
  await again.until(() => again.numbers().length === 2);
  expect(again.numbers()).toEqual([4, 5]);
});

test("when the program stops, clients are told so", async () => {
  await open();
  const client = server.connect();
  await client.until(({ frames }) => frames.length === 2);
  await server.http.close();
  expect(await client.code()).toBe(1001);
});
