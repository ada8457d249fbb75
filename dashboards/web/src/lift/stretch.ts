/** The stretch of time that a lift's traces show. It is in the address: `span` (2m … 365d) and, unless it goes up to now, `at`, its middle. */
import { param, setParams } from "../router.ts";

export const SPANS = ["2m", "10m", "1h", "6h", "1d", "7d", "30d", "365d"] as const;
export type Span = (typeof SPANS)[number];

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DEFAULT_SPAN = "10m";
const LEAST_MS = 10_000;
const MOST_MS = 400 * 86_400_000;

/** In what grain a stretch is shown: each reading, roll-ups of a minute, or day counts. */
export type Grain = "readings" | "minutes" | "days";
const READINGS_MOST_MS = 6 * 3_600_000;
const MINUTES_MOST_MS = 8 * 86_400_000;

export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly grain: Grain;
  /** Whether it goes up to now, and moves with it. */
  readonly live: boolean;
  readonly spanMs: number;
}

function spanMsOf(text: string | null): number {
  const found = /^(\d{1,6})([smhd])$/.exec(text ?? DEFAULT_SPAN);
  const ms = found === null ? 600_000 : Number(found[1]) * (UNITS[found[2] ?? ""] ?? 0);
  return Math.min(MOST_MS, Math.max(LEAST_MS, ms));
}

export function grainOf(spanMs: number): Grain {
  return spanMs <= READINGS_MOST_MS ? "readings" : spanMs <= MINUTES_MOST_MS ? "minutes" : "days";
}

/** `now`: the monitor's time, ms since the epoch. */
export function stretchAt(now: number): Stretch {
  const spanMs = spanMsOf(param("span"));
  const at = Number(param("at") ?? Number.NaN);
  const grain = grainOf(spanMs);
  if (Number.isSafeInteger(at) && at > 0) {
    return { from: at - Math.floor(spanMs / 2), to: at + Math.ceil(spanMs / 2), grain, live: false, spanMs };
  }
  return { from: now - spanMs, to: now, grain, live: true, spanMs };
}

export function isShown(span: Span): boolean {
  return (param("span") ?? DEFAULT_SPAN) === span;
}

export function showSpan(span: Span): void {
  setParams({ span });
}

/** From a drag over a trace. */
export function showBetween(from: number, to: number): void {
  const seconds = Math.max(LEAST_MS / 1_000, Math.ceil((to - from) / 1_000));
  setParams({ at: String(Math.round((from + to) / 2)), span: `${seconds}s` });
}

/** By a part of what is shown, e.g. −0.5 for half of it back; beyond now it follows now again. */
export function move(stretch: Stretch, share: number, now: number): void {
  const at = Math.round((stretch.from + stretch.to) / 2 + share * stretch.spanMs);
  setParams({ at: at + stretch.spanMs / 2 >= now ? null : String(at) });
}
