/** One line of a benchmark's result: a figure, and its ratio to a baseline measured in the same run. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline?: { readonly name: string; readonly value: number };
  readonly ratio?: number;
}

/** A figure and its ratio to a baseline. */
export function against(name: string, value: number, unit: string, baseline: { readonly name: string; readonly value: number }): BenchRow {
  return { name, value, unit, baseline, ratio: value / baseline.value };
}

/** Of ascending values; null of none. */
export function percentile(ascending: readonly number[], share: number): number | null {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? null;
}

/** CPU time of this process so far, ms: what other processes do does not count. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
