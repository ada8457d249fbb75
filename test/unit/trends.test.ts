/** What the estimators of trends do at their edges: no events, no exposure, one unit, all alike, bad input. */
import { describe, expect, test } from "vitest";
import { compareRates } from "../../src/trends/before-after.ts";
import { betweenChart, laneyChart } from "../../src/trends/control-charts.ts";
import { meanCumulative } from "../../src/trends/cumulative.ts";
import { discounted, episodeStarts, withinDispersion } from "../../src/trends/episodes.ts";
import { garwood, monthlyEntrapmentRate } from "../../src/trends/fault-rate.ts";
import { funnel } from "../../src/trends/funnel.ts";
import { gammaCdf, gammaQuantile } from "../../src/trends/gamma.ts";
import { poissonRegression } from "../../src/trends/poisson-regression.ts";
import { fitPrior, posteriorInterval, shrink } from "../../src/trends/shrinkage.ts";
import { standardise } from "../../src/trends/standardise.ts";
import { unitTrend } from "../../src/trends/unit-trend.ts";
import { availabilityOf, chronicLifts, durations, meanTimeBetween, recurrence, shareWithin } from "../../src/trends/up-time.ts";
import { fitWeibull } from "../../src/trends/weibull.ts";

const DAY = 86_400_000;
const days = (...list: number[]) => list.map((day) => day * DAY);
const row = (cluster: string, events: number, month: number) => ({ cluster, events, exposure: 1, covariates: [month] });
const units = (...pairs: [events: number, exposure: number][]) =>
  pairs.map(([events, exposure], index) => ({ key: String.fromCodePoint(97 + index), events, exposure }));

describe("a rate", () => {
  test("is undefined and unbounded without exposure, and starts at 0 without events", () => {
    expect(garwood(0, 0)).toEqual({ rate: undefined, low: 0, high: Infinity });
    expect(garwood(0, 8)).toMatchObject({ rate: 0, low: 0 });
  });
  test("of entrapments is per cent of the passenger lifts in use", () => {
    expect(monthlyEntrapmentRate(3, 12_000).rate).toBeCloseTo(0.025, 12);
    expect(monthlyEntrapmentRate(0, 0).rate).toBeUndefined();
  });
  test("refuses counts that are none, and says what it found", () => {
    expect(() => garwood(-1, 8)).toThrow("events is -1; expected a finite number of at least 0");
    expect(() => garwood(1, NaN)).toThrow("exposure is NaN");
    expect(() => shrink([{ key: "a", events: Infinity, exposure: 1 }])).toThrow("events of a is Infinity");
  });
});

describe("shrinkage", () => {
  test("leaves a single unit its own rate, with the width of its own events", () => {
    const { prior, rates } = shrink(units([9, 12]));
    expect(prior.alike).toBe(true);
    expect(rates[0]).toMatchObject({ rate: 0.75, flagged: false });
    const { low, high } = posteriorInterval({ shape: 9, weight: 12 }, 0.9);
    expect(low).toBeCloseTo(gammaQuantile(0.05, 9, 12), 12);
    expect(high).toBeCloseTo(gammaQuantile(0.95, 9, 12), 12);
  });
  test("gives units that are all alike one rate, and an interval that is not a point", () => {
    const { prior, rates } = shrink(units([2, 10], [2, 10], [2, 10]));
    expect(prior.alike).toBe(true);
    for (const rate of rates) {
      expect(rate.rate).toBeCloseTo(0.2, 12);
      const { low, high } = posteriorInterval(rate, 0.9);
      expect(low).toBeLessThan(0.15);
      expect(high).toBeGreaterThan(0.25);
    }
  });
  test("of a fleet without events is 0 with the bound that its exposure allows", () => {
    const { rates } = shrink(units([0, 10], [0, 30]));
    expect(rates.map(({ rate, exceedance }) => [rate, exceedance])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(posteriorInterval(rates[0] ?? { shape: NaN, weight: NaN }).high).toBeCloseTo(garwood(0, 40).high, 12);
  });
  test("of nothing, or without exposure, knows nothing and flags nothing", () => {
    expect(shrink([]).rates).toEqual([]);
    const { rates } = shrink(units([0, 0]));
    expect(rates[0]).toMatchObject({ rate: 0, exceedance: 0, ranked: false, flagged: false });
    expect(posteriorInterval(rates[0] ?? { shape: NaN, weight: NaN })).toEqual({ low: 0, high: Infinity });
  });
  test("gives a unit without exposure the prior, and does not rank it", () => {
    const { prior, rates } = shrink(units([0, 10], [40, 10], [3, 10], [0, 0]));
    expect(rates[3]).toMatchObject({ rate: prior.shape / prior.weight, ranked: false });
  });
  test("neither ranks nor flags a group with too little exposure", () => {
    const given = units([10, 100], [9, 100], [11, 100], [30, 20]);
    expect(shrink(given).rates[3]?.flagged).toBe(true);
    expect(shrink(given, { leastExposure: 30 }).rates[3]).toMatchObject({ ranked: false, flagged: false });
  });
});

describe("episodes", () => {
  test("begin more than three days after the fault before, whether or not that one began one", () => {
    expect(episodeStarts(days(0, 1, 3, 6, 9.01, 9.01))).toEqual([true, false, false, false, true, false]);
    expect(episodeStarts([])).toEqual([]);
    expect(() => episodeStarts(days(2, 1))).toThrow("expected times in order");
  });
  test("of older months count less, and vary less than a Poisson count of their mean", () => {
    const { events, exposure, spread } = discounted({ key: "a", events: [1, 0, 2], exposure: [1, 1, 1] });
    expect(events).toBeCloseTo(2.64, 12);
    expect(exposure).toBeCloseTo(2.44, 12);
    expect(spread).toBeCloseTo((1 + 0.64 + 0.4096) / 2.44, 12);
    expect(discounted({ key: "a", events: [1, 2], exposure: [1, 1] }, 1)).toEqual({ key: "a", events: 3, exposure: 2, spread: 1 });
    expect(discounted({ key: "a", events: [], exposure: [] })).toEqual({ key: "a", events: 0, exposure: 0, spread: 1 });
  });
  test("have a dispersion within lifts only where some lift has events and two periods", () => {
    expect(withinDispersion([{ key: "a", events: [0, 0], exposure: [1, 1] }])).toBeUndefined();
    expect(withinDispersion([{ key: "a", events: [4], exposure: [1] }])).toBeUndefined();
    // (0 − 2)² + (4 − 2)² over 2 · (½ + ½).
    expect(withinDispersion([{ key: "a", events: [0, 4, 9], exposure: [1, 1, 0] }])).toBeCloseTo(4, 12);
  });
});

describe("a fair comparison", () => {
  test("expects of each group what the fleet had in its strata", () => {
    const cells = [
      { group: "new lifts", stratum: "0-5", events: 1, exposure: 100 },
      { group: "old lifts", stratum: "0-5", events: 1, exposure: 100 },
      { group: "old lifts", stratum: "20+", events: 30, exposure: 100 },
      { group: "both", stratum: "20+", events: 20, exposure: 50 },
      { group: "both", stratum: "20+", events: 10, exposure: 50 },
    ];
    const [fresh, old, both] = standardise(cells);
    expect(fresh).toEqual({ key: "new lifts", events: 1, exposure: 1, lived: 100, own: 0.5 });
    expect(old).toMatchObject({ events: 31, exposure: 31, own: 0.5 });
    expect(both).toEqual({ key: "both", events: 30, exposure: 30, lived: 100, own: 0.5 });
    expect(standardise([])).toEqual([]);
    expect(standardise([{ group: "a", stratum: "s", events: 0, exposure: 0 }])).toEqual([
      { key: "a", events: 0, exposure: 0, lived: 0, own: 0 },
    ]);
  });
  test("has a funnel of chance alone where groups are few, and none without exposure", () => {
    expect(funnel(units([5, 10], [50, 10]))).toMatchObject({ dispersion: 1, between: 0 });
    expect(funnel(units([0, 0]))).toEqual({ target: 0, dispersion: 1, between: 0, points: [] });
    expect(funnel(units([0, 5], [0, 9])).points.map(({ place }) => place)).toEqual(["within", "within"]);
  });
});

describe("before and after", () => {
  test("without events, or exposure on one side, says nothing", () => {
    const nothing = { ratio: undefined, low: 0, high: Infinity, worse: 1, better: 1, p: 1 };
    expect(compareRates({ events: 0, exposure: 5 }, { events: 0, exposure: 5 })).toEqual(nothing);
    expect(compareRates({ events: 3, exposure: 5 }, { events: 0, exposure: 0 })).toEqual(nothing);
  });
  test("is bounded on one side where one time has no events", () => {
    expect(compareRates({ events: 0, exposure: 5 }, { events: 3, exposure: 5 })).toMatchObject({
      ratio: Infinity,
      high: Infinity,
      better: 1,
    });
    expect(compareRates({ events: 3, exposure: 5 }, { events: 0, exposure: 5 })).toMatchObject({ ratio: 0, low: 0, worse: 1 });
  });
  test("proves less where faults come in bursts", () => {
    const [before, after] = [
      { events: 20, exposure: 12 },
      { events: 6, exposure: 12 },
    ];
    expect(compareRates(before, after).p).toBeLessThan(0.02);
    expect(compareRates(before, after, { dispersion: 1.81 }).p).toBeGreaterThan(0.05);
  });
});

describe("trends and charts", () => {
  test("of a unit without faults say nothing, and refuse a fault outside the stretch", () => {
    expect(unitTrend([], 30)).toEqual({ events: 0, laplace: undefined, laplaceP: 1, shape: undefined, shapeP: 1 });
    expect(unitTrend([30], 30).shape).toEqual({ value: Infinity, low: 0, high: Infinity });
    expect(() => unitTrend([31], 30)).toThrow("expected one after 0 and by 30");
  });
  test("of a fleet need events, two lifts, and covariates that differ", () => {
    expect(poissonRegression([])).toBeUndefined();
    expect(poissonRegression([row("a", 0, 0), row("b", 0, 1)])).toBeUndefined();
    expect(poissonRegression([row("a", 2, 0), row("a", 1, 1)])).toBeUndefined();
    expect(poissonRegression([row("a", 2, 1), row("b", 1, 1)])).toBeUndefined();
    expect(poissonRegression([row("a", 2, 0), row("a", 1, 1), row("b", 4, 0), row("b", 2, 1)])?.[1]?.value).toBeCloseTo(Math.log(0.5), 9);
  });
  test("of periods leave out those without exposure, and widen nothing with fewer than two", () => {
    const { points } = laneyChart([
      { events: 4, exposure: 10 },
      { events: 0, exposure: 0 },
      { events: 4, exposure: 10 },
    ]);
    expect(points.map(({ rate, out }) => [rate, out])).toEqual([
      [0.4, undefined],
      [undefined, undefined],
      [0.4, undefined],
    ]);
    expect(laneyChart([{ events: 4, exposure: 10 }]).variation).toBe(1);
    expect(laneyChart([]).points).toEqual([]);
    expect(
      laneyChart([
        { events: 0, exposure: 10 },
        { events: 0, exposure: 10 },
      ]).points[1],
    ).toMatchObject({ rate: 0, high: 0, out: undefined });
  });
  test("of numbers between faults see a fault that comes too soon", () => {
    expect(betweenChart([])).toBeUndefined();
    const usual = Array.from({ length: 50 }, (_, index) => 5_000 + 100 * index);
    const chart = betweenChart([...usual, 1]);
    expect(chart?.low).toBeGreaterThan(1);
    expect(chart?.out.indexOf("short")).toBe(50);
    expect(betweenChart([0, 0])).toEqual({ centre: 0, low: 0, high: 0, out: [undefined, undefined] });
  });
});

describe("time", () => {
  test("between failures is known only from below without one", () => {
    expect(meanTimeBetween(0, 100)).toMatchObject({ mean: undefined, high: Infinity });
    expect(meanTimeBetween(0, 0)).toEqual({ mean: undefined, low: 0, high: Infinity });
  });
  test("has a median whose interval is unbounded with few values, and none without any", () => {
    expect(durations([])).toMatchObject({ count: 0, mean: undefined, median: undefined });
    expect(durations([7])).toEqual({ count: 1, mean: 7, median: 7, medianInterval: { low: 0, high: Infinity }, p95: 7 });
    expect(shareWithin([10, 30, 31], 30).share).toBeCloseTo(2 / 3, 12);
    expect(shareWithin([], 30)).toEqual({ of: 0, share: undefined, low: 0, high: 1 });
  });
  test("in service is bounded by nothing for one lift", () => {
    expect(availabilityOf([])).toEqual({ availability: undefined, low: 0, high: 1 });
    expect(availabilityOf([{ upHours: 90, hours: 100 }])).toEqual({ availability: 0.9, low: 0, high: 1 });
    const same = availabilityOf([
      { upHours: 9, hours: 10 },
      { upHours: 9, hours: 10 },
    ]);
    expect(same.low).toBeCloseTo(0.9, 12);
    expect(same.high).toBeCloseTo(0.9, 12);
  });
  test("until a fault recurs counts only faults that were followed for 30 days", () => {
    // Followed to day 100: days 0, 10 and 60; again within 30 days: days 0 and 60.
    expect(recurrence([days(0, 10, 60, 80, 90)], 100 * DAY)).toMatchObject({ of: 3, share: 2 / 3 });
    expect(recurrence([days(95)], 100 * DAY)).toMatchObject({ of: 0, share: undefined });
  });
  test("makes a lift chronic at three faults in a month, beside what chance would make", () => {
    const months = [
      { key: "a", events: [0, 3, 5], exposure: [1, 1, 1] },
      { key: "b", events: [2, 2, 0], exposure: [1, 1, 1] },
      { key: "c", events: [3, 0, 0], exposure: [1, 1, 0] },
    ];
    const { liftMonths, lifts, byChance } = chronicLifts(months);
    expect(liftMonths).toBe(3);
    expect(lifts).toEqual([
      { key: "a", months: 2, worst: 5 },
      { key: "c", months: 1, worst: 3 },
    ]);
    expect(byChance).toBeCloseTo(8 * gammaCdf(15 / 8, 3), 12);
    expect(chronicLifts([])).toEqual({ liftMonths: 0, lifts: [], byChance: 0 });
  });
});

describe("service life", () => {
  test("of no lifts is flat, and of one lift has its own faults and no error", () => {
    expect(meanCumulative([], [1])).toEqual([{ age: 1, mean: 0, error: 0, low: 0, high: 0, lifts: 0 }]);
    const [point] = meanCumulative([{ entry: 0, exit: 5, faults: [1, 1, 2] }], [3]);
    expect(point).toMatchObject({ mean: 3, lifts: 1 });
    expect(point?.error).toBeCloseTo(0, 12);
  });
  test("refuses faults outside a lift's observation, and ages out of order", () => {
    expect(() => meanCumulative([{ entry: 2, exit: 5, faults: [1] }], [3])).toThrow("faults of lift 0");
    expect(() => meanCumulative([{ entry: 5, exit: 5, faults: [] }], [3])).toThrow("expected after 5");
    expect(() => meanCumulative([], [3, 1])).toThrow("expected ages in order");
  });
  test("of parts is unknown with fewer than two ages at failure, or where every part failed at almost one age", () => {
    expect(fitWeibull([])).toBeUndefined();
    expect(fitWeibull([{ entry: 0, exit: 4, failed: true }])).toBeUndefined();
    expect(fitWeibull([4, 4, 4].map((exit) => ({ entry: 0, exit, failed: true })))).toBeUndefined();
    expect(() => fitWeibull([{ entry: 4, exit: 4, failed: true }])).toThrow("expected 0 ≤ entry < exit");
  });
});

test("a prior of units that differ more than by chance has Marshall's moments", () => {
  const { fleet, between, shape, weight, alike } = fitPrior(units([0, 10], [20, 10]));
  expect([fleet, between, alike]).toEqual([1, 0.9, false]);
  expect([shape, weight]).toEqual([1 / 0.9, 1 / 0.9]);
});
