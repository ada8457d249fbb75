/** What changed since the last report: by the conditional test of two counts, never by the bare difference. */
import { compareRates, type Counts } from "../trends/before-after.ts";
import type { Change } from "./document.ts";

/** Below it a change is told as one. */
export const SIGNIFICANT = 0.05;

export function changeOf(before: Counts, after: Counts): Change {
  const { ratio = null, low, high, p } = compareRates(before, after);
  return judged({ ratio: ratio === Infinity ? null : ratio, low, high: high === Infinity ? null : high, p }, before, after);
}

/**
 * Changes of many groups at once, p adjusted so that all of them together cry wolf once in twenty tables (Holm 1979, A simple sequentially
 * rejective multiple test procedure, Scandinavian Journal of Statistics 6).
 */
export function changesOf(pairs: readonly { readonly before: Counts; readonly after: Counts }[]): Change[] {
  const changes = pairs.map(({ before, after }) => changeOf(before, after));
  const tested = changes.flatMap((change, index) => (change.verdict === "unknown" ? [] : [index]));
  const order = tested.toSorted((a, b) => changes[a]!.p - changes[b]!.p);
  let least = 0;
  for (const [place, index] of order.entries()) {
    least = Math.max(least, Math.min(1, changes[index]!.p * (order.length - place)));
    changes[index] = judged({ ...changes[index]!, p: least }, pairs[index]!.before, pairs[index]!.after);
  }
  return changes;
}

function judged(change: Omit<Change, "verdict">, before: Counts, after: Counts): Change {
  return { ...change, verdict: verdictOf(change.p, before, after) };
}

function verdictOf(p: number, before: Counts, after: Counts): Change["verdict"] {
  if (before.exposure === 0 || after.exposure === 0) return "unknown";
  if (p >= SIGNIFICANT) return "same";
  return after.events / after.exposure > before.events / before.exposure ? "up" : "down";
}
