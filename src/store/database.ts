/**
 * The DuckDB file and its connections. Only the store's worker imports this: a second instance on one file in one process
 * opens without a word and loses writes (design.md), so there is one owner.
 */
import { DuckDBInstance } from "@duckdb/node-api";
import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { StoreError } from "./failures.ts";
import type { StoreState } from "./protocol.ts";
import { MIGRATIONS, SCHEMA_VERSION, schemaSql, stagingSql } from "./tables.ts";

export interface DatabaseOptions {
  readonly file: string;
  readonly memoryMb: number;
  readonly threads: number;
  readonly spillGb: number;
  readonly checkpointMb: number;
  /** Connections that answer queries, each on one thread of libuv's pool while it runs. */
  readonly readers: number;
}

export interface Database {
  /** Batches, slices and everything else that writes, one after the other. */
  readonly writer: DuckDBConnection;
  /** Sorting of closed slices, beside the batches. */
  readonly background: DuckDBConnection;
  readonly readers: readonly DuckDBConnection[];
  /** Nothing may be running. Moves the log into the file. */
  close(): void;
}

/** @throws what DuckDB throws, or a StoreError `store-too-new`. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const instance = await DuckDBInstance.create(options.file, {
    threads: String(options.threads),
    memory_limit: `${options.memoryMb}MB`,
    max_temp_directory_size: `${options.spillGb}GB`,
    checkpoint_threshold: `${options.checkpointMb}MB`,
    // Nothing is fetched from a network behind the operator's back.
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
  });
  const open: DuckDBConnection[] = [];
  const connect = async () => {
    const connection = await instance.connect();
    open.push(connection);
    return connection;
  };
  const close = () => {
    for (const connection of open) connection.disconnectSync();
    instance.closeSync();
  };
  try {
    const writer = await connect();
    await prepareSchema(writer, options.file);
    for (const sql of stagingSql()) await writer.run(sql);
    const background = await connect();
    const readers: DuckDBConnection[] = [];
    for (let count = 0; count < options.readers; count++) readers.push(await connect());
    return { writer, background, readers, close };
  } catch (error) {
    close();
    throw error;
  }
}

async function prepareSchema(connection: DuckDBConnection, file: string): Promise<void> {
  const tables = await rows(connection, `SELECT table_name AS name FROM duckdb_tables() WHERE NOT temporary`);
  if (tables.length === 0) {
    await transaction(connection, async () => {
      for (const sql of schemaSql()) await connection.run(sql);
    });
    return;
  }
  if (!tables.some((table) => table["name"] === "store_state")) {
    throw new StoreError("store-corrupt", `${file} is a DuckDB file but not a store of this program: it has no table store_state`);
  }
  const [state] = await rows(connection, `SELECT "schemaVersion" AS version FROM store_state`);
  const version = Number(state?.["version"]);
  if (version > SCHEMA_VERSION) {
    throw new StoreError("store-too-new", `${file} has schema version ${version}; expected at most ${SCHEMA_VERSION}`);
  }
  // What is not a version at all is damage.
  if (!Number.isInteger(version) || version < 1)
    throw new StoreError("store-corrupt", `${file} has schema version ${String(state?.["version"])}; expected ${SCHEMA_VERSION}`);
  if (version === SCHEMA_VERSION) return;
  await transaction(connection, async () => {
    for (const sql of MIGRATIONS.slice(version - 1).flat()) await connection.run(sql);
    await connection.run(`UPDATE store_state SET "schemaVersion" = ${SCHEMA_VERSION}`);
  });
}

export async function readState(connection: DuckDBConnection): Promise<StoreState> {
  const [state] = await rows(
    connection,
    `SELECT "journalId", "offset"::DOUBLE AS "offset", "storedReadings"::DOUBLE AS "storedReadings", "quarantinedEver"::DOUBLE AS "quarantinedEver" FROM store_state`,
  );
  if (state === undefined) throw new StoreError("store-corrupt", "store_state is empty; expected one row");
  return state as unknown as StoreState;
}

export async function rows(connection: DuckDBConnection, sql: string, values?: DuckDBValue[]): Promise<Record<string, DuckDBValue>[]> {
  const reader = await connection.runAndReadAll(sql, values);
  return reader.getRowObjects();
}

/** Runs `body` in a transaction; what it throws rolls back. */
export async function transaction<T>(connection: DuckDBConnection, body: () => Promise<T>): Promise<T> {
  await connection.run("BEGIN");
  try {
    const result = await body();
    await connection.run("COMMIT");
    return result;
  } catch (error) {
    // After a failed COMMIT there is no transaction left to roll back; the first error is the one that tells.
    await connection.run("ROLLBACK").catch(() => undefined);
    throw error;
  }
}
