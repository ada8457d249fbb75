/** Times of rows that keep the journal's order: each is later than the one before, if only by a ns. */
import { parseTime, PLACES } from "./places.ts";
import { nanoseconds } from "./lines.ts";
import type { RowTime } from "./lines.ts";

/** The next row's time is the one it asks for, or just after that of the row before it. */
export interface RowClock {
  readonly next: RowTime;
}

/** Goes on after the time of the newest committed row, RFC 3339, or null where there is none. */
export function rowClock(newest: string | null): RowClock {
  let { ms, place } = newest === null ? { ms: -1, place: PLACES } : parseTime(newest);
  return {
    next(at) {
      if (at > ms) {
        ms = at;
        place = 0;
      } else if (++place >= PLACES) {
        ms += 1;
        place = 0;
      }
      return nanoseconds(ms, place);
    },
  };
}
