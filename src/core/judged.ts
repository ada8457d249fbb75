/** What an alert was judged by, for people: each value beside its limit, and where its evidence begins. Pure; reads the alert only. */
import { z } from "zod";
import type { Alert, Hazard } from "./effects.ts";

const scalar = z.union([z.number(), z.string(), z.boolean(), z.null()]);
type Scalar = z.infer<typeof scalar>;

const COMPARISONS = [">", ">=", "<", "is", "is not", "reported"] as const;
type Comparison = (typeof COMPARISONS)[number];

export const judgementSchema = z.object({
  name: z
    .string()
    .describe("the value's name in `details`, or a name of its own where it was derived; a magnitude where its sign says nothing"),
  value: scalar.describe("as it was when the alert was told of last while active; null where it is unknown"),
  limit: scalar.describe("of the rule, or derived for this lift; null where it is unknown or there is none"),
  comparison: z
    .enum(COMPARISONS)
    .nullable()
    .describe("how the value must stand to the limit for the hazard; `reported`: the controller said so; null: not known"),
  unit: z.string().nullable(),
  met: z.boolean().nullable().describe("whether it stands so; null where it cannot be told"),
});
/** A value beside its limit. */
export type Judgement = z.infer<typeof judgementSchema>;

interface Row {
  readonly name: string;
  readonly comparison: Comparison;
  /** Key of the limit in `rule.limits`, or the limit itself where it is part of the rule's words. */
  readonly limit: { readonly key: string } | { readonly fixed: Scalar };
  /** Where the value is not `details[name]`. */
  readonly value?: (alert: Alert) => Scalar;
}

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/Mps$/, "m/s"],
  [/Mm$/, "mm"],
  [/Ms$/, "ms"],
  [/Kg$/, "kg"],
  [/Floors$/, "floors"],
  [/M$/, "m"],
  [/S$/, "s"],
];

const numberOf = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);
const detail = (alert: Alert, name: string): number | null => numberOf(alert.details[name]);
const limitOf = (alert: Alert, key: string): number | null => numberOf(alert.rule.limits[key]);

function scalarOf(value: unknown): Scalar {
  return typeof value === "string" || typeof value === "boolean" ? value : numberOf(value);
}

const row = (name: string, comparison: Comparison, key: string, value?: (alert: Alert) => Scalar): Row => ({
  name,
  comparison,
  limit: { key },
  ...(value === undefined ? {} : { value }),
});
const fixed = (name: string, comparison: Comparison, limit: Scalar, value?: (alert: Alert) => Scalar): Row => ({
  name,
  comparison,
  limit: { fixed: limit },
  ...(value === undefined ? {} : { value }),
});
/** Where the sign is a direction only. */
const magnitude = (name: string, comparison: Comparison, key: string): Row =>
  row(name, comparison, key, (alert) => {
    const value = detail(alert, name);
    return value === null ? null : Math.abs(value);
  });

/** The door that stands in the way of being closed; the front one where both are. */
function door({ details }: Alert): Scalar {
  const doors = (details["doors"] ?? {}) as Readonly<Record<string, unknown>>;
  const states = [doors["front"], doors["rear"]].filter((state) => typeof state === "string");
  return states.find((state) => state !== "closed") ?? states[0] ?? null;
}

/** How long it lasted: to its end, or as long as it must have for the alert to be raised. */
function lastedMs(alert: Alert): number | null {
  const begun = evidenceAt(alert);
  return begun === null ? null : (alert.clearedAt ?? alert.raisedAt) - begun;
}

function silentMs(alert: Alert): number | null {
  const heardAt = detail(alert, "lastHeardAt");
  return heardAt === null ? null : alert.detectedAt - heardAt;
}

/** Of the code that came most often. */
function mostTimes({ details }: Alert): number | null {
  const codes = Array.isArray(details["codes"]) ? (details["codes"] as readonly { readonly times?: unknown }[]) : [];
  return codes.length === 0 ? null : Math.max(...codes.map(({ times }) => numberOf(times) ?? 0));
}

/** The end is known: until then only that it lasted long enough to be raised. */
const endedLastedMs = (alert: Alert): number | null => (alert.clearedAt === null ? null : lastedMs(alert));

const trapped = (atLevel: boolean): readonly Row[] => [
  magnitude("speedMps", "<", "stoppedBelowMps"),
  fixed("doorZone", "is", atLevel),
  fixed("door", "is", "closed", door),
  fixed("persons", ">=", 1),
  row("loadKg", ">", "loadAboveKg"),
  fixed("alarmButton", "is", true),
  row("lastedMs", ">=", "suspectedAfterMs", lastedMs),
  row("lastedMs", ">=", "confirmedAfterMs", endedLastedMs),
];

/** What each rule compares, in the order of domain.md §3's words; any one of several may have been enough. */
const ROWS: Readonly<Record<Hazard, readonly Row[]>> = {
  entrapment: trapped(false),
  "entrapment-at-level": trapped(true),
  "unintended-movement": [
    fixed("door", "is not", "closed", door),
    magnitude("levelOffsetMm", ">", "offsetAboveMm"),
    row("goneMm", ">", "offsetAboveMm"),
    fixed("doorZone", "is", false),
    magnitude("speedMps", ">", "speedAboveMps"),
  ],
  "door-open-while-running": [
    fixed("door", "is not", "closed", door),
    magnitude("speedMps", ">", "speedAboveMps"),
    fixed("doorZone", "is", false),
  ],
  overspeed: [
    row("factor", ">", "warnFactor"),
    row("factor", ">", "alarmFactor"),
    row("factor", ">=", "criticalFactor"),
    magnitude("speedMps", ">=", "criticalMps"),
  ],
  overtravel: [row("beyondMm", ">", "beyondMm"), fixed("doorZone", "is", false)],
  "escalator-overspeed": [row("factor", ">", "factor")],
  "escalator-reversal": [row("againstMps", ">", "againstAboveMps")],
  "escalator-missing-step": [],
  "mass-event": [row("count", ">=", "minLifts")],
  "stopped-outside-door-zone": [
    magnitude("speedMps", "<", "stoppedBelowMps"),
    fixed("doorZone", "is", false),
    row("lastedMs", ">=", "afterMs", lastedMs),
  ],
  "run-time-exceeded": [row("movedWithoutFloorMs", ">", "limitMs")],
  "brake-weakening": [magnitude("rollMm", ">", "rollAboveMm"), row("stops", ">=", "confirmedStops")],
  "levelling-drift": [magnitude("stopOffsetMm", ">", "offsetAboveMm"), row("stops", ">=", "confirmedStops")],
  "position-lost": [magnitude("jumpFloors", ">", "jumpAboveFloors")],
  "handrail-deviation": [row("deviation", ">", "deviation"), row("lastedMs", ">=", "afterMs", lastedMs)],
  // Where the entrapment rules cannot judge, the button itself is told; beside a code it says nothing.
  "reported-fault": [fixed("alarmButton", "is", true, ({ details }) => (details["alarmButton"] === true ? true : null))],
  "repeated-faults": [row("mostTimes", ">=", "times", mostTimes), row("stoppingFaultsInMonth", ">=", "stoppingFaults")],
  "fault-rate-high": [row("faults", ">=", "faults")],
  silent: [row("silentMs", ">", "staleAfterMs", silentMs), row("silentMs", ">", "offlineAfterMs", silentMs)],
  "door-held-open": [
    fixed("door", "is not", "closed", door),
    row("openMs", ">=", "afterMs", (alert) => {
      const openSince = detail(alert, "openSince");
      return openSince === null ? null : alert.raisedAt - openSince;
    }),
  ],
  "door-cycling": [row("reopenings", ">=", "reopenings"), row("reopenings", ">=", "manyReopenings")],
  "door-slowing": [row("longerPercent", ">=", "longerPercent"), row("cycleLongerPercent", ">=", "cycleLongerPercent")],
  "travel-slowing": [row("longerPercent", ">=", "longerPercent")],
  "frozen-signal": [row("identicalReadings", ">=", "readings"), row("loadKg", "<", "loadBelowKg")],
};

/**
 * The values that `alert` was judged by beside their limits, as far as the alert carries both; then the controller's codes that are part
 * of its evidence. A hazard without a table of its own gives what stands under one name in its details and its limits.
 */
export function judged(alert: Alert): Judgement[] {
  const rows = ROWS[alert.hazard];
  const compared = rows.length > 0 ? rows.flatMap((each) => compare(alert, each)) : sameNames(alert);
  return [...compared, ...learnt(alert), ...reported(alert)];
}

function compare(alert: Alert, { name, comparison, limit, value }: Row): Judgement[] {
  const found = value === undefined ? scalarOf(alert.details[name]) : value(alert);
  const bound = "key" in limit ? scalarOf(alert.rule.limits[limit.key]) : limit.fixed;
  // A rule of an older version may lack the limit, a lift the sensor: then there is nothing to show.
  if (found === null && (bound === null || "fixed" in limit)) return [];
  return [{ name, value: found, limit: bound, comparison, unit: unitOf(name), met: holds(found, comparison, bound) }];
}

function holds(value: Scalar, comparison: Comparison, limit: Scalar): boolean | null {
  if (value === null || limit === null) return null;
  if (comparison === "is") return value === limit;
  if (comparison === "is not") return value !== limit;
  if (typeof value !== "number" || typeof limit !== "number") return null;
  return comparison === ">" ? value > limit : comparison === ">=" ? value >= limit : value < limit;
}

function sameNames({ details, rule }: Alert): Judgement[] {
  return Object.entries(rule.limits).flatMap(([name, limit]) =>
    name in details && limit !== null
      ? [{ name, value: scalarOf(details[name]), limit, comparison: null, unit: unitOf(name), met: null }]
      : [],
  );
}

/** Of a trend that was learnt: each signal's sum beside the threshold of its chart (docs/learning.md). */
function learnt({ details }: Alert): Judgement[] {
  const signals = Array.isArray(details["signals"]) ? (details["signals"] as readonly Readonly<Record<string, unknown>>[]) : [];
  return signals.map(({ signal, statistic, threshold }) => {
    const [value, limit] = [scalarOf(statistic), scalarOf(threshold)];
    return { name: String(signal), value, limit, comparison: ">=", unit: null, met: holds(value, ">=", limit) };
  });
}

function reported({ details }: Alert): Judgement[] {
  return [details["reportedBy"], details["faults"]].flatMap((list) =>
    (Array.isArray(list) ? (list as readonly { readonly code?: unknown; readonly dialect?: unknown }[]) : []).map(
      ({ code, dialect }): Judgement => ({
        name: "code",
        value: scalarOf(code),
        limit: null,
        comparison: "reported",
        unit: typeof dialect === "string" ? dialect : null,
        met: true,
      }),
    ),
  );
}

function unitOf(name: string): string | null {
  return UNITS.find(([suffix]) => suffix.test(name))?.[1] ?? null;
}

/** Limits that say how long before `raisedAt` the evidence began. */
const EVIDENCE_KEYS = ["suspectedAfterMs", "afterMs", "limitMs", "warnAfterMs", "withinMs"] as const;
/** A longer way back is history, not the moment: three faults in a day begin at the third. */
const EVIDENCE_MOST_MS = 600_000;

/** When the evidence for the raise began, device time, ms since the epoch; for `silent` and `mass-event` the monitor's; null where only the moment itself counts. */
export function evidenceAt(alert: Alert): number | null {
  const { raisedAt } = alert;
  const heardAt =
    alert.hazard === "silent" ? detail(alert, "lastHeardAt") : alert.hazard === "mass-event" ? detail(alert, "lostFrom") : null;
  if (heardAt !== null) return Math.max(heardAt, raisedAt - EVIDENCE_MOST_MS);
  for (const key of EVIDENCE_KEYS) {
    const spanMs = limitOf(alert, key);
    if (spanMs !== null) return spanMs > EVIDENCE_MOST_MS ? null : raisedAt - spanMs;
  }
  return null;
}

/** Two minutes before the evidence, one after the raise. */
const BEFORE_MS = 120_000;
const AFTER_MS = 60_000;

/** The stretch of device time that explains the alert, ms since the epoch; `to` is exclusive. */
export function timeAround(alert: Alert): { readonly from: number; readonly to: number } {
  return { from: (evidenceAt(alert) ?? alert.raisedAt) - BEFORE_MS, to: alert.raisedAt + AFTER_MS };
}
