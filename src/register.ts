/**
 * The register of lifts as a file (contract §3). One reader for everyone: `serve` and `replay` refuse a file with errors, `fleet check`
 * names every one of them, `fleet import` takes what has none.
 */
import { z } from "zod";
import { LIMITS } from "./config.ts";
import { liftRecordSchema, type LiftRecord } from "./core/lift.ts";
import { UsageError } from "./errors.ts";
import { implausible, type RegisterLine } from "./register-plausible.ts";
import { readTable, type Defect, type Row } from "./register-text.ts";
import { readBytes } from "./text-file.ts";

/** The header of contract §3, in its order. */
export const FLEET_COLUMNS = [
  "liftId",
  "kind",
  "district",
  "building",
  "address",
  "maker",
  "model",
  "ratedSpeedMps",
  "ratedLoadKg",
  "floors",
  "travelM",
  "installedOn",
  "firm",
  "station",
  "userUnit",
  "nextInspectionOn",
  "insuredUntil",
  "inService",
  "longitude",
  "latitude",
] as const satisfies readonly (keyof LiftRecord)[];
export type FleetColumn = (typeof FLEET_COLUMNS)[number];

/** Fleets that the simulators make; where they are named, no file is read. */
export const BUILT_IN_FLEETS = ["tiny", "demo", "shaoguan"] as const;

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
  defects.push(...implausible(lines, options.today ?? null));
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

interface Column {
  readonly name: FleetColumn;
  /** As it is told to people. */
  readonly label: string;
}

/** What each cell of a row is, null for a column that nobody knows; or null when this is no header at all. */
function columnsOf(header: Row, map: ReadonlyMap<string, FleetColumn>, defects: Defect[]): (Column | null)[] | null {
  const { line, cells } = header;
  for (const [theirs] of map)
    if (!cells.includes(theirs)) defects.push(error(line, null, `the column ${theirs} that --map names`, cells.join(",")));
  const names = cells.map((text) => map.get(text) ?? FLEET_COLUMNS.find((column) => column === text) ?? null);
  if (names.every((name) => name === null)) {
    const separated = cells.length === 1 && /[;\t|]/.test(cells[0] ?? "") ? ", separated by commas" : "";
    defects.push(error(line, null, `a header with the columns ${FLEET_COLUMNS.join(",")}${separated}`, cells.join(",")));
    return null;
  }
  const missing = FLEET_COLUMNS.filter((column) => !names.includes(column));
  if (!names.includes("liftId")) defects.push(error(line, "liftId", "a column of this name", cells.join(",")));
  for (const [index, text] of cells.entries()) {
    const name = names[index] ?? null;
    if (name !== null && names.indexOf(name) < index) defects.push(error(line, name, "each column once", `${text} again`));
    if (name !== null || text === "") continue;
    const meant = missing.find((column) => alike(column, text));
    // A misspelt name would make all its values unknown, and no rule would say why.
    if (meant === undefined)
      defects.push({ line, column: text, severity: "warning", expected: "a known column", found: `${text}, which is not read` });
    else defects.push(error(line, text, `the column to be called ${meant}`, text));
  }
  const silent = missing.filter((column) => column !== "liftId");
  if (silent.length > 0)
    defects.push({
      line,
      column: null,
      severity: "warning",
      expected: "all columns",
      found: `no ${silent.join(", ")}; they count as unknown`,
    });
  return cells.map((text, index) => {
    const name = names[index] ?? null;
    return name === null || names.indexOf(name) < index ? null : { name, label: name === text ? name : `${text} (${name})` };
  });
}

/** Whether a header was probably meant: the same letters but for case, spaces and signs, or without its unit. */
function alike(column: FleetColumn, text: string): boolean {
  return lettersOf(text) !== "" && [column, column.replace(/(Mps|Kg|M|On)$/, "")].some((name) => lettersOf(name) === lettersOf(text));
}

function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, "");
}

const NUMBERS = new Set<string>(["ratedSpeedMps", "ratedLoadKg", "floors", "travelM", "longitude", "latitude"]);
const DATES = new Set<string>(["installedOn", "nextInspectionOn", "insuredUntil"]);
const anyId = liftRecordSchema.partial({ liftId: true });

/** The lift of a row, or null where it has an error. */
function liftOf(
  { line, cells }: Row,
  columns: readonly (Column | null)[],
  seen: Map<string, number>,
  decoded: boolean,
  defects: Defect[],
): LiftRecord | null {
  const before = defects.length;
  if (cells.every((text) => text === "")) {
    defects.push({ line, column: null, severity: "warning", expected: "a lift", found: "an empty row, which is left out" });
    return null;
  }
  if (cells.length !== columns.length) defects.push(error(line, null, `${columns.length} fields`, String(cells.length)));
  const fields: Record<string, unknown> = {};
  const labels = new Map<string, string>();
  for (const [index, column] of columns.entries()) {
    const text = cells[index] ?? "";
    if (column === null) continue;
    labels.set(column.name, column.label);
    if (text === "") continue;
    fields[column.name] = typed(column.name, text);
    if (DATES.has(column.name) && !isDay(text)) defects.push(error(line, column.label, "a day that exists, as YYYY-MM-DD", quote(text)));
    if (decoded && text.includes("\uFFFD"))
      defects.push({
        line,
        column: column.label,
        severity: "warning",
        expected: "text",
        found: `${quote(text)}, damaged when it was converted`,
      });
  }
  const parsed = anyId.safeParse(fields);
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0]);
    if (!DATES.has(name))
      defects.push(
        error(line, labels.get(name) ?? name, expectation(name), quote(cells[columns.findIndex((column) => column?.name === name)])),
      );
  }
  const id = fields["liftId"];
  if (id === undefined && labels.has("liftId")) defects.push(error(line, labels.get("liftId") ?? null, expectation("liftId"), "nothing"));
  if (typeof id === "string") {
    const earlier = seen.get(id);
    if (earlier !== undefined)
      defects.push(error(line, labels.get("liftId") ?? null, "an id that no other row has", `${quote(id)}, as in line ${earlier}`));
    else seen.set(id, line);
  }
  const bad = defects.slice(before).some(({ severity }) => severity === "error");
  return bad || !parsed.success || parsed.data.liftId === undefined ? null : { ...parsed.data, liftId: parsed.data.liftId };
}

/** A spreadsheet writes TRUE and FALSE. */
function typed(column: FleetColumn, text: string): unknown {
  if (NUMBERS.has(column)) return Number.isFinite(Number(text)) ? Number(text) : text;
  if (column === "inService") return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : text;
  return text;
}

/** Whether a text is a date YYYY-MM-DD that the calendar has. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** What a column takes, in words, from the schema that judges it. */
function expectation(column: string): string {
  const known = EXPECTATIONS.get(column);
  if (known !== undefined) return known;
  return "a value";
}

interface Described {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}
const EXPECTATIONS: ReadonlyMap<string, string> = new Map([
  ...Object.entries(z.toJSONSchema(anyId).properties ?? {}).map(([column, schema]) => [column, inWords(schema as Described)] as const),
  ["liftId", "1 to 64 of A-Z a-z 0-9 _ -"],
]);

function inWords({ type, enum: choices, minimum, exclusiveMinimum, maximum, maxLength }: Described): string {
  if (choices !== undefined) return `one of ${choices.join(", ")}`;
  if (type === "boolean") return "a boolean, true or false";
  if (type === "string") return `at most ${maxLength ?? 0} characters`;
  const low = exclusiveMinimum === undefined ? `from ${minimum}` : `above ${exclusiveMinimum} and`;
  return `${type === "integer" ? "an integer" : "a number"} ${low} ${exclusiveMinimum === undefined ? "" : "up "}to ${maximum}`;
}

function quote(text: string | undefined): string {
  const shown = text ?? "";
  return shown === "" ? "nothing" : JSON.stringify(shown.length > 80 ? `${shown.slice(0, 80)}…` : shown);
}

function error(line: number, column: string | null, expected: string, found: string): Defect {
  return { line, column, severity: "error", expected, found: found.length > 300 ? `${found.slice(0, 300)}…` : found };
}
