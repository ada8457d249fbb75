/** The columns of a fleet file, and the fields of its rows: which they are, what they take, and what is wrong with them. */
import { z } from "zod";
import { liftRecordSchema, type LiftRecord } from "../core/lift.ts";
import type { Defect, Row } from "./text.ts";

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

export interface Column {
  readonly name: FleetColumn;
  /** As it is told to people. */
  readonly label: string;
}

/** What each cell of a row is, null for a column that nobody knows; or null when this is no header at all. */
export function columnsOf(header: Row, map: ReadonlyMap<string, FleetColumn>, defects: Defect[]): (Column | null)[] | null {
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
export function liftOf(
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

/** A spreadsheet writes TRUE and FALSE; what JavaScript calls a number besides (0x10) nobody meant. */
function typed(column: FleetColumn, text: string): unknown {
  if (NUMBERS.has(column)) return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
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
  return EXPECTATIONS.get(column) ?? "a value";
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

/** An error at a place of the file; what was found is cut where it is long. */
export function error(line: number, column: string | null, expected: string, found: string): Defect {
  return { line, column, severity: "error", expected, found: found.length > 300 ? `${found.slice(0, 300)}…` : found };
}
