/** From an alert, or a lift and times, to the stretch of the journal that is replayed. Pure. Times are ms since the epoch. */
import type { Source } from "./replay/protocol.ts";
import type { ExplainedAlert } from "./rest.ts";
import { isoZoned } from "./zoned.ts";

/** What was asked for, to tell of it and to name files after it. */
export interface Asked {
  readonly source: Source;
  /** The stretch by the monitor's clock; null of a file. */
  readonly from: number | null;
  readonly to: number | null;
  readonly lifts: readonly string[];
  readonly alertId: string | null;
  /** Where the reader is set down: the monitor's time; null for the beginning. */
  readonly at: number | null;
}

/** What goes before the evidence, so that the monitor knows the lift when it begins: seconds. */
export const LEADS_S = [120, 600, 3_600, 21_600, 86_400] as const;
export const DEFAULT_LEAD_S = 600;
/** What follows an alert's last word. */
const AFTER_MS = 60_000;
/** An alert that is not over yet, or went on for long, is shown for so long after its raise. */
const LONGEST_MS = 3_600_000;
/** Lifts of a mass event that are asked for: an address has room for so many characters. */
const LIFTS_CHARS = 1_900;

/** The recording of an alert: from `leadS` before its evidence to a minute after its end. `detectedAt` ties the lift's clock to the monitor's. */
export function askForAlert(alert: ExplainedAlert, leadS: number): Asked {
  const { raisedAt, detectedAt, clearedAt, around } = alert;
  const skewMs = Math.max(0, detectedAt - raisedAt);
  const from = Math.max(0, around.from - leadS * 1_000);
  const to = Math.min((clearedAt ?? Infinity) + skewMs, detectedAt + LONGEST_MS) + AFTER_MS;
  const at = Math.max(around.from, raisedAt - 30_000);
  return { ...ask(liftsOf(alert), from, to), alertId: alert.id, at };
}

export function ask(lifts: readonly string[], from: number, to: number): Asked {
  const query = new URLSearchParams({ from: String(Math.floor(from)), to: String(Math.ceil(to)), liftId: lifts.join(",") });
  return { source: { url: `/api/export/recording?${query.toString()}` }, from, to, lifts, alertId: null, at: null };
}

/** A mass event is of many lifts: as many as can be asked for, that of the alert first. */
function liftsOf({ hazard, liftId, details }: ExplainedAlert): readonly string[] {
  const listed = hazard === "mass-event" ? details["liftIds"] : null;
  const lifts = [liftId];
  let chars = liftId.length;
  for (const id of Array.isArray(listed) ? (listed as readonly string[]) : []) {
    chars += id.length + 1;
    if (chars > LIFTS_CHARS) break;
    if (id !== liftId) lifts.push(id);
  }
  return lifts;
}

/** Lifts that a command spells out: a longer line is not copied any more. */
const SPELT = 20;

/** Flags of the program's verbs for a stretch: from a time to a time, of these lifts. */
export function stretchFlags(lifts: readonly string[], from: number, to: number, zone: string): string {
  const times = [`--from ${isoZoned(from, zone)}`, `--to ${isoZoned(to, zone)}`];
  return [...times, ...lifts.slice(0, SPELT).map((id) => `--lift ${id}`)].join(" ");
}
