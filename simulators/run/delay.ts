/** For a live run: holds what the network delays until its time has come. A recording needs none, since it sorts by arrival. */
import { LIMITS } from "../../src/config.ts";
import { Bytes } from "../device/bytes.ts";
import type { Loss, Sink } from "../device/sink.ts";

interface Held {
  readonly at: number;
  readonly lift: number;
  readonly channel: string;
  readonly payload: Bytes;
}

export class Delay implements Sink {
  readonly #inner: Sink;
  readonly #now: () => number;
  /** By time. */
  readonly #held: Held[] = [];

  /** @param now the simulation's time, ms. */
  constructor(inner: Sink, now: () => number) {
    this.#inner = inner;
    this.#now = now;
  }

  connect(lift: number, at: number, will: string): void {
    this.#inner.connect(lift, at, will);
  }
  drop(lift: number, at: number, loss: Loss): void {
    this.#inner.drop(lift, at, loss);
  }
  noise(lift: number, at: number, channel: string, payload: Buffer): void {
    this.#inner.noise(lift, at, channel, payload);
  }

  begin(lift: number, at: number, channel: string): Bytes {
    return this.#inner.begin(lift, at, channel);
  }
  end(): void {
    this.#inner.end();
  }

  publish(lift: number, at: number, channel: string, payload: Bytes): void {
    // Beyond the bound it goes at once: late or not, it must not be lost here.
    if (at <= this.#now() || this.#held.length >= LIMITS.simulator.delayedMessages) {
      this.#inner.publish(lift, at, channel, payload);
      return;
    }
    const copy = new Bytes(payload.length);
    copy.bytes(payload.buffer, 0, payload.length);
    let place = this.#held.length;
    while (place > 0 && (this.#held[place - 1]?.at ?? 0) > at) place--;
    this.#held.splice(place, 0, { at, lift, channel, payload: copy });
  }

  /** Lets go what is due at `at`, ms. */
  release(at: number): void {
    let due = 0;
    while (due < this.#held.length && (this.#held[due]?.at ?? 0) <= at) due++;
    for (const { at: time, lift, channel, payload } of this.#held.splice(0, due)) this.#inner.publish(lift, time, channel, payload);
  }
}
