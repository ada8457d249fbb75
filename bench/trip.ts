/** The traffic of all benches: lifts on trips of 20 readings each, in the contract's fields, at speeds that a rated 1.75 m/s allows. */
import type { Channel } from "../src/core/reading.ts";

export const TRIP_READINGS = 20;
/** What the fleets of the benches are rated at, m/s. */
export const RATED_MPS = 1.75;
/** 1.26 of it: critical at the second sample. */
const TOO_FAST_MPS = 2.2;
const SPEEDS_MPS = [0, 0.5, 1.2, 1.6, 1.6, 1.6, 1.6, 1.6, 1.6, 1.6, 1.1, 0.4, 0];
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
      fields: `"floor":5,"doorZone":true,"mode":"normal","powered":true,"persons":2,"loadKg":140.5,"tripCount":7`,
    };
  }
  return speedReading(phase, tooFast);
}

/** The same trip for a device that sends its speed only, in arrays. */
export function speedReading(phase: number, tooFast = false): TripReading {
  const speedMps = tooFast ? TOO_FAST_MPS : (SPEEDS_MPS[phase] ?? 0);
  const way = Math.min(phase, 12);
  const inZone = way < 2 || way > 10;
  return {
    channel: "speed",
    fields: `"speedMps":${speedMps},"floor":${way},"positionM":${(way * 2.9).toFixed(2)},"doorZone":${inZone},"levelOffsetMm":2.5`,
  };
}
