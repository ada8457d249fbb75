/** Order of many numbers. */

/** Steps between the least and the greatest value by which they are sorted first. */
const STEPS = 2 ** 32;
/** More than a country has lifts; with STEPS it fills the 52 bits of a double's whole numbers. */
const MOST_VALUES = 2 ** 20;

/**
 * Places of values from the least to the greatest, equal ones in their own order. Each value, in steps, is sorted as one number
 * with its place, and what shares a step is put right afterwards: a sort that calls back for each pair takes ten times as long.
 *
 * @throws RangeError for more than 2²⁰ values.
 */
export function ascending(values: Float64Array): Uint32Array {
  const count = values.length;
  if (count > MOST_VALUES) throw new RangeError(`${count} values to put in order; expected at most ${MOST_VALUES}`);
  let [least, most] = [Infinity, -Infinity];
  for (let place = 0; place < count; place++) {
    const value = values[place] as number;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const wide = (STEPS - 1) / (most - least);
  // Values all alike, or closer to each other than that can be divided, share one step.
  const scale = Number.isFinite(wide) ? wide : 0;
  const keys = new Float64Array(count);
  for (let place = 0; place < count; place++) {
    // What is infinite shares the first step, too.
    const step = Math.floor(((values[place] as number) - least) * scale) || 0;
    keys[place] = step * MOST_VALUES + place;
  }
  keys.sort();
  const order = new Uint32Array(count);
  for (let at = 0; at < count; at++) {
    const place = (keys[at] as number) % MOST_VALUES;
    let to = at;
    for (; to > 0 && (values[order[to - 1] as number] as number) > (values[place] as number); to--) order[to] = order[to - 1] as number;
    order[to] = place;
  }
  return order;
}
