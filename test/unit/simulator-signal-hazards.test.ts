import { expect, test } from "vitest";
import type { Scenario } from "../../simulators/faults/director.ts";
import { tinyFleet } from "../../simulators/fleet/fleet.ts";
import type { LiftRecord } from "../../src/core/lift.ts";
import { offsetM, runFleet } from "../simulator-signal.ts";
import type { Signal } from "../simulator-signal.ts";

const tiny = tinyFleet();

interface Shown {
  readonly lift: LiftRecord;
  readonly from: number;
  readonly to: number;
  /** The lift's readings while the condition lasted, and all of them. */
  readonly during: readonly Signal[];
  readonly all: readonly Signal[];
}

/** Every window of a scenario that was not cut off, with what the lift said meanwhile. */
function shown(scenario: Scenario, seed: number): readonly Shown[] {
  const run = runFleet(tiny, scenario, 3_600, seed);
  const windows = run.truth
    .filter(({ hazard, to }) => hazard === scenario && to < run.endAt)
    .map(({ liftId, from, to }) => {
      const all = run.signals.get(liftId) ?? [];
      const lift = tiny.find((record) => record.liftId === liftId) as LiftRecord;
      return { lift, from, to, all, during: all.filter(({ at }) => at >= from && at <= to) };
    });
  expect(windows.length, scenario).toBeGreaterThanOrEqual(4);
  return windows;
}

const speeds = (signals: readonly Signal[]): Signal[] => signals.filter(({ channel }) => channel === "speed");
const loadAt = (signals: readonly Signal[], time: number): number | undefined =>
  signals.findLast(({ loadKg, at }) => loadKg !== undefined && at <= time)?.loadKg;
const doors = (signals: readonly Signal[]): Signal[] => signals.filter(({ channel }) => channel === "door");

test("an overtravelling car goes more than a quarter of a metre past its terminal landing, empty and shut, and comes back slowly", () => {
  for (const { lift, from, to, during, all } of shown("overtravel", 31)) {
    const travelM = lift.travelM ?? Number.NaN;
    const past = speeds(during).map(({ positionM = 0 }) => Math.max(positionM - travelM, -positionM));
    expect(Math.max(...past)).toBeGreaterThan(0.25);
    expect(Math.max(...past)).toBeLessThan(0.42);
    expect(doors(during)).toEqual([]);
    const last = all.findLast(({ channel, at }) => channel === "status" && at <= from);
    expect(last?.persons).toBe(0);
    const back = speeds(all).filter(({ at }) => at > from + 15_000 && at <= to);
    expect(Math.max(...back.map(({ speedMps = 0 }) => Math.abs(speedMps)))).toBeLessThanOrEqual(0.3);
  }
});

test("a motor that runs too long says that it moves while no landing comes nearer, for longer than the limiter allows", () => {
  for (const { lift, from, to, all } of shown("run-time-exceeded", 32)) {
    const limitMs = Math.min(45, Math.max(20, (lift.travelM ?? 0) / (lift.ratedSpeedMps ?? 1) + 10)) * 1_000;
    const turning = speeds(all).filter(({ at, speedMps = 0 }) => at > from - limitMs && at <= to && speedMps !== 0);
    expect(new Set(turning.map(({ positionM }) => positionM)).size).toBe(1);
    expect(new Set(turning.map(({ floor }) => floor)).size).toBe(1);
    expect(turning.every(({ speedMps = 0 }) => Math.abs(speedMps) >= 0.05 && Math.abs(speedMps) <= 0.08)).toBe(true);
    expect((turning.at(-1)?.at ?? 0) - (turning[0]?.at ?? 0)).toBeGreaterThan(limitMs);
    expect(all.some(({ code, active, at }) => code === "06" && active === true && at === to)).toBe(true);
  }
});

test("a door that cycles reopens at least thrice within 15 s, now and then twenty times, and then closes", () => {
  let most = 0;
  for (const { from, to, during, all } of shown("door-cycling", 33)) {
    const reopened = doors(all).filter((signal, index, list) => signal.state === "opening" && list[index - 1]?.state === "closing");
    const here = reopened.filter(({ at }) => at > from - 15_000 && at <= to).map(({ at }) => at);
    const third = here.indexOf(from);
    expect(third).toBeGreaterThanOrEqual(2);
    expect(from - (here[third - 2] ?? 0)).toBeLessThanOrEqual(15_000);
    expect(doors(during).some(({ state, at }) => state === "closed" && at === to)).toBe(true);
    expect(speeds(during).every(({ speedMps }) => speedMps === 0)).toBe(true);
    most = Math.max(most, here.length);
  }
  expect(most).toBeGreaterThanOrEqual(20);
});

test("a slipped levelling switch stops the car between 20 and 50 mm above every landing, and a good stop ends it", () => {
  for (const { to, during } of shown("levelling-drift", 34)) {
    // The first word after a run is the stop; later ones are the ropes.
    const stops = speeds(during).filter(
      ({ levelOffsetMm }, index, list) => levelOffsetMm !== undefined && (index === 0 || list[index - 1]?.levelOffsetMm === undefined),
    );
    expect(stops.length).toBeGreaterThanOrEqual(3);
    for (const { levelOffsetMm = 0, at } of stops) {
      const wanted = at === to ? [-10, 10] : [20, 50];
      expect(levelOffsetMm).toBeGreaterThan(wanted[0] ?? 0);
      expect(levelOffsetMm).toBeLessThan(wanted[1] ?? 0);
    }
  }
});

test("a weak brake lets the car roll more than 10 mm away from its landing after the stop, before the load has changed", () => {
  for (const { from, all } of shown("brake-weakening", 35)) {
    const words = speeds(all).filter(({ levelOffsetMm, at }) => levelOffsetMm !== undefined && at <= from);
    const [stop, rolled] = words.slice(-2);
    expect(rolled?.at).toBe(from);
    expect(Math.abs(rolled?.levelOffsetMm ?? 0) - Math.abs(stop?.levelOffsetMm ?? 99)).toBeGreaterThan(10);
    expect(from - (stop?.at ?? 0)).toBeLessThan(3_000);
    expect(loadAt(all, from)).toBe(loadAt(all, stop?.at ?? 0));
  }
});

test("a lost position jumps by two floors or more while the car stands, code 07 follows, and a run to a terminal landing finds it again", () => {
  for (const { lift, from, to, during, all } of shown("position-lost", 36)) {
    const before = all.findLast(({ floor, at }) => floor !== undefined && at < from);
    const jumped = speeds(during)[0];
    expect(jumped?.speedMps).toBe(0);
    expect(Math.abs((jumped?.floor ?? 0) - (before?.floor ?? 0))).toBeGreaterThanOrEqual(2);
    expect(Math.abs(offsetM(lift, jumped?.positionM ?? Number.NaN))).toBeLessThan(0.05);
    expect(during.filter(({ code }) => code === "07").map(({ active }) => active)).toEqual([true, false]);
    const found = speeds(all).findLast(({ at }) => at <= to);
    expect([1, lift.floors]).toContain(found?.floor);
    // It never leaves the shaft, so it is not taken for an overtravel.
    expect(during.every(({ positionM = 0 }) => positionM > -0.05 && positionM < (lift.travelM ?? 0) + 0.05)).toBe(true);
  }
});

test("a frozen signal repeats itself five times and more while the trip counter goes on, or the load cell says what cannot be", () => {
  const kinds = { frozen: 0, impossible: 0 };
  for (const { during } of shown("frozen-signal", 37)) {
    const words = speeds(during);
    const impossible = during.some(({ loadKg = 0 }) => loadKg < -100);
    const trips = during.flatMap(({ tripCount }) => (tripCount === undefined ? [] : [tripCount]));
    const frozen = new Set(words.slice(0, -1).map(({ positionM, speedMps }) => `${positionM} ${speedMps}`)).size === 1 && words.length > 5;
    expect(impossible || (frozen && Math.max(...trips) > Math.min(...trips))).toBe(true);
    kinds[impossible ? "impossible" : "frozen"]++;
  }
  expect(Math.min(kinds.frozen, kinds.impossible)).toBeGreaterThanOrEqual(1);
});

test("repeated faults are three or more of one code on one lift within an hour, and last for a day in the truth", () => {
  const run = runFleet(tiny, "repeated-faults", 5_400, 38);
  const windows = run.truth.filter(({ hazard }) => hazard === "repeated-faults");
  expect(windows.length).toBeGreaterThanOrEqual(4);
  for (const { liftId, from, to } of windows) {
    const raised = (run.signals.get(liftId) ?? []).filter(({ active, at }) => active === true && at <= from);
    const third = raised.find(({ at }) => at === from);
    expect(raised.filter(({ code }) => code === third?.code).length).toBe(3);
    expect(to).toBe(run.endAt);
  }
});
