/**
 * How rare is this value, for this stream? Two histograms that forget: of the values, and of what is left of them against the mean
 * of their hour of the day. The score is −log10 of the smoothed probability of a bin so rare. It ranks and never pages: on
 * healthy heavy-tailed streams it is high now and then by nature.
 *
 * State: 96 cells of 16 bits, a range and a count: 216 bytes a stream. The cells are plain arrays in a snapshot.
 */

export const HOURS = 24;
const BINS = 24;
/** Where in the cells: counts of values, counts of residuals, mean of each hour, values behind each mean. */
const VALUES = 0;
const RESIDUALS = VALUES + BINS;
const MEANS = RESIDUALS + BINS;
const BEHIND = MEANS + HOURS;
const CELLS = BEHIND + HOURS;

/** A value counts so much, so that halving keeps a single one for some time; beyond the limit all counts are halved: the past fades. */
const WEIGHT = 8;
const MEMORY = 4_096;
/** A bin that was never seen counts as much as this part of a value (Krichevsky & Trofimov 1981). */
const PRIOR = WEIGHT / 2;
/** Values behind an hour's mean at the most: it follows a change of habit within some ten days (assumption). */
const HOUR_MEMORY = 40;
/** An hour's mean is believed after so many values. */
const HOUR_KNOWN = 4;
const MOST_CELL = 65_535;
/** Ranges doubled at most so often for one value: beyond it the value is as far out as can be told. */
const MOST_DOUBLINGS = 60;

export interface Rarity {
  /** Range of the values; it doubles when a value lies outside, unless it is fixed. */
  low: number;
  high: number;
  /** Weight in each histogram. */
  weight: number;
  readonly cells: Uint16Array;
}

export function newRarity(low: number, high: number): Rarity {
  return { low, high, weight: 0, cells: new Uint16Array(CELLS) };
}

/** Takes in a value of an hour (0 to 23) and says how rare it was before. */
export function rarityOf(state: Rarity, value: number, hour: number): number {
  if (value < state.low || value > state.high) widen(state, value);
  const { low, high, cells } = state;
  const share = Math.max(0, Math.min(1, (value - low) / (high - low)));
  const bin = Math.min(BINS - 1, Math.floor(share * BINS));
  const behind = cells[BEHIND + hour] ?? 0;
  const mean = (cells[MEANS + hour] ?? 0) / MOST_CELL;
  let score = scoreOf(cells, VALUES, bin, state.weight);
  if (behind >= HOUR_KNOWN) {
    const residual = residualBin(share - mean);
    score = Math.max(score, scoreOf(cells, RESIDUALS, residual, state.weight));
    count(cells, RESIDUALS + residual);
  } else count(cells, RESIDUALS + BINS / 2);
  count(cells, VALUES + bin);
  state.weight += WEIGHT;
  const now = Math.min(HOUR_MEMORY, behind + 1);
  cells[MEANS + hour] = Math.round(MOST_CELL * (mean + (share - mean) / now));
  cells[BEHIND + hour] = now;
  if (state.weight >= MEMORY * WEIGHT) fade(state);
  return score;
}

/** Residuals are told apart finely about nothing and coarsely far out: by the root of their size. */
function residualBin(residual: number): number {
  const root = Math.sqrt(Math.min(1, Math.abs(residual)));
  const place = BINS / 2 + (residual < 0 ? -root : root) * (BINS / 2);
  return Math.max(0, Math.min(BINS - 1, Math.floor(place)));
}

/** −log10 of the probability of a bin with so few counts; a bin has half of its own counts and a quarter of each neighbour's. */
function scoreOf(cells: Uint16Array, from: number, bin: number, weight: number): number {
  const own = quadrupled(cells, from, bin);
  let rarer = 0;
  let before = cells[from] ?? 0;
  let here = before;
  for (let each = 1; each <= BINS; each++) {
    const after = each === BINS ? here : (cells[from + each] ?? 0);
    const value = 2 * here + before + after;
    if (value <= own) rarer += value;
    before = here;
    here = after;
  }
  return -Math.log10(Math.min(1, (rarer / 4 + PRIOR) / (weight + PRIOR * 2)));
}

function quadrupled(cells: Uint16Array, from: number, bin: number): number {
  const own = cells[from + bin] ?? 0;
  const before = bin === 0 ? own : (cells[from + bin - 1] ?? 0);
  const after = bin === BINS - 1 ? own : (cells[from + bin + 1] ?? 0);
  return 2 * own + before + after;
}

function count(cells: Uint16Array, at: number): void {
  cells[at] = Math.min(MOST_CELL, (cells[at] ?? 0) + WEIGHT);
}

function fade(state: Rarity): void {
  const { cells } = state;
  let weight = 0;
  for (let at = 0; at < MEANS; at++) {
    const half = (cells[at] ?? 0) >> 1;
    cells[at] = half;
    if (at < RESIDUALS) weight += half;
  }
  state.weight = weight;
}

/** Doubles the range towards the value until it lies inside: two bins become one. */
function widen(state: Rarity, value: number): void {
  for (let round = 0; round < MOST_DOUBLINGS && (value < state.low || value > state.high); round++) {
    const width = state.high - state.low;
    const down = value < state.low;
    if (down) state.low -= width;
    else state.high += width;
    merge(state.cells, down);
  }
}

function merge(cells: Uint16Array, down: boolean): void {
  const half = BINS / 2;
  const values = Array.from({ length: half }, (_, pair) => (cells[VALUES + 2 * pair] ?? 0) + (cells[VALUES + 2 * pair + 1] ?? 0));
  cells.fill(0, VALUES, VALUES + BINS);
  for (const [pair, value] of values.entries()) cells[VALUES + pair + (down ? half : 0)] = Math.min(MOST_CELL, value);
  for (let hour = 0; hour < HOURS; hour++) {
    const mean = (cells[MEANS + hour] ?? 0) / 2;
    cells[MEANS + hour] = Math.round(mean + (down ? MOST_CELL / 2 : 0));
  }
  // A residual is half of what it was in shares of the range: its root shrinks by √2.
  const residuals = Array.from({ length: BINS }, (_, bin) => cells[RESIDUALS + bin] ?? 0);
  cells.fill(0, RESIDUALS, RESIDUALS + BINS);
  for (const [bin, value] of residuals.entries()) {
    const place = Math.floor(half + (bin + 0.5 - half) / Math.SQRT2);
    cells[RESIDUALS + place] = Math.min(MOST_CELL, (cells[RESIDUALS + place] ?? 0) + value);
  }
}

/** For a snapshot: plain numbers. */
export interface SavedRarity {
  readonly low: number;
  readonly high: number;
  readonly weight: number;
  readonly cells: readonly number[];
}

export function saveRarity({ low, high, weight, cells }: Rarity): SavedRarity {
  return { low, high, weight, cells: Array.from(cells) };
}

export function restoreRarity({ low, high, weight, cells }: SavedRarity): Rarity {
  return { low, high, weight, cells: Uint16Array.from(cells) };
}
