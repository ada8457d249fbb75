/** What two sets of limits make of the same entries: alerts gained, lost and moved (docs/replay.md). Pure; times are ms since the epoch. */
import { HAZARDS, PRIORITIES, type Change, type Hazard, type Priority } from "../core/effects.ts";

/** One alert, folded from its changes: the gravest that was told of it. */
export interface SeenAlert {
  readonly id: string;
  readonly liftId: string;
  readonly hazard: Hazard;
  readonly raisedAt: number;
  readonly detectedAt: number;
  priority: Priority;
  evidence: "suspected" | "confirmed";
  /** Suppressed by design from beginning to end. */
  suppressed: boolean;
  clearedAt: number | null;
}

export class SeenAlerts {
  readonly #alerts = new Map<string, SeenAlert>();
  changes = 0;

  get size(): number {
    return this.#alerts.size;
  }

  add({ alert }: Change): void {
    this.changes += 1;
    const seen = this.#alerts.get(alert.id);
    if (seen === undefined) {
      const { id, liftId, hazard, raisedAt, detectedAt, priority, evidence, clearedAt } = alert;
      this.#alerts.set(id, {
        id,
        liftId,
        hazard,
        raisedAt,
        detectedAt,
        priority,
        evidence,
        suppressed: alert.suppressedBy !== null,
        clearedAt,
      });
      return;
    }
    if (PRIORITIES.indexOf(alert.priority) < PRIORITIES.indexOf(seen.priority)) seen.priority = alert.priority;
    if (alert.evidence === "confirmed") seen.evidence = "confirmed";
    if (alert.suppressedBy === null) seen.suppressed = false;
    seen.clearedAt = alert.clearedAt;
  }

  list(): SeenAlert[] {
    return [...this.#alerts.values()];
  }
}

/** The same event, told otherwise: which fields differ. */
export interface Moved {
  readonly rules: SeenAlert;
  readonly against: SeenAlert;
  readonly what: readonly ("raisedAt" | "detectedAt" | "clearedAt" | "priority" | "evidence" | "suppressed")[];
}

export interface HazardCounts {
  readonly hazard: Hazard | "all";
  /** Alerts under each set; rules = same + gained + moved, against = same + lost + moved. */
  readonly rules: number;
  readonly against: number;
  readonly same: number;
  readonly gained: number;
  readonly lost: number;
  readonly moved: number;
}

export interface Comparison {
  /** Of the hazards that occur, most dangerous first, and last of all together. */
  readonly hazards: readonly HazardCounts[];
  /** Told with `rules` only, and with `against` only. */
  readonly gained: readonly SeenAlert[];
  readonly lost: readonly SeenAlert[];
  readonly moved: readonly Moved[];
}

const FIELDS = ["raisedAt", "detectedAt", "clearedAt", "priority", "evidence", "suppressed"] as const;

/**
 * Alerts of one lift and hazard are of the same event when they have the same id, or when the time of one touches the time of the other:
 * other limits raise it earlier or later, and ids follow from that time.
 */
export function compare(rules: readonly SeenAlert[], against: readonly SeenAlert[]): Comparison {
  const others = new Map<string, Set<SeenAlert>>();
  for (const alert of against.toSorted(byTime)) {
    const list = others.get(keyOf(alert));
    if (list === undefined) others.set(keyOf(alert), new Set([alert]));
    else list.add(alert);
  }
  const pairs: (readonly [SeenAlert, SeenAlert])[] = [];
  const pair = (alert: SeenAlert, isSame: (other: SeenAlert) => boolean): boolean => {
    const candidates = others.get(keyOf(alert));
    for (const other of candidates ?? []) {
      if (!isSame(other)) continue;
      candidates?.delete(other);
      pairs.push([alert, other]);
      return true;
    }
    return false;
  };
  const rest = rules.toSorted(byTime).filter((alert) => !pair(alert, (other) => other.id === alert.id));
  const gained = rest.filter((alert) => !pair(alert, (other) => touch(alert, other)));
  const lost = [...others.values()].flatMap((list) => [...list]).sort(byTime);
  const moved = pairs
    .map(([one, other]): Moved => ({ rules: one, against: other, what: FIELDS.filter((field) => one[field] !== other[field]) }))
    .filter(({ what }) => what.length > 0)
    .sort((a, b) => byTime(a.rules, b.rules));
  const count = (hazard: Hazard | "all"): HazardCounts => {
    const of = <T>(list: readonly T[], alertOf: (item: T) => SeenAlert): number =>
      hazard === "all" ? list.length : list.reduce((sum, item) => sum + Number(alertOf(item).hazard === hazard), 0);
    const changed = of(moved, (each) => each.rules);
    return {
      hazard,
      rules: of(rules, itself),
      against: of(against, itself),
      same: of(pairs, ([one]) => one) - changed,
      gained: of(gained, itself),
      lost: of(lost, itself),
      moved: changed,
    };
  };
  const occurs = new Set([...rules, ...against].map(({ hazard }) => hazard));
  return { hazards: [...HAZARDS.filter((hazard) => occurs.has(hazard)), "all" as const].map(count), gained, lost, moved };
}

function itself(alert: SeenAlert): SeenAlert {
  return alert;
}

function keyOf({ liftId, hazard }: SeenAlert): string {
  return `${liftId} ${hazard}`;
}

function touch(a: SeenAlert, b: SeenAlert): boolean {
  return a.raisedAt <= (b.clearedAt ?? Infinity) && b.raisedAt <= (a.clearedAt ?? Infinity);
}

function byTime(a: SeenAlert, b: SeenAlert): number {
  return a.raisedAt - b.raisedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
