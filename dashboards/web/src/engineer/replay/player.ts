/** The replay's clock: where it stands among the entries, and how it goes on. Pure; times are ms since the epoch, the monitor's. */
import { MARK } from "./mark.ts";

/** Times as fast as it was. */
export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 100, 300, 1_000] as const;

export interface Track {
  readonly times: Float64Array;
  readonly marks: Uint8Array;
}

/** How many items were received by `at`: the monitor's state then is that after so many. */
export function indexAt({ times }: Track, at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The next item that is no tick, counted from the first `index` items on: forward, the count with it; backward, the count up to the one before. Null at the end. */
export function stepFrom({ marks }: Track, index: number, direction: 1 | -1): number | null {
  if (direction === 1) {
    for (let at = index; at < marks.length; at += 1) if (marks[at] !== MARK.tick) return at + 1;
    return null;
  }
  for (let at = index - 2; at >= 0; at -= 1) if (marks[at] !== MARK.tick) return at + 1;
  return null;
}

export function start({ times }: Track): number {
  return times[0] ?? 0;
}

export function end({ times }: Track): number {
  return times.at(-1) ?? 0;
}

/** The next faster speed, or the next slower. */
export function otherSpeed(speed: number, direction: 1 | -1): number {
  const at = SPEEDS.findIndex((each) => each >= speed);
  return SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, (at < 0 ? SPEEDS.length - 1 : at) + direction))] ?? 1;
}
