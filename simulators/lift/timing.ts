/** Habits of controllers, of people at the door, and of sensors. */

/** The device samples once a second while the car moves (contract: speed by exception, 1 Hz while moving). */
export const SAMPLE_EVERY_MS = 1_000;
/** At most one reopening by an obstruction at a stop, and one for a late call: three within 15 s are a hazard of their own (domain.md §3). */
export const MOST_REOPENINGS = 1;
/** The door does not wait longer for more people than these (assumption). */
export const MOST_COUNTED = 12;
/** From the first step out of the car until those who wait get in, besides the time of those who get out, ms (assumption). */
export const BOARD_AFTER_MS = 700;
/** From leaving the kept level to the re-levelling drive, and how often a door waits to close because of it, ms (assumption). */
export const RELEVEL_DELAY_MS: readonly [number, number] = [400, 1_200];
export const RELEVEL_POLL_MS = 500;
/** A change of level from which on the sensor speaks up, m (assumption). */
export const TOLD_LEVEL_M = 0.003;
