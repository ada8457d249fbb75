/** When a day of the site begins: the time of its counts, so that a tool that buckets by day in that zone puts them right. */
import { Calendar } from "../core/calendar.ts";

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
const DAYS_KNOWN = 100;

/** `dayBegins` in a zone, with what was asked for before at hand: it is slow, and days are few. */
export function createDayTimes(timezone: string): (day: string) => number {
  const known = new Map<string, number>();
  return (day) => {
    let time = known.get(day);
    if (time === undefined) {
      time = dayBegins(day, timezone);
      if (known.size >= DAYS_KNOWN) known.clear();
      known.set(day, time);
    }
    return time;
  };
}

/** Begin of `day` (YYYY-MM-DD) in the zone, ms: the first quarter of an hour that is of that day, whatever the clocks did. */
export function dayBegins(day: string, timezone: string): number {
  const calendar = new Calendar(timezone);
  const utc = Date.parse(`${day}T00:00:00Z`);
  // Zones are at most 14 h from UTC, and days at most an hour or so from 24 h.
  let early = Math.floor((utc - DAY_MS) / QUARTER_MS);
  let late = Math.floor((utc + DAY_MS) / QUARTER_MS);
  while (late - early > 1) {
    const middle = (early + late) >> 1;
    if (calendar.dayOf(middle * QUARTER_MS) < day) early = middle;
    else late = middle;
  }
  return late * QUARTER_MS;
}
