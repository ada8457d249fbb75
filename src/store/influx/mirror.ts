/**
 * A mirror: the same rows written to a server that need not answer queries, beside the store that does (VictoriaMetrics, or an InfluxDB
 * that others own). What it has reached is kept in a file of ours. Rows are where the InfluxDB store puts them, but for readings of one
 * lift, channel and ms: of those the server may keep the last alone, as it cannot be asked what it has.
 */
import { dirname } from "node:path";
import { privateDirectory, readPrivate, writeDurably } from "../../files/durable-file.ts";
import { StoreError } from "../failures.ts";
import { afterRow } from "../packing.ts";
import type { PackedReadings } from "../packing.ts";
import { isPlausible } from "../plausible.ts";
import type { CommitRequest, Engine, StoreState } from "../protocol.ts";
import { ALERT_COLUMNS } from "../tables.ts";
import { alertTime } from "./alert-slots.ts";
import { withoutSecrets } from "./answers.ts";
import { connect } from "./connection.ts";
import type { InfluxTarget, Policy } from "./connection.ts";
import { createDayTimes } from "../day-begins.ts";
import { alertLine, changeLines, dayLines, nanoseconds, quarantineLines, readingKey, readingLines, workLines } from "./lines.ts";
import type { AlertRow } from "./lines.ts";
import { PLACES } from "./places.ts";
import { sendLines } from "./sending.ts";

export interface MirrorEngineOptions extends InfluxTarget {
  readonly journalId: string;
  /** Newest entry of the journal at the start. */
  readonly journalEnd: number;
  readonly timezone: string;
  /** Where the offset is kept. */
  readonly file: string;
}

interface MirrorFile extends StoreState {
  /** Address and bucket: another target begins at 0. */
  readonly target: string;
}

export async function openMirrorEngine(options: MirrorEngineOptions): Promise<Engine> {
  const connection = connect(options);
  const dayTime = createDayTimes(options.timezone);
  const target = `${withoutSecrets(options.url)} ${options.bucket}`;
  await privateDirectory(dirname(options.file));
  let state: StoreState = await readFile(options, target);
  let writing: Promise<unknown> = Promise.resolve();

  async function commit(batch: CommitRequest, pieces: readonly PackedReadings[]): Promise<void> {
    if (batch.to <= state.offset) return;
    if (batch.from !== state.offset + 1) {
      throw new StoreError("store-gap", `a batch of entries ${batch.from} to ${batch.to} came; expected one from ${state.offset + 1} on`);
    }
    const lines: Record<Policy, string[]> = { keep: [], readings: [], minutes: [] };
    let rows = 0;
    for (const piece of pieces) {
      const line = readingLines(piece);
      for (let row = 0, start = 0; row < piece.count; row++, rows++) {
        const [receivedAt, at] = [piece.cells[start + 4]!, piece.cells[start + 5]!];
        const stray = !isPlausible(at, receivedAt);
        const key = readingKey(piece.cells[start + 2]!, piece.cells[start + 3]!);
        lines.readings.push(line(start, stray ? timeByKey(receivedAt, key) : nanoseconds(at, 0), stray));
        start = afterRow(piece.cells, start);
      }
    }
    if (batch.changes) lines.keep.push(...changeLines(batch.changes, timeByKey));
    if (batch.alerts) lines.keep.push(...alertLines(batch.alerts));
    if (batch.days) lines.keep.push(...dayLines(batch.days, batch.to, (day) => nanoseconds(dayTime(day), 0)));
    if (batch.works) lines.keep.push(...workLines(batch.works, timeByKey));
    if (batch.quarantined) lines.readings.push(...quarantineLines(batch.quarantined, timeByKey));
    // What it refuses is in the store all the same.
    await sendLines(connection, "readings", lines.readings);
    await sendLines(connection, "keep", lines.keep);
    const after: StoreState = {
      journalId: options.journalId,
      offset: batch.to,
      storedReadings: state.storedReadings + rows,
      quarantinedEver: state.quarantinedEver + (batch.quarantined?.[0]?.length ?? 0),
    };
    await writeDurably(options.file, JSON.stringify({ ...after, target } satisfies MirrorFile));
    state = after;
  }

  return {
    get state() {
      return state;
    },
    commit(batch, pieces) {
      const result = writing.then(() => commit(batch, pieces));
      writing = result.catch(() => undefined);
      return result;
    },
    query: () => Promise.reject(new StoreError("store-unreadable", "a mirror is written to only; the store answers")),
    amend: () => Promise.reject(new StoreError("store-unreadable", "a mirror is not amended; it is a copy of what is in the journal")),
    keep: () => Promise.resolve(),
    sorted: () => Promise.resolve(),
    async close() {
      connection.close();
      await writing;
    },
  };
}

/** What the file says; the beginning where it is of another target, journal or past, or cannot be read. */
async function readFile({ file, journalId, journalEnd }: MirrorEngineOptions, target: string): Promise<StoreState> {
  const empty: StoreState = { journalId: null, offset: 0, storedReadings: 0, quarantinedEver: 0 };
  try {
    const saved = JSON.parse((await readPrivate(file)) ?? "null") as MirrorFile | null;
    return saved?.target === target && saved.journalId === journalId && saved.offset <= journalEnd ? saved : empty;
  } catch {
    return empty;
  }
}

/** The same place whenever it is written, though nothing is known of what stands there. */
function timeByKey(ms: number, key: number): string {
  return nanoseconds(ms, key % PLACES);
}

function alertLines(alerts: NonNullable<CommitRequest["alerts"]>): string[] {
  return Array.from({ length: alerts[0]?.length ?? 0 }, (_, row) => {
    const alert = Object.fromEntries(ALERT_COLUMNS.map(({ name }, index) => [name, alerts[index]![row]])) as unknown as AlertRow;
    return alertLine(alert, nanoseconds(alertTime(alert.raisedAt), 0));
  });
}
