import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect as connectSocket, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import type { MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Channel } from "../../src/core/reading.ts";
import { readingSchemas } from "../../src/core/reading.ts";
import { OperationalError } from "../../src/errors.ts";
import { FULL_DEVICES } from "../../simulators/device/kind.ts";
import { tinyFleet } from "../../simulators/fleet/fleet.ts";
import { carriersOf } from "../../simulators/run/carriers.ts";
import { startLive } from "../../simulators/run/live.ts";
import type { LiveOptions } from "../../simulators/run/live.ts";

const MOSQUITTO = "/usr/sbin/mosquitto";
const MOSQUITTO_PASSWD = "/usr/bin/mosquitto_passwd";
const present = existsSync(MOSQUITTO);
if (!present) {
  if (process.env["CI"] !== undefined) throw new Error(`${MOSQUITTO} is missing; the simulators' integration tests need it`);
  process.stderr.write(`SKIPPED: ${MOSQUITTO} is missing, so the simulators are not tested against a real broker\n`);
}

interface Received {
  readonly liftId: string;
  readonly channel: Channel;
  readonly retained: boolean;
  readonly readings: readonly { at: number; seq: number; boot: string; online?: boolean }[];
}

let directory = "";
let port = 0;
let broker: ChildProcess | null = null;
const cleanUps: (() => Promise<unknown> | void)[] = [];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function startBroker(...extra: string[]): Promise<void> {
  const lines = [
    `listener ${port} 127.0.0.1`,
    "persistence true",
    `persistence_location ${directory}/`,
    "max_queued_messages 100000",
    "user root",
  ];
  const config = join(directory, "mosquitto.conf");
  await writeFile(config, [...lines, ...(extra.length > 0 ? extra : ["allow_anonymous true"]), ""].join("\n"));
  const child = spawn(MOSQUITTO, ["-c", config], { stdio: "ignore" });
  broker = child;
  await vi.waitFor(async () => {
    const socket = connectSocket(port, "127.0.0.1");
    try {
      await once(socket, "connect");
    } finally {
      socket.destroy();
    }
  }, 20_000);
}

async function stopBroker(): Promise<void> {
  const child = broker;
  broker = null;
  if (child === null || child.exitCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

/** A durable subscriber that keeps everything. */
async function listen(received: Received[], username?: string, password?: string): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
    clientId: "listener",
    clean: false,
    reconnectPeriod: 100,
    ...(username === undefined ? {} : { username, password: password ?? "" }),
  });
  client.on("message", (topic, bytes, packet) => {
    const [, liftId = "", channel] = topic.split("/");
    const value = JSON.parse(bytes.toString()) as Received["readings"][number] | Received["readings"];
    received.push({
      liftId,
      channel: channel as Channel,
      retained: packet.retain,
      readings: Array.isArray(value) ? value : [value as never],
    });
  });
  client.on("error", () => undefined);
  await client.subscribeAsync("lifts/#", { qos: 1 });
  cleanUps.push(() => client.endAsync(true));
  return client;
}

function options(change: Partial<LiveOptions>): LiveOptions {
  return {
    broker: `mqtt://127.0.0.1:${port}`,
    lifts: tinyFleet(),
    gateways: false,
    credentials: null,
    seed: 1,
    scenario: "normal",
    devices: FULL_DEVICES,
    network: "clean",
    speed: 20,
    durationMs: null,
    truth: null,
    progress: { show: () => undefined, end: () => undefined },
    onAllConnected: () => undefined,
    ...change,
  };
}

/** Sequence numbers by lift and boot, each once, in the order of their first arrival. */
function sequences(received: readonly Received[]): Map<string, number[]> {
  const bySource = new Map<string, Set<number>>();
  for (const { liftId, readings } of received) {
    for (const { boot, seq } of readings) {
      if (boot.endsWith("-will")) continue;
      const key = `${liftId} ${boot}`;
      const numbers = bySource.get(key) ?? new Set<number>();
      bySource.set(key, numbers.add(seq));
    }
  }
  return new Map([...bySource].map(([key, numbers]) => [key, [...numbers]]));
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe.skipIf(!present)("the simulators against mosquitto", () => {
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "simulator-mqtt-"));
    port = await freePort();
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
    await stopBroker();
    await rm(directory, { recursive: true, force: true });
  });

  test("every lift publishes valid readings under its own topics, each boot from 0 without a gap, and nothing is left behind", async () => {
    await startBroker();
    const received: Received[] = [];
    await listen(received);
    let connected = 0;
    const live = startLive(options({ durationMs: 120_000, onAllConnected: (stats) => (connected = stats.connected) }));
    const stats = await live.done;
    expect(connected).toBe(5);
    const count = (): number => received.reduce((sum, { readings }) => sum + readings.length, 0);
    await vi.waitFor(() => expect(count()).toBe(stats.readings), 10_000);
    expect(stats).toMatchObject({ inFlight: 0, waiting: 0, dropped: 0, reconnects: 0 });
    // What the quietest hour of the night has: five lifts that introduce themselves and keep alive for two minutes.
    expect(stats.readings).toBeGreaterThan(5 * 4);
    for (const { channel, readings } of received) {
      for (const reading of readings) expect(readingSchemas[channel].safeParse(reading).error).toBeUndefined();
    }
    const bySource = sequences(received);
    expect(new Set([...bySource.keys()].map((key) => key.split(" ")[0]))).toEqual(new Set(tinyFleet().map((lift) => lift.liftId)));
    for (const [source, numbers] of bySource) expect(numbers, source).toEqual(upTo(numbers.length));
    // It took its leave, so the broker published no will.
    expect(received.flatMap(({ readings }) => readings).filter(({ online }) => online === false)).toEqual([]);
  });

  test("a bad network repeats, delays and breaks what is published over MQTT, and loses some of it", async () => {
    await startBroker();
    const payloads: string[] = [];
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: "raw" });
    cleanUps.push(() => client.endAsync(true));
    client.on("message", (_topic, bytes) => payloads.push(bytes.toString("latin1")));
    await client.subscribeAsync("lifts/#", { qos: 1 });
    const live = startLive(options({ network: "bad", devices: { ...FULL_DEVICES, report: "second" }, durationMs: 300_000, speed: 60 }));
    const stats = await live.done;
    expect(stats).toMatchObject({ waiting: 0, inFlight: 0 });
    await vi.waitFor(() => expect(payloads.length).toBeGreaterThanOrEqual(stats.published), 10_000);
    expect(payloads.length).toBeGreaterThan(1_000);
    expect(new Set(payloads).size).toBeLessThan(payloads.length - 5);
    expect(payloads.some((payload) => !/^[[{].*[\]}]$/.test(payload))).toBe(true);
  });

  test("gateways carry the lifts of a building over one connection, and truth is written", async () => {
    await startBroker();
    const received: Received[] = [];
    await listen(received);
    expect(carriersOf(tinyFleet(), true)).toEqual([
      { name: "gw-L1", lifts: [0, 1] },
      { name: "gw-L3", lifts: [2, 3, 4] },
    ]);
    const truth = join(directory, "truth.ndjson");
    let connected = 0;
    const change = { gateways: true, durationMs: 400_000, speed: 80, scenario: "reported-fault", truth } as const;
    const live = startLive(options({ ...change, onAllConnected: (stats) => (connected = stats.connected) }));
    const stats = await live.done;
    expect(connected).toBe(2);
    await vi.waitFor(() => expect(received.reduce((sum, { readings }) => sum + readings.length, 0)).toBe(stats.readings), 10_000);
    const bySource = sequences(received);
    expect(bySource.size).toBe(5);
    for (const [source, numbers] of bySource) expect(numbers, source).toEqual(upTo(numbers.length));
    const lines = (await readFile(truth, "utf8")).trim().split("\n");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ hazard: "reported-fault", liftId: expect.stringMatching(/^L/) });
  });

  test("when the simulator dies, the broker publishes and keeps each lift's will, outside the lift's own sequence", async () => {
    await startBroker();
    const received: Received[] = [];
    await listen(received);
    const words = ["--import", "tsx", "simulators/main.ts", "simulate", "--broker", `mqtt://127.0.0.1:${port}`, "--fleet", "tiny"];
    const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "ignore"] });
    cleanUps.push(() => void child.kill("SIGKILL"));
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await vi.waitFor(() => expect(output).toContain('simulating {"lifts":5,"connected":5}\n'), 60_000);
    // Each has said that it is there: connected is not yet heard.
    const told = (online: boolean): Received[] => received.filter(({ readings }) => readings[0]?.online === online);
    await vi.waitFor(() => expect(new Set(told(true).map(({ liftId }) => liftId)).size).toBe(5), 20_000);
    child.kill("SIGKILL");
    const wills = (): Received[] => told(false);
    await vi.waitFor(() => expect(new Set(wills().map(({ liftId }) => liftId)).size).toBe(5), 20_000);
    for (const { liftId, channel, readings } of wills()) {
      expect(channel).toBe("online");
      const [will] = readings;
      expect(will).toMatchObject({ seq: 1, boot: expect.stringMatching(/^[0-9a-f]{8}-will$/) });
      const own = received.find((other) => other.liftId === liftId && other.readings[0]?.online === true)?.readings[0];
      expect(`${own?.boot}-will`).toBe(will?.boot);
    }
    const later: Received[] = [];
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`);
    client.on("message", (topic, bytes, packet) => {
      later.push({
        liftId: topic,
        channel: "online",
        retained: packet.retain,
        readings: [JSON.parse(bytes.toString()) as { at: 0; seq: 0; boot: "" }],
      });
    });
    await client.subscribeAsync("lifts/+/online");
    cleanUps.push(() => client.endAsync(true));
    await vi.waitFor(
      () => expect(later.filter(({ retained, readings }) => retained && readings[0]?.online === false)).toHaveLength(5),
      10_000,
    );
  });

  test("SIGTERM stops it in good order with exit code 0 and a last line that counts", async () => {
    await startBroker();
    const words = ["--import", "tsx", "simulators/main.ts", "simulate", "--broker", `mqtt://127.0.0.1:${port}`, "--lifts", "3"];
    const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "ignore"] });
    cleanUps.push(() => void child.kill("SIGKILL"));
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await vi.waitFor(() => expect(output).toContain("simulating"), 60_000);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    await vi.waitFor(
      () => expect(output).toMatch(/published \{"lifts":3,"messages":\d+,"readings":\d+,"reconnects":0,"dropped":0\}\n$/),
      10_000,
    );
  });

  test("what is made while the broker is down is uploaded when it is back, without a gap, many readings to a message", async () => {
    await startBroker();
    const received: Received[] = [];
    await listen(received);
    let up = false;
    let waiting = 0;
    const show: LiveOptions["progress"]["show"] = (_done, text) => (waiting = Number(/(\d+) waiting/.exec(text())?.[1]));
    const live = startLive(options({ onAllConnected: () => (up = true), progress: { show, end: () => undefined } }));
    cleanUps.push(() => live.stop());
    await vi.waitFor(() => expect(up && received.length > 20).toBe(true), 20_000);
    await stopBroker();
    const stoppedAt = Math.max(...received.flatMap(({ readings }) => readings.map(({ at }) => at)));
    await vi.waitFor(() => expect(waiting).toBeGreaterThan(25), 30_000);
    await startBroker();
    await vi.waitFor(() => {
      const announced = received.filter(({ readings }) => readings[0]?.online === true && readings[0].seq > 0);
      expect(new Set(announced.map(({ liftId }) => liftId)).size).toBe(5);
    }, 60_000);
    live.stop();
    const stats = await live.done;
    expect(stats).toMatchObject({ inFlight: 0, waiting: 0, dropped: 0 });
    expect(stats.reconnects).toBeGreaterThanOrEqual(5);
    await vi.waitFor(() => {
      const bySource = sequences(received);
      const seen = [...bySource.values()].reduce((sum, numbers) => sum + numbers.length, 0);
      expect(seen).toBeGreaterThan(50);
      for (const [source, numbers] of bySource)
        expect(
          numbers.toSorted((a, b) => a - b),
          source,
        ).toEqual(upTo(numbers.length));
    }, 10_000);
    const backlog = received.filter(({ readings }) => readings.length > 1);
    expect(backlog.length).toBeGreaterThan(0);
    expect(backlog.every(({ readings, channel }) => readings.length <= 500 && channel !== "online")).toBe(true);
    expect(backlog.some(({ readings }) => (readings[0]?.at ?? 0) > stoppedAt)).toBe(true);
  });

  test("the silent scenario breaks real connections: the will comes, then the lift again", async () => {
    await startBroker();
    const received: Received[] = [];
    await listen(received);
    const stats = await startLive(options({ scenario: "silent", speed: 150, durationMs: 1_500_000 })).done;
    expect(stats.connected).toBe(0);
    const online = received.filter(({ channel }) => channel === "online");
    const dropped = online.findIndex(({ readings }) => readings[0]?.online === false);
    expect(dropped).toBeGreaterThan(-1);
    const liftId = online[dropped]?.liftId;
    expect(online.slice(dropped).some((message) => message.liftId === liftId && message.readings[0]?.online === true)).toBe(true);
    for (const [source, numbers] of sequences(received)) expect(numbers, source).toEqual(upTo(numbers.length));
  });

  test("tokens are presented to the broker; a broker that refuses them ends the run with an error that does not show them", async () => {
    const passwords = join(directory, "passwords");
    const tokens = new Map([
      ...tinyFleet().map((lift) => [lift.liftId, `token-of-${lift.liftId}`] as const),
      ["reader", "reader-token"] as const,
    ]);
    await writeFile(passwords, "", { mode: 0o600 });
    for (const [user, token] of tokens) execFileSync(MOSQUITTO_PASSWD, ["-b", passwords, user, token], { stdio: "ignore" });
    await startBroker("allow_anonymous false", `password_file ${passwords}`);
    const received: Received[] = [];
    await listen(received, "reader", "reader-token");
    const stats = await startLive(options({ credentials: tokens, durationMs: 60_000 })).done;
    expect(stats.readings).toBeGreaterThan(10);
    const wrong = new Map([...tokens.keys()].map((user) => [user, "wrong-token"]));
    const failure = await startLive(options({ credentials: wrong })).done.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OperationalError);
    expect((failure as Error).message).toContain("refuses L");
    expect((failure as Error).message).not.toContain("wrong-token");
  });

  test("a broker that is never reached ends a run of fixed length with an error", async () => {
    const failure = await startLive(options({ durationMs: 20_000 })).done.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OperationalError);
    expect((failure as Error).message).toContain("5 of 5 connections");
  });
});
