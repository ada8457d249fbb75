/** The kernel that runs detectors over a lift: starts, levels, ends, and the passing of time. Knows no hazard by name. */
import type { AlertBook } from "./alert-book.ts";
import { ON, type Detector, type Moment } from "./detectors/detector.ts";
import { DETECTORS } from "./detectors/table.ts";
import type { StoredReading } from "./effects.ts";
import type { LiftState, Slot } from "./lift-state.ts";
import type { Rules } from "./rules.ts";

/** Time that a condition has lasted: by the device's clock on a reading, by the listening clock on a tick. */
function lasted(since: number, heard: number, moment: Moment): number {
  return moment.at < 0 ? moment.listened - heard : moment.at - since;
}

/** Judges what a reading may have changed. The lift's state has taken it in already. */
export function judgeReading(lift: LiftState, arrived: StoredReading, moment: Moment, rules: Rules, book: AlertBook): void {
  const bit = ON[arrived.channel];
  for (let index = 0; index < DETECTORS.length; index++) {
    const detector = DETECTORS[index];
    if (detector === undefined || (detector.on & bit) === 0 || (lift.applies & (1 << index)) === 0) continue;
    // Most judgements find nothing and nothing running: they must not even touch the slot, a cache miss each.
    if ((lift.busy & (1 << index)) === 0 && !detector.wakes(lift, arrived.channel, arrived.reading, rules)) continue;
    const slot = lift.slot(index);
    lift.busy |= 1 << index;
    detector.sample?.(lift, slot, arrived.channel, arrived.reading, rules);
    judge(lift, index, detector, slot, moment, rules, book);
  }
}

/** Lets time pass up to `moment` with the state as it is, for the detectors of `bits`: before a reading changes it, and on ticks. */
export function passTime(lift: LiftState, bits: number, moment: Moment, rules: Rules, book: AlertBook): void {
  const due = lift.pending & bits;
  for (let index = 0; due >>> index !== 0; index++) {
    if ((due & (1 << index)) === 0) continue;
    const detector = DETECTORS[index];
    if (detector !== undefined) judge(lift, index, detector, lift.slot(index), moment, rules, book);
  }
}

function judge(lift: LiftState, index: number, detector: Detector, slot: Slot, moment: Moment, rules: Rules, book: AlertBook): void {
  let waiting = false;
  if (detector.holds(lift, slot, rules) === true) {
    if (slot.since < 0) {
      slot.since = lift.at;
      slot.heard = moment.listened;
      if (slot.alertId === null) slot.entry = moment.entry;
      else slot.recurred = true;
    }
    slot.evidenceHeard = moment.listened;
    const lastedMs = lasted(slot.since, slot.heard, moment);
    const level = detector.level(lift, slot, lastedMs, rules);
    if (slot.alertId === null) {
      if (level > 0) book.raise(lift, slot, detector, level, slot.since + detector.raisedAfterMs(lift, slot, rules), moment, rules);
    } else if (level > slot.level || slot.recurred) book.advance(lift, slot, detector, level, moment, rules);
    waiting = lastedMs < detector.settledAfterMs(rules);
  } else slot.since = -1;

  if (slot.alertId !== null) {
    if (detector.ended(lift, slot, rules) === true) {
      if (slot.endSince < 0) {
        slot.endSince = lift.at;
        slot.endHeard = moment.listened;
      }
      if (lasted(slot.endSince, slot.endHeard, moment) >= detector.clearAfterMs(lift, rules)) {
        book.clear(lift, slot, detector, slot.endSince, moment, rules, false);
        slot.endSince = -1;
      } else waiting = true;
    } else slot.endSince = -1;
  } else slot.endSince = -1;

  if (waiting) lift.pending |= 1 << index;
  else lift.pending &= ~(1 << index);
  if (slot.since < 0 && slot.alertId === null && slot.samples === 0) lift.busy &= ~(1 << index);
}

/** Forgets since when conditions have held; alerts that are active stay as they are. */
export function restartConditions(lift: LiftState): void {
  for (let index = 0; lift.pending >>> index !== 0; index++) {
    if ((lift.pending & (1 << index)) === 0) continue;
    const slot = lift.slot(index);
    slot.since = -1;
    slot.endSince = -1;
  }
  lift.pending = 0;
}

/** Ends alerts whose evidence is so old that their end must have been missed. Never an entrapment (G6). */
export function autoClose(lift: LiftState, moment: Moment, rules: Rules, book: AlertBook): void {
  for (const [index, detector] of DETECTORS.entries()) {
    const slot = lift.slots[index] ?? null;
    const limitMs = detector.autoCloseAfterMs(rules);
    if (slot === null || slot.alertId === null || limitMs === null || moment.listened - slot.evidenceHeard < limitMs) continue;
    book.clear(lift, slot, detector, lift.at, moment, rules, true);
    detector.forget?.(lift);
    slot.samples = 0;
    slot.since = -1;
    slot.endSince = -1;
    lift.pending &= ~(1 << index);
  }
}
