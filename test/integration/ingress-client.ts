/** What the ingress tests stand on: a broker whose deliveries are held or settled at will, and a client made of bytes. */
import { connect } from "node:net";
import type { Socket } from "node:net";
import { vi } from "vitest";
import { openEmbeddedBroker } from "../../src/ingress/embedded.ts";
import type { EmbeddedBrokerOptions } from "../../src/ingress/embedded.ts";
import type { Arrival, Ingress } from "../../src/ingress/ingress.ts";

export interface Held {
  readonly arrival: Arrival;
  readonly text: string;
  readonly done: (error: Error | null) => void;
}

/** Keeps what is delivered; settles it at once when `settle` is "at-once", else when the test says so. */
export class Deliveries {
  readonly all: Held[] = [];
  settle: "at-once" | "by-hand" | "later" = "at-once";

  readonly deliver = (arrival: Arrival, done: (error: Error | null) => void): void => {
    this.all.push({ arrival, text: Buffer.from(arrival.payload).toString(), done });
    if (this.settle === "at-once") done(null);
    else if (this.settle === "later") setImmediate(done, null);
  };

  get texts(): string[] {
    return this.all.map(({ text }) => text);
  }

  settleAll(error: Error | null = null): void {
    for (const { done } of this.all) done(error);
  }

  /** Waits until so many were delivered. */
  async count(count: number): Promise<void> {
    await vi.waitFor(() => {
      if (this.all.length < count) throw new Error(`${this.all.length} delivered; expected ${count}`);
    }, PATIENCE);
  }
}

export const PATIENCE = { timeout: 10_000, interval: 2 };

/** Devices `L1`, `L2`, …: the token is `secret`; each may publish for the lift of its name. */
const authenticate: EmbeddedBrokerOptions["authenticate"] = (user, token) =>
  token === "secret" && user !== undefined ? { name: user, mayPublish: (liftId) => liftId === user } : null;

export async function openBroker(
  deliveries: Deliveries,
  limits: EmbeddedBrokerOptions["limits"] = {},
  more: Partial<EmbeddedBrokerOptions> = {},
): Promise<Ingress & { port: number; [Symbol.asyncDispose](): Promise<void> }> {
  const broker = await openEmbeddedBroker({ host: "127.0.0.1", port: 0, authenticate, deliver: deliveries.deliver, limits, ...more });
  return { ...broker, port: broker.port!, close: () => broker.close(), [Symbol.asyncDispose]: () => broker.close() };
}

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

export function packet(first: number, ...body: Buffer[]): Buffer {
  const bytes = Buffer.concat(body);
  const length: number[] = [];
  let rest = bytes.length;
  do {
    length.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from([first, ...length]), bytes]);
}

export interface ConnectFields {
  user?: string;
  token?: string;
  clientId?: string;
  keepAliveS?: number;
  level?: number;
  protocol?: string;
  will?: { topic: string; payload: string };
}

export function connectPacket(fields: ConnectFields = {}): Buffer {
  const { user = "L1", token = "secret", clientId = `c-${user}`, keepAliveS = 0, level = 4, protocol = "MQTT", will } = fields;
  const header = Buffer.concat([
    text(protocol),
    Buffer.from([level, 0xc2 | (will === undefined ? 0 : 0x04), keepAliveS >> 8, keepAliveS & 0xff]),
  ]);
  const wills = will === undefined ? [] : [text(will.topic), text(will.payload)];
  return packet(0x10, header, text(clientId), ...wills, text(user), text(token));
}

export function publishPacket(topic: string | Buffer, payload: string | Buffer, packetId = 1, qos: 0 | 1 | 2 = 1): Buffer {
  const id = qos === 0 ? Buffer.alloc(0) : Buffer.from([packetId >> 8, packetId & 0xff]);
  return packet(0x30 | (qos << 1), text(topic), id, Buffer.from(payload));
}

export const PINGREQ = Buffer.from([0xc0, 0]);
export const DISCONNECT = Buffer.from([0xe0, 0]);

/** A socket that sends any bytes, and remembers what came back. */
export class RawClient {
  readonly socket: Socket;
  /** Everything received, in hex. */
  received = "";
  /** Number of chunks it came in. */
  chunks = 0;
  closed = false;
  /** Resolves when the connection is closed, by whomever. */
  readonly gone: Promise<void>;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.received += chunk.toString("hex");
      this.chunks++;
    });
    socket.on("error", () => {});
    this.gone = new Promise((resolve) => {
      socket.on("close", () => {
        this.closed = true;
        resolve();
      });
    });
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const client = new RawClient(socket);
    await new Promise((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return client;
  }

  /** Open and signed in. */
  static async signedIn(port: number, fields: ConnectFields = {}): Promise<RawClient> {
    const client = await RawClient.open(port);
    client.send(connectPacket(fields));
    await client.until("20020000");
    client.received = "";
    client.chunks = 0;
    return client;
  }

  send(...bytes: Buffer[]): void {
    this.socket.write(Buffer.concat(bytes));
  }

  /** Waits until exactly these bytes have come, no fewer and no others before them. */
  async until(hex: string): Promise<void> {
    await vi.waitFor(() => {
      if (!this.received.startsWith(hex)) throw new Error(`received ${this.received.slice(0, 200)}; expected ${hex.slice(0, 200)}`);
    }, PATIENCE);
  }

  /** A round trip: what it sent before has been read, and it is still connected. */
  async ping(): Promise<void> {
    const before = this.received;
    this.send(PINGREQ);
    await this.until(`${before}d000`);
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
