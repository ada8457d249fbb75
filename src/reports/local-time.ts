/** Times of a report as people of the site read them. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** 2026-10-31 08:15 in the zone. */
export function localTime(time: number, timezone: string): string {
  let format = formats.get(timezone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short", timeStyle: "short" });
    formats.set(timezone, format);
  }
  return format.format(time);
}
