/** Lifts counted by state and district, for people (`/api/fleet`). */
import { z } from "zod";
import { LIFT_CONDITIONS, type LiftCondition } from "./view.ts";

const count = z.int().min(0);

export const fleetCountsSchema = z.object({
  registered: count,
  unregistered: count,
  ...(Object.fromEntries(LIFT_CONDITIONS.map((condition) => [condition, count])) as Record<LiftCondition, typeof count>),
});
export type FleetCounts = z.infer<typeof fleetCountsSchema>;

export const fleetSchema = z.object({
  timezone: z.string().describe("IANA zone of the site"),
  total: fleetCountsSchema,
  districts: z
    .array(z.object({ district: z.string().nullable(), counts: fleetCountsSchema }))
    .describe("by the register's district, largest first; null for lifts that it does not place"),
});
export type Fleet = z.infer<typeof fleetSchema>;

/** One lift, as it counts. */
export interface CountedLift {
  readonly registered: boolean;
  readonly condition: LiftCondition;
  readonly district: string | null;
}

export function countFleet(lifts: Iterable<CountedLift>, timezone: string): Fleet {
  const total = none();
  const districts = new Map<string | null, FleetCounts>();
  for (const { registered, condition, district } of lifts) {
    let counts = districts.get(district);
    if (counts === undefined) {
      counts = none();
      districts.set(district, counts);
    }
    for (const tally of [total, counts]) {
      tally[condition] += 1;
      tally[registered ? "registered" : "unregistered"] += 1;
    }
  }
  const rows = [...districts].map(([district, counts]) => ({ district, counts }));
  rows.sort((a, b) => Number(a.district === null) - Number(b.district === null) || b.counts.registered - a.counts.registered);
  return { timezone, total, districts: rows };
}

function none(): FleetCounts {
  return { registered: 0, unregistered: 0, "in-service": 0, faulted: 0, silent: 0, "out-of-service": 0, unseen: 0 };
}
