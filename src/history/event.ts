/** Events of a history: what is imported from records of the past, and kept in DATA/history (docs/trends.md). */

/**
 * `fault`: the lift stopped serving, until `until`. `entrapment`: it stopped so with people inside. `out-of-service`: it was
 * taken out of service. `in-service`: it was in service. Both last until `until`, or else until the lift's next of the two. `observed`: for so long its faults
 * were recorded (liftId `*`: those of the whole register). The others are work done.
 */
export const HISTORY_EVENTS = [
  "fault",
  "entrapment",
  "out-of-service",
  "in-service",
  "observed",
  "maintenance",
  "repair",
  "modernisation",
] as const;
export type HistoryEventName = (typeof HISTORY_EVENTS)[number];

/** All lifts of the register, and all that the history names. */
export const ALL_LIFTS = "*";

export const TIME_COLUMNS = ["at", "until", "reportedAt", "dispatchedAt", "arrivedAt", "rescuedAt"] as const;
export type TimeColumn = (typeof TIME_COLUMNS)[number];
export const HISTORY_COLUMNS = ["liftId", "event", ...TIME_COLUMNS, "code", "note"] as const;
export type HistoryColumn = (typeof HISTORY_COLUMNS)[number];

/** Times are ms since the epoch; null where the record does not say. */
export interface HistoryEvent extends Readonly<Record<Exclude<TimeColumn, "at">, number | null>> {
  readonly liftId: string;
  readonly event: HistoryEventName;
  readonly at: number;
  /** Canonical fault code; "" for none. */
  readonly code: string;
  readonly note: string;
}

/** Two records of one key are of one event: what comes later replaces what came before. */
export function keyOf({ liftId, event, at }: HistoryEvent): string {
  return `${liftId} ${event} ${at}`;
}

export function csvRow(event: HistoryEvent): string {
  return HISTORY_COLUMNS.map((column) => cell(event[column], column)).join(",");
}

function cell(value: string | number | null, column: HistoryColumn): string {
  if (value === null) return "";
  if (column !== "liftId" && typeof value === "number") return new Date(value).toISOString();
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
