/** The program's clock, as a parameter: core code has none (design.md, "Time"). */
export interface Clock {
  /** ms since the epoch, integer, never decreasing. */
  now(): number;
}

/** Wall time that never steps back: while the wall clock is behind what was given out, the last value is repeated. */
export function systemClock(): Clock {
  let last = 0;
  return {
    now() {
      const wall = Date.now();
      if (wall > last) last = wall;
      return last;
    },
  };
}
