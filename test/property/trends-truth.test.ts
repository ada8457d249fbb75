/** Simulated truth: fleets whose rates are known, so that what is flagged, found and covered can be counted. */
import { describe, expect, test } from "vitest";
import { Random } from "../../simulators/random.ts";
import { discounted, withinDispersion } from "../../src/trends/episodes.ts";
import type { Counted } from "../../src/trends/fault-rate.ts";
import { garwood } from "../../src/trends/fault-rate.ts";
import { funnel } from "../../src/trends/funnel.ts";
import type { ShrunkRate } from "../../src/trends/shrinkage.ts";
import { posteriorInterval, shrink } from "../../src/trends/shrinkage.ts";
import { standardise } from "../../src/trends/standardise.ts";

const LIFTS = 16_409;
const MONTHS = 12;
const SEED = 20_261_122;
/** Episodes a lift-month: domain's calibration (0.33 a lift-year), a city with three times that, and a metro. */
const RATES = [0.33 / 12, 1 / 12, 1.18];
const DISTRICTS = [2745, 4697, 1343, 1637, 1301, 622, 999, 765, 1276, 1024];
/** 61 firms: a few large ones, many small ones, and the last with three lifts. */
const FIRMS = firmSizes();

function firmSizes(): number[] {
  const shares = Array.from({ length: 60 }, (_, index) => 1 / (index + 3));
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const sizes = shares.map((share) => Math.max(4, Math.round((share / whole) * (LIFTS - 3))));
  sizes[0] = (sizes[0] ?? 0) + LIFTS - 3 - sizes.reduce((sum, size) => sum + size, 0);
  return [...sizes, 3];
}

/** The group of each lift, in blocks. */
function blocks(sizes: readonly number[]): Int32Array {
  const groups = new Int32Array(LIFTS);
  let at = 0;
  for (const [group, size] of sizes.entries()) for (let lift = 0; lift < size; lift++) groups[at++] = group;
  return groups;
}
const firmOf = blocks(FIRMS);
const districtOf = blocks(DISTRICTS);

/** A Poisson count, by exponential waiting times (Knuth). */
function poisson(random: Random, mean: number): number {
  let count = 0;
  for (let left = mean - random.exponential(1); left > 0; left -= random.exponential(1)) count++;
  return count;
}

/** Months of a lift's events at a rate a month. */
function year(random: Random, rate: number): number[] {
  return Array.from({ length: MONTHS }, () => poisson(random, rate));
}
const wholeYear = Array.from({ length: MONTHS }, () => 1);
const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

interface Fleet {
  readonly rates: Float64Array;
  readonly months: readonly (readonly number[])[];
  readonly units: readonly Counted[];
}

function fleetOf(seed: number, rateOf: (lift: number, random: Random) => number): Fleet {
  const random = Random.seeded(seed);
  const rates = Float64Array.from({ length: LIFTS }, (_, lift) => rateOf(lift, random));
  const months = Array.from({ length: LIFTS }, (_, lift) => year(random, rates[lift] ?? 0));
  return { rates, months, units: months.map((counts, lift) => ({ key: String(lift), events: total(counts), exposure: MONTHS })) };
}

/** Observed over expected events of each group, by age bands that firms share unevenly. */
function grouped(fleet: Fleet, groupOf: Int32Array) {
  return standardise(
    fleet.units.map((unit, lift) => ({
      group: String(groupOf[lift]),
      stratum: String(lift % 4),
      events: unit.events,
      exposure: unit.exposure,
    })),
  );
}

function flags(rates: readonly ShrunkRate[]): ShrunkRate[] {
  return rates.filter(({ flagged }) => flagged);
}

/** One lift in a hundred. */
function bad(lift: number): boolean {
  return lift % 100 === 7;
}

/** Share of true rates within their intervals. */
function covered(rates: readonly ShrunkRate[], truth: (index: number) => number): number {
  const inside = rates.filter((rate, index) => {
    const { low, high } = posteriorInterval(rate, 0.9);
    return truth(index) >= low && truth(index) <= high;
  });
  return inside.length / rates.length;
}

describe("a fleet of identical lifts", () => {
  test.each(RATES)("flags no lift, firm or district at %f episodes a lift-month", (rate) => {
    const fleet = fleetOf(SEED, () => rate);
    expect(flags(shrink(fleet.units).rates), `seed ${SEED}`).toEqual([]);
    expect(
      flags(
        shrink(fleet.units.map((_, lift) => discounted({ key: String(lift), events: fleet.months[lift] ?? [], exposure: wholeYear })))
          .rates,
      ),
    ).toEqual([]);
    for (const groups of [firmOf, districtOf]) {
      const cells = grouped(fleet, groups);
      expect(flags(shrink(cells).rates), `seed ${SEED}`).toEqual([]);
      expect(
        funnel(cells).points.filter(({ place }) => place === "very-high"),
        `seed ${SEED}`,
      ).toEqual([]);
    }
  });
  test("shows why a bare ranking blames by chance: its raw worst hundredth has over three times the mean rate", () => {
    const { units } = fleetOf(SEED, () => 0.33 / 12);
    const worst = units
      .map(({ events }) => events)
      .toSorted((a, b) => b - a)
      .slice(0, LIFTS / 100);
    expect(total(worst) / worst.length / 0.33).toBeGreaterThan(3);
  });
});

describe("a fleet with one lift in a hundred at four times the rate", () => {
  test.each([
    [0.5, 0.01],
    [1, 0.5],
    [16.5 / 12, 0.8],
  ])(
    "flags them rightly at least nine times in ten after a year at %f episodes a lift-month, and finds at least %f of them",
    (rate, least) => {
      const { units } = fleetOf(SEED + 1, (lift) => (bad(lift) ? 4 * rate : rate));
      const found = flags(shrink(units).rates);
      const right = found.filter(({ key }) => bad(Number(key))).length;
      expect(right, `seed ${SEED + 1}: ${right} of ${found.length}`).toBeGreaterThanOrEqual(0.9 * found.length);
      expect(right / (LIFTS / 100)).toBeGreaterThanOrEqual(least);
    },
  );
});

test("where lifts differ as real ones do and some are worse still, at least nine of ten flagged lifts have over twice the fleet's true rate", () => {
  for (const rate of RATES.slice(1)) {
    const fleet = fleetOf(SEED + 5, (lift, random) => random.gamma(1.2) * rate * (bad(lift) ? 4 : 1));
    const mean = fleet.rates.reduce((sum, one) => sum + one, 0) / LIFTS;
    const recent = fleet.months.map((events, lift) => discounted({ key: String(lift), events, exposure: wholeYear }));
    for (const units of [fleet.units, recent]) {
      const found = flags(shrink(units).rates);
      const right = found.filter(({ key }) => (fleet.rates[Number(key)] ?? 0) > 2 * mean).length;
      expect(found.length, `seed ${SEED + 5}, rate ${rate}`).toBeGreaterThan(50);
      expect(right, `seed ${SEED + 5}, rate ${rate}: ${right} of ${found.length}`).toBeGreaterThanOrEqual(0.9 * found.length);
    }
  }
});

describe("firms", () => {
  test("a bad firm is found by both the shrunk ratio and the funnel; one with three lifts and an unlucky month is not", () => {
    for (const seed of [1, 2, 3, 4, 5].map((step) => SEED + 10 * step)) {
      const [poor, unlucky] = [8, 60];
      const fleet = fleetOf(seed, (lift, random) => random.gamma(1.2) * (0.33 / 12) * (firmOf[lift] === poor ? 3 : 1));
      const lift = LIFTS - 1;
      const units = fleet.units.with(lift, { key: String(lift), events: (fleet.units[lift]?.events ?? 0) + 3, exposure: MONTHS });
      const cells = grouped({ ...fleet, units }, firmOf);
      const { rates } = shrink(cells);
      expect(
        flags(rates).map(({ key }) => key),
        `seed ${seed}`,
      ).toEqual([String(poor)]);
      const { points } = funnel(cells);
      expect(points.find(({ key }) => key === String(poor))?.place, `seed ${seed}`).toBe("very-high");
      expect(points.find(({ key }) => key === String(unlucky))?.place, `seed ${seed}`).not.toBe("very-high");
    }
  });
});

describe("intervals of 90 %", () => {
  test("cover 85 to 95 % of the true rates of lifts that differ as real ones do", () => {
    for (const rate of RATES) {
      const fleet = fleetOf(SEED + 2, (_, random) => random.gamma(1.2) * rate);
      const plain = covered(shrink(fleet.units).rates, (lift) => fleet.rates[lift] ?? NaN);
      const recent = fleet.months.map((events, lift) => discounted({ key: String(lift), events, exposure: wholeYear }));
      const late = covered(shrink(recent).rates, (lift) => fleet.rates[lift] ?? NaN);
      for (const share of [plain, late]) {
        expect(share, `seed ${SEED + 2}, rate ${rate}`).toBeGreaterThan(0.85);
        expect(share, `seed ${SEED + 2}, rate ${rate}`).toBeLessThan(0.95);
      }
    }
  });
  test("cover them too where faults come in bursts, with the dispersion estimated from the counts", () => {
    const random = Random.seeded(SEED + 3);
    const rates = Array.from({ length: LIFTS }, () => random.gamma(1.2) * 0.6);
    // Each episode brings 1 + Poisson(0.5) faults: dispersion 1 + 0.5 + 0.5 / 1.5.
    const months = rates.map((rate) =>
      year(random, rate).map((episodes) => Array.from({ length: episodes }, () => 1 + poisson(random, 0.5)).reduce((a, b) => a + b, 0)),
    );
    const dispersion = withinDispersion(months.map((events, lift) => ({ key: String(lift), events, exposure: wholeYear }))) ?? NaN;
    expect(dispersion).toBeCloseTo(1.5 + 0.5 / 1.5, 1);
    const units = months.map((events, lift) => ({ key: String(lift), events: total(events), exposure: MONTHS }));
    const share = covered(shrink(units, { dispersion }).rates, (lift) => 1.5 * (rates[lift] ?? NaN));
    const naive = covered(shrink(units).rates, (lift) => 1.5 * (rates[lift] ?? NaN));
    expect(share, `seed ${SEED + 3}`).toBeGreaterThan(0.85);
    expect(share, `seed ${SEED + 3}`).toBeLessThan(0.95);
    expect(naive).toBeLessThan(share);
  });
  test("cover the one rate of identical lifts, and a single lift's", () => {
    let [fleets, single, exact] = [0, 0, 0];
    const rounds = 400;
    const random = Random.seeded(SEED + 4);
    for (let round = 0; round < rounds; round++) {
      const units = Array.from({ length: 50 }, (_, key) => ({ key: String(key), events: poisson(random, 2), exposure: 1 }));
      fleets += covered(shrink(units).rates, () => 2);
      const one = { key: "one", events: poisson(random, 6), exposure: 1 };
      single += covered(shrink([one]).rates, () => 6);
      const { low, high } = garwood(one.events, 1, 0.9);
      if (low <= 6 && high >= 6) exact++;
    }
    expect(fleets / rounds).toBeGreaterThan(0.85);
    expect(single / rounds).toBeGreaterThan(0.8);
    expect(exact / rounds).toBeGreaterThanOrEqual(0.9);
  });
});
