/**
 * How much the alerts ask of the people who watch them, after EEMUA 191 and ISA-18.2 (docs/operator-load.md defines each figure).
 * A fold over alert changes; pure. Times are the monitor's, ms since the epoch: what counts is when somebody was asked.
 */
import { Calendar } from "../core/calendar.ts";
import type { ChangeKind, Hazard, Priority } from "../core/effects.ts";
import { DAY_MS, FIGURES, LISTED, TOP } from "./load-figures.ts";
import type { LoadAlert, LoadChange, LoadOptions, OperatorLoadReport, Paging, StaleAlert, Verdict } from "./load-figures.ts";

/** Changes before which an alert asked nobody. */
const BEGINNINGS: ReadonlySet<ChangeKind> = new Set(["raised", "suppressed", "unshelved"]);

/** What is remembered of an alert while it is active. */
interface Active {
  readonly detectedAt: number;
  readonly liftId: string;
  readonly hazard: Hazard;
  priority: Priority;
  occurrences: number;
  chattering: boolean;
  paging: boolean;
  everPaged: boolean;
  /** Counted in the period once each. */
  suppressed: boolean;
  shelved: boolean;
  low: boolean;
  owned: boolean;
}

/** What is counted of one hazard of one lift. */
interface Place {
  readonly liftId: string;
  readonly hazard: Hazard;
  pages: number;
  /** Newest ends, oldest first, at most as many as make it chatter. */
  ends: number[];
  chatters: number;
}

/**
 * Takes changes in their order, also some from before the period (so that what was going on at its beginning is known) and after it
 * (which are left out), then tells.
 */
export class OperatorLoad {
  readonly #options: LoadOptions;
  readonly #windows: Uint32Array;
  readonly #days = new Map<string, number>();
  readonly #calendar: Calendar;
  readonly #active = new Map<string, Active>();
  readonly #places = new Map<string, Place>();
  readonly #stale: StaleAlert[] = [];
  readonly #mix: Record<Paging, number> = { critical: 0, high: 0, medium: 0 };
  #pages = 0;
  #suppressed = 0;
  #shelved = 0;
  #low = 0;
  #owned = 0;

  /** @throws RangeError where `to` is not after `from`, `positions` is less than 1, or the zone is unknown. */
  constructor(options: LoadOptions) {
    const { from, to, positions, timezone } = options;
    if (!(to > from)) throw new RangeError(`to: found ${to}; expected a time after ${from}`);
    if (!(positions >= 1)) throw new RangeError(`positions: found ${positions}; expected at least 1`);
    this.#options = options;
    this.#calendar = new Calendar(timezone);
    this.#windows = new Uint32Array(Math.ceil((to - from) / FIGURES.windowMs));
    for (let at = from; at < to; at += DAY_MS / 2) this.#days.set(this.#calendar.dayOf(at), 0);
    this.#days.set(this.#calendar.dayOf(to - 1), 0);
  }

  take({ at, change, alert }: LoadChange): void {
    const { to } = this.#options;
    if (at >= to) return;
    const known = this.#active.get(alert.id);
    if (alert.state === "cleared") {
      // What becomes of an alert that is over, such as its acknowledgement, ends nothing once more.
      if (known !== undefined || change === "cleared") this.#cleared(at, alert, known);
      return;
    }
    const active = known ?? this.#begin(alert, !BEGINNINGS.has(change) && asks(alert, at));
    this.#recur(at, alert, active);
    active.priority = alert.priority;
    this.#note(active, at, alert);
    const pages = asks(alert, at);
    if (pages && !active.paging) this.#page(at, alert, active);
    active.paging = pages;
  }

  /** An alert that is active when the report is made; where no change of it was taken it was so all the time. */
  standing(alert: LoadAlert): void {
    if (alert.state !== "active" || alert.detectedAt >= this.#options.to || this.#active.has(alert.id)) return;
    this.#begin(alert, asks(alert, this.#options.to));
  }

  report(): OperatorLoadReport {
    const { from, to, positions } = this.#options;
    const stale = [...this.#stale];
    for (const [id, active] of this.#active) {
      const activeMs = to - active.detectedAt;
      if (active.paging && activeMs >= FIGURES.staleMs) stale.push(staleOf(id, active, activeMs));
    }
    stale.sort((a, b) => b.activeMs - a.activeMs || (a.id < b.id ? -1 : 1));
    const days = Array.from(this.#days, ([day, pages]) => ({ day, pages, perPosition: pages / positions }));
    const peakDay = days.reduce<(typeof days)[number] | null>((best, day) => (day.pages > (best?.pages ?? 0) ? day : best), null);
    const average = (this.#pages / positions / (to - from)) * DAY_MS;
    const places = [...this.#places.values()];
    const top = places
      .filter(({ pages }) => pages > 0)
      .sort((a, b) => b.pages - a.pages || order(a, b))
      .slice(0, TOP)
      .map(({ liftId, hazard, pages }) => ({ liftId, hazard, pages, share: share(pages, this.#pages) }));
    const chattering = places
      .filter(({ chatters }) => chatters > 0)
      .sort((a, b) => b.chatters - a.chatters || order(a, b))
      .map(({ liftId, hazard, chatters }) => ({ liftId, hazard, times: chatters }));
    const peakWindow = this.#windows.reduce((best, count, index) => (count > (this.#windows[best] ?? 0) ? index : best), 0);
    const peak = this.#windows[peakWindow] ?? 0;
    return {
      from,
      to,
      positions,
      pages: this.#pages,
      perDay: { average, peak: peakDay?.perPosition ?? 0, peakDay: peakDay?.day ?? null },
      per10Min: {
        average: (this.#pages / positions / (to - from)) * FIGURES.windowMs,
        peak: peak / positions,
        peakAt: peak === 0 ? null : from + peakWindow * FIGURES.windowMs,
      },
      verdict: to - from < DAY_MS ? "too-short" : verdictOf(average),
      days,
      daysAboveAcceptable: days.filter(({ perPosition }) => perPosition > FIGURES.acceptablePerDay).length,
      daysAboveMost: days.filter(({ perPosition }) => perPosition > FIGURES.mostPerDay).length,
      floods: this.#floods(),
      chattering: { count: chattering.length, alerts: chattering.slice(0, LISTED) },
      stale: { count: stale.length, longest: stale.slice(0, LISTED) },
      topTen: top,
      topTenShare: top.reduce((sum, each) => sum + each.share, 0),
      mix: {
        critical: this.#mixOf("critical"),
        high: this.#mixOf("high"),
        medium: this.#mixOf("medium"),
      },
      suppressed: this.#suppressed,
      shelved: this.#shelved,
      low: this.#low,
      owned: this.#owned,
    };
  }

  /** @param paging whether it has asked already: so it has where what was told of it first was taken by nobody here. */
  #begin(alert: LoadAlert, paging: boolean): Active {
    const active: Active = {
      detectedAt: alert.detectedAt,
      liftId: alert.liftId,
      hazard: alert.hazard,
      priority: alert.priority,
      occurrences: alert.occurrences,
      chattering: false,
      paging,
      everPaged: paging,
      suppressed: false,
      shelved: false,
      low: false,
      owned: false,
    };
    this.#active.set(alert.id, active);
    return active;
  }

  #page(at: number, alert: LoadAlert, active: Active): void {
    active.everPaged = true;
    const { from } = this.#options;
    if (at < from || alert.priority === "low") return;
    const window = Math.floor((at - from) / FIGURES.windowMs);
    this.#windows[window] = (this.#windows[window] ?? 0) + 1;
    const day = this.#calendar.dayOf(at);
    this.#days.set(day, (this.#days.get(day) ?? 0) + 1);
    this.#mix[alert.priority] += 1;
    this.#pages += 1;
    this.#place(alert).pages += 1;
  }

  /** Counts why an alert asks nobody, once for each reason. */
  #note(active: Active, at: number, alert: LoadAlert): void {
    if (at < this.#options.from) return;
    if (isSuppressed(alert) && !active.suppressed) this.#suppressed += 1;
    if (isShelved(alert, at) && !active.shelved) this.#shelved += 1;
    if (alert.priority === "low" && !active.low) this.#low += 1;
    if (isOwned(alert) && !active.owned) this.#owned += 1;
    active.suppressed ||= isSuppressed(alert);
    active.shelved ||= isShelved(alert, at);
    active.low ||= alert.priority === "low";
    active.owned ||= isOwned(alert);
  }

  #cleared(at: number, alert: LoadAlert, known: Active | undefined): void {
    const active = known ?? this.#begin(alert, asks({ ...alert, state: "active" }, at));
    this.#active.delete(alert.id);
    this.#recur(at, alert, active);
    if (!active.chattering) this.#ended(this.#place(alert), at, 1);
    if (at < this.#options.from) return;
    const activeMs = at - active.detectedAt;
    if (active.everPaged && activeMs >= FIGURES.staleMs) this.#stale.push(staleOf(alert.id, active, activeMs));
  }

  /** What recurs within one alert had ended before; the monitor holds what chatters in one alert, and says so. */
  #recur(at: number, alert: LoadAlert, active: Active): void {
    const again = alert.occurrences - active.occurrences;
    active.occurrences = alert.occurrences;
    if (active.chattering) return;
    if (alert.chattering === true) {
      active.chattering = true;
      this.#chattered(this.#place(alert), at);
    } else if (again > 0) this.#ended(this.#place(alert), at, again);
  }

  /** The condition has ended `times` times by `at`. */
  #ended(place: Place, at: number, times: number): void {
    for (let count = 0; count < Math.min(times, FIGURES.chatterClears); count++) place.ends.push(at);
    place.ends = place.ends.slice(-FIGURES.chatterClears);
    const first = place.ends[0] ?? at;
    if (place.ends.length < FIGURES.chatterClears || at - first > FIGURES.chatterMs) return;
    this.#chattered(place, at);
  }

  #chattered(place: Place, at: number): void {
    if (at >= this.#options.from) place.chatters += 1;
    // The next minute of it counts anew.
    place.ends = [];
  }

  #place({ liftId, hazard }: LoadAlert): Place {
    const key = `${liftId} ${hazard}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = { liftId, hazard, pages: 0, ends: [], chatters: 0 };
      this.#places.set(key, place);
    }
    return place;
  }

  #mixOf(priority: Paging) {
    return { pages: this.#mix[priority], share: share(this.#mix[priority], this.#pages), target: FIGURES.mix[priority] };
  }

  #floods(): OperatorLoadReport["floods"] {
    const { from, to, positions } = this.#options;
    const found: { from: number; to: number; pages: number }[] = [];
    let flood: (typeof found)[number] | null = null;
    let windowsInFlood = 0;
    for (const [index, count] of this.#windows.entries()) {
      const rate = count / positions;
      if (flood === null && rate > FIGURES.floodAbove) {
        flood = { from: from + index * FIGURES.windowMs, to: 0, pages: 0 };
        found.push(flood);
      } else if (flood !== null && rate < FIGURES.floodEndsBelow) flood = null;
      if (flood === null) continue;
      windowsInFlood += 1;
      flood.pages += count;
      flood.to = Math.min(to, from + (index + 1) * FIGURES.windowMs);
    }
    const largest = found.toSorted((a, b) => b.pages - a.pages || a.from - b.from).slice(0, LISTED);
    const windows = this.#windows.length;
    return { count: found.length, windows, windowsInFlood, share: share(windowsInFlood, windows), largest };
  }
}

/** Whether the alert, as it is at that time, asks for an operator. */
function asks(alert: LoadAlert, at: number): boolean {
  return alert.state === "active" && alert.suppressedBy === null && !isShelved(alert, at) && alert.priority !== "low" && !isOwned(alert);
}

function isShelved({ shelvedUntil }: LoadAlert, at: number): boolean {
  return shelvedUntil !== null && shelvedUntil > at;
}

/** By design; what a mass event owns is counted with it. */
function isSuppressed(alert: LoadAlert): boolean {
  return alert.suppressedBy !== null && !isOwned(alert);
}

/** Shown within another alert; trapped people are shown one by one all the same (domain.md §3). */
function isOwned({ id, groupId, hazard }: LoadAlert): boolean {
  return groupId !== null && groupId !== id && hazard !== "entrapment" && hazard !== "entrapment-at-level";
}

function verdictOf(perDay: number): Verdict {
  if (perDay <= FIGURES.acceptablePerDay) return "acceptable";
  return perDay <= FIGURES.mostPerDay ? "manageable" : "too-many";
}

function staleOf(id: string, { liftId, hazard, priority }: Active, activeMs: number): StaleAlert {
  return { id, liftId, hazard, priority, activeMs };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function order(a: Place, b: Place): number {
  const [one, other] = [`${a.liftId} ${a.hazard}`, `${b.liftId} ${b.hazard}`];
  return one < other ? -1 : one > other ? 1 : 0;
}
