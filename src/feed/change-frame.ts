/** An alert change as the feed, alerts files and replays tell it (contract §§3 and 5). Pure. */
import type { Alert, Change } from "../core/effects.ts";

export interface ChangeFrame {
  readonly type: "change";
  readonly cursor: string;
  readonly change: Change["change"];
  /** An operator's name and note, or null. */
  readonly by: string | null;
  readonly note: string | null;
  /** The monitor's time of the change, ms since the epoch. */
  readonly at: number;
  readonly alert: Alert;
}

/** `EPOCH:SEQ`: the journal's id and the number of the last change seen. */
export function formatCursor(journalId: string, n: number): string {
  return `${journalId}:${n}`;
}

/** One change as a frame; a line of an alerts file is the same object (contract §3). */
export function changeFrame(journalId: string, { n, change, by, note, at, alert }: Change): ChangeFrame {
  return { type: "change", cursor: formatCursor(journalId, n), change, by, note, at, alert };
}
