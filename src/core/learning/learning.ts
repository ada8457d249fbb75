/**
 * What is learnt of one lift: the running day in constant memory, and the charts as rows of numbers, which take a fifth of the
 * memory and of the snapshot that objects would. All but the frame is null or short until needed.
 */
import { newCountChart, type CountChart } from "./count-chart.ts";
import { newChart, type Chart } from "./cusum.ts";
import type { Quantile } from "./quantile.ts";
import { restoreRarity, saveRarity, type Rarity, type SavedRarity } from "./rarity.ts";
import type { Stream } from "./streams.ts";

/** What a door was doing when it was last seen to change: nothing known, opening from closed, closing from open, standing open (binary), closed. */
export const DOOR = { unknown: 0, opening: 1, closing: 2, open: 3, closed: 4 } as const;

/** The most unusual hour of the running day. */
export interface Peak {
  readonly score: number;
  readonly stream: string;
  readonly value: number;
  /** Monitor's time at its end. */
  readonly at: number;
}

export class Learning {
  /** Device time at which each door's present movement began, and what it is (DOOR). */
  frontAt = -1;
  rearAt = -1;
  front: number = DOOR.unknown;
  rear: number = DOOR.unknown;
  /** The run under way: device time of its beginning, or -1; where from. */
  runAt = -1;
  runFromMOrNaN = Number.NaN;
  runFromFloor: number | null = null;
  /** Direction of the newest run. */
  upwards = false;
  /** The running day, by QUANTITY. */
  day: (Quantile | null)[] = [];
  cycles = 0;
  reopenings = 0;
  /** The running hour: cycles, and the motor's temperature. */
  hourCycles = 0;
  heatSum = 0;
  heatCount = 0;
  /** By place in STREAMS; packed. */
  charts: (number[] | null)[] = [];
  /** Of reopenings; packed. */
  reopened: number[] | null = null;
  /** The last days of each chart, by place in STREAMS, reopenings after them (past.ts). */
  past: string[] = [];
  /** Observations between false alarms by which its charts were last judged, days a side. */
  runLengthDays = 0;
  /** Fault episodes and days in service, the older ones counting less; device time of the newest stopping fault. */
  episodes = 0;
  serviceDays = 0;
  stoppedAt = -1;
  /** Monitor's time of the newest work order, or -1. */
  workAt = -1;
  usage: Rarity | null = null;
  heat: Rarity | null = null;
  /** How unusual the last day was: mean score of its hours, the older ones counting less; hours behind it. */
  unusual = 0;
  hours = 0;
  peak: Peak | null = null;
}

const NEW = new Learning();
const KEYS = Object.keys(NEW).filter((key) => key !== "usage" && key !== "heat") as readonly Exclude<keyof Learning, "usage" | "heat">[];

/** What is not as in a new one. */
export interface SavedLearning extends Partial<Omit<Learning, "usage" | "heat">> {
  readonly usage?: SavedRarity;
  readonly heat?: SavedRarity;
}

export function saveLearning(learning: Learning): SavedLearning {
  const { usage, heat } = learning;
  const saved: Partial<Record<keyof Learning, unknown>> = {};
  for (const key of KEYS) if (!Object.is(learning[key], NEW[key])) saved[key] = learning[key];
  if (usage !== null) saved.usage = saveRarity(usage);
  if (heat !== null) saved.heat = saveRarity(heat);
  return saved as SavedLearning;
}

export function restoreLearning(saved: SavedLearning): Learning {
  const { usage, heat } = saved;
  return Object.assign(new Learning(), saved, {
    usage: usage === undefined ? null : restoreRarity(usage),
    heat: heat === undefined ? null : restoreRarity(heat),
  });
}

/** Enough for the units of the charts, and short when written out. */
function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** A row ends with its last number that is not zero: sums are mostly at rest. */
function packed(numbers: number[]): number[] {
  const row = numbers.map(rounded);
  while (row.at(-1) === 0) row.pop();
  return row;
}

/** A chart as a row of numbers; in memory and in a snapshot alike, so that a restored one is the same. */
export function packChart(chart: Chart): number[] {
  const { days, mean, freedom, squares, young, lagged, squared, pairs, score, newest, before, beforeThat, proved, alarmed, back } = chart;
  const numbers = [
    days,
    mean,
    freedom,
    squares,
    young,
    lagged,
    squared,
    pairs,
    score,
    newest,
    before,
    beforeThat,
    proved,
    alarmed ? 1 : 0,
    back,
  ];
  for (const side of [chart.up, chart.down, chart.slow]) if (side !== null) numbers.push(side.sum, side.days, side.total);
  return packed(numbers);
}

export function unpackChart(row: readonly number[] | null | undefined, stream: Stream): Chart {
  const chart = newChart(stream);
  if (row == null) return chart;
  let place = 0;
  const next = () => row[place++] ?? 0;
  chart.days = next();
  chart.mean = next();
  chart.freedom = next();
  chart.squares = next();
  chart.young = next();
  chart.lagged = next();
  chart.squared = next();
  chart.pairs = next();
  chart.score = next();
  chart.newest = next();
  chart.before = next();
  chart.beforeThat = next();
  chart.proved = next();
  chart.alarmed = next() === 1;
  chart.back = next();
  for (const side of [chart.up, chart.down, chart.slow]) {
    if (side === null) continue;
    side.sum = next();
    side.days = next();
    side.total = next();
  }
  return chart;
}

export function packCountChart(chart: CountChart): number[] {
  const { events, exposure, days, pearson, residuals, young, newest, expected, sum, since, sinceEvents, sinceExpected, back } = chart;
  const alarmed = chart.alarmed ? 1 : 0;
  return packed([
    events,
    exposure,
    days,
    pearson,
    residuals,
    young,
    newest,
    expected,
    sum,
    since,
    sinceEvents,
    sinceExpected,
    back,
    alarmed,
  ]);
}

export function unpackCountChart(row: readonly number[] | null): CountChart {
  const chart = newCountChart();
  if (row === null) return chart;
  let place = 0;
  const next = () => row[place++] ?? 0;
  chart.events = next();
  chart.exposure = next();
  chart.days = next();
  chart.pearson = next();
  chart.residuals = next();
  chart.young = next();
  chart.newest = next();
  chart.expected = next();
  chart.sum = next();
  chart.since = next();
  chart.sinceEvents = next();
  chart.sinceExpected = next();
  chart.back = next();
  chart.alarmed = next() === 1;
  return chart;
}
