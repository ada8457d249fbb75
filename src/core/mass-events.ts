/**
 * `mass-event`: many lifts of one building, gateway, firm or district fall silent or lose power within a minute (domain.md §3). One
 * alert owns the silences and stops that it explains; entrapments stay on their own. Judged on ticks, in the order of the lifts.
 */
import { alertId } from "./alert-id.ts";
import type { AlertBook } from "./alert-book.ts";
import type { Moment } from "./detectors/detector.ts";
import { staleAfterMs } from "./detectors/silent.ts";
import { UNHANDLED, type Alert } from "./effects.ts";
import type { LiftState } from "./lift-state.ts";
import { describeEvent, isSilent, shared } from "./mass-event-details.ts";
import type { Rules } from "./rules.ts";
import { covers, explain, type Scope } from "./scopes.ts";

const HAZARD = "mass-event";
/** A growing or shrinking event is told at most this often, ms: it lists all its lifts (assumption). */
const UPDATE_EVERY_MS = 30_000;
/** It is over although so few are still struck, at most: they may have troubles of their own (assumption). */
const FEW = 2;
const FEW_SHARE = 0.25;
/** Part of an earlier event that must be in a wider one for the two to be one (assumption). */
const PART_OF = 0.9;

interface Group {
  readonly id: string;
  scope: Scope;
  /** All that were ever struck; those that are now have its id as `groupId`. */
  readonly members: Set<LiftState>;
  struck: number;
  /** Monitor's times between which lifts were struck. */
  lostFrom: number;
  lostTo: number;
  /** Listening clock, and monitor's time, since when all but a few are back; -1 while they are not. */
  backSince: number;
  backAt: number;
  /** Something has changed since it was told. */
  changed: boolean;
}

export interface MassEventsState {
  readonly raised: number;
  readonly dark: readonly (readonly [string, number])[];
  readonly news: readonly (readonly [string, number])[];
  readonly groups: readonly (Omit<Group, "members" | "struck"> & { readonly members: readonly string[] })[];
}

export class MassEvents {
  readonly #book: AlertBook;
  readonly #moment: Moment;
  /** Lifts without main power, and when they lost it, by the monitor's clock. */
  #dark = new Map<LiftState, number>();
  /** Losses of power that have not been looked at, and when they were noticed. */
  #news = new Map<LiftState, number>();
  #groups: Group[] = [];
  #groupOf = new Map<LiftState, Group>();
  #raised = 0;

  /** `moment` is the watch's own, at the entry in hand. */
  constructor(book: AlertBook, moment: Moment) {
    this.#book = book;
    this.#moment = moment;
  }

  /** `lift.powered` has changed with a reading of device time `at`. */
  powerChanged(lift: LiftState, at: number, rules: Rules): void {
    if (lift.powered !== false) {
      this.#dark.delete(lift);
      this.#news.delete(lift);
      if (lift.groupId !== null) this.#back(lift);
      return;
    }
    if (this.#dark.has(lift)) return;
    const { receivedAt } = this.#moment;
    this.#dark.set(lift, Math.min(receivedAt, Math.round(at + lift.clockSkewMs)));
    const group = this.#groupOf.get(lift);
    if (group === undefined) this.#news.set(lift, receivedAt);
    else if (lift.groupId === null) this.#strike(group, lift, rules);
  }

  /** A lift of an event, with `groupId`, has given a sign of life. */
  heard(lift: LiftState): void {
    if (!this.#dark.has(lift)) this.#back(lift);
  }

  /** Lifts that have just become silent: before their silences are told. */
  fellSilent(lifts: readonly LiftState[], all: () => Iterable<LiftState>, rules: Rules): void {
    this.#judge(
      lifts.filter((lift) => lift.groupId === null),
      all,
      rules[HAZARD].overdueKeepAlives,
      rules,
    );
  }

  /** A second has passed. */
  tick(all: () => Iterable<LiftState>, rules: Rules): void {
    const { receivedAt } = this.#moment;
    for (const noticedAt of this.#news.values()) {
      // The first is the oldest.
      if (receivedAt - noticedAt < rules[HAZARD].gatherMs) break;
      const lifts = [...this.#news.keys()].sort((a, b) => a.ordinal - b.ordinal);
      this.#news.clear();
      // Who is only late may have his power.
      this.#judge(lifts, all, Number.POSITIVE_INFINITY, rules);
      break;
    }
    for (const group of this.#groups.slice()) this.#follow(group, rules);
  }

  /** A person has closed the alert; if it is an event's, its lifts are on their own again. */
  closed(id: string, rules: Rules): void {
    const group = this.#groups.find((each) => each.id === id);
    if (group !== undefined) this.#letGo(group, rules);
  }

  /** Id of the event's alert that a lift has been part of, until the event is over. */
  eventOf(lift: LiftState): string | null {
    return this.#groupOf.get(lift)?.id ?? null;
  }

  state(): MassEventsState {
    return {
      raised: this.#raised,
      dark: byId(this.#dark),
      news: byId(this.#news),
      groups: this.#groups.map(({ members, struck: _counted, ...group }) => ({
        ...group,
        members: Array.from(members, ({ liftId }) => liftId),
      })),
    };
  }

  restore(state: MassEventsState, find: (liftId: string) => LiftState | undefined): void {
    const known = (ids: readonly string[]) => ids.map(find).filter((lift) => lift !== undefined);
    const times = (list: readonly (readonly [string, number])[]) =>
      new Map(list.flatMap(([id, at]) => known([id]).map((lift): [LiftState, number] => [lift, at])));
    this.#raised = state.raised;
    this.#dark = times(state.dark);
    this.#news = times(state.news);
    this.#groupOf = new Map();
    this.#groups = state.groups.map((saved) => {
      const members = new Set(known(saved.members));
      const group: Group = { ...saved, members, struck: 0 };
      for (const lift of members) {
        this.#groupOf.set(lift, group);
        if (lift.groupId === group.id) group.struck += 1;
      }
      return group;
    });
  }

  /** Looks for what explains new losses, among all that are lost at about that time; overdue ones count after so many keep-alives. */
  #judge(fresh: readonly LiftState[], all: () => Iterable<LiftState>, overdueKeepAlives: number, rules: Rules): void {
    let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const lift of fresh) {
      // One that waited to be looked at may have been struck with others meanwhile.
      if (lift.groupId !== null) continue;
      const group = this.#groupOf.get(lift);
      if (group !== undefined) {
        this.#strike(group, lift, rules);
        continue;
      }
      from = Math.min(from, this.#lostFrom(lift));
      to = Math.max(to, this.#lostTo(lift));
    }
    if (to < from) return;
    const { withinMs } = rules[HAZARD];
    const meets = (low: number, high: number) => (lift: LiftState) =>
      this.#lostFrom(lift) <= high + withinMs && this.#lostTo(lift) >= low - withinMs;
    const isNear = meets(from, to);
    const struck: LiftState[] = [];
    for (const lift of all()) if (this.#isLost(lift, overdueKeepAlives) && isNear(lift)) struck.push(lift);
    let alone = false;
    for (const lift of struck) {
      if (lift.groupId !== null) continue;
      const group =
        this.#groupOf.get(lift) ?? this.#groups.find((each) => covers(each.scope, lift) && meets(each.lostFrom, each.lostTo)(lift));
      if (group === undefined) alone = true;
      else this.#strike(group, lift, rules);
    }
    if (!alone || struck.length < rules[HAZARD].minLifts) return;
    // What was lost long before was not there to be struck.
    const wasThere = function* (this: MassEvents): Generator<LiftState> {
      for (const lift of all()) if (isCounted(lift) && (!this.#isLost(lift, overdueKeepAlives) || isNear(lift))) yield lift;
    }.bind(this);
    for (const { scope, lifts } of explain(struck, wasThere, rules[HAZARD])) this.#take(scope, lifts, rules);
  }

  /** An event that begins, or that grows out of narrower ones. */
  #take(scope: Scope, lifts: readonly LiftState[], rules: Rules): void {
    const fresh = lifts.filter((lift) => lift.groupId === null);
    if (fresh.length === 0) return;
    const [first, ...others] = this.#groups.filter(
      (group) => lifts.filter(({ groupId }) => groupId === group.id).length >= Math.max(1, group.struck * PART_OF),
    );
    if (first === undefined) {
      if (fresh.length >= rules[HAZARD].minLifts) this.#begin(scope, fresh, rules);
      return;
    }
    const members = [...first.members];
    if (members.filter((lift) => covers(scope, lift)).length >= members.length * PART_OF) {
      first.scope = scope;
      const alert = this.#book.list.live(first.id);
      // It is more than what was shelved.
      if (alert !== undefined && alert.shelvedUntil !== null) this.#book.list.unshelve(alert);
    }
    for (const other of others) this.#absorb(first, other);
    for (const lift of fresh) this.#strike(first, lift, rules);
    this.#tell(first, rules);
  }

  #begin(scope: Scope, lifts: readonly LiftState[], rules: Rules): void {
    const { receivedAt, entry } = this.#moment;
    const eldest = lifts.reduce((first, lift) => (this.#lostFrom(lift) < this.#lostFrom(first) ? lift : first));
    const raisedAt = lifts.reduce((at, lift) => Math.min(at, this.#dark.get(lift) ?? lift.heardAt + staleAfterMs(lift, rules)), receivedAt);
    this.#raised += 1;
    const id = alertId(`${scope.kind} ${scope.name} ${scope.district}`, HAZARD, raisedAt, this.#raised);
    const group: Group = {
      id,
      scope,
      members: new Set(),
      struck: 0,
      lostFrom: Number.POSITIVE_INFINITY,
      lostTo: Number.NEGATIVE_INFINITY,
      backSince: -1,
      backAt: -1,
      changed: false,
    };
    this.#groups.push(group);
    for (const lift of lifts) this.#add(group, lift);
    const alert: Alert = {
      id,
      liftId: eldest.liftId,
      hazard: HAZARD,
      priority: "high",
      evidence: this.#isSure(group, rules) ? "confirmed" : "suspected",
      state: "active",
      acknowledged: false,
      shelvedUntil: null,
      suppressedBy: null,
      raisedAt,
      detectedAt: receivedAt,
      clearedAt: null,
      occurrences: 1,
      groupId: null,
      rule: { version: rules.version, limits: { ...rules[HAZARD] } },
      details: describeEvent(group, this.#dark),
      entries: { first: entry, last: entry },
      lift: shared(group.members),
      ...UNHANDLED,
    };
    group.changed = false;
    this.#book.list.open(alert, rules);
    for (const lift of lifts) this.#book.own(lift, group.lostFrom - rules[HAZARD].withinMs, rules);
  }

  #strike(group: Group, lift: LiftState, rules: Rules): void {
    this.#add(group, lift);
    this.#book.own(lift, group.lostFrom - rules[HAZARD].withinMs, rules);
  }

  #add(group: Group, lift: LiftState): void {
    group.members.add(lift);
    this.#groupOf.set(lift, group);
    lift.groupId = group.id;
    group.struck += 1;
    const lostFrom = this.#lostFrom(lift);
    // A lift that comes and goes within an event says nothing about when it began.
    if (group.backSince < 0) {
      group.lostFrom = Math.min(group.lostFrom, lostFrom);
      group.lostTo = Math.max(group.lostTo, lostFrom);
    }
    group.changed = true;
  }

  #back(lift: LiftState): void {
    lift.groupId = null;
    const group = this.#groupOf.get(lift);
    if (group === undefined) return;
    group.struck -= 1;
    group.changed = true;
  }

  #absorb(into: Group, other: Group): void {
    const alert = this.#book.list.live(other.id);
    for (const lift of other.members) {
      into.members.add(lift);
      this.#groupOf.set(lift, into);
      // Of lifts that are back, too: what it owned is owned to the event's end.
      this.#book.passOn(lift, other.id, into.id);
      if (lift.groupId !== other.id) continue;
      lift.groupId = into.id;
      into.struck += 1;
    }
    into.lostFrom = Math.min(into.lostFrom, other.lostFrom);
    into.lostTo = Math.max(into.lostTo, other.lostTo);
    this.#groups = this.#groups.filter((group) => group !== other);
    if (alert === undefined) return;
    alert.groupId = into.id;
    alert.suppressedBy = `group:${into.id}`;
    this.#book.list.end(alert, this.#moment.receivedAt);
  }

  /** Tells what has changed, and ends the event when all but a few have been back for long enough. */
  #follow(group: Group, rules: Rules): void {
    const { listened, receivedAt } = this.#moment;
    const alert = this.#book.list.live(group.id);
    if (alert === undefined) {
      this.#letGo(group, rules);
      return;
    }
    if (group.struck > Math.min(FEW, Math.floor(group.members.size * FEW_SHARE))) {
      if (group.backSince >= 0) alert.occurrences += 1;
      group.backSince = -1;
    } else if (group.backSince < 0) {
      group.backSince = listened;
      group.backAt = receivedAt;
    }
    if (group.backSince >= 0 && listened - group.backSince >= rules[HAZARD].clearAfterMs) {
      alert.details = describeEvent(group, this.#dark);
      alert.entries = { first: alert.entries.first, last: this.#moment.entry };
      this.#book.list.end(alert, group.backAt);
      this.#letGo(group, rules);
      return;
    }
    const confirmed = alert.evidence === "suspected" && this.#isSure(group, rules);
    if (confirmed || (group.changed && receivedAt - this.#book.list.toldAt(group.id) >= UPDATE_EVERY_MS)) this.#tell(group, rules);
  }

  #tell(group: Group, rules: Rules): void {
    const alert = this.#book.list.live(group.id);
    if (alert === undefined) return;
    const confirmed = alert.evidence === "suspected" && this.#isSure(group, rules);
    if (confirmed) alert.evidence = "confirmed";
    alert.details = describeEvent(group, this.#dark);
    alert.lift = shared(group.members);
    alert.entries = { first: alert.entries.first, last: this.#moment.entry };
    group.changed = false;
    this.#book.list.tell(alert, confirmed ? "confirmed" : "updated");
  }

  #letGo(group: Group, rules: Rules): void {
    this.#groups = this.#groups.filter((each) => each !== group);
    for (const lift of group.members) {
      this.#groupOf.delete(lift);
      if (lift.groupId === group.id) lift.groupId = null;
    }
    for (const lift of group.members) this.#book.disown(lift, group.id, rules);
  }

  /** So many are certainly lost, not only overdue. */
  #isSure(group: Group, rules: Rules): boolean {
    let sure = 0;
    for (const lift of group.members) {
      if (lift.groupId === group.id && (this.#dark.has(lift) || isSilent(lift))) sure += 1;
      if (sure >= rules[HAZARD].minLifts) return true;
    }
    return false;
  }

  /** Without power, silent, or overdue. A mechanic's lift is out of account. */
  #isLost(lift: LiftState, overdueKeepAlives: number): boolean {
    if (!isCounted(lift) || lift.mode === "inspection") return false;
    return this.#dark.has(lift) || isSilent(lift) || this.#moment.listened - lift.heard > overdueKeepAlives * lift.keepAliveS * 1_000;
  }

  /** Between these times, by the monitor's clock, the lift was lost: a silent one with, or soon after, its last word. */
  #lostFrom(lift: LiftState): number {
    return this.#dark.get(lift) ?? lift.heardAt;
  }
  #lostTo(lift: LiftState): number {
    return this.#dark.get(lift) ?? lift.heardAt + lift.keepAliveS * 1_000;
  }
}

function byId(times: ReadonlyMap<LiftState, number>): (readonly [string, number])[] {
  return Array.from(times, ([lift, at]) => [lift.liftId, at] as const);
}

/** Heard once, and in service as far as the register knows. */
function isCounted(lift: LiftState): boolean {
  return lift.heard >= 0 && lift.register?.inService !== false;
}
