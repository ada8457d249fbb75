/** Times as records have them: ISO 8601 with a zone, or local times of a zone in a form that the mapping names. */

/** What each token of a pattern matches; the rest of them are one or two digits. */
const FORMS = { yyyy: "(\\d{4})", yy: "(\\d{2})", MMM: "([A-Za-z]{3})[a-z]*\\.?", SSS: "(\\d{3})", a: "([AaPp])\\.?[Mm]?\\.?" } as const;
type Token = keyof typeof FORMS | "MM" | "dd" | "HH" | "hh" | "mm" | "ss";
const TOKENS = /yyyy|yy|MMM|MM|dd|HH|hh|mm|ss|SSS|a/g;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/** Years of two digits from here on are of the last century (POSIX strptime). */
const LAST_CENTURY_FROM = 69;
const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;
/** The year first, so that nobody mistakes the month: 2024/5/3 8:05, 2024年5月3日8时5分. */
const YEAR_FIRST =
  /^(\d{4})(?:[/.-](\d{1,2})[/.-](\d{1,2})|年(\d{1,2})月(\d{1,2})日)(?:[T ]*(\d{1,2})[:时点](\d{1,2})(?:[:分](?:(\d{1,2})秒?)?)?)?$/;
/** Day 0 of a spreadsheet's serial numbers, as Excel and its kin count since 1900-03-01. */
const SERIAL_ZERO = Date.UTC(1899, 11, 30);
const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;
const OFFSETS_KNOWN = 50_000;

/** Reads one time; null where it is none. */
export type ReadTime = (text: string) => number | null;

/**
 * `format` is `iso` (and whatever has the year first), `excel` (serial days of local time), `epoch-s`, `epoch-ms`, or a pattern of yyyy (or yy) MM (or MMM: Jan, February) dd HH hh mm ss SSS a; MM, dd, HH, hh, mm
 * and ss also with one digit. Local times that the clocks skipped are taken as if they had not been set; of those that come twice the first.
 */
export function timeReader(format: string, timezone: string): ReadTime {
  const local = localTimes(timezone);
  if (format === "epoch-s" || format === "epoch-ms") {
    const factor = format === "epoch-s" ? 1_000 : 1;
    return (text) => (/^\d+(?:\.\d+)?$/.test(text) ? plausible(Math.round(Number(text) * factor)) : null);
  }
  if (format === "excel")
    return (text) => {
      if (!/^\d{1,6}(?:\.\d+)?$/.test(text)) return null;
      // A second is 0.0000116 of a day, and a sheet gives more digits than that.
      const utc = plausible(SERIAL_ZERO + Math.round((Number(text) * DAY_MS) / 1_000) * 1_000);
      return utc === null ? null : local(utc);
    };
  return format === "iso" ? (text) => readIso(text, local) : patternReader(format, local);
}

export function isTimeFormat(format: string): boolean {
  return ["iso", "excel", "epoch-s", "epoch-ms"].includes(format) || ["yy", "MM", "dd"].every((token) => format.includes(token));
}

function readIso(text: string, local: (utc: number) => number): number | null {
  const found = ISO.exec(text);
  if (found === null) return readYearFirst(text, local);
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone] = found;
  const utc = instant([year, month, day, hour, minute, second, fraction.padEnd(3, "0").slice(0, 3)].map(Number));
  if (utc === null || zone === undefined) return utc === null ? null : local(utc);
  if (zone.toUpperCase() === "Z") return utc;
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? [];
  return utc - (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

function readYearFirst(text: string, local: (utc: number) => number): number | null {
  const [, year, month, day, chineseMonth, chineseDay, hour = "0", minute = "0", second = "0"] = YEAR_FIRST.exec(text) ?? [];
  const utc = instant([year, month ?? chineseMonth, day ?? chineseDay, hour, minute, second, 0].map(Number));
  return utc === null ? null : local(utc);
}

/** What a time that was not understood may be, for who has to say so. */
export function hintAt(text: string): string {
  if (/^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b/.test(text))
    return "; day and month can be read two ways: say in --map which (timeFormat: dd/MM/yyyy HH:mm, or MM/dd/yyyy HH:mm)";
  if (/^\d{5}(?:\.\d+)?$/.test(text)) return "; a spreadsheet's number for a time is read with timeFormat: excel in --map";
  if (/^\d{10}(?:\d{3})?$/.test(text)) return "; seconds or milliseconds since 1970 are read with timeFormat: epoch-s or epoch-ms in --map";
  return "";
}

function patternReader(format: string, local: (utc: number) => number): ReadTime {
  const order: Token[] = [];
  const source = format
    .replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
    .replaceAll(TOKENS, (token) => {
      order.push(token as Token);
      return FORMS[token as keyof typeof FORMS] ?? "(\\d{1,2})";
    })
    .replaceAll(/\s+/g, String.raw`\s+`);
  const pattern = new RegExp(`^${source}$`);
  return (text) => {
    const found = pattern.exec(text);
    if (found === null) return null;
    const value = (token: Token) => (order.includes(token) ? found[order.indexOf(token) + 1]! : null);
    const number = (token: Token) => Number(value(token) ?? 0);
    const half = value("a")?.toLowerCase();
    if (half !== undefined && (number("hh") < 1 || number("hh") > 12)) return null;
    const hour = half === undefined ? number("HH") + number("hh") : (number("hh") % 12) + (half === "p" ? 12 : 0);
    const short = number("yy");
    const year = value("yy") === null ? number("yyyy") : short + (short < LAST_CENTURY_FROM ? 2_000 : 1_900);
    const named = value("MMM")?.toLowerCase();
    const month = named === undefined ? number("MM") : MONTHS.indexOf(named) + 1;
    const utc = instant([year, month, number("dd"), hour, number("mm"), number("ss"), number("SSS")]);
    return utc === null ? null : local(utc);
  };
}

/** Null where there is no such day or hour. */
function instant(parts: readonly number[]): number | null {
  const [year, month, day, hour, minute, second, ms] = parts as [number, number, number, number, number, number, number];
  if (hour > 24 || minute > 59 || second > 60) return null;
  const utc = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? plausible(utc) : null;
}

/** Lifts are younger than the first one (1857), and no record is of the next century. */
function plausible(time: number): number | null {
  return time > Date.UTC(1857, 0) && time < Date.UTC(2200, 0) ? time : null;
}

/** From the fields of a local time, as if they were UTC's, to the instant. */
function localTimes(timezone: string): (utc: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const known = new Map<number, number>();
  /** Local time less UTC, ms. Offsets change at whole quarters of an hour. */
  const offsetAt = (time: number): number => {
    const quarter = Math.floor(time / QUARTER_MS);
    let offset = known.get(quarter);
    if (offset === undefined) {
      const part = new Map<string, number>(format.formatToParts(quarter * QUARTER_MS).map(({ type, value }) => [type, Number(value)]));
      const fields = ["year", "month", "day", "hour", "minute", "second"].map((name) => part.get(name) ?? 0);
      const [year, month, day, hour, minute, second] = fields as [number, number, number, number, number, number];
      offset = Date.UTC(year, month - 1, day, hour, minute, second) - quarter * QUARTER_MS;
      if (known.size >= OFFSETS_KNOWN) known.clear();
      known.set(quarter, offset);
    }
    return offset;
  };
  return (utc) => {
    // Before and after: of two instants with this local time the first, of none the one by the offset that was in force.
    const before = utc - offsetAt(utc - 86_400_000);
    const after = utc - offsetAt(utc + 86_400_000);
    if (offsetAt(before) === utc - before) return before;
    return offsetAt(after) === utc - after ? after : before;
  };
}
