/** Poison for the whole program: nothing crashes, nobody else notices, and each of it can be read in the quarantine. */
import { connectAsync, type MqttClient } from "mqtt";
import { describe, expect, it, vi } from "vitest";
import type { Quarantined } from "../../src/core/effects.ts";
import { GOOD_AMONG_POISON, type Poison, poisons } from "../program/poison.ts";
import { fetchJson, quarantineOf, readingsOf } from "../program/rest.ts";
import { ledgerOf, openSite, PATIENCE, type Program, serve, stored } from "../program/run.ts";
import { publishPacket, RawClient } from "./ingress-client.ts";

const LIFTS = [{ liftId: "L1", ratedSpeedMps: 1.75 }];
const JOURNEY = { speedMps: 1, floor: 3, doorZone: false };

/** A client that behaves, one reading after the other, until it is told to stop. */
class GoodClient {
  sent = 0;
  readonly #client: MqttClient;
  readonly #done: Promise<void>;
  #stopped = false;
  disconnects = 0;

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on("close", () => {
      if (!this.#stopped) this.disconnects += 1;
    });
    this.#done = this.#run();
  }

  static async connect(port: number): Promise<GoodClient> {
    return new GoodClient(await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, clientId: "good" }));
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const reading = { at: Date.now(), seq: this.sent, boot: "good", ...JOURNEY };
      await this.#client.publishAsync("lifts/L1/speed", JSON.stringify(reading), { qos: 1 });
      this.sent += 1;
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
    await this.#client.endAsync();
  }
}

/** Asks for the ledger again and again; every answer must add up. */
function watchLedger(program: Program): { stop(): Promise<number> } {
  const stopped = new AbortController();
  const done = (async () => {
    let asked = 0;
    for (; !stopped.signal.aborted; asked += 1) await ledgerOf(program.rest);
    return asked;
  })();
  return {
    stop() {
      stopped.abort();
      return done;
    },
  };
}

/** One device sends it and sees its acknowledgement; what happens to its connection is as the contract says. */
async function send(program: Program, device: RawClient | null, poison: Poison): Promise<RawClient | null> {
  const sender = device ?? (await RawClient.signedIn(program.mqttPort, { clientId: "hostile" }));
  sender.received = "";
  sender.send(publishPacket(poison.topic, poison.payload, 7));
  await vi.waitFor(() => expect(sender.received, poison.what).toBe("40020007"), PATIENCE);
  if (poison.oversized !== true) {
    await sender.ping();
    return sender;
  }
  await sender.gone;
  return null;
}

function matching(quarantine: readonly Quarantined[], { topic, shown }: Poison): readonly Quarantined[] {
  return quarantine.filter((row) => row.topic === (shown ?? topic));
}

describe("poison", () => {
  it("is quarantined with its reason, one by one, while the good client's readings are all stored and the ledger adds up", async () => {
    await using site = await openSite(LIFTS);
    await using program = await serve(site);
    const good = await GoodClient.connect(program.mqttPort);
    const ledgers = watchLedger(program);
    const corpus = poisons();
    expect(corpus.length).toBeGreaterThan(200);
    let device: RawClient | null = null;
    for (const poison of corpus) device = await send(program, device, poison);
    device?.socket.destroy();
    await good.stop();
    expect(good.disconnects).toBe(0);
    expect(await ledgers.stop()).toBeGreaterThan(20);

    const ledger = await stored(program.rest);
    expect(ledger).toMatchObject({ quarantined: corpus.length, accepted: good.sent + GOOD_AMONG_POISON, duplicate: 0 });
    await vi.waitFor(async () => expect(await quarantineOf(program.rest)).toHaveLength(corpus.length), PATIENCE);
    const quarantine = await quarantineOf(program.rest);
    for (const poison of corpus) {
      const rows = matching(quarantine, poison);
      expect(rows, poison.what).toHaveLength(1);
      expect(rows[0], poison.what).toMatchObject({ reason: poison.reason, path: poison.path ?? "" });
      expect(rows[0]?.message, poison.what).toMatch(/expected|invalid|too|refused/i);
      expect(rows[0]?.message.length, poison.what).toBeLessThan(400);
      const excerpt = rows[0]?.excerpt ?? "";
      expect(excerpt.length, poison.what).toBeLessThanOrEqual(500);
      const given = Buffer.from(poison.payload)
        .toString()
        .replace(/^\uFEFF/, "");
      // The store's reader drops a byte order mark, and a character that the excerpt cuts in two becomes U+FFFD.
      expect(poison.reason === "payload-not-utf8" || given.startsWith(excerpt.replace(/\uFFFD$/, "")), poison.what).toBe(true);
    }
    const readings = await readingsOf(program.rest, "L1");
    expect(readings).toHaveLength(good.sent);
    expect(readings.every((row, index) => row.seq === index && row["speedMps"] === 1)).toBe(true);

    // And a start from the journal that has it all comes to the same.
    expect(await program.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    await using again = await serve(site);
    expect(await stored(again.rest)).toEqual(ledger);
    expect(await quarantineOf(again.rest)).toEqual(quarantine);
  });

  it("that is strange but within the contract is taken: unknown fields, duplicate keys, leaps in seq, ids of every object", async () => {
    await using site = await openSite(LIFTS);
    await using program = await serve(site);
    const client = await connectAsync(`mqtt://127.0.0.1:${program.mqttPort}`, { reconnectPeriod: 0 });
    const at = Date.now();
    const deep = `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`;
    const publish = (topic: string, payload: string) => client.publishAsync(topic, payload, { qos: 1 });
    await publish("lifts/S1/speed", `{"at":${at},"seq":0,"speedMps":1,"unknown":${deep}}`);
    await publish("lifts/S1/speed", `{"at":${at + 1},"seq":1,"speedMps":2,"speedMps":1,"__proto__":{"floor":9}}`);
    await publish("lifts/S1/speed", `{"at":${at + 2},"seq":${Number.MAX_SAFE_INTEGER},"speedMps":1}`);
    await publish("lifts/S1/speed", `{"at":${at + 3},"seq":2,"speedMps":1}`);
    await publish("lifts/S2/speed", `{"at":${at},"seq":${Number.MAX_SAFE_INTEGER},"speedMps":1}`);
    await publish("lifts/S2/speed", `{"at":${at},"seq":${Number.MAX_SAFE_INTEGER},"speedMps":1}`);
    await publish("lifts/S3/speed", `{"at":${Number.MAX_SAFE_INTEGER},"seq":0,"speedMps":1}`);
    await publish("lifts/S3/speed", `{"at":0,"seq":1,"speedMps":1}`);
    for (const liftId of ["__proto__", "constructor", "toString"])
      await publish(`lifts/${liftId}/speed`, `{"at":${at},"seq":0,"speedMps":1}`);
    await client.endAsync();
    expect(await stored(program.rest)).toMatchObject({ received: 11, accepted: 10, duplicate: 1, quarantined: 0 });
    expect((await readingsOf(program.rest, "S1")).map(({ seq, speedMps, floor }) => [seq, speedMps, floor])).toEqual([
      [0, 1, undefined],
      [1, 1, undefined],
      [Number.MAX_SAFE_INTEGER, 1, undefined],
      [2, 1, undefined],
    ]);
    expect(await readingsOf(program.rest, "__proto__")).toMatchObject([{ at, seq: 0, speedMps: 1 }]);
    expect(await fetchJson(program.rest, "/api/lifts/constructor")).toMatchObject({ liftId: "constructor", register: null });
    expect((await readingsOf(program.rest, "S3")).map(({ at }) => at)).toEqual([0, Number.MAX_SAFE_INTEGER]);
    expect(await program.kill("SIGTERM")).toEqual({ code: 0, signal: null });
  });
});
