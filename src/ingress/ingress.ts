/** The ingress port: where messages come in. Two adapters: the embedded broker and a bridge to an external one. */
import type { Refusal } from "../core/entry.ts";

/** One publish as it came. `refusal` says why it goes to the quarantine instead of to its lift. */
export interface Arrival {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly source: string;
  readonly refusal: Refusal | null;
}

/**
 * Takes a message; `done` is called once: with null when it is durable, only then may it be acknowledged; with an error
 * when it was not taken, and then it must not be.
 */
export type Deliver = (arrival: Arrival, done: (error: Error | null) => void) => void;

export interface IngressStats {
  readonly connections: number;
  /** Publishes that wait to become durable. */
  readonly inFlight: number;
  readonly refusedConnections: number;
  /** `up`, or why messages cannot come in just now (an external broker that is away). */
  readonly state: string;
}

export interface Ingress {
  /** Port that it listens on, or null for a bridge. */
  readonly port: number | null;
  readonly stats: IngressStats;
  /** Stops taking messages, lets those in flight become durable and be acknowledged, then closes. */
  close(): Promise<void>;
}
