/** The monitor: one deterministic fold over the journal. Live, restart, replay and backtest are this one function. */
import type { Alert, Counts, Effects } from "./effects.ts";
import type { Entry } from "./entry.ts";
import type { LiftView } from "./view.ts";

/** Plain JSON, opaque to everyone but `restore`. */
export type Snapshot = unknown;

export interface Monitor {
  /** Sequence number of the last entry applied; 0 at the start. */
  readonly position: number;
  /** Number of the newest alert change; 0 at the start. SEQ of the feed's cursor. */
  readonly changeCount: number;
  readonly counts: Counts;
  /** Folds one entry. Entries come in order of `seq`. Never throws on what a device or a person sent. */
  apply(entry: Entry): Effects;
  /** All state, as plain JSON; `restore` of it is indistinguishable from having folded everything (law L3). */
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
  /** Active alerts, and cleared ones that wait for acknowledgement, newest first. */
  alerts(): readonly Alert[];
  alert(id: string): Alert | null;
  /** Ids of all lifts, registered or heard, in a fixed order. */
  liftIds(): readonly string[];
  lift(id: string): LiftView | null;
}
