/** The traffic of all benches: lifts on trips of 20 readings each, in the contract's fields, at speeds that a rated 1.75 m/s allows. */
import type { Channel } from "../src/core/reading.ts";

export const TRIP_READINGS = 20;
/** What the fleets of the benches are rated at, m/s. */
export const RATED_MPS = 1.75;
/** 1.26 of it: critical at the second sample. */
const TOO_FAST_MPS = 2.2;
/** Up and back again, so that the next trip begins where this one ends: floors and positions are checked against the way. */
const SPEEDS_MPS = [0, 0.5, 1.2, 1.6, 1.6, 1.2, 0.5, -0.5, -1.2, -1.6, -1.6, -1.2, -0.5];
const FLOOR_M = 3;
/** Above the lowest landing at each phase. */
const WAY_M = SPEEDS_MPS.map((_, phase) =>
  SPEEDS_MPS.slice(0, phase).reduce((sum, speedMps, at) => sum + (speedMps + (SPEEDS_MPS[at + 1] ?? 0)) / 2, 0),
);
const STATUS = 13;
const DOOR_OPENS = 14;

/** Phases at which a lift in an overspeed episode is too fast; it raises the alert at the second. */
export const EPISODE: readonly number[] = [5, 6];

export interface TripReading {
  readonly channel: Channel;
  /** Its JSON after `at`, `seq` and `boot`. */
  readonly fields: string;
}

/** Phase 0 to 19: the door closes, the car runs and stops, the door opens for a while. No rule finds anything unless `tooFast`. */
export function tripReading(phase: number, tooFast = false): TripReading {
  if (phase === 0 || phase === DOOR_OPENS) {
    return { channel: "door", fields: `"state":"${phase === 0 ? "closed" : "open"}","door":"front"` };
  }
  if (phase === STATUS) {
    return {
      channel: "status",
      fields: `"floor":1,"doorZone":true,"mode":"normal","powered":true,"persons":2,"loadKg":140.5,"tripCount":7`,
    };
  }
  return speedReading(phase, tooFast);
}

/** The same trip for a device that sends its speed only, in arrays. */
export function speedReading(phase: number, tooFast = false): TripReading {
  const speedMps = tooFast ? TOO_FAST_MPS : (SPEEDS_MPS[phase] ?? 0);
  const way = WAY_M[phase] ?? 0;
  const floor = 1 + Math.round(way / FLOOR_M);
  const inZone = Math.abs(way - (floor - 1) * FLOOR_M) < 0.2;
  return {
    channel: "speed",
    fields: `"speedMps":${speedMps},"floor":${floor},"positionM":${way.toFixed(2)},"doorZone":${inZone},"levelOffsetMm":2.5`,
  };
}
