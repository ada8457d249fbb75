/** The register of lifts as a file (contract §3). */
import { parse } from "csv-parse/sync";
import { LIMITS, describeIssue } from "./config.ts";
import { liftRecordSchema, type LiftRecord } from "./core/lift.ts";
import { UsageError } from "./errors.ts";

const NUMBERS = new Set<string>(["ratedSpeedMps", "ratedLoadKg", "floors", "travelM", "longitude", "latitude"]);

/**
 * Reads a fleet file.
 * @throws UsageError with a line for every bad field (at most 20), naming file, line, column, what was found and expected.
 */
export function readRegister(text: string, file: string): LiftRecord[] {
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { columns: true, bom: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    throw new UsageError(`${file}: is not CSV (${(error as Error).message})`);
  }
  const problems: string[] = [];
  const seen = new Map<string, number>();
  const lifts = rows.flatMap((row, index) => {
    const line = index + 2;
    const fields = Object.entries(row).flatMap(([column, value]) => (value === "" ? [] : [[column, typed(column, value)] as const]));
    const parsed = liftRecordSchema.safeParse(Object.fromEntries(fields));
    if (!parsed.success) {
      for (const issue of parsed.error.issues) {
        const column = String(issue.path[0] ?? "");
        problems.push(`${file}: line ${line}, ${column}: ${describeIssue(issue, row[column])}`);
      }
      return [];
    }
    const earlier = seen.get(parsed.data.liftId);
    if (earlier !== undefined) problems.push(`${file}: line ${line}, liftId: ${parsed.data.liftId} stands in line ${earlier} already`);
    seen.set(parsed.data.liftId, line);
    return [parsed.data];
  });
  if (lifts.length === 0 && problems.length === 0) problems.push(`${file}: has no rows; expected a header and a row for each lift`);
  if (rows.length > LIMITS.monitor.lifts) problems.push(`${file}: has ${rows.length} rows; expected at most ${LIMITS.monitor.lifts}`);
  if (problems.length > 20) problems.splice(20, problems.length, `${file}: and ${problems.length - 20} more mistakes`);
  if (problems.length > 0) throw new UsageError(problems);
  return lifts;
}

function typed(column: string, value: string): unknown {
  if (NUMBERS.has(column)) return Number.isFinite(Number(value)) ? Number(value) : value;
  if (column === "inService") return value === "true" ? true : value === "false" ? false : value;
  return value;
}
