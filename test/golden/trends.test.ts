/** Every estimator against values from elsewhere: R, mpmath (see the scripts beside the JSON) and published tables. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compareRates } from "../../src/trends/before-after.ts";
import { compareToExpected, expectedAfter, tailsAgainst } from "../../src/trends/expected-after.ts";
import { falseDiscovery } from "../../src/trends/multiplicity.ts";
import { betaCdf, betaQuantile, binomialTails } from "../../src/trends/beta.ts";
import { betweenChart, laneyChart } from "../../src/trends/control-charts.ts";
import type { Life } from "../../src/trends/cumulative.ts";
import { meanCumulative } from "../../src/trends/cumulative.ts";
import { garwood } from "../../src/trends/fault-rate.ts";
import { funnel, funnelLimits } from "../../src/trends/funnel.ts";
import { gammaCdf, gammaExceedance, gammaQuantile } from "../../src/trends/gamma.ts";
import { normalCdf, normalQuantile } from "../../src/trends/normal.ts";
import { poissonRegression } from "../../src/trends/poisson-regression.ts";
import { posteriorInterval, shrink } from "../../src/trends/shrinkage.ts";
import { unitTrend } from "../../src/trends/unit-trend.ts";
import { availabilityOf, durations, meanTimeBetween } from "../../src/trends/up-time.ts";
import { fitWeibull } from "../../src/trends/weibull.ts";

type Row = Readonly<Record<string, number>>;
interface Series {
  readonly events: readonly number[];
  readonly exposure: readonly number[];
}
interface Reference {
  readonly gammaQuantile: readonly Row[];
  readonly gamma: readonly Row[];
  readonly betaQuantile: readonly Row[];
  readonly normal: readonly Row[];
  readonly garwood: readonly Row[];
  readonly shrink: readonly (Series & {
    readonly dispersion: number;
    readonly fleet: number;
    readonly between: number;
    readonly rate: readonly number[];
    readonly low: readonly number[];
    readonly high: readonly number[];
    readonly exceedance: readonly number[];
  })[];
  readonly beforeAfter: readonly Readonly<Record<string, number | null>>[];
  readonly trend: readonly (Row & { readonly times: number | readonly number[] })[];
  readonly regression: {
    readonly rows: readonly (Row & { readonly cluster: number })[];
    readonly value: readonly number[];
    readonly error: readonly number[];
    readonly p: readonly number[];
  };
  readonly laney: readonly (Series & {
    readonly centre: number;
    readonly variation: number;
    readonly low: readonly number[];
    readonly high: readonly number[];
  })[];
  readonly between: readonly Row[];
  readonly mtbf: readonly Readonly<Record<string, number | null>>[];
  readonly medianRank: readonly Row[];
  readonly mcf: {
    readonly lives: readonly Life[];
    readonly age: readonly number[];
    readonly mean: readonly number[];
    readonly error: readonly number[];
  };
  readonly funnel: readonly (Series & {
    readonly target: number;
    readonly dispersion: number;
    readonly between: number;
    readonly z: readonly number[];
    readonly low: readonly number[];
    readonly high: readonly number[];
  })[];
  readonly availability: {
    readonly up: readonly number[];
    readonly hours: readonly number[];
    readonly value: number;
    readonly low: number;
    readonly high: number;
  };
}
interface RepairReference {
  readonly prior: { readonly shape: number; readonly weight: number };
  readonly cases: readonly Readonly<
    Record<"before" | "exposureBefore" | "exposureAfter" | "after" | "mean" | "better" | "atLeast", number>
  >[];
  readonly p: readonly number[];
  readonly adjusted: readonly number[];
}
interface WeibullReference {
  readonly parts: readonly (readonly [entry: number, exit: number, failed: number])[];
  readonly shape: readonly number[];
  readonly scale: readonly number[];
  readonly b10: number;
  readonly logLikelihood: number;
}

const folder = join(import.meta.dirname, "trends");
const reference = JSON.parse(readFileSync(join(folder, "reference.json"), "utf8")) as Reference;
const repairs = JSON.parse(readFileSync(join(folder, "repairs.json"), "utf8")) as RepairReference;
const weibulls = JSON.parse(readFileSync(join(folder, "weibull.json"), "utf8")) as WeibullReference[];

/** How far a value is from its reference, relative to it: 0 where they are equal, also at 0 and Infinity. */
function off(found: number | undefined, expected: number): number {
  return found === expected ? 0 : Math.abs((found ?? NaN) / expected - 1);
}
const number = (row: Row, name: string) => row[name] ?? NaN;

describe("distributions", () => {
  test("gamma quantiles agree with R's qgamma from shape 0.01 to a million", () => {
    expect(reference.gammaQuantile.length).toBe(64);
    for (const { p, shape, x } of reference.gammaQuantile) expect(off(gammaQuantile(p ?? NaN, shape ?? NaN), x ?? NaN)).toBeLessThan(1e-11);
  });
  test("gamma probabilities agree with R's pgamma in both tails", () => {
    for (const row of reference.gamma) {
      const [x, shape] = [number(row, "times") * number(row, "shape"), number(row, "shape")];
      expect(off(gammaCdf(x, shape), number(row, "below"))).toBeLessThan(1e-9);
      expect(off(gammaExceedance(x, shape), number(row, "above"))).toBeLessThan(1e-9);
    }
  });
  test("beta quantiles agree with R's qbeta, and the distribution function turns them back", () => {
    for (const { p, a, b, x } of reference.betaQuantile) {
      expect(off(betaQuantile(p ?? NaN, a ?? NaN, b ?? NaN), x ?? NaN)).toBeLessThan(1e-11);
      expect(off(betaCdf(x ?? NaN, a ?? NaN, b ?? NaN), p ?? NaN)).toBeLessThan(1e-8);
    }
  });
  test("both tails of a binomial are those of the beta distributions that they are made of, to 1e-11 of themselves", () => {
    for (const a of [0.3, 1, 7.5, 400, 30_000])
      for (const b of [0.2, 1, 12, 900, 40_000])
        for (const x of [1e-6, 0.01, 0.3, a / (a + b), 0.5, 0.9, 0.999_9]) {
          const { atLeast, atMost } = binomialTails(x, 1 - x, a, b);
          // Where a double has all its digits.
          const pairs = [
            [atLeast, betaCdf(x, a, b + 1)],
            [atMost, betaCdf(1 - x, b, a + 1)],
          ].filter(([, expected]) => expected! > 1e-300);
          for (const [found, expected] of pairs) expect(off(found, expected!), `${x} ${a} ${b}`).toBeLessThan(1e-11);
        }
  });
  test("normal quantiles agree with R's qnorm", () => {
    for (const { p, z } of reference.normal) {
      expect(off(1 + normalQuantile(p ?? NaN), 1 + (z ?? NaN))).toBeLessThan(1e-11);
      expect(off(normalCdf(z ?? NaN), p ?? NaN)).toBeLessThan(1e-9);
    }
  });
});

describe("rates", () => {
  test("Garwood's interval agrees with R's poisson.test, and with the table's 0 to 0.461 for 0 in 8 lift-months", () => {
    for (const row of reference.garwood) {
      const found = garwood(number(row, "events"), number(row, "exposure"), number(row, "confidence"));
      expect(off(found.low, number(row, "low"))).toBeLessThan(1e-9);
      expect(off(found.high, number(row, "high"))).toBeLessThan(1e-9);
    }
    expect(garwood(0, 8).high).toBeCloseTo(0.461, 3);
  });
  test("shrunk rates, their intervals and P(rate > 2 × fleet) agree with Marshall's formula in R", () => {
    for (const expected of reference.shrink) {
      const units = expected.events.map((events, index) => ({ key: String(index), events, exposure: expected.exposure[index] ?? NaN }));
      const { prior, rates } = shrink(units, { dispersion: expected.dispersion });
      expect(off(prior.fleet, expected.fleet)).toBeLessThan(1e-9);
      expect(off(prior.between, expected.between)).toBeLessThan(1e-9);
      for (const [index, rate] of rates.entries()) {
        expect(off(rate.rate, expected.rate[index] ?? NaN)).toBeLessThan(1e-9);
        expect(off(rate.exceedance, expected.exceedance[index] ?? NaN)).toBeLessThan(1e-9);
        const { low, high } = posteriorInterval(rate, 0.9);
        expect(off(low, expected.low[index] ?? NaN)).toBeLessThan(1e-9);
        expect(off(high, expected.high[index] ?? NaN)).toBeLessThan(1e-9);
      }
    }
  });
  test("funnel limits with overdispersion agree with Spiegelhalter's formulas in R", () => {
    for (const expected of reference.funnel) {
      const found = funnel(
        expected.events.map((events, index) => ({ key: String(index), events, exposure: expected.exposure[index] ?? NaN })),
      );
      expect(off(found.target, expected.target)).toBeLessThan(1e-9);
      expect(off(found.dispersion, expected.dispersion)).toBeLessThan(1e-9);
      expect(off(found.between, expected.between)).toBeLessThan(1e-9);
      for (const [index, { z, exposure }] of found.points.entries()) {
        expect(off(z, expected.z[index] ?? NaN)).toBeLessThan(1e-9);
        const { low, high } = funnelLimits(found, exposure);
        expect(off(low, expected.low[index] ?? NaN)).toBeLessThan(1e-9);
        expect(off(high, expected.high[index] ?? NaN)).toBeLessThan(1e-9);
      }
    }
    expect(reference.funnel.map(({ between }) => between > 0)).toEqual([true, false]);
  });
  test("the test of before and after agrees with R's poisson.test of two rates", () => {
    for (const row of reference.beforeAfter) {
      const value = (name: string) => (row[name] === null ? Infinity : Number(row[name]));
      const found = compareRates(
        { events: value("before"), exposure: value("exposureBefore") },
        { events: value("after"), exposure: value("exposureAfter") },
      );
      for (const name of ["low", "high", "worse", "better"] as const) expect(off(found[name], value(name))).toBeLessThan(1e-9);
    }
  });
});

describe("after a repair", () => {
  test("what is expected, and the chance of so few faults, are those of R's negative binomial; of so many, never less than them", () => {
    const prior = { ...repairs.prior, fleet: 1, between: 1, alike: false, dispersion: 1 };
    for (const one of repairs.cases) {
      const expected = expectedAfter(prior, { events: one.before, exposure: one.exposureBefore }, one.exposureAfter);
      expect(off(expected.mean, one.mean)).toBeLessThan(1e-9);
      const { better, worse } = tailsAgainst(expected, one.after);
      expect(off(better, one.better)).toBeLessThan(1e-9);
      expect(worse).toBeGreaterThanOrEqual(one.atLeast - 1e-12);
      const compared = compareToExpected(expected, one.after);
      expect(off(compared.better, one.better)).toBeLessThan(1e-9);
      expect(off(compared.ratio, one.after / one.mean)).toBeLessThan(1e-9);
    }
  });
  test("p values of many tests are adjusted as by R's p.adjust, and the example of Benjamini & Hochberg finds four", () => {
    const adjusted = falseDiscovery(Float64Array.from(repairs.p));
    for (const [index, value] of adjusted.entries()) expect(off(value, repairs.adjusted[index]!)).toBeLessThan(1e-9);
    expect(adjusted.filter((value) => value <= 0.05)).toHaveLength(4);
    expect(falseDiscovery(new Float64Array(0))).toHaveLength(0);
  });
});

describe("trends and charts", () => {
  test("Laplace's and Crow's trends of a unit agree with R", () => {
    for (const row of reference.trend) {
      const found = unitTrend(typeof row.times === "number" ? [row.times] : row.times, number(row, "length"));
      expect(off(found.laplace, number(row, "laplace"))).toBeLessThan(1e-9);
      expect(off(found.laplaceP, number(row, "laplaceP"))).toBeLessThan(1e-9);
      expect(off(found.shape?.value, number(row, "shape"))).toBeLessThan(1e-9);
      expect(off(found.shape?.low, number(row, "low"))).toBeLessThan(1e-9);
      expect(off(found.shape?.high, number(row, "high"))).toBeLessThan(1e-9);
      expect(off(found.shapeP, number(row, "shapeP"))).toBeLessThan(1e-9);
    }
  });
  test("the regression of a fleet agrees with R's glm and the clustered errors of its sandwich package", () => {
    const { rows, value, error, p } = reference.regression;
    const found = poissonRegression(
      rows.map((row) => ({
        cluster: row.cluster,
        events: number(row, "events"),
        exposure: number(row, "exposure"),
        covariates: [number(row, "month"), number(row, "age")],
      })),
    );
    expect(found?.length).toBe(3);
    for (const [index, coefficient] of (found ?? []).entries()) {
      expect(off(coefficient.value, value[index] ?? NaN)).toBeLessThan(1e-9);
      expect(off(coefficient.error, error[index] ?? NaN)).toBeLessThan(1e-9);
      expect(off(coefficient.p, p[index] ?? NaN)).toBeLessThan(1e-7);
    }
  });
  test("Laney's limits agree with his formulas in R", () => {
    for (const expected of reference.laney) {
      const found = laneyChart(expected.events.map((events, index) => ({ events, exposure: expected.exposure[index] ?? NaN })));
      expect(off(found.centre, expected.centre)).toBeLessThan(1e-9);
      expect(off(found.variation, expected.variation)).toBeLessThan(1e-9);
      for (const [index, { low, high }] of found.points.entries()) {
        expect(off(low, expected.low[index] ?? NaN)).toBeLessThan(1e-9);
        expect(off(high, expected.high[index] ?? NaN)).toBeLessThan(1e-9);
      }
    }
  });
  test("limits of numbers between faults agree with R's geometric distribution", () => {
    for (const row of reference.between) {
      const found = betweenChart([number(row, "mean")]);
      expect([found?.low, found?.high]).toEqual([row["low"], row["high"]]);
    }
  });
});

describe("time", () => {
  test("bounds of the mean time between failures agree with R's qchisq", () => {
    for (const { faults, exposure, low, high } of reference.mtbf) {
      const found = meanTimeBetween(faults ?? NaN, exposure ?? NaN);
      expect(off(found.low, low ?? NaN)).toBeLessThan(1e-9);
      expect(off(found.high, high ?? Infinity)).toBeLessThan(1e-9);
    }
  });
  test("the interval of a median has the ranks of R's qbinom", () => {
    for (const { count, rank } of reference.medianRank) {
      const { medianInterval } = durations(Array.from({ length: count ?? 0 }, (_, index) => index + 1));
      expect(medianInterval).toEqual(rank === 0 ? { low: 0, high: Infinity } : { low: rank, high: (count ?? NaN) + 1 - (rank ?? NaN) });
    }
  });
  test("availability over lifts agrees with the ratio estimate in R", () => {
    const { up, hours, value, low, high } = reference.availability;
    const found = availabilityOf(up.map((upHours, index) => ({ upHours, hours: hours[index] ?? NaN })));
    expect(off(found.availability, value)).toBeLessThan(1e-9);
    expect(off(found.low, low)).toBeLessThan(1e-9);
    expect(off(found.high, Math.min(1, high))).toBeLessThan(1e-9);
  });
  test("the mean cumulative function and its robust errors agree with R's survfit, for lifts that come under observation at an age", () => {
    const { lives, age, mean, error } = reference.mcf;
    const found = meanCumulative(lives, age);
    for (const [index, point] of found.entries()) {
      expect(off(point.mean, mean[index] ?? NaN)).toBeLessThan(1e-9);
      expect(point.error).toBeCloseTo(error[index] ?? NaN, 12);
    }
  });
  test("Weibull fits, censored and left-truncated, agree with the likelihood's maximum at 40 digits", () => {
    for (const { parts, shape, scale, b10, logLikelihood } of weibulls) {
      const found = fitWeibull(parts.map(([entry, exit, failed]) => ({ entry, exit, failed: failed === 1 })));
      for (const [index, name] of (["value", "low", "high"] as const).entries()) {
        expect(off(found?.shape[name], shape[index] ?? NaN)).toBeLessThan(1e-9);
        expect(off(found?.scale[name], scale[index] ?? NaN)).toBeLessThan(1e-9);
      }
      expect(off(found?.b10, b10)).toBeLessThan(1e-9);
      expect(off(found?.logLikelihood, logLikelihood)).toBeLessThan(1e-9);
    }
  });
});
