/**
 * `npm run rarity -- FILE.csv [--range LOW,HIGH]`: how rare each row's value is for its stream, one score a row, causally: a score
 * depends on no later row. FILE has a header and the columns `timestamp` and `value` (or its first two); the result is in the
 * format of the Numenta Anomaly Benchmark, timestamp,value,anomaly_score, scores from 0 to 1, on stdout. One parameter set for all.
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { parse } from "csv-parse/sync";
import { newRarity, rarityOf, type Rarity } from "../src/core/learning/rarity.ts";

/** The range is taken from so many rows, which score 0, and so many times their span is left on both sides; it doubles when that is too little. */
const FIRST_ROWS = 150;
const MARGIN = 1;
/** Scores are averaged with the past by this weight: one odd value is less than two. */
const SMOOTHING = 0.5;
/** What is not rarer than what was told lately is no news: it counts so much less, until the memory has faded. */
const NO_NEWS = 0.5;
const FADE = 0.99;
/** −log10 of the rarest that the histogram can tell. */
const RAREST = 4;

export interface Row {
  readonly timestamp: string;
  readonly value: string;
}

/** Rows of a CSV with a header. @throws Error with the line and what was expected. */
export function readRows(text: string): Row[] {
  const [header = [], ...records] = parse(text, { skip_empty_lines: true, trim: true, bom: true });
  const column = (name: string, fallback: number) => (header.includes(name) ? header.indexOf(name) : fallback);
  const [time, value] = [column("timestamp", 0), column("value", 1)];
  return records.map((record, index) => {
    const row = { timestamp: record[time] ?? "", value: record[value] ?? "" };
    if (row.value === "" || !Number.isFinite(Number(row.value))) {
      throw new Error(`row ${index + 2}: found value ${JSON.stringify(row.value)}; expected a number`);
    }
    return row;
  });
}

/** Hour of the day as the timestamp writes it; 0 where it does not say. */
function hourOf(timestamp: string): number {
  const hour = Number(/[ T](\d{2}):/.exec(timestamp)?.[1] ?? 0);
  return hour < 24 ? hour : 0;
}

/** Scores rows one after the other. */
export class Scorer {
  #state: Rarity | null;
  #first: { readonly value: number; readonly hour: number }[] = [];
  #smooth = 0;
  #told = 0;

  /** @param range where it is known; without, it is taken from the first rows. */
  constructor(range: readonly [number, number] | null = null) {
    this.#state = range === null ? null : newRarity(...range);
  }

  /** From 0, as usual as can be, to 1. */
  score({ timestamp, value }: Row): number {
    const hour = hourOf(timestamp);
    if (this.#state === null) {
      this.#begin(Number(value), hour);
      return 0;
    }
    this.#smooth += SMOOTHING * (rarityOf(this.#state, Number(value), hour) - this.#smooth);
    this.#told *= FADE;
    const isNews = this.#smooth > this.#told;
    if (isNews) this.#told = this.#smooth;
    return Math.min(1, (isNews ? this.#smooth : this.#smooth * NO_NEWS) / RAREST);
  }

  #begin(value: number, hour: number): void {
    this.#first.push({ value, hour });
    if (this.#first.length < FIRST_ROWS) return;
    const values = this.#first.map((each) => each.value);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const span = high > low ? high - low : Math.max(Math.abs(high) / 10, 1e-6);
    this.#state = newRarity(low - MARGIN * span, high + MARGIN * span);
    for (const each of this.#first) rarityOf(this.#state, each.value, each.hour);
    this.#first = [];
  }
}

/** The whole answer as text. */
export function scored(text: string, range: readonly [number, number] | null = null): string {
  const scorer = new Scorer(range);
  const lines = readRows(text).map((row) => `${row.timestamp},${row.value},${scorer.score(row).toFixed(6)}`);
  return `timestamp,value,anomaly_score\n${lines.join("\n")}\n`;
}

function rangeOf(text: string | undefined): readonly [number, number] | null {
  if (text === undefined) return null;
  const [low = Number.NaN, high = Number.NaN] = text.split(",").map(Number);
  if (!(low < high)) throw new Error(`--range: found ${text}; expected LOW,HIGH with LOW < HIGH`);
  return [low, high];
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const { values, positionals } = parseArgs({ options: { range: { type: "string" } }, allowPositionals: true });
    const [file] = positionals;
    if (file === undefined || positionals.length > 1) throw new Error("expected one FILE.csv");
    process.stdout.write(scored(readFileSync(file, "utf8"), rangeOf(values.range)));
  } catch (error) {
    process.stderr.write(`rarity: ${(error as Error).message}\n`);
    process.exitCode = 2;
  }
}
