import { expect, test } from "vitest";
import { RecordingSink } from "../../simulators/run/recording.ts";
import { FleetStream } from "../../simulators/run/stream.ts";
import type { TruthWindow } from "../../simulators/faults/truth.ts";
import type { Wear } from "../../simulators/faults/hazards.ts";
import type { LiftRecord } from "../../src/core/lift.ts";
import { FROM } from "../simulator-signal.ts";
import type { Signal } from "../simulator-signal.ts";

const DAY_MS = 86_400_000;
/** A quiet lift, so that months are cheap. */
const lift: LiftRecord = { liftId: "W1", kind: "freight", ratedSpeedMps: 1, ratedLoadKg: 2_000, floors: 8, travelM: 24.5, inService: true };

interface Months {
  readonly truth: readonly TruthWindow[];
  /** The readings of one day, of whole days from the start. */
  day(number: number): readonly Signal[];
  readonly faults: readonly Signal[];
}

const parse = (lines: readonly string[]): Signal[] =>
  lines.map((line) => {
    const { receivedAt, topic, payload } = JSON.parse(line) as { receivedAt: number; topic: string; payload: object };
    return { receivedAt, channel: topic.split("/")[2], ...payload } as Signal;
  });

/** Runs the lift for so many days and keeps the text of each, to be taken apart when it is asked for. */
function run(wear: Wear, days: number, seed: number): Months {
  const truth: TruthWindow[] = [];
  const sink = new RecordingSink([lift.liftId]);
  const stream = new FleetStream({
    lifts: [lift],
    seed,
    scenario: wear,
    startAt: FROM,
    rampMs: 1_000,
    sink,
    truth: (window) => truth.push(window),
  });
  const texts: string[] = [];
  for (let day = 1; day <= days; day++) {
    while (!stream.run(FROM + day * DAY_MS - 1, 100_000));
    texts.push(sink.take().toString("latin1"));
  }
  stream.close(FROM + days * DAY_MS);
  const lines = texts.map((text) => text.split("\n").slice(0, -1));
  return {
    truth,
    day: (number) => parse(lines[number] ?? []),
    faults: parse(lines.flat().filter((line) => line.includes("/fault"))),
  };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function closingMs(signals: readonly Signal[]): number {
  const doors = signals.filter(({ channel }) => channel === "door");
  return median(
    doors.flatMap((signal, index) =>
      signal.state === "closed" && doors[index - 1]?.state === "closing" ? [signal.at - (doors[index - 1]?.at ?? 0)] : [],
    ),
  );
}
function topMps(signals: readonly Signal[]): number {
  return Math.max(...signals.map(({ speedMps = 0 }) => Math.abs(speedMps)));
}
/** Offsets of the stops of runs, with the direction from which the car came. */
function stops(signals: readonly Signal[]): { offsetMm: number; sign: number }[] {
  let sign = 0;
  return signals.flatMap(({ channel, speedMps = 0, levelOffsetMm }) => {
    if (channel !== "speed") return [];
    if (Math.abs(speedMps) > 0.05) sign = Math.sign(speedMps);
    if (levelOffsetMm === undefined || sign === 0) return [];
    const stop = { offsetMm: levelOffsetMm, sign };
    sign = 0;
    return [stop];
  });
}

const dayOf = (at: number): number => Math.floor((at - FROM) / DAY_MS);

/** The day after the truth of the first wear began, and the day after it ended. */
function daysOf({ truth }: Months, hazard: string): { worn: number; mended: number } {
  const first = truth.find((window) => window.hazard === hazard);
  expect(first, hazard).toBeDefined();
  return { worn: dayOf(first?.from ?? 0) + 1, mended: dayOf(first?.to ?? 0) + 1 };
}

test("a door that wears closes a fifth more slowly when its truth begins, a little more each day, and as new after maintenance", () => {
  const months = run("door-slowing", 96, 1);
  const { worn, mended } = daysOf(months, "door-slowing");
  const asNew = closingMs(months.day(0));
  expect(closingMs(months.day(worn)) / asNew).toBeGreaterThan(1.19);
  const half = closingMs(months.day(worn >> 1)) / asNew;
  expect(half).toBeGreaterThan(1.05);
  expect(half).toBeLessThan(1.15);
  expect(closingMs(months.day(mended)) / asNew).toBeLessThan(1.03);
  expect(mended - worn).toBeGreaterThanOrEqual(5);
});

test("a lift whose runs become slow is an eighth below its speed when its truth begins", () => {
  const months = run("travel-slowing", 96, 2);
  const { worn, mended } = daysOf(months, "travel-slowing");
  const asNew = topMps(months.day(0));
  expect(topMps(months.day(worn)) / asNew).toBeLessThan(0.9);
  expect(topMps(months.day(worn >> 1)) / asNew).toBeLessThan(0.97);
  expect(topMps(months.day(mended)) / asNew).toBeGreaterThan(0.98);
});

test("a levelling trend moves the mean of the stops by 8 mm while single stops stay below 20 mm", () => {
  const months = run("levelling-trend", 64, 3);
  const { worn, mended } = daysOf(months, "levelling-drift");
  const offsets = (day: number): number[] => stops(months.day(day)).map(({ offsetMm }) => offsetMm);
  expect(offsets(worn).length).toBeGreaterThan(50);
  expect(Math.abs(mean(offsets(worn)))).toBeGreaterThan(7);
  expect(Math.max(...offsets(worn).map(Math.abs))).toBeLessThan(20);
  expect(Math.abs(mean(offsets(0)))).toBeLessThan(3);
  expect(Math.abs(mean(offsets(mended)))).toBeLessThan(3);
});

test("a brake that weakens lets the car run on by 8 mm in its own direction", () => {
  const months = run("brake-trend", 64, 4);
  const { worn, mended } = daysOf(months, "brake-weakening");
  const overrun = (day: number): number => mean(stops(months.day(day)).map(({ offsetMm, sign }) => offsetMm * sign));
  expect(overrun(worn)).toBeGreaterThan(7);
  expect(overrun(0)).toBeLessThan(2);
  expect(overrun(mended)).toBeLessThan(2);
});

test("a lift that has gone bad reports a fault every other day for weeks, against one in three years, and is chronic by then", () => {
  const months = run("fault-rate-high", 60, 5);
  const bad = months.truth.filter((window) => window.hazard === "fault-rate-high");
  expect(bad.length).toBeGreaterThanOrEqual(1);
  for (const { from, to } of bad.filter((window) => window.to < FROM + 60 * DAY_MS)) {
    const days = (to - from) / DAY_MS;
    const faults = months.faults.filter((signal) => signal.active === true && signal.at >= from && signal.at <= to);
    expect(faults.length / days).toBeGreaterThan(0.35);
    expect(faults.length / days).toBeLessThan(1.2);
  }
  const chronic = months.truth.filter((window) => window.hazard === "repeated-faults");
  expect(chronic.length).toBeGreaterThanOrEqual(1);
  // The faults of the bad weeks count for a month.
  for (const { from } of chronic) expect(bad.some((window) => window.from < from && from <= window.to + 30 * DAY_MS)).toBe(true);
});
