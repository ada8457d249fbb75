/** When faults happen: the shape of a year, a week and a day, in the fleets' zone. */
import type { Random } from "../random.ts";

export const DAY_MS = 86_400_000;
/** China Standard Time, which has no daylight saving. */
const ZONE_MS = 8 * 3_600_000;
export const DAYS_A_YEAR = 365.25;

/** June to September are high (source); by how much is an assumption: 1.3 times the mean year. */
const HIGH_MONTH = 1.3;
const HIGH_DAYS = 122;
const LOW_MONTH = (DAYS_A_YEAR - HIGH_MONTH * HIGH_DAYS) / (DAYS_A_YEAR - HIGH_DAYS);
/** Sunday first; mean 1. Most lifts are residential, so a weekend is only a little quieter (assumption). */
const WEEKDAY = [0.93, 1.03, 1.02, 1.02, 1.02, 1.03, 0.95] as const;
/**
 * Percent of the day's faults in each hour. 8 to 10 h has 15 %, 18 to 20 h 15.5 %, each as a window of two hours (source: peaks of 12 to
 * 18 % of the day each); the other hours follow the journeys (assumption).
 */
const HOURS = [0.9, 0.6, 0.5, 0.5, 0.7, 1.6, 3.8, 6.0, 7.7, 7.3, 5.4, 5.3, 5.9, 5.1, 4.6, 4.6, 5.1, 6.1, 7.9, 7.6, 5.6, 4.0, 2.2, 1.0];
const HOUR_SUM = HOURS.reduce((sum, share) => sum + share, 0);
/** Share of the day before each hour. */
const BEFORE = HOURS.map((_, hour) => HOURS.slice(0, hour).reduce((sum, share) => sum + share, 0) / HOUR_SUM);

/** Days since 1970 in the fleets' zone. */
export function dayOf(at: number): number {
  return Math.floor((at + ZONE_MS) / DAY_MS);
}
/** The day's first instant, ms. */
export function dayStart(day: number): number {
  return day * DAY_MS - ZONE_MS;
}
export function yearOf(day: number): number {
  return new Date(day * DAY_MS).getUTCFullYear();
}
/** January is 0. */
export function monthOf(day: number): number {
  return new Date(day * DAY_MS).getUTCMonth();
}

/** How many faults a day has against the mean day. */
export function weightOf(day: number): number {
  const month = monthOf(day);
  return (month >= 5 && month <= 8 ? HIGH_MONTH : LOW_MONTH) * (WEEKDAY[(day + 4) % 7] ?? 1);
}

/** How busy an instant is against the day's mean. */
export function busyAt(at: number): number {
  const hour = Math.floor((at - dayStart(dayOf(at))) / 3_600_000);
  return (24 * (HOURS[hour] ?? 0)) / HOUR_SUM;
}

/** The instant (ms) by which `share` (0 to 1) of the day's faults have happened. */
export function instantOf(day: number, share: number): number {
  let hour = 23;
  while (hour > 0 && (BEFORE[hour] ?? 0) > share) hour--;
  const part = ((share - (BEFORE[hour] ?? 0)) * HOUR_SUM) / (HOURS[hour] ?? 1);
  return dayStart(day) + Math.floor(Math.min(hour + part, 23.999_999) * 3_600_000);
}

/** Instants of a Poisson process of `perDay` events on the mean day, in order; `flat` for what does not follow people's hours. */
export function instants(random: Random, day: number, perDay: number, flat = false): number[] {
  const found: number[] = [];
  const mean = 1 / (perDay * weightOf(day));
  for (let share = random.exponential(mean); share < 1; share += random.exponential(mean)) {
    found.push(flat ? dayStart(day) + Math.floor(share * DAY_MS) : instantOf(day, share));
  }
  return found;
}
