/** The device's clock: what its steps are told from, and that a step makes nothing last. */
import { STOPPED_BELOW_MPS } from "./car.ts";
import type { StoredReading } from "./effects.ts";
import type { LiftState } from "./lift-state.ts";

/** Steps of a device's clock smaller than this are jitter (assumption). */
const CLOCK_STEP_MS = 10_000;
const CLOCK_BACK_MS = 1_000;
/**
 * Samples of a moving car come each second, those of a backlog too: where a clock says so much more that the car would have gone this
 * far, it may have been set (assumption: half a floor, so that a fast car's way is doubted sooner).
 */
const CLOCK_DOUBT_M = 1.5;
/** Delays within this of the least seen agree with it (assumption: network jitter). */
const CLOCK_JITTER_MS = 2_000;
/** So many agreeing readings in a row make the clock known (assumption). */
const CLOCK_SETTLED = 10;
/** A clock that was just seen to be set is known after three: it is its next step that must be told from a backlog (assumption). */
const CLOCK_STEPPED = 7;
/** A backlog does not keep the same delay for so long (assumption). */
const LATER_FOR_MS = 30_000;
/** … from one reading to the next (assumption: the network's jitter mostly). */
const LATER_WITHIN_MS = 500;
/** Share of a larger delay that is taken in at each reading: follows a drifting clock within minutes at 1 Hz (assumption). */
const CLOCK_DRIFT = 0.001;

/**
 * Follows the device's clock. A clock that is set, back or forward, must not make a condition last: the times at which
 * running conditions began are moved with it. A backlog that catches up is not a step: its delays only shrink. Returns by how much
 * the clock was set, ms.
 */
export function followClock(lift: LiftState, arrived: StoredReading): number {
  const { at } = arrived.reading;
  let stepMs = 0;
  const delayMs = arrived.receivedAt - at;
  if (lift.at < 0) {
    lift.clockSkewMs = delayMs;
  } else {
    const deviceMs = at - lift.at;
    const monitorMs = arrived.receivedAt - lift.receivedAt;
    const back = deviceMs < -CLOCK_BACK_MS;
    const forward =
      lift.clockSettled >= CLOCK_SETTLED && deviceMs > monitorMs + CLOCK_STEP_MS && delayMs < lift.clockSkewMs - CLOCK_STEP_MS;
    if (back || forward) {
      stepMs = deviceMs - monitorMs;
      shiftTimes(lift, stepMs);
      lift.clockSkewMs = delayMs;
      lift.clockSettled = CLOCK_STEPPED;
      lift.laterSince = -1;
    } else followDelay(lift, delayMs, arrived.receivedAt);
    // Too little to be a step for certain, but what a moving car's speed adds up to over that time is not where it is.
    const speedMps = Math.abs(lift.speedMpsOrNaN);
    if (speedMps >= STOPPED_BELOW_MPS && ((deviceMs - monitorMs) / 1_000) * Math.max(1, speedMps) > CLOCK_DOUBT_M) lift.wayKnown = false;
  }
  lift.at = at;
  lift.receivedAt = arrived.receivedAt;
  return stepMs;
}

function followDelay(lift: LiftState, delayMs: number, receivedAt: number): void {
  const excessMs = delayMs - lift.clockSkewMs;
  if (excessMs > CLOCK_STEP_MS) return followLater(lift, delayMs, receivedAt);
  if (lift.laterSince >= 0) lift.laterSince = -1;
  if (excessMs < -CLOCK_JITTER_MS) lift.clockSettled = 0;
  else if (excessMs < CLOCK_JITTER_MS && lift.clockSettled < CLOCK_SETTLED) lift.clockSettled += 1;
  if (excessMs < 0) lift.clockSkewMs = delayMs;
  else lift.clockSkewMs += excessMs * CLOCK_DRIFT;
}

/**
 * A reading that comes much later than it should is one of a backlog, and tells nothing of the clock. But a backlog catches up: where
 * the delay stays the same, the clock was set back in a pause of the device, which no reading shows.
 */
function followLater(lift: LiftState, delayMs: number, receivedAt: number): void {
  const before = lift.receivedAt - lift.at;
  // Readings of a backlog come so, each later or less late than the one before: nothing is written down of them.
  if (Math.abs(delayMs - before) > LATER_WITHIN_MS) {
    if (lift.laterSince >= 0) lift.laterSince = -1;
    return;
  }
  if (lift.laterSince >= 0 && receivedAt - lift.laterSince < LATER_FOR_MS) return;
  if (lift.laterSince >= 0 && Math.abs(delayMs - lift.laterMs) <= CLOCK_JITTER_MS) {
    lift.clockSkewMs = delayMs;
    lift.clockSettled = CLOCK_STEPPED;
    lift.laterSince = -1;
  } else {
    lift.laterMs = delayMs;
    lift.laterSince = receivedAt;
  }
}

function shiftTimes(lift: LiftState, stepMs: number): void {
  const shift = (time: number) => (time < 0 ? time : Math.max(0, time + stepMs));
  for (const slot of lift.slots) {
    if (slot === null) continue;
    slot.since = shift(slot.since);
    slot.endSince = shift(slot.endSince);
    slot.sampleAt = shift(slot.sampleAt);
    slot.strictSince = shift(slot.strictSince);
    slot.flapFrom = shift(slot.flapFrom);
  }
  for (const begun of lift.faultLog ?? []) begun.at = shift(begun.at);
  for (const fault of lift.faults) fault.since = shift(fault.since);
  lift.ranAt = shift(lift.ranAt);
  lift.doorOpenSince = shift(lift.doorOpenSince);
  lift.doorClosedAt = shift(lift.doorClosedAt);
  lift.speedAt = shift(lift.speedAt);
  lift.beliedAt = shift(lift.beliedAt);
  lift.doorZoneAt = shift(lift.doorZoneAt);
  lift.levelOffsetAt = shift(lift.levelOffsetAt);
  lift.jumpAt = shift(lift.jumpAt);
  lift.stopAt = shift(lift.stopAt);
  if (lift.reopenedAt !== null) lift.reopenedAt = lift.reopenedAt.map(shift);
}
