/** What findings make of alerts: raise, confirm, update, suppress, clear (contract §4; states after ISA-18.2, docs/alerts.md). */
import { alertId } from "./alert-id.ts";
import { AlertList } from "./alert-list.ts";
import type { Detector, Moment } from "./detectors/detector.ts";
import { ENTRAPMENTS, UNHANDLED, type Alert, type Change, type Hazard, type Priority } from "./effects.ts";
import { EVIDENCE, type LiftState, type Slot } from "./lift-state.ts";
import { somebodyInside } from "./persons.ts";
import { trendDetails, trendLimits } from "./learning/learnt-view.ts";
import type { Mode } from "./reading.ts";
import type { Rules } from "./rules.ts";

/** A condition that flickers adds to `occurrences` at once and is told at most this often, ms (assumption). */
const UPDATE_EVERY_MS = 10_000;
/** A reading this much older than its lift's usual delay came from a backlog, ms (assumption). */
const BACKLOG_MS = 60_000;

/** Modes in which hazards are recorded and not paged: suppressed by design (domain.md §3). */
const SUPPRESSING: ReadonlySet<Mode> = new Set(["inspection", "fire-recall", "firefighter", "earthquake", "out-of-service"]);

/** What a loss of power or of the network brings about by itself: part of the mass event that struck the lift. */
const EXPLAINED: ReadonlySet<Hazard> = new Set<Hazard>([
  "silent",
  "frozen-signal",
  "stopped-outside-door-zone",
  "run-time-exceeded",
  "door-held-open",
  "position-lost",
  "reported-fault",
]);

/** Between the detectors and the list: what a finding makes of an alert. */
export class AlertBook {
  readonly list = new AlertList();
  #now = 0;

  /** Starts an entry: changes from here on are its own. */
  begin(entry: number, now: number, changes: Change[]): void {
    this.#now = now;
    this.list.begin(entry, now, changes);
  }

  raise(lift: LiftState, slot: Slot, detector: Detector, level: number, raisedAt: number, moment: Moment, rules: Rules): void {
    const grade = detector.grades[level - 1];
    if (grade === undefined) return;
    slot.raised += 1;
    slot.level = level;
    slot.recurred = false;
    const id = alertId(lift.liftId, detector.hazard, raisedAt, slot.raised);
    slot.alertId = id;
    const byDesign = suppressing(lift, grade.priority);
    const groupId = byDesign === null && isExplained(lift, detector.hazard, grade.priority, rules) ? lift.groupId : null;
    const chattering = chatters(slot, detector.hazard, raisedAt, rules);
    const alert: Alert = {
      id,
      liftId: lift.liftId,
      hazard: detector.hazard,
      priority: grade.priority,
      evidence: grade.evidence,
      state: "active",
      acknowledged: false,
      shelvedUntil: null,
      suppressedBy: byDesign ?? (groupId === null ? null : `group:${groupId}`),
      raisedAt,
      detectedAt: moment.receivedAt,
      clearedAt: null,
      // Those of the minute before, which had alerts of their own, are counted with it.
      occurrences: chattering ? slot.flaps + 1 : 1,
      groupId,
      details: { ...this.#details(lift, slot, detector, moment, rules), ...(slot.closedHeard < 0 ? {} : { reopened: true }) },
      rule: {
        version: rules.version,
        limits: { ...rules[detector.hazard], ...detector.limits?.(lift, rules), ...(trend(slot) ? trendLimits(lift, rules) : {}) },
      },
      entries: { first: slot.entry, last: moment.entry },
      lift: { district: lift.register?.district ?? null, building: lift.register?.building ?? null, firm: lift.register?.firm ?? null },
      ...UNHANDLED,
      chattering,
    };
    slot.closedHeard = -1;
    this.list.open(alert, rules);
  }

  /** A graver level, or the same condition met again. `joined`: evidence from another source than before. */
  advance(lift: LiftState, slot: Slot, detector: Detector, level: number, moment: Moment, rules: Rules, joined = false): void {
    const alert = this.active(slot);
    if (alert === null) return;
    const grade = detector.grades[Math.max(level, slot.level) - 1];
    const graver = level > slot.level && grade !== undefined;
    if (slot.recurred) alert.occurrences += 1;
    if (graver) {
      const confirmed = alert.evidence === "suspected" && grade.evidence === "confirmed";
      const worse = grade.priority !== alert.priority;
      slot.level = level;
      alert.evidence = grade.evidence;
      alert.priority = grade.priority;
      this.#refresh(alert, lift, slot, detector, moment, rules);
      if (worse && alert.shelvedUntil !== null) this.list.unshelve(alert);
      if (alert.groupId !== null && !isExplained(lift, alert.hazard, alert.priority, rules)) this.#release(alert, lift, rules);
      else this.list.tell(alert, confirmed ? "confirmed" : "updated");
    } else if (joined || (slot.recurred && this.#now - this.list.toldAt(alert.id) >= UPDATE_EVERY_MS)) {
      this.#refresh(alert, lift, slot, detector, moment, rules);
      this.list.tell(alert, "updated");
    }
    slot.recurred = false;
  }

  clear(lift: LiftState, slot: Slot, detector: Detector, clearedAt: number, moment: Moment, rules: Rules, autoClosed: boolean): void {
    const alert = this.active(slot);
    slot.alertId = null;
    slot.level = 0;
    slot.recurred = false;
    if (alert === null) return;
    countFlap(slot, alert, clearedAt, rules);
    alert.entries = { first: alert.entries.first, last: moment.entry };
    alert.details = { ...alert.details, end: detector.details(lift, slot, rules), ...(autoClosed ? { autoClosed: true } : {}) };
    this.list.end(alert, clearedAt);
  }

  /**
   * What suppresses by design changed. What was suppressed and goes on in a serving mode is raised after all; what was raised before is
   * suppressed, except the critical: a mechanic who switches to inspection to free people does not hide them.
   */
  modeChanged(lift: LiftState, rules: Rules): void {
    for (const slot of lift.slots) {
      const alert = slot === null ? null : this.active(slot);
      if (alert === null || alert.groupId !== null) continue;
      const by = suppressing(lift, alert.priority);
      // What is ending already is not raised any more: doors closed after an inspection, and the mode left at once.
      if (alert.suppressedBy !== null && by === null && (slot?.endSince ?? -1) < 0) {
        alert.suppressedBy = null;
        this.list.announce(alert, rules);
      } else if (alert.suppressedBy === null && by !== null && alert.priority !== "critical") {
        alert.suppressedBy = by;
        this.list.tell(alert, "suppressed");
      }
    }
  }

  /** The lift has become part of a mass event, `lift.groupId`: it owns what was told of it since, as far as it explains it. */
  own(lift: LiftState, since: number, rules: Rules): void {
    for (const slot of lift.slots) {
      const alert = slot === null ? null : this.active(slot);
      if (alert === null || !isExplained(lift, alert.hazard, alert.priority, rules)) continue;
      // The silence is the event's, whenever it was told.
      if (alert.suppressedBy !== null || (alert.detectedAt < since && alert.hazard !== "silent")) continue;
      this.#give(alert, lift.groupId);
    }
  }

  /** The mass event `from` has become part of `to`, which owns what it owned. */
  passOn(lift: LiftState, from: string, to: string): void {
    for (const slot of lift.slots) {
      const alert = slot === null ? null : this.active(slot);
      if (alert?.groupId === from) this.#give(alert, to);
    }
  }

  /** The mass event `groupId` is over: what it owned and has not ended is the lift's own again. */
  disown(lift: LiftState, groupId: string, rules: Rules): void {
    for (const slot of lift.slots) {
      const alert = slot === null ? null : this.active(slot);
      if (alert?.groupId === groupId) this.#release(alert, lift, rules);
    }
  }

  /** The alert that a slot has active, as it is: not to be kept. */
  active(slot: Slot): Alert | null {
    return slot.alertId === null ? null : (this.list.live(slot.alertId) ?? null);
  }

  #give(alert: Alert, groupId: string | null): void {
    alert.groupId = groupId;
    alert.suppressedBy = `group:${groupId}`;
    this.list.tell(alert, "suppressed");
  }

  #release(alert: Alert, lift: LiftState, rules: Rules): void {
    alert.groupId = null;
    alert.suppressedBy = suppressing(lift, alert.priority);
    this.list.announce(alert, rules);
  }

  #refresh(alert: Alert, lift: LiftState, slot: Slot, detector: Detector, moment: Moment, rules: Rules): void {
    alert.details = this.#details(lift, slot, detector, moment, rules);
    alert.entries = { first: alert.entries.first, last: moment.entry };
  }

  #details(lift: LiftState, slot: Slot, detector: Detector, moment: Moment, rules: Rules): Record<string, unknown> {
    const details = {
      ...detector.details(lift, slot, rules),
      ...evidenceOf(lift, slot, detector.hazard),
      ...(trend(slot) ? trendDetails(lift, detector.hazard, rules) : {}),
    };
    const behindMs = moment.at < 0 ? 0 : moment.receivedAt - moment.at - lift.clockSkewMs;
    return behindMs > BACKLOG_MS ? { ...details, backlog: true } : details;
  }
}

/** Raised and cleared so often within a minute that this alert is held until it is quiet (domain.md §4). */
function chatters(slot: Slot, hazard: Hazard, raisedAt: number, rules: Rules): boolean {
  if (slot.flaps > 0 && raisedAt - slot.flapFrom > rules.alerts.chatterWithinMs) slot.flaps = 0;
  // People who are out are out: an entrapment ends when it ends.
  return slot.flaps >= rules.alerts.chatterTimes - 1 && !ENTRAPMENTS.has(hazard);
}

/** Counts a raise and clear of the slot; all by device time, so that the order of arrival plays no part. */
function countFlap(slot: Slot, alert: Alert, clearedAt: number, rules: Rules): void {
  if (alert.chattering) {
    slot.flaps = 0;
    return;
  }
  if (slot.flaps === 0 || clearedAt - slot.flapFrom > rules.alerts.chatterWithinMs) {
    slot.flaps = 0;
    slot.flapFrom = alert.raisedAt;
  }
  if (clearedAt - slot.flapFrom <= rules.alerts.chatterWithinMs) slot.flaps += 1;
}

/** Whether a learnt trend speaks for it. */
function trend(slot: Slot): boolean {
  return (slot.sources & EVIDENCE.trend) !== 0;
}

/** Where the evidence came from, when it was not the signals alone; and the controller's codes that are part of it. */
function evidenceOf(lift: LiftState, slot: Slot, hazard: Alert["hazard"]): Record<string, unknown> {
  if ((slot.sources & ~EVIDENCE.signal) === 0) return {};
  const evidence = Object.entries(EVIDENCE).flatMap(([name, bit]) => ((slot.sources & bit) === 0 ? [] : [name]));
  const codes = lift.faults.filter((fault) => fault.hazard === hazard).map((fault) => ({ ...fault }));
  return codes.length === 0 ? { evidence } : { evidence, reportedBy: codes };
}

/** What suppresses by design. A register that calls a lift out of service may be old, so it never hides danger to people. */
function suppressing(lift: LiftState, priority: Priority): string | null {
  if (lift.mode !== null && SUPPRESSING.has(lift.mode)) return `mode:${lift.mode}`;
  return lift.register?.inService === false && priority !== "critical" ? "register:out-of-service" : null;
}

/** Whether the mass event that the lift is part of, if any, explains such an alert. Nothing critical is ever explained away. */
function isExplained(lift: LiftState, hazard: Hazard, priority: Priority, rules: Rules): boolean {
  if (lift.groupId === null || priority === "critical" || !EXPLAINED.has(hazard)) return false;
  // Between floors, and nobody can tell whether people are inside: somebody has to look.
  return hazard !== "stopped-outside-door-zone" || somebodyInside(lift, rules[hazard].loadAboveKg) === false;
}
