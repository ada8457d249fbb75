/** CSV and Parquet, by DuckDB: files from rows, files from the embedded store's own, and rows from Parquet. Bounded memory; what is too large goes to a file beside. */
import { DuckDBInstance } from "@duckdb/node-api";
import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { rm } from "node:fs/promises";
import { LIMITS } from "../config.ts";
import { appendColumns } from "../store/appending.ts";
import type { Column } from "../store/columns.ts";
import type { Row } from "./kinds.ts";

export type TableFormat = "csv" | "parquet";

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

const OPTIONS: Readonly<Record<TableFormat, string>> = { csv: "FORMAT csv, HEADER", parquet: "FORMAT parquet, COMPRESSION zstd" };

async function withDuckDb<T>(file: string, use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(file, {
    threads: String(LIMITS.store.threads),
    memory_limit: `${LIMITS.store.memoryMb}MB`,
    max_temp_directory_size: `${LIMITS.store.spillGb}GB`,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
  });
  const connection = await instance.connect();
  try {
    return await use(connection);
  } finally {
    connection.disconnectSync();
    instance.closeSync();
  }
}

/** Writes rows to a file. @returns how many. */
export async function writeTable(
  out: string,
  format: TableFormat,
  columns: readonly Column[],
  rows: AsyncIterable<readonly Row[]>,
): Promise<number> {
  const beside = `${out}.duckdb.part`;
  await rm(beside, { force: true });
  try {
    return await withDuckDb(beside, async (connection) => {
      await connection.run(`CREATE TABLE rows (${columns.map(({ name, type }) => `"${name}" ${type}`).join(", ")})`);
      let count = 0;
      for await (const batch of rows) {
        const appender = await connection.createAppender("rows");
        try {
          appendColumns(
            appender,
            columns,
            columns.map(({ name }) => batch.map((row) => row[name] ?? null)),
          );
        } finally {
          appender.closeSync();
        }
        count += batch.length;
      }
      await connection.run(`COPY rows TO ${quoted(out)} (${OPTIONS[format]})`);
      return count;
    });
  } finally {
    for (const part of [beside, `${beside}.wal`]) await rm(part, { force: true });
    await rm(`${beside}.tmp`, { recursive: true, force: true });
  }
}

/** Readings right from the embedded store's file, which nobody has open. @returns how many. */
export async function copyReadings(
  store: string,
  out: string,
  format: TableFormat,
  columns: readonly Column[],
  filter: { readonly from: number | null; readonly to: number | null; readonly lifts: ReadonlySet<string> | null },
): Promise<number> {
  return withDuckDb(":memory:", async (connection) => {
    await connection.run(`SET temp_directory = ${quoted(`${out}.tmp`)}`);
    await connection.run(`ATTACH ${quoted(store)} AS store (READ_ONLY)`);
    const slices = (await connection.runAndReadAll(`SELECT "day" FROM store.slices ORDER BY "day"`)).getRows().map(([day]) => String(day));
    const where = [
      ...(filter.from === null ? [] : [`"at" >= ${filter.from}`]),
      ...(filter.to === null ? [] : [`"at" < ${filter.to}`]),
      ...(filter.lifts === null ? [] : [`"liftId" IN (${[...filter.lifts].map(quoted).join(", ")})`]),
    ];
    const list = columns.map(({ name, type }) => `"${name}"::${type} AS "${name}"`).join(", ");
    const none = `SELECT ${columns.map(({ name, type }) => `NULL::${type} AS "${name}"`).join(", ")} LIMIT 0`;
    const parts = slices.map(
      (day) => `SELECT ${list} FROM store.readings_${day}${where.length === 0 ? "" : ` WHERE ${where.join(" AND ")}`}`,
    );
    const all = parts.length === 0 ? none : parts.join(" UNION ALL ");
    const done = await connection.runAndReadAll(
      `COPY (SELECT * FROM (${all}) ORDER BY "liftId", "at", "entry", "index") TO ${quoted(out)} (${OPTIONS[format]})`,
    );
    await rm(`${out}.tmp`, { recursive: true, force: true });
    return Number(done.getRows()[0]?.[0] ?? 0);
  });
}

/** Rows of a Parquet file, a batch at a time; whole numbers as numbers. */
export async function* readParquet(file: string): AsyncGenerator<readonly Row[]> {
  const instance = await DuckDBInstance.create(":memory:", {
    threads: "1",
    autoload_known_extensions: "false",
    autoinstall_known_extensions: "false",
  });
  const connection = await instance.connect();
  try {
    const result = await connection.stream(`SELECT * FROM read_parquet(${quoted(file)})`);
    for await (const rows of result.yieldRowObjects()) yield rows.map(plainRow);
  } finally {
    connection.disconnectSync();
    instance.closeSync();
  }
}

function plainRow(row: Readonly<Record<string, DuckDBValue>>): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value]));
}
