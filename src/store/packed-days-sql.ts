/**
 * Packed days out of the embedded store: DuckDB numbers the lifts and the days, and its columns are copied as they lie in memory. Measured on 18 million
 * rows (three years of a city), CPU ms a month of them: numbers alone 91, with ids and days joined 127, days as dates 50 more; a value at a time from the
 * client's vectors 1,000 more.
 */
import type { DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import { rows } from "./database.ts";
import { dayName, dayNumber } from "../core/calendar.ts";
import { DAY_CELLS } from "./packed-days.ts";
import type { PackedDaysQuery } from "./packed-days.ts";
import type { Answer } from "./protocol.ts";

const DOUBLE_BYTES = 8;
const NOTHING: Answer = { packed: [], columns: [], next: null };

export async function packedDays(connection: DuckDBConnection, { from, days }: PackedDaysQuery): Promise<Answer> {
  // What is written meanwhile must not come between the ids and the rows that name them.
  await connection.run("BEGIN");
  try {
    // Looking for the first day reads all later ones: it is done where the stretch does not begin with one.
    if (from !== null && (await hasDay(connection, `"day" = $1`, from))) return await read(connection, from, days);
    const [least] = await rows(connection, `SELECT min("day") AS first FROM days WHERE "day" >= $1`, [from ?? ""]);
    const first = least?.["first"];
    return typeof first === "string" ? await read(connection, first, days) : NOTHING;
  } finally {
    await connection.run("COMMIT");
  }
}

async function read(connection: DuckDBConnection, first: string, days: number): Promise<Answer> {
  const end = dayName(dayNumber(first) + days);
  const stretch = `"day" >= $1 AND "day" < $2`;
  const ids = await rows(connection, `SELECT DISTINCT "liftId" FROM days WHERE ${stretch} ORDER BY "liftId"`, [first, end]);
  const named = await connection.run(
    `WITH ids AS (SELECT "liftId", (row_number() OVER (ORDER BY "liftId") - 1)::DOUBLE AS n FROM (SELECT DISTINCT "liftId" FROM days WHERE ${stretch})),
       numbers AS (SELECT strftime(DATE '${first}' + d::INTEGER, '%Y-%m-%d') AS "day", (${dayNumber(first)} + d)::DOUBLE AS n FROM range(${days}) AS stretch(d))
     SELECT ids.n, numbers.n, "inServiceMs"::DOUBLE, "stoppingFaults"::DOUBLE, "entrapments"::DOUBLE, "trips"::DOUBLE
     FROM days JOIN ids USING ("liftId") JOIN numbers USING ("day") WHERE ${stretch}`,
    [first, end],
  );
  const chunks = await named.fetchAllChunks();
  const cells = new Float64Array(chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0) * DAY_CELLS);
  let start = 0;
  for (const chunk of chunks) {
    for (let column = 0; column < DAY_CELLS; column++) {
      const values = doublesOf(chunk, column);
      for (let row = 0, cell = start + column; row < values.length; row++, cell += DAY_CELLS) cells[cell] = values[row] as number;
    }
    start += chunk.rowCount * DAY_CELLS;
  }
  const strings = ids.map((row) => row["liftId"] as string);
  const next = (await hasDay(connection, `"day" >= $1`, end)) ? end : null;
  return { packed: [{ count: start / DAY_CELLS, cells, strings }], columns: [], next };
}

async function hasDay(connection: DuckDBConnection, condition: string, day: string): Promise<boolean> {
  return (await rows(connection, `SELECT 1 AS one FROM days WHERE ${condition} LIMIT 1`, [day])).length > 0;
}

/** A column without nulls, in DuckDB's own memory: valid while the chunk is. */
function doublesOf({ chunk, rowCount }: DuckDBDataChunk, column: number): Float64Array {
  const { buffer, byteOffset } = duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk, column), rowCount * DOUBLE_BYTES);
  return new Float64Array(buffer, byteOffset, rowCount);
}
