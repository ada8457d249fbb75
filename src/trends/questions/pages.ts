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

/**
 * The rows of a page, where so many come before each place. What the rows of a place have in common is worked out for those that are asked for, and kept
 * until another place is: pages are asked for in their order.
 */
export function pagesOf<Place, Row>(
  starts: Int32Array,
  prepare: (place: number) => Place,
  rows: (prepared: Place, from: number, to: number) => readonly Row[],
): (offset: number, limit: number) => readonly Row[] {
  let held: { readonly place: number; readonly prepared: Place } | null = null;
  return (offset, limit) => {
    const page: Row[] = [];
    for (let place = placeOf(starts, offset); place < starts.length - 1 && starts[place]! < offset + limit; place++) {
      const [first, end] = [starts[place] as number, starts[place + 1] as number];
      if (first === end) continue;
      if (held?.place !== place) held = { place, prepared: prepare(place) };
      for (const row of rows(held.prepared, Math.max(0, offset - first), Math.min(end, offset + limit) - first)) page.push(row);
    }
    return page;
  };
}

/** The place in which a row stands. */
function placeOf(starts: Int32Array, row: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle + 1] as number) <= row) low = middle + 1;
    else high = middle;
  }
  return low;
}
