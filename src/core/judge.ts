/** The kernel that runs detectors over a lift: starts, levels, ends, and the passing of time. Knows no hazard by name. */
import type { AlertBook } from "./alert-book.ts";
import { ON, type Detector, type Moment } from "./detectors/detector.ts";
import { DETECTORS } from "./detectors/table.ts";
import type { StoredReading } from "./effects.ts";
import { EVIDENCE, type LiftState, type Slot } from "./lift-state.ts";
import { reportedBits } from "./reported.ts";
import type { Channel } from "./reading.ts";
import type { Rules } from "./rules.ts";

/** Time that a condition has lasted: by the device's clock on a reading, by the listening clock on a tick. */
function lasted(since: number, heard: number, moment: Moment): number {
  return moment.at < 0 ? moment.listened - heard : moment.at - since;
}

const ON_DOOR = listeners(ON.door);
const ON_SPEED = listeners(ON.speed);
const ON_FAULT = listeners(ON.fault);
const ON_STATUS = listeners(ON.status);
const ON_ONLINE = listeners(ON.online);

/** Bits of the detectors that listen to a channel. Not a table by name: V8 searches one anew for each reading. */
function listenersTo(channel: Channel): number {
  switch (channel) {
    case "door":
      return ON_DOOR;
    case "speed":
      return ON_SPEED;
    case "fault":
      return ON_FAULT;
    case "status":
      return ON_STATUS;
    case "online":
      return ON_ONLINE;
    default:
      return channel satisfies never;
  }
}

function listeners(channel: number): number {
  return DETECTORS.reduce((bits, { on }, index) => ((on & channel) === 0 ? bits : bits | (1 << index)), 0);
}

/** Judges what a reading may have changed. The lift's state has taken it in already. `stirred`: bits of the detectors whose hazard's code began or ended with it. */
export function judgeReading(
  lift: LiftState,
  arrived: StoredReading,
  stirred: number,
  moment: Moment,
  rules: Rules,
  book: AlertBook,
): void {
  const { channel, reading } = arrived;
  const listening = listenersTo(channel);
  for (let rest = lift.applies & (listening | stirred); rest !== 0;) {
    const bit = rest & -rest;
    rest ^= bit;
    const index = 31 - Math.clz32(bit);
    const detector = DETECTORS[index];
    if (detector === undefined) continue;
    // Most judgements find nothing and nothing running: they must not even touch the slot, a cache miss each.
    if ((lift.busy & bit) === 0 && (stirred & bit) === 0 && !detector.wakes(lift, channel, reading, rules)) continue;
    const slot = lift.slot(index);
    lift.busy |= bit;
    if ((listening & bit) !== 0) detector.sample?.(lift, slot, channel, reading, rules);
    judge(lift, index, detector, slot, moment, rules, book);
  }
}

/** Judges the detectors of `bits` anew, for whoever changed `lift.learnt`. */
export function judgeBits(lift: LiftState, bits: number, moment: Moment, rules: Rules, book: AlertBook): void {
  for (let rest = lift.applies & bits; rest !== 0;) {
    const bit = rest & -rest;
    rest ^= bit;
    const index = 31 - Math.clz32(bit);
    const detector = DETECTORS[index];
    if (detector === undefined) continue;
    lift.busy |= bit;
    judge(lift, index, detector, lift.slot(index), moment, rules, book);
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
  const bit = 1 << index;
  const told = (lift.reported & bit) !== 0 && detector.heeds?.(lift) !== false;
  const trend = (lift.learnt & bit) !== 0;
  const held = detector.holds(lift, slot, rules) === true;
  let waiting = false;
  let level = 0;
  let sources = 0;
  let raisedAt = lift.at;
  let lapsing = false;
  if (held) {
    if (slot.since < 0) {
      slot.since = lift.at;
      slot.heard = moment.listened;
      if (slot.alertId === null) slot.entry = moment.entry;
      else slot.recurred = true;
    }
    slot.evidenceHeard = moment.listened;
    const lastedMs = lasted(slot.since, slot.heard, moment);
    level = detector.level(lift, slot, lastedMs, rules);
    if (level > 0) {
      sources = EVIDENCE.signal;
      raisedAt = slot.since + detector.raisedAfterMs(lift, slot, rules);
    }
    waiting = lastedMs < detector.settledAfterMs(rules, lift);
  } else if (slot.since >= 0 && lapses(lift, slot, detector, moment, rules)) {
    lapsing = true;
    waiting = true;
  } else slot.since = -1;
  if (told || trend) {
    if (slot.alertId === null && level === 0 && !held) slot.entry = moment.entry;
    if (told) {
      sources |= EVIDENCE.controller;
      level = Math.max(level, detector.toldLevel ?? detector.grades.length);
    }
    if (trend) {
      sources |= EVIDENCE.trend;
      level = Math.max(level, detector.trendLevel ?? 1);
    }
  }
  if (slot.alertId === null) {
    const closed = slot.closedHeard >= 0 && staysClosed(lift, slot, detector, told || trend, level, moment, rules);
    if (closed && level > 0) waiting = true;
    else if (level > 0) {
      slot.sources = sources;
      slot.evidenceHeard = moment.listened;
      book.raise(lift, slot, detector, level, raisedAt, moment, rules);
    }
  } else {
    // What agrees with an alert from elsewhere merges into it: one alert, whose details list both.
    const joined = (sources & ~slot.sources) !== 0;
    slot.sources |= sources;
    if (level > slot.level || slot.recurred || joined) book.advance(lift, slot, detector, level, moment, rules, joined);
  }

  if (slot.alertId !== null) {
    // Raised by the controller's word or a trend alone, it ends with them: the signals may not be able to tell.
    const bySignal = (slot.sources & EVIDENCE.signal) !== 0;
    const ended = !told && !trend && (bySignal ? detector.ended(lift, slot, rules) === true : !held);
    if (ended) {
      if (slot.endSince < 0) {
        slot.endSince = lift.at;
        slot.endHeard = moment.listened;
      }
      if (lasted(slot.endSince, slot.endHeard, moment) >= clearAfter(lift, slot, detector, bySignal, rules, book)) {
        book.clear(lift, slot, detector, slot.endSince, moment, rules, false);
        slot.endSince = -1;
        if (!held) slot.since = -1;
      } else waiting = true;
    } else if (slot.endSince >= 0) {
      slot.endSince = -1;
      book.modeChanged(lift, rules);
    }
  } else if (!lapsing) slot.endSince = -1;

  if (waiting) lift.pending |= bit;
  else lift.pending &= ~bit;
  if (slot.since < 0 && slot.alertId === null && slot.samples === 0 && slot.closedHeard < 0) lift.busy &= ~bit;
}

/** The condition has gone, but by a signal that comes and goes, and not for as long as its end would have to last. */
function lapses(lift: LiftState, slot: Slot, detector: Detector, moment: Moment, rules: Rules): boolean {
  if (detector.lapses?.(lift, rules) !== true) return false;
  if (slot.alertId !== null) return true;
  if (slot.endSince < 0) {
    slot.endSince = lift.at;
    slot.endHeard = moment.listened;
  }
  return lasted(slot.endSince, slot.endHeard, moment) < detector.clearAfterMs(lift, rules);
}

/** What comes and goes is held until it has been away for long enough to be over. */
function clearAfter(lift: LiftState, slot: Slot, detector: Detector, bySignal: boolean, rules: Rules, book: AlertBook): number {
  const clearAfterMs = bySignal ? detector.clearAfterMs(lift, rules) : 0;
  return book.active(slot)?.chattering === true ? Math.max(clearAfterMs, rules.alerts.quietMs) : clearAfterMs;
}

/**
 * A person has closed the alert while its condition stood: it is not told again until it has ended. But persons err too, so
 * danger to people that still stands after a time is told anew.
 */
function staysClosed(
  lift: LiftState,
  slot: Slot,
  detector: Detector,
  toldOf: boolean,
  level: number,
  moment: Moment,
  rules: Rules,
): boolean {
  const bySignal = (slot.sources & EVIDENCE.signal) !== 0;
  if (!toldOf && (bySignal ? detector.ended(lift, slot, rules) === true : level === 0)) {
    slot.closedHeard = -1;
    return false;
  }
  const critical = detector.grades[level - 1]?.priority === "critical";
  return !critical || moment.listened - slot.closedHeard < rules.alerts.reopenAfterMs;
}

/** A person has closed the alert of a slot. Its condition is judged on ticks from then on. Returns whether there is such a slot. */
export function closeSlot(lift: LiftState, alertId: string, moment: Moment): boolean {
  const index = lift.slots.findIndex((slot) => slot?.alertId === alertId);
  if (index < 0) return false;
  const slot = lift.slot(index);
  slot.alertId = null;
  slot.level = 0;
  slot.recurred = false;
  slot.endSince = -1;
  slot.closedHeard = moment.listened;
  if (DETECTORS[index]?.on !== 0) lift.pending |= 1 << index;
  return true;
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
  // A trend is told off by whoever learnt it, not by age. A slot with an alert is busy, and most lifts have none.
  for (let rest = lift.busy & ~lift.learnt; rest !== 0; rest &= rest - 1) {
    const index = 31 - Math.clz32(rest & -rest);
    const detector = DETECTORS[index];
    const slot = lift.slots[index] ?? null;
    const limitMs = detector?.autoCloseAfterMs(rules) ?? null;
    if (detector === undefined || slot === null || slot.alertId === null) continue;
    if (limitMs === null || moment.listened - slot.evidenceHeard < limitMs) continue;
    book.clear(lift, slot, detector, lift.at, moment, rules, true);
    detector.forget?.(lift);
    lift.faults = lift.faults.filter(({ hazard }) => hazard !== detector.hazard);
    lift.reported = reportedBits(lift.faults);
    slot.samples = 0;
    slot.since = -1;
    slot.endSince = -1;
    lift.pending &= ~(1 << index);
  }
}
