/**
 * The monitor: one deterministic fold over the journal. Live, restart, replay and backtest are this one function, so they
 * cannot disagree. It has no clock, no I/O and no randomness; it mutates its own state, because a copied state for each
 * reading costs a hundred times as much.
 */
import { readForeign } from "./adapters/foreign.ts";
import { isForeign, translate } from "./adapters/translate.ts";
import { AlertBook } from "./alert-book.ts";
import type { AlertListState } from "./alert-list.ts";
import { Days, isNewEntrapment, type DaysState } from "./days.ts";
import { decodePayload, decodeReading, decodeTopic, Defect, quarantine } from "./decode.ts";
import type { ActOutcome, Alert, Change, Counts, DayCount, Effects, Quarantined, StoredReading } from "./effects.ts";
import type { ActEntry, Entry, MessageEntry } from "./entry.ts";
import type { Fleet } from "./fleet.ts";
import { Holds } from "./holds.ts";
import { viewJudging, type Judging } from "./judging-view.ts";
import { Learner, type LearnerState } from "./learning/learner.ts";
import { liftLearning, mostUnusual, type LiftLearning, type UnusualLift } from "./learning/learnt-view.ts";
import type { LiftState } from "./lift-state.ts";
import { viewFleet, viewLift } from "./lift-view.ts";
import type { LiftRecord } from "./lift.ts";
import { Lifts, noteGateway, type LiftsState } from "./lifts.ts";
import type { Channel, Reading } from "./reading.ts";
import { channelOfKept, Routes } from "./routes.ts";
import type { Rules } from "./rules.ts";
import { giveUp, place, takeReady } from "./sequence.ts";
import type { LiftView } from "./view.ts";
import { Watch, type WatchState } from "./watch.ts";

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
  /** What each rule has in hand about a lift; empty for one that is not known. */
  judging(id: string): readonly Judging[];
  /** Lifts counted by state and district. */
  fleet(): Fleet;
  /** What is learnt of a lift; null for one that is not known. */
  learning(id: string): LiftLearning | null;
  /** The lifts whose last day was most unusual for them, most unusual first. */
  unusual(most: number): readonly UnusualLift[];
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
  readonly lifts: LiftsState;
  readonly alerts: AlertListState;
  readonly days: DaysState;
  readonly watch: WatchState;
  readonly learner: LearnerState;
}

/** Raised whenever a snapshot of an earlier version could not be taken up as it is. */
const FORMAT = 12;
/** Shared, so never added to. */
const NOTHING: never[] = [];

export function createMonitor(register: readonly LiftRecord[], rules: Rules, limits: MonitorLimits = DEFAULT_LIMITS): Monitor {
  return new Fold(register, rules, limits);
}

class Fold implements Monitor {
  readonly #limits: MonitorLimits;
  readonly #lifts: Lifts;
  readonly #book = new AlertBook();
  readonly #watch = new Watch(this.#book);
  readonly #learner = new Learner((lift, bits) => this.#watch.learnt(lift, bits, this.rules));
  readonly #holds = new Holds();
  readonly #routes = new Routes();
  #days: Days;
  rules: Rules;

  position = 0;
  #now = 0;
  /** Time during which the monitor was listening, ms: pauses of the journal do not count. */
  #listened = 0;
  readonly #counts = { received: 0, accepted: 0, duplicate: 0, late: 0, quarantined: 0 };

  /** What the entry in hand brings about. */
  #readings: StoredReading[] = NOTHING;
  #changes: Change[] = [];
  #quarantined: Quarantined[] = [];
  #dayCounts: DayCount[] = [];
  /** Readings whose turn has come; empty between calls. */
  #ready: StoredReading[] = [];
  readonly #release = (lift: LiftState, ready: readonly StoredReading[]): void => {
    for (const arrived of ready) this.#judge(lift, arrived);
  };

  constructor(register: readonly LiftRecord[], rules: Rules, limits: MonitorLimits) {
    this.#limits = limits;
    this.rules = rules;
    this.#days = new Days(rules);
    this.#lifts = new Lifts(register, limits.lifts);
  }

  get changeCount(): number {
    return this.#book.list.changeCount;
  }
  get counts(): Counts {
    return { ...this.#counts };
  }
  get register(): readonly LiftRecord[] {
    return this.#lifts.register;
  }

  apply(entry: Entry): Effects {
    this.#begin(entry);
    let outcome: ActOutcome | null = null;
    switch (entry.kind) {
      case "message":
        try {
          this.#takeMessage(entry);
        } catch (error) {
          // A mistake of ours about one lift must not stop the watch over all others, now and at every start that folds this entry again.
          this.#refuse(entry, 0, new Defect("internal-error", "", `could not be judged: ${String(error)}`));
        }
        break;
      case "tick":
        this.#tick();
        break;
      case "act":
        outcome = this.#act(entry);
        break;
      case "register":
        for (const lift of this.#lifts.takePart(entry)) this.#learner.reset(lift, "modernisation", this.#now);
        this.#watch.rulesChanged(this.#lifts, this.rules);
        break;
      case "rules":
        this.rules = entry.rules;
        this.#watch.rulesChanged(this.#lifts, this.rules);
        break;
      case "work-order":
        this.#learner.reset(this.#lifts.find(entry.liftId), entry.work, this.#now);
        break;
    }
    return this.#end(outcome, entry.kind === "work-order" ? [entry] : NOTHING);
  }

  #begin(entry: Entry): void {
    this.position = entry.seq;
    const passed = this.#now === 0 ? 0 : entry.receivedAt - this.#now;
    if (passed > 0) this.#listened += Math.min(passed, this.rules.silent.pauseAfterMs);
    this.#now = entry.receivedAt;
    this.#book.begin(entry.seq, entry.receivedAt, this.#changes);
    this.#watch.begin(entry.seq, entry.receivedAt, this.#listened);
    this.#days.begin(entry.receivedAt);
    this.#holds.expire(entry.receivedAt, this.rules.sequence, this.#release);
  }

  #end(outcome: ActOutcome | null, works: Effects["works"]): Effects {
    for (const change of this.#changes) this.#countEntrapment(change);
    const effects: Effects = {
      readings: this.#readings,
      changes: this.#changes.length === 0 ? NOTHING : this.#changes,
      quarantined: this.#quarantined.length === 0 ? NOTHING : this.#quarantined,
      days: this.#dayCounts.length === 0 ? NOTHING : this.#lifts.countsOf(this.#dayCounts),
      works,
      outcome,
    };
    this.#readings = NOTHING;
    if (this.#changes.length > 0) this.#changes = [];
    if (this.#quarantined.length > 0) this.#quarantined = [];
    if (this.#dayCounts.length > 0) this.#dayCounts = [];
    return effects;
  }

  #act(entry: ActEntry): ActOutcome {
    const lift = this.#lifts.find(this.#book.list.live(entry.alertId)?.liftId ?? "");
    const outcome = this.#book.list.act(entry, this.rules);
    if (outcome.ok && entry.act === "close") this.#watch.closed(lift, entry.alertId, this.rules);
    return outcome;
  }

  #takeMessage(entry: MessageEntry): void {
    if (entry.refusal !== null) this.#refuse(entry, 0, new Defect(entry.refusal, "", `refused at the door: ${entry.refusal}`));
    else if (isForeign(entry.topic, this.rules)) this.#takeForeign(entry);
    else this.#takeOwn(entry);
  }

  /** A foreign message is made readings of ours, which are numbered as they come. */
  #takeForeign(entry: MessageEntry): void {
    const message = translate(entry);
    const lift = message instanceof Defect ? null : this.#lifts.findOrTake(message.liftId);
    let index = 0;
    for (const read of readForeign(message, lift)) {
      if (read instanceof Defect) this.#refuse(entry, index, read);
      else this.#arriveFrom(entry, lift, read.channel, index, read.reading);
      index += 1;
    }
  }

  #takeOwn(entry: MessageEntry): void {
    const kept = this.#routes.liftOf(entry.topic);
    const route = kept === null ? decodeTopic(entry.topic) : null;
    const raw = route instanceof Defect ? route : decodePayload(entry);
    if (route instanceof Defect || raw instanceof Defect) return this.#refuse(entry, 0, raw as Defect);
    const channel = route?.channel ?? channelOfKept(entry.topic);
    let lift = kept;
    const count = Array.isArray(raw) ? raw.length : 1;
    for (let index = 0; index < count; index++) {
      const reading = Array.isArray(raw) ? decodeReading(channel, raw[index], index) : decodeReading(channel, raw, -1);
      if (reading instanceof Defect) this.#refuse(entry, index, reading);
      else {
        // A lift is known from its first good reading on.
        if (lift === null && route !== null) lift = this.#routes.keep(entry.topic, this.#lifts.findOrTake(route.liftId));
        this.#arriveFrom(entry, lift, channel, index, reading);
      }
    }
  }

  #arriveFrom(entry: MessageEntry, lift: LiftState | null, channel: Channel, index: number, reading: Reading): void {
    const { seq, receivedAt, source } = entry;
    if (lift === null)
      this.#refuse(entry, index, new Defect("too-many-lifts", "", `found ${this.#limits.lifts} lifts already; expected a registered one`));
    else this.#arrive(lift, source, { liftId: lift.liftId, channel, entry: seq, index, receivedAt, late: false, reading });
  }

  #refuse(entry: MessageEntry, index: number, defect: Defect): void {
    this.#counts.received += 1;
    this.#counts.quarantined += 1;
    this.#quarantined.push(quarantine(entry, index, defect, this.#limits.excerptChars));
  }

  #arrive(lift: LiftState, source: string, arrived: StoredReading): void {
    this.#counts.received += 1;
    const limits = this.rules.sequence;
    const verdict = place(lift.sequence, arrived, limits, this.#ready);
    if (verdict === "duplicate") {
      this.#counts.duplicate += 1;
      return;
    }
    this.#counts.accepted += 1;
    lift.readings += 1;
    lift.tallyChanged = true;
    if (arrived.channel === "status" || arrived.channel === "online") noteGateway(lift, source);
    this.#watch.heard(lift, arrived, this.rules);
    // Readings held for an earlier boot come before the first of a new one.
    if (this.#ready.length > 0) this.#judgeReady(lift);
    switch (verdict) {
      case "late":
        this.#counts.late += 1;
        arrived.late = true;
        this.#addReading(arrived);
        break;
      case "held":
        this.#holds.add(lift, arrived);
        if ((lift.sequence.held?.length ?? 0) > limits.heldReadings) giveUp(lift.sequence, -1, limits, this.#ready);
        break;
      case "judge":
        this.#judge(lift, arrived);
        if (lift.sequence.held !== null) takeReady(lift.sequence, this.#ready);
        break;
    }
    if (this.#ready.length > 0) this.#judgeReady(lift);
  }

  /** Most entries bring one reading, and an array that grows from nothing makes room for seventeen. */
  #addReading(arrived: StoredReading): void {
    if (this.#readings.length === 0) this.#readings = [arrived];
    else this.#readings.push(arrived);
  }

  #judgeReady(lift: LiftState): void {
    this.#release(lift, this.#ready);
    this.#ready = [];
  }

  #judge(lift: LiftState, arrived: StoredReading): void {
    this.#addReading(arrived);
    const fault = this.#watch.judge(lift, arrived, this.rules);
    if (fault === null) return;
    lift.tally.faults += 1;
    if (fault === "stopping-fault") {
      lift.tally.stoppingFaults += 1;
      this.#learner.fault(lift, this.rules);
    }
    this.#dayCounts.push(this.#days.count(lift));
  }

  #countEntrapment(change: Change): void {
    const lift = isNewEntrapment(change) ? this.#lifts.find(change.alert.liftId) : undefined;
    if (lift === undefined) return;
    lift.tally.entrapments += 1;
    this.#dayCounts.push(this.#days.count(lift));
  }

  #tick(): void {
    this.#watch.tick(this.#lifts, this.rules);
    this.#book.list.tick();
    const { day } = this.#days;
    const counted = this.#days.tick(this.#now, this.#listened, this.#lifts.all(), this.rules, this.#dayCounts);
    if (counted) {
      this.#watch.closeOld(this.#lifts.all(), this.rules);
      this.#book.list.markStale(this.rules);
    }
    this.#learner.tick(this.#now, this.#days.day !== day, () => this.#lifts.all(), this.rules);
  }

  snapshot(): Snapshot {
    return {
      format: FORMAT,
      position: this.position,
      listened: this.#listened,
      now: this.#now,
      counts: this.counts,
      rules: this.rules,
      lifts: this.#lifts.state(),
      alerts: this.#book.list.state(),
      days: this.#days.state(),
      watch: this.#watch.state(),
      learner: this.#learner.state(),
    } satisfies State;
  }

  restore(snapshot: Snapshot): void {
    const state = snapshot as State;
    if (state.format !== FORMAT) throw new Error(`snapshot format ${String(state.format)}; expected ${FORMAT}`);
    this.position = state.position;
    this.#listened = state.listened;
    this.#now = state.now;
    Object.assign(this.#counts, state.counts);
    this.rules = state.rules;
    this.#lifts.restore(state.lifts);
    this.#routes.clear();
    this.#book.list.restore(state.alerts);
    this.#days = new Days(state.rules);
    this.#days.restore(state.days);
    this.#watch.restore(state.watch, this.#lifts, state.listened, state.rules);
    this.#learner.restore(state.learner);
    this.#holds.restore(this.#lifts.all());
  }

  alerts(): readonly Alert[] {
    return [...this.#book.list.all()].sort((a, b) => b.raisedAt - a.raisedAt || (a.id < b.id ? 1 : -1));
  }

  alert(id: string): Alert | null {
    return this.#book.list.find(id);
  }

  liftIds(): readonly string[] {
    return this.#lifts.ids();
  }

  lift(id: string): LiftView | null {
    const lift = this.#lifts.find(id);
    return lift === undefined ? null : viewLift(lift, this.#book, this.#watch.eventOf(lift));
  }

  judging(id: string): readonly Judging[] {
    return viewJudging(this.#lifts.find(id), this.#listened, this.rules, this.#book);
  }

  fleet(): Fleet {
    return viewFleet(this.#lifts.counted(), this.#book, this.rules.site.timezone);
  }

  learning(id: string): LiftLearning | null {
    return liftLearning(this.#lifts.find(id));
  }

  unusual(most: number): readonly UnusualLift[] {
    return mostUnusual(this.#lifts.all(), most);
  }
}
