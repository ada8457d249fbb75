/** What stands behind an alert: the readings around it, the values against the limits, and where the journal has it. */
import { LIMITS } from "../config.ts";
import type { Alert, StoredReading } from "../core/effects.ts";
import { rationaleOf, type Rationale } from "../core/rationale/rationale.ts";
import { judged, timeAround, type Judgement } from "../core/judged.ts";
import type { Store } from "../store/store.ts";

/** A reading as REST gives it: the payload's fields, and where it came from. */
export type ShownReading = Pick<StoredReading, "channel" | "receivedAt" | "late"> & StoredReading["reading"];

export interface Explanation {
  readonly readings: readonly ShownReading[];
  readonly around: { readonly from: number; readonly to: number; readonly truncated: boolean };
  readonly judged: readonly Judgement[];
  readonly rationale: Rationale;
  readonly journal: { readonly first: number; readonly last: number; readonly recording: string };
}

/** @throws what the store throws. */
export async function explain(store: Pick<Store, "readings">, alert: Alert): Promise<Explanation> {
  const span = timeAround(alert);
  const from = Math.max(0, span.from);
  const to = Math.max(from + 1, span.to);
  const { rows, next } = await store.readings({ liftId: alert.liftId, from, to, limit: LIMITS.http.aroundReadings });
  let { first, last } = alert.entries;
  for (const { entry } of rows) [first, last] = [Math.min(first, entry), Math.max(last, entry)];
  // A mass event is of many lifts, and stands under one of them.
  const lifts = alert.hazard === "mass-event" ? "" : `&liftId=${encodeURIComponent(alert.liftId)}`;
  return {
    readings: rows.map(shown),
    around: { from, to, truncated: next !== null },
    judged: judged(alert),
    rationale: rationaleOf(alert.hazard),
    journal: { first, last, recording: `/api/export/recording?from=${first}&to=${last}${lifts}` },
  };
}

export function shown({ channel, receivedAt, late, reading }: StoredReading): ShownReading {
  return { channel, receivedAt, late, ...reading };
}
