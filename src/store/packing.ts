/**
 * Readings packed into one array of doubles and one of strings, both ways between the main thread and the worker. The
 * array's buffer changes hands without a copy, and packing takes a fraction of what a structured clone of objects does
 * (docs/decisions/0004-embedded-store.md has the figures).
 *
 * A row is: index of the lift's id in `strings`, channel code + 8 × late, entry, index, receivedAt, at, seq, the mask of
 * the fields present, then one double for each bit of the mask, lowest first. Text is an index into `strings`, an enum
 * value its code, a boolean 0 or 1, and NaN is null.
 */
import { CHANNELS } from "../core/reading.ts";
import type { Reading } from "../core/reading.ts";
import type { StoredReading } from "../core/effects.ts";
import { CHANNEL_FIELDS, FIELD_COLUMNS } from "./columns.ts";

export interface PackedReadings {
  /** Rows packed. */
  readonly count: number;
  /** The rows, one after another. */
  readonly cells: Float64Array<ArrayBuffer>;
  readonly strings: readonly string[];
}

/** Cells of a row before its fields. */
export const HEAD_CELLS = 8;
const LATE = 8;
const CHANNEL_CODES: ReadonlyMap<string, number> = new Map(CHANNELS.map((channel, code) => [channel, code]));

/** Cells that a row may take. */
const ROW_CELLS = HEAD_CELLS + FIELD_COLUMNS.length;
/** Rows for which a piece has room at first: it doubles. */
const FIRST_ROWS = 64;

/**
 * Packs readings as they come, into pieces of at most `rows` rows. Main thread budget: 2 µs a reading; measured at a fifth of it
 * (bench/store.ts). Packed at once, what waits for the store is a few arrays: kept as objects, all of it would be copied by each of
 * the collector's rounds, in which everything else waits.
 */
export class Packing {
  readonly #rows: number;
  readonly #done: PackedReadings[] = [];
  #doneCount = 0;
  #cells: Float64Array<ArrayBuffer> = new Float64Array(0);
  #cursor = 0;
  #count = 0;
  #strings: string[] = [];
  #known = new Map<string, number>();

  constructor(rows: number) {
    this.#rows = rows;
  }

  /** Rows packed so far. */
  get count(): number {
    return this.#doneCount + this.#count;
  }

  add(stored: StoredReading): void {
    if (this.#count === this.#rows) this.#finish();
    if (this.#cells.length - this.#cursor < ROW_CELLS) this.#grow();
    const cells = this.#cells;
    const start = this.#cursor;
    const reading = stored.reading as Reading & Readonly<Record<string, unknown>>;
    const channel = CHANNEL_CODES.get(stored.channel)!;
    cells[start] = this.#intern(stored.liftId);
    cells[start + 1] = stored.late ? channel + LATE : channel;
    cells[start + 2] = stored.entry;
    cells[start + 3] = stored.index;
    cells[start + 4] = stored.receivedAt;
    cells[start + 5] = reading.at;
    cells[start + 6] = reading.seq;
    let cursor = start + HEAD_CELLS;
    let mask = 0;
    for (const field of CHANNEL_FIELDS[channel]!) {
      const value = reading[field.name];
      if (value === undefined) continue;
      mask |= 1 << field.bit;
      if (typeof value === "number") cells[cursor++] = value;
      else if (typeof value === "string") cells[cursor++] = field.codes === null ? this.#intern(value) : field.codes.get(value)!;
      else cells[cursor++] = value === null ? Number.NaN : Number(value);
    }
    cells[start + 7] = mask;
    this.#cursor = cursor;
    this.#count += 1;
  }

  /** All of it, in order; what is added afterwards goes into further pieces. */
  pieces(): readonly PackedReadings[] {
    if (this.#count > 0) this.#finish();
    return this.#done;
  }

  #intern(text: string): number {
    let index = this.#known.get(text);
    if (index === undefined) {
      index = this.#strings.push(text) - 1;
      this.#known.set(text, index);
    }
    return index;
  }

  #grow(): void {
    const most = this.#rows * ROW_CELLS;
    const larger = new Float64Array(Math.min(most, Math.max(FIRST_ROWS * ROW_CELLS, this.#cells.length * 2)));
    larger.set(this.#cells);
    this.#cells = larger;
  }

  #finish(): void {
    this.#done.push({ count: this.#count, cells: this.#cells.slice(0, this.#cursor), strings: this.#strings });
    this.#doneCount += this.#count;
    this.#cursor = 0;
    this.#count = 0;
    this.#strings = [];
    this.#known = new Map();
  }
}

/** Packs what is there already into pieces of at most `rows` rows. */
export function packReadings(readings: readonly StoredReading[], rows: number): readonly PackedReadings[] {
  const packing = new Packing(rows);
  for (const stored of readings) packing.add(stored);
  return packing.pieces();
}

/** Cell after the row that begins at `start`. */
export function afterRow(cells: Float64Array, start: number): number {
  let next = start + HEAD_CELLS;
  for (let left = cells[start + 7]!; left !== 0; next++) left &= left - 1;
  return next;
}

/** Channel and boot of the row that begins at `start`; "" where no boot was said. */
export function saidBy({ cells, strings }: PackedReadings, start: number): { readonly channel: string; readonly boot: string } {
  // `boot` is the first of FIELD_COLUMNS: the lowest bit of the mask, and the first of the fields.
  const said = (cells[start + 7]! & 1) !== 0;
  return { channel: CHANNELS[cells[start + 1]! & (LATE - 1)]!, boot: said ? strings[cells[start + HEAD_CELLS]!]! : "" };
}

/** Unpacks into `into`, in order. */
export function unpackReadings(packed: PackedReadings, into: StoredReading[]): void {
  const { cells, strings } = packed;
  let cursor = 0;
  for (let row = 0; row < packed.count; row++) {
    const code = cells[cursor + 1]! & (LATE - 1);
    const reading: Record<string, unknown> = { at: cells[cursor + 5]!, seq: cells[cursor + 6]! };
    const stored = {
      liftId: strings[cells[cursor]!]!,
      channel: CHANNELS[code]!,
      entry: cells[cursor + 2]!,
      index: cells[cursor + 3]!,
      receivedAt: cells[cursor + 4]!,
      late: (cells[cursor + 1]! & LATE) !== 0,
      reading: reading as unknown as Reading,
    };
    const mask = cells[cursor + 7]!;
    cursor += HEAD_CELLS;
    for (const field of CHANNEL_FIELDS[code]!) {
      if ((mask & (1 << field.bit)) === 0) continue;
      const cell = cells[cursor++]!;
      if (field.type === "VARCHAR") reading[field.name] = strings[cell]!;
      else if (field.type === "ENUM") reading[field.name] = field.values[cell]!;
      else if (field.type === "BOOLEAN") reading[field.name] = cell === 1;
      else reading[field.name] = Number.isNaN(cell) ? null : cell;
    }
    into.push(stored);
  }
}
