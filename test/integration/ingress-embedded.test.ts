import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { connectAsync } from "mqtt";
import { describe, expect, it, vi } from "vitest";
import {
  connectPacket,
  Deliveries,
  DISCONNECT,
  openBroker,
  packet,
  PATIENCE,
  PINGREQ,
  publishPacket,
  RawClient,
} from "./ingress-client.ts";

const filter = (value: string): Buffer => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value), Buffer.from([1])]);
const DOOR = "lifts/L1/door";
const puback = (id: number): string => `4002${id.toString(16).padStart(4, "0")}`;

describe("topics of another vendor", () => {
  const foreign = { prefix: "/API/V1/Up/", liftOf: (payload: string) => (JSON.parse(payload) as { readonly RegCode: string }).RegCode };

  it("are taken from the publisher of the lift that the payload names, and refused from another", async () => {
    const deliveries = new Deliveries();
    await using broker = await openBroker(deliveries, {}, { foreign });
    using device = await RawClient.signedIn(broker.port);
    device.send(publishPacket("/API/V1/Up/LiftState", '{"RegCode":"L1"}', 1), publishPacket("/API/V1/Up/LiftState", '{"RegCode":"L2"}', 2));
    await deliveries.count(2);
    expect(deliveries.all.map(({ arrival }) => arrival.refusal)).toEqual([null, "topic-not-authorized"]);
  });
});

describe("acknowledgement", () => {
  it("never comes before the message is durable, and comes then", async () => {
    const deliveries = new Deliveries();
    deliveries.settle = "by-hand";
    await using broker = await openBroker(deliveries);
    using device = await RawClient.signedIn(broker.port);
    device.send(publishPacket(DOOR, "a", 7));
    await deliveries.count(1);
    await device.ping();
    expect(device.received).toBe("d000");
    expect(broker.stats.inFlight).toBe(1);
    deliveries.settleAll();
    await device.until(`d000${puback(7)}`);
    expect(broker.stats.inFlight).toBe(0);
    expect(deliveries.all[0]?.arrival).toMatchObject({ topic: DOOR, source: "L1", refusal: null });
  });

  it("comes in the order of the publishes when the journal settles them in another, and in one write", async () => {
    const deliveries = new Deliveries();
    deliveries.settle = "by-hand";
    await using broker = await openBroker(deliveries);
    using device = await RawClient.signedIn(broker.port);
    device.send(...[1, 2, 3, 4].map((id) => publishPacket(DOOR, `m${id}`, id)));
    await deliveries.count(4);
    for (const index of [3, 1, 2]) deliveries.all[index]!.done(null);
    await device.ping();
    expect(device.received).toBe("d000");
    deliveries.all[0]!.done(null);
    await device.until(`d000${[1, 2, 3, 4].map(puback).join("")}`);
    expect(device.chunks).toBe(2);
  });

  it("of 1,000 pipelined publishes is complete, in order, and in far fewer writes than publishes", async () => {
    const deliveries = new Deliveries();
    deliveries.settle = "later";
    await using broker = await openBroker(deliveries);
    using device = await RawClient.signedIn(broker.port);
    const ids = Array.from({ length: 1_000 }, (_, index) => index + 1);
    device.send(...ids.map((id) => publishPacket(DOOR, `{"seq":${id}}`, id)));
    await device.until(ids.map(puback).join(""));
    expect(deliveries.texts).toEqual(ids.map((id) => `{"seq":${id}}`));
    expect(device.chunks).toBeLessThan(100);
    expect(broker.stats.publishes).toBe(1_000);
  });

  it("is withheld when the journal does not take a message: the connection ends, and the other one does not", async () => {
    const deliveries = new Deliveries();
    deliveries.settle = "by-hand";
    await using broker = await openBroker(deliveries);
    using device = await RawClient.signedIn(broker.port);
    using other = await RawClient.signedIn(broker.port, { user: "L2" });
    device.send(publishPacket(DOOR, "a", 1), publishPacket(DOOR, "b", 2));
    await deliveries.count(2);
    deliveries.all[0]!.done(new Error("disk full"));
    await device.gone;
    deliveries.all[1]!.done(null);
    expect(device.received).toBe("");
    await other.ping();
    expect(broker.stats).toMatchObject({ failedPublishes: 1, inFlight: 0, connections: 1 });
  });

  it("is withheld without a crash when the journal refuses at once, and the will as well", async () => {
    const refused: string[] = [];
    const refusing = {
      deliver: (arrival: { topic: string }, done: (error: Error | null) => void) => (refused.push(arrival.topic), done(new Error("full"))),
    };
    await using broker = await openBroker(new Deliveries(), {}, refusing);
    using device = await RawClient.signedIn(broker.port, { will: { topic: "lifts/L1/online", payload: "gone" } });
    device.send(publishPacket(DOOR, "a", 1), publishPacket(DOOR, "b", 2));
    await device.gone;
    await vi.waitFor(() => expect(refused).toEqual([DOOR, "lifts/L1/online"]), PATIENCE);
    expect(device.received).toBe("");
    expect(broker.stats).toMatchObject({ failedPublishes: 2, inFlight: 0 });
  });

  it("of QoS 2 is PUBREC once durable, then PUBCOMP; of QoS 0 there is none, but it is delivered", async () => {
    const deliveries = new Deliveries();
    deliveries.settle = "by-hand";
    await using broker = await openBroker(deliveries);
    using device = await RawClient.signedIn(broker.port);
    device.send(publishPacket(DOOR, "two", 5, 2), publishPacket(DOOR, "zero", 0, 0));
    await deliveries.count(2);
    await device.ping();
    deliveries.settleAll();
    await device.until("d00050020005");
    device.send(Buffer.from("62020005", "hex"));
    await device.until("d0005002000570020005");
    expect(deliveries.texts).toEqual(["two", "zero"]);
  });

  it("reaches real clients: mqtt.js at each QoS", async () => {
    const deliveries = new Deliveries();
    deliveries.settle = "later";
    await using broker = await openBroker(deliveries);
    const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, { username: "L1", password: "secret" });
    for (const qos of [0, 1, 2] as const) await client.publishAsync(DOOR, `qos ${qos}`, { qos, retain: qos === 1 });
    await deliveries.count(3);
    await client.endAsync();
    expect(deliveries.texts).toEqual(["qos 0", "qos 1", "qos 2"]);
  });

  it("reaches real clients: mosquitto_pub, which ends only when it is acknowledged", async (context) => {
    const program = "/usr/bin/mosquitto_pub";
    if (!existsSync(program) && process.env["CI"] === undefined) {
      console.warn(`SKIPPED: ${program} is not installed (Debian: mosquitto-clients)`);
      context.skip();
    }
    const deliveries = new Deliveries();
    deliveries.settle = "later";
    await using broker = await openBroker(deliveries);
    for (const qos of ["0", "1", "2"]) {
      const sent = ["-p", String(broker.port), "-u", "L1", "-P", "secret", "-q", qos, "-t", DOOR, "-m", `{"qos":${qos}}`];
      await promisify(execFile)(program, sent, { timeout: 20_000 });
    }
    await deliveries.count(3);
    expect(deliveries.texts).toEqual(['{"qos":0}', '{"qos":1}', '{"qos":2}']);
  });
});

describe("the byte stream", () => {
  it("may be cut anywhere: sign-in, publishes and ping in every two pieces are the same messages", async () => {
    const deliveries = new Deliveries();
    await using broker = await openBroker(deliveries);
    const stream = Buffer.concat([connectPacket(), publishPacket(DOOR, "x".repeat(130), 1), publishPacket(DOOR, "b", 2), PINGREQ]);
    for (let at = 1; at < stream.length; at++) {
      using device = await RawClient.open(broker.port);
      device.send(stream.subarray(0, at));
      // A round trip of the event loop between the pieces, so that they arrive as two.
      await vi.waitFor(() => expect(device.socket.bytesWritten).toBe(at), PATIENCE);
      await new Promise(setImmediate);
      device.send(stream.subarray(at));
      await device.until("20020000");
      await vi.waitFor(() => expect(device.received.length).toBe(28), PATIENCE);
      expect(device.received, `cut at ${at}`).toContain(puback(1) + puback(2));
    }
    expect(deliveries.all).toHaveLength(2 * (stream.length - 1));
    expect(broker.stats.protocolErrors).toBe(0);
  });

  it("may carry publishes behind CONNECT in one piece: they wait for the sign-in", async () => {
    const deliveries = new Deliveries();
    await using broker = await openBroker(deliveries);
    using device = await RawClient.open(broker.port);
    device.send(connectPacket(), publishPacket(DOOR, "a", 1), publishPacket(DOOR, "b", 2));
    await device.until(`20020000${puback(1)}${puback(2)}`);
    using thief = await RawClient.open(broker.port);
    thief.send(connectPacket({ token: "wrong" }), publishPacket(DOOR, "stolen", 1));
    await thief.gone;
    expect(thief.received).toBe("20020005");
    expect(deliveries.texts).toEqual(["a", "b"]);
  });

  it("may carry a payload of 64 KiB in many pieces", async () => {
    const deliveries = new Deliveries();
    await using broker = await openBroker(deliveries);
    using device = await RawClient.signedIn(broker.port);
    const payload = Buffer.alloc(64 * 1024, "a");
    const bytes = publishPacket(DOOR, payload, 3);
    for (let at = 0; at < bytes.length; at += 1_000) device.send(bytes.subarray(at, at + 1_000));
    await device.until(puback(3));
    expect(Buffer.compare(deliveries.all[0]!.arrival.payload, payload)).toBe(0);
  });
});

describe("sessions", () => {
  it("with a wrong token or none are refused with CONNACK 5 and closed", async () => {
    const deliveries = new Deliveries();
    await using broker = await openBroker(deliveries);
    using device = await RawClient.open(broker.port);
    device.send(connectPacket({ token: "wrong" }));
    await device.gone;
    expect(device.received).toBe("20020005");
    using nobody = await RawClient.open(broker.port);
    nobody.send(Buffer.from("101100044d5154540402003c00056e616d656c", "hex").subarray(0, 19));
    await nobody.gone;
    expect(nobody.received).toBe("20020005");
    expect(broker.stats.refusedSignIns).toBe(2);
  });

  it("of MQTT 5 are refused with a code that its clients understand, other versions with code 1", async () => {
    const lines: string[] = [];
    await using broker = await openBroker(new Deliveries(), {}, { log: (line) => lines.push(line) });
    for (const [level, answer] of [
      [5, "2003008400"],
      [6, "20020001"],
      [0, "20020001"],
    ] as const) {
      using device = await RawClient.open(broker.port);
      device.send(connectPacket({ level }));
      await device.gone;
      expect(device.received).toBe(answer);
    }
    await expect(
      connectAsync(`mqtt://127.0.0.1:${broker.port}`, { username: "L1", password: "secret", protocolVersion: 5, reconnectPeriod: 0 }),
    ).rejects.toThrow("Unsupported Protocol Version");
    expect(broker.stats.protocolErrors).toBe(4);
    // The log says it once, not once a client.
    expect(lines.filter((line) => line.includes("expected 4"))).toHaveLength(1);
  });

  it("of MQTT 3.1, which old devices speak, are let in", async () => {
    const deliveries = new Deliveries();
    await using broker = await openBroker(deliveries);
    using device = await RawClient.signedIn(broker.port, { protocol: "MQIsdp", level: 3 });
    device.send(publishPacket(DOOR, "old", 1));
    await device.until(puback(1));
    expect(deliveries.texts).toEqual(["old"]);
  });

  it("speak their will when they end without DISCONNECT, and not when they say goodbye", async () => {
    const deliveries = new Deliveries();
    await using broker = await openBroker(deliveries);
    const will = { topic: "lifts/L1/online", payload: "gone" };
    using device = await RawClient.signedIn(broker.port, { will });
    device.socket.destroy();
    await deliveries.count(1);
    expect(deliveries.all[0]).toMatchObject({ text: "gone", arrival: { topic: will.topic, source: "L1", refusal: null } });
    using polite = await RawClient.signedIn(broker.port, { will });
    polite.send(publishPacket(DOOR, "last", 0, 0), DISCONNECT);
    await polite.gone;
    using foreign = await RawClient.signedIn(broker.port, { will: { topic: "lifts/L2/online", payload: "foreign" } });
    foreign.socket.destroy();
    await deliveries.count(3);
    using hostile = await RawClient.signedIn(broker.port, { will: { topic: "lifts/#", payload: "hostile" } });
    hostile.socket.destroy();
    await deliveries.count(4);
    expect(deliveries.all.map(({ text, arrival }) => [text, arrival.refusal])).toEqual([
      ["gone", null],
      ["last", null],
      ["foreign", "topic-not-authorized"],
      ["hostile", "topic-invalid"],
    ]);
  });

  it("do not speak their wills when it is the broker that stops", async () => {
    const deliveries = new Deliveries();
    await using broker = await openBroker(deliveries);
    using device = await RawClient.signedIn(broker.port, { will: { topic: "lifts/L1/online", payload: "gone" } });
    await broker.close();
    await device.gone;
    expect(deliveries.all).toEqual([]);
  });

  it("with the same client id take over, within one identity and not across two", async () => {
    const deliveries = new Deliveries();
    await using broker = await openBroker(deliveries);
    using first = await RawClient.signedIn(broker.port, { clientId: "same", will: { topic: "lifts/L1/online", payload: "gone" } });
    using foreign = await RawClient.signedIn(broker.port, { clientId: "same", user: "L2" });
    await first.ping();
    using second = await RawClient.signedIn(broker.port, { clientId: "same" });
    await first.gone;
    await second.ping();
    await foreign.ping();
    second.send(publishPacket(DOOR, "on", 1));
    await second.until(`d000${puback(1)}`);
    expect(deliveries.texts).toEqual(["gone", "on"]);
    expect(broker.stats.connections).toBe(2);
  });

  it("end one and a half keep-alives after the last packet, whatever that was, and then speak their will", async () => {
    const deliveries = new Deliveries();
    await using broker = await openBroker(deliveries, { sweepMs: 20 });
    using silent = await RawClient.signedIn(broker.port, {
      user: "L1",
      keepAliveS: 1,
      will: { topic: "lifts/L1/online", payload: "gone" },
    });
    using pinging = await RawClient.signedIn(broker.port, { user: "L2", keepAliveS: 1 });
    using publishing = await RawClient.signedIn(broker.port, { user: "L3", keepAliveS: 1 });
    using patient = await RawClient.signedIn(broker.port, { user: "L4" });
    const beganMs = performance.now();
    const talk = setInterval(() => {
      pinging.send(PINGREQ);
      publishing.send(publishPacket("lifts/L3/door", "x", 0, 0));
    }, 200);
    await silent.gone;
    const tookMs = performance.now() - beganMs;
    clearInterval(talk);
    expect(tookMs).toBeGreaterThan(1_450);
    expect(tookMs).toBeLessThan(3_000);
    for (const client of [pinging, publishing, patient]) await client.ping();
    await vi.waitFor(() => expect(deliveries.texts).toContain("gone"), PATIENCE);
    expect(broker.stats.timeouts).toBe(1);
  });

  it("that we do not read, because the journal is slow, are not taken for silent", async () => {
    const deliveries = new Deliveries();
    deliveries.settle = "by-hand";
    await using broker = await openBroker(deliveries, { sweepMs: 10, inFlightPerConnection: 1 });
    using held = await RawClient.signedIn(broker.port, { keepAliveS: 1 });
    using silent = await RawClient.signedIn(broker.port, { user: "L2", keepAliveS: 2 });
    held.send(publishPacket(DOOR, "a", 1));
    await silent.gone;
    expect(held.closed).toBe(false);
    deliveries.settleAll();
    await held.until(puback(1));
  });

  it("that never begin are closed", async () => {
    await using broker = await openBroker(new Deliveries(), { sweepMs: 10, connectTimeoutMs: 100 });
    using mute = await RawClient.open(broker.port);
    using slow = await RawClient.open(broker.port);
    slow.send(connectPacket().subarray(0, 20));
    using trickling = await RawClient.open(broker.port);
    const long = connectPacket({ clientId: "c".repeat(3_000) });
    let sent = 0;
    const trickle = setInterval(() => trickling.send(long.subarray(sent, ++sent)), 5);
    await Promise.all([mute.gone, slow.gone, trickling.gone]);
    clearInterval(trickle);
    expect(sent).toBeLessThan(1_000);
    expect(broker.stats.timeouts).toBe(3);
  });

  it("may not subscribe: SUBACK says so for each filter, and nothing is ever forwarded", async () => {
    const deliveries = new Deliveries();
    await using broker = await openBroker(deliveries);
    using device = await RawClient.signedIn(broker.port);
    device.send(packet(0x82, Buffer.from([0, 9]), filter("lifts/#"), filter("$SYS/#")));
    await device.until("900400098080");
    using other = await RawClient.signedIn(broker.port, { user: "L2" });
    other.send(publishPacket("lifts/L2/door", "secret", 1));
    await other.until(puback(1));
    await device.ping();
    expect(device.received).toBe("900400098080d000");
  });
});

describe("bounds", () => {
  it("close what comes above the number of connections, and say how often", async () => {
    await using broker = await openBroker(new Deliveries(), { connections: 2 });
    using first = await RawClient.signedIn(broker.port, { user: "L1" });
    using second = await RawClient.signedIn(broker.port, { user: "L2" });
    using third = await RawClient.open(broker.port);
    await third.gone;
    expect(broker.stats).toMatchObject({ refusedConnections: 1, connections: 2 });
    first.socket.destroy();
    await vi.waitFor(() => expect(broker.stats.connections).toBe(1), PATIENCE);
    using fourth = await RawClient.signedIn(broker.port, { user: "L4" });
    await second.ping();
    await fourth.ping();
  });

  it("stop reading one connection whose publishes wait, and only that one; it goes on when they are durable", async () => {
    const deliveries = new Deliveries();
    deliveries.settle = "by-hand";
    await using broker = await openBroker(deliveries, { inFlightPerConnection: 4 });
    using device = await RawClient.signedIn(broker.port);
    using other = await RawClient.signedIn(broker.port, { user: "L2" });
    device.send(...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((id) => publishPacket(DOOR, `m${id}`, id)));
    await deliveries.count(4);
    other.send(publishPacket("lifts/L2/door", "other", 1));
    await other.ping();
    expect(deliveries.texts).toEqual(["m1", "m2", "m3", "m4", "other"]);
    deliveries.all[0]!.done(null);
    await device.until(puback(1));
    expect(deliveries.all).toHaveLength(5);
    deliveries.all[1]!.done(null);
    await deliveries.count(7);
    deliveries.settle = "at-once";
    deliveries.settleAll();
    await device.until([1, 2, 3, 4, 5, 6, 7, 8, 9].map(puback).join(""));
  });

  it.each([
    ["messages", { inFlight: 6 }, "x"],
    ["bytes", { inFlightBytes: 6_000 }, "x".repeat(1_000)],
  ])("stop reading everybody when too many %s wait, let them sign in meanwhile, and go on at half", async (_what, limits, payload) => {
    const deliveries = new Deliveries();
    deliveries.settle = "by-hand";
    await using broker = await openBroker(deliveries, limits);
    using first = await RawClient.signedIn(broker.port, { user: "L1" });
    using second = await RawClient.signedIn(broker.port, { user: "L2" });
    first.send(...[1, 2, 3, 4, 5, 6, 7].map((id) => publishPacket(DOOR, payload, id)));
    await deliveries.count(6);
    second.send(publishPacket("lifts/L2/door", "second", 1));
    using third = await RawClient.signedIn(broker.port, { user: "L3" });
    expect(third.closed).toBe(false);
    expect(broker.stats.state).toBe("not reading: 6 publishes wait for the journal");
    for (const held of deliveries.all.slice(0, 2)) held.done(null);
    await first.until(puback(1) + puback(2));
    expect(deliveries.all).toHaveLength(6);
    deliveries.settle = "at-once";
    deliveries.all[2]!.done(null);
    await deliveries.count(8);
    expect(deliveries.texts).toContain("second");
    deliveries.settleAll();
    await first.until([1, 2, 3, 4, 5, 6, 7].map(puback).join(""));
    await second.until(puback(1));
    expect(broker.stats.state).toBe("up");
  });

  it("drop a client that reads nothing, and no other", async () => {
    const deliveries = new Deliveries();
    await using broker = await openBroker(deliveries, { outboundBytes: 1_000 });
    using deaf = await RawClient.signedIn(broker.port);
    using other = await RawClient.signedIn(broker.port, { user: "L2" });
    deaf.socket.pause();
    const many = Buffer.concat(Array.from({ length: 20_000 }, () => publishPacket("a", "", 1)));
    const pump = setInterval(() => deaf.socket.write(many), 1);
    await vi.waitFor(() => expect(broker.stats.slowClients).toBe(1), { timeout: 60_000, interval: 5 });
    clearInterval(pump);
    await other.ping();
  });
});

describe("close", () => {
  it("takes nothing more, waits for what is in flight, acknowledges it, and then closes", async () => {
    const deliveries = new Deliveries();
    deliveries.settle = "by-hand";
    await using broker = await openBroker(deliveries);
    using device = await RawClient.signedIn(broker.port);
    device.send(publishPacket(DOOR, "a", 1));
    await deliveries.count(1);
    const closed = broker.close();
    device.send(publishPacket(DOOR, "late", 2));
    await expect(RawClient.open(broker.port)).rejects.toThrow("ECONNREFUSED");
    expect(device.closed).toBe(false);
    deliveries.settleAll();
    await closed;
    await device.gone;
    expect(device.received).toBe(puback(1));
    expect(deliveries.texts).toEqual(["a"]);
    await broker.close();
  });

  it("does not wait for ever for a journal that hangs", async () => {
    const deliveries = new Deliveries();
    deliveries.settle = "by-hand";
    await using broker = await openBroker(deliveries, { closeWithinMs: 50, lingerMs: 50 });
    using device = await RawClient.signedIn(broker.port);
    device.send(publishPacket(DOOR, "a", 1));
    await deliveries.count(1);
    await broker.close();
    await device.gone;
    expect(device.received).toBe("");
  });

  it("is not needed when the port is taken: that is said at once", async () => {
    await using broker = await openBroker(new Deliveries());
    await expect(openBroker(new Deliveries(), {}, { port: broker.port })).rejects.toThrow(`cannot listen on 127.0.0.1:${broker.port}`);
  });
});
