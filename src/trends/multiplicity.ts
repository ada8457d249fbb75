/** Many tests at once: of a thousand repairs that did nothing, fifty have p below 0.05. */

/**
 * Adjusted p values: those at most `q` are the tests that Benjamini & Hochberg (1995, Controlling the false discovery rate, J. R. Stat. Soc. B 57) reject,
 * so that of all that is rejected a share of at most `q` is expected to be so by chance. `ascending` are the p values in order; as R's p.adjust(p, "BH").
 */
export function falseDiscovery(ascending: Float64Array): Float64Array {
  const adjusted = new Float64Array(ascending.length);
  let least = 1;
  for (let index = ascending.length - 1; index >= 0; index--) {
    least = Math.min(least, ((ascending[index] as number) * ascending.length) / (index + 1));
    adjusted[index] = least;
  }
  return adjusted;
}
