/** What learning costs: an update of the rarity histogram and of a quantile against a mean and deviation, and the end of a chart's day. */
import { chartDay, newChart, thresholdsOf } from "../src/core/learning/cusum.ts";
import { packChart, unpackChart } from "../src/core/learning/learning.ts";
import { addToQuantile, newQuantile } from "../src/core/learning/quantile.ts";
import { newRarity, rarityOf } from "../src/core/learning/rarity.ts";
import { STREAMS } from "../src/core/learning/streams.ts";
import { against, cpuMs, type BenchRow } from "./row.ts";

export interface LearningOptions {
  readonly updates: number;
  readonly days: number;
}

const FULL: LearningOptions = { updates: 4_000_000, days: 400_000 };
/** Share of the updates that only compile the code. */
const WARM_UP = 0.1;
/** Streams in turn, so that no one stream's state stays in a register. */
const TURN = 64;
const RANGE = [0, 20] as const;

export function benchLearning({ updates, days }: LearningOptions = FULL): BenchRow[] {
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
