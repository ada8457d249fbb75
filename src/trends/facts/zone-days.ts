/** Days of the site's zone by number (days since 1970-01-01), their beginnings, and the stretches of them that trends are asked for. */
import { dayBegins } from "../../store/day-begins.ts";
import { dayName } from "../../core/calendar.ts";

const DAY_MS = 86_400_000;
/** Days before 1970 that there may be. */
const EARLIEST = 50_000;

export const BUCKETS = ["day", "week", "month", "total"] as const;
export type Bucket = (typeof BUCKETS)[number];

/** Looks beginnings up once: the language's own calendar is slow. */
export class ZoneDays {
  readonly timezone: string;
  /** By day and EARLIEST; NaN where it was not looked up yet. */
  readonly #begins: number[] = [];

  constructor(timezone: string) {
    this.timezone = timezone;
  }

  /** First instant of a day, ms. */
  begin(day: number): number {
    const time = this.#begins[day + EARLIEST];
    if (time !== undefined && !Number.isNaN(time)) return time;
    while (this.#begins.length <= day + EARLIEST) this.#begins.push(Number.NaN);
    return (this.#begins[day + EARLIEST] = dayBegins(dayName(day), this.timezone));
  }

  /** The day that an instant (ms) falls on. */
  dayOf(time: number): number {
    let day = Math.floor(time / DAY_MS);
    while (this.begin(day) > time) day--;
    while (this.begin(day + 1) <= time) day++;
    return day;
  }
}

/** What a bucket is called: 2026-10-31, 2026-W44 (ISO 8601, from Monday), 2026-10, total. */
export function bucketOf(day: number, bucket: Bucket): string {
  if (bucket === "total") return "total";
  if (bucket === "month") return dayName(day).slice(0, 7);
  return bucket === "day" ? dayName(day) : isoWeek(day);
}

function isoWeek(day: number): string {
  // Day 0 was a Thursday; the Thursday of a week is of its ISO year.
  const thursday = day - ((day + 3) % 7) + 3;
  const year = dayName(thursday).slice(0, 4);
  const week = Math.floor((thursday - Date.parse(`${year}-01-01`) / DAY_MS) / 7) + 1;
  return `${year}-W${String(week).padStart(2, "0")}`;
}

/** First and last day of a calendar month, YYYY-MM. */
export function monthDays(month: string): { readonly first: number; readonly last: number } {
  const [year, number] = month.split("-").map(Number) as [number, number];
  return { first: Date.UTC(year, number - 1, 1) / DAY_MS, last: Date.UTC(year, number, 1) / DAY_MS - 1 };
}
