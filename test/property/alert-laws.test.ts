import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ENTRAPMENTS, type Alert, type Change } from "../../src/core/effects.ts";
import { ACTS, type Entry } from "../../src/core/entry.ts";
import { UNLISTED, LiftState } from "../../src/core/lift-state.ts";
import { createMonitor, type Monitor } from "../../src/core/monitor.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";
import { Silences } from "../../src/core/silence.ts";
import { district } from "../golden/fleet-timeline.ts";

const SEED = 20_261_122;
const START = 1_767_225_600_000;
/** Two buildings of six lifts, of one district. */
const LIFTS = district("武江", "W", 2, 6);
const runs = { seed: SEED, numRuns: 80 };

/** Something that happens: to one lift, to a building, to all; and what a person does then about some alert. */
const step = fc.record({
  waitS: fc.constantFrom(0, 0, 1, 3, 20, 70, 200),
  what: fc.constantFrom("powerOff", "powerOn", "trapped", "freed", "fault", "faultOver", "alive", "alive"),
  whom: fc.oneof(
    fc.nat(LIFTS.length - 1).map((lift) => [lift]),
    fc.constantFrom([0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
  ),
  /** One after the other, on the same alert. */
  acts: fc.oneof(
    fc.array(fc.constantFrom(...ACTS), { maxLength: 3 }),
    fc.constantFrom(["dispatch", "arrive", "rescue", "close"] as const, ["shelve"] as const),
  ),
  which: fc.nat(20),
  reason: fc.constantFrom("because", null),
  minutes: fc.constantFrom(1, 5, 600, null),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const story = fc.array(step, { minLength: 8, maxLength: 30 });

const SAYS: Readonly<Record<Step["what"], readonly (readonly [string, object])[]>> = {
  powerOff: [["status", { powered: false }]],
  powerOn: [["status", { powered: true }]],
  trapped: [
    ["status", { persons: 1 }],
    ["door", { state: "closed" }],
    ["speed", { speedMps: 0, doorZone: false }],
  ],
  freed: [
    ["speed", { speedMps: 0, doorZone: true }],
    ["door", { state: "open" }],
    ["status", { persons: 0 }],
  ],
  fault: [["fault", { code: "08" }]],
  faultOver: [["fault", { code: "08", active: false }]],
  alive: [["status", { mode: "normal" }]],
};

const newMonitor = () => createMonitor(LIFTS, DEFAULT_RULES);

/** The story as a journal; acts are on alerts that the monitor had then. */
function journal(steps: readonly Step[]): Entry[] {
  const scout = newMonitor();
  const entries: Entry[] = [];
  const seqs = LIFTS.map(() => 0);
  let now = START;
  const add = (entry: object) => {
    const whole = { seq: entries.length + 1, receivedAt: now, ...entry } as Entry;
    entries.push(whole);
    scout.apply(whole);
  };
  const wait = (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      now += 1_000;
      add({ kind: "tick" });
    }
  };
  for (const { waitS, what, whom, acts, which, reason, minutes } of steps) {
    wait(waitS);
    for (const lift of whom) {
      for (const [channel, fields] of SAYS[what]) {
        const seq = seqs[lift] ?? 0;
        seqs[lift] = seq + 1;
        const liftId = LIFTS[lift]?.liftId ?? "";
        const payload = JSON.stringify({ at: now, seq, ...fields });
        add({ kind: "message", topic: `lifts/${liftId}/${channel}`, payload, source: liftId, refusal: null });
      }
    }
    const alerts = scout.alerts();
    const alertId = alerts[which % alerts.length]?.id ?? "none";
    for (const act of acts) add({ kind: "act", act, alertId, by: "li", note: null, reason, until: null, minutes });
  }
  wait(250);
  return entries;
}

const foldAll = (monitor: Monitor, entries: readonly Entry[]): string => JSON.stringify(entries.map((entry) => monitor.apply(entry)));

/** What must never be, of one alert as it is told. */
function wrongWith({ change, alert, at }: Change): string[] {
  const wrong: string[] = [];
  const { dispatchedAt, arrivedAt, rescuedAt, closedAt } = alert;
  if (ENTRAPMENTS.has(alert.hazard) && (alert.shelvedUntil !== null || alert.groupId !== null)) wrong.push("people shut in are hidden");
  if (alert.groupId !== null && alert.priority === "critical") wrong.push("something critical is explained away");
  if (alert.groupId !== null && alert.suppressedBy !== `group:${alert.groupId}`) wrong.push("owned, and paged");
  if (alert.shelvedUntil !== null && alert.shelvedUntil > at + DEFAULT_RULES.alerts.shelveMostMs) wrong.push("shelved for too long");
  if (alert.shelvedUntil !== null && alert.state === "cleared") wrong.push("over, and shelved");
  const times = [dispatchedAt, arrivedAt, rescuedAt].filter((time) => time !== null);
  if (arrivedAt !== null && dispatchedAt === null) wrong.push("arrived without a dispatch");
  if (rescuedAt !== null && arrivedAt === null) wrong.push("rescued by nobody");
  if (times.some((time, index) => index > 0 && time < (times[index - 1] ?? 0))) wrong.push("times out of order");
  if (closedAt !== null && change !== "closed") wrong.push("closed, and not over");
  if ((alert.state === "cleared") !== (alert.clearedAt !== null)) wrong.push("cleared without a time");
  if (alert.acknowledged !== (alert.acknowledgedAt !== null)) wrong.push("acknowledged without a time");
  if (ENTRAPMENTS.has(alert.hazard) && (alert.duty === null) !== (alert.suppressedBy !== null))
    wrong.push("an entrapment without its duty");
  return wrong.map((what) => `${what}: ${change} ${JSON.stringify(alert)}`);
}

describe(`the life of alerts (seed ${SEED})`, () => {
  test("L2 and L3 hold through acts, shelvings, duties and mass events: a snapshot at any entry changes nothing", () => {
    let events = 0;
    let shelvings = 0;
    fc.assert(
      fc.property(story, fc.double({ min: 0, max: 1, noNaN: true }), (steps, where) => {
        const entries = journal(steps);
        const cut = Math.floor(where * entries.length);
        const whole = newMonitor();
        const head = foldAll(whole, entries.slice(0, cut));
        expect(foldAll(newMonitor(), entries.slice(0, cut))).toBe(head);
        const saved = JSON.stringify(whole.snapshot());
        const restored = createMonitor([], DEFAULT_RULES);
        restored.restore(JSON.parse(saved));
        expect(JSON.stringify(restored.snapshot())).toBe(saved);
        const tail = foldAll(whole, entries.slice(cut));
        expect(foldAll(restored, entries.slice(cut))).toBe(tail);
        expect(JSON.stringify(restored.snapshot())).toBe(JSON.stringify(whole.snapshot()));
        events += head.split('"hazard":"mass-event"').length - 1;
        shelvings += `${head}${tail}`.split('"change":"shelved"').length - 1;
      }),
      runs,
    );
    expect(events).toBeGreaterThan(50);
    expect(shelvings).toBeGreaterThan(20);
  });

  test("any sequence of acts keeps what must always be, and each alert ends once", () => {
    const counted: Record<string, number> = {};
    fc.assert(
      fc.property(story, (steps) => {
        const monitor = newMonitor();
        const active = new Map<string, string>();
        const over = new Set<string>();
        const wrong: string[] = [];
        for (const entry of journal(steps)) {
          const effects = monitor.apply(entry);
          if (effects.outcome !== null && !effects.outcome.ok && effects.changes.length > 0) wrong.push("a refused act changed something");
          for (const change of effects.changes) {
            const { alert } = change;
            const key = `${alert.liftId} ${alert.hazard}`;
            counted[change.change] = (counted[change.change] ?? 0) + 1;
            wrong.push(...wrongWith(change));
            if (alert.state === "active") {
              if (over.has(alert.id)) wrong.push(`${alert.id} came back from the dead`);
              if ((active.get(key) ?? alert.id) !== alert.id) wrong.push(`${key} is active twice`);
              active.set(key, alert.id);
            } else {
              over.add(alert.id);
              if (active.get(key) === alert.id) active.delete(key);
            }
          }
          wrong.push(...ownerless(monitor.alerts()));
        }
        expect(wrong).toEqual([]);
      }),
      { ...runs, numRuns: 80 },
    );
    for (const change of [
      "raised",
      "cleared",
      "acknowledged",
      "shelved",
      "unshelved",
      "dispatched",
      "arrived",
      "rescued",
      "closed",
      "suppressed",
    ])
      expect(counted[change], change).toBeGreaterThan(5);
  });
});

/** Owned alerts whose owner is not there. */
function ownerless(alerts: readonly Alert[]): string[] {
  const events = new Set(alerts.filter(({ hazard, state }) => hazard === "mass-event" && state === "active").map(({ id }) => id));
  return alerts
    .filter(({ groupId, state }) => groupId !== null && state === "active" && !events.has(groupId))
    .map(({ id, hazard }) => `${hazard} ${id} has no owner`);
}

const dueAtOf = (lift: LiftState): number => (lift.heard < 0 ? Number.POSITIVE_INFINITY : lift.heard + lift.keepAliveS * 1_000);

describe("the list of silences to come", () => {
  const moves = fc.array(
    fc.record({ waitMs: fc.integer({ min: 0, max: 4_000 }), heard: fc.array(fc.nat(9)), keepAliveS: fc.integer({ min: 1, max: 6 }) }),
    {
      maxLength: 60,
    },
  );
  test(`finds the same lifts at the same time, in the same order, as looking at all of them (seed ${SEED})`, () => {
    let found = 0;
    fc.assert(
      fc.property(moves, (steps) => {
        const lifts = Array.from({ length: 10 }, (_, index) => new LiftState(`L${index}`, index, 0));
        const silences = new Silences();
        let now = 0;
        for (const { waitMs, heard, keepAliveS } of steps) {
          now += waitMs;
          for (const index of heard) {
            const lift = lifts[index];
            if (lift === undefined) continue;
            lift.heard = now;
            lift.keepAliveS = keepAliveS;
            silences.list(lift, dueAtOf(lift));
          }
          const all = lifts.filter((lift) => dueAtOf(lift) < now);
          const taken = silences.take(now, dueAtOf);
          expect(taken.map(({ liftId }) => liftId)).toEqual(all.map(({ liftId }) => liftId));
          found += taken.length;
          // Found once; heard again it is expected again.
          for (const lift of taken) {
            expect(lift.silenceDue).toBe(UNLISTED);
            lift.heard = -1;
          }
        }
      }),
      { ...runs, numRuns: 500 },
    );
    expect(found).toBeGreaterThan(500);
  });
});
