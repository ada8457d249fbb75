/** Readings of one lift by device time: from their own measurement, where time is their order, and from that of the strays, where it is not. */
import { LIMITS } from "../../config.ts";
import type { StoredReading } from "../../core/effects.ts";
import type { Reading } from "../../core/reading.ts";
import { FIELD_COLUMNS } from "../columns.ts";
import { readCursor, writeCursor } from "../cursor.ts";
import { packReadings } from "../packing.ts";
import type { Answer } from "../protocol.ts";
import type { ReadingsQuery } from "../store.ts";
import type { Table } from "./answers.ts";
import type { Connection } from "./connection.ts";
import { tagValue } from "./lines.ts";
import { PART_ROWS } from "./parts.ts";
import { quote, READING, STRAY } from "./schema.ts";

const COLUMNS = ["channel", "entry", "index", "receivedAt", "seq", "late", ...FIELD_COLUMNS.map(({ name }) => name), "personsKnown"];
const SELECT = COLUMNS.map((column) => `"${column}"`).join(", ");

export async function readingsOf(connection: Connection, query: ReadingsQuery, offset: number): Promise<Answer> {
  const [at, entry, index] =
    query.after === undefined ? [null, 0, 0] : (readCursor(query.after, ["number", "number", "number"]) as [number, number, number]);
  const which = [
    `"liftId" = ${quote(tagValue(query.liftId))}`,
    ...(query.channel === undefined ? [] : [`"channel" = ${quote(query.channel)}`]),
    `"entry" <= ${offset}`,
  ].join(" AND ");
  const wanted = query.limit + 1;
  const isAfter = (row: StoredReading) =>
    at === null || row.reading.at > at || (row.reading.at === at && (row.entry > entry || (row.entry === entry && row.index > index)));

  const bound = query.to === undefined ? "" : ` AND time < ${query.to}ms`;
  const found: StoredReading[] = [];
  if (at !== null && (query.from === undefined || at >= query.from)) {
    // What is left of the cursor's ms.
    const behind = `("entry" > ${entry} OR ("entry" = ${entry} AND "index" > ${index}))`;
    found.push(
      ...(await ask(`SELECT ${SELECT} FROM ${READING} WHERE ${which} AND time >= ${at}ms AND time < ${at + 1}ms${bound} AND ${behind}`)),
    );
  }
  if (found.length < wanted) {
    const from = Math.max(query.from ?? 0, at === null ? 0 : at + 1);
    const asked = wanted - found.length;
    const rows = await ask(`SELECT ${SELECT} FROM ${READING} WHERE ${which} AND time >= ${from}ms${bound} LIMIT ${asked}`);
    const last = rows.length < asked ? undefined : rows.at(-1)?.reading.at;
    found.push(...rows.filter((row) => row.reading.at !== last));
    // Within a ms they stand in the order in which they were judged, which a gap makes another one than the journal's: it is read whole.
    if (last !== undefined)
      found.push(...(await ask(`SELECT ${SELECT} FROM ${READING} WHERE ${which} AND time >= ${last}ms AND time < ${last + 1}ms${bound}`)));
  }

  const strays = await strayRows();
  const rows = [...found, ...strays].sort(order);
  const more = rows.length > query.limit;
  const page = more ? rows.slice(0, query.limit) : rows;
  const last = page.at(-1);
  return {
    packed: packReadings(page, PART_ROWS),
    columns: [],
    next: more && last ? writeCursor([last.reading.at, last.entry, last.index]) : null,
  };

  async function ask(statement: string): Promise<StoredReading[]> {
    const [table] = await connection.query("readings", [statement], "ms");
    return storedReadings(table!, query.liftId, "time");
  }

  /** The first strays in the order of their device time. All of the lift's are read, a part at a time: their own order is that of receipt. */
  async function strayRows(): Promise<StoredReading[]> {
    const from = Math.max(query.from ?? 0, at ?? 0);
    const inRange = [`"at" >= ${from}`, ...(query.to === undefined ? [] : [`"at" < ${query.to}`])].join(" AND ");
    let first: StoredReading[] = [];
    let since = "";
    for (;;) {
      const statement = `SELECT "at", ${SELECT} FROM ${STRAY} WHERE ${which} AND ${inRange}${since} LIMIT ${LIMITS.influx.strayRows}`;
      const [table] = await connection.query("readings", [statement], "rfc3339");
      first.push(...storedReadings(table!, query.liftId, "at").filter(isAfter));
      if (first.length > wanted) first = first.sort(order).slice(0, wanted);
      if (table!.values.length < LIMITS.influx.strayRows) return first.sort(order);
      since = ` AND time > ${quote(String(table!.values.at(-1)![table!.columns.indexOf("time")]))}`;
    }
  }
}

function order(a: StoredReading, b: StoredReading): number {
  return a.reading.at - b.reading.at || a.entry - b.entry || a.index - b.index;
}

function storedReadings({ columns, values }: Table, liftId: string, atColumn: "time" | "at"): StoredReading[] {
  const at = (title: string) => columns.indexOf(title);
  const [time, seq, channel, entry, index, receivedAt, late, personsKnown] = [
    atColumn,
    "seq",
    "channel",
    "entry",
    "index",
    "receivedAt",
    "late",
    "personsKnown",
  ].map(at) as [number, number, number, number, number, number, number, number];
  const fields = FIELD_COLUMNS.map(({ name }) => [name, at(name)] as const);
  return values.map((row) => {
    const reading: Record<string, unknown> = { at: row[time], seq: row[seq] };
    for (const [field, cell] of fields) {
      const value = row[cell];
      if (value !== null && value !== undefined) reading[field] = value;
    }
    if (row[personsKnown] === false) reading["persons"] = null;
    return {
      liftId,
      channel: row[channel] as StoredReading["channel"],
      entry: row[entry] as number,
      index: (row[index] as number | null) ?? 0,
      receivedAt: row[receivedAt] as number,
      late: row[late] === true,
      reading: reading as unknown as Reading,
    };
  });
}
