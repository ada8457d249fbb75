/** What the page of a lift knows, and what keeps it up to date while somebody looks. */
import { batch, signal } from "@preact/signals";
import type { Alert } from "../../../../src/core/effects.ts";
import type { LiftLearning } from "../../../../src/core/learning/learnt-view.ts";
import type { LiftView } from "../../../../src/core/view.ts";
import { getAlertsOf, getDays, getLearning, getLift, getMinutes, getReadings, Refused } from "../rest.ts";
import { now, zone } from "../site.ts";
import { type Curve, ofDays, ofMinutes, ofReadings } from "./curves.ts";
import { type Stretch, stretchAt } from "./stretch.ts";

export interface Drawn {
  readonly stretch: Stretch;
  readonly curves: readonly Curve[];
  readonly truncated: boolean;
}

export const lift = signal<LiftView | null>(null);
export const liftAt = signal<number | null>(null);
export const unknown = signal(false);
export const alerts = signal<readonly Alert[] | null>(null);
export const learning = signal<LiftLearning | null>(null);
export const drawn = signal<Drawn | null>(null);
export const drawing = signal<"asking" | "failed" | "shown">("asking");

/** The car: a second is what a person sees as live. */
const LIFT_EVERY_MS = 1_000;
export const ALERTS_MOST = 200;
/** Six hours at one reading a second and channel. */
const READINGS_MOST = 60_000;
/** A picture that is drawn anew more often than a pixel changes is for nobody. */
const PIXELS = 600;
const DRAW_LEAST_MS = 1_500;
const DRAW_MOST_MS = 60_000;
const DAY_MS = 86_400_000;

/** Empties everything for another lift. */
export function reset(): void {
  batch(() => {
    lift.value = null;
    liftAt.value = null;
    unknown.value = false;
    alerts.value = null;
    learning.value = null;
    drawn.value = null;
    drawing.value = "asking";
  });
}

/** Follows the lift's newest state until the answer is called. */
export function followLift(id: string): () => void {
  return repeat(LIFT_EVERY_MS, async (isOver) => {
    try {
      const found = await getLift(id);
      if (isOver()) return;
      batch(() => {
        lift.value = found;
        liftAt.value = Date.now();
        unknown.value = false;
      });
    } catch (error) {
      if (!isOver() && error instanceof Refused && error.status === 404) unknown.value = true;
    }
  });
}

/** Asks for the stretch that the address names, and again while it is live. */
export function followStretch(id: string, stretch: Stretch): () => void {
  drawing.value = "asking";
  const everyMs = stretch.live ? Math.min(DRAW_MOST_MS, Math.max(DRAW_LEAST_MS, stretch.spanMs / PIXELS)) : Number.POSITIVE_INFINITY;
  return repeat(everyMs, async (isOver) => {
    const asked = stretch.live ? stretchAt(now.peek()) : stretch;
    try {
      const found = await ask(id, asked);
      if (isOver()) return;
      batch(() => {
        drawn.value = found;
        drawing.value = "shown";
      });
    } catch {
      if (!isOver()) drawing.value = "failed";
    }
  });
}

async function ask(id: string, stretch: Stretch): Promise<Drawn> {
  const { from, to, grain } = stretch;
  if (grain === "readings") {
    const { readings, next } = await getReadings(id, from, to, READINGS_MOST);
    return { stretch, curves: ofReadings(readings, to), truncated: next !== null };
  }
  if (grain === "minutes") {
    const { minutes, next } = await getMinutes(id, from, to);
    return { stretch, curves: ofMinutes(minutes), truncated: next !== null };
  }
  return { stretch, curves: ofDays(await getDays(id, dayOf(from), dayOf(to)), dayStart), truncated: false };
}

/** The day of the site's zone, YYYY-MM-DD. */
function dayOf(at: number): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone.peek(), year: "numeric", month: "2-digit", day: "2-digit" }).format(at);
}

/** The middle of a day of the site's zone, near enough for a picture of a year: its bars stand over it. */
function dayStart(day: string): number {
  const utc = Date.parse(`${day}T00:00:00Z`);
  for (const shift of [-1, 0, 1]) if (dayOf(utc + (shift * DAY_MS) / 2) === day) return utc + (shift * DAY_MS) / 2;
  return utc;
}

/** Alerts and what is learnt: once, and again when the feed has something new of this lift. */
export async function askOnce(id: string): Promise<void> {
  const [found, learnt] = await Promise.allSettled([getAlertsOf(id, ALERTS_MOST), getLearning(id)]);
  if (found.status === "fulfilled") alerts.value = found.value;
  if (learnt.status === "fulfilled") learning.value = learnt.value;
}

function repeat(everyMs: number, act: (isOver: () => boolean) => Promise<void>): () => void {
  let over = false;
  let timer: number | undefined;
  const turn = async (): Promise<void> => {
    if (document.visibilityState === "visible") await act(() => over);
    if (!over && Number.isFinite(everyMs)) timer = window.setTimeout(() => void turn(), everyMs);
  };
  void turn();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
