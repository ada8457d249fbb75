/** Whether somebody is inside, and how far a count of persons is to be believed. */
import type { LiftState, Truth } from "./lift-state.ts";

/**
 * Somebody inside: by count, by load, or by the alarm button; null where nothing can tell. A load proves a person only in
 * a passenger lift: in others it is goods.
 */
export function somebodyInside(lift: LiftState, loadAboveKg: number): Truth {
  if (lift.alarmButton) return true;
  if (lift.persons !== null && lift.persons > 0) return true;
  const loadKg = lift.kind === "passenger" ? lift.loadKgOrNaN : Number.NaN;
  if (loadKg > loadAboveKg) return true;
  return lift.persons === null && Number.isNaN(loadKg) ? null : false;
}

/** Openings of the doors through which a count of persons has not changed, from which on it is not believed (domain.md §3: frozen signals). */
const SAME_PERSONS = 5;
/** Of a sensor that never said more than one: it says presence, and in a busy lift somebody always is (assumption). */
const SAME_PRESENCE = 20;
/** A load that proves a person, for those who have no rules at hand, whose `loadAboveKg` it is by default (domain.md §3). */
export const PERSON_KG = 30;
/**
 * Of a load that proves a person, so much shows that there is none: 15 kg (assumption: a child who rides alone weighs more, and
 * an empty car's cell is wrong by less). In between the cell says nothing against a count.
 */
export const EMPTY_SHARE = 0.5;
/** Counts of people that a load cell did not show, from which on the cell is not believed (assumption). */
export const LOAD_DOUBTS = 3;

/**
 * Whether the count of persons stands against another signal: a working load cell that shows nobody, or doors through which
 * nobody changed it. False sensors are the field's main nuisance (domain.md §3); where the car stands at a landing, and only
 * the count speaks for people, such a count is worth nothing.
 */
export function personsDoubtful(lift: LiftState, loadAboveKg: number): boolean {
  if (lift.persons === null || lift.persons === 0) return false;
  const empty = lift.loadKgOrNaN <= loadAboveKg * EMPTY_SHARE && lift.loadDoubts < LOAD_DOUBTS;
  return empty || lift.samePersons >= (lift.mostPersons > 1 ? SAME_PERSONS : SAME_PRESENCE);
}
