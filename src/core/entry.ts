/**
 * What the journal holds, as the core sees it. The journal is the truth: every effect of Hoistway is a
 * function of these entries in the order of `seq`, and of nothing else (design.md, laws L2 and L3).
 */
import type { LiftRecord } from "./lift.ts";
import type { Rules } from "./rules.ts";

interface EntryBase {
  /** Position in the journal, from 1, without gaps unless the journal reports damage. */
  readonly seq: number;
  /** The monitor's clock when the entry was appended, ms since the epoch; never decreases along the journal. */
  readonly receivedAt: number;
}

/** Why the ingress would not pass a message on; the monitor quarantines it under this reason. */
export type Refusal = "topic-not-authorized" | "topic-invalid" | "payload-too-large";

/** One MQTT publish, as it came. */
export interface MessageEntry extends EntryBase {
  readonly kind: "message";
  /** MQTT topic. Where the bytes were not UTF-8 it is their lossy reading, and `refusal` is set. */
  readonly topic: string;
  /** Payload as text, or null where its bytes are not UTF-8 (the journal keeps the bytes). */
  readonly payload: string | null;
  /** What `payload` says as JSON, where whoever brings the entry has parsed it already. Not to be changed. */
  readonly parsed?: unknown;
  /** Signed-in identity that published it; "" when authentication is off. */
  readonly source: string;
  readonly refusal: Refusal | null;
}

/** The clock, once a second, so that silence and pending conditions advance without a clock in the core. */
export interface TickEntry extends EntryBase {
  readonly kind: "tick";
}

/** Operators' acts (contract §6). */
export const ACTS = ["acknowledge", "shelve", "unshelve", "dispatch", "arrive", "rescue", "close"] as const;
export type ActName = (typeof ACTS)[number];

/** An operator's act on one alert: who and what, and the words given with it. */
export interface Act {
  readonly act: ActName;
  readonly alertId: string;
  readonly by: string;
  readonly note: string | null;
  /** Why it is shelved, or closed though it is not over. */
  readonly reason: string | null;
  /** End of a shelving: an instant, ms since the epoch, or minutes from the act; at most one of them. */
  readonly until: number | null;
  readonly minutes: number | null;
}

export interface ActEntry extends EntryBase, Act {
  readonly kind: "act";
}

/**
 * A part of the register. `part` counts from 0 to `parts - 1`; the new register takes effect, whole, with the
 * last part. Parts exist because one entry is bounded in size and a city is not.
 */
export interface RegisterEntry extends EntryBase {
  readonly kind: "register";
  readonly part: number;
  readonly parts: number;
  readonly lifts: readonly LiftRecord[];
}

/** New limits, in force from here on. */
export interface RulesEntry extends EntryBase {
  readonly kind: "rules";
  readonly rules: Rules;
}

/** What was done on a lift: `modernisation` makes a new machine of it, the others mend the one there is. */
export const WORKS = ["maintenance", "repair", "modernisation"] as const;
export type Work = (typeof WORKS)[number];

/** Work was done on a lift: what was learnt of it begins anew. */
export interface WorkOrderEntry extends EntryBase {
  readonly kind: "work-order";
  readonly liftId: string;
  readonly work: Work;
  readonly by: string;
  readonly note: string | null;
}

/** A work order, before it has a place in the journal. */
export type WorkOrder = Pick<WorkOrderEntry, "liftId" | "work" | "by" | "note">;

export type Entry = MessageEntry | TickEntry | ActEntry | RegisterEntry | RulesEntry | WorkOrderEntry;
export type EntryKind = Entry["kind"];
