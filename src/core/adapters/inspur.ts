/**
 * Inspur-style devices: topics `/API/V1/Up/{HeartBeat,LiftState,LiftFault,LiftRunInfo}`, a state each second, a heartbeat each
 * 60 s, fault codes of the dialect `inspur` (domain.md §2, source). The names and values of the payloads' fields were not at
 * hand: they are an assumption, written down in docs/protocol.md, and this file is the one place to set them right.
 */
import { z } from "zod";
import { Defect } from "../decode.ts";
import { LIFT_ID } from "../lift.ts";
import type { Mode } from "../reading.ts";
import type { ForeignMessage, ForeignReading } from "./foreign.ts";

export const INSPUR_PREFIX = "/API/V1/Up/";
const BOOT = "inspur";
const KEEP_ALIVE_S = 60;

/** Service modes by number (domain.md §2, source). */
const MODES: readonly Mode[] = [
  "out-of-service",
  "normal",
  "inspection",
  "fire-recall",
  "firefighter",
  "emergency-power",
  "earthquake",
  "unknown",
];
const DOWN = 2;

const common = { RegCode: z.string().regex(LIFT_ID, "expected a lift id"), Timestamp: z.int().min(0) };
const flag = z.union([z.literal(0), z.literal(1), z.boolean()]);

const stateSchema = z.object({
  ...common,
  Speed: z.number().optional(),
  Direction: z.int().min(0).max(2).optional(),
  Floor: z.int().optional(),
  DoorClosed: flag.optional(),
  DoorZone: flag.optional(),
  Passenger: flag.optional(),
  ServiceMode: z
    .int()
    .min(0)
    .max(MODES.length - 1)
    .optional(),
});
const faultSchema = z.object({ ...common, FaultCode: z.union([z.string(), z.int().transform(String)]), Active: flag.optional() });
const runSchema = z.object({ ...common, RunCount: z.int().min(0).optional(), RunHours: z.number().min(0).optional() });

interface Common {
  readonly RegCode: string;
  readonly Timestamp: number;
}
interface Read {
  readonly common: Common;
  readonly readings: readonly ForeignReading[];
}

/** Checks a payload by its schema and makes readings of what is right. */
function reader<T extends Common>(
  schema: z.ZodType<T>,
  readingsOf: (payload: T) => readonly ForeignReading[],
): (payload: unknown) => Read | Defect {
  const compiled = z.compile(schema);
  return (payload) => {
    const parsed = compiled.safeParse(payload);
    return parsed.success ? { common: parsed.data, readings: readingsOf(parsed.data) } : defect(parsed.error);
  };
}

const KINDS: Readonly<Record<string, (payload: unknown) => Read | Defect>> = {
  HeartBeat: reader(z.object(common), () => [{ channel: "online", fields: { online: true, keepAliveS: KEEP_ALIVE_S } }]),
  LiftState: reader(stateSchema, stateReadings),
  LiftFault: reader(faultSchema, ({ FaultCode: code, Active = 1 }) => [
    { channel: "fault", fields: { code, dialect: "inspur", active: Boolean(Active) } },
  ]),
  LiftRunInfo: reader(runSchema, ({ RunCount, RunHours }) => [
    {
      channel: "status",
      fields: { ...(RunCount === undefined ? {} : { tripCount: RunCount }), ...(RunHours === undefined ? {} : { runHours: RunHours }) },
    },
  ]),
};

/** The lift that a payload speaks for; null where it names none. */
export function inspurLift(payload: unknown): string | null {
  const found = typeof payload === "object" && payload !== null ? (payload as { readonly RegCode?: unknown }).RegCode : null;
  return typeof found === "string" ? found : null;
}

/** A parsed payload of one of the four topics, as readings of ours. */
export function translateInspur(topic: string, payload: unknown): ForeignMessage | Defect {
  const kind = topic.slice(INSPUR_PREFIX.length);
  const read = Object.hasOwn(KINDS, kind) ? KINDS[kind]?.(payload) : undefined;
  if (read === undefined)
    return new Defect("topic-unknown", "", `expected ${INSPUR_PREFIX}{${Object.keys(KINDS).join("|")}}; found ${topic.slice(0, 80)}`);
  if (read instanceof Defect) return read;
  const { RegCode: liftId, Timestamp: at } = read.common;
  const readings = read.readings.map(({ channel, fields }) => ({ channel, fields: { at, ...fields } }));
  // Faults of one moment differ by their code and by whether they begin or end.
  const key = kind === "LiftFault" ? `${kind} ${JSON.stringify(read.readings[0]?.fields)}` : kind;
  return { liftId, boot: BOOT, key, at, readings };
}

/** The door first: a state is one moment, and a door that is shut by now must not stand open beside the new speed. */
function stateReadings(state: z.infer<typeof stateSchema>): ForeignReading[] {
  const { Speed, Direction, Floor, DoorClosed, DoorZone, Passenger, ServiceMode } = state;
  const place = { ...(Floor === undefined ? {} : { floor: Floor }), ...(DoorZone === undefined ? {} : { doorZone: Boolean(DoorZone) }) };
  const readings: ForeignReading[] = [];
  if (DoorClosed !== undefined)
    readings.push({ channel: "door", fields: { state: DoorClosed === true || DoorClosed === 1 ? "closed" : "open" } });
  if (Speed !== undefined) {
    const speedMps = Direction === DOWN ? -Math.abs(Speed) : Speed;
    readings.push({ channel: "speed", fields: { speedMps, ...place } });
  }
  readings.push({
    channel: "status",
    fields: {
      ...place,
      ...(ServiceMode === undefined ? {} : { mode: MODES[ServiceMode] }),
      // A flag: somebody, not how many.
      ...(Passenger === undefined ? {} : { persons: Number(Passenger) }),
    },
  });
  return readings;
}

function defect(error: z.core.$ZodError): Defect {
  const issue = error.issues[0];
  return new Defect("reading-invalid", issue?.path.join(".") ?? "", issue?.message ?? "invalid");
}
