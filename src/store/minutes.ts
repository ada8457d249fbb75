/**
 * Minutes of past slices: what `readings_DAY` said, rolled up into `minutes_DAY` in the background before the slice is
 * dropped. Counts, least and greatest values can be put together again, so a minute whose readings were received on several
 * days is right whether they are rolled up yet or not.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { rows, transaction } from "./database.ts";
import { PLAUSIBLE_AHEAD_MS, PLAUSIBLE_BEHIND_MS } from "./plausible.ts";
import { dropSlice, liftPieces, sliceTable } from "./slices.ts";
import type { Slice, Slices } from "./slices.ts";

/** Columns of a minute after `liftId` and `at`, and how rows are put together. */
const CELLS: readonly (readonly [name: string, ofReadings: string, ofMinutes: string, type: string])[] = [
  ["readings", "count(*)", `sum("readings")`, "BIGINT"],
  ["faults", `count(*) FILTER ("channel" = 'fault')`, `sum("faults")`, "BIGINT"],
  ["speedMinMps", `min("speedMps")`, `min("speedMinMps")`, "DOUBLE"],
  ["speedMaxMps", `max("speedMps")`, `max("speedMaxMps")`, "DOUBLE"],
  ["personsMax", `max("persons")`, `max("personsMax")`, "SMALLINT"],
  ["loadMaxKg", `max("loadKg")`, `max("loadMaxKg")`, "DOUBLE"],
  ["motorTemperatureMaxC", `max("motorTemperatureC")`, `max("motorTemperatureMaxC")`, "DOUBLE"],
];

export interface MinuteSlice {
  readonly day: string;
  readonly rows: number;
  readonly firstAt: number;
  readonly lastAt: number;
}
export type MinuteSlices = Map<string, MinuteSlice>;

function minuteTable(day: string): string {
  return `minutes_${day}`;
}

/** A `SELECT` of the minutes of a slice's readings. `where` is a condition on readings. */
function rollUpSql(table: string, where: string): string {
  const cells = CELLS.map(([name, ofReadings, , type]) => `(${ofReadings})::${type} AS "${name}"`).join(", ");
  const plausible = `"at" >= "receivedAt" - ${PLAUSIBLE_BEHIND_MS} AND "at" <= "receivedAt" + ${PLAUSIBLE_AHEAD_MS}`;
  return `SELECT "liftId", ("at" - "at" % 60000) AS "at", ${cells} FROM ${table} WHERE ${plausible} AND ${where} GROUP BY 1, 2`;
}

/** A `SELECT` of the minutes that match, of slices and of what was rolled up, put together, as doubles where they are integers. */
export function minutesSql(slices: readonly Slice[], minutes: readonly MinuteSlice[], onReadings: string, onMinutes: string): string {
  const parts = [
    ...slices.map(({ day }) => rollUpSql(sliceTable(day), onReadings)),
    ...minutes.map(({ day }) => `SELECT * FROM ${minuteTable(day)} WHERE ${onMinutes}`),
  ];
  const cells = CELLS.map(([name, , ofMinutes, type]) => `(${ofMinutes})${type === "DOUBLE" ? "" : "::DOUBLE"} AS "${name}"`).join(", ");
  return `SELECT "liftId", "at"::DOUBLE AS "at", ${cells} FROM (${parts.join(" UNION ALL ")}) GROUP BY "liftId", "at"`;
}

export async function loadMinuteSlices(connection: DuckDBConnection): Promise<MinuteSlices> {
  const known = await rows(
    connection,
    `SELECT "day", "rows"::DOUBLE AS "rows", "firstAt"::DOUBLE AS "firstAt", "lastAt"::DOUBLE AS "lastAt" FROM minute_slices`,
  );
  const unfinished = await rows(connection, `SELECT table_name AS name FROM duckdb_tables() WHERE starts_with(table_name, 'rolling_')`);
  for (const { name } of unfinished) await connection.run(`DROP TABLE ${String(name)}`);
  return new Map(known.map((row) => [String(row["day"]), row as unknown as MinuteSlice]));
}

/** Rolls a slice up into `rolling_DAY`, in pieces of whole lifts, each a short transaction. False where it was told to stop. */
export async function copyMinutes(connection: DuckDBConnection, slice: Slice, pieceRows: number, goOn: () => boolean): Promise<boolean> {
  const target = `rolling_${slice.day}`;
  await connection.run(`DROP TABLE IF EXISTS ${target}`);
  await connection.run(
    `CREATE TABLE ${target} ("liftId" VARCHAR, "at" BIGINT, ${CELLS.map(([name, , , type]) => `"${name}" ${type}`).join(", ")})`,
  );
  for await (const { first, last } of liftPieces(connection, sliceTable(slice.day), pieceRows)) {
    if (!goOn()) return false;
    await connection.run(
      `INSERT INTO ${target} ${rollUpSql(sliceTable(slice.day), `"liftId" BETWEEN $1 AND $2`)} ORDER BY "liftId", "at"`,
      [first, last],
    );
  }
  return goOn();
}

/** On the writer's connection, between batches: the minutes take the place of the slice. False where it has grown since they were made. */
export async function swapMinutes(
  connection: DuckDBConnection,
  slices: Slices,
  minutes: MinuteSlices,
  day: string,
  rolledRows: number,
): Promise<boolean> {
  if (slices.get(day)?.rows !== rolledRows) return false;
  const left: Slices = new Map([...slices].filter(([other]) => other !== day));
  const merged = await transaction(connection, async () => {
    const table = minuteTable(day);
    // A day that came back after it had been rolled up: its new minutes go beside the old ones.
    if (minutes.has(day)) {
      await connection.run(`INSERT INTO ${table} FROM rolling_${day}`);
      await connection.run(`DROP TABLE rolling_${day}`);
      await connection.run(`DELETE FROM minute_slices WHERE "day" = '${day}'`);
    } else await connection.run(`ALTER TABLE rolling_${day} RENAME TO ${table}`);
    const [bounds] = await rows(
      connection,
      `SELECT count(*)::DOUBLE AS "rows", coalesce(min("at"), 0)::DOUBLE AS "firstAt", coalesce(max("at"), 0)::DOUBLE AS "lastAt" FROM ${table}`,
    );
    const slice = { day, ...bounds } as unknown as MinuteSlice;
    await connection.run(`INSERT INTO minute_slices VALUES ('${day}', ${slice.rows}, ${slice.firstAt}, ${slice.lastAt})`);
    await dropSlice(connection, day, left);
    return slice;
  });
  slices.delete(day);
  minutes.set(day, merged);
  return true;
}

/** Drops the minutes of days that ended before `from` (ms). */
export async function dropMinutesBefore(connection: DuckDBConnection, minutes: MinuteSlices, from: number): Promise<void> {
  const old = [...minutes.values()].filter(({ lastAt }) => lastAt + 60_000 <= from).map(({ day }) => day);
  if (old.length === 0) return;
  await transaction(connection, async () => {
    for (const day of old) {
      await connection.run(`DROP TABLE ${minuteTable(day)}`);
      await connection.run(`DELETE FROM minute_slices WHERE "day" = '${day}'`);
    }
  });
  for (const day of old) minutes.delete(day);
}
