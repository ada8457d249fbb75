/** The publishes of all connections that wait to become durable: their count, its bounds, and who must be told. */
import type { Owed } from "./acknowledgements.ts";
import type { Arrival, Deliver } from "./ingress.ts";

/** One source of publishes: a connection. */
export interface Publisher {
  /** Its publishes in flight; kept by `Flight`. */
  inFlight: number;
  /** Already listed for `flush`; kept by `Flight`. */
  listed: boolean;
  /** Write what is due, read on if it may. Called once per turn of the event loop in which anything changed. */
  flush(): void;
  /** A publish was not taken. */
  onRefused(error: Error): void;
}

interface FlightLimits {
  readonly inFlight: number;
  readonly inFlightBytes: number;
}

export class Flight {
  count = 0;
  bytes = 0;
  /** Totals since the start. */
  publishes = 0;
  publishedBytes = 0;
  refused = 0;
  failed = 0;
  /** At a bound: nobody may send more until half of it is settled (the other half keeps the journal busy meanwhile). */
  full = false;
  readonly #deliver: Deliver;
  readonly #limits: FlightLimits;
  #listed: Publisher[] = [];
  #waiting: Publisher[] = [];
  #onEmpty: (() => void) | null = null;
  readonly #flush = (): void => {
    const listed = this.#listed;
    this.#listed = [];
    for (const publisher of listed) {
      publisher.listed = false;
      publisher.flush();
    }
  };

  constructor(deliver: Deliver, limits: FlightLimits) {
    this.#deliver = deliver;
    this.#limits = limits;
  }

  send(publisher: Publisher, arrival: Arrival, owed: Owed | null): void {
    const size = arrival.payload.byteLength;
    let settled = false;
    this.count++;
    this.bytes += size;
    this.publishes++;
    this.publishedBytes += size;
    if (arrival.refusal !== null) this.refused++;
    publisher.inFlight++;
    if (this.count >= this.#limits.inFlight || this.bytes >= this.#limits.inFlightBytes) this.full = true;
    this.#deliver(arrival, (error) => {
      if (settled) return;
      settled = true;
      this.count--;
      this.bytes -= size;
      publisher.inFlight--;
      if (error === null) {
        if (owed !== null) owed.due = true;
      } else {
        this.failed++;
        publisher.onRefused(error);
      }
      this.list(publisher);
      if (this.full && this.count <= this.#limits.inFlight / 2 && this.bytes <= this.#limits.inFlightBytes / 2) this.#reopen();
      if (this.count === 0) this.#onEmpty?.();
    });
  }

  /** Has `publisher.flush` called at the end of this turn: acknowledgements of one commit leave in one write per connection. */
  list(publisher: Publisher): void {
    if (publisher.listed) return;
    publisher.listed = true;
    if (this.#listed.push(publisher) === 1) setImmediate(this.#flush);
  }

  /** Has `publisher.flush` called when `full` ends. */
  wait(publisher: Publisher): void {
    this.#waiting.push(publisher);
  }

  /** Resolves when nothing is in flight, or after `withinMs`. */
  empty(withinMs: number): Promise<void> {
    if (this.count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #reopen(): void {
    this.full = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const publisher of waiting) this.list(publisher);
  }
}
