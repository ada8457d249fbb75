/**
 * Slices of readings: one table for each UTC day of `receivedAt`. A slice is appended to while its day lasts; when a later
 * day begins it is rewritten sorted by (lift, at), so that one lift's day is read from a few row groups; retention drops it whole.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { READING_COLUMNS, readingTableSql, sqlName } from "./columns.ts";
import { rows, transaction } from "./database.ts";
import { StoreError } from "./failures.ts";

/** `day` is YYYYMMDD; `firstAt` and `lastAt` bound the device times in it. */
export interface Slice {
  readonly day: string;
  rows: number;
  firstAt: number;
  lastAt: number;
  sorted: boolean;
}
export type Slices = Map<string, Slice>;

const DAY_MS = 86_400_000;
const COLUMN_LIST = READING_COLUMNS.map((column) => sqlName(column.name)).join(", ");

export function dayOf(receivedAt: number): string {
  return new Date(receivedAt).toISOString().slice(0, 10).replaceAll("-", "");
}

/** First ms after the UTC day of `receivedAt`. */
export function dayEnd(receivedAt: number): number {
  return (Math.floor(receivedAt / DAY_MS) + 1) * DAY_MS;
}

export function sliceTable(day: string): string {
  return `readings_${day}`;
}

/** Slices as committed. Tables of an interrupted sorting are dropped. */
export async function loadSlices(connection: DuckDBConnection): Promise<Slices> {
  const known = await rows(
    connection,
    `SELECT "day", "rows"::DOUBLE AS "rows", "firstAt"::DOUBLE AS "firstAt", "lastAt"::DOUBLE AS "lastAt", "sorted" FROM slices ORDER BY "day"`,
  );
  const slices: Slices = new Map(known.map((row) => [String(row["day"]), row as unknown as Slice]));
  const tables = await rows(
    connection,
    `SELECT table_name AS name FROM duckdb_tables() WHERE starts_with(table_name, 'readings_') OR starts_with(table_name, 'sorting_')`,
  );
  const names = new Set(tables.map((table) => String(table["name"])));
  for (const name of names) if (name.startsWith("sorting_")) await connection.run(`DROP TABLE ${name}`);
  for (const day of slices.keys()) {
    if (!names.has(sliceTable(day)))
      throw new StoreError("store-corrupt", `table ${sliceTable(day)} is missing; the store can be rebuilt from the journal`);
  }
  return slices;
}

/** Within the writer's transaction: the slice of a day, with its table. */
export async function ensureSlice(connection: DuckDBConnection, slices: Slices, day: string): Promise<Slice> {
  const existing = slices.get(day);
  if (existing !== undefined) return existing;
  const slice: Slice = { day, rows: 0, firstAt: Number.MAX_SAFE_INTEGER, lastAt: 0, sorted: false };
  await connection.run(`CREATE TABLE ${sliceTable(day)} (${readingTableSql()})`);
  await connection.run(`INSERT INTO slices VALUES ('${day}', 0, ${slice.firstAt}, 0, false)`);
  slices.set(day, slice);
  await replaceView(connection, slices);
  return slice;
}

/** Within the writer's transaction: commits what the slice has come to hold. */
export async function saveSlice(connection: DuckDBConnection, slice: Slice): Promise<void> {
  await connection.run(
    `UPDATE slices SET "rows" = ${slice.rows}, "firstAt" = ${slice.firstAt}, "lastAt" = ${slice.lastAt}, "sorted" = ${slice.sorted} WHERE "day" = '${slice.day}'`,
  );
}

/** The view `readings`, for people who open the file with SQL: all slices as one. */
async function replaceView(connection: DuckDBConnection, slices: Slices): Promise<void> {
  const days = [...slices.keys()].sort();
  if (days.length === 0) await connection.run("DROP VIEW IF EXISTS readings");
  else await connection.run(`CREATE OR REPLACE VIEW readings AS ${days.map((day) => `FROM ${sliceTable(day)}`).join(" UNION ALL ")}`);
}

/** Slices that can hold device times in [from, to), oldest first. */
export function matching(slices: Slices, from: number, to: number): Slice[] {
  return [...slices.values()]
    .filter((slice) => slice.rows > 0 && slice.lastAt >= from && slice.firstAt < to)
    .sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** The oldest slice that is over and not sorted yet. */
export function nextToSort(slices: Slices): Slice | null {
  const days = [...slices.keys()].sort();
  const day = days.slice(0, -1).find((candidate) => !slices.get(candidate)!.sorted);
  return day === undefined ? null : slices.get(day)!;
}

/**
 * Copies a closed slice, sorted, into `sorting_DAY`: in pieces of whole lifts, each a short transaction, because DuckDB
 * cannot shorten its log while one is open and a piece is sorted in memory.
 */
export async function copySorted(connection: DuckDBConnection, slice: Slice, pieceRows: number, goOn: () => boolean): Promise<boolean> {
  const table = sliceTable(slice.day);
  await connection.run(`DROP TABLE IF EXISTS sorting_${slice.day}`);
  await connection.run(`CREATE TABLE sorting_${slice.day} (${readingTableSql()})`);
  for await (const { first, last } of liftPieces(connection, table, pieceRows)) {
    if (!goOn()) return false;
    await connection.run(
      `INSERT INTO sorting_${slice.day} SELECT ${COLUMN_LIST} FROM ${table} WHERE "liftId" BETWEEN $1 AND $2 ORDER BY "liftId", "at", "entry", "index"`,
      [first, last],
    );
  }
  return goOn();
}

/** A slice in pieces of whole lifts, of about `pieceRows` rows each: the first and the last lift of every piece. */
export async function* liftPieces(connection: DuckDBConnection, table: string, pieceRows: number) {
  const lifts = await rows(connection, `SELECT "liftId" AS lift, count(*)::DOUBLE AS count FROM ${table} GROUP BY 1 ORDER BY 1`);
  let next = 0;
  while (next < lifts.length) {
    const first = next;
    let size = 0;
    while (next < lifts.length && (next === first || size + Number(lifts[next]!["count"]) <= pieceRows))
      size += Number(lifts[next++]!["count"]);
    yield { first: String(lifts[first]!["lift"]), last: String(lifts[next - 1]!["lift"]) };
  }
}

/** On the writer's connection, between batches: puts the sorted copy in the slice's place. */
export async function swapSorted(connection: DuckDBConnection, slices: Slices, day: string): Promise<void> {
  const slice = slices.get(day);
  if (slice === undefined) {
    // Retention was faster.
    await connection.run(`DROP TABLE IF EXISTS sorting_${day}`);
    return;
  }
  await transaction(connection, async () => {
    const [copied] = await rows(connection, `SELECT count(*)::DOUBLE AS count FROM sorting_${day}`);
    if (copied?.["count"] !== slice.rows) {
      throw new StoreError(
        "store-failed",
        `sorted copy of ${sliceTable(day)} has ${String(copied?.["count"])} rows; expected ${slice.rows}`,
      );
    }
    await connection.run(`DROP TABLE ${sliceTable(day)}`);
    await connection.run(`ALTER TABLE sorting_${day} RENAME TO ${sliceTable(day)}`);
    await saveSlice(connection, { ...slice, sorted: true });
  });
  slice.sorted = true;
}

/** Slices whose day was over at `from` (ms), oldest first. */
export function endedBefore(slices: Slices, from: number): Slice[] {
  return [...slices.values()].filter(({ day }) => dayEnd(dayBegin(day)) <= from).sort((a, b) => (a.day < b.day ? -1 : 1));
}

function dayBegin(day: string): number {
  return Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6)));
}

/** Within a transaction: drops a slice; `left` are those that stay. */
export async function dropSlice(connection: DuckDBConnection, day: string, left: Slices): Promise<void> {
  await connection.run(`DROP TABLE ${sliceTable(day)}`);
  await connection.run(`DELETE FROM slices WHERE "day" = '${day}'`);
  await replaceView(connection, left);
}
