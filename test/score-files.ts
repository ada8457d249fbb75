/** Hand-made truth and alerts for tests of scoring: what matters is said, the rest is as usual. */
import { formatCursor } from "../src/feed/change-frame.ts";
import type { ChangeKind, Hazard } from "../src/core/effects.ts";

/** A Monday at 8 in Guangdong; times of the tests are seconds after it. */
export const START = Date.parse("2026-01-05T08:00:00+08:00");

export function at(seconds: number): number {
  return START + seconds * 1_000;
}

/** A line of a truth file; `lifts` of several are a mass event's. */
export function truthLine(lifts: string | readonly string[], hazard: Hazard, fromS: number, toS: number): string {
  const whom = typeof lifts === "string" ? { liftId: lifts } : { liftIds: lifts };
  return JSON.stringify({ ...whom, hazard, from: at(fromS), to: at(toS) });
}

interface Told {
  readonly id?: string;
  /** By the device's clock; default when it was detected. */
  readonly raisedS?: number;
  readonly clearedS?: number;
  readonly confirmedS?: number;
  readonly suppressedBy?: string;
  readonly groupId?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The change frames of one alert that is detected at `detectedS`: raised (or suppressed), confirmed, cleared. */
export function alertLines(liftId: string, hazard: Hazard, detectedS: number, told: Told = {}): string[] {
  const suppressedBy = told.suppressedBy ?? null;
  const alert = {
    id: told.id ?? `${liftId}-${hazard}-${detectedS}`,
    liftId,
    hazard,
    priority: "high",
    evidence: "suspected",
    state: "active",
    suppressedBy,
    raisedAt: at(told.raisedS ?? detectedS),
    detectedAt: at(detectedS),
    clearedAt: null as number | null,
    groupId: told.groupId ?? null,
    details: told.details ?? {},
  };
  const frames = [frame(suppressedBy === null ? "raised" : "suppressed", detectedS, alert)];
  if (told.confirmedS !== undefined) frames.push(frame("confirmed", told.confirmedS, { ...alert, evidence: "confirmed" }));
  const { clearedS } = told;
  if (clearedS !== undefined) frames.push(frame("cleared", clearedS, { ...alert, state: "cleared", clearedAt: at(clearedS) }));
  return frames;
}

/** One line of an alerts file. */
export function frame(change: ChangeKind, atS: number, alert: object): string {
  return JSON.stringify({ type: "change", cursor: formatCursor("test", atS), change, by: null, note: null, at: at(atS), alert });
}
