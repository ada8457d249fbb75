/** One batch, one transaction: rows, what replaces older rows, the slices' bounds and the offset. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { appendColumns, createReadingAppender } from "./appending.ts";
import type { Column } from "./columns.ts";
import { transaction } from "./database.ts";
import { afterRow } from "./packing.ts";
import type { PackedReadings } from "./packing.ts";
import type { CommitRequest, StoreState } from "./protocol.ts";
import { dayEnd, dayOf, ensureSlice, saveSlice, sliceTable } from "./slices.ts";
import type { Slice, Slices } from "./slices.ts";
import { ALERT_COLUMNS, CHANGE_COLUMNS, DAY_COLUMNS, QUARANTINE_TABLE, WORK_COLUMNS } from "./tables.ts";
import type { ColumnValues } from "./tables.ts";

export interface Written {
  readonly state: StoreState;
  readonly slices: Slices;
}

/** Writes batches through one connection. `quarantineRows` bounds the table of rejected readings. */
export function createBatchWriter(connection: DuckDBConnection, journalId: string, quarantineRows: number) {
  const readings = createReadingAppender();

  async function append(table: string, columns: readonly Column[], values: ColumnValues): Promise<void> {
    const appender = await connection.createAppender(table);
    try {
      appendColumns(appender, columns, values);
    } finally {
      appender.closeSync();
    }
  }

  /** Rows come in order of `receivedAt`, so a piece holds one day, or a few at a change of day or in a catch-up. */
  async function appendReadings(packed: PackedReadings, slices: Slices, touched: Set<Slice>): Promise<void> {
    let row = 0;
    let cell = 0;
    while (row < packed.count) {
      const run = dayRun(packed, cell, packed.count - row);
      const slice = await ensureSlice(connection, slices, run.day);
      const appender = await connection.createAppender(sliceTable(run.day));
      try {
        cell = readings.append(appender, packed, cell, run.rows);
        appender.flushSync();
      } finally {
        appender.closeSync();
      }
      slice.rows += run.rows;
      slice.firstAt = Math.min(slice.firstAt, run.firstAt);
      slice.lastAt = Math.max(slice.lastAt, run.lastAt);
      // A day that came back is no longer in order.
      slice.sorted = false;
      touched.add(slice);
      row += run.rows;
    }
  }

  async function replace(table: string, keys: readonly string[], columns: readonly Column[], values: ColumnValues): Promise<void> {
    await append(`${table}_new`, columns, values);
    const list = keys.map((key) => `"${key}"`).join(", ");
    await connection.run(`DELETE FROM ${table} WHERE (${list}) IN (SELECT (${list}) FROM ${table}_new)`);
    await connection.run(`INSERT INTO ${table} FROM ${table}_new`);
    await connection.run(`DELETE FROM ${table}_new`);
  }

  async function appendQuarantined(values: ColumnValues, ever: number): Promise<number> {
    const count = values[0]!.length;
    const numbers = Array.from({ length: count }, (_, index) => ever + index + 1);
    await append("quarantine", QUARANTINE_TABLE, [numbers, ...values]);
    // In steps of a tenth: dropping the oldest at every batch would rewrite the table's head again and again.
    const step = Math.max(1, Math.floor(quarantineRows / 10));
    if (Math.floor((ever + count) / step) > Math.floor(ever / step) && ever + count > quarantineRows) {
      await connection.run(`DELETE FROM quarantine WHERE "n" <= ${ever + count - quarantineRows}`);
    }
    return ever + count;
  }

  return {
    /** Commits, or leaves everything as it was and throws. `state` and `slices` are not touched. */
    async write(batch: CommitRequest, pieces: readonly PackedReadings[], state: StoreState, slices: Slices): Promise<Written> {
      const draft: Slices = new Map([...slices].map(([day, slice]) => [day, { ...slice }]));
      const next = await transaction(connection, async () => {
        const touched = new Set<Slice>();
        let rows = 0;
        for (const piece of pieces) {
          await appendReadings(piece, draft, touched);
          rows += piece.count;
        }
        for (const slice of touched) await saveSlice(connection, slice);
        if (batch.changes) await append("changes", CHANGE_COLUMNS, batch.changes);
        if (batch.alerts) await replace("alerts", ["alertId"], ALERT_COLUMNS, batch.alerts);
        if (batch.days) await replace("days", ["day", "liftId"], DAY_COLUMNS, batch.days);
        if (batch.works) await append("works", WORK_COLUMNS, batch.works);
        const quarantinedEver = batch.quarantined
          ? await appendQuarantined(batch.quarantined, state.quarantinedEver)
          : state.quarantinedEver;
        const after: StoreState = { journalId, offset: batch.to, storedReadings: state.storedReadings + rows, quarantinedEver };
        await connection.run(
          `UPDATE store_state SET "journalId" = $1, "offset" = ${after.offset}, "storedReadings" = ${after.storedReadings}, "quarantinedEver" = ${after.quarantinedEver}`,
          [journalId],
        );
        return after;
      });
      return { state: next, slices: draft };
    },
  };
}

/** The rows from `start` on that belong to one UTC day of `receivedAt`, and the bounds of their device times. */
function dayRun(packed: PackedReadings, start: number, most: number) {
  const { cells } = packed;
  const receivedAt = cells[start + 4]!;
  const day = dayOf(receivedAt);
  const end = dayEnd(receivedAt);
  const begin = end - 86_400_000;
  let firstAt = Number.MAX_SAFE_INTEGER;
  let lastAt = 0;
  let cursor = start;
  let rows = 0;
  while (rows < most && cells[cursor + 4]! >= begin && cells[cursor + 4]! < end) {
    const at = cells[cursor + 5]!;
    if (at < firstAt) firstAt = at;
    if (at > lastAt) lastAt = at;
    cursor = afterRow(cells, cursor);
    rows++;
  }
  return { day, rows, firstAt, lastAt };
}
