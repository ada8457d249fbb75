/** When readings that wait for a gap to close have waited long enough (law L4): a queue over all lifts, first come first out. */
import type { StoredReading } from "./effects.ts";
import type { LiftState } from "./lift-state.ts";
import { giveUp, type SequenceLimits } from "./sequence.ts";

/** Items that were served are kept at the front of the array until there are so many: shifting each would cost O(n). */
const SERVED_KEPT = 1_000;

export class Holds {
  /** One item a held reading, in the order of arrival, which is the order in which their time is up. */
  #items: { readonly lift: LiftState; readonly receivedAt: number; readonly entry: number; readonly index: number }[] = [];
  #first = 0;

  add(lift: LiftState, { receivedAt, entry, index }: StoredReading): void {
    this.#items.push({ lift, receivedAt, entry, index });
  }

  /** Gives up gaps whose time is up at `now`; `release` gets each lift with what it then may judge, in order. */
  expire(now: number, limits: SequenceLimits, release: (lift: LiftState, ready: readonly StoredReading[]) => void): void {
    if (this.#first === this.#items.length) return;
    const heldSince = now - limits.reorderHoldMs;
    for (let item = this.#items[this.#first]; item !== undefined && item.receivedAt <= heldSince; item = this.#items[this.#first]) {
      this.#first += 1;
      const ready: StoredReading[] = [];
      giveUp(item.lift.sequence, heldSince, limits, ready);
      if (ready.length > 0) release(item.lift, ready);
    }
    if (this.#first === this.#items.length || this.#first > SERVED_KEPT) {
      this.#items.splice(0, this.#first);
      this.#first = 0;
    }
  }

  /** Made again from what the lifts hold: items of readings that were released meanwhile change nothing. */
  restore(lifts: Iterable<LiftState>): void {
    this.#items = [];
    this.#first = 0;
    for (const lift of lifts) for (const arrived of lift.sequence.held ?? []) this.add(lift, arrived);
    this.#items.sort((a, b) => a.entry - b.entry || a.index - b.index);
  }
}
