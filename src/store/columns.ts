/**
 * The columns of a reading, once: table definitions, packing for the worker, appending and reading back all follow this
 * list. Fields of the payload keep the names of contract §2; a field that was absent is NULL.
 */
import { CHANNELS, DOOR_STATES, MODES, readingSchemas } from "../core/reading.ts";

/** SQL type of a column, and how a value stands in a packed row: always one double. */
export type ColumnType = "BIGINT" | "INTEGER" | "SMALLINT" | "DOUBLE" | "BOOLEAN" | "VARCHAR" | "ENUM";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Name of the enum type and its values, in the order of their codes. Adding a value is a new schema version. */
  readonly enumName?: string;
  readonly values?: readonly string[];
}

const DOORS = ["front", "rear"] as const;

/** Where a reading came from and its place in the device's sequence: in every row. */
export const HEAD_COLUMNS: readonly Column[] = [
  { name: "liftId", type: "VARCHAR" },
  { name: "channel", type: "ENUM", enumName: "channel_t", values: CHANNELS },
  { name: "late", type: "BOOLEAN" },
  { name: "entry", type: "BIGINT" },
  { name: "index", type: "INTEGER" },
  { name: "receivedAt", type: "BIGINT" },
  { name: "at", type: "BIGINT" },
  { name: "seq", type: "BIGINT" },
];

/** Fields of the payload, of whichever channel. At most 31: a packed row names those present in one 32-bit mask. */
export const FIELD_COLUMNS: readonly Column[] = [
  { name: "boot", type: "VARCHAR" },
  { name: "state", type: "ENUM", enumName: "door_state_t", values: DOOR_STATES },
  { name: "door", type: "ENUM", enumName: "door_t", values: DOORS },
  { name: "speedMps", type: "DOUBLE" },
  { name: "floor", type: "SMALLINT" },
  { name: "positionM", type: "DOUBLE" },
  { name: "doorZone", type: "BOOLEAN" },
  { name: "levelOffsetMm", type: "DOUBLE" },
  { name: "handrailMps", type: "DOUBLE" },
  { name: "code", type: "VARCHAR" },
  { name: "dialect", type: "VARCHAR" },
  { name: "active", type: "BOOLEAN" },
  { name: "mode", type: "ENUM", enumName: "mode_t", values: MODES },
  { name: "powered", type: "BOOLEAN" },
  { name: "persons", type: "SMALLINT" },
  { name: "loadKg", type: "DOUBLE" },
  { name: "tripCount", type: "BIGINT" },
  { name: "runHours", type: "DOUBLE" },
  { name: "motorTemperatureC", type: "DOUBLE" },
  { name: "online", type: "BOOLEAN" },
  { name: "keepAliveS", type: "INTEGER" },
  { name: "firmware", type: "VARCHAR" },
];

/**
 * `persons` may be null on the wire ("cannot tell"), which is not the same as absent. This column says which:
 * NULL where the field was absent, false where it was null, true where it was a number.
 */
export const PERSONS_KNOWN: Column = { name: "personsKnown", type: "BOOLEAN" };

/** In the order of the table. */
export const READING_COLUMNS: readonly Column[] = [...HEAD_COLUMNS, ...FIELD_COLUMNS, PERSONS_KNOWN];

/** A field of one channel: its bit in the mask of a packed row is its index in FIELD_COLUMNS. */
export interface ChannelField {
  readonly name: string;
  readonly type: ColumnType;
  readonly bit: number;
  readonly codes: ReadonlyMap<string, number> | null;
  readonly values: readonly string[];
}

/** Fields of every channel but `at` and `seq`, lowest bit first; by the channel's code, which is its index in CHANNELS. */
export const CHANNEL_FIELDS: readonly (readonly ChannelField[])[] = CHANNELS.map((channel) =>
  Object.keys(readingSchemas[channel].shape)
    .filter((name) => name !== "at" && name !== "seq")
    .map((name) => {
      const bit = FIELD_COLUMNS.findIndex((column) => column.name === name);
      const column = FIELD_COLUMNS[bit];
      if (column === undefined) throw new Error(`the store has no column for ${channel}.${name}; add it to FIELD_COLUMNS`);
      const codes = column.values ? new Map(column.values.map((value, code) => [value, code])) : null;
      return { name, type: column.type, bit, codes, values: column.values ?? [] };
    })
    .sort((a, b) => a.bit - b.bit),
);

export function sqlName(name: string): string {
  return `"${name}"`;
}

export function sqlType(column: Column): string {
  return column.enumName ?? column.type;
}

/** `CREATE TABLE` body of a slice of readings. */
export function readingTableSql(): string {
  return READING_COLUMNS.map((column) => `${sqlName(column.name)} ${sqlType(column)}`).join(", ");
}

/** Statements that create the enum types, for an empty file. */
export function enumTypesSql(): string[] {
  const enums = new Map(READING_COLUMNS.filter((column) => column.enumName).map((column) => [column.enumName!, column.values ?? []]));
  return [...enums].map(([name, values]) => `CREATE TYPE ${name} AS ENUM (${values.map((value) => `'${value}'`).join(", ")})`);
}
