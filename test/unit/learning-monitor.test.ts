/** Learning inside the monitor: wear found and told, resets, what a device lacks, state and its size. */
import { describe, expect, test } from "vitest";
import { createMonitor, type Monitor } from "../../src/core/monitor.ts";
import { DEFAULT_RULES, rulesSchema } from "../../src/core/rules.ts";
import type { Wear } from "../../simulators/faults/hazards.ts";
import { DAY_MS, DayLift, Days, SEED, START, type DayOptions } from "../learning-days.ts";

const dayOf = (at: number) => (at - START) / DAY_MS;

/** Hazards of the alerts that a trend speaks for. */
const trends = (days: Days): string[] =>
  days.changes.flatMap(({ alert }) =>
    (alert.details["evidence"] as string[] | undefined)?.includes("trend") === true ? [alert.hazard] : [],
  );

/** A lift that wears after `healthy` days, watched to the end of its maintenance and a week beyond. */
function worn(kind: Wear, options: Partial<DayOptions> = {}, healthy = 36): { days: Days; lift: DayLift } {
  const lift = new DayLift(`${kind}${JSON.stringify(options).length}`, options);
  const days = new Days([lift]);
  days.run(healthy);
  lift.wear(kind, days.now);
  while (lift.truth.length === 0 && dayOf(days.now) < 200) days.run(1);
  days.run(7);
  return { days, lift };
}

describe(`wear of the simulator (seed ${SEED})`, () => {
  test.each([
    ["door-slowing", "door-slowing", ["frontOpenMs", "frontCloseMs"]],
    ["travel-slowing", "travel-slowing", ["travelUp", "travelDown"]],
    ["levelling-trend", "levelling-drift", ["levelOffsetMm"]],
    ["brake-trend", "brake-weakening", ["overrunMm"]],
  ] as const)("%s raises one %s while the lift is worn, and it ends with maintenance", (kind, hazard, signals) => {
    const { days, lift } = worn(kind);
    const [window] = lift.truth;
    const changes = days.of(hazard);
    const [raised] = changes;
    expect(new Set(changes.map(({ alert }) => alert.id)).size).toBe(1);
    expect(raised?.change).toBe("raised");
    expect(dayOf(raised?.at ?? 0)).toBeGreaterThanOrEqual(dayOf(window?.from ?? 0));
    expect(dayOf(raised?.at ?? 0)).toBeLessThanOrEqual(dayOf(window?.from ?? 0) + 6);
    expect(changes.at(-1)?.change).toBe("cleared");
    expect(dayOf(changes.at(-1)?.at ?? 0)).toBeLessThanOrEqual(dayOf(window?.to ?? 0) + 5);
    const alert = raised?.alert;
    expect(alert?.details).toMatchObject({ evidence: ["trend"] });
    const told = alert?.details["signals"] as {
      signal: string;
      baseline: number;
      statistic: number;
      threshold: number;
      sinceDays: number;
    }[];
    expect(signals).toContain(told[0]?.signal);
    expect(told[0]?.statistic).toBeGreaterThan(told[0]?.threshold ?? Infinity);
    const limit = alert?.rule.limits["longerPercent"];
    expect(Number(alert?.details["longerPercent"] ?? 0)).toBeGreaterThanOrEqual(Number(limit ?? 0));
    expect(alert?.rule.limits).toMatchObject({ falseAlertsPerDay: 1, runLengthDays: 40_000, referenceSd: 0.5 });
    expect(trends(days).filter((other) => other !== hazard)).toEqual([]);
  });

  test("a binary door gives whole cycles, and its slowing is found in them", () => {
    const { days, lift } = worn("door-slowing", { binaryDoor: true });
    const [raised] = days.of("door-slowing");
    expect(raised?.alert.details["signals"]).toMatchObject([{ signal: "frontCycleMs" }]);
    // A weaker form: half of a cycle is people.
    expect(Math.abs(dayOf(raised?.at ?? 0) - dayOf(lift.truth[0]?.from ?? 0))).toBeLessThan(16);
  });

  test.each(["floor", "speed"] as const)("without a position, travel that slows is found by the %s alone", (says) => {
    const { days, lift } = worn("travel-slowing", { says });
    const [raised] = days.of("travel-slowing");
    expect(Math.abs(dayOf(raised?.at ?? 0) - dayOf(lift.truth[0]?.from ?? 0))).toBeLessThan(16);
    const signals = days.monitor.learning(lift.record.liftId)?.signals.map(({ signal }) => signal);
    expect(signals).not.toContain("levelOffsetMm");
  });

  test("a lift that has gone bad is told of within the rule's seven days, and its burst ends when it has calmed down", () => {
    const lift = new DayLift("bad");
    const days = new Days([lift, new DayLift("peer1"), new DayLift("peer2")]);
    days.run(20);
    const begun = days.now;
    lift.wear("fault-rate-high", begun);
    while (lift.truth.every(({ hazard }) => hazard !== "fault-rate-high")) days.run(1);
    const ended = days.now;
    days.run(14);
    const changes = days.of("fault-rate-high");
    expect(changes[0]?.change).toBe("raised");
    expect(dayOf(changes[0]?.at ?? 0) - dayOf(begun)).toBeLessThan(8);
    expect(changes.at(-1)?.change).toBe("cleared");
    expect(dayOf(changes.at(-1)?.at ?? 0) - dayOf(ended)).toBeLessThan(9);
    expect(changes[0]?.alert.details["faults"]).toBeGreaterThanOrEqual(4);
    expect(new Set(days.of("fault-rate-high").map(({ alert }) => alert.liftId))).toEqual(new Set(["bad"]));
  });
});

test("healthy lifts of every kind of device raise no trend in three months", () => {
  const lifts = [
    new DayLift("full"),
    new DayLift("rear", { rearDoor: true }),
    new DayLift("binary", { binaryDoor: true, says: "floor" }),
    new DayLift("poor", { binaryDoor: true, says: "speed" }),
  ];
  const days = new Days(lifts);
  days.run(90);
  expect(trends(days)).toEqual([]);
  for (const { record } of lifts) {
    const signals = days.monitor.learning(record.liftId)?.signals ?? [];
    expect(signals.length).toBeGreaterThanOrEqual(3);
    expect(signals.filter(({ state }) => state !== "steady")).toEqual([]);
  }
});

describe("baselines", () => {
  test("are learnt for 14 days before they judge", () => {
    const lift = new DayLift("young");
    const days = new Days([lift]);
    days.run(12);
    lift.condition.doorTimes = 2;
    days.run(1);
    expect(days.monitor.learning("young")?.signals[0]).toMatchObject({ signal: "frontOpenMs", state: "learning" });
    expect(days.of("door-slowing")).toEqual([]);
  });

  test("come with their last ten days, each with its value and its share of the threshold, and a day that says too little as none", () => {
    const lift = new DayLift("charted");
    const days = new Days([lift]);
    days.run(20);
    lift.condition.doorTimes = 1.5;
    days.run(4);
    const signal = days.monitor.learning("charted")?.signals.find((each) => each.signal === "frontOpenMs");
    if (signal === undefined) throw new Error("nothing was learnt of the front door");
    expect(signal.past).toHaveLength(10);
    const last = signal.past.at(-1);
    expect(Math.abs((last?.value ?? 0) / (signal.newest ?? 1) - 1)).toBeLessThan(0.002);
    expect(Math.abs((last?.ofThreshold ?? 0) - Math.min(2, signal.statistic / signal.threshold))).toBeLessThanOrEqual(1 / 80 + 0.001);
    // The change is to be seen in them: four days half as long again.
    const usual = signal.past.slice(0, 6).map(({ value }) => value ?? 0);
    for (const { value } of signal.past.slice(6)) expect(value).toBeGreaterThan(1.3 * Math.max(...usual));
    lift.trips = 5;
    days.run(1);
    const after = days.monitor.learning("charted")?.signals.find((each) => each.signal === "frontOpenMs");
    expect(after?.past.at(-1)).toEqual({ value: null, ofThreshold: null });
    expect(after?.past.slice(0, -1)).toEqual(signal.past.slice(1));
  });

  test("begin anew with a work order, which ends the alert; the note of who did it is in the journal", () => {
    const lift = new DayLift("repaired");
    const days = new Days([lift]);
    days.run(40);
    lift.condition.doorTimes = 1.5;
    days.run(10);
    expect(days.monitor.alerts().map(({ hazard }) => hazard)).toEqual(["door-slowing"]);
    days.apply({ kind: "work-order", receivedAt: days.now, liftId: "repaired", work: "repair", by: "li", note: "新门机" });
    expect(days.of("door-slowing").at(-1)).toMatchObject({ change: "cleared", at: days.now });
    expect(days.monitor.learning("repaired")).toMatchObject({ workAt: days.now });
    days.run(40);
    // The longer times are what the new door machine takes.
    expect(days.of("door-slowing").at(-1)?.change).toBe("cleared");
    const signal = days.monitor.learning("repaired")?.signals[0];
    expect(signal).toMatchObject({ state: "steady" });
    expect(signal?.baseline).toBeGreaterThan(3_500);
  });

  test("begin anew when the register says that the lift is another machine, and for no other change of it", () => {
    const lift = new DayLift("modernised");
    const days = new Days([lift]);
    days.run(20);
    const register = (changes: object) =>
      days.apply({ kind: "register", receivedAt: days.now, part: 0, parts: 1, lifts: [{ ...lift.record, ...changes }] });
    register({ firm: "new" });
    expect(days.monitor.learning("modernised")).toMatchObject({ workAt: null });
    register({ firm: "new", ratedSpeedMps: 2.5 });
    expect(days.monitor.learning("modernised")).toMatchObject({ workAt: days.now });
    expect(days.monitor.learning("modernised")?.signals.every(({ state, days: known }) => state === "learning" && known === 0)).toBe(true);
  });

  test("skip days with fewer than 20 trips", () => {
    const lift = new DayLift("quiet", { trips: 15 });
    const days = new Days([lift]);
    days.run(20);
    expect(days.monitor.learning("quiet")?.signals).toEqual([]);
  });
});

const thresholdOf = (falseAlertsPerDay: number) => {
  const rules = rulesSchema.parse({ learning: { falseAlertsPerDay, leastRunLengthDays: 370 } });
  const days = new Days([new DayLift("one")], { rules });
  days.run(20);
  return days.monitor.learning("one")?.signals[0]?.threshold ?? 0;
};

test("the budget is the operator's: half the false alerts raise the threshold of a fleet that is large enough", () => {
  const [tight, loose] = [thresholdOf(0.001), thresholdOf(0.002)];
  expect(tight).toBeGreaterThan(loose + 0.5);
  expect(thresholdOf(1)).toBeCloseTo(4.77, 1);
});

describe("unusual days", () => {
  test("rank a lift that is used as never before first, and raise nothing", () => {
    const lifts = ["a", "b", "c"].map((id) => new DayLift(id));
    const days = new Days(lifts);
    days.run(30);
    const [, odd] = lifts;
    if (odd !== undefined) odd.trips = 400;
    days.run(1);
    const ranked = days.monitor.unusual(3);
    expect(ranked.map(({ liftId }) => liftId)[0]).toBe("b");
    expect(ranked[0]?.score).toBeGreaterThan(1.5 * (ranked[1]?.score ?? 0));
    expect(days.monitor.unusual(1)).toHaveLength(1);
    expect(trends(days)).toEqual([]);
  });
});

/** Lifts whose day was closed so far; null when it is over for all. */
const closing = (of: Monitor) => (of.snapshot() as { learner: { closing: { done: number } | null } }).learner.closing?.done ?? null;

describe("state", () => {
  test("a snapshot in the midst of learning, written out and read back, goes on as the whole does (L3)", () => {
    const lift = new DayLift("cut", { rearDoor: true, heat: true });
    const days = new Days([lift], { keep: true });
    days.run(20);
    lift.condition.doorTimes = 1.4;
    days.run(8);
    days.apply({ kind: "work-order", receivedAt: days.now, liftId: "cut", work: "repair", by: "li", note: null });
    days.run(4);
    const { entries } = days;
    for (const share of [0.21, 0.6867, 0.93]) {
      const cut = Math.floor(share * entries.length);
      const whole = createMonitor([lift.record], DEFAULT_RULES);
      for (const entry of entries.slice(0, cut)) whole.apply(entry);
      const saved = JSON.stringify(whole.snapshot());
      const restored = createMonitor([], DEFAULT_RULES);
      restored.restore(JSON.parse(saved));
      expect(JSON.stringify(restored.snapshot())).toBe(saved);
      for (const entry of entries.slice(cut)) expect(JSON.stringify(restored.apply(entry))).toBe(JSON.stringify(whole.apply(entry)));
      expect(JSON.stringify(restored.snapshot())).toBe(JSON.stringify(whole.snapshot()));
    }
  });

  test("a city's day ends over several ticks, and a snapshot between two of them goes on as the whole does", () => {
    const monitor = createMonitor([], DEFAULT_RULES);
    let seq = 0;
    const put = (lift: number, number: number, state: string) => {
      const at = START + DAY_MS - 60_000 + number;
      const payload = JSON.stringify({ at, seq: number, state });
      monitor.apply({ kind: "message", seq: ++seq, receivedAt: at, topic: `lifts/L${lift}/door`, payload, source: "", refusal: null });
    };
    for (const [number, state] of ["closed", "open"].entries()) for (let lift = 0; lift < 1_200; lift++) put(lift, number, state);
    const done: (number | null)[] = [];
    const copy = () => {
      const restored = createMonitor([], DEFAULT_RULES);
      restored.restore(JSON.parse(JSON.stringify(monitor.snapshot())));
      return restored;
    };
    for (let second = 0; second < 4; second++) {
      const tick = { kind: "tick", seq: ++seq, receivedAt: START + DAY_MS + 1_000 * second } as const;
      const restored = copy();
      const effects = JSON.stringify(monitor.apply(tick));
      expect(JSON.stringify(restored.apply(tick))).toBe(effects);
      expect(JSON.stringify(restored.snapshot())).toBe(JSON.stringify(monitor.snapshot()));
      done.push(closing(monitor));
    }
    expect(done).toEqual([500, 1_000, null, null]);
  });

  test("of a lift with two doors and every signal, in an alarm, is at most 4 KiB as JSON", () => {
    const lift = new DayLift("large", { rearDoor: true, heat: true, trips: 120 });
    const days = new Days([lift]);
    days.run(60);
    lift.condition.doorTimes = 1.4;
    lift.condition.levelBiasMm = 10;
    days.run(10);
    const { lifts } = days.monitor.snapshot() as { lifts: { lifts: { learning: object }[] } };
    const [saved] = lifts.lifts;
    expect(days.monitor.learning("large")?.signals.length).toBe(10);
    const learningBytes = JSON.stringify(saved?.learning).length;
    const bytes = JSON.stringify(saved).length;
    expect(learningBytes).toBeGreaterThan(1_000);
    expect(learningBytes, `learning takes ${learningBytes} bytes`).toBeLessThanOrEqual(2_600);
    expect(bytes, `the lift takes ${bytes} bytes, ${learningBytes} of them learning`).toBeLessThanOrEqual(4_096);
  });
});
