/** Changes and plans for the tests of notifications. */
import type { Alert, Change } from "../../src/core/effects.ts";
import { makeAlert } from "../integration/api-double.ts";
import { decide, type Surroundings } from "../../src/notify/decide.ts";
import type { Delivery } from "../../src/notify/delivery.ts";
import { planSchema, type Plan } from "../../src/notify/plan.ts";
import { OutboxState, type Decision } from "../../src/notify/state.ts";

/** Monitor's time of the first change, ms since the epoch. */
export const START = Date.UTC(2026, 10, 22, 10, 0);
export const MINUTE_MS = 60_000;

export function alertOf(id: string, fields: Partial<Alert> = {}): Alert {
  return makeAlert(id, {
    liftId: `L-${id}`,
    hazard: "entrapment",
    evidence: "suspected",
    raisedAt: START - 1_000,
    detectedAt: START,
    details: { floor: 5, persons: 2 },
    ...fields,
  });
}

/** Numbers changes as a journal does: entry 2n holds change n. */
export function changeMaker() {
  let n = 0;
  return (change: Change["change"], alert: Alert, minutes = 0): Change => {
    n += 1;
    return { n, seq: 2 * n, at: START + minutes * MINUTE_MS, change, by: null, note: null, alert };
  };
}

export interface PlanText {
  readonly targets?: Record<string, unknown>;
  readonly routes: readonly Record<string, unknown>[];
  readonly giveUpAfterMinutes?: number;
}

const DESK = { kind: "webhook", url: "http://127.0.0.1:9/desk" };

export function planOf({ targets = {}, routes, ...rest }: PlanText): Plan {
  const parsed = planSchema.parse({ targets: { desk: DESK, chief: DESK, ...targets }, routes, ...rest });
  return {
    ...parsed,
    routes: parsed.routes.map((route, index) => ({ ...route, name: route.name ?? `route-${index + 1}` })),
    secrets: new Map(),
  };
}

/** An outbox without a disk: decides, applies, and tells what is new. */
export class Decider {
  readonly state = new OutboxState(1_000);
  readonly decisions: Decision[] = [];
  readonly #around: Surroundings;
  #to = 0;

  constructor(plan: Plan, around: Partial<Surroundings> = {}) {
    this.#around = { plan, now: START, factsOf: () => null, waiting: 2_000, waitingMost: 5_000, watches: 1_000, ...around };
  }

  /** What a stretch of the journal brings; time goes on to `minutes` after the start. */
  stretch(changes: readonly Change[], minutes = 0): readonly Delivery[] {
    this.#to = Math.max(this.#to + 1, changes.at(-1)?.seq ?? 0);
    const decision = decide(this.state, { to: this.#to, changes, time: START + minutes * MINUTE_MS }, this.#around);
    this.decisions.push(decision);
    this.state.apply(decision);
    return decision.deliveries;
  }

  /** The same, as `target key`. */
  keys(changes: readonly Change[], minutes = 0): string[] {
    return this.stretch(changes, minutes).map(({ target, key }) => `${target} ${key}`);
  }
}
