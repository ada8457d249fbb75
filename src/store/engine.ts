/**
 * What the store's worker does with the file: batches, swaps of slices and retention one after the other on one connection,
 * queries beside them on their own, sorting of closed slices in the background. When DuckDB gives an opening up (a failed
 * write to a full disk does that), the file is closed and opened again before the next use.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { importRows, resetStore, setMark } from "./amending.ts";
import { openDatabase, readState } from "./database.ts";
import type { Database, DatabaseOptions } from "./database.ts";
import { needsReopening, StoreError } from "./failures.ts";
import type { PackedReadings } from "./packing.ts";
import { copyMinutes, dropMinutesBefore, loadMinuteSlices, swapMinutes } from "./minutes.ts";
import type { MinuteSlices } from "./minutes.ts";
import type { AmendRequest, Answer, CommitRequest, Engine, QueryRequest, StoreState } from "./protocol.ts";
import { answer } from "./queries.ts";
import { copySorted, endedBefore, loadSlices, nextToSort, swapSorted } from "./slices.ts";
import type { Slices } from "./slices.ts";
import type { KeepFrom } from "./store.ts";
import { createBatchWriter } from "./writing.ts";

export interface EmbeddedOptions extends DatabaseOptions {
  readonly journalId: string;
  readonly queryMs: number;
  readonly daysRows: number;
  readonly quarantineRows: number;
  readonly sortPieceRows: number;
}

const INTERRUPT_AGAIN_MS = 10;

/** All that belongs to one opening of the file. */
interface Opening {
  readonly database: Database;
  readonly batches: ReturnType<typeof createBatchWriter>;
  readonly freeReaders: DuckDBConnection[];
  state: StoreState;
  slices: Slices;
  readonly minutes: MinuteSlices;
}

export async function openEngine(options: EmbeddedOptions): Promise<Engine> {
  let opening: Opening | null = await open(options);
  let state = opening.state;
  let broken = false;
  let closing = false;
  let runningQueries = 0;
  let writing: Promise<unknown> = Promise.resolve();
  let copying: Promise<unknown> = Promise.resolve();
  let background: Promise<void> = Promise.resolve();
  let sorting = false;
  const waitingQueries: (() => void)[] = [];
  const waitingForIdle: (() => void)[] = [];

  /** One after the other, whatever became of those before. */
  function inTurn<T>(body: () => Promise<T>): Promise<T> {
    const result = writing.then(body);
    writing = result.catch(() => undefined);
    return result;
  }

  function noQueryRuns(): Promise<void> {
    return runningQueries === 0 ? Promise.resolve() : new Promise((resolve) => waitingForIdle.push(resolve));
  }

  async function closeFile(): Promise<void> {
    opening?.database.background.interrupt();
    await copying;
    // Exiting or closing during a query would abort the process.
    await noQueryRuns();
    opening?.database.close();
    opening = null;
  }

  /** The opening, renewed where DuckDB has given it up. Only in turn. */
  async function ready(): Promise<Opening> {
    if (opening !== null && !broken) return opening;
    await closeFile();
    opening = await open(options);
    state = opening.state;
    broken = false;
    return opening;
  }

  async function commit(batch: CommitRequest, pieces: readonly PackedReadings[]): Promise<void> {
    const current = await ready();
    if (batch.to <= current.state.offset) return;
    if (batch.from !== current.state.offset + 1) {
      throw new StoreError(
        "store-gap",
        `a batch of entries ${batch.from} to ${batch.to} came; expected one from ${current.state.offset + 1} on`,
      );
    }
    try {
      const written = await current.batches.write(batch, pieces, current.state, current.slices);
      current.state = written.state;
      current.slices = written.slices;
      state = written.state;
    } catch (error) {
      // Whether a failed COMMIT took effect is known only from the file.
      broken = true;
      await ready().catch(() => undefined);
      throw error;
    }
    startSorting();
  }

  async function amend(request: AmendRequest, pieces: readonly PackedReadings[]): Promise<number> {
    const current = await ready();
    const { writer } = current.database;
    try {
      if (request.kind === "mark") return Number(await setMark(writer, request));
      if (request.kind === "reset") {
        const reset = await resetStore(writer, options.journalId, request.to, current.state, current.slices, current.minutes);
        current.slices = reset.slices;
        state = current.state = reset.state;
        return 0;
      }
      const { slices, added } = await importRows(writer, request.rows, pieces, current.state, current.slices);
      current.slices = slices;
      return added;
    } catch (error) {
      broken = true;
      await ready().catch(() => undefined);
      throw error;
    }
  }

  /** One after the other on the background's connection; what fails leaves the rest undone. */
  function inBackground(body: () => Promise<void>): Promise<void> {
    const result = background.then(body);
    background = result.catch((error: unknown) => {
      if (needsReopening(error)) broken = true;
    });
    return result;
  }

  /** Sorts closed slices until there is none left. What fails is tried again after the next batch. */
  function startSorting(): void {
    if (sorting || closing) return;
    sorting = true;
    inBackground(sortAll)
      .catch(() => undefined)
      .finally(() => {
        sorting = false;
      });
  }

  async function sortAll(): Promise<void> {
    const current = opening;
    if (current === null) return;
    const goOn = () => !closing && !broken && current === opening;
    for (let slice = nextToSort(current.slices); slice !== null && goOn(); slice = nextToSort(current.slices)) {
      const { day } = slice;
      const copy = copySorted(current.database.background, slice, options.sortPieceRows, goOn);
      copying = copy.catch(() => undefined);
      if (!(await copy)) return;
      await inTurn(async () => {
        if (goOn()) await swapSorted(current.database.writer, current.slices, day);
      });
    }
  }

  /** Rolls up and drops, slice by slice. */
  async function keep(from: KeepFrom): Promise<void> {
    const current = await inTurn(ready);
    const goOn = () => !closing && !broken && current === opening;
    for (const slice of from.readings === null ? [] : endedBefore(current.slices, from.readings)) {
      const { day, rows } = slice;
      const copy = copyMinutes(current.database.background, slice, options.sortPieceRows, goOn);
      copying = copy.catch(() => undefined);
      if (!(await copy)) return;
      await inTurn(async () => {
        if (goOn()) await swapMinutes(current.database.writer, current.slices, current.minutes, day, rows);
      });
    }
    const { minutes } = from;
    if (minutes !== null) await inTurn(() => dropMinutesBefore(current.database.writer, current.minutes, minutes));
  }

  async function query(request: QueryRequest): Promise<Answer> {
    for (;;) {
      if (opening === null || broken) {
        await inTurn(ready).catch((error: unknown) => {
          waitingQueries.shift()?.();
          throw error;
        });
      }
      const current: Opening | null = opening;
      const connection = current === null || broken ? undefined : current.freeReaders.pop();
      if (current !== null && connection !== undefined) return run(current, connection, request);
      await new Promise<void>((resolve) => waitingQueries.push(resolve));
    }
  }

  async function run(current: Opening, connection: DuckDBConnection, request: QueryRequest): Promise<Answer> {
    runningQueries++;
    let timer = setTimeout(function stop() {
      connection.interrupt();
      // DuckDB forgets an interrupt that comes before the statement has begun.
      timer = setTimeout(stop, INTERRUPT_AGAIN_MS);
    }, options.queryMs);
    try {
      const { slices, minutes } = current;
      return await answer(connection, slices, minutes, request, options.daysRows).catch((error: unknown) => {
        // Retention may have dropped a slice between the choice of tables and the query.
        if (/Catalog Error/.test(String(error))) return answer(connection, current.slices, minutes, request, options.daysRows);
        throw error;
      });
    } catch (error) {
      if (needsReopening(error)) broken = true;
      throw error;
    } finally {
      clearTimeout(timer);
      current.freeReaders.push(connection);
      runningQueries--;
      if (runningQueries === 0) for (const resolve of waitingForIdle.splice(0)) resolve();
      waitingQueries.shift()?.();
    }
  }

  startSorting();
  return {
    get state() {
      return state;
    },
    commit: (batch, pieces) => inTurn(() => commit(batch, pieces)),
    query,
    amend: (request, pieces) => inTurn(() => amend(request, pieces)),
    keep: (from) => inBackground(() => keep(from)),
    async sorted() {
      startSorting();
      await background;
    },
    async close() {
      closing = true;
      opening?.database.background.interrupt();
      await background;
      await writing;
      await closeFile();
    },
  };
}

async function open(options: EmbeddedOptions): Promise<Opening> {
  const database = await openDatabase(options);
  try {
    const state = await readState(database.writer);
    if (state.journalId !== null && state.journalId !== options.journalId) {
      throw new StoreError(
        "store-of-another-journal",
        `${options.file} is a view of journal ${state.journalId}; expected ${options.journalId}; it can be rebuilt from this journal`,
      );
    }
    const slices = await loadSlices(database.writer);
    const minutes = await loadMinuteSlices(database.writer);
    const batches = createBatchWriter(database.writer, options.journalId, options.quarantineRows);
    return { database, batches, freeReaders: [...database.readers], state, slices, minutes };
  } catch (error) {
    database.close();
    throw error;
  }
}
