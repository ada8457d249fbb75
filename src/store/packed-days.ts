/**
 * Day counts packed into one array of doubles, so that months of a city cross from the store's worker to whoever reckons with them
 * without a copy. A row is DAY_CELLS cells.
 */
import { dayNumber } from "../core/calendar.ts";
import type { DayCount } from "../core/effects.ts";
import type { PackedReadings } from "./packing.ts";

/** Which days: from the first day with counts that is not before `from`, so many calendar days. */
export interface PackedDaysQuery {
  /** YYYY-MM-DD; from the very first where null. */
  readonly from: string | null;
  readonly days: number;
}

export interface PackedDays {
  /** Ids that rows name by their index. */
  readonly liftIds: readonly string[];
  readonly count: number;
  /** `count` rows, in no order. */
  readonly cells: Float64Array<ArrayBuffer>;
  /** Where to go on, YYYY-MM-DD; null where there is nothing later. */
  readonly next: string | null;
}

/** Of a row: lift (index), day, inServiceMs, stoppingFaults, entrapments, trips. */
export const DAY_CELLS = 6;

type DayRow = Pick<DayCount, "day" | "liftId" | "inServiceMs" | "stoppingFaults" | "entrapments" | "trips">;

/** As answers carry them. */
export function packDays(rows: readonly DayRow[]): PackedReadings {
  const cells = new Float64Array(rows.length * DAY_CELLS);
  const strings: string[] = [];
  const known = new Map<string, number>();
  // Most rows are of one day: its number is worked out once.
  let [day, number] = ["", Number.NaN];
  let cell = 0;
  for (const row of rows) {
    let lift = known.get(row.liftId);
    if (lift === undefined) known.set(row.liftId, (lift = strings.push(row.liftId) - 1));
    if (row.day !== day) [day, number] = [row.day, dayNumber(row.day)];
    cells[cell] = lift;
    cells[cell + 1] = number;
    cells[cell + 2] = row.inServiceMs;
    cells[cell + 3] = row.stoppingFaults;
    cells[cell + 4] = row.entrapments;
    cells[cell + 5] = row.trips;
    cell += DAY_CELLS;
  }
  return { count: rows.length, cells, strings };
}
