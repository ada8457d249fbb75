/**
 * Operators' acts on an alert (docs/alerts.md): when each is allowed, and what it makes of the alert. States after ISA-18.2:
 * unacknowledged or acknowledged × active or cleared, and shelved; a dispatch begins a handling, which a close ends.
 */
import { ENTRAPMENTS, type Alert, type ChangeKind } from "./effects.ts";
import type { Act, ActName } from "./entry.ts";
import type { Rules } from "./rules.ts";

/** Minutes of a shelving whose end was not given (assumption). */
const SHELVE_MINUTES = 60;
const MINUTE_MS = 60_000;

/** Why an act is refused. */
export interface Refused {
  readonly code: "forbidden-by-state" | "invalid";
  readonly message: string;
}

interface Rule {
  readonly change: ChangeKind;
  /** What forbids it, or null. */
  forbids(alert: Alert, act: Act): string | null;
  /** Does it, at the monitor's time. */
  apply(alert: Alert, act: Act, now: number, rules: Rules): void;
}

const RULES: Readonly<Record<ActName, Rule>> = {
  acknowledge: {
    change: "acknowledged",
    forbids: ({ acknowledged }) => (acknowledged ? "is acknowledged already" : null),
    apply: () => {},
  },
  shelve: {
    change: "shelved",
    forbids(alert) {
      if (ENTRAPMENTS.has(alert.hazard)) return "is about people shut in, and those are never shelved";
      if (alert.state === "cleared") return "is over";
      if (alert.suppressedBy !== null) return "is suppressed already";
      if (alert.shelvedUntil !== null) return "is shelved already";
      return alert.priority === "critical" && !alert.acknowledged ? "is critical; acknowledge it first" : null;
    },
    apply(alert, act, now) {
      alert.shelvedUntil = endOfShelving(act, now);
      alert.shelvedReason = act.reason;
    },
  },
  unshelve: {
    change: "unshelved",
    forbids: ({ shelvedUntil }) => (shelvedUntil === null ? "is not shelved" : null),
    apply: unshelve,
  },
  dispatch: {
    change: "dispatched",
    forbids({ state, dispatchedAt }) {
      if (dispatchedAt !== null) return "has somebody on the way already";
      return state === "cleared" ? "is over" : null;
    },
    apply(alert, _act, now, rules) {
      alert.dispatchedAt = now;
      const { duty } = alert;
      if (duty === null) return;
      const arriveBy = now + rules.alerts.arriveWithinMs;
      alert.duty = { ...duty, dispatch: duty.dispatch === "open" ? kept(now, duty.dispatchBy) : duty.dispatch, arriveBy, arrive: "open" };
    },
  },
  arrive: {
    change: "arrived",
    forbids({ dispatchedAt, arrivedAt }) {
      if (dispatchedAt === null) return "has nobody on the way; dispatch first";
      return arrivedAt === null ? null : "has somebody there already";
    },
    apply(alert, _act, now) {
      alert.arrivedAt = now;
      const { duty } = alert;
      if (duty === null || duty.arriveBy === null || duty.arrive !== "open") return;
      alert.duty = { ...duty, arrive: kept(now, duty.arriveBy) };
    },
  },
  rescue: {
    change: "rescued",
    forbids({ hazard, arrivedAt, rescuedAt }) {
      if (!ENTRAPMENTS.has(hazard)) return "is not about people shut in";
      if (arrivedAt === null) return "has nobody there; report the arrival first";
      return rescuedAt === null ? null : "is reported as rescued already";
    },
    apply(alert, _act, now) {
      alert.rescuedAt = now;
    },
  },
  close: {
    change: "closed",
    forbids({ state, rescuedAt }, { reason }) {
      if (state === "cleared" || rescuedAt !== null || reason !== null) return null;
      return "is not over; closing it needs a reason";
    },
    apply(alert, act, now) {
      if (alert.state === "active") {
        alert.state = "cleared";
        alert.clearedAt = now;
      }
      alert.closedAt = now;
      alert.closedReason = act.reason;
      alert.shelvedUntil = null;
      voidDuty(alert);
    },
  },
};

/** Whoever does one of these has seen the alert. */
const SEEN: ReadonlySet<ActName> = new Set(["acknowledge", "dispatch", "arrive", "rescue", "close"]);

/** Does an act at the monitor's time `now`. Returns the change that it is, or why it is not done: then nothing is touched. */
export function perform(alert: Alert, act: Act, now: number, rules: Rules): ChangeKind | Refused {
  const rule = RULES[act.act];
  const forbidden = rule.forbids(alert, act);
  if (forbidden !== null) return { code: "forbidden-by-state", message: `alert ${alert.id} ${forbidden}` };
  if (act.act === "shelve") {
    const wrong = wrongShelving(act, now, rules);
    if (wrong !== null) return { code: "invalid", message: wrong };
  }
  rule.apply(alert, act, now, rules);
  if (SEEN.has(act.act) && !alert.acknowledged) {
    alert.acknowledged = true;
    alert.acknowledgedAt = now;
  }
  // Copied: the changes told before share the old one.
  alert.by = { ...alert.by, [act.act]: act.by };
  return rule.change;
}

export function unshelve(alert: Alert): void {
  alert.shelvedUntil = null;
  alert.shelvedReason = null;
}

/** Somebody is on the way or there, and has not closed it: it stays in the list although its signal is over. */
export function isHandled({ dispatchedAt, closedAt }: Alert): boolean {
  return dispatchedAt !== null && closedAt === null;
}

/** The duties of an entrapment, from the first page on. */
export function beginDuty(alert: Alert, now: number, rules: Rules): void {
  if (alert.duty !== null || !ENTRAPMENTS.has(alert.hazard)) return;
  alert.duty = { dispatchBy: now + rules.alerts.dispatchWithinMs, dispatch: "open", arriveBy: null, arrive: null };
}

/** The signal is over: nobody need be sent any more. Whoever is on the way still has to come, or be called off by a close. */
export function voidDispatch(alert: Alert): void {
  if (alert.duty?.dispatch === "open") alert.duty = { ...alert.duty, dispatch: "void" };
}

function voidDuty(alert: Alert): void {
  voidDispatch(alert);
  if (alert.duty?.arrive === "open") alert.duty = { ...alert.duty, arrive: "void" };
}

export function isDue({ duty }: Alert): boolean {
  return duty !== null && (duty.dispatch === "open" || duty.arrive === "open");
}

/** Whether a duty was missed just now. */
export function missDuty(alert: Alert, now: number): boolean {
  const { duty } = alert;
  if (duty === null) return false;
  const dispatch = duty.dispatch === "open" && now > duty.dispatchBy;
  const arrive = duty.arrive === "open" && duty.arriveBy !== null && now > duty.arriveBy;
  if (!dispatch && !arrive) return false;
  alert.duty = { ...duty, dispatch: dispatch ? "missed" : duty.dispatch, arrive: arrive ? "missed" : duty.arrive };
  return true;
}

function kept(now: number, by: number): "met" | "missed" {
  return now <= by ? "met" : "missed";
}

function endOfShelving({ until, minutes }: Act, now: number): number {
  return until ?? now + (minutes ?? SHELVE_MINUTES) * MINUTE_MS;
}

function wrongShelving(act: Act, now: number, rules: Rules): string | null {
  const end = endOfShelving(act, now);
  const { shelveMostMs } = rules.alerts;
  if (act.reason === null) return "found no reason; expected why it is shelved";
  if (end <= now) return `found an end at ${end}; expected one after ${now}`;
  if (end - now > shelveMostMs) return `found ${Math.ceil((end - now) / MINUTE_MS)} minutes; expected at most ${shelveMostMs / MINUTE_MS}`;
  return null;
}
