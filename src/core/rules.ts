/**
 * Limits of every rule, with their defaults. A site changes them in a YAML file (`--rules`); each alert carries
 * the version and the limits that it was judged by. Marks of sources follow domain.md: S read, C computed,
 * M from memory and unverified, A an assumption of ours.
 */
import { z } from "zod";
import { alertRules, massEventRules } from "./alert-rules.ts";
import type { Hazard } from "./effects.ts";

const ms = (fallback: number, min = 0, max = 86_400_000) => z.int().min(min).max(max).default(fallback);
const factor = (fallback: number) => z.number().min(1).max(3).default(fallback);
const speedMps = (fallback: number) => z.number().min(0).max(10).default(fallback);

/** A person may be inside: persons >= 1, or a load above this, or the alarm button. */
const presence = { loadAboveKg: z.number().min(0).max(1000).default(30).describe("domain.md §3") };
/** Ends an alert whose evidence is so old, though its end was never seen. Entrapments have none: domain.md §4 and G6. */
const autoClose = {
  autoCloseAfterMs: ms(86_400_000, 60_000, 604_800_000).describe("A: a day without new evidence; measured while the lift is heard"),
};
const stopped = { stoppedBelowMps: speedMps(0.05).describe("domain.md §3") };

export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

export const rulesSchema = z.strictObject({
  version: z.string().min(1).max(64).default("builtin-1"),
  site: z
    .strictObject({
      timezone: z
        .string()
        .refine(isTimeZone, "expected an IANA time zone such as Asia/Shanghai")
        .default("Asia/Shanghai")
        .describe("IANA zone in which days begin and end"),
    })
    .prefault({}),
  adapters: z
    .strictObject({
      inspur: z.boolean().default(false).describe("take Inspur-style topics, /API/V1/Up/…, as readings (docs/protocol.md)"),
    })
    .prefault({}),
  sequence: z
    .strictObject({
      reorderHoldMs: ms(2_000, 0, 10_000).describe("law L4: how long a gap in seq holds later readings back"),
      heldReadings: z
        .int()
        .min(1)
        .max(10_000)
        .default(2_048)
        .describe(
          "A: readings held back for one lift: a quarter of an hour at 1 Hz, with all else that it says; beyond it the gap is given up",
        ),
      missingRanges: z
        .int()
        .min(1)
        .max(1_000)
        .default(64)
        .describe("A: gaps remembered for one boot; the oldest is forgotten, its readings then count as duplicates"),
      olderBoots: z
        .int()
        .min(0)
        .max(16)
        .default(3)
        .describe("A: earlier boots of a lift whose late readings are still told from duplicates"),
    })
    .prefault({}),
  entrapment: z
    .strictObject({
      suspectedAfterMs: ms(30_000).describe("domain.md §3"),
      confirmedAfterMs: ms(90_000).describe("domain.md §3"),
      ...stopped,
      ...presence,
      clearAfterMs: ms(5_000).describe("A: moving, or nobody inside, for so long ends it; an open door in the zone ends it at once"),
    })
    .prefault({}),
  "entrapment-at-level": z
    .strictObject({
      suspectedAfterMs: ms(60_000).describe("domain.md §3"),
      confirmedAfterMs: ms(120_000).describe("domain.md §3"),
      ...stopped,
      ...presence,
      clearAfterMs: ms(5_000).describe("A: as for entrapment"),
    })
    .prefault({}),
  "unintended-movement": z
    .strictObject({
      ...autoClose,
      offsetAboveMm: z.number().min(0).max(5_000).default(200).describe("domain.md §3: car more than 0.20 m from level"),
      speedAboveMps: speedMps(0.3).describe("domain.md §3"),
      samples: z.int().min(1).max(20).default(2).describe("domain.md §3"),
      clearAfterMs: ms(5_000).describe("A: door closed, or back at level and stopped, for so long"),
    })
    .prefault({}),
  "door-open-while-running": z
    .strictObject({
      ...autoClose,
      speedAboveMps: speedMps(0.5).describe("domain.md §3"),
      sampleWithinMs: ms(3_000).describe("A: the speed samples before and after the door's must be this near to count"),
      clearAfterMs: ms(3_000).describe("A: door closed or car stopped for so long"),
    })
    .prefault({}),
  overspeed: z
    .strictObject({
      ...autoClose,
      warnFactor: factor(1.05).describe("domain.md §2"),
      warnAfterMs: ms(3_000).describe("domain.md §2"),
      alarmFactor: factor(1.1).describe("domain.md §2"),
      alarmAfterMs: ms(1_000).describe("domain.md §2"),
      criticalFactor: factor(1.15).describe("domain.md §2: the least governor tripping speed, M"),
      criticalSamples: z.int().min(1).max(20).default(2).describe("domain.md §2"),
      sampleGapMs: ms(5_000).describe("A: samples further apart than this do not add up"),
      clearFactor: factor(1.03).describe("A: dead band, below the warning limit"),
      clearAfterMs: ms(2_000).describe("A"),
    })
    .prefault({}),
  "stopped-outside-door-zone": z
    .strictObject({
      ...autoClose,
      afterMs: ms(60_000).describe("domain.md §3"),
      ...stopped,
      ...presence,
      clearAfterMs: ms(3_000).describe("A"),
    })
    .prefault({}),
  "door-held-open": z
    .strictObject({
      ...autoClose,
      afterMs: ms(120_000).describe("domain.md §3"),
    })
    .prefault({}),
  "reported-fault": z
    .strictObject({
      ...autoClose,
    })
    .prefault({}),
  overtravel: z
    .strictObject({
      ...autoClose,
      beyondMm: z.number().min(0).max(5_000).default(50).describe("domain.md §3: past the terminal level by more than 0.05 m"),
      samples: z
        .int()
        .min(1)
        .max(20)
        .default(2)
        .describe("A: of a moving car within the zone; one is enough of a car that stands, or is out of it"),
      clearAfterMs: ms(2_000).describe("A: back at or before the level for so long"),
    })
    .prefault({}),
  "run-time-exceeded": z
    .strictObject({
      ...autoClose,
      mostMs: ms(45_000, 1_000, 600_000).describe("domain.md §2, M: the motor run-time limiter is at most 45 s"),
      marginMs: ms(10_000, 0, 600_000).describe("domain.md §2, M: full travel time and 10 s"),
      leastMs: ms(20_000, 1_000, 600_000).describe("domain.md §2, M: at least 20 s"),
      clearAfterMs: ms(5_000).describe("A: the controller's own code follows the end of the run, and joins the alert"),
    })
    .prefault({}),
  "door-cycling": z
    .strictObject({
      ...autoClose,
      reopenings: z.int().min(1).max(3).default(3).describe("domain.md §3"),
      withinMs: ms(15_000).describe("domain.md §3"),
      manyReopenings: z.int().min(2).max(1_000).default(20).describe("domain.md §3: from so many at one stop on it is medium"),
      clearAfterMs: ms(15_000).describe("A: no further reopening for so long; a car that runs ends it at once"),
    })
    .prefault({}),
  "levelling-drift": z
    .strictObject({
      ...autoClose,
      offsetAboveMm: z.number().min(0).max(1_000).default(20).describe("domain.md §3; kept level ±20 mm in domain.md §2, S"),
      landingWithinMm: z
        .number()
        .min(0)
        .max(1_000)
        .default(200)
        .describe("domain.md §2, M: a stop outside the unlocking zone was not meant for the landing"),
      confirmedStops: z.int().min(1).max(20).default(2).describe("A: so many stops off the level in a row make it certain"),
    })
    .prefault({}),
  "brake-weakening": z
    .strictObject({
      ...autoClose,
      rollAboveMm: z.number().min(0).max(1_000).default(10).describe("domain.md §3"),
      confirmedStops: z.int().min(1).max(20).default(2).describe("A: so many stops with a roll make it certain"),
    })
    .prefault({}),
  "position-lost": z
    .strictObject({
      ...autoClose,
      jumpAboveFloors: z
        .number()
        .min(1)
        .max(20)
        .default(1.5)
        .describe("domain.md §3: more than 1; and half a floor more, because displays change early and floors differ in height (A)"),
      clearAfterMs: ms(60_000).describe("A: no further jump for so long"),
    })
    .prefault({}),
  "repeated-faults": z
    .strictObject({
      times: z.int().min(2).max(60).default(3).describe("domain.md §3: of one code"),
      withinMs: ms(86_400_000).describe("domain.md §3: 24 h"),
      stoppingFaults: z
        .int()
        .min(2)
        .max(60)
        .default(3)
        .describe("domain.md §§3, 5: chronic at so many stopping faults in a month, of any code"),
      monthMs: ms(2_592_000_000, 86_400_000, 2_592_000_000).describe("30 days"),
    })
    .prefault({}),
  "frozen-signal": z
    .strictObject({
      ...autoClose,
      readings: z
        .int()
        .min(2)
        .max(1_000)
        .default(5)
        .describe("domain.md §3: identical readings after the trip counter has gone on beside them"),
      loadBelowKg: z.number().min(-1_000).max(0).default(-100).describe("A: below any error of a load cell's zero"),
      loadFactor: z.number().min(1).max(100).default(3).describe("A: of the rated load; no car holds so much"),
      speedFactor: z.number().min(1.5).max(100).default(3).describe("A: of the rated speed; the safety gear acts long before"),
      beyondShaftM: z.number().min(0.1).max(100).default(10).describe("A: further past a terminal landing than any shaft goes"),
      clearAfterMs: ms(5_000).describe("A"),
    })
    .prefault({}),
  "escalator-overspeed": z
    .strictObject({
      ...autoClose,
      factor: factor(1.1).describe("domain.md §2, S: more than 10 % above the rated speed"),
      samples: z.int().min(1).max(20).default(2).describe("A: one sample may be noise"),
      sampleGapMs: ms(5_000).describe("A: samples further apart than this do not add up"),
      clearFactor: factor(1.07).describe("A: dead band"),
      clearAfterMs: ms(2_000).describe("A"),
    })
    .prefault({}),
  "escalator-reversal": z
    .strictObject({
      ...autoClose,
      againstAboveMps: speedMps(0.1).describe("domain.md §2, S: at once; below this a sample is noise about standstill (A)"),
      clearAfterMs: ms(2_000).describe("A"),
    })
    .prefault({}),
  "escalator-missing-step": z
    .strictObject({
      ...autoClose,
    })
    .prefault({}),
  "handrail-deviation": z
    .strictObject({
      ...autoClose,
      deviation: z.number().min(0.01).max(1).default(0.15).describe("domain.md §2, S: more than 15 % of the speed of the steps"),
      afterMs: ms(15_000).describe("domain.md §2, S"),
      runsAboveMps: speedMps(0.1).describe("A: slower than any crawl there is nothing to compare"),
      clearDeviation: z.number().min(0).max(1).default(0.12).describe("A: dead band"),
      clearAfterMs: ms(5_000).describe("A"),
    })
    .prefault({}),
  "door-slowing": z
    .strictObject({
      longerPercent: z
        .number()
        .min(1)
        .max(200)
        .default(20)
        .describe("A: slower than its own baseline by so much, a mechanic would call it worn"),
      cycleLongerPercent: z
        .number()
        .min(1)
        .max(200)
        .default(10)
        .describe("A: of a binary door, whose cycle is half standing open: a weaker form"),
    })
    .prefault({}),
  "travel-slowing": z
    .strictObject({
      longerPercent: z.number().min(1).max(200).default(12).describe("A: runs longer than the baseline by so much are felt"),
    })
    .prefault({}),
  "fault-rate-high": z
    .strictObject({
      faults: z.int().min(2).max(60).default(4).describe("statistics §1: four in a week foretell another (70 % against 19 %), C"),
      withinMs: ms(604_800_000, 86_400_000, 2_592_000_000).describe("statistics §1: 7 days"),
      apartMs: ms(3_600_000).describe("A: faults that follow each other sooner are one"),
      chanceBelow: z
        .number()
        .min(1e-9)
        .max(0.5)
        .default(0.001)
        .describe("A: and so many are this improbable at the rate that the lift's past and its peers give"),
    })
    .prefault({}),
  learning: z
    .strictObject({
      falseAlertsPerDay: z
        .number()
        .min(0.001)
        .max(1_000)
        .default(1)
        .describe("the operator's budget for all learnt trends of the fleet together: expected false alerts a day = streams / run length"),
      leastRunLengthDays: z
        .number()
        .min(370)
        .max(10_000_000)
        .default(20_000)
        .describe("statistics §1: a small fleet's charts do not alarm more often than this each (h = 8.75 with k = 0.5)"),
      leastObservations: z.int().min(5).max(1_000).default(20).describe("statistics §1: days with fewer trips are skipped"),
      stopShiftMm: z
        .number()
        .min(0.1)
        .max(100)
        .default(8)
        .describe("A: the middle of the stops has moved so far; near the ±10 mm of domain.md §2, S"),
      scatterShiftMm: z.number().min(0.1).max(100).default(5).describe("A: nine of ten stops lie within so much more than before"),
    })
    .prefault({}),
  silent: z
    .strictObject({
      staleKeepAlives: z.number().min(1).max(100).default(3).describe("domain.md §3: 3 keep-alives, 180 s at the default of 60 s"),
      pauseAfterMs: ms(5_000, 1_000, 60_000).describe(
        "A: ticks come each second; in a longer pause of the journal the monitor was not listening, and no lift is blamed for it",
      ),
      offlineAfterMs: ms(360_000).describe("domain.md §3: more than 6 min is offline"),
    })
    .prefault({}),
  alerts: alertRules,
  "mass-event": massEventRules,
  exposure: z
    .strictObject({
      countEveryMs: ms(60_000, 1_000, 3_600_000).describe("A: exposure is counted in steps of this length"),
      publishEveryMs: ms(300_000, 1_000, 3_600_000).describe("A: the running day's counts go to the store this often"),
    })
    .prefault({}),
});

export type Rules = z.infer<typeof rulesSchema>;

/** The built-in limits. */
export const DEFAULT_RULES: Rules = rulesSchema.parse({});

/** The hazards with a rule. */
export type JudgedHazard = keyof Rules & Hazard;
