/** Rows of an answer by their places: of years by day a page shows a part, and only that part is worked out. */
import type { Tally } from "./tally.ts";

/** How many rows come before each bucket, and at the end how many there are: one for each cell with something in it. */
export function startsOf(tally: Tally, isShown: (tally: Tally, cell: number) => boolean): Int32Array {
  const { buckets, groups } = tally;
  const starts = new Int32Array(buckets.length + 1);
  for (let bucket = 0, cell = 0; bucket < buckets.length; bucket++) {
    let count = starts[bucket] as number;
    for (let group = 0; group < groups; group++, cell++) if (isShown(tally, cell)) count++;
    starts[bucket + 1] = count;
  }
  return starts;
}

/** Of what stands at one place of a list the rows, by their numbers within it, from `from` to before `to`. */
export interface PartOfPage {
  readonly place: number;
  readonly from: number;
  readonly to: number;
}

/** What a page shows, where so many rows come before each place. */
export function partsOf(starts: Int32Array, offset: number, limit: number): PartOfPage[] {
  const parts: PartOfPage[] = [];
  for (let place = 0; place < starts.length - 1; place++) {
    const [first, end] = [starts[place] as number, starts[place + 1] as number];
    const [from, to] = [Math.max(first, offset), Math.min(end, offset + limit)];
    if (from < to) parts.push({ place, from: from - first, to: to - first });
  }
  return parts;
}
