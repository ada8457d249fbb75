/** The stretch of days that a report is about: a day, a week from Monday (ISO 8601), or a calendar month, of the site's zone. */
import { UsageError } from "../errors.ts";
import { dayName, dayNumber } from "../core/calendar.ts";
import { bucketOf, monthDays } from "../trends/facts/zone-days.ts";
import type { ReportKind } from "./document.ts";

/** Days by number, both inclusive. */
export interface Period {
  readonly kind: ReportKind;
  /** 2026-10-31, 2026-W44, 2026-10. */
  readonly name: string;
  readonly first: number;
  /** Of a period that is not over, today. */
  readonly last: number;
  readonly complete: boolean;
}

const DATES: Readonly<Record<ReportKind, { readonly form: RegExp; readonly expected: string }>> = {
  daily: { form: /^\d{4}-\d{2}-\d{2}$/, expected: "a day YYYY-MM-DD" },
  weekly: { form: /^\d{4}-(?:W\d{2}|\d{2}-\d{2})$/, expected: "a week YYYY-Www, or a day of it YYYY-MM-DD" },
  monthly: { form: /^\d{4}-\d{2}(?:-\d{2})?$/, expected: "a month YYYY-MM, or a day of it" },
};

/**
 * The period that a date falls into; without a date the last one that is over on the day `today`.
 * @throws UsageError for what is no date, or begins after today.
 */
export function periodOf(kind: ReportKind, date: string | undefined, today: number): Period {
  const last = date === undefined ? around(kind, today).first - 1 : dayIn(kind, date);
  const period = around(kind, last);
  if (period.first > today) throw new UsageError(`date: found ${period.name}, which has not begun; expected one that has`);
  return { ...period, last: Math.min(period.last, today), complete: period.last < today };
}

/** The whole one before. */
export function periodBefore({ kind, first }: Period): Period {
  return around(kind, first - 1);
}

function dayIn(kind: ReportKind, date: string): number {
  const { form, expected } = DATES[kind];
  const day = form.test(date) ? (date.includes("W") ? mondayOf(date) : dayNumber(date.length === 7 ? `${date}-01` : date)) : Number.NaN;
  const named = Number.isFinite(day) && (date.includes("W") ? bucketOf(day, "week") === date : dayName(day).startsWith(date));
  if (!named) throw new UsageError(`date: expected ${expected}; found ${date}`);
  return day;
}

function mondayOf(week: string): number {
  const fourth = dayNumber(`${week.slice(0, 4)}-01-04`);
  return mondayBefore(fourth) + 7 * (Number(week.slice(6)) - 1);
}

/** Day 0 was a Thursday. */
function mondayBefore(day: number): number {
  return day - ((((day + 3) % 7) + 7) % 7);
}

function around(kind: ReportKind, day: number): Period {
  const rest = { kind, complete: true };
  if (kind === "daily") return { ...rest, name: dayName(day), first: day, last: day };
  if (kind === "weekly") return { ...rest, name: bucketOf(day, "week"), first: mondayBefore(day), last: mondayBefore(day) + 6 };
  const name = dayName(day).slice(0, 7);
  return { ...rest, name, ...monthDays(name) };
}

/** First day of the month so many months before the month of a day. */
export function monthsBefore(day: number, months: number): number {
  const [year, month] = dayName(day).split("-").map(Number) as [number, number];
  return Date.UTC(year, month - 1 - months, 1) / 86_400_000;
}
