/** The ingress port: where messages come in. Two adapters: the embedded broker and a bridge to an external one. */
import type { Refusal } from "../core/entry.ts";

/** One publish as it came. `refusal` says why it goes to the quarantine instead of to its lift. */
export interface Arrival {
  /** MQTT topic; where its bytes were not UTF-8 their lossy reading, where it was too long its beginning. */
  readonly topic: string;
  /** Stays valid, and unchanged, for as long as it is referenced. Of an oversized message it is the beginning. */
  readonly payload: Uint8Array;
  /** Signed-in identity; at a bridge the client id of its session. */
  readonly source: string;
  readonly refusal: Refusal | null;
}

/**
 * Takes a message; `done` is called once: with null when it is durable, only then may it be acknowledged; with an error
 * when it was not taken, and then it must not be.
 */
export type Deliver = (arrival: Arrival, done: (error: Error | null) => void) => void;

/** Topics of another vendor's devices (a setting of the rules): which they are, and the lift that a payload speaks for. */
export interface ForeignTopics {
  readonly prefix: string;
  /** Null where it names none. */
  readonly liftOf: (payload: string) => string | null;
}

/** Counts since the start, unless they say otherwise. */
export interface IngressStats {
  /** Open now, signed in or not. */
  readonly connections: number;
  /** Publishes that wait to become durable, now. */
  readonly inFlight: number;
  /** Closed unread because the limit of connections was reached. */
  readonly refusedConnections: number;
  /** `up`, or why messages cannot come in just now (an external broker that is away, a journal that hangs). */
  readonly state: string;
  /** Publishes delivered, wills and refused ones included, and the bytes of their payloads. */
  readonly publishes: number;
  readonly bytes: number;
  /** Publishes delivered with a refusal; `oversized` is the part of them that was too large. */
  readonly refusedPublishes: number;
  readonly oversized: number;
  /** Publishes that `deliver` would not take: unacknowledged, to be sent again by the device. */
  readonly failedPublishes: number;
  /** Sign-ins with an unknown name or token. */
  readonly refusedSignIns: number;
  /** Connections closed for breaking MQTT 3.1.1 or TLS, or for asking for another version. */
  readonly protocolErrors: number;
  /** Connections closed because they fell silent, or because they read nothing. */
  readonly timeouts: number;
  readonly slowClients: number;
  /** A bridge's lost connections to its broker. */
  readonly reconnects: number;
}

export interface Ingress {
  /** Port that it listens on without TLS; null where there is none, and for a bridge. */
  readonly port: number | null;
  /** … and with TLS. */
  readonly tlsPort: number | null;
  readonly stats: IngressStats;
  /** Hands a publish to the people who listen on this broker now, with QoS 0. Absent at a bridge. */
  readonly publish?: (topic: string, payload: Uint8Array) => void;
  /** Ends the connections whose sign-in does not hold any more. Absent at a bridge. */
  readonly recheck?: () => void;
  /** Stops taking messages, lets those in flight become durable and be acknowledged, then closes. Bounded in time. */
  close(): Promise<void>;
}
