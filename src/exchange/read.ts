/** Rows of an exported file, with their lines: CSV, NDJSON (also .gz) or Parquet, by the file's name. */
import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { parse } from "csv-parse";
import { LIMITS } from "../config.ts";
import { UsageError } from "../errors.ts";
import { readLineBatches } from "../files/lines.ts";
import type { Column } from "../store/columns.ts";
import { readParquet } from "./duckdb.ts";
import { COLUMNS, IMPORTED, type ImportedKind, type Row } from "./kinds.ts";

export interface FileRow {
  /** From 1; of Parquet the row's number. */
  readonly line: number;
  /** Or what is the matter with the line as a whole. */
  readonly row: Row | { readonly problem: string };
}

export type FileFormat = "csv" | "ndjson" | "parquet";

/** @throws UsageError */
export function formatOf(file: string): FileFormat {
  const plain = file.endsWith(".gz") ? file.slice(0, -3) : file;
  const format = extname(plain).slice(1);
  if (format === "ndjson" || (plain === file && (format === "csv" || format === "parquet"))) return format;
  throw new UsageError(`${file}: expected a name that ends in .csv, .parquet, .ndjson or .ndjson.gz`);
}

export async function* readRows(file: string, format: FileFormat): AsyncGenerator<readonly FileRow[]> {
  if (format === "ndjson") yield* ndjsonRows(file);
  else if (format === "csv") yield* csvRows(file);
  else {
    let line = 0;
    for await (const rows of parquetOf(file)) yield rows.map((row) => ({ line: (line += 1), row }));
  }
}

/** The kind that all columns of the file's first row are of. @throws UsageError where it is none. */
export function kindOf(file: string, row: Row): ImportedKind {
  const names = Object.keys(row);
  const telling: Readonly<Record<ImportedKind, string>> = { readings: "channel", alerts: "alertId", days: "day", works: "work" };
  const kind = IMPORTED.find(
    (one) => names.includes(telling[one]) && names.every((name) => COLUMNS[one].some((column) => column.name === name)),
  );
  if (kind === undefined)
    throw new UsageError(`${file}: has the columns ${names.join(", ")}; expected those of an export of ${IMPORTED.join(", ")}`);
  return kind;
}

async function* ndjsonRows(file: string): AsyncGenerator<readonly FileRow[]> {
  for await (const lines of readLineBatches("FILE", file, LIMITS.exchange.lineBytes))
    yield lines.map((line): FileRow => ({ line: line.number, row: "problem" in line ? line : parsed(line.text) }));
}

function parsed(text: string): Row | { readonly problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Row;
  } catch {
    // Told below.
  }
  return { problem: `found ${JSON.stringify(text.slice(0, 80))}; expected a JSON object` };
}

const TYPES: ReadonlyMap<string, Column["type"]> = new Map(
  Object.values(COLUMNS)
    .flat()
    .map(({ name, type }) => [name, type]),
);

async function* csvRows(file: string): AsyncGenerator<readonly FileRow[]> {
  const input = createReadStream(file);
  const rows = input.pipe(
    parse({
      bom: true,
      info: true,
      skip_empty_lines: true,
      relax_column_count: true,
      cast: (value, { quoting }) => (value === "" && !quoting ? null : value),
    }),
  );
  input.once("error", (error) => rows.destroy(error));
  let header: readonly string[] | null = null;
  let batch: FileRow[] = [];
  try {
    for await (const { record, info } of rows as AsyncIterable<{ record: (string | null)[]; info: { lines: number } }>) {
      if (header === null) {
        header = record.map((name) => name ?? "");
        continue;
      }
      batch.push({ line: info.lines, row: csvRow(header, record) });
      if (batch.length < LIMITS.exchange.pageRows) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    throw new UsageError(`${file}: cannot be read (${(error as Error).message})`);
  }
  if (batch.length > 0) yield batch;
}

function csvRow(header: readonly string[], record: readonly (string | null)[]): Row | { readonly problem: string } {
  if (record.length !== header.length) return { problem: `found ${record.length} fields; expected ${header.length}` };
  return Object.fromEntries(header.map((name, index) => [name, typed(TYPES.get(name), record[index] ?? null)]));
}

/** The text as the column's type where it is one; otherwise as it is, and the check of the row says what is wrong. */
function typed(type: Column["type"] | undefined, text: string | null): unknown {
  if (text === null || type === undefined || type === "VARCHAR" || type === "ENUM") return text;
  if (type === "BOOLEAN") return text === "true" ? true : text === "false" ? false : text;
  const number = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isNaN(number) ? text : number;
}

async function* parquetOf(file: string): AsyncGenerator<readonly Row[]> {
  try {
    yield* readParquet(file);
  } catch (error) {
    throw new UsageError(`${file}: cannot be read as Parquet (${(error as Error).message})`);
  }
}
