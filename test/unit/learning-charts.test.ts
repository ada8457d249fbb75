/** The charts that raise alerts, simulated: how often they are wrong, and how soon they are right. */
import { median } from "simple-statistics";
import { describe, expect, test } from "vitest";
import { countDay, countThreshold, newCountChart, resetCountChart } from "../../src/core/learning/count-chart.ts";
import { chartDay, newChart, resetChart, shiftOf, type Chart, type Charted } from "../../src/core/learning/cusum.ts";
import { packChart, packCountChart, unpackChart, unpackCountChart } from "../../src/core/learning/learning.ts";
import { STREAMS } from "../../src/core/learning/streams.ts";
import { Random } from "../../simulators/random.ts";

const SEED = 20_261_122;
const H875 = { fast: 8.75, slow: 15.9 };
/** The plain two-sided chart of the statistics: every proof counts as an alarm. */
const PLAIN: Charted = { sides: "both", slow: false, leastSd: 1e-9, leastShift: 0, fromZero: false };
const YEAR = 365;

type Draw = (random: Random, state: { last: number }) => number;
const normal: Draw = (random) => random.normal();
/** Student's t with 5 degrees of freedom, of variance 1. */
const t5: Draw = (random) => {
  let squares = 0;
  for (let each = 0; each < 5; each++) squares += random.normal() ** 2;
  return (random.normal() / Math.sqrt(squares / 5)) * Math.sqrt(3 / 5);
};
const correlated: Draw = (random, state) => (state.last = 0.4 * state.last + Math.sqrt(1 - 0.16) * random.normal());

/** False alarms per 1,000 stream-years: `streams` charts of five years each. */
function falseAlarms(draw: Draw, streams: number): number {
  let alarms = 0;
  for (let stream = 0; stream < streams; stream++) {
    const random = Random.seeded(SEED).split("in control", stream);
    const chart = newChart(PLAIN);
    const state = { last: 0 };
    let was = 0;
    for (let day = 0; day < 5 * YEAR; day++) {
      chartDay(chart, draw(random, state), PLAIN, H875);
      if (chart.proved !== 0 && was === 0) alarms += 1;
      was = chart.proved;
    }
  }
  return (alarms * 1_000) / (5 * streams);
}

/** Days until a shift that begins after `after` healthy days is proved, over 1,000 charts that were quiet until then. */
function delays(shiftOn: (day: number) => number, after: number, charted: Charted, thresholds = H875): number[] {
  return Array.from({ length: 1_000 }, (_, stream) => {
    const random = Random.seeded(SEED).split("shift", stream);
    const chart = newChart(charted);
    for (let day = 0; day < after; day++) chartDay(chart, random.normal(), charted, thresholds);
    if (chart.proved !== 0) return [];
    let day = 0;
    while (chart.proved === 0 && day < 3 * YEAR) chartDay(chart, random.normal() + shiftOn(++day), charted, thresholds);
    return [day];
  }).flat();
}

describe(`self-starting CUSUM with h = 8.75 (seed ${SEED})`, () => {
  test("on normal noise it gives at most 25 false alarms per 1,000 stream-years", () => {
    const rate = falseAlarms(normal, 400);
    expect(rate).toBeLessThanOrEqual(25);
    // Designed for 18: far fewer would mean that it sees nothing.
    expect(rate).toBeGreaterThan(8);
  });

  test("on heavy-tailed noise (t with 5 degrees of freedom) it gives at most 35", () => {
    expect(falseAlarms(t5, 400)).toBeLessThanOrEqual(35);
  });

  test("on days correlated by 0.4 it gives a tenth of what it would without learning the correlation", () => {
    expect(falseAlarms(correlated, 400)).toBeLessThan(75);
  });

  test("a shift of 2 standard deviations is proved within 8 days, median", () => {
    const found = delays(() => 2, 60, PLAIN);
    expect(found.length).toBeGreaterThan(950);
    expect(median(found)).toBeLessThanOrEqual(8);
  });

  test("with k = 0.25 beside it and the city's thresholds, wear of 0.02 standard deviations a day is proved in about 57 days", () => {
    const found = delays((day) => 0.02 * day, 120, { ...PLAIN, sides: "up", slow: true }, { fast: 10.34, slow: 19.1 });
    expect(median(found)).toBeGreaterThan(45);
    expect(median(found)).toBeLessThan(62);
  });
});

describe("what a chart asks besides proof", () => {
  const charted: Charted = { sides: "up", slow: true, leastSd: 10, leastShift: 180, fromZero: false };
  const thresholds = { fast: 10.34, slow: 19.1 };
  const grow = (chart: Chart, days: number, value: (day: number) => number, random: Random) => {
    for (let day = 1; day <= days; day++) chartDay(chart, 8_000 + 15 * random.normal() + value(day), charted, thresholds);
  };
  const steady = (stream: number) => {
    const random = Random.seeded(SEED).split("steady", stream);
    const chart = newChart(charted);
    grow(chart, 60, () => 0, random);
    return { chart, random };
  };

  test("a small change is proved and not told; the baseline stays what it was before the change", () => {
    const { chart, random } = steady(1);
    grow(chart, 40, () => 60, random);
    expect(chart).toMatchObject({ proved: 1, alarmed: false });
    expect(Math.abs(chart.mean - 8_000)).toBeLessThan(12);
  });

  test("slow wear does not become its own baseline: at a fifth longer it is told, within three days", () => {
    const { chart, random } = steady(2);
    let told = 0;
    for (let day = 1; day <= 50 && told === 0; day++) {
      grow(chart, 1, () => (200 * day) / 40, random);
      if (chart.alarmed) told = day;
    }
    expect(Math.abs(chart.mean - 8_000)).toBeLessThan(20);
    expect(told).toBeGreaterThanOrEqual(34);
    expect(told).toBeLessThanOrEqual(40);
  });

  test("three days back at the baseline end the alarm, and one does not", () => {
    const { chart, random } = steady(3);
    grow(chart, 10, () => 250, random);
    expect(chart.alarmed).toBe(true);
    grow(chart, 1, () => 0, random);
    grow(chart, 1, () => 250, random);
    expect(chart.alarmed).toBe(true);
    grow(chart, 3, () => 0, random);
    expect(chart).toMatchObject({ alarmed: false, proved: 0 });
  });

  test("one odd day is neither a change nor part of the baseline", () => {
    const { chart, random } = steady(4);
    grow(chart, 1, () => 2_000, random);
    expect(chart.alarmed).toBe(false);
    expect(Math.abs(chart.mean - 8_000)).toBeLessThan(10);
  });

  test("a door that was mended, though nobody said so, has its new times as its baseline", () => {
    const { chart, random } = steady(5);
    grow(chart, 15, () => -150, random);
    expect(chart.proved).toBe(0);
    expect(Math.abs(chart.mean - 7_850)).toBeLessThan(25);
    grow(chart, 15, () => 60, random);
    expect(chart.alarmed).toBe(true);
  });

  test("a work order begins the mean anew and keeps two weeks' weight of the spread; a modernisation keeps nothing", () => {
    const { chart, random } = steady(6);
    grow(chart, 10, () => 250, random);
    resetChart(chart, false);
    expect(chart).toMatchObject({ days: 0, freedom: 13, young: 14, proved: 0, alarmed: false });
    expect(Math.sqrt(chart.squares / chart.freedom)).toBeGreaterThan(5);
    grow(chart, 60, () => 250, random);
    expect(chart).toMatchObject({ proved: 0, young: 0 });
    expect(Math.abs(chart.mean - 8_250)).toBeLessThan(10);
    resetChart(chart, true);
    expect(chart).toMatchObject({ days: 0, freedom: 0, squares: 0, young: 14 });
  });

  test("a value with a true zero is told by its distance from it, and a return towards it is not", () => {
    const level: Charted = { sides: "both", slow: false, leastSd: 30, leastShift: 800, fromZero: true };
    const random = Random.seeded(SEED).split("level");
    const days = (chart: Chart, count: number, at: number) => {
      for (let day = 0; day < count; day++) chartDay(chart, at + 30 * random.normal(), level, thresholds);
    };
    const off = newChart(level);
    days(off, 40, 150);
    days(off, 10, 900);
    expect(off.alarmed).toBe(true);
    expect(shiftOf(off)).toBeGreaterThan(700);
    const mended = newChart(level);
    days(mended, 40, 900);
    days(mended, 10, 0);
    expect(mended).toMatchObject({ proved: -1, alarmed: false });
  });

  test("as a row of numbers it is the same chart", () => {
    for (const stream of STREAMS) {
      const random = Random.seeded(SEED).split(stream.signal);
      const chart = newChart(stream);
      for (let day = 0; day < 40; day++) chartDay(chart, 500 * random.normal() + day * 30, { ...stream, leastShift: 800 }, H875);
      const row = packChart(chart);
      expect(packChart(unpackChart(row, stream))).toEqual(row);
      expect(row.length).toBeLessThanOrEqual(24);
    }
  });
});

const poisson = (random: Random, mean: number) => {
  let events = 0;
  for (let passed = random.exponential(1); passed <= mean; passed += random.exponential(1)) events += 1;
  return events;
};

describe(`CUSUM of reopenings (Poisson; seed ${SEED})`, () => {
  /** Each side of a two-sided chart with h = 8.75. */
  const RUN = 40_000;

  test("30 a day have the threshold of the literature, h = 20 for 67,000 days between false alarms", () => {
    expect(countThreshold(30, 1, 67_000)).toBeCloseTo(20, 0);
  });

  test("at 30 a day it gives at most 25 false alarms per 1,000 stream-years, and finds a half more within a week", () => {
    let alarms = 0;
    const found: number[] = [];
    for (let stream = 0; stream < 200; stream++) {
      const random = Random.seeded(SEED).split("reopenings", stream);
      const chart = newCountChart();
      for (let day = 0; day < YEAR; day++) countDay(chart, poisson(random, 30), 400, RUN);
      if (chart.alarmed) {
        alarms += 1;
        continue;
      }
      let day = 0;
      while (!chart.alarmed && day < 60) {
        countDay(chart, poisson(random, 48), 400, RUN);
        day += 1;
      }
      found.push(day);
    }
    expect(alarms * 5).toBeLessThanOrEqual(25);
    expect(median(found)).toBeLessThanOrEqual(7);
  });

  test("twice the door cycles with twice the reopenings are no change", () => {
    const random = Random.seeded(SEED).split("exposure");
    const chart = newCountChart();
    for (let day = 0; day < 60; day++) countDay(chart, poisson(random, 20), 300, RUN);
    for (let day = 0; day < 60; day++) countDay(chart, poisson(random, 40), 600, RUN);
    expect(chart.alarmed).toBe(false);
  });

  test("it ends when three days are back, a work order begins it anew, and as a row it is the same", () => {
    const random = Random.seeded(SEED).split("end");
    const chart = newCountChart();
    for (let day = 0; day < 60; day++) countDay(chart, poisson(random, 30), 400, RUN);
    for (let day = 0; day < 20; day++) countDay(chart, poisson(random, 60), 400, RUN);
    expect(chart.alarmed).toBe(true);
    const row = packCountChart(chart);
    expect(packCountChart(unpackCountChart(row))).toEqual(row);
    for (let day = 0; day < 4; day++) countDay(chart, 25, 400, RUN);
    expect(chart.alarmed).toBe(false);
    resetCountChart(chart, false);
    expect(chart).toMatchObject({ events: 0, days: 0, young: 14, sum: 0 });
  });
});
