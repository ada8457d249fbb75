import { describe, expect, test } from "vitest";
import type { Alert } from "../../src/core/effects.ts";
import { OutboxState } from "../../src/notify/state.ts";
import { alertOf, changeMaker, Decider, MINUTE_MS, planOf, START } from "./notify-rows.ts";

const ALL = { to: ["desk"] };
const low = (id: string, fields: Partial<Alert> = {}) =>
  alertOf(id, { hazard: "door-held-open", priority: "low", evidence: "confirmed", ...fields });

const speeding = (priority: Alert["priority"]) => alertOf("A", { hazard: "overspeed", priority, evidence: "confirmed" });
const SEVERAL_DISTRICTS: Partial<Alert> = {
  hazard: "mass-event",
  lift: { district: null, building: null, firm: null },
  details: { districts: ["武江", "浈江"] },
};
const over = () => changeMaker()("cleared", alertOf("A", { state: "cleared" }));

describe("routing", () => {
  const cases: readonly (readonly [name: string, when: object, alert: Partial<Alert>, goes: boolean])[] = [
    ["no condition takes everything", {}, {}, true],
    ["the priority that is asked for", { priority: ["high", "critical"] }, {}, true],
    ["another priority", { priority: ["high"] }, {}, false],
    ["the hazard", { hazard: ["entrapment"] }, {}, true],
    ["another hazard", { hazard: ["overspeed"] }, {}, false],
    ["the district", { district: ["浈江", "武江"] }, {}, true],
    ["a mass event in several districts, one of them", { district: ["浈江"] }, SEVERAL_DISTRICTS, true],
    ["a mass event elsewhere", { district: ["曲江"] }, SEVERAL_DISTRICTS, false],
    ["another district", { district: ["浈江"] }, {}, false],
    ["a lift whose district is unknown", { district: ["武江"] }, { lift: { district: null, building: "B1", firm: "F1" } }, false],
    ["the firm", { firm: ["F1"] }, {}, true],
    ["another firm", { firm: ["F2"] }, {}, false],
    ["the building", { building: ["B1"] }, {}, true],
    ["another building", { building: ["B2"] }, {}, false],
    ["all conditions but one", { priority: ["critical"], firm: ["F1"], building: ["B2"] }, {}, false],
    ["another change", { change: ["acknowledged"] }, {}, false],
  ];
  test.each(cases)("%s", (_name, when, fields, goes) => {
    const outbox = new Decider(planOf({ routes: [{ when, to: ["desk"] }] }));
    expect(outbox.keys([changeMaker()("raised", alertOf("A", fields))])).toEqual(goes ? ["desk A:1"] : []);
  });

  test("a target of several routes is told once, with the change's own key; each target has a message of its own", () => {
    const change = changeMaker();
    const outbox = new Decider(planOf({ routes: [ALL, { to: ["desk", "chief"] }] }));
    expect(outbox.keys([change("raised", alertOf("A")), change("confirmed", alertOf("A", { evidence: "confirmed" }))])).toEqual([
      "desk A:1",
      "chief A:1",
      "desk A:2",
      "chief A:2",
    ]);
    expect(new Set(outbox.state.pending.keys()).size).toBe(4);
  });

  test("an update is told only where it makes the alert the business of a route that has not told of it", () => {
    const change = changeMaker();
    const outbox = new Decider(planOf({ routes: [{ when: { priority: ["critical"] }, to: ["desk"] }] }));
    expect(outbox.keys([change("raised", speeding("high")), change("updated", speeding("high"))])).toEqual([]);
    expect(outbox.keys([change("updated", speeding("critical")), change("updated", speeding("critical"))])).toEqual(["desk A:3"]);
    expect(outbox.keys([change("cleared", { ...speeding("critical"), state: "cleared" })])).toEqual(["desk A:5"]);
    expect(outbox.state.watches.size).toBe(0);
  });

  test("the end of what was never told is not told either, unless a route asks for ends alone", () => {
    expect(new Decider(planOf({ routes: [ALL] })).keys([over()])).toEqual([]);
    expect(new Decider(planOf({ routes: [{ when: { change: ["cleared"] }, to: ["desk"] }] })).keys([over()])).toEqual(["desk A:1"]);
  });
});

describe("quiet", () => {
  const silent: readonly (readonly [string, Partial<Alert>])[] = [
    ["a lift in inspection", { suppressedBy: "mode:inspection" }],
    ["a lift out of service", { suppressedBy: "mode:out-of-service", priority: "high" }],
    ["a shelved alert", { shelvedUntil: START + MINUTE_MS, hazard: "overspeed" }],
    ["a member of a mass event", { groupId: "G", hazard: "silent", priority: "medium" }],
    ["an uncritical alert of a late backlog", { hazard: "overspeed", priority: "high", details: { backlog: true } }],
  ];
  test.each(silent)("%s notifies nobody", (_name, fields) => {
    const outbox = new Decider(planOf({ routes: [ALL] }));
    expect(outbox.keys([changeMaker()("raised", alertOf("A", fields))])).toEqual([]);
  });

  const loud: readonly (readonly [string, Partial<Alert>])[] = [
    ["an entrapment that somebody shelved", { shelvedUntil: START + MINUTE_MS }],
    ["an entrapment within a mass event", { groupId: "G" }],
    ["a mass event", { groupId: "G", hazard: "mass-event", priority: "high" }],
    ["an entrapment of a late backlog", { details: { backlog: true } }],
  ];
  test.each(loud)("%s notifies", (_name, fields) => {
    const outbox = new Decider(planOf({ routes: [ALL] }));
    expect(outbox.keys([changeMaker()("raised", alertOf("A", fields))])).toEqual(["desk A:1"]);
  });

  test("what was told and then suppressed is told of its end; what is raised after the maintenance is told again", () => {
    const change = changeMaker();
    const outbox = new Decider(planOf({ routes: [ALL] }));
    const fields: Partial<Alert> = { hazard: "overspeed", priority: "high" };
    expect(outbox.keys([change("raised", alertOf("A", fields))])).toEqual(["desk A:1"]);
    expect(outbox.keys([change("suppressed", alertOf("A", { ...fields, suppressedBy: "mode:inspection" }))])).toEqual([]);
    expect(outbox.keys([change("raised", alertOf("A", fields))])).toEqual(["desk A:3"]);
    expect(outbox.keys([change("cleared", alertOf("A", { ...fields, suppressedBy: "mode:inspection", state: "cleared" }))])).toEqual([
      "desk A:4",
    ]);
  });

  test("a route that names shelving hears of it", () => {
    const outbox = new Decider(planOf({ routes: [{ when: { change: ["shelved"] }, to: ["chief"] }] }));
    expect(outbox.keys([changeMaker()("shelved", low("A", { shelvedUntil: START }))])).toEqual(["chief A:1"]);
  });
});

describe("escalation", () => {
  const plan = planOf({
    routes: [
      {
        to: ["desk"],
        escalate: [
          { afterMinutes: 5, to: ["chief"] },
          { afterMinutes: 15, to: ["chief", "desk"] },
        ],
      },
    ],
  });

  test("tells the next targets when nobody has acknowledged, each step once, at its own time", () => {
    const outbox = new Decider(plan);
    expect(outbox.keys([changeMaker()("raised", alertOf("A"))])).toEqual(["desk A:1"]);
    expect(outbox.keys([], 4.9)).toEqual([]);
    const [first] = outbox.stretch([], 5.5);
    expect(first).toMatchObject({ target: "chief", key: "A:1:e5", kind: "escalation", at: START + 5 * MINUTE_MS });
    expect(outbox.keys([], 14)).toEqual([]);
    expect(outbox.keys([], 60)).toEqual(["chief A:1:e15", "desk A:1:e15"]);
    expect(outbox.keys([], 600)).toEqual([]);
    expect(outbox.state.watches.get("A")).toMatchObject({ steps: [], change: null });
  });

  test.each([
    ["acknowledged", { acknowledged: true }],
    ["cleared", { state: "cleared" }],
    ["suppressed", { suppressedBy: "mode:inspection" }],
  ] as const)("ends when the alert is %s", (kind, fields) => {
    const change = changeMaker();
    const outbox = new Decider(plan);
    outbox.keys([change("raised", alertOf("A"))]);
    outbox.keys([change(kind, alertOf("A", fields), 4)], 4);
    expect(outbox.keys([], 60)).toEqual([]);
  });

  test("does not depend on how the journal is cut: an act before the time counts, even when both are seen at once", () => {
    const change = changeMaker();
    const raised = change("raised", alertOf("A"));
    const late = change("acknowledged", alertOf("A", { acknowledged: true }), 6);
    expect(new Decider(plan).keys([raised, late], 60)).toEqual(["desk A:1", "chief A:1:e5"]);
    const early = { ...late, at: START + 4 * MINUTE_MS };
    expect(new Decider(plan).keys([raised, early], 60)).toEqual(["desk A:1"]);
  });

  test("goes on for a shelved entrapment, and begins again for other alerts when they come back from the shelf", () => {
    const change = changeMaker();
    const entrapment = new Decider(plan);
    entrapment.keys([change("raised", alertOf("A")), change("shelved", alertOf("A", { shelvedUntil: START + 60 * MINUTE_MS }), 1)]);
    expect(entrapment.keys([], 6)).toEqual(["chief A:2:e5"]);
    const other = new Decider(plan);
    const fields: Partial<Alert> = { hazard: "overspeed" };
    other.keys([change("raised", alertOf("B", fields)), change("shelved", alertOf("B", { ...fields, shelvedUntil: START + 1 }), 1)], 1);
    expect(other.keys([], 20)).toEqual([]);
    expect(other.keys([change("unshelved", alertOf("B", fields), 30)], 30)).toEqual([]);
    expect(other.keys([], 36)).toEqual(["chief B:5:e5"]);
  });
});

describe("the rate of a target", () => {
  const limited = { kind: "webhook", url: "http://127.0.0.1:9/", rate: { messages: 3, perMinutes: 10 } };
  const plan = planOf({ targets: { desk: limited }, routes: [ALL] });

  test("turns a flood of 1,000 into a few messages and one summary, and lets what is critical pass", () => {
    const change = changeMaker();
    const outbox = new Decider(plan);
    const flood = Array.from({ length: 1_000 }, (_, index) => change("raised", low(`F${index}`), index / 1_000));
    expect(outbox.keys(flood)).toEqual(["desk F0:1", "desk F1:2", "desk F2:3"]);
    expect(outbox.keys([change("raised", alertOf("A"), 2)], 2)).toEqual(["desk A:1001"]);
    const [summary, ...more] = outbox.stretch([], 11);
    expect(more).toEqual([]);
    expect(summary).toMatchObject({
      kind: "summary",
      target: "desk",
      alertId: null,
      priority: "low",
      at: START + 10 * MINUTE_MS,
      content: { summary: { changes: 997, byPriority: { low: 997 }, byHazard: { "door-held-open": 997 }, byDistrict: { 武江: 997 } } },
    });
    expect(outbox.keys([change("raised", low("Z"), 12)], 12)).toEqual(["desk Z:1002"]);
  });

  test("the end of what a summary told of is not told by itself", () => {
    const change = changeMaker();
    const outbox = new Decider(plan);
    outbox.keys(["A", "B", "C", "D"].map((id) => change("raised", low(id))));
    expect(
      outbox.keys(
        ["C", "D"].map((id) => change("cleared", low(id, { state: "cleared" }), 11)),
        11,
      ),
    ).toContain("desk C:5");
    expect([...outbox.state.pending.values()].filter(({ alertId }) => alertId === "D")).toEqual([]);
  });

  test("what waits for a target that is away goes into its summary beyond a bound; beyond another the oldest uncritical is given up", () => {
    const change = changeMaker();
    const outbox = new Decider(planOf({ routes: [ALL] }), { waiting: 2, waitingMost: 4 });
    outbox.keys(["A", "B", "C"].map((id) => change("raised", low(id))));
    expect([...outbox.state.pending.values()].map(({ alertId }) => alertId)).toEqual(["A", "B"]);
    outbox.keys(["D", "E", "F"].map((id) => change("raised", alertOf(id))));
    expect([...outbox.state.pending.values()].map(({ alertId }) => alertId)).toEqual(["B", "D", "E", "F"]);
    expect(outbox.state.finished).toMatchObject([{ alertId: "A", outcome: "failed" }]);
  });
});

describe("the state", () => {
  const plan = planOf({ routes: [{ to: ["desk"], escalate: [{ afterMinutes: 5, to: ["chief"] }] }] });

  test("is the same from its lines as it was, and a line that comes twice changes nothing", () => {
    const change = changeMaker();
    const outbox = new Decider(plan);
    outbox.keys([change("raised", alertOf("A")), change("raised", low("B"))]);
    outbox.keys([change("acknowledged", alertOf("A", { acknowledged: true }), 1)], 6);
    const again = new OutboxState(1_000);
    for (const line of outbox.state.lines()) again.apply(line);
    for (const decision of outbox.decisions) again.apply(decision);
    expect(again.lines()).toEqual(outbox.state.lines());
    expect(again.pending.size).toBe(3);
  });

  test("what is too old is recorded and not sent: a journal that was followed late does not flood anyone", () => {
    const change = changeMaker();
    const outbox = new Decider(planOf({ routes: [ALL], giveUpAfterMinutes: 30 }), { now: START + 60 * MINUTE_MS });
    expect(outbox.keys([change("raised", low("A"), 1), change("raised", low("B"), 31), change("raised", alertOf("C"), 32)])).toEqual([
      "desk B:2",
      "desk C:3",
    ]);
    expect(outbox.state.finished).toMatchObject([{ key: "A:1", outcome: "expired" }]);
  });

  test("keeps as many watches as it may, and lets go of the oldest", () => {
    const change = changeMaker();
    const outbox = new Decider(plan, { watches: 3 });
    for (const id of ["A", "B", "C", "D", "E"]) outbox.keys([change("raised", alertOf(id))]);
    expect(outbox.state.watches.size).toBeLessThanOrEqual(3);
    expect(outbox.state.watches.has("E")).toBe(true);
  });

  test("the members of a mass event do not travel with it", () => {
    const liftIds = Array.from({ length: 4_697 }, (_, index) => `L${index}`);
    const mass = alertOf("M", { hazard: "mass-event", priority: "high", details: { cause: "power", lifts: 4_697, liftIds } });
    const [delivery] = new Decider(plan).stretch([changeMaker()("raised", mass)]);
    expect(delivery?.content).toMatchObject({ change: { alert: { details: { cause: "power", lifts: 4_697, shortened: true } } } });
    expect(JSON.stringify(delivery).length).toBeLessThan(5_000);
  });
});
