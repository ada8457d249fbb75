/** `door-open-while-running`: a door leaves closed in a running car outside the door zone (domain.md §3). */
import { STOPPED_BELOW_MPS } from "../car.ts";
import { doorsClosed, stopped } from "../lift-state.ts";
import { ON, carDetails, isLift, type Detector } from "./detector.ts";

const HAZARD = "door-open-while-running";

/** Values of `slot.samples`: nothing, a door has left closed after a fast sample, and a fast sample has followed it. */
const IDLE = 0;
const OPENED = 1;
const SUSPECTED = 2;
const CONFIRMED = 3;

export const doorOpenWhileRunning: Detector = {
  hazard: HAZARD,
  on: ON.door | ON.speed,
  grades: [
    { evidence: "suspected", priority: "critical" },
    { evidence: "confirmed", priority: "critical" },
  ],
  applies: isLift,
  missing: (lift) => [...(doorsClosed(lift) === null ? ["state"] : []), ...(lift.speedMps === null ? ["speedMps"] : [])],
  wakes: (lift, channel, _reading, rules) =>
    channel === "door" && lift.doorOpenSince >= 0 && Math.abs(lift.speedMpsOrNaN) > rules[HAZARD].speedAboveMps,
  /**
   * The last speed before the door moved can be a second old, and a car that levels sheds 0.5 m/s in that time. So a fast
   * sample must follow the door's reading as well as precede it.
   */
  sample(lift, slot, channel, reading, rules) {
    const { speedAboveMps, sampleWithinMs } = rules[HAZARD];
    if (channel === "door" && slot.samples === IDLE) {
      const justOpened = lift.doorOpenSince === reading.at;
      const fresh = reading.at - lift.speedAt <= sampleWithinMs;
      if (justOpened && fresh && Math.abs(lift.speedMpsOrNaN) > speedAboveMps) {
        slot.samples = OPENED;
        slot.sampleAt = reading.at;
        // Outside the zone before the door moved; the sample that follows may say so too.
        slot.strictSince = lift.doorZone === false ? reading.at : -1;
      }
    } else if (channel === "speed" && slot.samples === OPENED && "speedMps" in reading) {
      const fast = Math.abs(reading.speedMps) > speedAboveMps && reading.at - slot.sampleAt <= sampleWithinMs;
      // The same speed again, at a landing: it may have frozen. A car that runs is past the zone at the next sample.
      if (fast && reading.doorZone === true && lift.speedDoubtful) return;
      const outside = slot.strictSince >= 0 || reading.doorZone === false;
      const unknown = reading.doorZone === undefined && lift.doorZone === null;
      slot.samples = fast && (outside || unknown) ? (outside ? CONFIRMED : SUSPECTED) : IDLE;
    }
  },
  holds: (_lift, slot) => slot.samples >= SUSPECTED,
  level: (_lift, slot) => (slot.samples === CONFIRMED ? 2 : 1),
  raisedAfterMs: () => 0,
  settledAfterMs: () => 0,
  ended(lift, slot) {
    const over = doorsClosed(lift) === true || stopped(lift, STOPPED_BELOW_MPS) === true;
    if (over) slot.samples = IDLE;
    return over;
  },
  clearAfterMs: (_lift, rules) => rules[HAZARD].clearAfterMs,
  autoCloseAfterMs: (rules) => rules[HAZARD].autoCloseAfterMs,
  details: (lift) => ({ ...carDetails(lift), persons: lift.persons }),
};
