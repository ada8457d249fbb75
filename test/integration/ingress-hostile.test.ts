import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { connectPacket, Deliveries, openBroker, packet, PATIENCE, PINGREQ, publishPacket, RawClient } from "./ingress-client.ts";

const DOOR = "lifts/L1/door";
const SMALL_FRAME_BYTES = 66_560;

/** Bytes after which the connection of the one who sent them ends; nothing is delivered of them. */
const closing: [what: string, bytes: Buffer][] = [
  ["a second CONNECT", connectPacket()],
  ["packet type 0", Buffer.from([0x00, 0])],
  ["packet type 15", Buffer.from([0xf0, 0])],
  ["a server's CONNACK", Buffer.from([0x20, 2, 0, 0])],
  ["a server's SUBACK", Buffer.from([0x90, 3, 0, 1, 0])],
  ["a PUBACK for what was never sent", Buffer.from([0x40, 2, 0, 1])],
  ["a PUBREC for what was never sent", Buffer.from([0x50, 2, 0, 1])],
  ["a remaining length of five bytes", Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01])],
  ["a PUBLISH without a topic length", Buffer.from([0x30, 1, 0])],
  ["a PUBLISH with nothing", Buffer.from([0x30, 0])],
  ["a PUBLISH whose topic is longer than it", Buffer.from([0x30, 4, 0xff, 0xff, 0x61, 0x62])],
  ["a PUBLISH without room for its packet id", Buffer.from([0x32, 4, 0, 2, 0x61, 0x62])],
  ["a PUBLISH of QoS 3", Buffer.from([0x36, 6, 0, 2, 0x61, 0x62, 0, 1])],
  ["a PUBLISH of QoS 1 with packet id 0", publishPacket(DOOR, "x", 0)],
  ["a SUBSCRIBE with bad flags", packet(0x80, Buffer.from([0, 1, 0, 1, 0x61, 0]))],
  ["a SUBSCRIBE without a filter", packet(0x82, Buffer.from([0, 1]))],
  ["a SUBSCRIBE to a bad filter", packet(0x82, Buffer.from([0, 1, 0, 3]), Buffer.from("a#b"), Buffer.from([0]))],
  ["a SUBSCRIBE of a thousand levels", packet(0x82, Buffer.from([0, 1, 3, 0xe8]), Buffer.alloc(1_000, "/"), Buffer.from([0]))],
  ["a huge SUBSCRIBE", packet(0x82, Buffer.alloc(SMALL_FRAME_BYTES + 1))],
];

/** First bytes of a connection after which it ends. */
const strangers: [what: string, bytes: Buffer][] = [
  ["a PUBLISH before CONNECT", publishPacket(DOOR, "x", 1)],
  ["a PINGREQ before CONNECT", PINGREQ],
  ["HTTP", Buffer.from(`GET / HTTP/1.1\r\nHost: lifts\r\nUser-Agent: ${"x".repeat(100)}\r\n\r\n`)],
  ["TLS", Buffer.from("16030100c8010000c40303", "hex")],
  ["zeros", Buffer.alloc(100)],
  ["a CONNECT with nothing", Buffer.from([0x10, 0])],
  ["a CONNECT that ends in its protocol name", Buffer.from([0x10, 4, 0, 4, 0x4d, 0x51])],
  ["a CONNECT that ends before its keep-alive", Buffer.from("100700044d51545404", "hex")],
  ["a CONNECT for another protocol", connectPacket({ protocol: "HTTP" })],
  ["a CONNECT whose client id runs past its end", Buffer.from("100c00044d515454040200000fff", "hex")],
  ["a CONNECT whose reserved flag is set", Buffer.from("100c00044d5154540403000000ff", "hex")],
  ["a CONNECT of 5 KiB", connectPacket({ clientId: "c".repeat(5_000) })],
  ["a CONNECT of 200 MiB, said its header", Buffer.concat([Buffer.from([0x10, 0x80, 0x80, 0x80, 0x64]), Buffer.alloc(2_000)])],
];

/** Publishes that are refused but acknowledged; the device stays. */
const refused: [what: string, topic: string | Buffer, reason: string | null][] = [
  ["a wildcard #", "lifts/#", "topic-invalid"],
  ["a wildcard +", "lifts/+/door", "topic-invalid"],
  ["an empty topic", "", "topic-invalid"],
  ["NUL", "lifts/L1/do\0or", "topic-invalid"],
  ["bytes that are not UTF-8", Buffer.from([0x6c, 0xc3, 0x28]), "topic-invalid"],
  ["a surrogate in UTF-8", Buffer.from([0xed, 0xa0, 0x80]), "topic-invalid"],
  ["65,000 bytes", "t".repeat(65_000), "topic-invalid"],
  ["a thousand levels", "/".repeat(1_000), "topic-invalid"],
  ["$SYS", "$SYS/broker/clients", "topic-not-authorized"],
  ["another's lift", "lifts/L2/door", "topic-not-authorized"],
  ["another's lift by its prototype", "lifts/__proto__/door", "topic-not-authorized"],
  // What is merely unknown is for the monitor to say.
  ["four hundred levels", "/".repeat(400), null],
  ["an unknown topic", "hello", null],
];

const deliveries = new Deliveries();
let broker: Awaited<ReturnType<typeof openBroker>>;
/** A device that was there before all of this, and must be there after each of it. */
let bystander: RawClient;

beforeAll(async () => {
  broker = await openBroker(deliveries, { lingerMs: 100, sweepMs: 50 });
  bystander = await RawClient.signedIn(broker.port, { user: "L9" });
});
afterAll(async () => {
  bystander.socket.destroy();
  await broker.close();
});

describe("a hostile or broken client", () => {
  it.each(closing)("ends only itself with %s", async (_what, bytes) => {
    const before = deliveries.all.length;
    const errors = broker.stats.protocolErrors;
    using device = await RawClient.signedIn(broker.port);
    device.send(bytes);
    await device.gone;
    await bystander.ping();
    expect(deliveries.all).toHaveLength(before);
    expect(broker.stats.protocolErrors).toBe(errors + 1);
  });

  it.each(strangers)("is not let in with %s", async (_what, bytes) => {
    const before = deliveries.all.length;
    using device = await RawClient.open(broker.port);
    device.send(bytes);
    await device.gone;
    expect(device.received).toBe("");
    await bystander.ping();
    expect(deliveries.all).toHaveLength(before);
  });

  it.each(refused)(
    "that publishes to %s at any QoS is acknowledged, stays, and its message has the reason",
    async (_what, topic, reason) => {
      using device = await RawClient.signedIn(broker.port);
      for (const [qos, answer] of [
        [0, ""],
        [1, "40020007"],
        [2, "50020007"],
      ] as const) {
        const before = deliveries.all.length;
        device.received = "";
        device.send(publishPacket(topic, "payload", 7, qos));
        await deliveries.count(before + 1);
        await vi.waitFor(() => expect(device.received).toBe(answer), PATIENCE);
        const { arrival, text } = deliveries.all.at(-1)!;
        expect(arrival).toMatchObject({ refusal: reason, source: "L1", topic: topic.toString().slice(0, 512) });
        expect(text).toBe("payload");
      }
      await device.ping();
    },
  );

  it("with a payload of 64 KiB and a byte, or of megabytes, is acknowledged, quarantined once with its topic, and closed", async () => {
    for (const [size, pieces] of [
      [64 * 1024 + 1, 1],
      [SMALL_FRAME_BYTES + 100, 1],
      [1_000_000, 1],
      [300_000, 50],
    ] as const) {
      for (const [qos, answer] of [
        [0, ""],
        [1, "40020007"],
        [2, "50020007"],
      ] as const) {
        const before = deliveries.all.length;
        using device = await RawClient.signedIn(broker.port);
        const bytes = publishPacket(DOOR, Buffer.alloc(size, "p"), 7, qos);
        for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / pieces)) {
          device.send(bytes.subarray(at, at + Math.ceil(bytes.length / pieces)));
        }
        await device.gone;
        expect(device.received, `${size} bytes at QoS ${qos}`).toBe(answer);
        expect(deliveries.all).toHaveLength(before + 1);
        expect(deliveries.all.at(-1)).toMatchObject({ text: "p".repeat(256), arrival: { topic: DOOR, refusal: "payload-too-large" } });
        await bystander.ping();
      }
    }
    expect(broker.stats.oversized).toBe(12);
  });

  it("with an oversized packet whose topic fills what is read of it is closed all the same", async () => {
    const before = deliveries.all.length;
    using device = await RawClient.signedIn(broker.port);
    device.send(publishPacket("t".repeat(60_000), Buffer.alloc(60_000), 7));
    await device.gone;
    expect(deliveries.all).toHaveLength(before + 1);
    expect(deliveries.all.at(-1)!.arrival).toMatchObject({ refusal: "payload-too-large", topic: "t".repeat(512) });
    await bystander.ping();
  });

  it("that goes in the middle of a packet leaves nothing behind", async () => {
    const before = deliveries.all.length;
    const whole = publishPacket(DOOR, "x".repeat(200), 1);
    for (let length = 1; length < whole.length; length += 7) {
      using device = await RawClient.signedIn(broker.port);
      device.send(whole.subarray(0, length));
      device.socket.end();
      await device.gone;
    }
    await vi.waitFor(() => expect(broker.stats.connections).toBe(1), PATIENCE);
    expect(deliveries.all).toHaveLength(before);
    await bystander.ping();
  });

  it("may send any bytes before or after its sign-in: the process lives and the bystander stays", async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.uint8Array({ minLength: 1, maxLength: 300 }), async (signedIn, garbage) => {
        using device = signedIn ? await RawClient.signedIn(broker.port) : await RawClient.open(broker.port);
        device.socket.end(garbage);
        await device.gone;
        await bystander.ping();
        bystander.received = "";
      }),
      { numRuns: 150 },
    );
    expect(bystander.closed).toBe(false);
  });

  it("may damage valid packets anywhere: the process lives and the bystander stays", async () => {
    const valid = [
      connectPacket({ will: { topic: DOOR, payload: "gone" } }),
      Buffer.concat([connectPacket(), publishPacket(DOOR, "x", 1, 1), publishPacket(DOOR, "x", 2, 2), Buffer.from("62020002", "hex")]),
      Buffer.concat([connectPacket(), packet(0x82, Buffer.from([0, 1, 0, 1, 0x61, 0])), packet(0xa2, Buffer.from([0, 1, 0, 1, 0x61]))]),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...valid),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async (bytes, damage) => {
          const damaged = Buffer.from(bytes);
          for (const [at, value] of damage) damaged[at % damaged.length] = value;
          using device = await RawClient.open(broker.port);
          device.socket.end(damaged);
          await device.gone;
          await bystander.ping();
          bystander.received = "";
        },
      ),
      { numRuns: 300 },
    );
    expect(bystander.closed).toBe(false);
  });
});
