/** What a match amounts to, per hazard (docs/scoring.md). Pure. */
import { quantileSorted } from "simple-statistics";
import { HAZARDS, type Hazard } from "../core/effects.ts";
import type { AlertOutcome, EventOutcome, Matching, Verdict } from "./matching.ts";

/** A share of a count, with its 95 % interval after Wilson (1927), which also serves 0 of n and n of n. */
export interface Share {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** From an event's onset to the first page about it, by the monitor's clock. */
export interface Delays {
  readonly count: number;
  readonly medianMs: number;
  readonly p95Ms: number;
}

export interface HazardFigures {
  readonly hazard: Hazard | "all";
  /** found + missed + notJudged = events. */
  readonly events: number;
  readonly found: number;
  readonly missed: number;
  /** Not found, but the product had said beforehand that it cannot judge it; and found although it had. */
  readonly notJudged: number;
  readonly foundUnjudged: number;
  /** Of the found: by an alert that went on from an earlier event; by one that became confirmed. */
  readonly carried: number;
  readonly confirmed: number;
  /** Of the missed: told as another hazard; alert suppressed by design; cut off by the period's beginning or end. */
  readonly mistaken: number;
  readonly suppressedMissed: number;
  readonly cutOffMissed: number;
  /** Of all events: cut off by the period's beginning or end. */
  readonly cutOff: number;
  /** Pages: right + repeats + confused + false = alerts. */
  readonly alerts: number;
  readonly right: number;
  readonly repeats: number;
  readonly confused: number;
  readonly false: number;
  /** Alerts that are no pages. */
  readonly suppressed: number;
  readonly owned: number;
  /** Of all events. */
  readonly recall: Share | null;
  /** Of those without the ones that the product had said it cannot judge, found or not. */
  readonly recallJudged: Share | null;
  readonly precision: Share | null;
  readonly delay: Delays | null;
  /** Null where the exposure is none. */
  readonly falsePerLiftDay: number | null;
}

/** Pairs of what was there and what was told on the same lift at that time, counted in events; of `truth` null, in false alerts. */
export interface Confusion {
  readonly truth: Hazard | null;
  /** Null: nothing was told. */
  readonly told: Hazard | null;
  readonly count: number;
}

export interface Period {
  readonly from: number;
  readonly to: number;
}

/** What of a match lies in the period: events that touch it, alerts that were detected in it. */
export function within({ events, alerts }: Matching, { from, to }: Period): Matching {
  return {
    events: events.filter(({ event }) => event.to >= from && event.from <= to),
    alerts: alerts.filter(({ alert }) => alert.detectedAt >= from && alert.detectedAt <= to),
  };
}

/** Whether an event began before the period, or was not over when it ended, so that its length is not known. */
export function isCutOff({ event }: EventOutcome, period: Period): boolean {
  return event.from < period.from || event.to >= period.to;
}

/** A row for each hazard that occurs, in the order of HAZARDS, and one for `all`. `liftDays` is the exposure. */
export function figures(matching: Matching, period: Period, liftDays: number): HazardFigures[] {
  const of = (hazard: Hazard | "all"): HazardFigures =>
    row(
      hazard,
      hazard === "all" ? matching.events : matching.events.filter(({ event }) => event.hazard === hazard),
      hazard === "all" ? matching.alerts : matching.alerts.filter(({ alert }) => alert.hazard === hazard),
      period,
      liftDays,
    );
  const occurs = new Set<Hazard>([
    ...matching.events.map(({ event }) => event.hazard),
    ...matching.alerts.map(({ alert }) => alert.hazard),
  ]);
  return [...HAZARDS.filter((hazard) => occurs.has(hazard)), "all" as const].map(of);
}

function row(
  hazard: Hazard | "all",
  events: readonly EventOutcome[],
  alerts: readonly AlertOutcome[],
  period: Period,
  liftDays: number,
): HazardFigures {
  const notFound = events.filter(({ found }) => found === null);
  const missed = notFound.filter(({ unjudged }) => !unjudged);
  const found = events.length - notFound.length;
  const unjudged = events.filter((outcome) => outcome.unjudged).length;
  const notJudged = notFound.length - missed.length;
  const foundUnjudged = unjudged - notJudged;
  const having = (verdict: Verdict): number => alerts.filter((outcome) => outcome.verdict === verdict).length;
  const [right, repeats, confused, wrong] = [having("right"), having("repeat"), having("confused"), having("false")];
  return {
    hazard,
    events: events.length,
    found,
    missed: missed.length,
    notJudged,
    foundUnjudged,
    carried: events.filter(({ carried }) => carried).length,
    confirmed: events.filter((outcome) => outcome.found?.confirmed === true).length,
    mistaken: missed.filter(({ told }) => told.size > 0).length,
    suppressedMissed: missed.filter(({ suppressed }) => suppressed).length,
    cutOffMissed: missed.filter((outcome) => isCutOff(outcome, period)).length,
    cutOff: events.filter((outcome) => isCutOff(outcome, period)).length,
    alerts: right + repeats + confused + wrong,
    right,
    repeats,
    confused,
    false: wrong,
    suppressed: having("suppressed"),
    owned: having("owned"),
    recall: share(found, events.length),
    recallJudged: share(found - foundUnjudged, events.length - unjudged),
    precision: share(right, right + confused + wrong),
    delay: delays(events, period),
    falsePerLiftDay: liftDays > 0 ? wrong / liftDays : null,
  };
}

/** Of events whose onset is in the period and that were told by an alert of their own. */
function delays(events: readonly EventOutcome[], period: Period): Delays | null {
  const all = events
    .flatMap(({ event, found, carried }) =>
      found?.pagedAt == null || carried || event.from < period.from ? [] : [found.pagedAt - event.from],
    )
    .sort((a, b) => a - b);
  if (all.length === 0) return null;
  return { count: all.length, medianMs: quantileSorted(all, 0.5), p95Ms: quantileSorted(all, 0.95) };
}

const Z_95 = 1.959_963_985;

/** `count` of `of`; null of none. */
export function share(count: number, of: number): Share | null {
  if (of === 0) return null;
  const value = count / of;
  const scale = 1 + Z_95 ** 2 / of;
  const middle = (value + Z_95 ** 2 / (2 * of)) / scale;
  const half = (Z_95 * Math.sqrt((value * (1 - value)) / of + Z_95 ** 2 / (4 * of ** 2))) / scale;
  return { value, low: count === 0 ? 0 : Math.max(0, middle - half), high: count === of ? 1 : Math.min(1, middle + half) };
}

/** Of a hazard in the order of HAZARDS; nothing comes last. */
export function place(hazard: Hazard | null): number {
  return hazard === null ? HAZARDS.length : HAZARDS.indexOf(hazard);
}

/** By truth, then by what was told. */
export function confusions({ events, alerts }: Matching): Confusion[] {
  const counts = new Map<string, { truth: Hazard | null; told: Hazard | null; count: number }>();
  const add = (truth: Hazard | null, told: Hazard | null): void => {
    const key = `${truth ?? ""} ${told ?? ""}`;
    const cell = counts.get(key);
    if (cell === undefined) counts.set(key, { truth, told, count: 1 });
    else cell.count += 1;
  };
  for (const { event, told } of events) {
    if (told.size === 0) add(event.hazard, null);
    for (const hazard of told) add(event.hazard, hazard);
  }
  for (const { alert, verdict } of alerts) if (verdict === "false") add(null, alert.hazard);
  return [...counts.values()].sort((a, b) => place(a.truth) - place(b.truth) || place(a.told) - place(b.told));
}
