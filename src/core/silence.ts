/**
 * When lifts will have been silent for too long. Each lift stands under the second of the listening clock at which it could be
 * due at the earliest; what it says meanwhile costs nothing, it is put further back when its second has come. So a tick looks at
 * the few lifts whose second it is, and finds the same as looking at all of them.
 */
import { UNLISTED, type LiftState } from "./lift-state.ts";

/** Of a lift that is looked at on every tick: its second has come, and not its instant. */
const NEAR = -2;

export class Silences {
  /** By second. An entry counts only while it is the one that its lift names. */
  #seconds = new Map<number, LiftState[]>();
  #near: LiftState[] = [];
  /** First second that has not been looked at. */
  #next = 0;

  /** Puts a lift that is due at `dueAt` (listening clock, ms) under its second; again where it is due earlier than it was. */
  list(lift: LiftState, dueAt: number): void {
    const second = Math.max(this.#next, Math.floor(dueAt / 1_000));
    if (lift.silenceDue === NEAR || (lift.silenceDue !== UNLISTED && lift.silenceDue <= second)) return;
    lift.silenceDue = second;
    const entries = this.#seconds.get(second);
    if (entries === undefined) this.#seconds.set(second, [lift]);
    else entries.push(lift);
  }

  /**
   * Lifts that are due before `listened`, in the order in which they became known; they are on the list no more.
   * `dueAtOf` tells when a lift is due by what is known of it now; Infinity takes it off the list.
   */
  take(listened: number, dueAtOf: (lift: LiftState) => number): LiftState[] {
    for (const last = Math.floor(listened / 1_000); this.#next <= last; this.#next++) {
      const entries = this.#seconds.get(this.#next);
      if (entries === undefined) continue;
      this.#seconds.delete(this.#next);
      for (const lift of entries) {
        if (lift.silenceDue !== this.#next) continue;
        lift.silenceDue = NEAR;
        this.#near.push(lift);
      }
    }
    if (this.#near.length === 0) return this.#near;
    const due: LiftState[] = [];
    const near: LiftState[] = [];
    for (const lift of this.#near) {
      const dueAt = dueAtOf(lift);
      if (dueAt >= this.#next * 1_000 || dueAt < listened) {
        lift.silenceDue = UNLISTED;
        if (dueAt < listened) due.push(lift);
        else if (dueAt < Number.POSITIVE_INFINITY) this.list(lift, dueAt);
      } else near.push(lift);
    }
    this.#near = near;
    return due.sort((a, b) => a.ordinal - b.ordinal);
  }

  /** Begins anew at `listened`. */
  clear(listened: number): void {
    this.#seconds = new Map();
    this.#near = [];
    this.#next = Math.floor(listened / 1_000);
  }
}
