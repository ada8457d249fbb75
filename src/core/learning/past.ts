/**
 * The last days of a chart, for people: each day's value and how far the statistic was towards its threshold, in three characters
 * a day, because every lift has some nine charts and all of it is in memory and in each snapshot.
 */
import type { Stream } from "./streams.ts";

/** Days kept: a change of two standard deviations is proved in 7, the days before it are for comparison, and a lift's state stays below 4 KiB. */
export const PAST_DAYS = 10;

const CHARS_A_DAY = 3;
/** Printable, and as they are in JSON: no quote and no backslash. */
const DIGITS = Array.from({ length: 92 }, (_, at) => String.fromCharCode(35 + at)).filter((digit) => digit !== "\\");
const BASE = DIGITS.length;
const PLACES = new Map(DIGITS.map((digit, place) => [digit, place]));
/** The greatest number says that the day had too few observations. */
const NOTHING = BASE * BASE - 1;
/** Steps of the statistic up to its threshold; sums stop at twice that. */
const STEPS = 40;

/** How a kind of value is written: from where, in which steps (charted units). */
interface Grid {
  readonly from: number;
  readonly step: number;
}

/** Logarithms in per mille: 0.2 % a step, up to an hour. */
const LOGARITHMS: Grid = { from: 0, step: 2 };
/** Hundredths of a millimetre, to 100 mm either way. */
const OFFSETS: Grid = { from: -10_000, step: 2.5 };
/** Events a cycle. */
const RATES: Grid = { from: 0, step: 1 / 8_000 };

export interface PastDay {
  /** In charted units; null where the day had too few observations. */
  readonly value: number | null;
  /** The greater sum as a share of its threshold; null with the value. */
  readonly share: number | null;
}

function gridOf(unit: Stream["unit"] | "per cycle"): Grid {
  return unit === "mm" ? OFFSETS : unit === "per cycle" ? RATES : LOGARITHMS;
}

/** Adds the newest day; the oldest goes. */
export function remembered(past: string | undefined, unit: Stream["unit"] | "per cycle", { value, share }: PastDay): string {
  const { from, step } = gridOf(unit);
  const level = value === null ? NOTHING : Math.max(0, Math.min(NOTHING - 1, Math.round((value - from) / step)));
  const height = Math.max(0, Math.min(2 * STEPS, Math.round((share ?? 0) * STEPS)));
  const day = `${DIGITS[Math.floor(level / BASE)]}${DIGITS[level % BASE]}${DIGITS[height]}`;
  return ((past ?? "") + day).slice(-CHARS_A_DAY * PAST_DAYS);
}

/** Oldest first. */
export function pastDays(past: string | undefined, unit: Stream["unit"] | "per cycle"): PastDay[] {
  const { from, step } = gridOf(unit);
  const days: PastDay[] = [];
  const chars = past ?? "";
  for (let at = 0; at + CHARS_A_DAY <= chars.length; at += CHARS_A_DAY) {
    const [high = 0, low = 0, height = 0] = [0, 1, 2].map((offset) => PLACES.get(chars[at + offset] ?? ""));
    const level = high * BASE + low;
    days.push(level === NOTHING ? { value: null, share: null } : { value: from + level * step, share: height / STEPS });
  }
  return days;
}
