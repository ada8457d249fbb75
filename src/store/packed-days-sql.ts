/** Packed days out of the embedded store: DuckDB numbers the lifts, and its columns are copied cell by cell. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { rows } from "./database.ts";
import { dayName, dayNumber } from "../core/calendar.ts";
import { DAY_CELLS } from "./packed-days.ts";
import type { PackedDaysQuery } from "./packed-days.ts";
import type { Answer } from "./protocol.ts";

const COLUMNS = `date_diff('day', DATE '1970-01-01', "day"::DATE)::DOUBLE, "inServiceMs"::DOUBLE, "stoppingFaults"::DOUBLE, "entrapments"::DOUBLE, "trips"::DOUBLE`;

export async function packedDays(connection: DuckDBConnection, { from, days }: PackedDaysQuery): Promise<Answer> {
  // What is written meanwhile must not come between the ids and the rows that name them.
  await connection.run("BEGIN");
  try {
    return await read(connection, from ?? "", days);
  } finally {
    await connection.run("COMMIT");
  }
}

async function read(connection: DuckDBConnection, from: string, days: number): Promise<Answer> {
  const [range] = await rows(connection, `SELECT min("day") AS first, max("day") AS last FROM days WHERE "day" >= $1`, [from]);
  const first = range?.["first"];
  if (typeof first !== "string") return { packed: [], columns: [], next: null };
  const end = dayName(dayNumber(first) + days);
  const ids = await rows(connection, `SELECT DISTINCT "liftId" FROM days WHERE "day" >= $1 AND "day" < $2 ORDER BY "liftId"`, [first, end]);
  const result = await connection.run(
    `WITH ids AS (SELECT "liftId", row_number() OVER (ORDER BY "liftId") - 1 AS n FROM (SELECT DISTINCT "liftId" FROM days WHERE "day" >= $1 AND "day" < $2))
     SELECT ids.n::DOUBLE, ${COLUMNS} FROM days JOIN ids USING ("liftId") WHERE "day" >= $1 AND "day" < $2`,
    [first, end],
  );
  const chunks = await result.fetchAllChunks();
  const cells = new Float64Array(chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0) * DAY_CELLS);
  let start = 0;
  for (const chunk of chunks) {
    for (let column = 0; column < DAY_CELLS; column++) {
      const vector = chunk.getColumnVector(column);
      for (let row = 0, cell = start + column; row < chunk.rowCount; row++, cell += DAY_CELLS) cells[cell] = vector.getItem(row) as number;
    }
    start += chunk.rowCount * DAY_CELLS;
  }
  const strings = ids.map((row) => row["liftId"] as string);
  const next = String(range?.["last"]) >= end ? end : null;
  return { packed: [{ count: start / DAY_CELLS, cells, strings }], columns: [], next };
}
