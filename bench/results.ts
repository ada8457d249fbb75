/** bench/RESULTS.md: prose by people, and between markers the tables that `npm run bench -- --write` replaces. */
import { readFileSync, writeFileSync } from "node:fs";
import type { BenchRow } from "./row.ts";
import { table } from "./table.ts";

/** Replaces what stands between `<!-- bench NAME -->` and `<!-- /bench NAME -->`. @throws Error where a marker is missing. */
export function writeResults(file: string, name: string, machine: string, rows: readonly BenchRow[]): void {
  const text = readFileSync(file, "utf8");
  const [begin, end] = [`<!-- bench ${name} -->`, `<!-- /bench ${name} -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${file}: expected ${begin} and ${end}`);
  const part = `${begin}\n\n\`npm run bench ${name}\`, ${machine}\n\n${table(rows)}\n`;
  writeFileSync(file, text.slice(0, from) + part + text.slice(to));
}
