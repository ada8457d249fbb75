/**
 * The monitor: one deterministic fold over the journal. Live, restart, replay and backtest are this one function, so they
 * cannot disagree. It has no clock, no I/O and no randomness; it mutates its own state, because a copied state for each
 * reading costs a hundred times as much.
 */
import { AlertBook, type AlertBookState } from "./alert-book.ts";
import { Days, type DaysState } from "./days.ts";
import { decodePayload, decodeReading, decodeTopic, Defect } from "./decode.ts";
import type { Moment } from "./detectors/detector.ts";
import { silent } from "./detectors/silent.ts";
import { applicable, DETECTORS, SILENT } from "./detectors/table.ts";
import type { ActOutcome, Alert, Change, Counts, DayCount, Effects, Quarantined, StoredReading } from "./effects.ts";
import type { Entry, MessageEntry, RegisterEntry } from "./entry.ts";
import { autoClose, judgeReading, passTime } from "./judge.ts";
import { newLiftState, restoreLift, saveLift, type LiftState, type SavedLift } from "./lift-state.ts";
import { viewLift } from "./lift-view.ts";
import type { LiftRecord } from "./lift.ts";
import type { Channel, DoorReading, FaultReading, OnlineReading, SpeedReading } from "./reading.ts";
import type { Rules } from "./rules.ts";
import { giveUp, isWill, place, takeReady } from "./sequence.ts";
import { followClock, releaseAlarm, takeDoor, takeFault, takeOnline, takeSpeed, takeStatus } from "./signals.ts";
import type { LiftView } from "./view.ts";

/** Plain JSON, opaque to everyone but `restore`. Not to be kept: write it out before the next entry is applied. */
export type Snapshot = unknown;

export interface Monitor {
  /** Sequence number of the last entry applied; 0 at the start. */
  readonly position: number;
  /** Number of the newest alert change; 0 at the start. SEQ of the feed's cursor. */
  readonly changeCount: number;
  readonly counts: Counts;
  /** The register and the limits in force. */
  readonly register: readonly LiftRecord[];
  readonly rules: Rules;
  /** Folds one entry. Entries come in order of `seq`. Never throws on what a device or a person sent. */
  apply(entry: Entry): Effects;
  /** All state, as plain JSON; `restore` of it is indistinguishable from having folded everything (law L3). */
  snapshot(): Snapshot;
  /** @throws Error when the snapshot is of another format. */
  restore(snapshot: Snapshot): void;
  /** Active alerts, and cleared ones that wait for acknowledgement, newest first. */
  alerts(): readonly Alert[];
  alert(id: string): Alert | null;
  /** Ids of all lifts, registered or heard, ascending. */
  liftIds(): readonly string[];
  lift(id: string): LiftView | null;
}

export interface MonitorLimits {
  /** Lifts known at once; readings of further unregistered ones are quarantined. */
  readonly lifts: number;
  /** Characters of a refused payload that go into the quarantine. */
  readonly excerptChars: number;
}

const DEFAULT_LIMITS: MonitorLimits = { lifts: 100_000, excerptChars: 500 };

interface State {
  readonly format: number;
  readonly position: number;
  readonly listened: number;
  readonly now: number;
  readonly counts: Counts;
  readonly rules: Rules;
  readonly register: readonly LiftRecord[];
  readonly parts: readonly (readonly LiftRecord[])[];
  readonly book: AlertBookState;
  readonly days: DaysState;
  readonly lifts: readonly SavedLift[];
  /** Ids, in the order in which they came to wait. */
  readonly waiting: readonly string[];
}

/** Raised whenever a snapshot of an earlier version could not be taken up as it is. */
const FORMAT = 1;
const NOTHING: readonly never[] = [];

export function createMonitor(register: readonly LiftRecord[], rules: Rules, limits: MonitorLimits = DEFAULT_LIMITS): Monitor {
  return new Fold(register, rules, limits);
}

class Fold implements Monitor {
  readonly #limits: MonitorLimits;
  #rules: Rules;
  #register: readonly LiftRecord[] = NOTHING;
  /** Parts of a register that is coming in. */
  #parts: (readonly LiftRecord[])[] = [];
  #lifts = new Map<string, LiftState>();
  #sortedIds: readonly string[] | null = null;
  #book = new AlertBook();
  #days: Days;
  /** Lifts with a condition that waits for time to pass. */
  #waiting = new Set<LiftState>();
  /** One item a held reading, in the order of arrival: its hold ends at a known time. Rebuilt from the lifts at restore. */
  #holds: { lift: LiftState; arrived: StoredReading }[] = [];
  #firstHold = 0;

  position = 0;
  #now = 0;
  /** Time during which the monitor was listening, ms: pauses of the journal do not count. */
  #listened = 0;
  #received = 0;
  #accepted = 0;
  #duplicate = 0;
  #late = 0;
  #quarantinedCount = 0;

  /** What the entry in hand brings about. */
  #readings: StoredReading[] = [];
  #changes: Change[] = [];
  #quarantined: Quarantined[] = [];
  #dayCounts: DayCount[] = [];
  #released: StoredReading[] = [];
  readonly #moment: Moment = { at: -1, listened: 0, entry: 0, receivedAt: 0 };

  constructor(register: readonly LiftRecord[], rules: Rules, limits: MonitorLimits) {
    this.#limits = limits;
    this.#rules = rules;
    this.#days = new Days(rules);
    this.#setRegister(register);
  }

  get changeCount(): number {
    return this.#book.changeCount;
  }
  get counts(): Counts {
    return {
      received: this.#received,
      accepted: this.#accepted,
      duplicate: this.#duplicate,
      late: this.#late,
      quarantined: this.#quarantinedCount,
    };
  }
  get register(): readonly LiftRecord[] {
    return this.#register;
  }
  get rules(): Rules {
    return this.#rules;
  }

  apply(entry: Entry): Effects {
    this.#begin(entry);
    let outcome: ActOutcome | null = null;
    switch (entry.kind) {
      case "message":
        this.#takeMessage(entry);
        break;
      case "tick":
        this.#tick();
        break;
      case "act":
        outcome = this.#book.act(entry);
        break;
      case "register":
        this.#takeRegister(entry);
        break;
      case "rules":
        this.#rules = entry.rules;
        break;
    }
    return this.#end(outcome);
  }

  #begin(entry: Entry): void {
    this.position = entry.seq;
    const passed = this.#now === 0 ? 0 : entry.receivedAt - this.#now;
    if (passed > 0) this.#listened += Math.min(passed, this.#rules.silent.pauseAfterMs);
    this.#now = entry.receivedAt;
    this.#book.begin(entry.seq, entry.receivedAt, this.#changes);
    this.#days.begin(entry.receivedAt);
    if (this.#firstHold < this.#holds.length) this.#endHolds();
  }

  #end(outcome: ActOutcome | null): Effects {
    for (const change of this.#changes) this.#countEntrapment(change);
    const effects: Effects = {
      readings: this.#readings.length === 0 ? NOTHING : this.#readings,
      changes: this.#changes.length === 0 ? NOTHING : this.#changes,
      quarantined: this.#quarantined.length === 0 ? NOTHING : this.#quarantined,
      days: this.#dayCounts.length === 0 ? NOTHING : this.#dayCounts,
      outcome,
    };
    if (this.#readings.length > 0) this.#readings = [];
    if (this.#changes.length > 0) this.#changes = [];
    if (this.#quarantined.length > 0) this.#quarantined = [];
    if (this.#dayCounts.length > 0) this.#dayCounts = [];
    return effects;
  }

  #takeMessage(entry: MessageEntry): void {
    if (entry.refusal !== null) {
      this.#refuse(entry, 0, new Defect(entry.refusal, "", `refused at the door: ${entry.refusal}`));
      return;
    }
    const topic = decodeTopic(entry.topic);
    if (topic instanceof Defect) {
      this.#refuse(entry, 0, topic);
      return;
    }
    const raw = decodePayload(entry);
    if (raw instanceof Defect) {
      this.#refuse(entry, 0, raw);
      return;
    }
    const lift = this.#liftOf(topic.liftId);
    if (Array.isArray(raw))
      for (let index = 0; index < raw.length; index++) this.#takeReading(entry, topic.channel, lift, raw[index], index);
    else this.#takeReading(entry, topic.channel, lift, raw, -1);
  }

  #takeReading(entry: MessageEntry, channel: Channel, lift: LiftState | null, raw: unknown, index: number): void {
    const reading = decodeReading(channel, raw, index);
    if (reading instanceof Defect) this.#refuse(entry, Math.max(index, 0), reading);
    else if (lift === null)
      this.#refuse(
        entry,
        Math.max(index, 0),
        new Defect("too-many-lifts", "", `found ${this.#limits.lifts} lifts already; expected a registered one`),
      );
    else
      this.#arrive(lift, {
        liftId: lift.liftId,
        channel,
        entry: entry.seq,
        index: Math.max(index, 0),
        receivedAt: entry.receivedAt,
        late: false,
        reading,
      });
  }

  #refuse(entry: MessageEntry, index: number, defect: Defect): void {
    this.#received += 1;
    this.#quarantinedCount += 1;
    this.#quarantined.push({
      entry: entry.seq,
      index,
      receivedAt: entry.receivedAt,
      topic: entry.topic,
      source: entry.source,
      reason: defect.reason,
      path: defect.path,
      message: defect.message,
      excerpt: (entry.payload ?? "").slice(0, this.#limits.excerptChars),
    });
  }

  #arrive(lift: LiftState, arrived: StoredReading): void {
    this.#received += 1;
    const verdict = place(lift.sequence, arrived, this.#rules.sequence, this.#released);
    if (verdict === "duplicate") {
      this.#duplicate += 1;
      return;
    }
    this.#accepted += 1;
    lift.tally.readings += 1;
    lift.tallyChanged = true;
    this.#heard(lift, arrived);
    if (this.#released.length > 0) this.#judgeReleased(lift);
    if (verdict === "late") {
      this.#late += 1;
      arrived.late = true;
      this.#readings.push(arrived);
      return;
    }
    if (verdict === "held") {
      this.#holds.push({ lift, arrived });
      if (lift.sequence.held.length <= this.#rules.sequence.heldReadings) return;
      giveUp(lift.sequence, -1, this.#rules.sequence, this.#released);
    } else {
      this.#judge(lift, arrived);
      if (lift.sequence.held.length > 0) takeReady(lift.sequence, this.#released);
    }
    if (this.#released.length > 0) this.#judgeReleased(lift);
  }

  /** A sign of life, in whatever order it came; a will is the broker's word, not the lift's. */
  #heard(lift: LiftState, arrived: StoredReading): void {
    if (isWill(arrived)) return;
    lift.heardAt = arrived.receivedAt;
    lift.heard = this.#listened;
    if (lift.firstHeard < 0) lift.firstHeard = this.#listened;
    const slot = lift.slots[SILENT];
    if (slot !== undefined && slot.alertId !== null)
      this.#book.clear(lift, slot, silent, arrived.receivedAt, this.#at(-1), this.#rules, false);
  }

  #judgeReleased(lift: LiftState): void {
    const ready = this.#released;
    this.#released = [];
    for (const arrived of ready) this.#judge(lift, arrived);
  }

  #judge(lift: LiftState, arrived: StoredReading): void {
    const { reading } = arrived;
    this.#readings.push(arrived);
    if (isWill(arrived)) {
      lift.online = false;
      return;
    }
    followClock(lift, arrived);
    const moment = this.#at(reading.at);
    // What was true until now lasted until now, whatever this reading changes.
    if (lift.pending !== 0) passTime(lift, moment, this.#rules, this.#book);
    const { mode } = lift;
    switch (arrived.channel) {
      case "door":
        takeDoor(lift, reading as DoorReading);
        break;
      case "speed":
        takeSpeed(lift, reading as SpeedReading);
        break;
      case "fault":
        this.#count(lift, takeFault(lift, reading as FaultReading));
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
    judgeReading(lift, arrived, moment, this.#rules, this.#book);
    if (lift.pending !== 0) this.#waiting.add(lift);
  }

  #count(lift: LiftState, fault: "stopping-fault" | "fault" | null): void {
    if (fault === null) return;
    lift.tally.faults += 1;
    if (fault === "stopping-fault") lift.tally.stoppingFaults += 1;
    const reported = lift.slots[DETECTORS.findIndex((detector) => detector.hazard === "reported-fault")];
    if (reported !== undefined && reported.alertId !== null) reported.recurred = true;
    this.#dayCounts.push(this.#days.count(lift));
  }

  /** An entrapment counts once, when it is confirmed and not by design. */
  #countEntrapment({ change, alert }: Change): void {
    if (alert.hazard !== "entrapment" && alert.hazard !== "entrapment-at-level") return;
    if (alert.evidence !== "confirmed" || alert.suppressedBy !== null || (change !== "raised" && change !== "confirmed")) return;
    const lift = this.#lifts.get(alert.liftId);
    if (lift === undefined) return;
    lift.tally.entrapments += 1;
    this.#dayCounts.push(this.#days.count(lift));
  }

  /** Readings whose gap stayed open too long are judged without what is missing. */
  #endHolds(): void {
    const heldSince = this.#now - this.#rules.sequence.reorderHoldMs;
    while (this.#firstHold < this.#holds.length) {
      const item = this.#holds[this.#firstHold];
      if (item === undefined || item.arrived.receivedAt > heldSince) break;
      this.#firstHold += 1;
      giveUp(item.lift.sequence, heldSince, this.#rules.sequence, this.#released);
      if (this.#released.length > 0) this.#judgeReleased(item.lift);
    }
    if (this.#firstHold === this.#holds.length) {
      this.#holds = [];
      this.#firstHold = 0;
    } else if (this.#firstHold > 1_000) {
      this.#holds.splice(0, this.#firstHold);
      this.#firstHold = 0;
    }
  }

  #tick(): void {
    const moment = this.#at(-1);
    for (const lift of this.#waiting) {
      // Held readings may still end the condition, and a silent lift's old state proves nothing about now.
      const stale = lift.slots[SILENT]?.alertId != null;
      if (lift.sequence.held.length === 0 && !stale) passTime(lift, moment, this.#rules, this.#book);
      if (lift.pending === 0) this.#waiting.delete(lift);
    }
    for (const lift of this.#lifts.values()) if (lift.heard >= 0) this.#listenFor(lift, moment);
    if (this.#days.tick(this.#now, this.#listened, this.#lifts.values(), this.#rules, this.#dayCounts)) {
      for (const lift of this.#lifts.values()) autoClose(lift, moment, this.#rules, this.#book);
    }
  }

  #listenFor(lift: LiftState, moment: Moment): void {
    const slot = lift.slots[SILENT];
    if (slot === undefined || (lift.applies & (1 << SILENT)) === 0) return;
    const silenceMs = this.#listened - lift.heard;
    const level = silent.level(lift, slot, silenceMs, this.#rules);
    if (level <= slot.level) return;
    if (slot.alertId === null) {
      slot.entry = this.position;
      const raisedAt = this.#now - (silenceMs - silent.raisedAfterMs(lift, slot, this.#rules));
      this.#book.raise(lift, slot, silent, level, raisedAt, moment, this.#rules);
    } else this.#book.advance(lift, slot, silent, level, moment, this.#rules);
  }

  #at(at: number): Moment {
    const moment = this.#moment;
    moment.at = at;
    moment.listened = this.#listened;
    moment.entry = this.position;
    moment.receivedAt = this.#now;
    return moment;
  }

  /** The lift of an id; a lift that nobody registered is taken, up to the bound. */
  #liftOf(liftId: string): LiftState | null {
    const known = this.#lifts.get(liftId);
    if (known !== undefined) return known;
    return this.#lifts.size >= this.#limits.lifts ? null : this.#addLift(liftId, null);
  }

  #addLift(liftId: string, record: LiftRecord | null): LiftState {
    const lift = newLiftState(liftId, record, DETECTORS.length);
    lift.applies = applicable(lift);
    this.#lifts.set(liftId, lift);
    this.#sortedIds = null;
    return lift;
  }

  #takeRegister(entry: RegisterEntry): void {
    if (entry.part === 0) this.#parts = [];
    this.#parts.push(entry.lifts);
    if (this.#parts.length < entry.parts) return;
    this.#setRegister(this.#parts.flat());
    this.#parts = [];
  }

  #setRegister(register: readonly LiftRecord[]): void {
    const records = new Map(register.map((record) => [record.liftId, record]));
    for (const lift of this.#lifts.values()) {
      lift.register = records.get(lift.liftId) ?? null;
      lift.kind = lift.register?.kind ?? "passenger";
      lift.applies = applicable(lift);
    }
    for (const record of records.values()) if (!this.#lifts.has(record.liftId)) this.#addLift(record.liftId, record);
    this.#register = register;
  }

  snapshot(): Snapshot {
    const state: State = {
      format: FORMAT,
      position: this.position,
      listened: this.#listened,
      now: this.#now,
      counts: this.counts,
      rules: this.#rules,
      register: this.#register,
      parts: this.#parts,
      book: this.#book.state(),
      days: this.#days.state(),
      lifts: Array.from(this.#lifts.values(), saveLift),
      waiting: [...this.#waiting].map((lift) => lift.liftId),
    };
    return state;
  }

  restore(snapshot: Snapshot): void {
    const state = snapshot as State;
    if (state.format !== FORMAT) throw new Error(`snapshot format ${String(state.format)}; expected ${FORMAT}`);
    this.position = state.position;
    this.#listened = state.listened;
    this.#now = state.now;
    this.#received = state.counts.received;
    this.#accepted = state.counts.accepted;
    this.#duplicate = state.counts.duplicate;
    this.#late = state.counts.late;
    this.#quarantinedCount = state.counts.quarantined;
    this.#rules = state.rules;
    this.#register = state.register;
    this.#parts = [...state.parts];
    this.#book.restore(state.book);
    this.#days = new Days(state.rules);
    this.#days.restore(state.days);
    const records = new Map(state.register.map((record) => [record.liftId, record]));
    this.#lifts = new Map(
      state.lifts.map((saved) => [saved.liftId, restoreLift(saved, records.get(saved.liftId) ?? null, DETECTORS.length)]),
    );
    this.#sortedIds = null;
    this.#waiting = new Set(state.waiting.map((id) => this.#lifts.get(id)).filter((lift) => lift !== undefined));
    this.#holds = [...this.#lifts.values()]
      .flatMap((lift) => lift.sequence.held.map((arrived) => ({ lift, arrived })))
      .sort((a, b) => a.arrived.entry - b.arrived.entry || a.arrived.index - b.arrived.index);
    this.#firstHold = 0;
  }

  alerts(): readonly Alert[] {
    return [...this.#book.all()].sort((a, b) => b.raisedAt - a.raisedAt || (a.id < b.id ? 1 : -1));
  }

  alert(id: string): Alert | null {
    return this.#book.find(id);
  }

  liftIds(): readonly string[] {
    this.#sortedIds ??= [...this.#lifts.keys()].sort();
    return this.#sortedIds;
  }

  lift(id: string): LiftView | null {
    const lift = this.#lifts.get(id);
    return lift === undefined ? null : viewLift(lift, this.#book);
  }
}
