/** Lifts that say what a story needs, over MQTT, and a network between the program and a browser that can be cut. */
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from "node:net";
import { connectAsync } from "mqtt";

/** Longer than an entrapment must last to be confirmed (domain.md §3): said at once, with the device's times. */
const SHUT_IN_FOR_MS = 100_000;

export interface Speaking {
  /** Persons in a car that stands between floors, doors closed, for long enough to be told. */
  shutIn(liftId: string, persons: number, floor: number): Promise<void>;
  /** The door opens at a landing and everybody leaves. */
  free(liftId: string): Promise<void>;
  /** In service, standing at a landing, nobody inside. */
  well(liftId: string): Promise<void>;
  powerFails(liftId: string): Promise<void>;
  /** Much too fast, for as long as it takes to be told; then it stands. */
  overspeed(liftId: string): Promise<void>;
  calm(liftId: string): Promise<void>;
  end(): Promise<void>;
}

/** `device`: who they sign in as, where the program asks for that. */
export async function lifts(mqttPort: number, device: { readonly username?: string; readonly password?: string } = {}): Promise<Speaking> {
  const client = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { reconnectPeriod: 0, ...device });
  const seqs = new Map<string, number>();
  async function say(liftId: string, channel: string, at: number, fields: object): Promise<void> {
    const seq = seqs.get(liftId) ?? 0;
    seqs.set(liftId, seq + 1);
    await client.publishAsync(`lifts/${liftId}/${channel}`, JSON.stringify({ at, seq, ...fields }), { qos: 1 });
  }
  const status = { mode: "normal", powered: true };
  return {
    async shutIn(liftId, persons, floor) {
      const from = Date.now() - SHUT_IN_FOR_MS;
      await say(liftId, "status", from, { ...status, persons, floor, doorZone: false });
      await say(liftId, "door", from, { state: "closed" });
      await say(liftId, "speed", from, { speedMps: 0, floor, doorZone: false });
      for (let at = from + 20_000; at <= from + SHUT_IN_FOR_MS; at += 20_000)
        await say(liftId, "speed", at, { speedMps: 0, floor, doorZone: false });
    },
    async free(liftId) {
      const at = Date.now();
      // In this order: a car at a landing with people in it and its door still closed would be another entrapment.
      await say(liftId, "status", at, { ...status, persons: 0, floor: 1 });
      await say(liftId, "door", at, { state: "open" });
      await say(liftId, "speed", at, { speedMps: 0, floor: 1, doorZone: true });
    },
    async well(liftId) {
      const at = Date.now();
      await say(liftId, "status", at, { ...status, persons: 0, floor: 1, doorZone: true });
      await say(liftId, "door", at, { state: "closed" });
      await say(liftId, "speed", at, { speedMps: 0, floor: 1, doorZone: true });
    },
    powerFails: (liftId) => say(liftId, "status", Date.now(), { mode: "normal", powered: false }),
    async overspeed(liftId) {
      const at = Date.now() - 3_000;
      for (let step = 0; step <= 6; step += 1) await say(liftId, "speed", at + step * 500, { speedMps: 2.4, floor: 1, doorZone: false });
    },
    calm: (liftId) => say(liftId, "speed", Date.now(), { speedMps: 0, floor: 1, doorZone: true }),
    end: () => client.endAsync(),
  };
}

export interface Network {
  readonly port: number;
  /** Breaks every connection and refuses new ones. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** A port that leads to `port`, until it is cut. */
export async function network(port: number): Promise<Network> {
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connectTcp(port, "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one
        .on("error", () => other.destroy())
        .on("close", () => {
          open.delete(one);
          other.destroy();
        });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
      for (const socket of open) socket.destroy();
    },
    mend() {
      isCut = false;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
