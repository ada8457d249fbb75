/** Which alert told of which event: the rule of docs/scoring.md. Pure; times are ms since the epoch. */
import type { Hazard } from "../core/effects.ts";
import { related } from "./families.ts";

/** One window of the truth; a `mass-event` has many lifts. */
export interface TruthEvent {
  readonly liftIds: readonly string[];
  readonly hazard: Hazard;
  readonly from: number;
  readonly to: number;
}

/** One alert, folded from its changes. */
export interface ScoredAlert {
  readonly id: string;
  /** Its own lift, and of a `mass-event` the members that the file names. */
  readonly liftIds: readonly string[];
  readonly hazard: Hazard;
  /** Device time; monitor's time. */
  readonly raisedAt: number;
  readonly detectedAt: number;
  /** Monitor's time at which people were first told; null where it was suppressed by design from beginning to end. */
  readonly pagedAt: number | null;
  readonly confirmed: boolean;
  readonly clearedAt: number | null;
  /** Owned by a mass event, which is told instead of it. */
  readonly owned: boolean;
}

/**
 * `right`: the first to tell of an event · `repeat`: another one about an event that was told · `confused`: while a related hazard
 * was there · `false`: nothing of the kind was there · `suppressed`: by design, so no page · `owned`: told as a mass event.
 */
export type Verdict = "right" | "repeat" | "confused" | "false" | "suppressed" | "owned";

/** An event and what was told of it. */
export interface EventOutcome {
  readonly event: TruthEvent;
  /** The alert that found it, or null: missed. */
  found: ScoredAlert | null;
  /** Found by an alert that was already active, of an earlier event on the same lift: its delay means nothing. */
  carried: boolean;
  /** An alert of its hazard was there, but suppressed by design. */
  suppressed: boolean;
  /** The product had said beforehand that it cannot judge it (unjudged.ts). */
  readonly unjudged: boolean;
  /** Hazards that were told on its lifts while it lasted, its own included. */
  readonly told: Set<Hazard>;
}

export interface AlertOutcome {
  readonly alert: ScoredAlert;
  readonly verdict: Verdict;
}

export interface Matching {
  /** By `from`. */
  readonly events: readonly EventOutcome[];
  /** By time of page. */
  readonly alerts: readonly AlertOutcome[];
}

/** Events of one lift by `from`, with the latest end so far, so that a look-up need not walk to the beginning. */
interface LiftEvents {
  readonly list: EventOutcome[];
  readonly latestTo: number[];
}

const JUDGED = (): boolean => false;

/** The order of the lists does not matter. `unjudged`: whether the product had said beforehand that it cannot judge an event. */
export function match(
  truth: readonly TruthEvent[],
  alerts: readonly ScoredAlert[],
  toleranceMs: number,
  unjudged: (event: TruthEvent) => boolean = JUDGED,
): Matching {
  const events = truth
    .toSorted(byOnset)
    .map((event): EventOutcome => ({ event, found: null, carried: false, suppressed: false, unjudged: unjudged(event), told: new Set() }));
  const lifts = byLift(events);
  const beginsIn = (alert: ScoredAlert): Set<EventOutcome> => {
    const met = new Set<EventOutcome>();
    for (const liftId of alert.liftIds) {
      const lift = lifts.get(liftId);
      // By the device's clock or by the monitor's: one of them is right when the other is not.
      for (const at of [alert.raisedAt, alert.detectedAt]) if (lift !== undefined) collect(lift, at - toleranceMs, at + toleranceMs, met);
    }
    return met;
  };
  const seen = alerts.toSorted(byPage).map((alert) => {
    const met = [...beginsIn(alert)];
    const own = met.filter(({ event }) => event.hazard === alert.hazard);
    if (alert.pagedAt === null) {
      for (const outcome of own) outcome.suppressed = true;
      return { alert, met, own, first: false };
    }
    for (const outcome of met) outcome.told.add(alert.hazard);
    let first = false;
    for (const outcome of own) {
      if (outcome.found !== null) continue;
      outcome.found = alert;
      first = true;
    }
    return { alert, met, own, first };
  });
  // A second round: an alert that goes on into the next event of its lift tells of that one too, unless it has one of its own.
  for (const entry of seen) {
    const { alert, own } = entry;
    if (alert.pagedAt === null || own.length === 0) continue;
    for (const outcome of laterEvents(alert, lifts, toleranceMs)) {
      outcome.told.add(alert.hazard);
      if (outcome.found !== null) continue;
      outcome.found = alert;
      outcome.carried = true;
      entry.first = true;
    }
  }
  return {
    events,
    alerts: seen.map(({ alert, met, own, first }) => ({ alert, verdict: verdictOf(alert, met, own, first) })),
  };
}

function verdictOf(alert: ScoredAlert, met: readonly EventOutcome[], own: readonly EventOutcome[], first: boolean): Verdict {
  if (alert.pagedAt === null) return "suppressed";
  if (alert.owned) return "owned";
  if (first) return "right";
  if (own.length > 0) return "repeat";
  return met.some(({ event }) => related(event.hazard, alert.hazard)) ? "confused" : "false";
}

/** Events of the alert's hazard and lifts that begin after it and before its end. */
function* laterEvents(alert: ScoredAlert, lifts: ReadonlyMap<string, LiftEvents>, toleranceMs: number): Generator<EventOutcome> {
  const begins = Math.max(alert.raisedAt, alert.detectedAt) + toleranceMs;
  const ends = (alert.clearedAt ?? Number.POSITIVE_INFINITY) + toleranceMs;
  for (const liftId of alert.liftIds) {
    const list = lifts.get(liftId)?.list ?? [];
    for (let index = firstAfter(list, begins); index < list.length; index++) {
      const outcome = list[index];
      if (outcome === undefined || outcome.event.from > ends) break;
      if (outcome.event.hazard === alert.hazard) yield outcome;
    }
  }
}

/** Adds the events that touch [low, high], ends included. */
function collect({ list, latestTo }: LiftEvents, low: number, high: number, into: Set<EventOutcome>): void {
  for (let index = firstAfter(list, high) - 1; index >= 0 && (latestTo[index] ?? 0) >= low; index--) {
    const outcome = list[index];
    if (outcome !== undefined && outcome.event.to >= low) into.add(outcome);
  }
}

/** Index of the first event that begins after `at`. */
function firstAfter(list: readonly EventOutcome[], at: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.event.from ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function byLift(events: readonly EventOutcome[]): Map<string, LiftEvents> {
  const lifts = new Map<string, LiftEvents>();
  for (const outcome of events) {
    for (const liftId of new Set(outcome.event.liftIds)) {
      let lift = lifts.get(liftId);
      if (lift === undefined) lifts.set(liftId, (lift = { list: [], latestTo: [] }));
      lift.list.push(outcome);
      lift.latestTo.push(Math.max(outcome.event.to, lift.latestTo.at(-1) ?? 0));
    }
  }
  return lifts;
}

function byOnset(a: TruthEvent, b: TruthEvent): number {
  return a.from - b.from || a.to - b.to || compare(a.hazard, b.hazard) || compare(a.liftIds.join(), b.liftIds.join());
}

function byPage(a: ScoredAlert, b: ScoredAlert): number {
  return (a.pagedAt ?? a.detectedAt) - (b.pagedAt ?? b.detectedAt) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
