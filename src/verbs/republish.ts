/** `replay --broker`: the messages of a recording over MQTT again, as fast after one another as they came, or faster (docs/replay.md). */
import { setTimeout } from "node:timers/promises";
import { UsageError } from "../errors.ts";
import { openProgress } from "./progress.ts";
import { liftOf } from "../recording/lift-of.ts";
import { Outlet, readTokens } from "../recording/outlet.ts";
import { isWanted, play, type Wanted } from "../recording/play.ts";
import type { PlayedEntry } from "../recording/reader.ts";
import { log, stopSignal } from "./process.ts";

export interface RepublishFlags {
  readonly broker: string;
  readonly speed: string;
  readonly credentials?: string;
  readonly gateway?: string;
}

/** A wait this short is not worth a timer. */
const SHORT_MS = 1;
const SPEED_MOST = 1_000_000;

export async function republish(path: string, flags: RepublishFlags, wanted: Wanted): Promise<void> {
  const speed = speedOf(flags.speed);
  if (!/^mqtts?:\/\/[^\s]+$/.test(flags.broker) || !URL.canParse(flags.broker))
    throw new UsageError(`--broker: expected a URL such as mqtt://127.0.0.1:1883; found ${flags.broker}`);
  const tokens = flags.credentials === undefined ? null : readTokens("--credentials", flags.credentials);
  const gateway = flags.gateway ?? null;
  if (gateway !== null && tokens?.has(gateway) !== true)
    throw new UsageError(`--gateway: ${gateway} has no token; expected a line ${gateway},TOKEN in the file of --credentials`);
  const outlet = new Outlet({ broker: flags.broker, tokens, gateway });
  const told = new AbortController();
  void stopSignal().then(() => told.abort());
  const run = new Republisher(outlet, speed, told.signal);
  const progress = openProgress(process.stderr, () => performance.now());
  let begun: number | null = 0;
  let read: number | null = 0;
  try {
    for await (const batch of play(path, (done) => (read = done), log)) {
      for (const [index, played] of batch.entries()) {
        if (told.signal.aborted) break;
        if (played.kind !== "message" || !isWanted(played, wanted)) continue;
        await run.take(played);
        // Of a batch that was read at once, as much as has gone out.
        const gone = begun === null || read === null ? null : begun + ((read - begun) * (index + 1)) / batch.length;
        progress.show(gone, () => run.text());
      }
      begun = read;
      if (told.signal.aborted) break;
    }
    await outlet.drain(told.signal);
  } finally {
    await outlet.close();
    progress.end();
  }
  const { published, inFlight, reconnects } = outlet.stats;
  const summary = { published, unacknowledged: inFlight, skipped: run.skipped, reconnects, stopped: told.signal.aborted };
  process.stdout.write(`republished ${JSON.stringify(summary)}\n`);
}

class Republisher {
  /** Messages that cannot be published: refused when they came, of a topic that no client may use, or of a lift without a token. */
  skipped = 0;
  readonly #outlet: Outlet;
  readonly #speed: number;
  readonly #told: AbortSignal;
  /** Monotonic time at which the first message went out, and its receivedAt. */
  #startedAt = 0;
  #firstAt: number | null = null;
  #behindMs = 0;

  constructor(outlet: Outlet, speed: number, told: AbortSignal) {
    this.#outlet = outlet;
    this.#speed = speed;
    this.#told = told;
  }

  async take(message: PlayedEntry & { readonly kind: "message" }): Promise<void> {
    const { topic, refusal, receivedAt } = message;
    const payload = message.payload ?? message.bytes ?? null;
    const liftId = liftOf(topic, payload);
    // What a broker would close the connection for is left out, as the device's was.
    if (refusal !== null || payload === null || topic === "" || /^\$|[#+\0]/.test(topic) || !this.#outlet.serves(liftId)) {
      this.skipped += 1;
      return;
    }
    await this.#until(receivedAt);
    if (this.#told.aborted) return;
    // Contract §2: `online` is retained.
    await this.#outlet.publish(liftId, topic, payload, topic.endsWith("/online"));
  }

  async #until(receivedAt: number): Promise<void> {
    const now = performance.now();
    if (this.#firstAt === null) [this.#firstAt, this.#startedAt] = [receivedAt, now];
    const waitMs = this.#startedAt + (receivedAt - this.#firstAt) / this.#speed - now;
    this.#behindMs = Math.max(0, -waitMs);
    if (waitMs <= SHORT_MS) return;
    // Being told to stop ends the wait.
    await setTimeout(waitMs, undefined, { signal: this.#told }).catch(() => undefined);
  }

  text(): string {
    const { published, inFlight } = this.#outlet.stats;
    const rate = published / Math.max(0.001, (performance.now() - this.#startedAt) / 1_000);
    const behind = this.#behindMs > 1_000 ? `, ${Math.round(this.#behindMs / 1_000)} s behind` : "";
    return `${published} published, ${Math.round(rate)}/s, ${inFlight} in flight${behind}`;
  }
}

function speedOf(text: string): number {
  if (text === "max") return Infinity;
  const speed = text.trim() === "" ? Number.NaN : Number(text);
  if (speed > 0 && speed <= SPEED_MOST) return speed;
  throw new UsageError(`--speed: expected a factor above 0, up to ${SPEED_MOST}, or max; found ${text}`);
}
