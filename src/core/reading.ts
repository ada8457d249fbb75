/** A reading: one signal of one lift, as contract §2 lays it down. The zod schemas are the single source. */
import { z } from "zod";

export const CHANNELS = ["door", "speed", "fault", "status", "online"] as const;
export type Channel = (typeof CHANNELS)[number];

export const DOOR_STATES = ["closed", "opening", "open", "closing", "unknown"] as const;
export type DoorState = (typeof DOOR_STATES)[number];

export const MODES = [
  "normal",
  "inspection",
  "fire-recall",
  "firefighter",
  "emergency-power",
  "earthquake",
  "out-of-service",
  "unknown",
] as const;
export type Mode = (typeof MODES)[number];

/** Text that a device sends: no control characters, no lone surrogates and no byte order marks, which stores and files would alter. */
const text = (least: number, most: number) =>
  z
    .string()
    .min(least)
    .max(most)
    .regex(/^[^\p{Cc}\p{Cs}\uFEFF]*$/u, "expected text without control characters");

/** Fields of every reading: device time in ms, its place in the device's sequence, and the boot that counts it. */
const common = {
  at: z.int().min(0),
  seq: z.int().min(0),
  boot: text(0, 32).optional(),
};
/** Physical bounds are far outside any lift: they refuse nonsense, not hazards (assumption). */
const speed = z.number().min(-50).max(50);
const floor = z.int().min(-20).max(300);

export const readingSchemas = {
  door: z.object({
    ...common,
    state: z.enum(DOOR_STATES),
    door: z.enum(["front", "rear"]).optional(),
  }),
  speed: z.object({
    ...common,
    speedMps: speed,
    floor: floor.optional(),
    positionM: z.number().min(-200).max(2000).optional(),
    doorZone: z.boolean().optional(),
    levelOffsetMm: z.number().min(-20_000).max(20_000).optional(),
    handrailMps: speed.optional(),
  }),
  fault: z.object({
    ...common,
    code: text(1, 16),
    dialect: text(1, 32).optional(),
    active: z.boolean().optional(),
  }),
  status: z.object({
    ...common,
    floor: floor.optional(),
    doorZone: z.boolean().optional(),
    mode: z.enum(MODES).optional(),
    powered: z.boolean().optional(),
    persons: z.int().min(0).max(500).nullable().optional(),
    loadKg: z.number().min(-1000).max(100_000).optional(),
    tripCount: z.int().min(0).optional(),
    runHours: z.number().min(0).optional(),
    motorTemperatureC: z.number().min(-100).max(1000).optional(),
  }),
  online: z.object({
    ...common,
    online: z.boolean(),
    keepAliveS: z.int().min(1).max(86_400).optional(),
    firmware: text(0, 64).optional(),
  }),
} as const;

export type DoorReading = z.infer<(typeof readingSchemas)["door"]>;
export type SpeedReading = z.infer<(typeof readingSchemas)["speed"]>;
export type FaultReading = z.infer<(typeof readingSchemas)["fault"]>;
export type StatusReading = z.infer<(typeof readingSchemas)["status"]>;
export type OnlineReading = z.infer<(typeof readingSchemas)["online"]>;
export type Reading = DoorReading | SpeedReading | FaultReading | StatusReading | OnlineReading;
