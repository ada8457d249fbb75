/** What counts as gained, lost and moved between two sets of limits. */
import { describe, expect, test } from "vitest";
import { compare, type SeenAlert, SeenAlerts } from "../../src/backtest/compare.ts";
import type { Alert } from "../../src/core/effects.ts";

const seen = (id: string, raisedAt: number, clearedAt: number | null, more: Partial<SeenAlert> = {}): SeenAlert => ({
  id,
  liftId: "L1",
  hazard: "overspeed",
  raisedAt,
  detectedAt: raisedAt,
  priority: "high",
  evidence: "suspected",
  suppressed: false,
  clearedAt,
  ...more,
});
const ids = (alerts: readonly SeenAlert[]) => alerts.map(({ id }) => id);

describe("compare", () => {
  test("the same alerts are the same, whatever their order", () => {
    const alerts = [seen("a", 10, 20), seen("b", 30, null), seen("c", 10, 20, { liftId: "L2" })];
    const { gained, lost, moved, hazards } = compare(alerts, alerts.toReversed());
    expect([gained, lost, moved]).toEqual([[], [], []]);
    expect(hazards).toEqual([
      { hazard: "overspeed", rules: 3, against: 3, same: 3, gained: 0, lost: 0, moved: 0 },
      { hazard: "all", rules: 3, against: 3, same: 3, gained: 0, lost: 0, moved: 0 },
    ]);
  });

  test("what only one of them tells is gained or lost: another lift, another hazard, another time", () => {
    const { gained, lost, moved } = compare(
      [seen("a", 10, 20), seen("x", 100, 110), seen("y", 10, 20, { liftId: "L3" })],
      [seen("a", 10, 20), seen("z", 300, 310), seen("w", 10, 20, { liftId: "L3", hazard: "silent" })],
    );
    expect(ids(gained)).toEqual(["y", "x"]);
    expect(ids(lost)).toEqual(["w", "z"]);
    expect(moved).toEqual([]);
  });

  test("an alert that is raised at another time of the same event has moved, though its id is another", () => {
    const { gained, lost, moved } = compare([seen("late", 40, 90)], [seen("soon", 10, 90)]);
    expect([gained, lost]).toEqual([[], []]);
    expect(moved).toMatchObject([{ rules: { id: "late" }, against: { id: "soon" }, what: ["raisedAt", "detectedAt"] }]);
  });

  test("of two that touch one, the one with its id is it, and the other is gained", () => {
    const { gained, moved } = compare([seen("a", 10, 40), seen("b", 50, 90)], [seen("b", 50, 95)]);
    expect(ids(gained)).toEqual(["a"]);
    expect(moved.map(({ what }) => what)).toEqual([["clearedAt"]]);
  });

  test("another priority, evidence, suppression and end are told each", () => {
    const { moved } = compare(
      [seen("a", 10, null, { priority: "critical", evidence: "confirmed", suppressed: true, detectedAt: 12 })],
      [seen("a", 10, 20)],
    );
    expect(moved.map(({ what }) => what)).toEqual([["detectedAt", "clearedAt", "priority", "evidence", "suppressed"]]);
  });

  test("every alert is counted once on each side, per hazard", () => {
    const rules = [seen("a", 1, 2), seen("b", 3, 4), seen("c", 5, 6, { hazard: "silent" })];
    const against = [seen("a", 1, 3), seen("d", 50, 60), seen("c", 5, 6, { hazard: "silent" }), seen("e", 70, 80, { hazard: "silent" })];
    for (const counts of compare(rules, against).hazards) {
      expect(counts.rules).toBe(counts.same + counts.gained + counts.moved);
      expect(counts.against).toBe(counts.same + counts.lost + counts.moved);
    }
    expect(compare(rules, against).hazards.map(({ hazard }) => hazard)).toEqual(["overspeed", "silent", "all"]);
  });
});

test("an alert is folded to the gravest that was told of it", () => {
  const alert = { ...seen("a", 10, null), suppressedBy: "mode:inspection", rule: {} } as unknown as Alert;
  const alerts = new SeenAlerts();
  const tell = (more: Partial<Alert>) =>
    alerts.add({ n: 1, seq: 1, at: 1, change: "updated", by: null, note: null, alert: { ...alert, ...more } });
  tell({});
  expect(alerts.list()).toMatchObject([{ suppressed: true }]);
  tell({ suppressedBy: null, priority: "critical", evidence: "confirmed" });
  tell({ suppressedBy: null, priority: "medium", clearedAt: 30 });
  expect(alerts.list()).toEqual([seen("a", 10, 30, { priority: "critical", evidence: "confirmed" })]);
  expect([alerts.size, alerts.changes]).toEqual([1, 3]);
});
