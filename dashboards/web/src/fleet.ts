/** Lifts counted by state and district. */
import type { LiftCondition, LiftView } from "../../../src/core/view.ts";

export type Counts = Record<LiftCondition, number> & { registered: number; unregistered: number };

export interface FleetCounts {
  readonly total: Counts;
  /** By the register's district, largest first; null for lifts that the register does not place. */
  readonly districts: readonly { readonly district: string | null; readonly counts: Counts }[];
}

export interface FleetTally {
  add(lift: LiftView): void;
  counts(): FleetCounts;
}

export function createTally(): FleetTally {
  const total = none();
  const districts = new Map<string | null, Counts>();
  return {
    add(lift) {
      const district = lift.register?.district ?? null;
      let counts = districts.get(district);
      if (counts === undefined) {
        counts = none();
        districts.set(district, counts);
      }
      for (const tally of [total, counts]) {
        tally[lift.state] += 1;
        tally[lift.registered ? "registered" : "unregistered"] += 1;
      }
    },
    counts() {
      const rows = [...districts].map(([district, counts]) => ({ district, counts }));
      rows.sort((a, b) => Number(a.district === null) - Number(b.district === null) || b.counts.registered - a.counts.registered);
      return { total, districts: rows };
    },
  };
}

function none(): Counts {
  return { registered: 0, unregistered: 0, "in-service": 0, faulted: 0, silent: 0, "out-of-service": 0, unseen: 0 };
}
