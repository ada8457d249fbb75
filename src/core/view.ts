/** What the monitor knows of a lift now, for people: register and last known state (contract §6, `/api/lifts`). */
import { z } from "zod";
import { HAZARDS } from "./effects.ts";
import { liftRecordSchema } from "./lift.ts";
import { DOOR_STATES, MODES } from "./reading.ts";

/**
 * `unseen`: registered, never heard. `silent`: heard before, not now: its other values are old. `out-of-service`: by the
 * register or by its mode. `faulted`: has an active alert that is not suppressed, or reports a fault. `in-service`: the rest.
 */
export const LIFT_CONDITIONS = ["in-service", "faulted", "silent", "out-of-service", "unseen"] as const;
export type LiftCondition = (typeof LIFT_CONDITIONS)[number];

const known = <T extends z.ZodType>(schema: T) => schema.nullable();

/** Unknown values are null, never a default. Units end the names; `at` is device time, `receivedAt` the monitor's (ms). */
export const liftViewSchema = z.object({
  liftId: z.string(),
  registered: z.boolean(),
  state: z.enum(LIFT_CONDITIONS),
  register: known(liftRecordSchema),
  at: known(z.int()),
  receivedAt: known(z.int()),
  clockSkewMs: known(z.int()).describe("monitor's time less device time, the least seen lately"),
  boot: known(z.string()),
  seq: known(z.int()),
  online: known(z.boolean()),
  keepAliveS: z.int(),
  doors: z.object({ front: known(z.enum(DOOR_STATES)), rear: known(z.enum(DOOR_STATES)) }),
  speedMps: known(z.number()),
  floor: known(z.int()),
  positionM: known(z.number()),
  doorZone: known(z.boolean()),
  levelOffsetMm: known(z.number()),
  mode: known(z.enum(MODES)),
  powered: known(z.boolean()),
  persons: known(z.int()),
  loadKg: known(z.number()),
  faults: z.array(
    z.object({
      code: z.string(),
      dialect: z.string(),
      canonical: z.string().nullable(),
      hazard: z.enum(HAZARDS).nullable().describe("for whose alert it is evidence"),
      since: z.int(),
    }),
  ),
  alerts: z
    .array(z.object({ id: z.string(), hazard: z.enum(HAZARDS) }))
    .describe("its active alerts, and the mass event that it is part of"),
  cannotJudge: z.array(z.object({ hazard: z.enum(HAZARDS), missing: z.array(z.string()) })).describe("rules that lack something they need"),
});
export type LiftView = z.infer<typeof liftViewSchema>;
