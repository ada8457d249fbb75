import type { BenchRow } from "../bench/row.ts";

/** What is wrong with a bench's rows: each has its bench's name, a unit and a number. A run as small as a test's may divide by no time at all. */
export function problemsOf(rows: readonly BenchRow[], name: RegExp): string[] {
  if (rows.length === 0) return ["no rows"];
  return rows.flatMap((row) => [
    ...(name.test(row.name) ? [] : [`${row.name}: expected ${name.source}`]),
    ...(row.unit === "" ? [`${row.name}: no unit`] : []),
    ...(row.value >= 0 ? [] : [`${row.name}: found ${row.value}`]),
    ...((row.baseline?.value ?? 0) >= 0 ? [] : [`${row.name}: found ${row.baseline?.value} for its baseline`]),
  ]);
}
