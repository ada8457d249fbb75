/** The life of alerts: raise, confirm, update, suppress, acknowledge, clear (contract §4; states after ISA-18.2). */
import { alertId } from "./alert-id.ts";
import type { Detector, Moment } from "./detectors/detector.ts";
import type { ActOutcome, Alert, Change, ChangeKind } from "./effects.ts";
import type { ActEntry } from "./entry.ts";
import { EVIDENCE, type LiftState, type Slot } from "./lift-state.ts";
import type { Mode } from "./reading.ts";
import type { Rules } from "./rules.ts";

/** Cleared alerts that wait for acknowledgement; beyond it the oldest leaves the list (its history stays in the store). */
const CLEARED_KEPT = 10_000;
/** A condition that flickers adds to `occurrences` at once and is told at most this often, ms (assumption). */
const UPDATE_EVERY_MS = 10_000;
/** A reading this much older than its lift's usual delay came from a backlog, ms (assumption). */
const BACKLOG_MS = 60_000;

/** Modes in which hazards are recorded and not paged: suppressed by design (domain.md §3). */
const SUPPRESSING: ReadonlySet<Mode> = new Set(["inspection", "fire-recall", "firefighter", "earthquake", "out-of-service"]);

interface Held {
  readonly alert: Alert;
  /** Monitor's time of the last change told. */
  toldAt: number;
}

export interface AlertBookState {
  readonly changeCount: number;
  readonly alerts: readonly Held[];
}

export class AlertBook {
  changeCount = 0;
  #alerts = new Map<string, Held>();
  #clearedCount = 0;
  /** Where changes of the entry in hand go. */
  #changes: Change[] = [];
  #entry = 0;
  #now = 0;

  /** Starts an entry: changes from here on are its own. */
  begin(entry: number, now: number, changes: Change[]): void {
    this.#entry = entry;
    this.#now = now;
    this.#changes = changes;
  }

  raise(lift: LiftState, slot: Slot, detector: Detector, level: number, raisedAt: number, moment: Moment, rules: Rules): void {
    const grade = detector.grades[level - 1];
    if (grade === undefined) return;
    slot.raised += 1;
    slot.level = level;
    slot.recurred = false;
    const id = alertId(lift.liftId, detector.hazard, raisedAt, slot.raised);
    slot.alertId = id;
    const suppressedBy = suppressing(lift);
    const alert: Alert = {
      id,
      liftId: lift.liftId,
      hazard: detector.hazard,
      priority: grade.priority,
      evidence: grade.evidence,
      state: "active",
      acknowledged: false,
      shelvedUntil: null,
      suppressedBy,
      raisedAt,
      detectedAt: moment.receivedAt,
      clearedAt: null,
      occurrences: 1,
      groupId: null,
      rule: { version: rules.version, limits: { ...rules[detector.hazard], ...detector.limits?.(lift, rules) } },
      details: this.#details(lift, slot, detector, moment, rules),
      entries: { first: slot.entry, last: moment.entry },
      lift: { district: lift.register?.district ?? null, building: lift.register?.building ?? null, firm: lift.register?.firm ?? null },
    };
    const held = { alert, toldAt: 0 };
    this.#alerts.set(id, held);
    this.#tell(held, suppressedBy === null ? "raised" : "suppressed");
  }

  /** A graver level, or the same condition met again. */
  /** `joined`: evidence from another source than before. */
  advance(lift: LiftState, slot: Slot, detector: Detector, level: number, moment: Moment, rules: Rules, joined = false): void {
    const held = this.#of(slot);
    if (held === undefined) return;
    const { alert } = held;
    const grade = detector.grades[Math.max(level, slot.level) - 1];
    const graver = level > slot.level && grade !== undefined;
    if (slot.recurred) alert.occurrences += 1;
    if (graver) {
      const confirmed = alert.evidence === "suspected" && grade.evidence === "confirmed";
      slot.level = level;
      alert.evidence = grade.evidence;
      alert.priority = grade.priority;
      this.#refresh(held, lift, slot, detector, moment, rules);
      this.#tell(held, confirmed ? "confirmed" : "updated");
    } else if (joined || (slot.recurred && this.#now - held.toldAt >= UPDATE_EVERY_MS)) {
      this.#refresh(held, lift, slot, detector, moment, rules);
      this.#tell(held, "updated");
    }
    slot.recurred = false;
  }

  clear(lift: LiftState, slot: Slot, detector: Detector, clearedAt: number, moment: Moment, rules: Rules, autoClosed: boolean): void {
    const held = this.#of(slot);
    slot.alertId = null;
    slot.level = 0;
    slot.recurred = false;
    if (held === undefined) return;
    const { alert } = held;
    alert.state = "cleared";
    alert.clearedAt = clearedAt;
    alert.entries = { first: alert.entries.first, last: moment.entry };
    alert.details = { ...alert.details, end: detector.details(lift, slot, rules), ...(autoClosed ? { autoClosed: true } : {}) };
    this.#tell(held, "cleared");
    this.#clearedCount += 1;
    if (alert.acknowledged || alert.suppressedBy !== null) this.#drop(held);
    else if (this.#clearedCount > CLEARED_KEPT) this.#dropOldestCleared();
  }

  /**
   * The mode changed. What was suppressed and goes on in a serving mode is raised after all; what was raised before is
   * suppressed, except the critical: a mechanic who switches to inspection to free people does not hide them.
   */
  modeChanged(lift: LiftState): void {
    const by = suppressing(lift);
    for (const slot of lift.slots) {
      const held = slot === null ? undefined : this.#of(slot);
      if (held === undefined) continue;
      const { alert } = held;
      // What is ending already is not raised any more: doors closed after an inspection, and the mode left at once.
      if (alert.suppressedBy !== null && by === null && (slot?.endSince ?? -1) < 0) {
        alert.suppressedBy = null;
        this.#tell(held, "raised");
      } else if (alert.suppressedBy === null && by !== null && alert.priority !== "critical") {
        alert.suppressedBy = by;
        this.#tell(held, "suppressed");
      }
    }
  }

  act(entry: ActEntry): ActOutcome {
    const held = this.#alerts.get(entry.alertId);
    const answer = (code: ActOutcome["code"], message: string): ActOutcome => ({ ok: code === "done", code, act: entry.act, message });
    if (held === undefined) return answer("unknown-alert", `alert ${entry.alertId} is not active and does not wait for acknowledgement`);
    if (entry.act !== "acknowledge") return answer("unknown-act", `${entry.act} is not possible in this version`);
    if (held.alert.acknowledged) return answer("forbidden-by-state", `alert ${entry.alertId} is acknowledged already`);
    held.alert.acknowledged = true;
    this.#tell(held, "acknowledged", entry);
    if (held.alert.state === "cleared") this.#drop(held);
    return answer("done", "acknowledged");
  }

  /** Copies: callers may keep them. */
  *all(): Generator<Alert> {
    for (const { alert } of this.#alerts.values()) yield copy(alert);
  }

  find(id: string): Alert | null {
    const held = this.#alerts.get(id);
    return held === undefined ? null : copy(held.alert);
  }

  /** The alert that a slot has active, as it is: not to be kept. */
  active(slot: Slot): Alert | null {
    return this.#of(slot)?.alert ?? null;
  }

  state(): AlertBookState {
    return { changeCount: this.changeCount, alerts: [...this.#alerts.values()] };
  }

  restore(state: AlertBookState): void {
    this.changeCount = state.changeCount;
    this.#alerts = new Map(state.alerts.map((held) => [held.alert.id, held]));
    this.#clearedCount = state.alerts.filter((held) => held.alert.state === "cleared").length;
  }

  #of(slot: Slot): Held | undefined {
    return slot.alertId === null ? undefined : this.#alerts.get(slot.alertId);
  }

  #refresh(held: Held, lift: LiftState, slot: Slot, detector: Detector, moment: Moment, rules: Rules): void {
    held.alert.details = this.#details(lift, slot, detector, moment, rules);
    held.alert.entries = { first: held.alert.entries.first, last: moment.entry };
  }

  #details(lift: LiftState, slot: Slot, detector: Detector, moment: Moment, rules: Rules): Record<string, unknown> {
    const details = { ...detector.details(lift, slot, rules), ...evidenceOf(lift, slot, detector.hazard) };
    const behindMs = moment.at < 0 ? 0 : moment.receivedAt - moment.at - lift.clockSkewMs;
    return behindMs > BACKLOG_MS ? { ...details, backlog: true } : details;
  }

  #tell(held: Held, change: ChangeKind, act?: ActEntry): void {
    this.changeCount += 1;
    held.toldAt = this.#now;
    this.#changes.push({
      n: this.changeCount,
      seq: this.#entry,
      at: this.#now,
      change,
      by: act?.by ?? null,
      note: act?.note ?? null,
      alert: copy(held.alert),
    });
  }

  #drop(held: Held): void {
    this.#alerts.delete(held.alert.id);
    if (held.alert.state === "cleared") this.#clearedCount -= 1;
  }

  #dropOldestCleared(): void {
    for (const held of this.#alerts.values()) {
      if (held.alert.state !== "cleared") continue;
      this.#drop(held);
      return;
    }
  }
}

/** Where the evidence came from, when it was not the signals alone; and the controller's codes that are part of it. */
function evidenceOf(lift: LiftState, slot: Slot, hazard: Alert["hazard"]): Record<string, unknown> {
  if ((slot.sources & ~EVIDENCE.signal) === 0) return {};
  const evidence = Object.entries(EVIDENCE).flatMap(([name, bit]) => ((slot.sources & bit) === 0 ? [] : [name]));
  const codes = lift.faults.filter((fault) => fault.hazard === hazard).map((fault) => ({ ...fault }));
  return codes.length === 0 ? { evidence } : { evidence, reportedBy: codes };
}

function suppressing(lift: LiftState): string | null {
  return lift.mode !== null && SUPPRESSING.has(lift.mode) ? `mode:${lift.mode}` : null;
}

/** One level deep: what lies below is replaced, never mutated. */
function copy(alert: Alert): Alert {
  return { ...alert };
}
