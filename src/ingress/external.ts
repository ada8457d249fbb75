/** The bridge to an external broker: a durable session that acknowledges only what is durable here. */
import { connect } from "mqtt";
import type { IPublishPacket, MqttClient } from "mqtt";
import { LIMITS } from "../config.ts";
import { Acknowledgements, PUBACK, PUBREC } from "./acknowledgements.ts";
import { Flight } from "./flight.ts";
import type { Publisher } from "./flight.ts";
import type { Deliver, ForeignTopics, Ingress } from "./ingress.ts";
import type { MqttLimits } from "./limits.ts";
import { EXCERPT_BYTES } from "./limits.ts";
import { rateLimitedReports } from "./reports.ts";
import { judgeTopic } from "./topics.ts";

export interface ExternalBrokerOptions {
  /** `mqtt://` or `mqtts://`. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Names the session that the broker keeps while we are away: always the same one, and nobody else's. */
  readonly clientId: string;
  readonly deliver: Deliver;
  /** Topics of other vendors' devices that are taken too. */
  readonly foreign?: ForeignTopics | undefined;
  /** Takes log lines, of each kind at most one a minute. */
  readonly log?: (line: string) => void;
  /** Other bounds than `LIMITS.mqtt`, for tests. */
  readonly limits?: Partial<MqttLimits>;
}

const SUBSCRIPTION = "lifts/#";
/** Notices a broker that vanished without a word in one and a half times this (assumption). */
const KEEP_ALIVE_S = 30;
/** Who published is known to the external broker, and it has decided who may. */
const ANYONE = { mayPublish: () => true };

/** Resolves at once: the broker may be away, and `stats.state` says so. */
export async function openExternalBroker(options: ExternalBrokerOptions): Promise<Ingress> {
  const limits: MqttLimits = { ...LIMITS.mqtt, ...options.limits };
  const { host } = new URL(options.url);
  const flight = new Flight(options.deliver, limits);
  const report = rateLimitedReports(options.log);
  const counters = { oversized: 0, reconnects: 0 };
  let state = `connecting to ${host}`;
  let attempts = 0;
  let retryTimer: NodeJS.Timeout | undefined;
  let closing = false;
  let link = openLink();

  function openLink(): Link {
    return new Link({
      options,
      limits,
      flight,
      counters,
      onUp() {
        state = "up";
      },
      onProgress() {
        attempts = 0;
      },
      onLost(reason) {
        if (closing) return;
        // Full jitter: after a broker's restart its clients must not all come back in the same moment.
        const longestMs = Math.min(limits.reconnectMaxMs, limits.reconnectMinMs * 2 ** ++attempts);
        const waitMs = limits.reconnectMinMs + Math.random() * (longestMs - limits.reconnectMinMs);
        state = `${host} is away: ${reason}`;
        counters.reconnects++;
        report("external broker away", `${host}: ${reason}`);
        retryTimer = setTimeout(() => (link = openLink()), waitMs);
      },
    });
  }

  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    closing = true;
    clearTimeout(retryTimer);
    link.stopReading();
    await flight.empty(limits.closeWithinMs);
    await link.close(limits.lingerMs);
    state = "closed";
  };

  return {
    port: null,
    tlsPort: null,
    stats: {
      refusedConnections: 0,
      refusedSignIns: 0,
      protocolErrors: 0,
      timeouts: 0,
      slowClients: 0,
      get connections() {
        return link.connected ? 1 : 0;
      },
      get state() {
        return state;
      },
      get inFlight() {
        return flight.count;
      },
      get publishes() {
        return flight.publishes;
      },
      get bytes() {
        return flight.publishedBytes;
      },
      get refusedPublishes() {
        return flight.refused;
      },
      get failedPublishes() {
        return flight.failed;
      },
      get oversized() {
        return counters.oversized;
      },
      get reconnects() {
        return counters.reconnects;
      },
    },
    close: () => (closed ??= close()),
  };
}

interface LinkContext {
  readonly options: ExternalBrokerOptions;
  readonly limits: MqttLimits;
  readonly flight: Flight;
  readonly counters: { oversized: number };
  /** Signed in and subscribed. */
  onUp(): void;
  /** Messages come through, or have for long: the next loss is a new one, not another failure of the last. */
  onProgress(): void;
  /** Called once. */
  onLost(reason: string): void;
}

/** One connection. A lost one is never revived: what it had in flight is not acknowledged on the next, and so comes again. */
class Link implements Publisher {
  inFlight = 0;
  listed = false;
  readonly #context: LinkContext;
  readonly #client: MqttClient;
  readonly #owed = new Acknowledgements();
  /** Quality of service of the packet in hand, which mqtt.js is made to see as QoS 0. */
  #qos = 0;
  /** Lets mqtt.js go on to the next packet. */
  #goOn: (() => void) | null = null;
  #stopped = false;
  #lost = false;
  #upSinceMs = Number.POSITIVE_INFINITY;

  constructor(context: LinkContext) {
    this.#context = context;
    const { options, limits } = context;
    this.#client = connect(options.url, {
      clientId: options.clientId,
      ...(options.username === undefined ? {} : { username: options.username }),
      ...(options.password === undefined ? {} : { password: options.password }),
      protocolVersion: 4,
      clean: false,
      keepalive: KEEP_ALIVE_S,
      connectTimeout: limits.connectTimeoutMs,
      // mqtt.js would retry at a fixed period; the bridge retries with jitter.
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
    });
    // mqtt.js reads the next packet only after it sent the PUBACK, so one group commit would pass for each message. It is told
    // that these are QoS 0, which it does not answer; the answer is ours, in order, when the message is durable.
    this.#client.on("packetreceive", (packet) => {
      if (packet.cmd !== "publish") return;
      this.#qos = packet.qos;
      packet.qos = 0;
    });
    this.#client.handleMessage = (packet, callback) => this.#onMessage(packet, callback);
    this.#client.on("connect", () => this.#subscribe());
    this.#client.on("error", (error) => this.#lose(error.message || String((error as { code?: unknown }).code)));
    this.#client.on("close", () => this.#lose("the connection was closed"));
  }

  get connected(): boolean {
    return this.#client.connected;
  }

  stopReading(): void {
    this.#stopped = true;
  }

  flush(): void {
    if (this.#lost) return;
    const due = this.#owed.take();
    if (due !== null) {
      this.#client.stream.write(due);
      this.#context.onProgress();
    }
    if (this.#goOn === null || this.#stopped) return;
    if (this.#context.flight.full) {
      this.#context.flight.wait(this);
      return;
    }
    const goOn = this.#goOn;
    this.#goOn = null;
    goOn();
  }

  /** The broker would not send it again on this connection, but does on the next one. */
  onRefused(error: Error): void {
    this.#lose(`a message could not be kept (${error.message})`);
  }

  /** Acknowledges what is due and says goodbye. */
  async close(withinMs: number): Promise<void> {
    this.flush();
    this.#lost = true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#client.end(true);
        resolve();
      }, withinMs);
      this.#client.end(!this.#client.connected, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #subscribe(): void {
    const { foreign } = this.#context.options;
    const wanted = foreign === undefined ? [SUBSCRIPTION] : [SUBSCRIPTION, `${foreign.prefix}#`];
    this.#client.subscribe(wanted, { qos: 1 }, (error, granted) => {
      if (this.#lost) return;
      if (error !== null || granted?.some(({ qos }) => (qos as number) === 128)) {
        this.#lose(`the subscription to ${wanted.join(", ")} was refused`);
        return;
      }
      this.#upSinceMs = performance.now();
      this.#context.onUp();
    });
  }

  #onMessage(packet: IPublishPacket, callback: () => void): void {
    // What comes after the stop is not delivered, so not acknowledged: the broker keeps it for the next start.
    if (this.#stopped || this.#lost) return;
    const { flight, limits, counters, options } = this.#context;
    const judged = judgeTopic(packet.topic, ANYONE);
    const whole = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
    const oversized = whole.length > limits.payloadBytes;
    if (oversized) counters.oversized++;
    const owed = this.#qos === 0 ? null : this.#owed.owe(this.#qos === 1 ? PUBACK : PUBREC, packet.messageId ?? 0);
    flight.send(
      this,
      {
        topic: judged.topic,
        payload: oversized ? Buffer.from(whole.subarray(0, EXCERPT_BYTES)) : whole,
        source: options.clientId,
        refusal: oversized ? "payload-too-large" : judged.refusal,
      },
      owed,
    );
    if (flight.full) {
      this.#goOn = callback;
      flight.wait(this);
    } else callback();
  }

  #lose(reason: string): void {
    if (this.#lost) return;
    this.#lost = true;
    if (performance.now() - this.#upSinceMs > this.#context.limits.reconnectMaxMs) this.#context.onProgress();
    this.#client.end(true);
    this.#context.onLost(reason);
  }
}
