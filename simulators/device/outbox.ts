/** Readings that wait for the link, in order, bounded; what goes out is one reading or an array of consecutive ones of a channel. */

/** One payload to be published under `lifts/{id}/{channel}`; `count` readings. */
export interface Parcel {
  readonly channel: string;
  /** JSON, ASCII; bytes where it is not JSON. */
  readonly payload: string | Buffer;
  readonly count: number;
}

export class Outbox {
  readonly #most: number;
  /** A queue over an array: what stands before `#head` is gone. */
  #items: Parcel[] = [];
  #head = 0;
  /** Readings that had to make room for newer ones. */
  dropped = 0;

  /** @param most readings kept; the oldest make room. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(parcel: Parcel): void {
    this.#items.push(parcel);
    if (this.size > this.#most) {
      this.dropped += this.#items[this.#head]?.count ?? 0;
      this.#head++;
      this.#compact();
    }
  }

  /** Puts back, in front, what was taken and not delivered. */
  unshift(parcels: readonly Parcel[]): void {
    this.#items = [...parcels, ...this.#items.slice(this.#head)];
    this.#head = 0;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }

  /**
   * Takes the next parcel: as many consecutive readings of one channel as the bounds allow. `online` goes alone, because it is
   * retained and a retained message must say one thing.
   */
  take(mostReadings: number, mostBytes: number): Parcel | null {
    const first = this.#items[this.#head];
    if (first === undefined) return null;
    this.#head++;
    if (first.channel === "online" || first.count > 1 || typeof first.payload !== "string") {
      this.#compact();
      return first;
    }
    const payloads = [first.payload];
    // Payloads are ASCII, so characters are bytes; two brackets, and a comma each.
    let bytes = first.payload.length + 2;
    for (;;) {
      const next = this.#items[this.#head];
      if (next === undefined || next.channel !== first.channel || next.count > 1 || typeof next.payload !== "string") break;
      bytes += next.payload.length + 1;
      if (payloads.length >= mostReadings || bytes > mostBytes) break;
      payloads.push(next.payload);
      this.#head++;
    }
    this.#compact();
    return payloads.length === 1 ? first : { channel: first.channel, payload: `[${payloads.join(",")}]`, count: payloads.length };
  }

  #compact(): void {
    if (this.#head === this.#items.length) this.clear();
    else if (this.#head > 1_024) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
