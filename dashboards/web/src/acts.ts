/** Acknowledgements on their way: sent, and not yet come back over the feed. */
import { effect, signal } from "@preact/signals";
import type { Messages } from "./messages/messages.ts";
import { acknowledge, Refused } from "./rest.ts";
import { alertById, lists } from "./site.ts";

/** What went wrong is kept as a reason, not as text, so that it follows the reader's language. */
export type ActState = { readonly phase: "sending" } | { readonly phase: "failed"; readonly reason: (messages: Messages) => string };

/** By alert id. */
export const acts = signal<ReadonlyMap<string, ActState>>(new Map());

/** The change comes back over the feed within milliseconds; after this long something is wrong. */
const CONFIRM_WITHIN_MS = 10_000;
/** A row that moved less than this long ago was perhaps not the one that was meant. */
const SETTLE_MS = 400;

let movedAt = Number.NEGATIVE_INFINITY;
let order: readonly string[] = [];

/** Follows the lists: forgets acts that are done, and notes when rows moved. */
export function followLists(): void {
  effect(() => {
    const ids = lists.value.active.map((alert) => alert.id);
    if (order.some((id, index) => ids[index] !== id)) movedAt = performance.now();
    order = ids;
    const open = [...acts.peek()].filter(([id]) => alertById(id)?.acknowledged === false);
    if (open.length !== acts.peek().size) acts.value = new Map(open);
  });
}

/** `byPointer`: pressed with mouse or finger, which hits what has just moved under it; a key goes where the focus is. */
export async function sendAcknowledge(alertId: string, byPointer: boolean): Promise<void> {
  if (byPointer && performance.now() - movedAt < SETTLE_MS) {
    set(alertId, { phase: "failed", reason: (messages) => messages.alerts.moved });
    return;
  }
  const sending: ActState = { phase: "sending" };
  set(alertId, sending);
  try {
    await acknowledge(alertId);
  } catch (error) {
    set(alertId, { phase: "failed", reason: (messages) => `${messages.alerts.failed} ${explain(error, messages)}` });
    return;
  }
  window.setTimeout(() => {
    if (acts.value.get(alertId) !== sending) return;
    set(alertId, { phase: "failed", reason: (messages) => `${messages.alerts.failed} ${messages.alerts.unconfirmed}` });
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
