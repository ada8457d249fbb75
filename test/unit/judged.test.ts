import { describe, expect, test } from "vitest";
import type { Alert } from "../../src/core/effects.ts";
import { judged, timeAround } from "../../src/core/judged.ts";
import { entries, fold, messages, newMonitor, LIFT, START } from "../golden/timeline.ts";

/** The alert as the last change of a timeline tells it. */
function alertOf(script: string, untilS: number, hazard: string, lift = LIFT): Alert {
  const told = fold(newMonitor(lift), entries(messages(script, lift.liftId), untilS)).flatMap((effects) => effects.changes);
  const alert = told.findLast((change) => change.alert.hazard === hazard)?.alert;
  if (alert === undefined) throw new Error(`no ${hazard} in ${JSON.stringify(told.map((change) => change.alert.hazard))}`);
  return alert;
}
const said = (alert: Alert): string[] =>
  judged(alert).map(({ name, value, comparison, limit, unit, met }) =>
    [name, String(value), comparison, String(limit), unit ?? "", met === null ? "unknown" : met ? "met" : "not met"]
      .join(" ")
      .replace(/ {2}/g, " "),
  );

const TRAPPED =
  "0 status persons=2 mode=normal\n 0 door state=closed\n 5 speed speedMps=1.5 doorZone=false\n 10 speed speedMps=0 doorZone=false";

describe("what an alert was judged by", () => {
  test("an entrapment shows standstill, zone, door, people and how long, each beside its limit", () => {
    expect(said(alertOf(TRAPPED, 50, "entrapment"))).toEqual([
      "speedMps 0 < 0.05 m/s met",
      "doorZone false is false met",
      "door closed is closed met",
      "persons 2 >= 1 met",
      "loadKg null > 30 kg unknown",
      "alarmButton false is true not met",
      "lastedMs 30000 >= 30000 ms met",
      "lastedMs null >= 90000 ms unknown",
    ]);
  });
  test("an overspeed shows the factor beside each step of the limit, and the speed beside this lift's own", () => {
    const alert = alertOf("0 speed speedMps=1.75\n 1 speed speedMps=2.2\n 2 speed speedMps=-2.2", 3, "overspeed");
    expect(said(alert)).toEqual([
      `factor ${2.2 / 1.75} > 1.05 met`,
      `factor ${2.2 / 1.75} > 1.1 met`,
      `factor ${2.2 / 1.75} >= 1.15 met`,
      `speedMps 2.2 >= ${1.75 * 1.15} m/s met`,
    ]);
  });
  test("a door held open shows how long it had been open", () => {
    const alert = alertOf(
      "0 status mode=normal\n 10 door state=open\n 60 status mode=normal\n 120 status mode=normal",
      140,
      "door-held-open",
    );
    expect(said(alert)).toEqual(["door open is not closed met", "openMs 120000 >= 120000 ms met"]);
  });
  test("a lift that fell silent shows the silence beside both limits", () => {
    const alert = alertOf("0 status mode=normal", 200, "silent");
    expect(said(alert)[0]).toMatch(/^silentMs 18[01]000 > 180000 ms met$/);
    expect(said(alert)[1]).toMatch(/^silentMs 18[01]000 > 360000 ms not met$/);
  });
  test("a fault that the controller reports shows its code", () => {
    expect(said(alertOf("0 fault code=01", 2, "reported-fault"))).toEqual(["code 01 reported null gb24476 met"]);
  });
  test("a hazard without a table of its own shows what has one name in its details and its limits", () => {
    const alert: Alert = {
      ...alertOf(TRAPPED, 50, "entrapment"),
      hazard: "escalator-missing-step",
      details: { lifts: 9 },
      rule: { version: "1", limits: { lifts: 5, x: 1 } },
    };
    expect(said(alert)).toEqual(["lifts 9 5 unknown"]);
  });
  test("limits that an older version of a rule lacked are not shown, and nothing is made up for them", () => {
    const alert = { ...alertOf(TRAPPED, 50, "entrapment"), details: {}, rule: { version: "old", limits: {} } };
    expect(said(alert)).toEqual([]);
  });
});

describe("the stretch around an alert", () => {
  test("reaches from two minutes before the evidence to one minute after the raise", () => {
    const alert = alertOf(TRAPPED, 50, "entrapment");
    expect(alert.raisedAt).toBe(START + 40_000);
    expect(timeAround(alert)).toEqual({ from: START + 10_000 - 120_000, to: START + 40_000 + 60_000 });
  });
  test("of a silence begins two minutes before the last sign of life", () => {
    const alert = alertOf("0 status mode=normal", 200, "silent");
    expect(timeAround(alert)).toEqual({ from: START - 120_000, to: alert.raisedAt + 60_000 });
  });
  test("of evidence that took a day is that of its last moment", () => {
    const alert: Alert = {
      ...alertOf("0 fault code=01", 2, "reported-fault"),
      raisedAt: 5e12,
      rule: { version: "1", limits: { withinMs: 86_400_000 } },
    };
    expect(timeAround(alert)).toEqual({ from: 5e12 - 120_000, to: 5e12 + 60_000 });
  });
});
