/**
 * Where a car stands whose device says no door zone: by the level offset, or by its position and the landings that it is known
 * to have. A landing is known where doors have opened; the rest are taken from the register as long as those that are known lie
 * evenly. Nobody who is shut in may be missed for want of a sensor, and a tall lobby must not look like a stop between floors.
 */
import { STOPPED_BELOW_MPS } from "./car.ts";
import type { LiftState, Truth } from "./lift-state.ts";
import type { SpeedReading } from "./reading.ts";

/** Half the unlocking zone without coupled doors (domain.md §2, unverified). */
const ZONE_MM = 200;
const ZONE_M = ZONE_MM / 1_000;
/** A landing this far from where even floors would have it: the floors are not even (assumption: half the zone). */
const EVEN_WITHIN_M = 0.1;
/** So many landings show whether they lie evenly (assumption: the lowest, one in the middle and one more). */
const EVEN_LANDINGS = 3;
/** A door that opens later than this after the stop may have been forced (assumption: a rescue takes minutes to come). */
const OPENS_WITHIN_MS = 20_000;
/** A door that opens further from its floor's landing than this has not opened at it, but was forced (assumption). */
const SAME_LANDING_M = 0.35;
/** Contract §3: floors of a register's lift. */
const MOST_FLOORS = 200;

/** Takes in where the car of a device without a door zone stands, before the lift's state takes in the sample. */
export function followStand(lift: LiftState, reading: SpeedReading): void {
  if (reading.levelOffsetMm !== undefined) lift.stands = Math.abs(reading.levelOffsetMm) <= ZONE_MM;
  else if (Math.abs(reading.speedMps) >= STOPPED_BELOW_MPS) lift.stands = null;
  else if (reading.positionM !== undefined) lift.stands = atLanding(lift, reading.positionM, reading.floor ?? lift.floor);
}

/** A door has opened in a standing car: here is a landing. */
export function learnLanding(lift: LiftState, at: number): void {
  const { positionM, floor } = lift;
  if (positionM === null || floor === null || floor < 1 || floor > MOST_FLOORS) return;
  if (lift.speedMps === null || Math.abs(lift.speedMps) >= STOPPED_BELOW_MPS) return;
  if (lift.stands === false && (lift.stopAt < 0 || at - lift.stopAt > OPENS_WITHIN_MS)) return;
  lift.landings ??= [];
  while (lift.landings.length < floor) lift.landings.push(null);
  const known = lift.landings[floor - 1] ?? null;
  if (known !== null && Math.abs(known - positionM) > SAME_LANDING_M) return;
  lift.landings[floor - 1] = positionM;
  lift.stands = true;
  const heightM = lift.floorHeightM;
  if (heightM !== null && Math.abs(positionM - (floor - 1) * heightM) > EVEN_WITHIN_M) lift.unevenFloors = true;
}

function atLanding(lift: LiftState, positionM: number, floor: number | null): Truth {
  const { landings, floorHeightM: heightM } = lift;
  if (landings === null) return null;
  let known = 0;
  for (const landing of landings) {
    if (landing === null) continue;
    if (Math.abs(landing - positionM) <= ZONE_M) return true;
    known += 1;
  }
  if (heightM !== null && !lift.unevenFloors && known >= EVEN_LANDINGS)
    return Math.abs(positionM - Math.round(positionM / heightM) * heightM) <= ZONE_M;
  // Between two floors, both of whose landings are known, there is no other.
  const displayed = floor === null ? null : (landings[floor - 1] ?? null);
  if (floor === null || displayed === null) return null;
  return (landings[floor - 1 + Math.sign(positionM - displayed)] ?? null) === null ? null : false;
}
