/** Escalators and moving walks (domain.md §§2, 3): too fast, backwards, a step missing, and a handrail that does not keep up. */
import type { LiftState, Truth } from "../lift-state.ts";
import type { Rules } from "../rules.ts";
import { ON, type Detector } from "./detector.ts";

const isEscalator = (lift: LiftState) => lift.kind === "escalator";

function escalatorDetails(lift: LiftState): Record<string, unknown> {
  return { speedMps: lift.speedMps, handrailMps: lift.handrailMps, ratedSpeedMps: lift.ratedSpeedMps, mode: lift.mode };
}

function factor(lift: LiftState): number | null {
  return lift.ratedSpeedMps === null || lift.speedMps === null ? null : Math.abs(lift.speedMps) / lift.ratedSpeedMps;
}

export const escalatorOverspeed: Detector = {
  hazard: "escalator-overspeed",
  on: ON.speed,
  grades: [{ evidence: "confirmed", priority: "critical" }],
  applies: isEscalator,
  missing: (lift) => [...(lift.ratedSpeedMps === null ? ["ratedSpeedMps"] : []), ...(lift.speedMps === null ? ["speedMps"] : [])],
  wakes: (lift, _channel, _reading, rules) => (factor(lift) ?? 0) > rules["escalator-overspeed"].factor,
  sample(lift, slot, _channel, reading, rules) {
    const { sampleGapMs, factor: limit } = rules["escalator-overspeed"];
    if (slot.sampleAt >= 0 && reading.at - slot.sampleAt > sampleGapMs) slot.samples = 0;
    slot.sampleAt = reading.at;
    slot.samples = (factor(lift) ?? 0) > limit ? slot.samples + 1 : 0;
  },
  holds: (_lift, slot, rules) => slot.samples >= rules["escalator-overspeed"].samples,
  level: () => 1,
  raisedAfterMs: () => 0,
  settledAfterMs: () => 0,
  ended(lift, _slot, rules) {
    const value = factor(lift);
    return value === null ? null : value <= rules["escalator-overspeed"].clearFactor;
  },
  clearAfterMs: (_lift, rules) => rules["escalator-overspeed"].clearAfterMs,
  autoCloseAfterMs: (rules) => rules["escalator-overspeed"].autoCloseAfterMs,
  limits: (lift) => ({ ratedSpeedMps: lift.ratedSpeedMps }),
  details: (lift) => ({ ...escalatorDetails(lift), factor: factor(lift) }),
};

export const escalatorReversal: Detector = {
  hazard: "escalator-reversal",
  on: ON.speed,
  grades: [{ evidence: "confirmed", priority: "critical" }],
  applies: isEscalator,
  missing: (lift) => (lift.speedMps === null ? ["speedMps"] : []),
  wakes: (lift, _channel, _reading, rules) => backwards(lift, rules) === true,
  holds: (lift, _slot, rules) => backwards(lift, rules),
  level: () => 1,
  raisedAfterMs: () => 0,
  settledAfterMs: () => 0,
  ended(lift, _slot, rules) {
    const back = backwards(lift, rules);
    return back === null ? null : !back;
  },
  clearAfterMs: (_lift, rules) => rules["escalator-reversal"].clearAfterMs,
  autoCloseAfterMs: (rules) => rules["escalator-reversal"].autoCloseAfterMs,
  details: (lift) => ({ ...escalatorDetails(lift), againstMps: againstMps(lift) }),
};

/**
 * Against the direction in which it was set going. By the contract that is the positive one; but whoever reports a signed speed
 * would have every band that runs down told as reversed.
 */
function againstMps(lift: LiftState): number | null {
  return lift.speedMps === null ? null : -lift.speedMps * (lift.travels || 1);
}

function backwards(lift: LiftState, rules: Rules): Truth {
  const against = againstMps(lift);
  return against === null ? null : against > rules["escalator-reversal"].againstAboveMps;
}

/** No signal of the contract shows a step; the controller's code alone tells. */
export const escalatorMissingStep: Detector = {
  hazard: "escalator-missing-step",
  on: 0,
  grades: [{ evidence: "confirmed", priority: "critical" }],
  applies: isEscalator,
  missing: () => [],
  wakes: () => false,
  holds: () => false,
  level: () => 0,
  raisedAfterMs: () => 0,
  settledAfterMs: () => 0,
  ended: () => true,
  clearAfterMs: () => 0,
  autoCloseAfterMs: (rules) => rules["escalator-missing-step"].autoCloseAfterMs,
  details: escalatorDetails,
};

/** How far the handrail departs from the steps, as a share of their speed; null where it cannot be told, as at rest. */
function deviation(lift: LiftState, rules: Rules): number | null {
  const { speedMps, handrailMps } = lift;
  if (speedMps === null || handrailMps === null || Math.abs(speedMps) < rules["handrail-deviation"].runsAboveMps) return null;
  return Math.abs(handrailMps - speedMps) / Math.abs(speedMps);
}

export const handrailDeviation: Detector = {
  hazard: "handrail-deviation",
  on: ON.speed,
  grades: [{ evidence: "confirmed", priority: "medium" }],
  applies: isEscalator,
  missing: (lift) => [...(lift.speedMps === null ? ["speedMps"] : []), ...(lift.handrailMps === null ? ["handrailMps"] : [])],
  wakes: (lift, _channel, _reading, rules) => (deviation(lift, rules) ?? 0) > rules["handrail-deviation"].deviation,
  holds: (lift, _slot, rules) => (deviation(lift, rules) ?? 0) > rules["handrail-deviation"].deviation,
  level: (_lift, _slot, lastedMs, rules) => (lastedMs >= rules["handrail-deviation"].afterMs ? 1 : 0),
  raisedAfterMs: (_lift, _slot, rules) => rules["handrail-deviation"].afterMs,
  settledAfterMs: (rules) => rules["handrail-deviation"].afterMs,
  ended: (lift, _slot, rules) => (deviation(lift, rules) ?? 0) <= rules["handrail-deviation"].clearDeviation,
  clearAfterMs: (_lift, rules) => rules["handrail-deviation"].clearAfterMs,
  autoCloseAfterMs: (rules) => rules["handrail-deviation"].autoCloseAfterMs,
  details: (lift, _slot, rules) => ({ ...escalatorDetails(lift), deviation: deviation(lift, rules) }),
};
