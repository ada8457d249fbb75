/**
 * The list of alerts that are not over: those that are active, cleared ones that wait for acknowledgement, and those that
 * somebody is on the way to. It tells changes, takes operators' acts, and lets shelvings and duties run out.
 */
import { beginDuty, isDue, isHandled, missDuty, perform, unshelve, voidDispatch } from "./alert-acts.ts";
import type { ActOutcome, Alert, Change, ChangeKind } from "./effects.ts";
import type { ActEntry } from "./entry.ts";
import type { Rules } from "./rules.ts";

/** Cleared alerts that wait for people; beyond it the oldest leaves the list (its history stays in the store). */
const CLEARED_KEPT = 10_000;
/** Shelvings at once (assumption: far more than people can keep in mind). */
const SHELVES_KEPT = 10_000;

interface Held {
  readonly alert: Alert;
  /** Monitor's time of the last change told. */
  toldAt: number;
}

/**
 * A shelving belongs to the lift and the hazard: it outlasts the alert, or a condition that comes and goes would break out
 * of it at once. A critical alert ends it.
 */
interface Shelf {
  readonly liftId: string;
  readonly hazard: string;
  readonly until: number;
  readonly reason: string | null;
  readonly by: string;
  alertId: string | null;
}

export interface AlertListState {
  readonly changeCount: number;
  readonly alerts: readonly Held[];
  readonly shelves: readonly Shelf[];
}

export class AlertList {
  changeCount = 0;
  #held = new Map<string, Held>();
  #clearedCount = 0;
  #shelves = new Map<string, Shelf>();
  #nextShelfEnd = Number.POSITIVE_INFINITY;
  /** Alerts with a duty whose time runs. */
  #due = new Set<Held>();
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

  /** Takes a new alert in and tells it. */
  open(alert: Alert, rules: Rules): void {
    const held = { alert, toldAt: 0 };
    this.#held.set(alert.id, held);
    this.announce(alert, rules);
  }

  /** Tells that an alert is there: raised, unless it is suppressed or its lift and hazard are shelved. */
  announce(alert: Alert, rules: Rules): void {
    const held = this.#held.get(alert.id);
    if (held === undefined) return;
    if (alert.suppressedBy !== null) {
      this.#tell(held, "suppressed");
      return;
    }
    const shelf = this.#shelves.get(keyOf(alert));
    if (shelf !== undefined && alert.priority === "critical") this.#takeDown(shelf);
    else if (shelf !== undefined) {
      shelf.alertId = alert.id;
      alert.shelvedUntil = shelf.until;
      alert.shelvedReason = shelf.reason;
      alert.by = { ...alert.by, shelve: shelf.by };
      this.#tell(held, "shelved");
      return;
    }
    beginDuty(alert, this.#now, rules);
    if (isDue(alert)) this.#due.add(held);
    this.#tell(held, "raised");
  }

  /** Tells a change that has been made to an alert. */
  tell(alert: Alert, change: ChangeKind): void {
    const held = this.#held.get(alert.id);
    if (held !== undefined) this.#tell(held, change);
  }

  /** It has become graver than what was shelved. */
  unshelve(alert: Alert): void {
    const shelf = this.#shelves.get(keyOf(alert));
    if (shelf !== undefined) this.#takeDown(shelf);
    unshelve(alert);
    this.tell(alert, "unshelved");
  }

  /** Its signal is over. Who has to know of it, or is on the way, keeps it in the list. */
  end(alert: Alert, clearedAt: number): void {
    const held = this.#held.get(alert.id);
    if (held === undefined) return;
    const seen = alert.acknowledged || alert.suppressedBy !== null || alert.shelvedUntil !== null;
    const shelf = alert.shelvedUntil === null ? undefined : this.#shelves.get(keyOf(alert));
    // The next mass event that begins with the same lift is another one.
    if (shelf !== undefined && alert.hazard === "mass-event") this.#takeDown(shelf);
    else if (shelf !== undefined) shelf.alertId = null;
    alert.state = "cleared";
    alert.clearedAt = clearedAt;
    unshelve(alert);
    voidDispatch(alert);
    this.#tell(held, "cleared");
    this.#clearedCount += 1;
    if (seen && !isHandled(alert)) this.#drop(held);
    else if (this.#clearedCount > CLEARED_KEPT) this.#dropOldestCleared();
  }

  act(entry: ActEntry, rules: Rules): ActOutcome {
    const held = this.#held.get(entry.alertId);
    const answer = (code: ActOutcome["code"], message: string): ActOutcome => ({ ok: code === "done", code, act: entry.act, message });
    if (held === undefined) return answer("unknown-alert", `alert ${entry.alertId} is not active and waits for nobody`);
    const { alert } = held;
    const { state } = alert;
    if (entry.act === "shelve" && this.#shelves.size >= SHELVES_KEPT)
      return answer("forbidden-by-state", `${SHELVES_KEPT} alerts are shelved already`);
    const done = perform(alert, entry, this.#now, rules);
    if (typeof done !== "string") return answer(done.code, done.message);
    if (entry.act === "shelve") this.#shelve(alert, entry);
    else if (entry.act === "unshelve" || entry.act === "close") {
      const shelf = this.#shelves.get(keyOf(alert));
      if (shelf?.alertId === alert.id) this.#takeDown(shelf);
    }
    if (isDue(alert)) this.#due.add(held);
    if (state !== alert.state) this.#clearedCount += 1;
    this.#tell(held, done, entry);
    if (alert.state === "cleared" && alert.acknowledged && !isHandled(alert)) this.#drop(held);
    return answer("done", done);
  }

  /** A second has passed: shelvings end, and duties are missed. */
  tick(): void {
    if (this.#now >= this.#nextShelfEnd) {
      for (const shelf of this.#shelves.values()) {
        if (shelf.until > this.#now) continue;
        this.#shelves.delete(keyOf(shelf));
        const alert = shelf.alertId === null ? undefined : this.live(shelf.alertId);
        if (alert === undefined) continue;
        unshelve(alert);
        this.tell(alert, "unshelved");
      }
      this.#findShelfEnd();
    }
    if (this.#due.size === 0) return;
    const missed = [...this.#due].filter(({ alert }) => missDuty(alert, this.#now));
    // By id: the order in which duties began is not in a snapshot.
    for (const held of missed.sort((a, b) => (a.alert.id < b.alert.id ? -1 : 1))) this.#tell(held, "updated");
    for (const held of this.#due) if (!isDue(held.alert) || !this.#held.has(held.alert.id)) this.#due.delete(held);
  }

  /** Rarely: marks alerts that have been active for long. */
  markStale(rules: Rules): void {
    const before = this.#now - rules.alerts.staleAfterMs;
    for (const held of this.#held.values()) {
      const { alert } = held;
      // The list is in the order of detection.
      if (alert.detectedAt > before) return;
      if (alert.stale || alert.state !== "active") continue;
      alert.stale = true;
      this.#tell(held, "updated");
    }
  }

  /** The alert as it is: not to be kept. */
  live(id: string): Alert | undefined {
    return this.#held.get(id)?.alert;
  }

  /** Monitor's time at which an alert was last told. */
  toldAt(id: string): number {
    return this.#held.get(id)?.toldAt ?? 0;
  }

  /** Copies: callers may keep them. */
  *all(): Generator<Alert> {
    for (const { alert } of this.#held.values()) yield copy(alert);
  }

  find(id: string): Alert | null {
    const alert = this.live(id);
    return alert === undefined ? null : copy(alert);
  }

  state(): AlertListState {
    return { changeCount: this.changeCount, alerts: [...this.#held.values()], shelves: [...this.#shelves.values()] };
  }

  restore(state: AlertListState): void {
    this.changeCount = state.changeCount;
    this.#held = new Map(state.alerts.map((held) => [held.alert.id, held]));
    this.#shelves = new Map(state.shelves.map((shelf) => [keyOf(shelf), shelf]));
    this.#clearedCount = state.alerts.filter((held) => held.alert.state === "cleared").length;
    this.#due = new Set(state.alerts.filter((held) => isDue(held.alert)));
    this.#findShelfEnd();
  }

  #shelve(alert: Alert, { by }: ActEntry): void {
    const { liftId, hazard, id, shelvedUntil, shelvedReason } = alert;
    if (shelvedUntil === null) return;
    this.#shelves.set(keyOf(alert), { liftId, hazard, until: shelvedUntil, reason: shelvedReason, by, alertId: id });
    this.#nextShelfEnd = Math.min(this.#nextShelfEnd, shelvedUntil);
  }

  #takeDown(shelf: Shelf): void {
    this.#shelves.delete(keyOf(shelf));
    this.#findShelfEnd();
  }

  #findShelfEnd(): void {
    this.#nextShelfEnd = Number.POSITIVE_INFINITY;
    for (const { until } of this.#shelves.values()) this.#nextShelfEnd = Math.min(this.#nextShelfEnd, until);
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
      note: act?.note ?? act?.reason ?? null,
      alert: copy(held.alert),
    });
  }

  #drop(held: Held): void {
    this.#held.delete(held.alert.id);
    if (held.alert.state === "cleared") this.#clearedCount -= 1;
  }

  #dropOldestCleared(): void {
    for (const held of this.#held.values()) {
      if (held.alert.state !== "cleared") continue;
      this.#drop(held);
      return;
    }
  }
}

function keyOf({ liftId, hazard }: { readonly liftId: string; readonly hazard: string }): string {
  return `${liftId}\n${hazard}`;
}

/** One level deep: what lies below is replaced, never mutated. */
function copy(alert: Alert): Alert {
  return { ...alert };
}
