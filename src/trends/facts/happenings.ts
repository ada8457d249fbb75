/** What befell lifts, one by one: people shut in and how they were helped, stops and how long they lasted. */
import { meaningOfCode } from "../../core/dialects.ts";
import { ENTRAPMENTS } from "../../core/effects.ts";
import type { Alert, Hazard } from "../../core/effects.ts";

/** Times are ms since the epoch; null where nobody said. `lift` is the lift's number. */
export interface Entrapment {
  readonly lift: number;
  readonly at: number;
  /** When people were told of it: by the monitor, or by a call. */
  readonly toldAt: number;
  readonly dispatchedAt: number | null;
  readonly arrivedAt: number | null;
  readonly rescuedAt: number | null;
  /** From imported records. */
  readonly recorded: boolean;
}

/** A lift that stood still. */
export interface Outage {
  readonly lift: number;
  readonly from: number;
  readonly until: number;
  readonly recorded: boolean;
}

/** Hazards whose alerts trends count. */
export const COUNTED_HAZARDS: readonly Hazard[] = [...ENTRAPMENTS, "stopped-outside-door-zone", "reported-fault"];

/** An entrapment that was confirmed, and was none by design. */
export function entrapmentOf(alert: Alert, lift: number): Entrapment | null {
  if (!ENTRAPMENTS.has(alert.hazard) || alert.evidence !== "confirmed" || alert.suppressedBy !== null) return null;
  const { raisedAt: at, detectedAt: toldAt, dispatchedAt, arrivedAt, rescuedAt } = alert;
  return { lift, at, toldAt, dispatchedAt, arrivedAt, rescuedAt, recorded: false };
}

/** A stop that is over: its condition lasted from the raising to the clearing, by the device's clock. */
export function outageOf(alert: Alert, lift: number): Outage | null {
  const { hazard, clearedAt, raisedAt, evidence, suppressedBy, details } = alert;
  if (clearedAt === null || clearedAt <= raisedAt || evidence !== "confirmed" || suppressedBy !== null) return null;
  if (!COUNTED_HAZARDS.includes(hazard) || (hazard === "reported-fault" && !stops(details["faults"]))) return null;
  return { lift, from: raisedAt, until: clearedAt, recorded: false };
}

function stops(faults: unknown): boolean {
  if (!Array.isArray(faults)) return false;
  return faults.some(({ dialect, code }: { dialect: string; code: string }) => meaningOfCode(dialect, code)?.stopping === true);
}
