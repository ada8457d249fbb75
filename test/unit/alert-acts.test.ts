import { describe, expect, test } from "vitest";
import { beginDuty, isHandled, missDuty, perform, type Refused } from "../../src/core/alert-acts.ts";
import type { Alert } from "../../src/core/effects.ts";
import { ACTS, type Act, type ActName } from "../../src/core/entry.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";
import { anAlert } from "../alert-rows.ts";

const NOW = 1_000_000;
const MINUTE = 60_000;

const alert = (changes: Partial<Alert> = {}): Alert =>
  anAlert({
    hazard: "entrapment",
    priority: "critical",
    evidence: "suspected",
    raisedAt: NOW - 5_000,
    detectedAt: NOW - 4_000,
    ...changes,
  });
const act = (name: ActName, more: Partial<Act> = {}): Act => ({
  act: name,
  alertId: "A",
  by: "li",
  note: null,
  reason: null,
  until: null,
  minutes: null,
  ...more,
});
const refused = (outcome: string | Refused): Refused | null => (typeof outcome === "string" ? null : outcome);

/** The states that matter to acts; `shut` are entrapments, `other` is a low alert, `grave` a critical one without people shut in. */
const STATES: Readonly<Record<string, Partial<Alert>>> = {
  shut: {},
  "shut acknowledged": { acknowledged: true },
  "shut dispatched": { acknowledged: true, dispatchedAt: NOW - 3_000 },
  "shut arrived": { acknowledged: true, dispatchedAt: NOW - 3_000, arrivedAt: NOW - 2_000 },
  "shut rescued": { acknowledged: true, dispatchedAt: NOW - 3_000, arrivedAt: NOW - 2_000, rescuedAt: NOW - 1_000 },
  "shut cleared": { state: "cleared", clearedAt: NOW - 500 },
  "shut cleared, dispatched": { state: "cleared", clearedAt: NOW - 500, acknowledged: true, dispatchedAt: NOW - 3_000 },
  other: { hazard: "door-held-open", priority: "low" },
  "other acknowledged": { hazard: "door-held-open", priority: "low", acknowledged: true },
  "other shelved": { hazard: "door-held-open", priority: "low", shelvedUntil: NOW + MINUTE },
  "other suppressed": { hazard: "door-held-open", priority: "low", suppressedBy: "mode:inspection" },
  "other cleared": { hazard: "door-held-open", priority: "low", state: "cleared", clearedAt: NOW - 500 },
  grave: { hazard: "overspeed" },
  "grave acknowledged": { hazard: "overspeed", acknowledged: true },
};

/** docs/alerts.md: acts that each state allows, given a reason where one is taken. */
const ALLOWED: Readonly<Record<keyof typeof STATES, readonly ActName[]>> = {
  shut: ["acknowledge", "dispatch", "close"],
  "shut acknowledged": ["dispatch", "close"],
  "shut dispatched": ["arrive", "close"],
  "shut arrived": ["rescue", "close"],
  "shut rescued": ["close"],
  "shut cleared": ["acknowledge", "close"],
  "shut cleared, dispatched": ["arrive", "close"],
  other: ["acknowledge", "shelve", "dispatch", "close"],
  "other acknowledged": ["shelve", "dispatch", "close"],
  "other shelved": ["acknowledge", "unshelve", "dispatch", "close"],
  "other suppressed": ["acknowledge", "dispatch", "close"],
  "other cleared": ["acknowledge", "close"],
  grave: ["acknowledge", "dispatch", "close"],
  "grave acknowledged": ["shelve", "dispatch", "close"],
};

describe("acts", () => {
  for (const [state, fields] of Object.entries(STATES)) {
    const allowed = ACTS.filter((name) => ALLOWED[state]?.includes(name));
    test.each(allowed)(`${state}: %s is allowed`, (name) => {
      const subject = alert(fields);
      expect(perform(subject, act(name, { reason: "because" }), NOW, DEFAULT_RULES)).toMatch(/ed$/);
      expect(subject.by).toEqual({ [name]: "li" });
    });
    test.each(ACTS.filter((name) => !allowed.includes(name)))(`${state}: %s is refused, and changes nothing`, (name) => {
      const subject = alert(fields);
      const before = structuredClone(subject);
      const outcome = refused(perform(subject, act(name, { reason: "because" }), NOW, DEFAULT_RULES));
      expect(outcome).toMatchObject({ code: "forbidden-by-state", message: expect.stringMatching(/^alert A /) as string });
      expect(subject).toEqual(before);
    });
  }

  test("in their legal order keep their times, and whoever acts has seen the alert", () => {
    const subject = alert();
    beginDuty(subject, NOW, DEFAULT_RULES);
    const steps: [ActName, number][] = [
      ["dispatch", 60_000],
      ["arrive", 900_000],
      ["rescue", 1_000_000],
      ["close", 1_100_000],
    ];
    expect(steps.map(([name, after]) => perform(subject, act(name), NOW + after, DEFAULT_RULES))).toEqual([
      "dispatched",
      "arrived",
      "rescued",
      "closed",
    ]);
    expect(subject).toMatchObject({
      state: "cleared",
      acknowledged: true,
      acknowledgedAt: NOW + 60_000,
      dispatchedAt: NOW + 60_000,
      arrivedAt: NOW + 900_000,
      rescuedAt: NOW + 1_000_000,
      closedAt: NOW + 1_100_000,
      clearedAt: NOW + 1_100_000,
      duty: { dispatchBy: NOW + 180_000, dispatch: "met", arriveBy: NOW + 1_860_000, arrive: "met" },
      by: { dispatch: "li", arrive: "li", rescue: "li", close: "li" },
    });
    expect(isHandled(subject)).toBe(false);
  });

  test("close an alert that is not over only with a reason, which it keeps", () => {
    const subject = alert();
    expect(refused(perform(subject, act("close"), NOW, DEFAULT_RULES))?.message).toBe("alert A is not over; closing it needs a reason");
    expect(perform(subject, act("close", { reason: "摄像头确认轿厢无人" }), NOW, DEFAULT_RULES)).toBe("closed");
    expect(subject).toMatchObject({ closedReason: "摄像头确认轿厢无人", state: "cleared", clearedAt: NOW });
  });
});

describe("a shelving", () => {
  const shelve = (more: Partial<Act>) => {
    const subject = alert({ hazard: "silent", priority: "medium" });
    return { subject, outcome: perform(subject, act("shelve", { reason: "改造", ...more }), NOW, DEFAULT_RULES) };
  };
  test.each([
    ["an instant", { until: NOW + 5 * MINUTE }, NOW + 5 * MINUTE],
    ["minutes", { minutes: 30 }, NOW + 30 * MINUTE],
    ["nothing: an hour", {}, NOW + 60 * MINUTE],
    ["the most", { minutes: 480 }, NOW + 480 * MINUTE],
  ])("ends at %s", (_name, more, until) => {
    const { subject, outcome } = shelve(more);
    expect(outcome).toBe("shelved");
    expect(subject).toMatchObject({ shelvedUntil: until, shelvedReason: "改造", acknowledged: false });
  });
  test.each([
    ["without a reason", { reason: null }, "found no reason"],
    ["that ends now", { until: NOW }, "expected one after"],
    ["that ended long ago", { until: 5 }, "expected one after"],
    ["longer than a shift", { minutes: 481 }, "found 481 minutes; expected at most 480"],
  ])("%s is not valid", (_name, more, message) => {
    const { subject, outcome } = shelve(more);
    expect(refused(outcome)).toMatchObject({ code: "invalid", message: expect.stringContaining(message) as string });
    expect(subject.shelvedUntil).toBeNull();
  });
});

describe("duties", () => {
  test("belong to entrapments alone", () => {
    const other = alert({ hazard: "overspeed" });
    beginDuty(other, NOW, DEFAULT_RULES);
    expect(other.duty).toBeNull();
  });
  test("are missed once, when their time has passed", () => {
    const subject = alert();
    beginDuty(subject, NOW, DEFAULT_RULES);
    expect([180_000, 180_001, 180_002].map((after) => missDuty(subject, NOW + after))).toEqual([false, true, false]);
    expect(subject.duty?.dispatch).toBe("missed");
    perform(subject, act("dispatch"), NOW + 200_000, DEFAULT_RULES);
    expect(subject.duty).toMatchObject({ dispatch: "missed", arriveBy: NOW + 2_000_000, arrive: "open" });
    expect([2_000_000, 2_000_001].map((after) => missDuty(subject, NOW + after))).toEqual([false, true]);
    perform(subject, act("arrive"), NOW + 2_100_000, DEFAULT_RULES);
    expect(subject.duty?.arrive).toBe("missed");
  });
  test("are void when the alert is closed before", () => {
    const subject = alert();
    beginDuty(subject, NOW, DEFAULT_RULES);
    perform(subject, act("dispatch"), NOW + 1, DEFAULT_RULES);
    perform(subject, act("close", { reason: "已自行脱困" }), NOW + 2, DEFAULT_RULES);
    expect(subject.duty).toMatchObject({ dispatch: "met", arrive: "void" });
  });
});
