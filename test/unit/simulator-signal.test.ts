import { expect, test } from "vitest";
import { ESCALATOR_HAZARDS, MASS_HAZARDS, SIMULATED, SLOW_HAZARDS } from "../../simulators/faults/hazards.ts";
import { readingSchemas } from "../../src/core/reading.ts";
import { demoFleet, tinyFleet } from "../../simulators/fleet/fleet.ts";
import { HAZARD_AFTER_MS } from "../../simulators/faults/truth.ts";
import { compare } from "../simulator-compare.ts";
import { FROM, offsetM, runFleet } from "../simulator-signal.ts";
import { hazardsIn } from "../simulator-yardstick.ts";

const demo = demoFleet();
const tiny = tinyFleet();

/** Hazards of single lifts that show within minutes. */
const swift = SIMULATED.filter((hazard) => ![...ESCALATOR_HAZARDS, ...MASS_HAZARDS, ...SLOW_HAZARDS].some((other) => other === hazard));
/** What the controller says of a hazard is a reported fault too, and thrice in a day a repeated one. */
const TOLD = new Set<string>(["reported-fault", "repeated-faults"]);

test("200 healthy lifts in the morning peak show no hazard, keep their limits, and are busy", () => {
  const run = runFleet(demo, "normal", 3_600);
  expect(run.truth).toEqual([]);
  const problems: string[] = [];
  let [stops, runs, samples] = [0, 0, 0];
  for (const lift of demo) {
    const signals = run.signals.get(lift.liftId) ?? [];
    problems.push(...hazardsIn(lift, signals, run.endAt).map((window) => JSON.stringify(window)));
    const rated = lift.ratedSpeedMps ?? 0;
    let [door, last, statusAt] = ["closed", { at: 0, speedMps: 0 }, FROM + 1_000];
    for (const signal of signals) {
      const { at } = signal;
      const must = (holds: boolean, what: string): void => {
        if (!holds) problems.push(`${what}: ${lift.liftId} ${JSON.stringify(signal)}`);
      };
      if (signal.channel === "door") {
        door = signal.state ?? "";
        must(Math.abs(last.speedMps) <= 0.3, "the door moves while the car runs");
      } else if (signal.channel === "speed") {
        const { speedMps = Number.NaN } = signal;
        samples++;
        must(Math.abs(speedMps) <= 1.02 * rated, "too fast");
        must(door === "closed" || Math.abs(speedMps) <= 0.3, "runs with the door not closed");
        // Mean acceleration between samples cannot exceed the peak; rounding adds a millimetre a second.
        const seconds = (at - last.at) / 1_000;
        must(seconds === 0 || seconds > 1 || Math.abs(speedMps - last.speedMps) <= 1.5 * seconds + 0.002, "accelerates too hard");
        if (signal.levelOffsetMm !== undefined) {
          must(speedMps === 0, "is level while it moves");
          must(
            Math.abs(offsetM(lift, signal.positionM ?? Number.NaN) * 1_000 - signal.levelOffsetMm) <= 0.6,
            "level and position disagree",
          );
          // After a run or a re-levelling; in between, the ropes give with the load, to be re-levelled beyond 20 mm.
          const moved = Math.abs(last.speedMps) > 0;
          if (moved) stops++;
          must(Math.abs(signal.levelOffsetMm) <= (moved ? 10 : 45), "stands off its level");
          if (Math.abs(signal.levelOffsetMm) > 20.05) {
            const next = signals.find((other) => other.channel === "speed" && other.at > at);
            must(next === undefined || (next.at - at < 3_000 && Math.abs(next.speedMps ?? 1) <= 0.05), "does not re-level");
          }
        }
        last = { at, speedMps };
      } else if (signal.channel === "status") {
        must(at - statusAt <= 60_000, "keep-alive late");
        statusAt = at;
        must((signal.loadKg ?? Number.NaN) <= (lift.ratedLoadKg ?? 0), "overloaded");
        must((signal.persons ?? 0) > 0 === (signal.loadKg ?? 0) > 0, "persons and load disagree");
      }
    }
    if (run.endAt - statusAt > 60_000) problems.push(`keep-alive missing: ${lift.liftId}`);
    const trips = signals.filter((signal) => signal.channel === "status").map((signal) => signal.tripCount ?? 0);
    runs += (trips.at(-1) ?? 0) - (trips[0] ?? 0);
  }
  expect(problems).toEqual([]);
  // A check that sees nothing proves nothing.
  expect(stops).toBeGreaterThan(2_000);
  expect(runs).toBeGreaterThan(2_000);
  expect(samples).toBeGreaterThan(20_000);
});

test("a healthy residential lift makes 50 to 450 trips a day on average, with peaks at 8 to 10 and 18 to 20 hours", () => {
  const lifts = demo.filter((lift) => lift.kind === "passenger").slice(0, 12);
  const midnight = Date.parse("2026-01-05T00:00:00+08:00");
  const run = runFleet(lifts, "normal", 86_400, 3, midnight);
  const stopsByHour = Array.from({ length: 24 }, () => 0);
  for (const lift of lifts) {
    const signals = run.signals.get(lift.liftId) ?? [];
    expect(hazardsIn(lift, signals, run.endAt)).toEqual([]);
    const trips = signals.filter((signal) => signal.channel === "status").map((signal) => signal.tripCount ?? 0);
    const made = (trips.at(-1) ?? 0) - (trips[0] ?? 0);
    expect(made, lift.liftId).toBeGreaterThan(50);
    expect(made, lift.liftId).toBeLessThan(450);
    for (const signal of signals) {
      const hour = Math.floor((signal.at - midnight) / 3_600_000);
      if (signal.channel === "door" && signal.state === "open") stopsByHour[hour] = (stopsByHour[hour] ?? 0) + 1;
    }
  }
  const share = (from: number, to: number): number =>
    stopsByHour.slice(from, to).reduce((sum, stops) => sum + stops, 0) / stopsByHour.reduce((sum, stops) => sum + stops, 0);
  for (const [from, to] of [
    [8, 10],
    [18, 20],
  ] as const) {
    expect(share(from, to)).toBeGreaterThan(0.11);
    expect(share(from, to)).toBeLessThan(0.19);
  }
  expect(share(1, 5)).toBeLessThan(0.03);
});

test.each(swift)("the scenario %s shows that hazard in the signal, for as long as the truth says, and nothing else", (hazard) => {
  const run = runFleet(tiny, hazard, 3_600, 11);
  const { matched, problems } = compare(run, tiny);
  expect(problems).toEqual([]);
  const own = matched.filter((window) => window.hazard === hazard);
  expect(own.length).toBeGreaterThanOrEqual(4);
  // A repeated fault is one for a day.
  if (hazard === "repeated-faults") return;
  // All but those that the end of the run cut off last for longer than the hazard asks.
  const ended = own.filter((window) => window.to < run.endAt);
  expect(ended.length).toBeGreaterThan(0);
  for (const window of ended) expect(window.to - window.from).toBeGreaterThan(HAZARD_AFTER_MS[hazard]);
  expect(matched.filter((window) => window.hazard !== hazard && !TOLD.has(window.hazard))).toEqual([]);
});

test("an overspeed run holds at least 1.15 times the rated speed for two samples or more, on its own lift's scale", () => {
  const run = runFleet(tiny, "overspeed", 1_800, 5);
  const whole = run.truth.filter(({ to }) => to < run.endAt);
  expect(whole.length).toBeGreaterThan(5);
  for (const window of whole) {
    const rated = tiny.find((lift) => lift.liftId === window.liftId)?.ratedSpeedMps ?? Number.NaN;
    const samples = (run.signals.get(window.liftId) ?? []).filter(
      (signal) => signal.channel === "speed" && signal.at >= window.from && signal.at <= window.to,
    );
    expect(samples.filter((signal) => Math.abs(signal.speedMps ?? 0) >= 1.15 * rated).length).toBeGreaterThanOrEqual(2);
    expect(samples.every((signal) => Math.abs(signal.speedMps ?? 0) <= 1.26 * rated)).toBe(true);
  }
});

test("an unintended movement carries the car more than 0.2 m from its level with the door open, and back with it closed", () => {
  const run = runFleet(tiny, "unintended-movement", 1_800, 6);
  for (const window of run.truth.filter(({ to }) => to < run.endAt)) {
    const during = (run.signals.get(window.liftId) ?? []).filter(({ at }) => at >= window.from && at <= window.to);
    const most = Math.max(...during.map((signal) => Math.abs(signal.levelOffsetMm ?? 0)));
    expect(most).toBeGreaterThan(900);
    expect(during.filter((signal) => Math.abs(signal.speedMps ?? 0) > 0.3).length).toBeGreaterThanOrEqual(1);
    expect(during.at(-1)?.state).toBe("closed");
  }
  expect(run.truth.length).toBeGreaterThan(5);
});

test("the demonstration goes through every hazard on 200 lifts, its first within 20 s, and its truth is what the signal shows", () => {
  const run = runFleet(demo, "demo", 3_600, 2);
  const { matched, problems } = compare(run, demo);
  expect(problems).toEqual([]);
  expect(new Set(matched.map((window) => window.hazard))).toEqual(new Set(swift));
  expect(Math.min(...run.truth.map((window) => window.from))).toBeLessThan(FROM + 20_000);
  // Something is always going on.
  for (let at = FROM + 20_000; at < run.endAt; at += 10_000) {
    expect(
      run.truth.some((window) => window.from <= at && window.to >= at),
      new Date(at).toISOString(),
    ).toBe(true);
  }
});

test("the city scenario is rare: half a day of 60 lifts has a handful of events, and they are true", () => {
  const lifts = demo.slice(0, 60);
  const run = runFleet(lifts, "city", 86_400 / 2, 4);
  expect(compare(run, lifts).problems).toEqual([]);
  expect(run.truth.length).toBeLessThan(20);
});

test("every reading of the demonstration satisfies the contract's schemas", () => {
  const run = runFleet(tiny, "demo", 1_800, 3);
  let seen = 0;
  for (const signals of run.signals.values()) {
    for (const { receivedAt, channel, ...reading } of signals) {
      expect(readingSchemas[channel].safeParse(reading).error, JSON.stringify(reading)).toBeUndefined();
      expect(receivedAt).toBeGreaterThanOrEqual(reading.at);
      seen++;
    }
  }
  expect(seen).toBeGreaterThan(1_000);
});
