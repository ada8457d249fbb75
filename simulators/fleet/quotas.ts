/** Division by quotas instead of luck, so that every seed keeps the counts. */

/**
 * Divides `total` into whole parts in proportion to `weights` by largest remainder; ties go to the earlier. No part exceeds its `most`.
 * @throws RangeError when the parts cannot hold the total
 */
export function apportion(total: number, weights: readonly number[], most: readonly number[] = weights.map(() => total)): number[] {
  const parts = weights.map(() => 0);
  let open = weights.flatMap((weight, index) => (weight > 0 ? [index] : []));
  let rest = total;
  for (;;) {
    const sum = open.reduce((all, index) => all + (weights[index] ?? 0), 0);
    const share = (index: number): number => (rest * (weights[index] ?? 0)) / sum;
    const full = open.filter((index) => share(index) > (most[index] ?? 0));
    if (full.length === 0) {
      if (open.length === 0 && rest > 0) throw new RangeError(`${rest} of ${total} find no place`);
      for (const index of open) parts[index] = Math.floor(share(index));
      const left = rest - open.reduce((all, index) => all + (parts[index] ?? 0), 0);
      const fraction = (index: number): number => share(index) - (parts[index] ?? 0);
      const order = open.toSorted((a, b) => fraction(b) - fraction(a) || a - b);
      for (const index of order.slice(0, left)) parts[index] = (parts[index] ?? 0) + 1;
      return parts;
    }
    for (const index of full) {
      parts[index] = most[index] ?? 0;
      rest -= most[index] ?? 0;
    }
    open = open.filter((index) => !full.includes(index));
  }
}

/**
 * Deals items of the given sizes, in their order, to classes, so that each class gets its share of the sum of sizes to within one item.
 * @returns the class of each item
 */
export function deal(sizes: readonly number[], shares: readonly number[]): number[] {
  const sum = sizes.reduce((all, size) => all + size, 0);
  const whole = shares.reduce((all, share) => all + share, 0);
  let before = 0;
  let current = 0;
  let upTo = shares[0] ?? 0;
  return sizes.map((size) => {
    const middle = ((before + size / 2) / sum) * whole;
    before += size;
    while (middle > upTo && current < shares.length - 1) upTo += shares[++current] ?? 0;
    return current;
  });
}
