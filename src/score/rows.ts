/** Which lifts a picture shows, and how much of each: those in trouble first. Pure. */
import type { AlertOutcome, EventOutcome, Matching } from "./matching.ts";

/** Rows that can be read on one page … */
const ROWS = 60;
/** … and marks that can be told apart in one row; the rest is counted. */
const MARKS = 200;

export interface Row {
  readonly liftId: string;
  readonly events: readonly EventOutcome[];
  readonly alerts: readonly AlertOutcome[];
  /** Missed events, false and confused alerts. */
  readonly troubles: number;
  /** Events and alerts for which the row has no room. */
  readonly left: number;
}

/** Lifts without a row, summed up. */
export interface Rest {
  readonly lifts: number;
  readonly events: number;
  readonly missed: number;
  readonly alerts: number;
  readonly wrong: number;
}

export function rowsOf({ events, alerts }: Matching): { readonly rows: readonly Row[]; readonly rest: Rest | null } {
  const lifts = new Map<string, { events: EventOutcome[]; alerts: AlertOutcome[] }>();
  const of = (liftId: string): { events: EventOutcome[]; alerts: AlertOutcome[] } => {
    const known = lifts.get(liftId) ?? { events: [], alerts: [] };
    lifts.set(liftId, known);
    return known;
  };
  for (const outcome of events) for (const liftId of outcome.event.liftIds) of(liftId).events.push(outcome);
  for (const outcome of alerts) for (const liftId of outcome.alert.liftIds) of(liftId).alerts.push(outcome);
  const all = Array.from(lifts, ([liftId, lift]) => ({
    liftId,
    ...lift,
    troubles: count(lift.events, isMissed) + count(lift.alerts, isWrong),
  }));
  all.sort((a, b) => b.troubles - a.troubles || firstOf(a) - firstOf(b) || (a.liftId < b.liftId ? -1 : 1));
  const shown = all.slice(0, ROWS).map((row): Row => {
    const worstFirst = row.events.toSorted((a, b) => Number(isMissed(b)) - Number(isMissed(a))).slice(0, MARKS);
    const alertsWorstFirst = row.alerts.toSorted((a, b) => Number(isWrong(b)) - Number(isWrong(a))).slice(0, MARKS);
    const left = row.events.length + row.alerts.length - worstFirst.length - alertsWorstFirst.length;
    return { ...row, events: worstFirst, alerts: alertsWorstFirst, left };
  });
  const others = all.slice(ROWS);
  if (others.length === 0) return { rows: shown, rest: null };
  const othersEvents = new Set(others.flatMap((lift) => lift.events));
  const othersAlerts = new Set(others.flatMap((lift) => lift.alerts));
  const rest = {
    lifts: others.length,
    events: othersEvents.size,
    missed: count([...othersEvents], isMissed),
    alerts: othersAlerts.size,
    wrong: count([...othersAlerts], ({ verdict }) => verdict === "false"),
  };
  return { rows: shown, rest };
}

function isMissed({ found }: EventOutcome): boolean {
  return found === null;
}

function isWrong({ verdict }: AlertOutcome): boolean {
  return verdict === "false" || verdict === "confused";
}

function firstOf({ events, alerts }: { readonly events: readonly EventOutcome[]; readonly alerts: readonly AlertOutcome[] }): number {
  return Math.min(events[0]?.event.from ?? Number.POSITIVE_INFINITY, alerts[0]?.alert.detectedAt ?? Number.POSITIVE_INFINITY);
}

function count<T>(list: readonly T[], is: (item: T) => boolean): number {
  let number = 0;
  for (const item of list) if (is(item)) number += 1;
  return number;
}
