/** Round instants of an axis of time, by the site's clock. */
import type { Period } from "./figures.ts";
import type { Language } from "./words.ts";

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14, 30, 60, 120, 365].map((count) => count * DAY),
];
/** Ticks that fit side by side with their words. */
const MOST = 12;

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** At most twelve; a period that stands on one instant has that one. */
export function ticks({ from, to }: Period, timezone: string, language: Language): Tick[] {
  const step = STEPS.find((candidate) => (to - from) / candidate <= MOST) ?? Math.ceil((to - from) / MOST / DAY) * DAY;
  const format = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", {
    timeZone: timezone,
    ...(step >= DAY ? { dateStyle: "medium" } : { hour: "2-digit", minute: "2-digit", ...(step < MINUTE ? { second: "2-digit" } : {}) }),
    ...(step < DAY && to - from > DAY ? { month: "numeric", day: "numeric" } : {}),
  });
  const offset = offsetMs(from, timezone);
  const result: Tick[] = [];
  for (let at = Math.ceil((from + offset) / step) * step - offset; at <= to; at += step) result.push({ at, label: format.format(at) });
  return result.length === 0 ? [{ at: from, label: format.format(from) }] : result;
}

/** What the zone's clock shows ahead of UTC, ms. The Swedish form of a date is ISO's. */
function offsetMs(at: number, timezone: string): number {
  const whole = Math.floor(at / SECOND) * SECOND;
  return Date.parse(`${new Date(whole).toLocaleString("sv-SE", { timeZone: timezone }).replace(" ", "T")}Z`) - whole;
}
