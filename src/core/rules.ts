/**
 * Limits of every rule, with their defaults. A site changes them in a YAML file (`--rules`); each alert carries
 * the version and the limits that it was judged by. Marks of sources follow domain.md: S read, C computed,
 * M from memory and unverified, A an assumption of ours.
 */
import { z } from "zod";
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
  sequence: z
    .strictObject({
      reorderHoldMs: ms(2_000, 0, 10_000).describe("law L4: how long a gap in seq holds later readings back"),
      heldReadings: z.int().min(1).max(10_000).default(1_024).describe("A: readings held back for one lift; beyond it the gap is given up"),
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
  silent: z
    .strictObject({
      staleKeepAlives: z.number().min(1).max(100).default(3).describe("domain.md §3: 3 keep-alives, 180 s at the default of 60 s"),
      pauseAfterMs: ms(5_000, 1_000, 60_000).describe(
        "A: ticks come each second; in a longer pause of the journal the monitor was not listening, and no lift is blamed for it",
      ),
      offlineAfterMs: ms(360_000).describe("domain.md §3: more than 6 min is offline"),
    })
    .prefault({}),
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
