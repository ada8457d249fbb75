/** What no journal brings about, in the embedded store: a step back to an earlier entry, and rows that were imported. Each is one transaction. */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Alert } from "../core/effects.ts";
import { appendColumns, createReadingAppender } from "./appending.ts";
import { type Column, READING_COLUMNS, sqlName } from "./columns.ts";
import { rows, transaction } from "./database.ts";
import { StoreError } from "./failures.ts";
import type { MinuteSlices } from "./minutes.ts";
import type { PackedReadings } from "./packing.ts";
import type { ImportRequest, MarkRequest, ResetTo, StoreState } from "./protocol.ts";
import { dayOf, dropSlice, ensureSlice, saveSlice, sliceTable } from "./slices.ts";
import type { Slice, Slices } from "./slices.ts";
import { ALERT_COLUMNS, CHANGE_COLUMNS, DAY_COLUMNS, MARK_ANEW, WORK_COLUMNS } from "./tables.ts";
import type { ColumnValues } from "./tables.ts";
import type { Written } from "./writing.ts";

const DAY_MS = 86_400_000;

async function append(connection: DuckDBConnection, table: string, columns: readonly Column[], values: ColumnValues): Promise<void> {
  const appender = await connection.createAppender(table);
  try {
    appendColumns(appender, columns, values);
  } finally {
    appender.closeSync();
  }
}

function copyOf(slices: Slices): Slices {
  return new Map([...slices].map(([day, slice]) => [day, { ...slice }]));
}

/**
 * Forgets the rows of all entries after one; imported rows and day counts stay, and the latter are replaced by what is folded again.
 * @throws StoreError `store-rolled-up` where readings to be forgotten are a part of minutes that are to stay.
 */
export async function resetStore(
  connection: DuckDBConnection,
  journalId: string,
  to: ResetTo,
  state: StoreState,
  slices: Slices,
  minutes: MinuteSlices,
): Promise<Written> {
  const day = dayOf(to.receivedAt);
  if (minutes.has(day) && !to.firstOfDay)
    throw new StoreError("store-rolled-up", `readings of ${day} (UTC) are rolled up by minute already; expected to begin with a whole day`);
  const draft = copyOf(slices);
  const again = [...minutes.keys()].filter((rolled) => rolled >= day);
  const next = await transaction(connection, async () => {
    for (const rolled of again) {
      await connection.run(`DROP TABLE minutes_${rolled}`);
      await connection.run(`DELETE FROM minute_slices WHERE "day" = '${rolled}'`);
    }
    for (const slice of draft.values()) await forget(connection, slice, draft, to.offset);
    await connection.run(`DELETE FROM changes WHERE "seq" > ${to.offset}`);
    await connection.run(`DELETE FROM quarantine WHERE "entry" > ${to.offset}`);
    await connection.run(`DELETE FROM works WHERE "entry" > ${to.offset}`);
    await stepAlertsBack(connection);
    const after: StoreState = { ...state, journalId, offset: to.offset, storedReadings: to.storedReadings };
    await connection.run(MARK_ANEW);
    await connection.run(
      `UPDATE store_state SET "journalId" = $1, "offset" = ${after.offset}, "storedReadings" = ${after.storedReadings}`,
      [journalId],
    );
    return after;
  });
  for (const rolled of again) minutes.delete(rolled);
  return { state: next, slices: draft };
}

async function forget(connection: DuckDBConnection, slice: Slice, draft: Slices, offset: number): Promise<void> {
  const table = sliceTable(slice.day);
  const [found] = await rows(connection, `SELECT count(*)::DOUBLE AS "gone" FROM ${table} WHERE "entry" > ${offset}`);
  const gone = Number(found?.["gone"] ?? 0);
  if (gone === 0) return;
  if (gone === slice.rows) {
    draft.delete(slice.day);
    // Deleting does not make a file smaller; dropping a table does.
    await dropSlice(connection, slice.day, draft);
    return;
  }
  await connection.run(`DELETE FROM ${table} WHERE "entry" > ${offset}`);
  await remeasure(connection, slice);
}

async function remeasure(connection: DuckDBConnection, slice: Slice): Promise<void> {
  const [bounds] = await rows(
    connection,
    `SELECT count(*)::DOUBLE AS "rows", min("at")::DOUBLE AS "firstAt", max("at")::DOUBLE AS "lastAt" FROM ${sliceTable(slice.day)}`,
  );
  Object.assign(slice, bounds);
  await saveSlice(connection, slice);
}

/** Where the store's mark is `from`, it becomes `to`. @returns whether it was. */
export async function setMark(connection: DuckDBConnection, { from, to }: MarkRequest): Promise<boolean> {
  const changed = await rows(connection, `UPDATE store_state SET "mark" = $2 WHERE "mark" = $1 RETURNING "mark"`, [from, to]);
  return changed.length > 0;
}

/** Alerts whose newest change is gone get the state of the newest that is left. Imported ones have no number, and stay. */
async function stepAlertsBack(connection: DuckDBConnection): Promise<void> {
  await connection.run(`DELETE FROM alerts WHERE "n" > (SELECT coalesce(max("n"), 0) FROM changes)`);
  const left = await rows(
    connection,
    `SELECT "n"::DOUBLE AS "n", "alert" FROM changes WHERE "n" IN (SELECT max("n") FROM changes WHERE "alertId" NOT IN (SELECT "alertId" FROM alerts) GROUP BY "alertId")`,
  );
  if (left.length === 0) return;
  const alerts = left.map(({ n, alert }) => ({ n, text: String(alert), ...(JSON.parse(String(alert)) as Alert) }));
  const values = alerts.map(({ id, n, liftId, hazard, state, raisedAt, text }) => [id, n, liftId, hazard, state, raisedAt, text]);
  await append(
    connection,
    "alerts",
    ALERT_COLUMNS,
    ALERT_COLUMNS.map((_, column) => values.map((row) => row[column])),
  );
}

/** A lift's work of one kind at one time is one. */
const WORK_KEY = ["liftId", "at", "work"] as const;
/** What identifies a reading for good (contract §2), and tells one that is there already. */
const READING_KEY = ["liftId", "channel", "at", "seq"].map(sqlName);
const SAME = [...READING_KEY.map((name) => `old.${name} = new.${name}`), `coalesce(old."boot", '') = coalesce(new."boot", '')`].join(
  " AND ",
);

/** Adds rows that are not there. What the store has, from the journal or an earlier import, stays as it is. */
export async function importRows(
  connection: DuckDBConnection,
  request: ImportRequest,
  pieces: readonly PackedReadings[],
  state: StoreState,
  slices: Slices,
): Promise<Written & { readonly added: number }> {
  const draft = copyOf(slices);
  const added = await transaction(connection, async () => {
    await connection.run(MARK_ANEW);
    let count = 0;
    if (pieces.length > 0) count += await importReadings(connection, pieces, draft);
    if (request.alerts !== null) count += await importAlerts(connection, request.alerts, request.changes);
    if (request.days !== null) count += await importInto(connection, "days", ["day", "liftId"], [], DAY_COLUMNS, request.days);
    if (request.works !== null) count += await importInto(connection, "works", WORK_KEY, [], WORK_COLUMNS, request.works);
    return count;
  });
  return { state, slices: draft, added };
}

async function importReadings(connection: DuckDBConnection, pieces: readonly PackedReadings[], draft: Slices): Promise<number> {
  const columns = READING_COLUMNS.map(({ name, type, enumName }) => `${sqlName(name)} ${enumName ?? type}`).join(", ");
  await connection.run(`CREATE OR REPLACE TEMP TABLE readings_new (${columns})`);
  const readings = createReadingAppender();
  const appender = await connection.createAppender("readings_new");
  try {
    for (const piece of pieces) readings.append(appender, piece, 0, piece.count);
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
  const days = await rows(connection, `SELECT DISTINCT ("receivedAt" // ${DAY_MS})::DOUBLE AS "day" FROM readings_new ORDER BY 1`);
  let added = 0;
  for (const { day } of days) {
    const begin = Number(day) * DAY_MS;
    const slice = await ensureSlice(connection, draft, dayOf(begin));
    const before = slice.rows;
    await connection.run(
      `INSERT INTO ${sliceTable(slice.day)} SELECT DISTINCT ON (${READING_KEY.join(", ")}, coalesce("boot", '')) * FROM readings_new AS new ` +
        `WHERE "receivedAt" >= ${begin} AND "receivedAt" < ${begin + DAY_MS} AND NOT EXISTS (SELECT 1 FROM ${sliceTable(slice.day)} AS old WHERE ${SAME})`,
    );
    await remeasure(connection, slice);
    if (slice.rows > before) slice.sorted = false;
    await saveSlice(connection, slice);
    added += slice.rows - before;
  }
  await connection.run(`DROP TABLE readings_new`);
  return added;
}

async function importAlerts(connection: DuckDBConnection, alerts: ColumnValues, changes: ColumnValues | null): Promise<number> {
  // Before the alerts: those of an alert that is known are known, too.
  if (changes !== null) await importInto(connection, "changes", ["alertId"], ["n"], CHANGE_COLUMNS, changes);
  return importInto(connection, "alerts", ["alertId"], [], ALERT_COLUMNS, alerts);
}

/** Rows for whose key the table has none; of those that agree in the key and in `also`, one. */
async function importInto(
  connection: DuckDBConnection,
  table: string,
  key: readonly string[],
  also: readonly string[],
  columns: readonly Column[],
  values: ColumnValues,
): Promise<number> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${table}_import AS SELECT * FROM ${table} LIMIT 0`);
  await append(connection, `${table}_import`, columns, values);
  const [before] = await rows(connection, `SELECT count(*)::DOUBLE AS "count" FROM ${table}`);
  await connection.run(
    `INSERT INTO ${table} SELECT DISTINCT ON (${[...key, ...also].map(sqlName).join(", ")}) * FROM ${table}_import AS new ` +
      `WHERE NOT EXISTS (SELECT 1 FROM ${table} AS old WHERE ${key.map((name) => `old.${sqlName(name)} = new.${sqlName(name)}`).join(" AND ")})`,
  );
  const [after] = await rows(connection, `SELECT count(*)::DOUBLE AS "count" FROM ${table}`);
  await connection.run(`DROP TABLE ${table}_import`);
  return Number(after?.["count"]) - Number(before?.["count"]);
}
