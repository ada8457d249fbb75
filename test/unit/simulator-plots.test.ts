import { describe, expect, test } from "vitest";
import { cityFleet } from "../../simulators/fleet/city.ts";
import { chart } from "../../src/chart.ts";
import { dispersion, drawYears, faultCounts, faultTimes, negativeBinomial } from "../../simulators/plots/faults.ts";
import { doorCycle, someMinutes, speedProfile } from "../../simulators/plots/motion.ts";
import type { Plot } from "../../simulators/plots/plot.ts";
import { tripsByHour } from "../../simulators/plots/traffic.ts";

const city = cityFleet(1);

/** Tags that are opened and not closed, or the other way round; numbers that are none. */
function flaws(svg: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, closing, name = "", empty] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (closing === "/") {
      if (open.pop() !== name) wrong.push(`</${name}>`);
    } else if (empty !== "/") open.push(name);
  }
  if (/NaN|Infinity|undefined/.test(svg)) wrong.push("a value that is none");
  if (/<script|href|url\(/.test(svg)) wrong.push("something to run or to load");
  return [...wrong, ...open];
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function draw(): Plot[] {
  const years = drawYears(city.slice(0, 2_000), 1);
  return [speedProfile(), doorCycle(1), someMinutes(1), tripsByHour(city, { seed: 1, lifts: 2 }), faultCounts(years), faultTimes(years)];
}

describe("the page of plots", () => {
  const plots = draw();

  test.each(plots)("$name is whole SVG with words, and nothing to load", ({ svg, says, title }) => {
    expect(flaws(svg)).toEqual([]);
    expect(svg).toMatch(/^<svg .*viewBox="0 0 \d+ \d+".*<text .*<\/svg>\n$/s);
    expect(`${title} ${says}`).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("is the same to the byte when it is drawn again", () => {
    expect(draw()).toEqual(plots);
  });
});

test("the negative binomial distribution is one, has its mean and variance, and becomes Poisson's", () => {
  const [mean, k] = [0.33, 1.2];
  const shares = Array.from({ length: 60 }, (_, n) => negativeBinomial(mean, k, n));
  const moment = (power: number): number => shares.reduce((sum, share, n) => sum + share * n ** power, 0);
  expect(moment(0)).toBeCloseTo(1, 12);
  expect(moment(1)).toBeCloseTo(mean, 10);
  expect(moment(2) - moment(1) ** 2).toBeCloseTo(mean + mean ** 2 / k, 10);
  expect(negativeBinomial(mean, Number.POSITIVE_INFINITY, 2)).toBeCloseTo((Math.exp(-mean) * mean ** 2) / 2, 12);
  expect(negativeBinomial(mean, 1e9, 2)).toBeCloseTo(negativeBinomial(mean, Number.POSITIVE_INFINITY, 2), 6);
});

test("drawn years count every car once a year, and lifts differ more than Poisson's", () => {
  const { carYears, episodes, byHour, byMonth } = drawYears(city, 7);
  expect(sum(episodes.lifts)).toBe(carYears);
  expect(sum(episodes.lifts.map((lifts, count) => lifts * count))).toBe(episodes.total);
  expect(sum(byHour)).toBe(episodes.total);
  expect(sum(byMonth)).toBe(episodes.total);
  expect(dispersion(episodes)).toBeGreaterThan(1);
  expect(dispersion(episodes)).toBeLessThan(1.5);
});

test("a chart draws what lies outside its axes at their ends, and nothing of no points", () => {
  const axis = { label: "x", from: 0, to: 10 };
  const series = { name: "a", kind: "line" as const, colour: "#000", points: [[-5, 20] as const, [15, -20] as const] };
  const svg = chart("t", [{ title: "<&>", x: axis, y: { ...axis, label: "y" }, series: [series, { ...series, points: [] }] }], 1, 200, 200);
  expect(flaws(svg)).toEqual([]);
  expect(svg).toContain('d="M62 52L184 154"');
  expect(svg).toContain("&lt;&amp;&gt;");
});
