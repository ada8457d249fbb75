/**
 * The register of lifts as a file (contract §3). One reader for everyone: `serve` and `replay` refuse a file with errors, `fleet check`
 * names every one of them, `fleet import` takes what has none.
 */
import { join } from "node:path";
import { LIMITS } from "../config.ts";
import type { LiftRecord } from "../core/lift.ts";
import { UsageError } from "../errors.ts";
import { columnsOf, error, FLEET_COLUMNS, liftOf, type FleetColumn } from "./fields.ts";
import { implausible, type RegisterLine } from "./plausible.ts";
import { readTable, type Defect } from "./text.ts";
import { readBytes } from "../files/text-file.ts";

/** Fleets that the simulators make; where they are named, no file is read. */
export const BUILT_IN_FLEETS = ["tiny", "demo", "shaoguan"] as const;

/** The register that `fleet import` took in; it is used where no other is named. */
export function importedFleet(data: string): string {
  return join(data, "fleet.csv");
}

export interface ReadOptions {
  /** A label of the WHATWG Encoding Standard; default utf-8. */
  readonly encoding?: string;
  /** Columns of ours by the names that they have in the file. */
  readonly columns?: ReadonlyMap<string, FleetColumn>;
  /** YYYY-MM-DD; a lift installed later is odd. Without it nothing is judged by the day. */
  readonly today?: string;
}

export interface Examined {
  /** Rows below the header. */
  readonly rows: number;
  /** The rows without an error. */
  readonly lifts: readonly LiftRecord[];
  /** By line. */
  readonly defects: readonly Defect[];
}

/**
 * Reads a fleet file to its end, whatever is wrong with it.
 * @throws RangeError when there is no such encoding
 */
export function examineRegister(source: Uint8Array | string, options: ReadOptions = {}): Examined {
  const table = readTable(source, options.encoding ?? "utf-8", LIMITS.monitor.lifts + 1);
  const [header, ...rows] = table.rows;
  const defects: Defect[] = [...table.defects];
  if (header === undefined || rows.length === 0)
    defects.push(
      error((header?.line ?? 0) + 1, null, "a header and a row for each lift", header === undefined ? "an empty file" : "no rows"),
    );
  if (header === undefined) return { rows: 0, lifts: [], defects };
  const columns = columnsOf(header, options.columns ?? new Map(), defects);
  if (columns === null) return { rows: rows.length, lifts: [], defects };
  const total = rows.length + table.more;
  if (table.more > 0)
    defects.push(error(header.line, null, `at most ${LIMITS.monitor.lifts} rows below`, `${total}; the rest was not looked at`));
  const lines: RegisterLine[] = [];
  const seen = new Map<string, number>();
  for (const row of rows) {
    const lift = liftOf(row, columns, seen, table.decoded, defects);
    if (lift !== null) lines.push({ line: row.line, lift });
  }
  for (const defect of implausible(lines, options.today ?? null)) defects.push(defect);
  return { rows: total, lifts: lines.map(({ lift }) => lift), defects: defects.toSorted((a, b) => a.line - b.line) };
}

/** One sentence for a person. */
export function describeDefect(file: string, { line, column, severity, expected, found }: Defect): string {
  const where = `${file}: line ${line}${column === null ? "" : `, ${column}`}`;
  return `${where}: ${severity === "warning" ? "warning: " : ""}expected ${expected}; found ${found}`;
}

/**
 * Reads a fleet file.
 * @throws UsageError with a line for every error (at most 20), naming file, line, column, what was found and expected.
 */
export function readRegister(source: Uint8Array | string, file: string): LiftRecord[] {
  const { lifts, defects } = examineRegister(source);
  const problems = defects.filter(({ severity }) => severity === "error").map((defect) => describeDefect(file, defect));
  if (problems.length > 20)
    problems.splice(20, problems.length, `${file}: and ${problems.length - 20} more mistakes; hoistway fleet check names them`);
  if (problems.length > 0) throw new UsageError(problems);
  return [...lifts];
}

/**
 * Reads the fleet file that a person named with `flag`.
 * @throws UsageError when it cannot be read, or as `readRegister` does.
 */
export function loadRegister(flag: string, file: string): LiftRecord[] {
  return readRegister(readBytes(flag, file, LIMITS.register.fileBytes), file);
}

/** The register as CSV, UTF-8, with the contract's header; an unknown value is empty. */
export function fleetCsv(lifts: readonly LiftRecord[]): string {
  const rows = lifts.map((lift) => FLEET_COLUMNS.map((column) => cell(lift[column])).join(","));
  return `${[FLEET_COLUMNS.join(","), ...rows].join("\n")}\n`;
}

function cell(value: string | number | boolean | undefined): string {
  const text = value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
