/** Lifts whose inspection or insurance is past, or falls due soon. */
import type { LiftRecord } from "../core/lift.ts";
import { dayName, dayNumber } from "../core/calendar.ts";
import type { DueRow, Report } from "./document.ts";

/** The regulator's notice: what falls due within so many days is told (issue 6). */
export const DUE_DAYS = 60;
const DATES = { inspection: "nextInspectionOn", insurance: "insuredUntil" } as const;
export type DueKind = keyof typeof DATES;

/** Days from the day `asOf` until a lift's date, negative when it is past; null where the register has none. An insured day is insured to its end. */
export function daysUntil(record: LiftRecord, what: DueKind, asOf: number): number | null {
  const date = record[DATES[what]];
  return date === undefined ? null : dayNumber(date) - asOf;
}

/** Of lifts that are in use, soonest first. */
export function dueOf(records: readonly LiftRecord[], asOf: number): Report["due"] {
  const rows: DueRow[] = [];
  const counts = { inspection: { past: 0, due: 0, unknown: 0 }, insurance: { past: 0, due: 0, unknown: 0 } };
  for (const record of records) {
    if (record.inService === false) continue;
    for (const what of ["inspection", "insurance"] as const) {
      const days = daysUntil(record, what, asOf);
      if (days === null) counts[what].unknown += 1;
      else if (days <= DUE_DAYS) {
        counts[what][days < 0 ? "past" : "due"] += 1;
        rows.push({ what, on: record[DATES[what]] as string, days, ...liftOf(record.liftId, record) });
      }
    }
  }
  rows.sort((a, b) => a.days - b.days || (a.what < b.what ? -1 : a.what > b.what ? 1 : 0) || (a.liftId < b.liftId ? -1 : 1));
  return { asOf: dayName(asOf), withinDays: DUE_DAYS, ...counts, rows };
}

/** How a report names a lift. */
export function liftOf(liftId: string, record: LiftRecord | undefined) {
  const { district = null, building = null, firm = null, userUnit = null } = record ?? {};
  return { liftId, district, building, firm, userUnit };
}
