import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openExternalBroker } from "../../src/ingress/external.ts";
import type { ExternalBrokerOptions } from "../../src/ingress/external.ts";
import type { Ingress } from "../../src/ingress/ingress.ts";
import { Deliveries, PATIENCE } from "./ingress-client.ts";

const MOSQUITTO = "/usr/sbin/mosquitto";
const installed = existsSync(MOSQUITTO);
if (!installed && process.env["CI"] === undefined) console.warn(`SKIPPED: ${MOSQUITTO} is not installed (Debian: mosquitto)`);

const DOOR = "lifts/L1/door";
const FAST = { reconnectMinMs: 20, reconnectMaxMs: 100 };

const isUp = (ingress: Ingress): Promise<void> =>
  vi.waitFor(() => expect(ingress.stats.state).toBe("up"), { timeout: 20_000, interval: 5 });
const texts = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => `m${from + index}`);

describe.skipIf(!installed && process.env["CI"] === undefined)("a bridge to mosquitto", () => {
  let directory: string;
  let port: number;
  let mosquitto: ChildProcess | null = null;
  const open: Ingress[] = [];
  const frozen: Socket[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "hoistway-bridge-"));
    port = await freePort();
  });
  afterEach(async () => {
    for (const socket of frozen.splice(0)) socket.destroy();
    for (const ingress of open.splice(0)) await ingress.close();
    await stopMosquitto("SIGTERM");
    await rm(directory, { recursive: true });
  });

  async function startMosquitto(settings = ""): Promise<void> {
    const file = join(directory, "mosquitto.conf");
    await writeFile(
      file,
      `listener ${port} 127.0.0.1\nset_tcp_nodelay true\nmax_queued_messages 0\nuser root\n` +
        `persistence true\npersistence_location ${directory}/\n${settings === "" ? "allow_anonymous true\n" : settings}`,
    );
    mosquitto = spawn(MOSQUITTO, ["-c", file], { stdio: "ignore" });
    await vi.waitFor(() => canConnect(port), PATIENCE);
  }

  async function stopMosquitto(signal: NodeJS.Signals): Promise<void> {
    if (mosquitto === null) return;
    const stopping = mosquitto;
    mosquitto = null;
    stopping.kill(signal);
    if (stopping.exitCode === null && stopping.signalCode === null) await once(stopping, "exit");
  }

  async function openBridge(deliveries: Deliveries, more: Partial<ExternalBrokerOptions> = {}): Promise<Ingress> {
    const ingress = await openExternalBroker({
      url: `mqtt://127.0.0.1:${port}`,
      clientId: "hoistway-test",
      deliver: deliveries.deliver,
      limits: FAST,
      ...more,
    });
    open.push(ingress);
    return ingress;
  }

  async function publish(texts: readonly string[], topic = DOOR, retain = false): Promise<void> {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`);
    await Promise.all(texts.map((text) => client.publishAsync(topic, text, { qos: 1, retain })));
    await client.endAsync();
  }

  it("delivers what is published under lifts/, with its topic and the session's name as source", async () => {
    await startMosquitto();
    const deliveries = new Deliveries();
    const ingress = await openBridge(deliveries);
    await isUp(ingress);
    await publish(["elsewhere"], "other/topic");
    await publish(texts(500));
    await deliveries.count(500);
    expect(deliveries.texts).toEqual(texts(500));
    expect(deliveries.all[0]!.arrival).toMatchObject({ topic: DOOR, source: "hoistway-test", refusal: null });
    expect(ingress.stats).toMatchObject({ connections: 1, publishes: 500, refusedPublishes: 0, reconnects: 0 });
    expect(ingress.port).toBeNull();
  });

  it("starts while the broker is away, says so without the password, and is up when it comes", async () => {
    const deliveries = new Deliveries();
    const lines: string[] = [];
    const ingress = await openBridge(deliveries, { username: "u", password: "hush", log: (line) => lines.push(line) });
    await vi.waitFor(() => expect(ingress.stats.state).toMatch(/^127\.0\.0\.1:\d+ is away: .*ECONNREFUSED/), PATIENCE);
    await vi.waitFor(() => expect(ingress.stats.reconnects).toBeGreaterThan(2), PATIENCE);
    await startMosquitto();
    await isUp(ingress);
    await publish(["a"]);
    await deliveries.count(1);
    expect(lines).toHaveLength(1);
    expect(lines.join("")).not.toContain("hush");
  });

  it("reads on while messages wait for the journal, as far as the broker lets it, and acknowledges none of them before", async () => {
    await startMosquitto("allow_anonymous true\nmax_inflight_messages 50\n");
    const deliveries = new Deliveries();
    deliveries.settle = "by-hand";
    const ingress = await openBridge(deliveries);
    await isUp(ingress);
    await publish(texts(120));
    await deliveries.count(50);
    // A broker that may have 50 unacknowledged sends the 51st only after an acknowledgement.
    await publish(["x"], "lifts/L2/door");
    expect(deliveries.all).toHaveLength(50);
    expect(ingress.stats.inFlight).toBe(50);
    for (const held of deliveries.all.slice(0, 10)) held.done(null);
    await deliveries.count(60);
    deliveries.settle = "at-once";
    deliveries.settleAll();
    await deliveries.count(121);
    expect(deliveries.texts).toEqual([...texts(120), "x"]);
  });

  it("gets again, on the next start, what it had not made durable", async () => {
    await startMosquitto();
    const before = new Deliveries();
    before.settle = "by-hand";
    const first = await openBridge(before, { limits: { ...FAST, closeWithinMs: 20 } });
    await isUp(first);
    await publish(texts(10));
    await before.count(10);
    for (const held of before.all.slice(0, 4)) held.done(null);
    await first.close();
    const after = new Deliveries();
    await openBridge(after);
    await after.count(6);
    await publish(["last"]);
    await after.count(7);
    expect(after.texts).toEqual([...texts(6, 4), "last"]);
  });

  it("gets again, after SIGKILL, everything that was not durable", async () => {
    await startMosquitto();
    const program =
      `import { openExternalBroker } from ${JSON.stringify(new URL("../../src/ingress/external.ts", import.meta.url).href)};\n` +
      `let count = 0;\n` +
      `const deliver = (arrival, done) => { process.stdout.write("."); if (++count <= 3) done(null); };\n` +
      `await openExternalBroker({ url: "mqtt://127.0.0.1:${port}", clientId: "hoistway-test", deliver });\n`;
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let seen = "";
    child.stdout.on("data", (text: Buffer) => (seen += text.toString()));
    // Its subscription has come into force when the first message arrives; so that one is repeated until then.
    await vi.waitFor(
      async () => {
        await publish(["probe"]);
        expect(seen).not.toBe("");
      },
      { timeout: 30_000, interval: 50 },
    );
    await publish(texts(10));
    await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(11), PATIENCE);
    child.kill("SIGKILL");
    await once(child, "exit");
    const deliveries = new Deliveries();
    await openBridge(deliveries);
    await publish(["last"]);
    await vi.waitFor(() => expect(deliveries.texts).toContain("last"), PATIENCE);
    const again = deliveries.texts.filter((text) => text !== "probe");
    expect(again.slice(-8)).toEqual([...texts(7, 3), "last"]);
  });

  it("gets again what the journal would not take, on a new connection, and loses nothing of it", async () => {
    await startMosquitto();
    const deliveries = new Deliveries();
    deliveries.settle = "by-hand";
    const ingress = await openBridge(deliveries);
    await isUp(ingress);
    await publish(texts(6));
    await deliveries.count(6);
    deliveries.all[0]!.done(null);
    deliveries.all[1]!.done(new Error("disk full"));
    deliveries.settle = "at-once";
    for (const held of deliveries.all.slice(2, 6)) held.done(null);
    await publish(["last"]);
    await vi.waitFor(() => expect(deliveries.texts).toContain("last"), { timeout: 20_000, interval: 5 });
    // m0 may come twice: its acknowledgement may have gone down with the connection. m1 must.
    const again = deliveries.texts.slice(6);
    expect(again.filter((text) => text !== "m0")).toEqual(["m1", "m2", "m3", "m4", "m5", "last"]);
    expect(ingress.stats).toMatchObject({ failedPublishes: 1, reconnects: 1 });
    await isUp(ingress);
  });

  it("misses nothing when the broker stops and starts with messages in its queue", async () => {
    await startMosquitto();
    const away = new Deliveries();
    await isUp(await openBridge(away));
    await open.pop()!.close();
    await publish(texts(200));
    await stopMosquitto("SIGTERM");

    const deliveries = new Deliveries();
    deliveries.settle = "later";
    const ingress = await openBridge(deliveries);
    await vi.waitFor(() => expect(ingress.stats.state).toContain("is away"), PATIENCE);
    await startMosquitto();
    await isUp(ingress);
    await deliveries.count(200);
    // Once more while it is connected: killed in mid-stream after saving, restarted, and the rest comes.
    await publish(texts(50, 200));
    await deliveries.count(250);
    await stopMosquitto("SIGTERM");
    await vi.waitFor(() => expect(ingress.stats.state).toContain("is away"), PATIENCE);
    await startMosquitto();
    await isUp(ingress);
    await publish(texts(50, 250));
    // What was not acknowledged before the stop comes twice, and the monitor drops the second: nothing is missing, all is in order.
    await vi.waitFor(() => expect([...new Set(deliveries.texts)]).toEqual(texts(300)), PATIENCE);
    expect(away.all).toEqual([]);
  });

  it("takes retained messages as ordinary ones, and quarantines an oversized one without losing its connection", async () => {
    await startMosquitto();
    await publish(['{"online":true}'], "lifts/L1/online", true);
    const deliveries = new Deliveries();
    const ingress = await openBridge(deliveries);
    await deliveries.count(1);
    expect(deliveries.all[0]).toMatchObject({ text: '{"online":true}', arrival: { topic: "lifts/L1/online", refusal: null } });
    await publish(["x".repeat(64 * 1024 + 1)]);
    await publish(["after"]);
    await deliveries.count(3);
    expect(deliveries.all[1]).toMatchObject({ text: "x".repeat(256), arrival: { topic: DOOR, refusal: "payload-too-large" } });
    expect(deliveries.texts[2]).toBe("after");
    expect(ingress.stats).toMatchObject({ oversized: 1, reconnects: 0 });
  });

  it("stops reading at its bound, goes on below half of it, and delivers all in order", async () => {
    await startMosquitto("allow_anonymous true\nmax_inflight_messages 0\n");
    const deliveries = new Deliveries();
    deliveries.settle = "by-hand";
    const ingress = await openBridge(deliveries, { limits: { ...FAST, inFlight: 8 } });
    await isUp(ingress);
    await publish(texts(30));
    await deliveries.count(8);
    await publish(["later"]);
    expect(deliveries.all).toHaveLength(8);
    deliveries.settle = "later";
    deliveries.settleAll();
    await deliveries.count(31);
    expect(deliveries.texts).toEqual([...texts(30), "later"]);
    await vi.waitFor(() => expect(ingress.stats.inFlight).toBe(0), PATIENCE);
  });

  it("says that its sign-in or its subscription is refused, and keeps trying", async () => {
    const acl = join(directory, "acl");
    await writeFile(acl, "topic write #\n");
    await startMosquitto("allow_anonymous false\n");
    const ingress = await openBridge(new Deliveries());
    await vi.waitFor(() => expect(ingress.stats.state).toMatch(/is away: .*[Nn]ot authorized/), PATIENCE);
    await vi.waitFor(() => expect(ingress.stats.reconnects).toBeGreaterThan(1), PATIENCE);
    await stopMosquitto("SIGTERM");
    await startMosquitto();
    await isUp(ingress);
  });

  it("notices a broker that takes the connection and says nothing", async () => {
    const server = createServer((socket) => frozen.push(socket)).listen(port, "127.0.0.1");
    await once(server, "listening");
    const ingress = await openBridge(new Deliveries(), { limits: { ...FAST, connectTimeoutMs: 100 } });
    await vi.waitFor(() => expect(ingress.stats.reconnects).toBeGreaterThan(1), PATIENCE);
    expect(ingress.stats.state).toContain("is away");
    await ingress.close();
    for (const socket of frozen) socket.destroy();
    server.close();
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function canConnect(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect").finally(() => socket.destroy());
}
