/** Times and spans for people. Clocks are the site's, whatever zone the reader sits in. */

/** Hours, minutes and seconds by 24 hours, with the date before it when `atMs` is not the same day as `nowMs`. */
export function clockTime(atMs: number, nowMs: number, zone: string, tag: string): string {
  const day = formatter(tag, zone, "day");
  const time = formatter(tag, zone, "time").format(atMs);
  return day.format(atMs) === day.format(nowMs) ? time : `${day.format(atMs)} ${time}`;
}

/** The date with its weekday. */
export function dateOnly(atMs: number, zone: string, tag: string): string {
  return formatter(tag, zone, "date").format(atMs);
}

/** Date and time with seconds. */
export function dateTime(atMs: number, zone: string, tag: string): string {
  return `${dateOnly(atMs, zone, tag)} ${formatter(tag, zone, "time").format(atMs)}`;
}

/** The zone's offset as people write it, e.g. `GMT+8`. */
export function zoneOffset(atMs: number, zone: string): string {
  const parts = formatter("en", zone, "offset").formatToParts(atMs);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? zone;
}

/** A span in ms: `0:42`, `12:05`, `2:14:05`, and from two days on `2 d 04 h`. Never below zero: a lift's clock may run ahead. */
export function span(ms: number, units: { readonly days: string; readonly hours: string }): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} ${units.days} ${two(hours % 24)} ${units.hours}`;
  return hours > 0 ? `${hours}:${two(minutes % 60)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

type Form = "time" | "day" | "date" | "offset";
const OPTIONS: Readonly<Record<Form, Intl.DateTimeFormatOptions>> = {
  time: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  day: { month: "short", day: "numeric" },
  date: { year: "numeric", month: "short", day: "numeric", weekday: "short" },
  offset: { timeZoneName: "shortOffset" },
};
/** Making a formatter costs more than using it a hundred times; there are as many as forms, languages and zones in use. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(tag: string, zone: string, form: Form): Intl.DateTimeFormat {
  const key = `${form} ${tag} ${zone}`;
  let found = formatters.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(tag, { ...OPTIONS[form], timeZone: zone });
    formatters.set(key, found);
  }
  return found;
}
