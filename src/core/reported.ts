/** The controller's own codes as evidence: which detector's hazard a code names, for a given lift. */
import { DETECTORS } from "./detectors/table.ts";
import type { Hazard } from "./effects.ts";
import { inDoorZone, type ActiveFault, type LiftState } from "./lift-state.ts";

const INDEX: ReadonlyMap<Hazard, number> = new Map(DETECTORS.map(({ hazard }, index) => [hazard, index]));

/** Place of a hazard's detector in the table; -1 where none judges it. */
export function detectorOf(hazard: Hazard): number {
  return INDEX.get(hazard) ?? -1;
}

/**
 * The hazard for whose alert a code that names `named` is evidence as it begins, or null where no detector of this lift takes
 * it. A code for "entrapment" does not say where the car stands; the lift's own signals may.
 */
export function evidenceFor(lift: LiftState, named: Hazard | undefined): Hazard | null {
  if (named === undefined) return null;
  const hazard = named === "entrapment" && inDoorZone(lift) === true ? "entrapment-at-level" : named;
  const index = detectorOf(hazard);
  return index >= 0 && (lift.applies & (1 << index)) !== 0 ? hazard : null;
}

/** Bits of the detectors for which the active codes are evidence. */
export function reportedBits(faults: readonly ActiveFault[]): number {
  let bits = 0;
  for (const { hazard } of faults) if (hazard !== null) bits |= 1 << detectorOf(hazard);
  return bits;
}
