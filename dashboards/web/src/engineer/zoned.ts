/** Times as people type them, in the site's zone, wherever the reader sits. */

const DAY_MS = 86_400_000;
const FORMATS = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let found = FORMATS.get(zone);
  if (found === undefined) {
    const two = "2-digit" as const;
    const parts = { year: "numeric", month: two, day: two, hour: two, minute: two, second: two } as const;
    found = new Intl.DateTimeFormat("en-CA", { ...parts, hourCycle: "h23", timeZone: zone });
    FORMATS.set(zone, found);
  }
  return found;
}

/** `2026-01-05T08:00:00`, as a field for date and time has it. */
export function toZoned(atMs: number, zone: string): string {
  const parts = Object.fromEntries(
    format(zone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  );
  return `${parts["year"]}-${parts["month"]}-${parts["day"]}T${parts["hour"]}:${parts["minute"]}:${parts["second"]}`;
}

/** Back to ms since the epoch; null where the text is no such time. Of a time that a clock shows twice the first; of one that it skips, the one after. */
export function fromZoned(text: string, zone: string): number | null {
  const wanted = Date.parse(`${text}Z`);
  if (Number.isNaN(wanted)) return null;
  // Clocks change at most once in two days: the offset is that of the day before or that of the day after.
  const offsets = [-DAY_MS, DAY_MS].map((away) => Date.parse(`${toZoned(wanted + away, zone)}Z`) - wanted - away);
  const times = offsets.map((offset) => wanted - offset).sort((a, b) => a - b);
  return times.find((at) => Date.parse(`${toZoned(at, zone)}Z`) === wanted) ?? times.at(-1) ?? null;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** With its offset, as the program's flags take it: `2026-01-05T08:00:00+08:00`. */
export function isoZoned(atMs: number, zone: string): string {
  const local = toZoned(atMs, zone);
  const minutes = Math.round((Date.parse(`${local}Z`) - Math.floor(atMs / 1_000) * 1_000) / 60_000);
  return `${local}${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}
