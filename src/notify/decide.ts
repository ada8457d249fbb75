/**
 * From changes of alerts to messages: routes, the rate of a target, escalation. A function of the state, the plan and a
 * stretch of the journal; only what is too old to be sent at all goes by the clock.
 */
import type { Alert, Change } from "../core/effects.ts";
import type { Content, Delivery, Finished, LiftFacts, Outcome, Summary } from "./delivery.ts";
import type { Plan, Route } from "./plan.ts";
import { isWaiting, takes } from "./routing.ts";
import type { Decision, OutboxState, Step, Watch, Window } from "./state.ts";

export interface Stretch {
  /** Last journal entry of it. */
  readonly to: number;
  readonly changes: readonly Change[];
  /** The monitor's time at its end, ms since the epoch, where it is known. */
  readonly time: number;
}

export interface Surroundings {
  readonly plan: Plan;
  readonly now: number;
  readonly factsOf: (liftId: string) => LiftFacts | null;
  /** Messages that may wait for one target before the uncritical ones go into its summary, and before the oldest is given up. */
  readonly waiting: number;
  readonly waitingMost: number;
  /** Alerts watched at once; the oldest is let go of beyond it. */
  readonly watches: number;
}

const MINUTE_MS = 60_000;
/** Changes decided on at a time: a few ms. */
const SLICE_CHANGES = 200;
/** Details larger than this (the members of a mass event) stay behind: the link leads to them. */
const DETAIL_CHARS = 8_192;
const UNWATCHED: Watch = { routes: [], held: [], steps: [], change: null };

export function decide(state: OutboxState, stretch: Stretch, surroundings: Surroundings): Decision {
  const slices = decideInSlices(state, stretch, surroundings);
  let step = slices.next();
  while (step.done !== true) step = slices.next();
  return step.value;
}

/** The same, with a pause every so many changes: a mass event may change some thousand alerts in one entry. */
export function* decideInSlices(state: OutboxState, stretch: Stretch, surroundings: Surroundings): Generator<undefined, Decision> {
  const decider = new Decider(state, surroundings);
  for (const [index, change] of stretch.changes.entries()) {
    if (index % SLICE_CHANGES === SLICE_CHANGES - 1) yield;
    decider.reach(change.at);
    decider.take(change);
  }
  decider.reach(stretch.time);
  return decider.decision(stretch.to);
}

/** How long after `at` a message is still worth sending, ms. */
export function worthMs(plan: Plan, { priority }: Pick<Delivery, "priority">): number {
  return (priority === "critical" ? plan.criticalGiveUpAfterMinutes : plan.giveUpAfterMinutes) * MINUTE_MS;
}

export function finish(delivery: Delivery, outcome: Outcome, finishedAt: number): Finished {
  const { content: _content, ...heading } = delivery;
  return { ...heading, outcome, finishedAt };
}

class Decider {
  readonly #state: OutboxState;
  readonly #around: Surroundings;
  readonly #deliveries = new Map<string, Delivery>();
  readonly #finished: Finished[] = [];
  /** What differs from the state. */
  readonly #watches = new Map<string, Watch | null>();
  readonly #windows = new Map<string, Window>();
  readonly #waiting = new Map<string, number>();
  #time: number;
  #oldest: Generator<[string, Watch]> | null = null;
  /** When the next step or the end of a window with something held is due. */
  #nextDue = Infinity;

  constructor(state: OutboxState, around: Surroundings) {
    this.#state = state;
    this.#around = around;
    this.#time = state.time;
    for (const { target } of state.pending.values()) this.#waiting.set(target, (this.#waiting.get(target) ?? 0) + 1);
    this.#findNextDue();
  }

  decision(offset: number): Decision {
    return {
      line: "decision",
      offset,
      time: this.#time,
      deliveries: [...this.#deliveries.values()],
      finished: this.#finished,
      watches: [...this.#watches],
      windows: [...this.#windows],
    };
  }

  /** Time goes on: what is due until then becomes so at its own times. */
  reach(time: number): void {
    if (time <= this.#time) return;
    this.#time = time;
    if (this.#nextDue > time) return;
    for (const [id, watch] of this.#all(this.#state.watches, this.#watches)) {
      if (watch === null || watch.change === null) continue;
      const due = watch.steps.filter((step) => step.at <= time);
      if (due.length === 0) continue;
      for (const step of due) this.#escalate(watch.change, step);
      const steps = watch.steps.filter((step) => step.at > time);
      this.#watches.set(id, { ...(this.#watch(id) ?? watch), steps, change: steps.length === 0 ? null : watch.change });
    }
    for (const [target, window] of this.#all(this.#state.windows, this.#windows)) {
      if (window.held !== null && this.#endOf(target, window) <= time) this.#summarise(target, window);
    }
    this.#findNextDue();
  }

  take(change: Change): void {
    const { alert } = change;
    const before = this.#watch(alert.id) ?? UNWATCHED;
    const told = new Set(before.routes);
    const to = new Map<string, Route>();
    const steps = isWaiting(alert) ? [...before.steps] : [];
    for (const route of this.#around.plan.routes) {
      if (!takes(route, change, before.routes.includes(route.name))) continue;
      told.add(route.name);
      for (const target of route.to) if (!to.has(target)) to.set(target, route);
      if (isWaiting(alert) && !steps.some((step) => step.route === route.name) && !this.#hasEscalated(before, route, change))
        for (const { afterMinutes, to: targets } of route.escalate)
          steps.push({ at: change.at + afterMinutes * MINUTE_MS, afterMinutes, route: route.name, to: targets });
    }
    // Shelving put the steps away; what comes back from the shelf unacknowledged waits for somebody again.
    if (change.change === "unshelved" && isWaiting(alert) && steps.length === 0) steps.push(...this.#stepsAgain(told, change));
    const held = new Set(before.held);
    // Most changes go nowhere: nothing is made of them.
    const trimmed = to.size === 0 && steps.length === 0 ? change : trim(change);
    const lift = to.size === 0 ? null : this.#around.factsOf(alert.liftId);
    for (const [target, route] of to) {
      const isFollowUp = held.has(target) && change.change !== "raised";
      if (isFollowUp && alert.priority !== "critical") continue;
      const content: Content = { kind: "change", change: trimmed, lift };
      if (this.#tell(`${alert.id}:${change.n}`, target, route.name, content, alert, change.at)) held.delete(target);
      else held.add(target);
    }
    for (const step of steps) this.#nextDue = Math.min(this.#nextDue, step.at);
    const over = alert.state === "cleared" || change.change === "closed";
    if (over || told.size === 0) {
      if (before !== UNWATCHED) this.#watches.set(alert.id, null);
      return;
    }
    const watch = { routes: [...told], held: [...held], steps, change: steps.length === 0 ? null : trimmed };
    if (before === UNWATCHED) this.#makeRoom();
    this.#watches.set(alert.id, watch);
  }

  /** A route escalates once for each time that an alert is raised; `updated` and the like do not begin again. */
  #hasEscalated(before: Watch, route: Route, { change }: Change): boolean {
    return before.routes.includes(route.name) && change !== "raised" && change !== "unshelved";
  }

  #stepsAgain(routes: ReadonlySet<string>, change: Change): Step[] {
    return this.#around.plan.routes
      .filter((route) => routes.has(route.name))
      .flatMap((route) =>
        route.escalate.map(({ afterMinutes, to }) => ({ at: change.at + afterMinutes * MINUTE_MS, afterMinutes, route: route.name, to })),
      );
  }

  #escalate(change: Change, { at, afterMinutes, route, to }: Step): void {
    const { alert } = change;
    const lift = this.#around.factsOf(alert.liftId);
    const key = `${alert.id}:${change.n}:e${afterMinutes}`;
    const content: Content = { kind: "escalation", change, lift, afterMinutes };
    // That nobody has acknowledged it is news of its own: no rate holds it back.
    for (const target of to) this.#add(key, target, route, content, alert, at);
  }

  /** False where the target's rate, or what waits for it already, holds it back. */
  #tell(key: string, target: string, route: string, content: Content, alert: Alert, at: number): boolean {
    let window = this.#windows.get(target) ?? this.#state.windows.get(target);
    if (window === undefined || this.#endOf(target, window) <= at) {
      if (window?.held !== undefined && window.held !== null) this.#summarise(target, window);
      window = { from: at, sent: 0, held: null };
    }
    const most = this.#around.plan.targets[target]?.rate.messages ?? 0;
    const full = window.sent >= most || (this.#waiting.get(target) ?? 0) >= this.#around.waiting;
    if (full && alert.priority !== "critical") {
      this.#windows.set(target, { ...window, held: addTo(window.held, alert, at) });
      this.#nextDue = Math.min(this.#nextDue, this.#endOf(target, window));
      return false;
    }
    this.#windows.set(target, { ...window, sent: window.sent + 1 });
    this.#add(key, target, route, content, alert, at);
    return true;
  }

  #add(
    key: string,
    target: string,
    route: string,
    content: Content,
    about: Pick<Alert, "priority"> & { readonly id: string | null },
    at: number,
  ) {
    const id = `${key}:${target}`;
    if (this.#deliveries.has(id) || this.#state.pending.has(id)) return;
    const change = content.kind === "summary" ? null : content.change.change;
    const { priority, id: alertId } = about;
    const delivery: Delivery = {
      id,
      key,
      target,
      route,
      kind: content.kind,
      change,
      alertId,
      priority,
      at,
      content,
      attempts: 0,
      lastError: null,
    };
    if (this.#around.now - at > worthMs(this.#around.plan, delivery)) {
      this.#finished.push(finish(delivery, "expired", this.#around.now));
      return;
    }
    const waiting = (this.#waiting.get(target) ?? 0) + 1;
    this.#deliveries.set(id, delivery);
    this.#waiting.set(target, waiting);
    if (waiting > this.#around.waitingMost) this.#giveUpOldest(target);
  }

  /** The uncritical before the critical. */
  #giveUpOldest(target: string): void {
    const waiting = [...this.#state.pending.values(), ...this.#deliveries.values()].filter(
      (delivery) => delivery.target === target && !this.#finished.some(({ id }) => id === delivery.id),
    );
    const oldest = waiting.find(({ priority }) => priority !== "critical") ?? waiting[0];
    if (oldest === undefined) return;
    this.#deliveries.delete(oldest.id);
    this.#finished.push({ ...finish(oldest, "failed", this.#around.now), lastError: "too many newer ones wait for the same target" });
    this.#waiting.set(target, (this.#waiting.get(target) ?? 1) - 1);
  }

  #summarise(target: string, window: Window): void {
    const { held } = window;
    if (held === null) return;
    const at = this.#endOf(target, window);
    this.#windows.set(target, { from: at, sent: 1, held: null });
    const priority = (["critical", "high", "medium", "low"] as const).find((name) => (held.byPriority[name] ?? 0) > 0) ?? "low";
    this.#add(`summary:${held.from}:${held.changes}`, target, "", { kind: "summary", summary: held }, { priority, id: null }, at);
  }

  #endOf(target: string, window: Window): number {
    return window.from + (this.#around.plan.targets[target]?.rate.perMinutes ?? 0) * MINUTE_MS;
  }

  #watch(id: string): Watch | null | undefined {
    return this.#watches.has(id) ? this.#watches.get(id) : this.#state.watches.get(id);
  }

  *#all<T>(kept: ReadonlyMap<string, T>, changed: ReadonlyMap<string, T | null>): Generator<[string, T]> {
    for (const entry of kept) if (!changed.has(entry[0])) yield entry;
    for (const [id, value] of changed) if (value !== null) yield [id, value];
  }

  #makeRoom(): void {
    if (this.#state.watches.size + this.#watches.size < this.#around.watches) return;
    // One walk for the whole decision: from the beginning each time it would pass all that were let go of before.
    this.#oldest ??= this.#all(this.#state.watches, this.#watches);
    const { value } = this.#oldest.next() as IteratorResult<[string, Watch], undefined>;
    if (value !== undefined) this.#watches.set(value[0], null);
  }

  #findNextDue(): void {
    this.#nextDue = Infinity;
    for (const [, watch] of this.#all(this.#state.watches, this.#watches))
      for (const step of watch.steps) this.#nextDue = Math.min(this.#nextDue, step.at);
    for (const [target, window] of this.#all(this.#state.windows, this.#windows))
      if (window.held !== null) this.#nextDue = Math.min(this.#nextDue, this.#endOf(target, window));
  }
}

function plus(counts: Readonly<Record<string, number>>, name: string): Record<string, number> {
  return { ...counts, [name]: (counts[name] ?? 0) + 1 };
}

function addTo(held: Summary | null, alert: Alert, at: number): Summary {
  return {
    from: held?.from ?? at,
    to: at,
    changes: (held?.changes ?? 0) + 1,
    byPriority: plus(held?.byPriority ?? {}, alert.priority),
    byHazard: plus(held?.byHazard ?? {}, alert.hazard),
    byDistrict: plus(held?.byDistrict ?? {}, alert.lift.district ?? ""),
  };
}

function trim(change: Change): Change {
  const { details } = change.alert;
  if (JSON.stringify(details).length <= DETAIL_CHARS) return change;
  const plain = Object.entries(details).filter(
    ([, value]) => typeof value === "number" || typeof value === "boolean" || (typeof value === "string" && value.length <= 200),
  );
  return { ...change, alert: { ...change.alert, details: { ...Object.fromEntries(plain.slice(0, 50)), shortened: true } } };
}
