/**
 * What each lift's rules could not judge, and when: what the lift's page says at that time, written down while it is replayed, so that
 * a score can tell what was missed from what the product had said beforehand that it cannot see.
 */
import type { Monitor } from "../core/monitor.ts";
import type { LiftView } from "../core/view.ts";

/** Between two looks, ms: the monitor is asked about each lift so often (assumption: what a device can show changes less often). */
const LOOK_EVERY_MS = 600_000;

/** One line of `replay --judging`. It holds until the lift's next one. */
export interface Look {
  /** Monitor's time, ms since the epoch. */
  readonly at: number;
  readonly liftId: string;
  readonly cannotJudge: LiftView["cannotJudge"];
}

export class Looks {
  #nextAt = 0;
  /** What was last said of each lift. */
  readonly #said = new Map<string, string>();

  /** As NDJSON, of the lifts of which something else is to be said than at the look before; mostly nothing. */
  take(monitor: Monitor, receivedAt: number): string {
    if (receivedAt < this.#nextAt) return "";
    this.#nextAt = receivedAt - (receivedAt % LOOK_EVERY_MS) + LOOK_EVERY_MS;
    let text = "";
    for (const liftId of monitor.liftIds()) {
      const cannotJudge = monitor.lift(liftId)?.cannotJudge ?? [];
      const said = JSON.stringify(cannotJudge);
      if (said === (this.#said.get(liftId) ?? "[]")) continue;
      this.#said.set(liftId, said);
      text += `${JSON.stringify({ at: receivedAt, liftId, cannotJudge } satisfies Look)}\n`;
    }
    return text;
  }
}
