/** Watches lifts: takes in what they say, in order, and what time says when they are still. Findings go to the alert book. */
import type { AlertBook } from "./alert-book.ts";
import { breakOff } from "./car.ts";
import { followClock } from "./clock.ts";
import type { Moment } from "./detectors/detector.ts";
import { silent, staleAfterMs } from "./detectors/silent.ts";
import { DETECTORS, SILENT } from "./detectors/table.ts";
import { DEFAULT_DIALECT, meaningOfCode } from "./dialects.ts";
import { ENTRAPMENTS, type StoredReading } from "./effects.ts";
import { autoClose, closeSlot, judgeBits, judgeReading, passTime, restartConditions } from "./judge.ts";
import { EVIDENCE, UNLISTED, type LiftState } from "./lift-state.ts";
import type { Lifts } from "./lifts.ts";
import { MassEvents, type MassEventsState } from "./mass-events.ts";
import { gatherDoor, gatherSpeed, gatherStatus, interruptGathering } from "./learning/gather.ts";
import type { DoorReading, FaultReading, OnlineReading, SpeedReading } from "./reading.ts";
import type { Rules } from "./rules.ts";
import { detectorOf } from "./reported.ts";
import { isWill } from "./sequence.ts";
import { Silences } from "./silence.ts";
import { followSequence, releaseAlarm, takeDoor, takeFault, takeOnline, takeSpeed, takeStatus } from "./signals.ts";

const ALL = -1;
/** Bits of the detectors of danger to people. */
const CRITICAL = DETECTORS.reduce((bits, { grades }, index) => (grades[0]?.priority === "critical" ? bits | (1 << index) : bits), 0);
/** Keep-alives after which what a lift said last is old (assumption: one, and half of the next for the way). */
const FRESH_KEEP_ALIVES = 1.5;
/** A reading that is so much later than the time since the one before has waited for its link (assumption: more than the hold and the network's jitter). */
const STALLED_MS = 10_000;
const AT_LEVEL_BIT = 1 << DETECTORS.findIndex(({ hazard }) => hazard === "entrapment-at-level");
const SILENT_BIT = 1 << SILENT;
const ENTRAPMENT_SLOTS = DETECTORS.flatMap(({ hazard }, index) => (ENTRAPMENTS.has(hazard) ? [index] : []));

export interface WatchState {
  /** Ids of lifts with a condition that waits for time to pass, in their order. */
  readonly waiting: readonly string[];
  readonly events: MassEventsState;
}

export class Watch {
  readonly #book: AlertBook;
  /** Lifts with a condition that waits for time to pass, in the order in which they came to wait. */
  #waiting = new Set<LiftState>();
  readonly #moment: Moment = { at: -1, listened: 0, entry: 0, receivedAt: 0 };
  readonly #silences = new Silences();
  readonly #events: MassEvents;

  constructor(book: AlertBook) {
    this.#book = book;
    this.#events = new MassEvents(book, this.#moment);
  }

  /** The entry in hand and its time; `listened` is the time during which the monitor was listening. */
  begin(entry: number, receivedAt: number, listened: number): void {
    this.#moment.entry = entry;
    this.#moment.receivedAt = receivedAt;
    this.#moment.listened = listened;
  }

  /** A sign of life, in whatever order it came; a will is the broker's word, not the lift's. */
  heard(lift: LiftState, arrived: StoredReading, rules: Rules): void {
    if (isWill(arrived)) return;
    const { listened } = this.#moment;
    lift.heardAt = arrived.receivedAt;
    lift.heard = listened;
    if (lift.firstHeard < 0) lift.firstHeard = listened;
    if (lift.silenceDue === UNLISTED) this.#silences.list(lift, listened + staleAfterMs(lift, rules));
    if (lift.groupId !== null) this.#events.heard(lift);
    if ((lift.busy & SILENT_BIT) === 0) return;
    lift.busy &= ~SILENT_BIT;
    const slot = lift.slot(SILENT);
    slot.closedHeard = -1;
    this.#book.clear(lift, slot, silent, arrived.receivedAt, this.#at(-1), rules, false);
  }

  /** Judges a reading whose turn has come. Returns whether a fault began with it, and whether that stops the lift. */
  judge(lift: LiftState, arrived: StoredReading, rules: Rules): "stopping-fault" | "fault" | null {
    const { channel, reading } = arrived;
    if (isWill(arrived)) {
      lift.online = false;
      return null;
    }
    const last = lift.at;
    if (!followSequence(lift, reading.seq, reading.at - last)) {
      breakOff(lift);
      interruptGathering(lift);
    }
    // A clock that was set is no time that passed: the reading before is counted by the clock as it is now.
    const { receivedAt } = lift;
    const stepMs = followClock(lift, arrived);
    const before = last < 0 ? last : last + stepMs;
    const stalledMs = before < 0 ? 0 : arrived.receivedAt - receivedAt - (reading.at - before);
    if (stalledMs > STALLED_MS) skipStall(lift, stalledMs, this.#moment.listened);
    // So long without the word that its keep-alive promises, it was not heard, whatever it numbers: what it did is unknown.
    if (before >= 0 && reading.at - before > freshForMs(lift)) {
      breakOff(lift);
      lift.travels = 0;
    }
    const isWaiting = lift.pending !== 0;
    if (isWaiting) this.#passUntil(lift, before, reading.at, rules);
    const moment = this.#at(reading.at);
    const { mode, reported, powered } = lift;
    let fault: "stopping-fault" | "fault" | null = null;
    switch (channel) {
      case "door":
        gatherDoor(lift, reading as DoorReading);
        takeDoor(lift, reading as DoorReading);
        break;
      case "speed":
        if (lift.kind !== "escalator") gatherSpeed(lift, reading as SpeedReading);
        takeSpeed(lift, reading as SpeedReading);
        break;
      case "fault":
        fault = this.#takeFault(lift, reading as FaultReading);
        break;
      case "status":
        gatherStatus(lift, reading);
        takeStatus(lift, reading);
        break;
      case "online":
        takeOnline(lift, reading as OnlineReading);
        this.#silences.list(lift, lift.heard + staleAfterMs(lift, rules));
        break;
    }
    if (lift.alarmButton) releaseAlarm(lift);
    if (lift.mode !== mode) this.#book.modeChanged(lift, rules);
    if (lift.powered !== powered) this.#events.powerChanged(lift, reading.at, rules);
    // A code that begins or ends is heard by the detector of the hazard that it names, whatever its channels.
    const stirred = channel === "fault" ? lift.reported | reported : 0;
    judgeReading(lift, arrived, stirred, moment, rules, this.#book);
    if (lift.pending !== 0 && !isWaiting) this.#waiting.add(lift);
    return fault;
  }

  /**
   * What was true until now lasted until now, whatever the reading in hand changes. But a lift that fell silent in between
   * says nothing about that time: conditions begin anew with the reading, and only danger to people is assumed to have
   * lasted while the data were fresh.
   */
  #passUntil(lift: LiftState, before: number, at: number, rules: Rules): void {
    const freshUntil = before + staleAfterMs(lift, rules);
    if (at <= freshUntil) {
      passTime(lift, ALL, this.#at(at), rules, this.#book);
      return;
    }
    passTime(lift, assumed(lift, CRITICAL), this.#at(freshUntil), rules, this.#book);
    restartConditions(lift);
  }

  #takeFault(lift: LiftState, reading: FaultReading): "stopping-fault" | "fault" | null {
    const fault = takeFault(lift, reading);
    if (fault === null) {
      if (lift.alarmButton) pressAgain(lift, reading);
      return null;
    }
    const hazard = lift.faults.at(-1)?.hazard ?? null;
    const slot = lift.slots[detectorOf(hazard ?? "reported-fault")] ?? null;
    if (slot !== null && slot.alertId !== null) {
      slot.evidenceHeard = this.#moment.listened;
      // The controller's first word about what the signals have shown joins their alert; a further one is a recurrence.
      slot.recurred ||= hazard === null || (slot.sources & EVIDENCE.controller) !== 0;
    }
    return fault;
  }

  /** Learning has found trends in a lift, or lets go of them: bits of the detectors whose hazard that is evidence of. */
  learnt(lift: LiftState, bits: number, rules: Rules): void {
    judgeBits(lift, bits, this.#at(-1), rules, this.#book);
    if (lift.pending !== 0) this.#waiting.add(lift);
  }

  /** A second has passed. */
  tick(lifts: Lifts, rules: Rules): void {
    const moment = this.#at(-1);
    for (const lift of this.#waiting) {
      // Held readings may still end the condition, and a silent lift's old state proves nothing about now.
      const mayPass = (lift.busy & SILENT_BIT) === 0 && lift.sequence.held === null;
      if (mayPass) passTime(lift, this.#fresh(lift) ? assumed(lift, ALL) : assumed(lift, CRITICAL), moment, rules, this.#book);
      if (lift.pending === 0) this.#waiting.delete(lift);
    }
    this.#listen(lifts, moment, rules);
    this.#events.tick(() => lifts.all(), rules);
  }

  /** Heard as lately as its keep-alive promises: only danger to people is assumed to last for longer. */
  #fresh(lift: LiftState): boolean {
    return this.#moment.listened - lift.heard <= freshForMs(lift);
  }

  /** Rarely: ends alerts that nothing speaks for any more. */
  closeOld(lifts: Iterable<LiftState>, rules: Rules): void {
    for (const lift of lifts) autoClose(lift, this.#at(-1), rules, this.#book);
  }

  /** Register or limits have changed: what was expected of each lift may be another now. */
  rulesChanged(lifts: Lifts, rules: Rules): void {
    this.#silences.clear(this.#moment.listened);
    for (const lift of lifts.all()) {
      lift.silenceDue = UNLISTED;
      this.#await(lift, rules);
      if (lift.busy !== 0) this.#book.modeChanged(lift, rules);
    }
  }

  /** A person has closed an alert; `lift` is its lift. */
  closed(lift: LiftState | undefined, alertId: string, rules: Rules): void {
    if (lift !== undefined && closeSlot(lift, alertId, this.#moment) && lift.pending !== 0) this.#waiting.add(lift);
    this.#events.closed(alertId, rules);
  }

  /** Id of the mass event that a lift is part of. */
  eventOf(lift: LiftState): string | null {
    return this.#events.eventOf(lift);
  }

  #listen(lifts: Lifts, moment: Moment, rules: Rules): void {
    const due = this.#silences.take(moment.listened, (lift) => silenceDueAt(lift, rules));
    if (due.length === 0) return;
    const fallen = due.filter((lift) => (lift.busy & SILENT_BIT) === 0);
    for (const lift of fallen) lift.busy |= SILENT_BIT;
    if (fallen.length > 0) this.#events.fellSilent(fallen, () => lifts.all(), rules);
    for (const lift of due) {
      this.#tellSilence(lift, moment, rules);
      this.#await(lift, rules);
    }
  }

  #tellSilence(lift: LiftState, moment: Moment, rules: Rules): void {
    const slot = lift.slot(SILENT);
    const silenceMs = moment.listened - lift.heard;
    const level = silent.level(lift, slot, silenceMs, rules);
    if (slot.alertId === null) {
      slot.entry = moment.entry;
      const raisedAt = moment.receivedAt - (silenceMs - silent.raisedAfterMs(lift, slot, rules));
      this.#book.raise(lift, slot, silent, level, raisedAt, moment, rules);
    } else this.#book.advance(lift, slot, silent, level, moment, rules);
  }

  /** Lists the lift's next silence to come. */
  #await(lift: LiftState, rules: Rules): void {
    const dueAt = silenceDueAt(lift, rules);
    if (dueAt < Number.POSITIVE_INFINITY) this.#silences.list(lift, dueAt);
  }

  state(): WatchState {
    return { waiting: Array.from(this.#waiting, (lift) => lift.liftId), events: this.#events.state() };
  }

  restore(state: WatchState, lifts: Lifts, listened: number, rules: Rules): void {
    const find = (liftId: string) => lifts.find(liftId);
    this.#waiting = new Set(state.waiting.map(find).filter((lift) => lift !== undefined));
    this.#events.restore(state.events, find);
    this.#silences.clear(listened);
    for (const lift of lifts.all()) this.#await(lift, rules);
  }

  /** The moment in hand, at a device time; -1 where there is none. */
  #at(at: number): Moment {
    this.#moment.at = at;
    return this.#moment;
  }
}

/** Listening clock beyond which the lift is silent, or silent at the next level; Infinity where nothing more is to come. */
function silenceDueAt(lift: LiftState, rules: Rules): number {
  if (lift.heard < 0 || (lift.applies & SILENT_BIT) === 0) return Number.POSITIVE_INFINITY;
  const stale = lift.heard + staleAfterMs(lift, rules);
  // Nearly always: the slot of a lift that was heard lately is not even touched, a cache miss each.
  if ((lift.busy & SILENT_BIT) === 0) return stale;
  const slot = lift.slot(SILENT);
  if (slot.closedHeard >= 0 || slot.level >= silent.grades.length) return Number.POSITIVE_INFINITY;
  return slot.level === 0 ? stale : Math.max(stale, lift.heard + rules.silent.offlineAfterMs);
}

/** The button is pressed anew: whoever closed the lift's entrapment cannot have known of that. */
function pressAgain(lift: LiftState, reading: FaultReading): void {
  if (meaningOfCode(reading.dialect ?? DEFAULT_DIALECT, reading.code)?.class !== "alarm") return;
  for (const index of ENTRAPMENT_SLOTS) {
    const slot = lift.slots[index] ?? null;
    if (slot !== null) slot.closedHeard = -1;
  }
}

/**
 * Which of `bits` may be assumed to last while nothing is heard. Everybody who rides stands behind closed doors at a landing for a
 * moment: a lift whose link is known to be lost just then, which its will tells, says nothing of the next minute.
 */
function assumed(lift: LiftState, bits: number): number {
  return lift.online === false ? bits & ~AT_LEVEL_BIT : bits;
}

/** The time in which a backlog waited for its link did not pass for the device: on ticks, too, its conditions have not lasted for it. */
function skipStall(lift: LiftState, stalledMs: number, listened: number): void {
  for (const slot of lift.slots) {
    if (slot === null) continue;
    if (slot.since >= 0) slot.heard = Math.min(listened, slot.heard + stalledMs);
    if (slot.endSince >= 0) slot.endHeard = Math.min(listened, slot.endHeard + stalledMs);
  }
}

/** How long what a lift said last is fresh, ms: as long as its keep-alive promises. */
function freshForMs(lift: LiftState): number {
  return FRESH_KEEP_ALIVES * lift.keepAliveS * 1_000;
}
