/** Operators' acts on their way: sent, and not yet come back over the feed. */
import { effect, signal } from "@preact/signals";
import type { ActName } from "../../../src/core/entry.ts";
import { isDone } from "./handling.ts";
import type { Messages } from "./messages/messages.ts";
import { act, type ActWords, Refused } from "./rest.ts";
import { alertById, lists } from "./site.ts";

/** What went wrong is kept as a reason, not as text, so that it follows the reader's language. */
type ActState =
  | { readonly act: ActName; readonly phase: "sending" }
  | { readonly act: ActName; readonly phase: "failed"; readonly reason: (messages: Messages) => string };

/** By alert id. */
export const acts = signal<ReadonlyMap<string, ActState>>(new Map());

/** The change comes back over the feed within milliseconds; after this long something is wrong. */
const CONFIRM_WITHIN_MS = 10_000;
/** A row that moved less than this long ago was perhaps not the one that was meant. */
const SETTLE_MS = 400;

let movedAt = Number.NEGATIVE_INFINITY;

/** The list says that rows have changed places. */
export function rowsMoved(): void {
  movedAt = performance.now();
}

/** Forgets acts that the feed has brought back. Call once. */
export function followActs(): void {
  effect(() => {
    void lists.value;
    const waiting = acts.peek();
    const open = [...waiting].filter(([id, { act: name }]) => {
      const alert = alertById(id);
      return alert !== undefined && !isDone(name, alert);
    });
    if (open.length !== waiting.size) acts.value = new Map(open);
  });
}

/** `byPointer`: pressed with mouse or finger, which hits what has just moved under it; a key goes where the focus is. */
export async function send(alertId: string, name: ActName, words: ActWords, byPointer: boolean): Promise<void> {
  if (acts.value.get(alertId)?.phase === "sending") return;
  if (byPointer && performance.now() - movedAt < SETTLE_MS) {
    set(alertId, { act: name, phase: "failed", reason: (messages) => messages.alerts.moved });
    return;
  }
  const sending: ActState = { act: name, phase: "sending" };
  set(alertId, sending);
  try {
    await act(alertId, name, words);
  } catch (error) {
    set(alertId, { act: name, phase: "failed", reason: (messages) => `${messages.alerts.failed} ${explain(error, messages)}` });
    return;
  }
  window.setTimeout(() => {
    if (acts.value.get(alertId) !== sending) return;
    set(alertId, { act: name, phase: "failed", reason: (messages) => `${messages.alerts.failed} ${messages.alerts.unconfirmed}` });
  }, CONFIRM_WITHIN_MS);
}

function set(alertId: string, state: ActState): void {
  acts.value = new Map(acts.value).set(alertId, state);
}

function explain(error: unknown, messages: Messages): string {
  if (!(error instanceof Refused)) return messages.alerts.unanswered;
  const known: Readonly<Record<string, string>> = messages.outcomes;
  return known[error.code] ?? error.message;
}
