/**
 * How far a car has gone from where it stopped, before people can have moved it, and whether that was a roll: a stop that is made
 * in steps, of an old controller or by hand, goes on the way of its run and to level. Facts only; detectors judge them.
 */
import { doorsClosed, type LiftState } from "./lift-state.ts";
import type { SpeedReading } from "./reading.ts";

/** How long after a stop the brake is watched, and how long a door takes at the least until people can pass and move the car (domain.md §2: 2 s). */
export const ROLL_WITHIN_MS = 10_000;
const DOOR_OPENS_MS = 2_000;
/** Further than the unlocking zone (domain.md §2) no car rolls in that time: the count of its position was set right. A stop further off is between floors. */
const ROLL_MOST_MM = 200;

/** Takes in a sample of a car that stands, after the stop of its newest run. */
export function watchRoll(lift: LiftState, reading: SpeedReading): void {
  if (lift.stopAt < 0 || reading.at - lift.stopAt > ROLL_WITHIN_MS || doorsClosed(lift) === null) return;
  // A door that is open now has opened, though the word that it had closed was lost.
  const opens = lift.doorOpenSince >= 0;
  const opened = lift.frontOpenings + lift.rearOpenings > 0 || opens;
  if (opened && (!opens || reading.at - lift.doorOpenSince >= DOOR_OPENS_MS)) return;
  const { levelOffsetMm, positionM } = reading;
  let rollMm = 0;
  if (levelOffsetMm !== undefined && !Number.isNaN(lift.stopOffsetMmOrNaN)) {
    const stopMm = lift.stopOffsetMmOrNaN;
    const wayMm = levelOffsetMm - stopMm;
    rollMm = opens || goesOn(lift, wayMm) ? awayMm(stopMm, levelOffsetMm) : Math.abs(wayMm);
    if (!opens && goesOn(lift, wayMm) && Math.abs(levelOffsetMm) < Math.abs(stopMm)) {
      // The next step of the stop, which is not made before: here it is level, or not.
      lift.stopOffsetMmOrNaN = levelOffsetMm;
      lift.stopPositionMOrNaN = positionM ?? Number.NaN;
    }
  } else if (positionM !== undefined && !Number.isNaN(lift.stopPositionMOrNaN)) {
    const wayMm = (positionM - lift.stopPositionMOrNaN) * 1_000;
    // Where level is, a position does not say: what goes on may be the next step of the stop.
    rollMm = goesOn(lift, wayMm) ? 0 : Math.abs(wayMm);
  }
  // A tenth of a millimetre is of the arithmetic, not of the car.
  rollMm = Math.round(rollMm * 10) / 10;
  if (rollMm > lift.rollMm && rollMm <= ROLL_MOST_MM) lift.rollMm = rollMm;
}

function goesOn(lift: LiftState, wayMm: number): boolean {
  return lift.ranUp ? wayMm > 0 : wayMm < 0;
}

/** How much further from level the car is, or how far past it; of a stop between floors nothing, mm. */
function awayMm(stopMm: number, offsetMm: number): number {
  if (Math.abs(stopMm) > ROLL_MOST_MM) return 0;
  return stopMm * offsetMm < 0 ? Math.abs(offsetMm) : Math.max(0, Math.abs(offsetMm) - Math.abs(stopMm));
}
