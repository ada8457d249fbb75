/** Cells of days, one a lift, added up by the groups of lifts: 36 million of them for three years of a city, so that the loops are as they are. */

/** Arrays that are added up beside each other: the places of lifts are looked up once for all of them. */
export const AT_ONCE = 4;
/** Of trips: cells from here on are no counts (lift-days.ts). */
export const NO_TRIPS_FROM = 0xfffe;

/** Lifts that are in a group, by their numbers, and AT_ONCE times their group beside each. */
export interface LiftGroups {
  readonly lifts: Int32Array;
  readonly places: Int32Array;
  readonly count: number;
}

/** `of` has the group of each lift, below 0 for none. */
export function groupsOf(of: Int32Array, count: number): LiftGroups {
  const [lifts, places] = [new Int32Array(of.length), new Int32Array(of.length)];
  let used = 0;
  for (let lift = 0; lift < of.length; lift++) {
    const group = of[lift] as number;
    if (group < 0) continue;
    lifts[used] = lift;
    places[used++] = group * AT_ONCE;
  }
  return { lifts: lifts.subarray(0, used), places: places.subarray(0, used), count };
}

/** The sum of array n and a group comes to place AT_ONCE × group + n. Each array has a cell for every lift asked about. */
export function addWide(arrays: readonly Uint32Array[], { lifts, places }: LiftGroups, sums: Float64Array): void {
  const [a, b, c, d] = arrays as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  for (let index = 0; index < lifts.length; index++) {
    const lift = lifts[index] as number;
    const place = places[index] as number;
    sums[place]! += a[lift] as number;
    sums[place + 1]! += b[lift] as number;
    sums[place + 2]! += c[lift] as number;
    sums[place + 3]! += d[lift] as number;
  }
}

/** The same of trips; a function of its own, as one that takes both kinds of arrays is half as quick. */
export function addTrips(arrays: readonly Uint16Array[], { lifts, places }: LiftGroups, sums: Float64Array): void {
  const [a, b, c, d] = arrays as [Uint16Array, Uint16Array, Uint16Array, Uint16Array];
  for (let index = 0; index < lifts.length; index++) {
    const lift = lifts[index] as number;
    const place = places[index] as number;
    sums[place]! += tripsIn(a[lift] as number);
    sums[place + 1]! += tripsIn(b[lift] as number);
    sums[place + 2]! += tripsIn(c[lift] as number);
    sums[place + 3]! += tripsIn(d[lift] as number);
  }
}

/** Without a branch. */
function tripsIn(cell: number): number {
  return cell & ((cell - NO_TRIPS_FROM) >> 31);
}
