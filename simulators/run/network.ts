/**
 * What becomes of messages between device and broker: some arrive twice, late, broken or not at all. Seeded by lift, so a lift's
 * faults do not depend on what other lifts there are.
 */
import { Bytes } from "../device/bytes.ts";
import type { OutageRates } from "../device/link-outages.ts";
import { PAYLOAD_BYTES } from "../device/sink.ts";
import type { Loss, Sink } from "../device/sink.ts";
import type { Random } from "../random.ts";

export const NETWORKS = ["clean", "city", "bad"] as const;
export type NetworkName = (typeof NETWORKS)[number];

/** Shares of messages, and how often a carrier's way to the broker breaks. */
export interface NetworkRates {
  /** Sent again with the same bytes, as QoS 1 does when an acknowledgement is lost. */
  readonly duplicate: number;
  /** Overtaken by others. */
  readonly reorder: number;
  readonly lost: number;
  /** Replaced by something that is no reading. */
  readonly garbage: number;
  readonly outages: OutageRates;
}

/** All assumptions: a network that is mostly well, and one that no operator would accept. Null: nothing ever goes wrong. */
export const NETWORK_RATES: Readonly<Record<NetworkName, NetworkRates | null>> = {
  clean: null,
  city: {
    duplicate: 0.001,
    reorder: 0.002,
    lost: 0.000_1,
    garbage: 0.000_02,
    outages: { perDay: 1 / 30, medianMs: 90_000, sigma: 1.2 },
  },
  bad: {
    duplicate: 0.02,
    reorder: 0.03,
    lost: 0.005,
    garbage: 0.002,
    outages: { perDay: 6, medianMs: 120_000, sigma: 1 },
  },
};

/** A message that is overtaken is late by up to so much; a second copy comes within the time in which clients send again, ms (assumptions). */
const LATE_MS = [100, 3_000] as const;
const AGAIN_MS = [200, 20_000] as const;
/** A channel that the protocol does not have. */
const UNKNOWN_CHANNEL = "vibration";

const FAULTS = ["duplicate", "reorder", "lost", "garbage"] as const;
type Fault = (typeof FAULTS)[number];

interface Struck {
  readonly lift: number;
  readonly at: number;
  readonly channel: string;
}

export class Network implements Sink {
  readonly #inner: Sink;
  readonly #randoms: readonly Random[];
  readonly #weights: readonly number[];
  readonly #share: number;
  /** Messages of each lift until the next fault. */
  readonly #until: Float64Array;
  readonly #down: Uint8Array;
  /** The message under way that something befalls, composed apart. */
  #struck: Struck | null = null;
  readonly #scratch = new Bytes(PAYLOAD_BYTES);
  readonly counts: Record<Fault, number> = { duplicate: 0, reorder: 0, lost: 0, garbage: 0 };

  /** @param random of the run. */
  constructor(inner: Sink, rates: NetworkRates, liftIds: readonly string[], random: Random) {
    this.#inner = inner;
    this.#randoms = liftIds.map((liftId) => random.split("network", liftId));
    this.#weights = FAULTS.map((fault) => rates[fault]);
    this.#share = this.#weights.reduce((sum, weight) => sum + weight, 0);
    this.#until = Float64Array.from(this.#randoms, (own) => this.#gap(own));
    this.#down = new Uint8Array(liftIds.length);
  }

  connect(lift: number, at: number, will: string): void {
    this.#down[lift] = 0;
    this.#inner.connect(lift, at, will);
  }
  drop(lift: number, at: number, loss: Loss): void {
    this.#down[lift] = 1;
    this.#inner.drop(lift, at, loss);
  }
  noise(lift: number, at: number, channel: string, payload: Buffer): void {
    this.#inner.noise(lift, at, channel, payload);
  }

  begin(lift: number, at: number, channel: string): Bytes {
    // What waits for the link is not on the way; the announcement is part of the connection, which is there or not.
    if (this.#down[lift] !== 0 || channel === "online" || this.#until[lift]!-- > 0) return this.#inner.begin(lift, at, channel);
    this.#struck = { lift, at, channel };
    this.#scratch.clear();
    return this.#scratch;
  }
  end(): void {
    const struck = this.#struck;
    if (struck === null) {
      this.#inner.end();
      return;
    }
    this.#struck = null;
    this.#strike(struck, this.#scratch);
  }
  publish(lift: number, at: number, channel: string, payload: Bytes): void {
    this.#inner.publish(lift, at, channel, payload);
  }

  #strike({ lift, at, channel }: Struck, payload: Bytes): void {
    const random = this.#randoms[lift];
    if (random === undefined) return;
    this.#until[lift] = this.#gap(random);
    const fault = FAULTS[random.weighted(this.#weights)] ?? "lost";
    this.counts[fault]++;
    if (fault === "duplicate") {
      this.#inner.publish(lift, at, channel, payload);
      this.#inner.publish(lift, at + random.integer(...AGAIN_MS), channel, payload);
    } else if (fault === "reorder") this.#inner.publish(lift, at + random.integer(...LATE_MS), channel, payload);
    else if (fault === "garbage") this.#garble(lift, at, channel, payload, random);
  }

  /** Messages until the next fault: geometric. */
  #gap(random: Random): number {
    if (this.#share === 0) return Number.POSITIVE_INFINITY;
    return Math.floor(Math.log(1 - random.uniform()) / Math.log(1 - this.#share));
  }

  /** Cut off; of wrong types; of an unknown channel; not text at all. */
  #garble(lift: number, at: number, channel: string, payload: Bytes, random: Random): void {
    const text = payload.toString();
    const how = random.integer(0, 3);
    if (how === 0) this.#inner.noise(lift, at, channel, Buffer.from(text.slice(0, random.integer(1, text.length - 1))));
    else if (how === 1) {
      const wrong = new Bytes(2 * text.length);
      wrong.text(random.chance(0.5) ? text.replace(/"at":(\d+)/, '"at":"$1"') : text.replace(/"seq":\d+/, '"seq":null'));
      this.#inner.publish(lift, at, channel, wrong);
    } else if (how === 2) this.#inner.publish(lift, at, UNKNOWN_CHANNEL, payload);
    else {
      // The first byte begins no UTF-8 sequence, so that it is never JSON by chance.
      const bytes = Uint8Array.from({ length: random.integer(1, 64) }, (_, place) => (place === 0 ? 0xff : random.integer(0, 255)));
      this.#inner.noise(lift, at, channel, Buffer.from(bytes));
    }
  }
}
