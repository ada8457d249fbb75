/**
 * Packed readings into DuckDB data chunks, column by column: typed arrays are copied into the vectors whole, which is
 * several times as fast as the row appender or as setting one value at a time (bench/store.ts).
 */
import { DuckDBDataChunk } from "@duckdb/node-api";
import type { DuckDBAppender, DuckDBType, DuckDBValue } from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import { CHANNEL_FIELDS, FIELD_COLUMNS, HEAD_COLUMNS, PERSONS_KNOWN, READING_COLUMNS } from "./columns.ts";
import type { Column, ColumnType } from "./columns.ts";
import { HEAD_CELLS } from "./packing.ts";
import type { PackedReadings } from "./packing.ts";

/** DuckDB's vector size. */
export const CHUNK_ROWS = 2048;

/** Bytes of a value in a vector. */
const WIDTHS: Readonly<Record<ColumnType, number>> = { BIGINT: 8, DOUBLE: 8, INTEGER: 4, SMALLINT: 2, BOOLEAN: 1, ENUM: 1, VARCHAR: 16 };
/** A duckdb_string_t holds up to so many bytes itself, after its length (duckdb.h); longer text is assigned one by one. */
const INLINE_BYTES = 12;
const TWO_32 = 2 ** 32;

type Vector = ReturnType<typeof duckdb.data_chunk_get_vector>;

interface ColumnBuffer {
  readonly bytes: ArrayBuffer;
  readonly validity: Uint32Array<ArrayBuffer>;
  readonly put: (row: number, value: number) => void;
  readonly words: Uint8Array;
  readonly lengths: Uint32Array;
}

function columnBuffer(type: ColumnType): ColumnBuffer {
  const bytes = new ArrayBuffer(WIDTHS[type] * CHUNK_ROWS);
  const lengths = new Uint32Array(bytes, 0, type === "VARCHAR" ? CHUNK_ROWS * 4 : 0);
  return { bytes, validity: new Uint32Array(CHUNK_ROWS / 32), put: putter(type, bytes), words: new Uint8Array(bytes), lengths };
}

function putter(type: ColumnType, bytes: ArrayBuffer): ColumnBuffer["put"] {
  if (type === "BIGINT") {
    // Two halves, because a BigInt for every value would cost more than everything else here.
    const halves = new Int32Array(bytes);
    return (row, value) => {
      halves[2 * row] = value;
      halves[2 * row + 1] = Math.floor(value / TWO_32);
    };
  }
  const cells =
    type === "DOUBLE"
      ? new Float64Array(bytes)
      : type === "INTEGER"
        ? new Int32Array(bytes)
        : type === "SMALLINT"
          ? new Int16Array(bytes)
          : new Uint8Array(bytes);
  return (row, value) => {
    cells[row] = value;
  };
}

/** Puts short ASCII text in place and says whether it could. */
function putShortText(words: Uint8Array, lengths: Uint32Array, row: number, text: string): boolean {
  const { length } = text;
  if (length > INLINE_BYTES) return false;
  const start = row * 16 + 4;
  for (let index = 0; index < INLINE_BYTES; index++) {
    // What is behind the text must be zero: DuckDB compares the bytes whole.
    const byte = index < length ? text.charCodeAt(index) : 0;
    if (byte > 0x7f) return false;
    words[start + index] = byte;
  }
  lengths[row * 4] = length;
  return true;
}

const PERSONS_BIT = FIELD_COLUMNS.findIndex((column) => column.name === "persons");
const HEAD = HEAD_COLUMNS.length;
const PERSONS_KNOWN_INDEX = READING_COLUMNS.indexOf(PERSONS_KNOWN);

/** Copies packed rows into tables of readings. One per connection; its buffers are used again for every chunk. */
export function createReadingAppender() {
  const buffers = READING_COLUMNS.map((column) => columnBuffer(column.type));
  const vectors: Vector[] = [];
  /** Text that does not fit in place, to be assigned after the columns are copied. */
  let long: { readonly column: number; readonly row: number; readonly text: string }[] = [];
  let chunk: DuckDBDataChunk | null = null;

  function putText(column: number, row: number, text: string): void {
    const { words, lengths } = buffers[column]!;
    if (putShortText(words, lengths, row, text)) return;
    // A string_t of no length until then: what it held before is a pointer into a chunk that is gone.
    words.fill(0, row * 16, row * 16 + 16);
    long.push({ column, row, text });
  }

  /** `rows` rows (at most CHUNK_ROWS) from cell `start` on; returns the cell after them. */
  function fill(packed: PackedReadings, start: number, rows: number): number {
    const { cells, strings } = packed;
    const validPersonsKnown = buffers[PERSONS_KNOWN_INDEX]!;
    let cursor = start;
    for (let row = 0; row < rows; row++) {
      const code = cells[cursor + 1]!;
      const channel = code & 7;
      putText(0, row, strings[cells[cursor]!]!);
      buffers[1]!.put(row, channel);
      buffers[2]!.put(row, code >> 3);
      for (let head = 3; head < HEAD; head++) buffers[head]!.put(row, cells[cursor + head - 1]!);
      const mask = cells[cursor + HEAD_CELLS - 1]!;
      cursor += HEAD_CELLS;
      const word = row >>> 5;
      const bit = 1 << (row & 31);
      for (const field of CHANNEL_FIELDS[channel]!) {
        if ((mask & (1 << field.bit)) === 0) continue;
        const value = cells[cursor++]!;
        const index = HEAD + field.bit;
        if (field.bit === PERSONS_BIT) {
          validPersonsKnown.validity[word]! |= bit;
          validPersonsKnown.put(row, Number.isNaN(value) ? 0 : 1);
          if (Number.isNaN(value)) continue;
        }
        const buffer = buffers[index]!;
        buffer.validity[word]! |= bit;
        if (field.type === "VARCHAR") putText(index, row, strings[value]!);
        else buffer.put(row, value);
      }
    }
    return cursor;
  }

  return {
    /** Appends `rows` rows from cell `start` on, and returns the cell after them. The caller flushes the appender. */
    append(appender: DuckDBAppender, packed: PackedReadings, start: number, rows: number): number {
      chunk ??= DuckDBDataChunk.create(READING_COLUMNS.map((_, index) => appender.columnType(index)));
      let cursor = start;
      for (let done = 0; done < rows; done += CHUNK_ROWS) {
        const size = Math.min(CHUNK_ROWS, rows - done);
        chunk.reset();
        chunk.rowCount = size;
        for (let index = 0; index < READING_COLUMNS.length; index++) {
          vectors[index] = duckdb.data_chunk_get_vector(chunk.chunk, index);
          buffers[index]!.validity.fill(index < HEAD ? 0xffff_ffff : 0);
        }
        cursor = fill(packed, cursor, size);
        for (let index = 0; index < READING_COLUMNS.length; index++) {
          const { bytes, validity } = buffers[index]!;
          const width = WIDTHS[READING_COLUMNS[index]!.type];
          duckdb.copy_data_to_vector(vectors[index]!, 0, bytes, 0, width * size);
          if (index < HEAD) continue;
          duckdb.vector_ensure_validity_writable(vectors[index]!);
          duckdb.copy_data_to_vector_validity(vectors[index]!, 0, validity.buffer, 0, validity.byteLength);
        }
        for (const { column, row, text } of long) duckdb.vector_assign_string_element(vectors[column]!, row, text);
        long = [];
        appender.appendDataChunk(chunk);
      }
      return cursor;
    },
  };
}

/** Appends rows of the small tables, given by column; numbers of BIGINT columns become BigInts here. */
export function appendColumns(appender: DuckDBAppender, columns: readonly Column[], values: readonly (readonly unknown[])[]): void {
  const types: DuckDBType[] = columns.map((_, index) => appender.columnType(index));
  const rows = values[0]?.length ?? 0;
  for (let from = 0; from < rows; from += CHUNK_ROWS) {
    const part = DuckDBDataChunk.create(types, Math.min(CHUNK_ROWS, rows - from));
    columns.forEach((column, index) => {
      const cells = values[index]!.slice(from, from + CHUNK_ROWS);
      part.setColumnValues(
        index,
        (column.type === "BIGINT" ? cells.map((cell) => (cell === null ? null : BigInt(cell as number))) : cells) as DuckDBValue[],
      );
    });
    appender.appendDataChunk(part);
  }
  appender.flushSync();
}
