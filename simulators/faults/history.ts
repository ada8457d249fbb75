/** Years of a fleet's faults without any signals: for statistics, and for histories that managers' trends can be shown on. */
import type { LiftRecord } from "../../src/core/lift.ts";
import { Random } from "../random.ts";
import { Chance } from "./chance.ts";
import type { ChanceOptions } from "./chance.ts";
import type { ChanceEvent } from "./chance-event.ts";
import { dayOf, dayStart } from "./calendar.ts";

export interface HistoryOptions extends ChanceOptions {
  /** First instant (ms): the day in the fleets' zone that it falls on is the first. */
  readonly from: number;
  readonly years: number;
}

/** One day's events, in order of time. */
export interface HistoryDay {
  /** The day's first instant, ms. */
  readonly at: number;
  readonly events: readonly ChanceEvent[];
  /** Share of the history that is done with this day, 0 to 1. */
  readonly done: number;
}

/** Draws a history day by day; a fleet, a seed and a day always have the same events. A year is 365.25 days, rounded. */
export function* drawDays(lifts: readonly LiftRecord[], seed: number, options: HistoryOptions): Generator<HistoryDay, void, void> {
  const first = dayOf(options.from);
  const days = Math.round(options.years * 365.25);
  const chance = new Chance(lifts, Random.seeded(seed), first, options);
  for (let day = 0; day < days; day++) yield { at: dayStart(first + day), events: chance.next(), done: (day + 1) / days };
}

/** `kind` is the event's; times are ISO 8601 in UTC, empty where there is none; `group` is shared by the lifts of one outage. */
const COLUMNS = "liftId,kind,code,hazard,cause,at,until,reportedAt,arrivedAt,rescuedAt,repairedAt,group";

/** The header of a history file, with its end of line. */
export const HISTORY_HEADER = `${COLUMNS}\n`;

/** One row, with its end of line. No value has a comma or a quotation mark: ids and names are ASCII words. */
export function historyRow(liftId: string, event: ChanceEvent): string {
  const { kind, code, hazard, cause, group } = event;
  const times = [event.at, event.until, event.reportedAt, event.arrivedAt, event.rescuedAt, event.repairedAt].map(iso);
  return `${[liftId, kind, code, hazard, cause, ...times, group ?? ""].join(",")}\n`;
}

function iso(at: number | null): string {
  return at === null ? "" : new Date(at).toISOString();
}
