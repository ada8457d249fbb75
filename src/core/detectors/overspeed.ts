/** `overspeed`, by this lift's own rated speed (domain.md §2): a fixed limit is blind on a slow lift and false on a fast one. */
import { orNull, type LiftState } from "../lift-state.ts";
import { ON, carDetails, isLift, type Detector } from "./detector.ts";

const HAZARD = "overspeed";
const WARNING = 1;
const ALARM = 2;
const CRITICAL = 3;

/** NaN where it is unknown: above and below nothing. */
function factor(lift: LiftState): number {
  return lift.ratedSpeedMps === null ? Number.NaN : Math.abs(lift.speedMpsOrNaN) / lift.ratedSpeedMps;
}

export const overspeed: Detector = {
  hazard: HAZARD,
  on: ON.speed,
  grades: [
    { evidence: "suspected", priority: "high" },
    { evidence: "confirmed", priority: "high" },
    { evidence: "confirmed", priority: "critical" },
  ],
  applies: isLift,
  missing: (lift) => [...(lift.ratedSpeedMps === null ? ["ratedSpeedMps"] : []), ...(lift.speedMps === null ? ["speedMps"] : [])],
  wakes: (lift, _channel, _reading, rules) =>
    factor(lift) > Math.min(rules[HAZARD].warnFactor, rules[HAZARD].alarmFactor, rules[HAZARD].criticalFactor),
  /** Only samples count, never the time between them: one noisy sample must not become a long overspeed. */
  sample(lift, slot, _channel, reading, rules) {
    const limits = rules[HAZARD];
    const value = factor(lift);
    if (slot.sampleAt >= 0 && reading.at - slot.sampleAt > limits.sampleGapMs) {
      slot.since = -1;
      slot.strictSince = -1;
      slot.samples = 0;
    }
    slot.sampleAt = reading.at;
    slot.samples = value >= limits.criticalFactor ? slot.samples + 1 : 0;
    if (!(value > limits.alarmFactor)) slot.strictSince = -1;
    else if (slot.strictSince < 0) slot.strictSince = reading.at;
  },
  holds(lift, _slot, rules) {
    const value = factor(lift);
    return Number.isNaN(value) ? null : value > rules[HAZARD].warnFactor;
  },
  level(lift, slot, lastedMs, rules) {
    const limits = rules[HAZARD];
    if (slot.samples >= limits.criticalSamples) return CRITICAL;
    if (slot.strictSince >= 0 && lift.at - slot.strictSince >= limits.alarmAfterMs) return ALARM;
    return lastedMs >= limits.warnAfterMs ? WARNING : 0;
  },
  raisedAfterMs: (lift, slot) => lift.at - slot.since,
  settledAfterMs: () => 0,
  ended(lift, _slot, rules) {
    const value = factor(lift);
    return Number.isNaN(value) ? null : value <= rules[HAZARD].clearFactor;
  },
  clearAfterMs: (_lift, rules) => rules[HAZARD].clearAfterMs,
  autoCloseAfterMs: (rules) => rules[HAZARD].autoCloseAfterMs,
  limits: (lift, rules) => {
    const ratedMps = lift.ratedSpeedMps;
    return { ratedSpeedMps: ratedMps, criticalMps: ratedMps === null ? null : ratedMps * rules[HAZARD].criticalFactor };
  },
  details: (lift) => ({ ...carDetails(lift), ratedSpeedMps: lift.ratedSpeedMps, factor: orNull(factor(lift)) }),
};
