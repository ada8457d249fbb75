/**
 * Live publishing over real MQTT (3.1.1, QoS 1): a connection for each lift, or for each gateway that carries a building. What
 * is not acknowledged is sent again, in order; what is made while the link is away waits in the lift's outbox.
 */
import mqtt from "mqtt";
import type { IClientOptions, MqttClient } from "mqtt";
import { LIMITS } from "../../src/config.ts";
import { Bytes } from "../device/bytes.ts";
import { Outbox } from "../device/outbox.ts";
import type { Parcel } from "../device/outbox.ts";
import { PAYLOAD_BYTES } from "../device/sink.ts";
import type { Loss, Sink } from "../device/sink.ts";
import type { Random } from "../random.ts";
import type { Carrier } from "./carriers.ts";

export interface PublisherOptions {
  readonly broker: string;
  readonly liftIds: readonly string[];
  readonly carriers: readonly Carrier[];
  /** Token of each carrier by name; null connects without credentials. */
  readonly credentials: ReadonlyMap<string, string> | null;
  readonly random: Random;
  /** Simulated time, for wills and announcements that the model did not plan, ms. */
  readonly now: () => number;
  readonly will: (lift: number, at: number) => string;
  readonly announce: (lift: number, at: number) => void;
  /** Every carrier has been connected once. */
  readonly onAllConnected: () => void;
  /** The broker refuses a carrier's credentials: trying again would not help. */
  readonly onRefused: (carrier: string, reason: string) => void;
  /** This machine has no room for another connection: nor would trying again help. */
  readonly onExhausted: (reason: string) => void;
}

export interface PublisherStats {
  readonly connected: number;
  readonly published: number;
  readonly readings: number;
  readonly inFlight: number;
  /** Readings that wait for a link. */
  readonly waiting: number;
  readonly reconnects: number;
  readonly dropped: number;
  /** The last failure to connect, for people. */
  readonly lastError: string | null;
}

/** MQTT 3.1.1 return codes of CONNACK that a retry does not change: bad client id, bad user or token, not authorised. */
const REFUSALS: ReadonlySet<unknown> = new Set([2, 4, 5]);
/** No file descriptor left in the process or the system, or no port on this side. */
const SHORTAGES: ReadonlySet<unknown> = new Set(["EMFILE", "ENFILE", "EADDRNOTAVAIL"]);
const KEEP_ALIVE_S = 60;

export class Publisher implements Sink {
  readonly #links: Link[];
  readonly #linkOf: Link[] = [];
  #everConnected = 0;
  /** The message under way. */
  #under = { lift: 0, channel: "" };
  readonly #scratch = new Bytes(PAYLOAD_BYTES);
  readonly counters = { published: 0, readings: 0, reconnects: 0, lastError: null as string | null };

  constructor(options: PublisherOptions) {
    this.#links = options.carriers.map((carrier) => {
      const link = new Link(carrier, options, this.counters, () => {
        this.#everConnected++;
        if (this.#everConnected === this.#links.length) options.onAllConnected();
      });
      for (const lift of carrier.lifts) this.#linkOf[lift] = link;
      return link;
    });
  }

  get stats(): PublisherStats {
    let [connected, inFlight, waiting, dropped] = [0, 0, 0, 0];
    for (const link of this.#links) {
      if (link.up) connected++;
      inFlight += link.inFlight;
      waiting += link.waiting;
      dropped += link.dropped;
    }
    return { ...this.counters, connected, inFlight, waiting, dropped };
  }

  connect(lift: number, _at: number, will: string): void {
    this.#linkOf[lift]?.liftUp(lift, will);
  }
  drop(lift: number, _at: number, loss: Loss): void {
    this.#linkOf[lift]?.liftDown(lift, loss);
  }
  begin(lift: number, _at: number, channel: string): Bytes {
    this.#under = { lift, channel };
    this.#scratch.clear();
    return this.#scratch;
  }
  end(): void {
    const { lift, channel } = this.#under;
    this.#linkOf[lift]?.push(lift, { channel, payload: this.#scratch.toString(), count: 1 });
  }
  publish(lift: number, _at: number, channel: string, payload: Bytes): void {
    this.#linkOf[lift]?.push(lift, { channel, payload: payload.toString(), count: 1 });
  }
  noise(lift: number, _at: number, channel: string, payload: Buffer): void {
    this.#linkOf[lift]?.push(lift, { channel, payload, count: 1 });
  }

  /** Carriers that have been connected at some time. */
  get everConnected(): number {
    return this.#everConnected;
  }

  /** Waits for what is in flight, at most `drainMs`, and takes leave, so that no will is published. */
  async close(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.close()));
  }
}

interface Sent {
  readonly lift: number;
  readonly parcel: Parcel;
}

/** One connection, and the outboxes of the lifts that it carries. */
class Link {
  readonly #carrier: Carrier;
  readonly #options: PublisherOptions;
  readonly #counters: Publisher["counters"];
  readonly #firstUp: () => void;
  readonly #outboxes = new Map<number, Outbox>();
  /** Lifts that are reachable: all of a link that carries one lift and is wanted; those of a gateway whose own line is up. */
  readonly #present = new Map<number, string>();
  /** Lifts that may have something to send; insertion order is the order of service. */
  readonly #ready = new Set<number>();
  readonly #unacknowledged = new Map<number, Sent>();
  #client: MqttClient | null = null;
  #nextId = 0;
  #attempts = 0;
  #wasUp = false;
  /** The model announces a lift when it plans a connection; every other connection is announced here. */
  #planned = false;
  #retry: NodeJS.Timeout | null = null;
  #closing = false;
  #drained: (() => void) | null = null;
  up = false;

  constructor(carrier: Carrier, options: PublisherOptions, counters: Publisher["counters"], firstUp: () => void) {
    this.#carrier = carrier;
    this.#options = options;
    this.#counters = counters;
    this.#firstUp = firstUp;
    for (const lift of carrier.lifts) this.#outboxes.set(lift, new Outbox(LIMITS.simulator.outboxReadings));
  }

  get inFlight(): number {
    return this.#unacknowledged.size;
  }
  get waiting(): number {
    return [...this.#outboxes.values()].reduce((sum, outbox) => sum + outbox.size, 0);
  }
  get dropped(): number {
    return [...this.#outboxes.values()].reduce((sum, outbox) => sum + outbox.dropped, 0);
  }

  push(lift: number, parcel: Parcel): void {
    this.#outboxes.get(lift)?.push(parcel);
    this.#ready.add(lift);
    this.#pump();
  }

  liftUp(lift: number, will: string): void {
    this.#present.set(lift, will);
    this.#ready.add(lift);
    if (this.#client === null && this.#retry === null) {
      this.#planned = true;
      this.#connect();
    }
  }

  /**
   * A lift's own connection breaks, or that of the gateway with all its lifts. A gateway that has lost one of its lifts says in
   * the lift's name what the broker would have said.
   */
  liftDown(lift: number, loss: Loss): void {
    const will = this.#present.get(lift);
    this.#present.delete(lift);
    const alone = this.#carrier.lifts.length === 1;
    if (loss === "device") this.#outboxes.get(lift)?.clear();
    if (alone || loss === "gateway") this.#abandon();
    else if (will !== undefined && this.up) this.#send({ lift, parcel: { channel: "online", payload: will, count: 1 } });
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    const client = this.#client;
    if (client === null) return;
    if (this.up && this.#unacknowledged.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LIMITS.simulator.drainMs);
        this.#drained = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const polite = this.up && this.#unacknowledged.size === 0;
    this.up = false;
    this.#client = null;
    await new Promise<void>((resolve) => {
      client.end(!polite, {}, () => resolve());
    });
  }

  #connect(): void {
    const { broker, credentials, liftIds, random } = this.#options;
    const { name, lifts } = this.#carrier;
    const [lift] = lifts;
    const own = lifts.length === 1 && lift !== undefined ? (this.#present.get(lift) ?? null) : null;
    const token = credentials?.get(name);
    const options: IClientOptions = {
      clientId: name,
      protocolVersion: 4,
      clean: true,
      keepalive: KEEP_ALIVE_S,
      reconnectPeriod: 0,
      connectTimeout: LIMITS.simulator.connectTimeoutMs,
      resubscribe: false,
      queueQoSZero: false,
      ...(token === undefined ? {} : { username: name, password: token }),
      // A gateway's loss is the loss of many lifts, and MQTT allows one will: its lifts fall silent instead.
      ...(own === null || lift === undefined
        ? {}
        : { will: { topic: `lifts/${liftIds[lift]}/online`, payload: Buffer.from(own), qos: 1 as const, retain: true } }),
    };
    const client = mqtt.connect(broker, options);
    this.#client = client;
    client.on("connect", () => {
      if (this.#client === client) this.#connected();
    });
    client.on("error", (error: Error & { code?: unknown }) => {
      this.#counters.lastError = error.message === "" ? "the broker cannot be reached" : error.message;
      if (this.#client !== client) return;
      if (REFUSALS.has(error.code)) this.#options.onRefused(name, error.message);
      else if (SHORTAGES.has(error.code)) this.#options.onExhausted(error.message);
    });
    client.on("close", () => {
      if (this.#client !== client) return;
      this.#abandon();
      if (!this.#closing && this.#present.size > 0) this.#later(random);
    });
  }

  #connected(): void {
    this.up = true;
    this.#attempts = 0;
    this.#counters.lastError = null;
    const first = !this.#wasUp;
    this.#wasUp = true;
    if (first) this.#firstUp();
    else this.#counters.reconnects++;
    for (const lift of this.#outboxes.keys()) this.#ready.add(lift);
    if (!this.#planned) for (const lift of this.#present.keys()) this.#options.announce(lift, this.#options.now());
    this.#planned = false;
    this.#pump();
  }

  /** Full jitter between the first wait and twice the last, so that a city does not come back as one. */
  #later(random: Random): void {
    const { reconnectMinMs, reconnectMaxMs } = LIMITS.simulator;
    const most = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** this.#attempts);
    this.#attempts++;
    this.#retry = setTimeout(
      () => {
        this.#retry = null;
        if (this.#closing || this.#present.size === 0 || this.#client !== null) return;
        const now = this.#options.now();
        for (const lift of this.#present.keys()) this.#present.set(lift, this.#options.will(lift, now));
        this.#connect();
      },
      random.between(reconnectMinMs / 4, most),
    );
  }

  /** The connection is gone: what it had not acknowledged goes back to the front of its outbox. */
  #abandon(): void {
    const client = this.#client;
    this.#client = null;
    this.up = false;
    // Without a goodbye, so that the broker publishes the will.
    client?.stream?.destroy();
    client?.end(true);
    const back = new Map<number, Parcel[]>();
    for (const { lift, parcel } of this.#unacknowledged.values()) back.set(lift, [...(back.get(lift) ?? []), parcel]);
    this.#unacknowledged.clear();
    for (const [lift, parcels] of back) this.#outboxes.get(lift)?.unshift(parcels);
    this.#drained?.();
  }

  #pump(): void {
    const { inFlight, parcelBytes } = LIMITS.simulator;
    for (const lift of this.#ready) {
      if (!this.up || this.#closing) return;
      const outbox = this.#outboxes.get(lift);
      if (outbox === undefined || !this.#present.has(lift)) {
        this.#ready.delete(lift);
        continue;
      }
      while (this.#unacknowledged.size < inFlight) {
        const parcel = outbox.take(LIMITS.reading.perPayload, parcelBytes);
        if (parcel === null) break;
        this.#send({ lift, parcel });
      }
      if (outbox.size > 0) return;
      this.#ready.delete(lift);
    }
  }

  #send(sent: Sent): void {
    const client = this.#client;
    if (client === null) return;
    const id = this.#nextId++;
    this.#unacknowledged.set(id, sent);
    const { channel, payload, count } = sent.parcel;
    client.publish(`lifts/${this.#options.liftIds[sent.lift]}/${channel}`, payload, { qos: 1, retain: channel === "online" }, (error) => {
      // A connection that ended has handed its parcels back already.
      if (error || this.#client !== client || !this.#unacknowledged.delete(id)) return;
      this.#counters.published++;
      this.#counters.readings += count;
      if (this.#unacknowledged.size === 0) this.#drained?.();
      this.#pump();
    });
  }
}
