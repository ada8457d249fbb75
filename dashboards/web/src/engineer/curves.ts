/** Curves as they are drawn: a value holds until the lift says another. Pure. */
import type { Curve } from "./replay/traces.ts";

/**
 * Points with the value held where the next is more than `afterMs` later, and held until `until` after the last: a lift says nothing while
 * nothing changes. Times are ms since the epoch.
 */
export function held({ at, value }: Curve, afterMs: number, until: number): { readonly at: number[]; readonly value: number[] } {
  const points = { at: [] as number[], value: [] as number[] };
  for (let index = 0; index < at.length; index += 1) {
    const [time, next] = [at[index] ?? 0, at[index + 1]];
    const said = value[index] ?? Number.NaN;
    points.at.push(time);
    points.value.push(said);
    // Just before the next: two points of one time would be one.
    const holdsTo = next === undefined ? until : next - time > afterMs ? next - 1 : time;
    if (holdsTo <= time) continue;
    points.at.push(holdsTo);
    points.value.push(said);
  }
  return points;
}
