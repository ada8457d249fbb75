/** Publishes over MQTT 3.1.1 at QoS 1 for many lifts: through one connection, or one for each lift that has a token of its own. */
import mqtt, { type MqttClient } from "mqtt";
import { LIMITS } from "../config.ts";
import { OperationalError, UsageError } from "../errors.ts";
import { readText } from "../files/text-file.ts";

export interface OutletOptions {
  readonly broker: string;
  /** Token of each user; null publishes without signing in. */
  readonly tokens: ReadonlyMap<string, string> | null;
  /** The user who publishes for all lifts; null where each lift is its own. */
  readonly gateway: string | null;
}

export interface OutletStats {
  readonly published: number;
  readonly inFlight: number;
  readonly connections: number;
  readonly reconnects: number;
}

/** MQTT 3.1.1 return codes that trying again does not change: bad client id, bad user or token, not authorised. */
const REFUSALS: ReadonlySet<unknown> = new Set([2, 4, 5]);
const SOLE = "";

export class Outlet {
  readonly #options: OutletOptions;
  readonly #links = new Map<string, Promise<MqttClient>>();
  readonly #ready = new Map<string, MqttClient>();
  #failure: Error | null = null;
  #published = 0;
  #inFlight = 0;
  #reconnects = 0;
  #wake: (() => void) | null = null;

  constructor(options: OutletOptions) {
    this.#options = options;
  }

  get stats(): OutletStats {
    return { published: this.#published, inFlight: this.#inFlight, connections: this.#ready.size, reconnects: this.#reconnects };
  }

  /** Whether anybody may publish for the lift. */
  serves(liftId: string): boolean {
    const { tokens, gateway } = this.#options;
    return tokens === null || gateway !== null || tokens.has(liftId);
  }

  /**
   * Publishes for a lift, in the order of the calls for it; waits for room, not for the acknowledgement.
   * @throws OperationalError when the broker cannot be reached, refuses, or stays away for too long.
   */
  async publish(liftId: string, topic: string, payload: string | Uint8Array, retain: boolean): Promise<void> {
    const user = this.#options.tokens === null || this.#options.gateway !== null ? SOLE : liftId;
    const client = this.#ready.get(user) ?? (await this.#link(user));
    while (this.#inFlight >= LIMITS.republish.inFlight && this.#failure === null) await this.#change();
    if (this.#failure !== null) throw this.#failure;
    this.#inFlight += 1;
    const bytes = typeof payload === "string" ? payload : Buffer.from(payload);
    client.publish(topic, bytes, { qos: 1, retain }, (error) => {
      this.#inFlight -= 1;
      if (error) this.#fail(new OperationalError("broker-lost", `a publish was given up: ${error.message}`));
      else this.#published += 1;
      this.#wake?.();
    });
  }

  /** Waits until everything is acknowledged, at most LIMITS.republish.drainMs after `hurry` is aborted. @throws as `publish`. */
  async drain(hurry: AbortSignal): Promise<void> {
    const late = new AbortController();
    const hasten = (): void => {
      setTimeout(() => {
        late.abort();
        this.#wake?.();
      }, LIMITS.republish.drainMs).unref();
    };
    if (hurry.aborted) hasten();
    else hurry.addEventListener("abort", hasten, { once: true });
    while (this.#inFlight > 0 && this.#failure === null && !late.signal.aborted) await this.#change();
    if (this.#failure !== null) throw this.#failure;
  }

  async close(): Promise<void> {
    const polite = this.#inFlight === 0 && this.#failure === null;
    await Promise.all([...this.#ready.values()].map((client) => client.endAsync(!polite)));
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        resolve();
      };
    });
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  #link(user: string): Promise<MqttClient> {
    let link = this.#links.get(user);
    if (link === undefined) {
      if (this.#links.size >= LIMITS.republish.connections)
        throw new OperationalError(
          "too-many-connections",
          `the recording needs more than ${LIMITS.republish.connections} connections; use --gateway`,
        );
      link = this.#connect(user);
      this.#links.set(user, link);
    }
    return link;
  }

  #connect(user: string): Promise<MqttClient> {
    const { broker, tokens, gateway } = this.#options;
    const name = user === SOLE ? gateway : user;
    const token = name === null ? undefined : tokens?.get(name);
    const { connectTimeoutMs, outageMs, reconnectMs } = LIMITS.republish;
    const client = mqtt.connect(broker, {
      // Not the device's own id: a broker closes the connection whose id comes again.
      clientId: `hoistway-replay-${process.pid}-${this.#links.size}`,
      protocolVersion: 4,
      clean: true,
      connectTimeout: connectTimeoutMs,
      reconnectPeriod: reconnectMs,
      queueQoSZero: false,
      ...(name === null || token === undefined ? {} : { username: name, password: token }),
    });
    let outage: NodeJS.Timeout | null = null;
    return new Promise((resolve, reject) => {
      client.on("connect", () => {
        if (outage !== null) clearTimeout(outage);
        outage = null;
        if (this.#ready.has(user)) this.#reconnects += 1;
        this.#ready.set(user, client);
        resolve(client);
      });
      const giveUp = (code: string, message: string): void => {
        const error = new OperationalError(code, `${broker}: ${message}`);
        client.end(true);
        reject(error);
        this.#fail(error);
      };
      client.on("error", (error: Error & { code?: unknown }) => {
        const reason = error.message === "" ? "cannot be reached" : error.message;
        if (REFUSALS.has(error.code))
          giveUp("broker-refused", `refuses ${name ?? "a client without a name"} (${reason}); give its token with --credentials FILE`);
        else if (!this.#ready.has(user)) giveUp("broker-unreachable", reason);
      });
      client.on("close", () => {
        if (client.disconnecting) return;
        if (!this.#ready.has(user)) giveUp("broker-unreachable", "closed the connection before it was made");
        else outage ??= setTimeout(() => giveUp("broker-lost", `has been away for ${outageMs / 60_000} minutes`), outageMs).unref();
      });
    });
  }
}

/** Lines `user,token`, as `credentials/devices.csv` has them. @throws UsageError naming the line; never its value, which is a secret. */
export function readTokens(flag: string, file: string): Map<string, string> {
  const tokens = new Map<string, string>();
  for (const [index, raw] of readText(flag, file).split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line === "user,token") continue;
    const comma = line.indexOf(",");
    if (comma <= 0 || comma === line.length - 1) throw new UsageError(`${file}: line ${index + 1}: expected user,token`);
    tokens.set(line.slice(0, comma), line.slice(comma + 1));
  }
  return tokens;
}
