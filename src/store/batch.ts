/** Effects gathered into one batch of the store port. */
import { LIMITS } from "../config.ts";
import { workOf } from "../core/effects.ts";
import type { Change, DayCount, Effects, Quarantined, WorkRow } from "../core/effects.ts";
import { Packing } from "./packing.ts";
import type { StoreBatch } from "./store.ts";

export interface GrowingBatch extends StoreBatch {
  readonly to: number;
  /** Rows gathered, of all kinds. */
  readonly size: number;
  /** Takes the effects of entry `seq`, which is above `to`. Entries between, which the journal has lost, have none. */
  add(seq: number, effects: Effects): void;
  /** Says that the entries up to `seq` have no further effects. */
  reach(seq: number): void;
}

/** An empty batch that begins at entry `from`. */
export function growBatch(from: number): GrowingBatch {
  const readings = new Packing(LIMITS.store.packRows);
  const changes: Change[] = [];
  const quarantined: Quarantined[] = [];
  const works: WorkRow[] = [];
  // Day counts are absolute, so of each (day, lift) only the newest row is kept.
  const days = new Map<string, DayCount>();
  let to = from - 1;
  return {
    from,
    get to() {
      return to;
    },
    get size() {
      return readings.count + changes.length + quarantined.length + days.size + works.length;
    },
    get readings() {
      return readings.pieces();
    },
    changes,
    quarantined,
    get days() {
      return [...days.values()];
    },
    works,
    add(seq, effects) {
      // The arrays of `effects` are the monitor's own and used again: their rows are taken, not they.
      for (const row of effects.readings) readings.add(row);
      for (const row of effects.changes) changes.push(row);
      for (const row of effects.quarantined) quarantined.push(row);
      for (const row of effects.days) days.set(`${row.day} ${row.liftId}`, row);
      for (const row of effects.works) works.push(workOf(row));
      to = seq;
    },
    reach(seq) {
      if (seq > to) to = seq;
    },
  };
}
