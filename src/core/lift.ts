import { z } from "zod";

/** Kinds of lift in the register (contract §3). Escalators include moving walks. */
export const LIFT_KINDS = ["passenger", "freight", "dumbwaiter", "escalator"] as const;
export type LiftKind = (typeof LIFT_KINDS)[number];

/** Characters and length of a lift id, as contract §2 fixes them for topics. */
export const LIFT_ID = /^[A-Za-z0-9_-]{1,64}$/;

const text = z.string().max(200);
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "expected a date YYYY-MM-DD");

/**
 * One row of the register (contract §3). Everything but `liftId` may be unknown (absent);
 * a rule that needs an absent value says that it cannot judge.
 */
export const liftRecordSchema = z.object({
  liftId: z.string().regex(LIFT_ID, "expected 1 to 64 of A-Z a-z 0-9 _ -"),
  kind: z.enum(LIFT_KINDS).optional(),
  district: text.optional(),
  building: text.optional(),
  address: text.optional(),
  maker: text.optional(),
  model: text.optional(),
  ratedSpeedMps: z.number().positive().max(20).optional(),
  ratedLoadKg: z.number().positive().max(100_000).optional(),
  floors: z.int().min(1).max(200).optional(),
  travelM: z.number().nonnegative().max(1000).optional(),
  installedOn: date.optional(),
  firm: text.optional(),
  station: text.optional(),
  userUnit: text.optional(),
  nextInspectionOn: date.optional(),
  insuredUntil: date.optional(),
  inService: z.boolean().optional(),
  longitude: z.number().min(-180).max(180).optional(),
  latitude: z.number().min(-90).max(90).optional(),
});
export type LiftRecord = z.infer<typeof liftRecordSchema>;
