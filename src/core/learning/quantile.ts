/**
 * A quantile of a stream in constant memory: the P² algorithm of Jain & Chlamtac (1985), Comm. ACM 28(10). Values are integers
 * in small units, so that the state stays small when written out; between them it interpolates, which a median of rounded
 * values would not.
 */

/** Count, then five marker heights, then the places of the three inner markers. Empty: [0]. */
export type Quantile = number[];

const COUNT = 0;
const HEIGHT = 1;
const PLACE = 6;
const MARKERS = 5;

export function newQuantile(): Quantile {
  return [0];
}

export function countOf(state: Quantile): number {
  return state[COUNT] ?? 0;
}

/** The quantile so far, in the units of the values; NaN before the first value. */
export function quantileOf(state: Quantile, p: number): number {
  const count = countOf(state);
  if (count === 0) return Number.NaN;
  if (count < MARKERS) return state[HEIGHT + Math.min(count - 1, Math.floor(p * count))] ?? Number.NaN;
  return state[HEIGHT + 2] ?? Number.NaN;
}

/** Takes in a value; it is rounded to an integer. */
export function addToQuantile(state: Quantile, p: number, raw: number): void {
  const value = Math.round(raw);
  const count = countOf(state) + 1;
  state[COUNT] = count;
  if (count <= MARKERS) {
    insert(state, value, count);
    if (count === MARKERS) state.push(2, 3, 4);
    return;
  }
  const cell = cellOf(state, value);
  for (let marker = Math.max(cell + 1, 1); marker <= 3; marker++) state[PLACE + marker - 1] = placeOf(state, marker) + 1;
  for (let marker = 1; marker <= 3; marker++) adjust(state, marker, 1 + (count - 1) * shareOf(marker, p), count);
}

/** The first five, in order. */
function insert(state: Quantile, value: number, count: number): void {
  let at = HEIGHT + count - 1;
  for (; at > HEIGHT && (state[at - 1] ?? 0) > value; at--) state[at] = state[at - 1] ?? 0;
  state[at] = value;
}

/** Index of the last marker at or below the value; the ends are moved to take it in. */
function cellOf(state: Quantile, value: number): number {
  if (value < (state[HEIGHT] ?? 0)) {
    state[HEIGHT] = value;
    return 0;
  }
  if (value >= (state[HEIGHT + 4] ?? 0)) {
    state[HEIGHT + 4] = value;
    return 3;
  }
  let cell = 0;
  while (cell < 3 && value >= (state[HEIGHT + cell + 1] ?? 0)) cell++;
  return cell;
}

/** Share of the values below a marker. */
function shareOf(marker: number, p: number): number {
  return marker === 1 ? p / 2 : marker === 2 ? p : (1 + p) / 2;
}

function placeOf(state: Quantile, marker: number): number {
  if (marker === 0) return 1;
  if (marker === 4) return countOf(state);
  return state[PLACE + marker - 1] ?? 0;
}

/** Moves an inner marker by one place towards where it should be, its height along a parabola through its neighbours, or else a line. */
function adjust(state: Quantile, marker: number, wanted: number, count: number): void {
  const place = placeOf(state, marker);
  const before = placeOf(state, marker - 1);
  const after = marker === 3 ? count : placeOf(state, marker + 1);
  const step = wanted - place >= 1 && after - place > 1 ? 1 : wanted - place <= -1 && before - place < -1 ? -1 : 0;
  if (step === 0) return;
  const low = state[HEIGHT + marker - 1] ?? 0;
  const height = state[HEIGHT + marker] ?? 0;
  const high = state[HEIGHT + marker + 1] ?? 0;
  const parabola =
    height +
    (step / (after - before)) *
      (((place - before + step) * (high - height)) / (after - place) + ((after - place - step) * (height - low)) / (place - before));
  const line = step > 0 ? height + (high - height) / (after - place) : height - (low - height) / (before - place);
  state[HEIGHT + marker] = Math.round(parabola > low && parabola < high ? parabola : line);
  state[PLACE + marker - 1] = place + step;
}
