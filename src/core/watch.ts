/** Watches lifts: takes in what they say, in order, and what time says when they are still. Findings go to the alert book. */
import type { AlertBook } from "./alert-book.ts";
import { breakOff } from "./car.ts";
import type { Moment } from "./detectors/detector.ts";
import { silent, staleAfterMs } from "./detectors/silent.ts";
import { DETECTORS, SILENT } from "./detectors/table.ts";
import type { StoredReading } from "./effects.ts";
import { autoClose, judgeReading, passTime, restartConditions } from "./judge.ts";
import { EVIDENCE, type LiftState } from "./lift-state.ts";
import type { DoorReading, FaultReading, OnlineReading, SpeedReading } from "./reading.ts";
import type { Rules } from "./rules.ts";
import { detectorOf } from "./reported.ts";
import { isWill } from "./sequence.ts";
import { followClock, releaseAlarm, takeDoor, takeFault, takeOnline, takeSpeed, takeStatus } from "./signals.ts";

const ALL = -1;
/** Bits of the detectors of danger to people. */
const CRITICAL = DETECTORS.reduce((bits, { grades }, index) => (grades[0]?.priority === "critical" ? bits | (1 << index) : bits), 0);
/** Keep-alives after which what a lift said last is old (assumption: one, and half of the next for the way). */
const FRESH_KEEP_ALIVES = 1.5;
const SILENT_BIT = 1 << SILENT;

export class Watch {
  readonly #book: AlertBook;
  /** Lifts with a condition that waits for time to pass, in the order in which they came to wait. */
  #waiting = new Set<LiftState>();
  readonly #moment: Moment = { at: -1, listened: 0, entry: 0, receivedAt: 0 };

  constructor(book: AlertBook) {
    this.#book = book;
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
    if ((lift.busy & SILENT_BIT) === 0) return;
    lift.busy &= ~SILENT_BIT;
    this.#book.clear(lift, lift.slot(SILENT), silent, arrived.receivedAt, this.#at(-1), rules, false);
  }

  /** Judges a reading whose turn has come. Returns whether a fault began with it, and whether that stops the lift. */
  judge(lift: LiftState, arrived: StoredReading, rules: Rules): "stopping-fault" | "fault" | null {
    const { channel, reading } = arrived;
    if (isWill(arrived)) {
      lift.online = false;
      return null;
    }
    const before = lift.at;
    if (reading.seq !== lift.judgedSeq + 1) breakOff(lift);
    lift.judgedSeq = reading.seq;
    followClock(lift, arrived);
    const isWaiting = lift.pending !== 0;
    if (isWaiting) this.#passUntil(lift, before, reading.at, rules);
    const moment = this.#at(reading.at);
    const { mode, reported } = lift;
    let fault: "stopping-fault" | "fault" | null = null;
    switch (channel) {
      case "door":
        takeDoor(lift, reading as DoorReading);
        break;
      case "speed":
        takeSpeed(lift, reading as SpeedReading);
        break;
      case "fault":
        fault = this.#takeFault(lift, reading as FaultReading);
        break;
      case "status":
        takeStatus(lift, reading);
        break;
      case "online":
        takeOnline(lift, reading as OnlineReading);
        break;
    }
    if (lift.alarmButton) releaseAlarm(lift);
    if (lift.mode !== mode) this.#book.modeChanged(lift);
    judgeReading(lift, arrived, lift.reported ^ reported, moment, rules, this.#book);
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
    passTime(lift, CRITICAL, this.#at(freshUntil), rules, this.#book);
    restartConditions(lift);
  }

  #takeFault(lift: LiftState, reading: FaultReading): "stopping-fault" | "fault" | null {
    const fault = takeFault(lift, reading);
    if (fault === null) return null;
    const hazard = lift.faults.at(-1)?.hazard ?? null;
    const slot = lift.slots[detectorOf(hazard ?? "reported-fault")] ?? null;
    if (slot !== null && slot.alertId !== null) {
      slot.evidenceHeard = this.#moment.listened;
      // The controller's first word about what the signals have shown joins their alert; a further one is a recurrence.
      slot.recurred ||= hazard === null || (slot.sources & EVIDENCE.controller) !== 0;
    }
    return fault;
  }

  /** A second has passed. */
  tick(lifts: Iterable<LiftState>, rules: Rules): void {
    const moment = this.#at(-1);
    for (const lift of this.#waiting) {
      // Held readings may still end the condition, and a silent lift's old state proves nothing about now.
      const mayPass = (lift.busy & SILENT_BIT) === 0 && lift.sequence.held === null;
      if (mayPass) passTime(lift, this.#fresh(lift) ? ALL : CRITICAL, moment, rules, this.#book);
      if (lift.pending === 0) this.#waiting.delete(lift);
    }
    for (const lift of lifts) if (lift.heard >= 0) this.#listenFor(lift, moment, rules);
  }

  /** Heard as lately as its keep-alive promises: only danger to people is assumed to last for longer. */
  #fresh(lift: LiftState): boolean {
    return this.#moment.listened - lift.heard <= FRESH_KEEP_ALIVES * lift.keepAliveS * 1_000;
  }

  /** Rarely: ends alerts that nothing speaks for any more. */
  closeOld(lifts: Iterable<LiftState>, rules: Rules): void {
    for (const lift of lifts) autoClose(lift, this.#at(-1), rules, this.#book);
  }

  #listenFor(lift: LiftState, moment: Moment, rules: Rules): void {
    const silenceMs = moment.listened - lift.heard;
    // Nearly always: the slot of a lift that was heard lately is not even touched, a cache miss each.
    if (silenceMs <= staleAfterMs(lift, rules) || (lift.applies & SILENT_BIT) === 0) return;
    const slot = lift.slot(SILENT);
    const level = silent.level(lift, slot, silenceMs, rules);
    if (level <= slot.level) return;
    if (slot.alertId === null) {
      slot.entry = moment.entry;
      lift.busy |= SILENT_BIT;
      const raisedAt = moment.receivedAt - (silenceMs - silent.raisedAfterMs(lift, slot, rules));
      this.#book.raise(lift, slot, silent, level, raisedAt, moment, rules);
    } else this.#book.advance(lift, slot, silent, level, moment, rules);
  }

  waitingIds(): string[] {
    return Array.from(this.#waiting, (lift) => lift.liftId);
  }

  restore(waiting: readonly LiftState[]): void {
    this.#waiting = new Set(waiting);
  }

  /** The moment in hand, at a device time; -1 where there is none. */
  #at(at: number): Moment {
    this.#moment.at = at;
    return this.#moment;
  }
}
