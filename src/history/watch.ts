/** How long the lifts of a history were under watch, where its rows do not say. */
import { ALL_LIFTS, type HistoryEvent } from "./event.ts";

/** Days of a zone by number, as ZoneDays has them. */
interface Zone {
  begin(day: number): number;
  dayOf(time: number): number;
}

/** Days by number, inclusive; what is null is told by the events. */
export interface WatchedDays {
  readonly first: number | null;
  readonly last: number | null;
}

/**
 * Records of faults alone do not say how long there was none: without states among them it is all days from the first event to the last, or as `days` say.
 * @throws RangeError where the last day is before the first.
 */
export function watchOf(events: readonly HistoryEvent[], { first, last }: WatchedDays, zone: Zone): HistoryEvent[] {
  const told = events.some(({ event }) => event === "observed" || event === "in-service");
  if ((told && first === null && last === null) || (events.length === 0 && (first === null || last === null))) return [];
  let [earliest, latest] = [Infinity, -Infinity];
  for (const { at } of events) [earliest, latest] = [Math.min(earliest, at), Math.max(latest, at)];
  const [begin, end] = [first ?? zone.dayOf(earliest), last ?? zone.dayOf(latest)];
  if (begin > end) throw new RangeError("the last day is before the first");
  const rest = { reportedAt: null, dispatchedAt: null, arrivedAt: null, rescuedAt: null, code: "", note: "" };
  return [{ liftId: ALL_LIFTS, event: "observed", at: zone.begin(begin), until: zone.begin(end + 1), ...rest }];
}
