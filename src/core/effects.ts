/** What the monitor says: plain data that the store, the feed and REST pass on as it is (contract §§4 to 6). */
import { z } from "zod";
import { ACTS, type ActName, type Work, type WorkOrderEntry } from "./entry.ts";
import type { Channel, Reading } from "./reading.ts";

/** The canonical hazards (domain.md §3), most dangerous first. Those that a version judges are the table of detectors. */
export const HAZARDS = [
  "entrapment",
  "entrapment-at-level",
  "unintended-movement",
  "door-open-while-running",
  "overspeed",
  "overtravel",
  "escalator-overspeed",
  "escalator-reversal",
  "escalator-missing-step",
  "mass-event",
  "stopped-outside-door-zone",
  "run-time-exceeded",
  "brake-weakening",
  "levelling-drift",
  "position-lost",
  "handrail-deviation",
  "reported-fault",
  "repeated-faults",
  "fault-rate-high",
  "silent",
  "door-held-open",
  "door-cycling",
  "door-slowing",
  "travel-slowing",
  "frozen-signal",
] as const;
export type Hazard = (typeof HAZARDS)[number];

/** People shut in: never shelved, never hidden, closed by a person or by the lift. */
export const ENTRAPMENTS: ReadonlySet<Hazard> = new Set(["entrapment", "entrapment-at-level"]);

/** Alert priorities, highest first (EEMUA 191 asks for few). */
export const PRIORITIES = ["critical", "high", "medium", "low"] as const;
export type Priority = (typeof PRIORITIES)[number];

export const CHANGE_KINDS = [
  "raised",
  "confirmed",
  "updated",
  "cleared",
  "acknowledged",
  "shelved",
  "unshelved",
  "suppressed",
  "dispatched",
  "arrived",
  "rescued",
  "closed",
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

const timeMs = z.int().describe("ms since the epoch, UTC");

/** `open` while its time runs; `void` where the people were free before, or nobody had to come any more. */
const dutyState = z.enum(["open", "met", "missed", "void"]);

/** What people have done about an alert, and what is due. */
const handlingShape = {
  acknowledgedAt: timeMs.nullable(),
  shelvedReason: z.string().nullable(),
  dispatchedAt: timeMs.nullable(),
  arrivedAt: timeMs.nullable(),
  rescuedAt: timeMs.nullable(),
  closedAt: timeMs.nullable(),
  closedReason: z.string().nullable(),
  by: z.partialRecord(z.enum(ACTS), z.string()).describe("who did each act last"),
  duty: z
    .object({
      dispatchBy: timeMs.describe("somebody is to be sent by then"),
      dispatch: dutyState,
      arriveBy: timeMs.nullable().describe("and to be there by then; null before the dispatch"),
      arrive: dutyState.nullable(),
    })
    .nullable()
    .describe("of an entrapment that was told; else null"),
  stale: z.boolean().describe("active for longer than the rules' `staleAfterMs`"),
  chattering: z.boolean().describe("its condition comes and goes, and is held as one alert"),
};
const handlingSchema = z.object(handlingShape);
export type Handling = z.infer<typeof handlingSchema>;

/** Of an alert that nobody has touched. */
export const UNHANDLED: Handling = {
  acknowledgedAt: null,
  shelvedReason: null,
  dispatchedAt: null,
  arrivedAt: null,
  rescuedAt: null,
  closedAt: null,
  closedReason: null,
  by: {},
  duty: null,
  stale: false,
  chattering: false,
};

/** An alert (contract §4). Dates are integer ms since the epoch; `details` carries the values that were judged. */
export const alertSchema = z.object({
  id: z.string().describe("26 characters, a function of the journal"),
  liftId: z.string(),
  hazard: z.enum(HAZARDS),
  priority: z.enum(PRIORITIES),
  evidence: z.enum(["suspected", "confirmed"]),
  state: z.enum(["active", "cleared"]),
  acknowledged: z.boolean(),
  shelvedUntil: timeMs.nullable(),
  suppressedBy: z
    .string()
    .nullable()
    .describe("`mode:…` or `register:out-of-service` by design, `group:ID` as part of a mass event, or null: paged unless shelved"),
  raisedAt: timeMs.describe("device time at which the condition had lasted long enough; for `silent` the monitor's time"),
  detectedAt: timeMs.describe("the monitor's time"),
  clearedAt: timeMs.nullable().describe("device time at which the end began; of one that a person closed, the monitor's time of that"),
  occurrences: z.int().min(1),
  groupId: z.string().nullable().describe("id of the mass event that owns it"),
  rule: z.object({ version: z.string(), limits: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])) }),
  details: z.record(z.string(), z.unknown()),
  entries: z.object({ first: z.int(), last: z.int() }).describe("journal entries that it rests on"),
  lift: z.object({ district: z.string().nullable(), building: z.string().nullable(), firm: z.string().nullable() }),
  ...handlingShape,
});
export type Alert = z.infer<typeof alertSchema>;

/** Whether an alert is about a place or a lift: a mass event is about those of all its lifts. */
export function isAbout({ liftId, lift, hazard, details }: Alert, kind: "district" | "lift", name: string): boolean {
  if (name === (kind === "district" ? lift.district : liftId)) return true;
  const list = hazard === "mass-event" ? details[kind === "district" ? "districts" : "liftIds"] : null;
  return Array.isArray(list) && list.includes(name);
}

/**
 * One change of one alert. `n` numbers all changes of a journal from 1 without gaps: it is the SEQ of the feed's
 * cursor. `seq` and `at` are the journal entry and the monitor's time that caused it; `by` and `note` an operator's.
 */
export interface Change {
  readonly n: number;
  readonly seq: number;
  readonly at: number;
  readonly change: ChangeKind;
  readonly by: string | null;
  readonly note: string | null;
  readonly alert: Alert;
}

/** A reading that was accepted, with where it came from. `late`: it came after its lift had been judged past it. */
export interface StoredReading {
  readonly liftId: string;
  readonly channel: Channel;
  /** Journal position of the message that carried it, and its index within that message. */
  readonly entry: number;
  readonly index: number;
  readonly receivedAt: number;
  /** Settled when the reading is judged; the monitor alone sets it. */
  late: boolean;
  readonly reading: Reading;
}

/** A reading (or a message that could not be parsed) that was refused. */
export interface Quarantined {
  readonly entry: number;
  readonly index: number;
  readonly receivedAt: number;
  readonly topic: string;
  readonly source: string;
  /** Short stable code, e.g. `payload-not-json`, `reading-invalid`. */
  readonly reason: string;
  /** Where in the payload, e.g. `3.speedMps`; "" for the whole. */
  readonly path: string;
  /** What was found and what was expected, one sentence. */
  readonly message: string;
  /** The first part of the payload, for people; the journal keeps the whole. */
  readonly excerpt: string;
}

/**
 * Counts of one lift on one day of the site's time zone, in absolute values, so that writing them again is harmless.
 * `inServiceMs` is the exposure: time listened to, in service, not silent.
 */
export interface DayCount {
  readonly day: string;
  readonly liftId: string;
  readonly inServiceMs: number;
  readonly readings: number;
  readonly faults: number;
  readonly stoppingFaults: number;
  readonly entrapments: number;
  readonly trips: number;
}

/** Work that was done on a lift, as its order was journalled: entry, and the monitor's time of it (ms). */
export interface WorkRow {
  readonly entry: number;
  readonly at: number;
  readonly liftId: string;
  readonly work: Work;
  readonly by: string;
  readonly note: string | null;
}

export function workOf({ seq, receivedAt, liftId, work, by, note }: WorkOrderEntry): WorkRow {
  return { entry: seq, at: receivedAt, liftId, work, by, note };
}

/** The answer to an operator's act: `ok`, or why the alert's state forbids it; `invalid` is a time that no state would allow. */
export interface ActOutcome {
  readonly ok: boolean;
  readonly code: "done" | "unknown-alert" | "forbidden-by-state" | "invalid";
  readonly act: ActName;
  readonly message: string;
}

/** All that one entry brings about. Arrays are shared and empty where nothing happened: do not keep or mutate them. */
export interface Effects {
  readonly readings: readonly StoredReading[];
  readonly changes: readonly Change[];
  readonly quarantined: readonly Quarantined[];
  readonly days: readonly DayCount[];
  readonly works: readonly WorkOrderEntry[];
  readonly outcome: ActOutcome | null;
}

/** Readings counted by what became of them (law L5); `late` counts within `accepted`. */
export interface Counts {
  readonly received: number;
  readonly accepted: number;
  readonly duplicate: number;
  readonly late: number;
  readonly quarantined: number;
}
