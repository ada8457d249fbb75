import { expect, test } from "vitest";
import { ESCALATOR_HAZARDS } from "../../simulators/faults/hazards.ts";
import { demoFleet } from "../../simulators/fleet/fleet.ts";
import { MASS_EVENT_LIFTS } from "../../simulators/faults/truth.ts";
import type { LiftRecord } from "../../src/core/lift.ts";
import { readingSchemas } from "../../src/core/reading.ts";
import { compare } from "../simulator-compare.ts";
import { FROM, runFleet } from "../simulator-signal.ts";
import { hazardsIn } from "../simulator-yardstick.ts";

/** Escalators and a moving walk of a mall, an office and a hospital. */
const steps: LiftRecord[] = ["购物中心1栋", "购物中心1栋", "大厦2栋", "人民医院3栋", "人民医院3栋", "购物中心4栋"].map(
  (building, index) => ({
    liftId: `E${index + 1}`,
    kind: "escalator",
    district: "武江",
    building,
    ratedSpeedMps: index === 4 ? 0.65 : 0.5,
    inService: true,
  }),
);
const NOON = FROM + 4 * 3_600_000;

test("escalators run by the clock, dip under load, crawl when nobody comes, keep their handrails in step, and publish what the contract asks", () => {
  const run = runFleet(steps, "normal", 86_400, 5, FROM - 8 * 3_600_000);
  expect(run.truth).toEqual([]);
  let [stopped, crawled, dips] = [0, 0, new Set<number>()];
  for (const lift of steps) {
    const signals = run.signals.get(lift.liftId) ?? [];
    expect(hazardsIn(lift, signals, run.endAt)).toEqual([]);
    expect(signals.some((signal) => signal.channel === "door")).toBe(false);
    for (const signal of signals) expect(readingSchemas[signal.channel].safeParse(signal).error).toBeUndefined();
    const speeds = signals.filter((signal) => signal.channel === "speed");
    const rated = lift.ratedSpeedMps ?? 0.5;
    for (const { speedMps = 9, handrailMps = 9 } of speeds) {
      expect(speedMps).toBeGreaterThanOrEqual(0);
      expect(speedMps).toBeLessThan(1.03 * rated);
      expect(Math.abs(handrailMps - speedMps)).toBeLessThanOrEqual(0.03 * rated);
      if (speedMps > 0.9 * rated) dips.add(Math.round((1_000 * speedMps) / rated));
    }
    if (speeds.some((signal) => signal.speedMps === 0)) stopped++;
    if (speeds.filter((signal) => Math.abs((signal.speedMps ?? 0) - 0.2) < 0.01).length > 10) crawled++;
    // By exception: a steady escalator speaks twice a minute, not each second.
    expect(speeds.length).toBeLessThan(86_400 / 5);
    expect(signals.filter((signal) => signal.channel === "status").length).toBeGreaterThan(1_400);
  }
  expect(stopped).toBeGreaterThanOrEqual(3);
  expect(crawled).toBeGreaterThanOrEqual(1);
  expect(dips.size).toBeGreaterThan(15);
});

test.each(ESCALATOR_HAZARDS)(
  "the scenario %s shows that hazard in the signal, for as long as the truth says, and nothing else",
  (hazard) => {
    const run = runFleet(steps, hazard, 3_600, 11, NOON);
    const { matched, problems } = compare(run, steps);
    expect(problems).toEqual([]);
    expect(matched.filter((window) => window.hazard === hazard).length).toBeGreaterThanOrEqual(5);
    const told = new Set(["reported-fault", "repeated-faults", hazard]);
    expect(matched.filter((window) => !told.has(window.hazard))).toEqual([]);
    const codes = new Set([...run.signals.values()].flat().flatMap((signal) => (signal.channel === "fault" ? [signal.code] : [])));
    const code = {
      "escalator-overspeed": "62",
      "escalator-reversal": "63",
      "escalator-missing-step": "64",
      "handrail-deviation": undefined,
    }[hazard];
    expect(codes).toEqual(new Set(code === undefined ? [] : [code]));
  },
);

test("an escalator's overspeed exceeds 1.15 times its rated speed, its reversal runs backwards, and its handrail lags by a fifth or more", () => {
  for (const hazard of ["escalator-overspeed", "escalator-reversal", "handrail-deviation"] as const) {
    const run = runFleet(steps, hazard, 1_800, 12, NOON);
    const ended = run.truth.filter((window) => window.hazard === hazard && window.to < run.endAt);
    expect(ended.length).toBeGreaterThanOrEqual(5);
    for (const { liftId, from, to } of ended) {
      const rated = steps.find((lift) => lift.liftId === liftId)?.ratedSpeedMps ?? Number.NaN;
      const during = (run.signals.get(liftId) ?? []).filter((signal) => signal.channel === "speed" && signal.at >= from && signal.at <= to);
      const speeds = during.map((signal) => signal.speedMps ?? Number.NaN);
      const lags = during.filter((signal) => (signal.handrailMps ?? 9) / (signal.speedMps ?? 1) < 0.82);
      const shown = {
        "escalator-overspeed": speeds.filter((speed) => speed >= 1.15 * rated).length >= 3,
        "escalator-reversal": Math.min(...speeds) < -0.3 * rated,
        "handrail-deviation": lags.length >= 15,
      }[hazard];
      expect(shown, `${hazard} of ${liftId} at ${from}`).toBe(true);
    }
  }
});

test("a machine whose controller reports codes 61 and 65 stands until they end", () => {
  const run = runFleet(steps, "reported-fault", 3_600, 3, NOON);
  expect(compare(run, steps).problems).toEqual([]);
  const codes = [...run.signals.values()].flat().flatMap((signal) => (signal.channel === "fault" ? [signal.code] : []));
  expect(new Set(codes)).toEqual(new Set(["61", "65"]));
});

test("a mass event takes the network or the mains of five or more machines within a minute, and its truth names them", () => {
  const demo = demoFleet();
  const run = runFleet(demo, "mass-event", 2_400, 7);
  expect(compare(run, demo).problems).toEqual([]);
  const events = run.truth.filter((window) => window.hazard === "mass-event" && window.to < run.endAt);
  expect(events.length).toBeGreaterThanOrEqual(5);
  const kinds = { network: 0, power: 0 };
  for (const { liftId, liftIds = [], from, to } of events) {
    expect(liftIds.length).toBeGreaterThanOrEqual(MASS_EVENT_LIFTS);
    expect(liftIds).toEqual([...new Set(liftIds)].toSorted());
    expect(liftIds[0]).toBe(liftId);
    const lost = liftIds.map((member) => {
      const signals = run.signals.get(member) ?? [];
      const dark = signals.find((signal) => signal.powered === false && signal.at >= from && signal.at <= to);
      if (dark !== undefined) return { power: true, at: dark.at };
      const will = run.wills.find(
        (signal) =>
          signal.receivedAt >= from && signal.receivedAt <= from + 60_000 && signals.some(({ boot }) => `${boot}-will` === signal.boot),
      );
      return { power: false, at: will?.receivedAt ?? Number.NaN };
    });
    expect(Math.max(...lost.map(({ at }) => at - from))).toBeLessThanOrEqual(60_000);
    kinds[lost.every(({ power }) => power) ? "power" : "network"]++;
    expect(new Set(lost.map(({ power }) => power)).size).toBe(1);
  }
  expect(Math.min(kinds.network, kinds.power)).toBeGreaterThanOrEqual(1);
});
