import { mean, variance } from "simple-statistics";
import { expect, test } from "vitest";
import { Random } from "../../simulators/random.ts";

const SEED = 20_261_122;
const sample = (draw: (random: Random) => number, count = 20_000): number[] => {
  const random = Random.seeded(SEED);
  return Array.from({ length: count }, () => draw(random));
};

test("the same labels give the same numbers whatever was drawn before, other labels or seeds give others", () => {
  const one = Random.seeded(SEED);
  const before = one.split("lift", "L1").bits();
  for (let round = 0; round < 100; round++) one.bits();
  one.split("lift", "L2").bits();
  expect(one.split("lift", "L1").bits()).toBe(before);
  expect(one.split("lift", "L2").bits()).not.toBe(before);
  expect(
    Random.seeded(SEED + 1)
      .split("lift", "L1")
      .bits(),
  ).not.toBe(before);
});

test("uniform numbers fill the unit interval evenly, also over the first numbers of many neighbours", () => {
  const root = Random.seeded(SEED);
  const firsts = Array.from({ length: 20_000 }, (_, index) => root.split("lift", `L${index}`).uniform());
  for (const numbers of [sample((random) => random.uniform()), firsts]) {
    const bins = Array.from({ length: 20 }, () => 0);
    for (const number of numbers) {
      expect(number).toBeGreaterThanOrEqual(0);
      expect(number).toBeLessThan(1);
      bins[Math.floor(number * 20)] = (bins[Math.floor(number * 20)] ?? 0) + 1;
    }
    // Chi-square with 19 degrees of freedom: 43.8 is its 99.9 % quantile.
    expect(bins.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0)).toBeLessThan(43.8);
  }
});

test("distributions have the moments that they state", () => {
  expect(mean(sample((random) => random.exponential(5)))).toBeCloseTo(5, 0);
  expect(mean(sample((random) => random.normal()))).toBeCloseTo(0, 1);
  expect(variance(sample((random) => random.normal()))).toBeCloseTo(1, 1);
  expect(mean(sample((random) => random.lognormal(11.5, 0.39)))).toBeCloseTo(11.5, 0);
  const rates = sample((random) => random.gamma(1.2));
  expect(mean(rates)).toBeCloseTo(1, 1);
  expect(1 / variance(rates)).toBeCloseTo(1.2, 0);
  expect(mean(sample((random) => random.weighted([1, 0, 3])))).toBeCloseTo(1.5, 1);
  expect(new Set(sample((random) => random.integer(3, 5)))).toEqual(new Set([3, 4, 5]));
});
