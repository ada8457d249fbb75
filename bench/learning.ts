/** What learning costs: an update of the rarity histogram and of a quantile against a mean and deviation, and the end of a chart's day. */
import { median } from "simple-statistics";
import { chartDay, newChart, thresholdsOf, type Charted } from "../src/core/learning/cusum.ts";
import { packChart, unpackChart } from "../src/core/learning/learning.ts";
import { addToQuantile, newQuantile } from "../src/core/learning/quantile.ts";
import { newRarity, rarityOf } from "../src/core/learning/rarity.ts";
import { STREAMS } from "../src/core/learning/streams.ts";
import { Random } from "../simulators/random.ts";
import { against, cpuMs, type BenchRow } from "./row.ts";

export interface LearningOptions {
  readonly updates: number;
  readonly days: number;
  /** Charts of five years each, simulated for each kind of noise. */
  readonly charts: number;
}

const FULL: LearningOptions = { updates: 4_000_000, days: 400_000, charts: 1_000 };
/** Share of the updates that only compile the code. */
const WARM_UP = 0.1;
/** Streams in turn, so that no one stream's state stays in a register. */
const TURN = 64;
const RANGE = [0, 20] as const;

export function benchLearning({ updates, days, charts }: LearningOptions = FULL): BenchRow[] {
  const values = noise(4_096);
  const rarities = Array.from({ length: TURN }, () => newRarity(...RANGE));
  const quantiles = Array.from({ length: TURN }, newQuantile);
  const sums = Array.from({ length: TURN }, () => ({ count: 0, mean: 0, squares: 0 }));
  let kept = 0;
  const plain = perUpdate(updates, (index, value) => {
    const sum = sums[index % TURN];
    if (sum === undefined) return;
    sum.count += 1;
    const before = value - sum.mean;
    sum.mean += before / sum.count;
    sum.squares += before * (value - sum.mean);
  });
  const rarity = perUpdate(updates, (index, value) => {
    const state = rarities[index % TURN];
    if (state !== undefined) kept += rarityOf(state, value, (index >> 6) % 24);
  });
  const quantile = perUpdate(updates, (index, value) => {
    const state = quantiles[index % TURN];
    if (state !== undefined) addToQuantile(state, 0.5, 1_000 * value);
  });
  if (!(kept > 0) || sums.some(({ squares }) => squares <= 0)) throw new Error("the updates came to nothing");
  const baseline = { name: "mean and deviation (Welford)", value: plain };
  const [state] = rarities;
  return [
    against("learning: rarity histogram, an update", rarity, "ns", baseline),
    against("learning: quantile (P²), an update", quantile, "ns", baseline),
    { name: "learning: rarity histogram, state", value: (state?.cells.byteLength ?? 0) + 3 * 8, unit: "bytes a stream" },
    { name: "learning: a chart's day", value: perChartDay(days, values), unit: "µs" },
    ...Object.entries(NOISES).map(([name, noise]) => ({
      name: `learning: false alarms at h = 8.75, ${name}`,
      value: falseAlarms(noise, charts),
      unit: "per 1,000 stream-years",
    })),
    { name: "learning: delay at h = 8.75, shift of 2 sd after 60 days, median", value: delay(charts), unit: "days" },
  ];

  /** CPU nanoseconds an update. */
  function perUpdate(count: number, update: (index: number, value: number) => void): number {
    const warm = Math.floor(count * WARM_UP);
    for (let index = 0; index < warm; index++) update(index, values[index % values.length] ?? 0);
    const start = cpuMs();
    for (let index = warm; index < count; index++) update(index, values[index % values.length] ?? 0);
    return ((cpuMs() - start) * 1e6) / (count - warm);
  }
}

/** A chart is a row of numbers but while its day ends. */
function perChartDay(days: number, values: readonly number[]): number {
  const [stream] = STREAMS;
  if (stream === undefined) return Number.NaN;
  const charted = { ...stream, leastShift: 182 };
  const thresholds = thresholdsOf(200_000);
  let row = packChart(newChart(stream));
  const start = cpuMs();
  for (let day = 0; day < days; day++) {
    const chart = unpackChart(row, stream);
    chartDay(chart, 8_000 + 10 * (values[day % values.length] ?? 0), charted, thresholds);
    row = packChart(chart);
  }
  return ((cpuMs() - start) * 1_000) / days;
}

/** About normal, mean 10 and deviation 2, within [0, 20]; the same at every run. */
function noise(count: number): number[] {
  let state = 12_345;
  const next = () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) / 4_294_967_296;
  return Array.from({ length: count }, () =>
    Math.max(0, Math.min(20, 10 + 2 * (Array.from({ length: 12 }, next).reduce((a, b) => a + b, 0) - 6))),
  );
}

const SEED = 20_261_122;
const YEARS = 5;
const H875 = { fast: 8.75, slow: 15.9 };
const PLAIN: Charted = { sides: "both", slow: false, leastSd: 1e-9, leastShift: 0, fromZero: false };

/** Healthy days of variance 1; `last` is the day before. */
const NOISES: Readonly<Record<string, (random: Random, last: number) => number>> = {
  "normal noise": (random) => random.normal(),
  "t noise, 5 degrees of freedom": (random) => {
    let squares = 0;
    for (let each = 0; each < 5; each++) squares += random.normal() ** 2;
    return (random.normal() / Math.sqrt(squares / 5)) * Math.sqrt(3 / 5);
  },
  "normal noise correlated by 0.4": (random, last) => 0.4 * last + Math.sqrt(1 - 0.16) * random.normal(),
};

function falseAlarms(noise: (random: Random, last: number) => number, charts: number): number {
  let alarms = 0;
  for (let each = 0; each < charts; each++) {
    const random = Random.seeded(SEED).split("false alarms", each);
    const chart = newChart(PLAIN);
    let [value, was] = [0, 0];
    for (let day = 0; day < YEARS * 365; day++) {
      value = noise(random, value);
      chartDay(chart, value, PLAIN, H875);
      if (chart.proved !== 0 && was === 0) alarms += 1;
      was = chart.proved;
    }
  }
  return (alarms * 1_000) / (YEARS * charts);
}

function delay(charts: number): number {
  const delays = Array.from({ length: charts }, (_, each) => {
    const random = Random.seeded(SEED).split("delay", each);
    const chart = newChart(PLAIN);
    for (let day = 0; day < 60; day++) chartDay(chart, random.normal(), PLAIN, H875);
    let day = 0;
    while (chart.proved === 0 && day < 1_000) {
      chartDay(chart, random.normal() + 2, PLAIN, H875);
      day += 1;
    }
    return day;
  });
  return median(delays);
}
