/**
 * Imported records as facts. Exposure of a lift is what was observed of it, less when it was out of service or stood still: `observed` rows, and
 * `in-service` ones, less `out-of-service` ones, and less each stop until its end. An entrapment is a stopping fault too, unless its code names none.
 */
import { setImmediate as turn } from "node:timers/promises";
import { meaningOfCode } from "../../core/dialects.ts";
import type { LiftRecord } from "../../core/lift.ts";
import { ALL_LIFTS, type HistoryEvent } from "../../history/event.ts";
import type { Facts } from "./facts.ts";
import type { ZoneDays } from "./zone-days.ts";

/** In ms, end exclusive. */
interface Stretch {
  readonly from: number;
  readonly until: number;
}

const TURN_EVERY = 200;

/** `register` is the population of rows for all lifts. Called once on facts that have the store's counts. */
export async function takeRecords(facts: Facts, events: Iterable<HistoryEvent>, register: readonly LiftRecord[]): Promise<void> {
  const byLift = new Map<string, HistoryEvent[]>();
  let latest = -Infinity;
  for (const event of events) {
    latest = Math.max(latest, event.until ?? event.at);
    const own = byLift.get(event.liftId);
    if (own === undefined) byLift.set(event.liftId, [event]);
    else own.push(event);
  }
  const everywhere = (byLift.get(ALL_LIFTS) ?? []).map(({ at, until }) => ({ from: at, until: until ?? latest }));
  byLift.delete(ALL_LIFTS);
  const records = new Map(register.map((record) => [record.liftId, record]));
  const lifts = everywhere.length === 0 ? byLift.keys() : new Set([...records.keys(), ...byLift.keys()]);
  let done = 0;
  for (const liftId of lifts) {
    const own = (byLift.get(liftId) ?? []).toSorted((a, b) => a.at - b.at);
    takeLift(facts, facts.numberOf(liftId), own, since(everywhere, records.get(liftId), facts.zone), latest);
    if (++done % TURN_EVERY === 0) await turn();
  }
  facts.recorded();
}

/** What all lifts were observed is no lift's exposure before it was there, or while it is out of use. */
function since(stretches: readonly Stretch[], record: LiftRecord | undefined, zone: ZoneDays): Stretch[] {
  if (record?.inService === false) return [];
  const { installedOn } = record ?? {};
  const begin = installedOn === undefined ? -Infinity : zone.begin(Math.round(Date.parse(installedOn) / 86_400_000));
  return stretches.flatMap(({ from, until }) => (until > begin ? [{ from: Math.max(from, begin), until }] : []));
}

function takeLift(facts: Facts, lift: number, events: readonly HistoryEvent[], observedAll: readonly Stretch[], latest: number): void {
  const observed: Stretch[] = [...observedAll];
  const away: Stretch[] = [];
  for (const [index, event] of events.entries()) {
    const { at, until, code, note } = event;
    switch (event.event) {
      case "observed":
        observed.push({ from: at, until: until ?? latest });
        break;
      case "in-service":
        observed.push({ from: at, until: until ?? nextState(events, index, latest) });
        break;
      case "out-of-service":
        away.push({ from: at, until: until ?? nextState(events, index, latest) });
        break;
      case "fault":
      case "entrapment": {
        if (until !== null && until > at) {
          away.push({ from: at, until });
          facts.recordedOutages.push({ lift, from: at, until, recorded: true });
        }
        if (event.event === "entrapment") {
          const { reportedAt, dispatchedAt, arrivedAt, rescuedAt } = event;
          facts.recordedEntrapments.push({ lift, at, toldAt: reportedAt ?? at, dispatchedAt, arrivedAt, rescuedAt, recorded: true });
        }
        if (event.event === "fault" || stops(code)) facts.faults.record(lift, facts.zone.dayOf(at), at);
        break;
      }
      case "maintenance":
      case "repair":
      case "modernisation":
        facts.works.add(lift, { at, until, work: event.event, note: note === "" ? null : note });
    }
  }
  for (const stretch of less(union(observed), union(away))) takeExposure(facts, lift, stretch);
}

/** Of a code that nobody knows it is not said that the lift went on. */
function stops(code: string): boolean {
  return code === "" || meaningOfCode("gb24476", code)?.stopping !== false;
}

/** A state without an end lasts until the lift's next one. */
function nextState(events: readonly HistoryEvent[], index: number, latest: number): number {
  const next = events.slice(index + 1).find(({ event }) => event === "in-service" || event === "out-of-service");
  return next?.at ?? latest;
}

function union(stretches: Stretch[]): Stretch[] {
  const result: Stretch[] = [];
  for (const stretch of stretches.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last === undefined || stretch.from > last.until) result.push(stretch);
    else if (stretch.until > last.until) result[result.length - 1] = { from: last.from, until: stretch.until };
  }
  return result;
}

/** Both in order and without overlaps. */
function less(stretches: readonly Stretch[], away: readonly Stretch[]): Stretch[] {
  const result: Stretch[] = [];
  let next = 0;
  for (const { from, until } of stretches) {
    let begin = from;
    while (next < away.length && away[next]!.until <= begin) next++;
    for (let index = next; index < away.length && away[index]!.from < until; index++) {
      const gap = away[index]!;
      if (gap.from > begin) result.push({ from: begin, until: gap.from });
      begin = Math.max(begin, gap.until);
    }
    if (begin < until) result.push({ from: begin, until });
  }
  return result;
}

function takeExposure({ days, zone }: Facts, lift: number, { from, until }: Stretch): void {
  for (let day = zone.dayOf(from); ; day++) {
    const begin = Math.max(from, zone.begin(day));
    const end = Math.min(until, zone.begin(day + 1));
    if (begin >= until) return;
    days.record(lift, day, end - begin);
  }
}
