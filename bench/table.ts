/** Rows as a Markdown table, which reads well in a terminal too, and the machine that they were measured on. */
import { availableParallelism, cpus, loadavg } from "node:os";
import type { BenchRow } from "./row.ts";

export function table(rows: readonly BenchRow[]): string {
  const cells = [
    ["", "value", "unit", "baseline", "its value", "ratio"],
    ...rows.map(({ name, value, unit, baseline, ratio }) => [
      name,
      figure(value),
      unit,
      baseline?.name ?? "",
      baseline === undefined ? "" : figure(baseline.value),
      ratio === undefined || !Number.isFinite(ratio) ? "" : `${figure(ratio)} ×`,
    ]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => pad(cell, widths[column]!, column)).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => (isNumeric(column) ? `${"-".repeat(width + 1)}:` : "-".repeat(width + 2))).join("|")}|`;
  const [head = [], ...body] = cells;
  return [line(head), rule, ...body.map(line), ""].join("\n");
}

/** Cores, Node, the time, and how busy the machine is now: figures of a busy one are worth less. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const [load = 0] = loadavg();
  return `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC, ${availableParallelism()} cores (${model}), Node ${process.versions.node}, load average before ${load.toFixed(1)}`;
}

/** Three digits, which is more than a shared machine gives. */
function figure(value: number): string {
  if (!Number.isFinite(value)) return "none";
  return Math.abs(value) >= 100 ? Math.round(Number(value.toPrecision(3))).toLocaleString("en") : String(Number(value.toPrecision(3)));
}

function pad(cell: string, width: number, column: number): string {
  return isNumeric(column) ? cell.padStart(width) : cell.padEnd(width);
}

function isNumeric(column: number): boolean {
  return column === 1 || column === 4 || column === 5;
}
