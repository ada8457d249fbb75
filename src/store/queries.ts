/** The port's queries as SQL. Values are bound; only names of tables and columns stand in the text. */
import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import type { StoredReading } from "../core/effects.ts";
import type { Reading } from "../core/reading.ts";
import { FIELD_COLUMNS, READING_COLUMNS, sqlName } from "./columns.ts";
import type { Column } from "./columns.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import { rows } from "./database.ts";
import { StoreError } from "./failures.ts";
import { minutesSql } from "./minutes.ts";
import type { MinuteSlices } from "./minutes.ts";
import { packedDays } from "./packed-days-sql.ts";
import { packReadings } from "./packing.ts";
import type { Answer, QueryRequest } from "./protocol.ts";
import { matching, sliceTable } from "./slices.ts";
import type { Slices } from "./slices.ts";
import type { AlertsQuery, DaysQuery, MinutesQuery, ReadingsQuery, WorksQuery } from "./store.ts";
import { CHANGE_COLUMNS, DAY_COLUMNS, MINUTE_COLUMNS, QUARANTINE_COLUMNS, WORK_COLUMNS } from "./tables.ts";
import type { ColumnValues } from "./tables.ts";

/** Rows of a part of an answer: the main thread takes a few ms for one. */
const PART_ROWS = 4_096;
const NO_ROWS: Answer = { packed: [], columns: [], next: null };

export async function answer(
  connection: DuckDBConnection,
  slices: Slices,
  minutes: MinuteSlices,
  request: QueryRequest,
  daysRows: number,
): Promise<Answer> {
  switch (request.kind) {
    case "readings":
      return readings(connection, slices, request.query);
    case "alerts":
      return alerts(connection, request.query);
    case "history":
      return changes(connection, `WHERE "alertId" = $1 ORDER BY "n"`, request.alertId);
    case "changes":
      // The numbers alone first: sorting whole rows would read every later alert for a page of them.
      return changes(
        connection,
        `WHERE "n" > $1 AND "n" <= (SELECT max("n") FROM (SELECT "n" FROM changes WHERE "n" > $1 ORDER BY "n" LIMIT ${request.limit})) ORDER BY "n"`,
        BigInt(request.after),
      );
    case "quarantined":
      return inParts(await columnsOf(connection, QUARANTINE_COLUMNS, `FROM quarantine ORDER BY "n" DESC LIMIT ${request.limit}`));
    case "days":
      return days(connection, request.query, daysRows);
    case "packedDays":
      return packedDays(connection, request.query);
    case "works":
      return works(connection, request.query);
    case "minutes":
      return minutesOf(connection, slices, minutes, request.query);
    case "mark":
      return marked(connection);
    default:
      throw new StoreError("store-failed", `the store has no query ${String((request as { kind: unknown }).kind)}`);
  }
}

/** The mark, and the greatest number of a change. */
async function marked(connection: DuckDBConnection): Promise<Answer> {
  const [row] = await rows(connection, `SELECT "mark", (SELECT coalesce(max("n"), 0)::DOUBLE FROM changes) AS "last" FROM store_state`);
  return inParts([[row?.["mark"] ?? null], [row?.["last"] ?? 0]]);
}

/** Conditions joined by AND, with the values they bind. */
class Filter {
  readonly values: DuckDBValue[] = [];
  private readonly conditions: string[] = [];

  /** `$` in the condition stands for the value. */
  and(condition: string, value: string | number | undefined): this {
    if (value === undefined) return this;
    const bound = `$${this.bind(value)}`;
    this.conditions.push(condition.replace("$", () => bound));
    return this;
  }

  bind(value: string | number): number {
    return this.values.push(typeof value === "number" ? BigInt(value) : value);
  }

  push(condition: string): void {
    this.conditions.push(condition);
  }

  get where(): string {
    return this.conditions.length === 0 ? "" : `WHERE ${this.conditions.join(" AND ")}`;
  }
}

/** BIGINT columns as doubles: every integer here is a safe one, and a BigInt a value would cost more than the query. */
function selectList(columns: readonly Column[]): string {
  return columns.map(({ name, type }) => (type === "BIGINT" ? `${sqlName(name)}::DOUBLE AS ${sqlName(name)}` : sqlName(name))).join(", ");
}

async function readings(connection: DuckDBConnection, slices: Slices, query: ReadingsQuery): Promise<Answer> {
  const filter = new Filter().and(`"liftId" = $`, query.liftId).and(`"channel" = $::channel_t`, query.channel);
  filter.and(`"at" >= $`, query.from).and(`"at" < $`, query.to);
  let from = query.from ?? 0;
  if (query.after !== undefined) {
    const [at, entry, index] = readCursor(query.after, ["number", "number", "number"]) as [number, number, number];
    from = Math.max(from, at);
    const [atValue, entryValue, indexValue] = [filter.bind(at), filter.bind(entry), filter.bind(index)];
    filter.push(
      `"at" >= $${atValue} AND ("at" > $${atValue} OR "entry" > $${entryValue} OR ("entry" = $${entryValue} AND "index" > $${indexValue}))`,
    );
  }
  const parts = matching(slices, from, query.to ?? Number.POSITIVE_INFINITY);
  if (parts.length === 0) return NO_ROWS;
  const union = parts.map(({ day }) => `(FROM ${sliceTable(day)} ${filter.where})`).join(" UNION ALL ");
  const sql = `SELECT ${selectList(READING_COLUMNS)} FROM (${union}) AS slice ORDER BY slice."at", slice."entry", slice."index" LIMIT ${query.limit + 1}`;
  const found = (await rows(connection, sql, filter.values)).map(storedReading);
  const more = found.length > query.limit;
  const page = more ? found.slice(0, query.limit) : found;
  const last = page.at(-1);
  return {
    packed: packReadings(page, PART_ROWS),
    columns: [],
    next: more && last ? writeCursor([last.reading.at, last.entry, last.index]) : null,
  };
}

function storedReading(row: Readonly<Record<string, DuckDBValue>>): StoredReading {
  const reading: Record<string, unknown> = { at: row["at"], seq: row["seq"] };
  for (const { name } of FIELD_COLUMNS) if (row[name] !== null) reading[name] = row[name];
  if (row["personsKnown"] === false) reading["persons"] = null;
  return {
    liftId: row["liftId"] as string,
    channel: row["channel"] as StoredReading["channel"],
    entry: row["entry"] as number,
    index: row["index"] as number,
    receivedAt: row["receivedAt"] as number,
    late: row["late"] as boolean,
    reading: reading as unknown as Reading,
  };
}

async function alerts(connection: DuckDBConnection, query: AlertsQuery): Promise<Answer> {
  const filter = new Filter().and(`"state" = $`, query.state).and(`"hazard" = $`, query.hazard).and(`"liftId" = $`, query.liftId);
  filter.and(`"raisedAt" >= $`, query.from).and(`"raisedAt" < $`, query.to);
  if (query.after !== undefined) {
    const [raisedAt, id] = readCursor(query.after, ["number", "string"]) as [number, string];
    const [raisedAtValue, idValue] = [filter.bind(raisedAt), filter.bind(id)];
    filter.push(`"raisedAt" <= $${raisedAtValue} AND ("raisedAt" < $${raisedAtValue} OR "alertId" > $${idValue})`);
  }
  const found = await rows(
    connection,
    `SELECT "alertId", "raisedAt"::DOUBLE AS "raisedAt", "alert" FROM alerts ${filter.where} ORDER BY alerts."raisedAt" DESC, "alertId" LIMIT ${query.limit + 1}`,
    filter.values,
  );
  const more = found.length > query.limit;
  const page = more ? found.slice(0, query.limit) : found;
  const last = page.at(-1);
  const next = more && last ? writeCursor([last["raisedAt"] as number, last["alertId"] as string]) : null;
  return { ...inParts([page.map((row) => row["alert"])]), next };
}

async function changes(connection: DuckDBConnection, tail: string, value: DuckDBValue): Promise<Answer> {
  return inParts(await columnsOf(connection, CHANGE_COLUMNS, `FROM changes ${tail}`, [value]));
}

async function days(connection: DuckDBConnection, query: DaysQuery, most: number): Promise<Answer> {
  const filter = new Filter().and(`"liftId" = $`, query.liftId).and(`"day" >= $`, query.from).and(`"day" <= $`, query.to);
  const found = await columnsOf(
    connection,
    DAY_COLUMNS,
    `FROM days ${filter.where} ORDER BY "day", "liftId" LIMIT ${most + 1}`,
    filter.values,
  );
  if (found[0]!.length > most) {
    throw new StoreError("query-too-large", `the days asked for are more than ${most} rows; expected a narrower range`);
  }
  return inParts(found);
}

async function works(connection: DuckDBConnection, { limit, after }: WorksQuery): Promise<Answer> {
  const [since] = after === undefined ? [Number.MIN_SAFE_INTEGER] : (readCursor(after, ["number"]) as [number]);
  const found = await columnsOf(
    connection,
    WORK_COLUMNS,
    `FROM works WHERE "at" > $1 AND "at" <= (SELECT max("at") FROM (SELECT "at" FROM works WHERE "at" > $1 ORDER BY "at" LIMIT ${limit})) ORDER BY "at", "liftId", "work"`,
    [BigInt(since)],
  );
  const times = found[1]!;
  return { ...inParts(found), next: times.length < limit ? null : writeCursor([times.at(-1) as number]) };
}

async function minutesOf(connection: DuckDBConnection, slices: Slices, minutes: MinuteSlices, query: MinutesQuery): Promise<Answer> {
  const [after] = query.after === undefined ? [-1] : (readCursor(query.after, ["number"]) as [number]);
  const from = wholeMinute(Math.max(query.from ?? 0, after + 1));
  const to = query.to === undefined ? null : wholeMinute(query.to);
  const live = matching(slices, from, to ?? Number.POSITIVE_INFINITY);
  const rolled = [...minutes.values()].filter(
    ({ rows: count, firstAt, lastAt }) => count > 0 && lastAt >= from && (to === null || firstAt < to),
  );
  if (live.length + rolled.length === 0) return NO_ROWS;
  const filter = new Filter()
    .and(`"liftId" = $`, query.liftId)
    .and(`"at" >= $`, from)
    .and(`"at" < $`, to ?? undefined);
  const where = filter.where.slice("WHERE ".length);
  // Readings and minutes have the same names here, and `from` and `to` are whole minutes.
  const sql = `SELECT ${MINUTE_COLUMNS.map(({ name }) => sqlName(name)).join(", ")} FROM (${minutesSql(live, rolled, where, where)}) ORDER BY "at" LIMIT ${query.limit + 1}`;
  const reader = await connection.runAndReadAll(sql, filter.values);
  const found = reader.getColumns();
  const columns = MINUTE_COLUMNS.map((_, index) => found[index] ?? []);
  const more = columns[0]!.length > query.limit;
  const page = more ? columns.map((cells) => cells.slice(0, query.limit)) : columns;
  return { ...inParts(page), next: more ? writeCursor([page[1]!.at(-1) as number]) : null };
}

/** A time as the beginning of a minute, the next one where it is within one. */
function wholeMinute(time: number): number {
  return Math.ceil(time / 60_000) * 60_000;
}

async function columnsOf(
  connection: DuckDBConnection,
  columns: readonly Column[],
  tail: string,
  values?: DuckDBValue[],
): Promise<ColumnValues> {
  const reader = await connection.runAndReadAll(`SELECT ${selectList(columns)} FROM (SELECT * ${tail})`, values);
  const found = reader.getColumns();
  // Without rows there are no columns either.
  return columns.map((_, index) => found[index] ?? []);
}

function inParts(columns: ColumnValues): Answer {
  const count = columns[0]?.length ?? 0;
  const parts: ColumnValues[] = [];
  for (let start = 0; start < count; start += PART_ROWS) parts.push(columns.map((values) => values.slice(start, start + PART_ROWS)));
  return { packed: [], columns: parts, next: null };
}
