/** The lift as which `hoistway doctor` speaks: real messages through every part of the program, and no trace in any figure. */
import type { LiftState } from "./lift-state.ts";

/** Reserved: no register should use it. */
export const PROBE_LIFT = "hoistway-probe";

/**
 * As long as nobody registers it, the probe is in no list and no count of lifts or days, falls silent without an alert, and is judged
 * by reported faults alone, which it has while out of service: suppressed by design.
 */
export function isProbe(lift: Pick<LiftState, "liftId" | "register">): boolean {
  return lift.liftId === PROBE_LIFT && lift.register === null;
}
