/** Counts and exposure of each lift on each day of the site's zone. A day begins when the monitor's clock says so. */
import { Calendar } from "./calendar.ts";
import { staleAfterMs } from "./detectors/silent.ts";
import { ENTRAPMENTS, type Change, type DayCount } from "./effects.ts";
import { newTally, outOfService, type LiftState } from "./lift-state.ts";
import type { Rules } from "./rules.ts";

export interface DaysState {
  readonly day: string;
  readonly countedAt: number;
  readonly publishedAt: number;
}

export class Days {
  #day = "";
  /** Listening clock when exposure was last counted, and when counts were last published. */
  #countedAt = 0;
  #publishedAt = 0;
  #calendar: Calendar;
  #timezone: string;

  constructor(rules: Rules) {
    this.#timezone = rules.site.timezone;
    this.#calendar = new Calendar(this.#timezone);
  }

  /** The running day, YYYY-MM-DD; "" before the first entry. */
  get day(): string {
    return this.#day;
  }

  /** Called with each entry's time: the first one sets the day. */
  begin(now: number): void {
    if (this.#day === "") this.#day = this.#calendar.dayOf(now);
  }

  /** Called on each tick. Returns whether exposure was counted: the step at which slow checks run too. */
  tick(now: number, listened: number, lifts: Iterable<LiftState>, rules: Rules, days: DayCount[]): boolean {
    if (rules.site.timezone !== this.#timezone) {
      this.#timezone = rules.site.timezone;
      this.#calendar = new Calendar(this.#timezone);
    }
    const today = this.#calendar.dayOf(now);
    const dayOver = today !== this.#day;
    const due = listened - this.#countedAt >= rules.exposure.countEveryMs;
    if (!dayOver && !due) return false;
    const publish = dayOver || listened - this.#publishedAt >= rules.exposure.publishEveryMs;
    for (const lift of lifts) {
      this.#count(lift, listened, rules);
      if (publish && lift.tallyChanged) days.push(this.count(lift));
      if (publish) lift.tallyChanged = false;
      if (dayOver) {
        lift.tally = newTally();
        lift.readings = 0;
      }
    }
    this.#countedAt = listened;
    if (publish) this.#publishedAt = listened;
    this.#day = today;
    return true;
  }

  /** The running day's counts of a lift. */
  count(lift: LiftState): DayCount {
    return { day: this.#day, liftId: lift.liftId, readings: lift.readings, ...lift.tally };
  }

  state(): DaysState {
    return { day: this.#day, countedAt: this.#countedAt, publishedAt: this.#publishedAt };
  }

  restore(state: DaysState): void {
    this.#day = state.day;
    this.#countedAt = state.countedAt;
    this.#publishedAt = state.publishedAt;
  }

  /** Exposure is time listened to while the lift was heard and in service: our own absence is nobody's exposure. */
  #count(lift: LiftState, listened: number, rules: Rules): void {
    if (lift.heard < 0 || outOfService(lift)) return;
    const until = Math.min(listened, lift.heard + staleAfterMs(lift, rules));
    const from = Math.max(this.#countedAt, lift.firstHeard);
    if (until <= from) return;
    lift.tally.inServiceMs += until - from;
    lift.tallyChanged = true;
  }
}

/** An entrapment counts once, when it is confirmed and not by design. */
export function isNewEntrapment({ change, alert }: Change): boolean {
  if (!ENTRAPMENTS.has(alert.hazard)) return false;
  // One that a person closed, and that is told anew, is the same.
  if (alert.details["reopened"] === true) return false;
  return alert.evidence === "confirmed" && alert.suppressedBy === null && (change === "raised" || change === "confirmed");
}
