/** What is to be told, what became of it, and how a target is reached. All of it is plain data but the transports. */
import type { Change, ChangeKind, Priority } from "../core/effects.ts";

/** What the register and the last readings say of a lift, for people. Null where it is unknown. */
export interface LiftFacts {
  readonly address: string | null;
  readonly userUnit: string | null;
  readonly floor: number | null;
  readonly persons: number | null;
}

/** Changes that a target's rate held back, counted. Times are the monitor's, ms since the epoch. */
export interface Summary {
  readonly from: number;
  readonly to: number;
  readonly changes: number;
  readonly byPriority: Readonly<Partial<Record<Priority, number>>>;
  readonly byHazard: Readonly<Record<string, number>>;
  readonly byDistrict: Readonly<Record<string, number>>;
}

export type Content =
  | { readonly kind: "change"; readonly change: Change; readonly lift: LiftFacts | null }
  | { readonly kind: "escalation"; readonly change: Change; readonly lift: LiftFacts | null; readonly afterMinutes: number }
  | { readonly kind: "summary"; readonly summary: Summary };

/** What a message is, whatever becomes of it. */
export interface Heading {
  /** Unique: the key and the target. */
  readonly id: string;
  /**
   * Deduplication key: alert id and change number, `:eN` added for the escalation after N minutes. An attempt that was not
   * recorded is repeated with the same one.
   */
  readonly key: string;
  readonly target: string;
  readonly route: string;
  readonly kind: Content["kind"];
  readonly change: ChangeKind | null;
  readonly alertId: string | null;
  readonly priority: Priority;
  /** The monitor's time at which it became due, ms since the epoch. */
  readonly at: number;
}

/** One message to one target that is still to be sent. */
export interface Delivery extends Heading {
  readonly content: Content;
  attempts: number;
  /** Why the last attempt failed. */
  lastError: string | null;
}

/** `failed`: the attempts are used up · `expired`: it grew too old · `dropped`: its target is not in the plan any more. */
export type Outcome = "sent" | "failed" | "expired" | "dropped";

/** What became of one; its content is in the journal. */
export interface Finished extends Heading {
  readonly outcome: Outcome;
  readonly finishedAt: number;
  readonly attempts: number;
  readonly lastError: string | null;
}

/** A message as a transport gets it. */
export interface Message {
  readonly delivery: Delivery;
  readonly subject: string;
  readonly text: string;
  /** For programs. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** An attempt that failed; `retryAfterMs` is what the other side asked for. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  readonly retryAfterMs: number;
  constructor(message: string, retryAfterMs = 0) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

export interface Transport {
  /** Resolves when the other side has taken it. @throws DeliveryError, or any Error: it was perhaps not taken, and is tried again. */
  send(message: Message, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
