/**
 * Follows a probe through a running program, link by link: out by MQTT; back by REST and by the feed. The probe speaks as a lift that
 * is out of service, so that its fault is a real alert, suppressed by design, and nobody is paged (docs/operating.md).
 */
import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import mqtt, { type MqttClient } from "mqtt";
import { WebSocket } from "ws";
import { z } from "zod";
import { LIMITS } from "../config.ts";

export interface DoctorOptions {
  /** Of the program's HTTP side, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** An administrator's; null with authentication off. */
  readonly token: string | null;
  /** Default: the embedded broker, at the host of `url`. */
  readonly broker: string | null;
  /** At an external broker, which does not know the probe. */
  readonly brokerUsername: string | null;
  readonly brokerPassword: string | null;
}

export const LINKS = ["http", "sign-in", "broker", "journal", "monitor", "store", "feed"] as const;
export type LinkName = (typeof LINKS)[number];

export interface Link {
  readonly link: LinkName;
  readonly state: "ok" | "failed" | "not reached";
  /** What was seen, or what is wrong and what to look at. */
  readonly message: string;
  /** From the beginning of the step, or for the last three from the publish. */
  readonly ms: number | null;
}

const probeSchema = z.object({ liftId: z.string(), mqttPort: z.int().nullable(), username: z.string(), token: z.string() });
const healthSchema = z.object({
  status: z.string(),
  parts: z.array(z.object({ part: z.string(), ok: z.boolean(), message: z.string().nullish() })),
});
const liftSchema = z.object({ boot: z.string().nullable(), seq: z.int().nullable() });
const readingsSchema = z.object({ readings: z.array(z.object({ boot: z.string().optional(), seq: z.int() })) });
const frameSchema = z.object({
  type: z.string(),
  change: z.string().optional(),
  alert: z.object({ liftId: z.string(), hazard: z.string(), raisedAt: z.int() }).optional(),
});

type Probe = z.infer<typeof probeSchema>;

/** What fails, in words for a person. */
class Failure extends Error {
  override readonly name = "Failure";
}

/** Goes on as far as it can; never throws for what is wrong with the program. */
export async function examine(options: DoctorOptions): Promise<Link[]> {
  const links: Link[] = [];
  const step = async <T>(link: LinkName, since: number, look: () => Promise<readonly [T, string]>): Promise<T | null> => {
    try {
      const [result, message] = await look();
      links.push({ link, state: "ok", message, ms: Math.round(performance.now() - since) });
      return result;
    } catch (error) {
      const message = error instanceof Error && error.message !== "" ? error.message : String(error);
      links.push({ link, state: "failed", message, ms: null });
      return null;
    }
  };
  const ended = (): Link[] => {
    const seen = new Set(links.map(({ link }) => link));
    return [
      ...links,
      ...LINKS.filter((link) => !seen.has(link)).map((link): Link => ({ link, state: "not reached", message: "", ms: null })),
    ];
  };
  const web = new Web(options);
  if ((await step("http", performance.now(), () => web.health())) === null) return ended();
  const probe = await step("sign-in", performance.now(), () => web.probe());
  if (probe === null) return ended();
  await using feed = new FeedEar(options, probe.liftId);
  const client = await step("broker", performance.now(), () => connect(options, probe));
  if (client === null) return ended();
  try {
    await feed.opened.catch(() => undefined);
    const boot = `doctor-${randomBytes(6).toString("hex")}`;
    const at = Date.now();
    const sent = performance.now();
    if ((await step("journal", sent, () => publish(client, probe.liftId, boot, at))) === null) return ended();
    // Each by itself: a broken monitor's store may be well, and it is worth knowing.
    await Promise.all([
      step("monitor", sent, () => web.monitorHas(probe.liftId, boot)),
      step("store", sent, () => web.storeHas(probe.liftId, boot, at)),
      step("feed", sent, () => feed.hears(at)),
    ]);
    return LINKS.flatMap((name) => ended().filter(({ link }) => link === name));
  } finally {
    await client.endAsync(true);
  }
}

class Web {
  readonly #options: DoctorOptions;

  constructor(options: DoctorOptions) {
    this.#options = options;
  }

  async health(): Promise<readonly [true, string]> {
    const { status, body } = await this.#ask("GET", "/api/health");
    const parsed = healthSchema.safeParse(body);
    if (!parsed.success) throw new Failure(`${this.#options.url} answers ${status}, and not as Hoistway does`);
    const down = parsed.data.parts.filter(({ ok }) => !ok).map(({ part, message }) => (message == null ? part : `${part} (${message})`));
    return [true, down.length === 0 ? "every part says that it is well" : `it answers; down by its own word: ${down.join(", ")}`];
  }

  async probe(): Promise<readonly [Probe, string]> {
    const { status, body } = await this.#ask("POST", "/api/probe");
    if (status === 401 || status === 403)
      throw new Failure(`${status}: ${messageOf(body)}; give an administrator's token with --token-file, such as credentials/admin-token`);
    const parsed = probeSchema.safeParse(body);
    if (!parsed.success) throw new Failure(`POST /api/probe answers ${status}: ${messageOf(body)}`);
    return [parsed.data, this.#options.token === null ? "without a token" : "as an administrator"];
  }

  monitorHas(liftId: string, boot: string): Promise<readonly [true, string]> {
    return until("the monitor has not judged it: is it folding a long journal, or is the journal's disk stalled?", async () => {
      const { body } = await this.#ask("GET", `/api/lifts/${liftId}`);
      const lift = liftSchema.safeParse(body).data;
      return lift?.boot === boot && lift.seq === 2 ? "judged" : null;
    });
  }

  storeHas(liftId: string, boot: string, at: number): Promise<readonly [true, string]> {
    return until("the store does not have it: look at health, and at `pending` in /api/ledger", async () => {
      const { body } = await this.#ask("GET", `/api/lifts/${liftId}/readings?from=${at}&limit=100`);
      const rows = readingsSchema.safeParse(body).data?.readings ?? [];
      return rows.filter((row) => row.boot === boot).length === 3 ? "stored" : null;
    });
  }

  async #ask(method: string, path: string): Promise<{ readonly status: number; readonly body: unknown }> {
    const { url, token } = this.#options;
    const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
    let response: Response;
    try {
      response = await fetch(new URL(path, url), { method, headers, signal: AbortSignal.timeout(LIMITS.doctor.stepMs) });
    } catch (error) {
      const { cause, message } = error as Error;
      throw new Failure(
        `${url} cannot be reached (${cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message})`,
      );
    }
    const text = await response.text();
    return { status: response.status, body: text.startsWith("{") ? (JSON.parse(text) as unknown) : text };
  }
}

function messageOf(body: unknown): string {
  const parsed = z.object({ error: z.object({ message: z.string() }) }).safeParse(body);
  return parsed.data?.error.message ?? "an answer that is not Hoistway's";
}

/** Asks again and again until it is there. */
async function until(wrong: string, look: () => Promise<string | null>): Promise<readonly [true, string]> {
  const ends = performance.now() + LIMITS.doctor.stepMs;
  for (;;) {
    const found = await look();
    if (found !== null) return [true, found];
    if (performance.now() >= ends) throw new Failure(`${wrong} (${LIMITS.doctor.stepMs / 1_000} s)`);
    await setTimeout(LIMITS.doctor.pollMs);
  }
}

async function connect(options: DoctorOptions, probe: Probe): Promise<readonly [MqttClient, string]> {
  const { url, broker } = options;
  if (broker === null && probe.mqttPort === null) throw new Failure("the program uses an external broker; name it with --broker URL");
  const address = broker ?? `mqtt://${new URL(url).hostname}:${probe.mqttPort}`;
  const [username, password] = broker === null ? [probe.username, probe.token] : [options.brokerUsername, options.brokerPassword];
  const client = mqtt.connect(address, {
    clientId: `hoistway-doctor-${process.pid}`,
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: LIMITS.doctor.stepMs,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
  });
  const wrong = new Promise<never>((_resolve, reject) => {
    client.once("error", (error: Error) =>
      reject(new Failure(`${address}: ${error.message === "" ? "cannot be reached" : error.message}`)),
    );
    client.once("close", () => reject(new Failure(`${address}: closed the connection`)));
  });
  const connected = new Promise<void>((resolve) => client.once("connect", () => resolve()));
  await Promise.race([connected, wrong]);
  // From here on a publish that is not acknowledged tells.
  wrong.catch(() => undefined);
  client.on("error", () => undefined);
  return [client, address];
}

/** Three readings: out of service, a fault, its end. Acknowledged means durable (law L1). */
async function publish(client: MqttClient, liftId: string, boot: string, at: number): Promise<readonly [true, string]> {
  const readings = [
    ["status", { mode: "out-of-service" }],
    ["fault", { code: "probe", active: true }],
    ["fault", { code: "probe", active: false }],
  ] as const;
  const all = readings.map(([channel, fields], seq) =>
    client.publishAsync(`lifts/${liftId}/${channel}`, JSON.stringify({ at: at + seq, seq, boot, ...fields }), { qos: 1 }),
  );
  const late = setTimeout(LIMITS.doctor.stepMs, null, { ref: false }).then(() => {
    throw new Failure(
      `the publish is not acknowledged: the journal does not take it (${LIMITS.doctor.stepMs / 1_000} s); look at health and at the disk`,
    );
  });
  await Promise.race([Promise.all(all), late]);
  return [true, "acknowledged, so it is durable"];
}

/** Listens to the feed for the probe's changes. */
class FeedEar implements AsyncDisposable {
  readonly opened: Promise<void>;
  readonly #socket: WebSocket;
  readonly #heard: { readonly change: string; readonly raisedAt: number }[] = [];
  #problem: string | null = null;

  constructor({ url, token }: DoctorOptions, liftId: string) {
    const address = new URL(`/feed?liftId=${liftId}`, url);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    this.#socket = new WebSocket(address, {
      handshakeTimeout: LIMITS.doctor.stepMs,
      maxPayload: LIMITS.doctor.frameBytes,
      ...(token === null ? {} : { headers: { authorization: `Bearer ${token}` } }),
    });
    this.#socket.on("message", (data: Buffer) => this.#take(data.toString()));
    this.opened = new Promise((resolve, reject) => {
      this.#socket.once("open", resolve);
      this.#socket.on("error", (error: Error) => {
        this.#problem ??= error.message;
        reject(error);
      });
      this.#socket.on("close", (code: number) => {
        this.#problem ??= `it was closed with ${code}`;
        reject(new Error(this.#problem));
      });
    });
    this.opened.catch(() => undefined);
  }

  #take(text: string): void {
    const frame = frameSchema.safeParse(JSON.parse(text)).data;
    if (frame?.type === "change" && frame.change !== undefined && frame.alert !== undefined)
      this.#heard.push({ change: frame.change, raisedAt: frame.alert.raisedAt });
  }

  /** The alert that began with the probe, from its beginning to its end. */
  async hears(at: number): Promise<readonly [true, string]> {
    return until("the feed did not tell the probe's alert", async () => {
      if (this.#problem !== null) throw new Failure(`the feed: ${this.#problem}`);
      const own = this.#heard.filter(({ raisedAt }) => raisedAt >= at);
      return own.some(({ change }) => change === "cleared") ? `told: ${own.map(({ change }) => change).join(", ")}` : null;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
  }
}
