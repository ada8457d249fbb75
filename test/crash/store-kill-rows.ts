/** What entry `n` brings about, as a function of n alone, so that after any kill the store's contents can be told. */
import { alert, batch, change, DAY, DAY_MS, dayCount, quarantined, stored } from "../contract/store-rows.ts";
import type { Change, StoredReading } from "../../src/core/effects.ts";
import type { StoreBatch } from "../../src/store/store.ts";

/** Entries of a batch. Its end does not depend on where kills made it begin. */
const BATCH = 100;
/** Entries of a day: slices close, and are sorted, while the kills go on. */
const ENTRIES_A_DAY = 1_500;
export const LIFTS = 4;

export function readingsOf(entry: number): StoredReading[] {
  const receivedAt = DAY + Math.floor(entry / ENTRIES_A_DAY) * DAY_MS;
  return Array.from({ length: entry % 4 }, (_, index) =>
    stored(
      entry,
      "speed",
      { at: DAY + entry * 1_000 + index, seq: entry, boot: "b", speedMps: entry / 100 },
      { index, receivedAt, liftId: `L${entry % LIFTS}` },
    ),
  );
}

/** Every tenth entry changes an alert. */
export function changeOf(entry: number): Change | null {
  if (entry % 10 !== 0) return null;
  return change(entry / 10, "updated", alert(`A${entry % 7}`, { occurrences: entry, liftId: `L${(entry % 7) % LIFTS}` }));
}

export function batchAt(from: number): StoreBatch {
  const to = Math.ceil(from / BATCH) * BATCH;
  const entries = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return batch(from, to, {
    readings: entries.flatMap(readingsOf),
    changes: entries.map(changeOf).filter((row) => row !== null),
    quarantined: entries.filter((entry) => entry % 25 === 0).map((entry) => quarantined(entry)),
    days: Array.from({ length: LIFTS }, (_, lift) => dayCount("2026-11-22", `L${lift}`, to)),
  });
}
