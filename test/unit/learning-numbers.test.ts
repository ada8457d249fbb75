import { describe, expect, test } from "vitest";
import { newQuantile, addToQuantile, countOf, quantileOf } from "../../src/core/learning/quantile.ts";
import { PAST_DAYS, pastDays, remembered } from "../../src/core/learning/past.ts";
import { normalScore } from "../../src/core/learning/normal-score.ts";
import { budgetedRunLength, runLength, thresholdFor } from "../../src/core/learning/threshold.ts";
import { Random } from "../../simulators/random.ts";

const SEED = 20_261_122;

describe("a t score as a normal score", () => {
  // Exact: Φ⁻¹(F(t)), by a table of the t distribution: t at which F = 0.975, 0.99, 0.995 and 0.999.
  test.each([
    [13, 2.1604, 1.95996],
    [13, 2.6503, 2.32635],
    [30, 2.75, 2.57583],
    [30, 3.3852, 3.09023],
    [120, 1.9799, 1.95996],
  ])("with %i degrees of freedom, t = %f is a score of %f within 0.01", (freedom, t, score) => {
    expect(Math.abs(normalScore(t, freedom) - score)).toBeLessThan(0.01);
    expect(normalScore(-t, freedom)).toBe(-normalScore(t, freedom));
  });
});

const threshold = (sides: number, perDay: number) => thresholdFor(0.5, budgetedRunLength(sides, perDay, 40_000));

describe("the threshold for a false-alarm rate", () => {
  // shared table: two-sided average run lengths of the two-sided chart, so each side runs for twice as long.
  test.each([
    [0.5, 370, 4.77],
    [0.5, 1_000, 5.76],
    [0.5, 20_000, 8.75],
    [0.5, 98_454, 10.34],
    [0.5, 120_000, 10.54],
    [0.5, 200_000, 11.05],
    [0.25, 20_000, 15.9],
    [0.25, 100_000, 19.1],
  ])("k = %f and %i days between false alarms of both sides give h = %f within 0.03", (reference, days, threshold) => {
    expect(Math.abs(thresholdFor(reference, 2 * days) - threshold)).toBeLessThan(0.03);
    expect(runLength(reference, thresholdFor(reference, 2 * days)) / (2 * days)).toBeCloseTo(1, 2);
  });

  test("16,409 lifts with six two-sided charts and one false alert a day need h = 10.34", () => {
    expect(thresholdFor(0.5, budgetedRunLength(16_409 * 6 * 2, 1, 40_000))).toBeCloseTo(10.34, 1);
  });

  test("a larger budget or a smaller fleet lowers the threshold, never below that of the least run length", () => {
    expect(threshold(200_000, 1)).toBeGreaterThan(threshold(200_000, 2));
    expect(threshold(400_000, 1)).toBeGreaterThan(threshold(200_000, 1));
    expect(threshold(10, 5)).toBe(threshold(1, 1));
    expect(threshold(10, 5)).toBeCloseTo(8.75, 1);
  });
});

const draw = (count: number, p: number, value: (random: Random) => number, seed: number) => {
  const random = Random.seeded(seed);
  const values = Array.from({ length: count }, () => Math.round(value(random)));
  const state = newQuantile();
  for (const each of values) addToQuantile(state, p, each);
  const sorted = values.toSorted((a, b) => a - b);
  return { state, estimate: quantileOf(state, p), exact: sorted[Math.floor(p * count)] ?? Number.NaN };
};

describe(`a quantile in constant memory (seed ${SEED})`, () => {
  test.each([
    [0.5, "normal", 100, (random: Random) => 3_000 + 100 * random.normal()],
    [0.5, "skewed", 400, (random: Random) => 3_000 + 400 * random.exponential(1)],
    [0.9, "normal", 100, (random: Random) => 3_000 + 100 * random.normal()],
    [0.2, "skewed", 400, (random: Random) => 3_000 + 400 * random.exponential(1)],
  ])("the %f quantile of a day of 300 %s values is within a quarter of a standard deviation", (p, _name, deviation, value) => {
    const errors = Array.from({ length: 200 }, (_, index) => {
      const { estimate, exact } = draw(300, p, value, SEED + index);
      return Math.abs(estimate - exact);
    });
    expect(errors.toSorted((a, b) => a - b)[190]).toBeLessThan(deviation / 4);
  });

  test("it is nine small numbers however much it has seen, and the middle of few values is exact", () => {
    const { state } = draw(10_000, 0.5, (random) => 3_000 + 100 * random.normal(), SEED);
    expect(countOf(state)).toBe(10_000);
    expect(state).toHaveLength(9);
    expect(JSON.stringify(state).length).toBeLessThan(64);
    const few = newQuantile();
    expect(quantileOf(few, 0.5)).toBeNaN();
    for (const value of [5, 1, 3]) addToQuantile(few, 0.5, value);
    expect(quantileOf(few, 0.5)).toBe(3);
  });

  test("values that are all the same give that value", () => {
    expect(draw(500, 0.5, () => 2_500, SEED).estimate).toBe(2_500);
  });
});

describe("the last days of a chart", () => {
  test.each([
    ["ms", 1_000 * Math.log(2_600), 1],
    ["ms", 0, 1],
    ["share", 1_000 * Math.log(10_250), 1],
    ["mm", -812.4, 1.25],
    ["mm", 9_999, 1.25],
    ["per cycle", 0.0313, 1 / 16_000],
  ] as const)("come back from their three characters, in %s: %f within %f", (unit, value, within) => {
    const [day] = pastDays(remembered(undefined, unit, { value, share: 0.61 }), unit);
    expect(Math.abs((day?.value ?? Number.NaN) - value)).toBeLessThanOrEqual(within);
    expect(Math.abs((day?.share ?? Number.NaN) - 0.61)).toBeLessThanOrEqual(1 / 80);
  });

  test("are as many as are kept, the newest last; what lies beyond the grid stands at its edge, and a day without a value has none", () => {
    let past: string | undefined;
    for (let day = 0; day < PAST_DAYS + 5; day++) past = remembered(past, "ms", { value: 100 * day, share: day / 10 });
    past = remembered(remembered(past, "ms", { value: null, share: null }), "ms", { value: 1e9, share: 99 });
    const days = pastDays(past, "ms");
    expect(days).toHaveLength(PAST_DAYS);
    expect(days[0]).toEqual({ value: 700, share: 0.7 });
    expect(days.at(-2)).toEqual({ value: null, share: null });
    expect(days.at(-1)).toEqual({ value: 2 * (91 * 91 - 2), share: 2 });
    expect(JSON.stringify(past)).toHaveLength((past?.length ?? 0) + 2);
  });
});
