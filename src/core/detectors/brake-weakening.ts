/**
 * `brake-weakening`: the car rolls after it has stopped, before anybody has moved it (domain.md §3; what is a roll: roll.ts). A
 * stopping distance that grows is learnt elsewhere and comes in as evidence of its own (`lift.learnt`).
 */
import { doorsClosed, type LiftState } from "../lift-state.ts";
import type { Rules } from "../rules.ts";
import { ON, carDetails, isLift, type Detector } from "./detector.ts";

const HAZARD = "brake-weakening";

function rolled(lift: LiftState, rules: Rules): boolean {
  return lift.rollMm > rules[HAZARD].rollAboveMm;
}

export const brakeWeakening: Detector = {
  hazard: HAZARD,
  on: ON.speed,
  grades: [
    { evidence: "suspected", priority: "high" },
    { evidence: "confirmed", priority: "high" },
  ],
  applies: isLift,
  missing: (lift) => [
    // By a position it still sees a car that goes back against its run.
    ...(lift.levelOffsetMm === null ? ["levelOffsetMm"] : []),
    ...(doorsClosed(lift) === null ? ["state"] : []),
  ],
  wakes: (lift, _channel, _reading, rules) => rolled(lift, rules) && !lift.ran,
  /** Stops at which it rolled; `sampleAt` is the newest of them. */
  sample(lift, slot, _channel, _reading, rules) {
    if (!rolled(lift, rules) || lift.stopAt === slot.sampleAt) return;
    slot.sampleAt = lift.stopAt;
    slot.samples += 1;
  },
  holds: (lift, slot, rules) => slot.samples > 0 && rolled(lift, rules) && slot.sampleAt === lift.stopAt,
  level: (_lift, slot, _lastedMs, rules) => (slot.samples >= rules[HAZARD].confirmedStops ? 2 : 1),
  raisedAfterMs: () => 0,
  settledAfterMs: () => 0,
  /** A later stop has held, as the run that follows it shows. */
  ended(lift, slot, rules) {
    const held = lift.stopAt > slot.sampleAt && !rolled(lift, rules) && lift.ran;
    if (held) slot.samples = 0;
    return held || slot.samples === 0;
  },
  clearAfterMs: () => 0,
  autoCloseAfterMs: (rules) => rules[HAZARD].autoCloseAfterMs,
  details: (lift, slot) => ({ ...carDetails(lift), rollMm: lift.rollMm, stops: slot.samples }),
};
