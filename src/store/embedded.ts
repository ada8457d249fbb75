/**
 * The embedded store: DuckDB in one worker thread, which alone owns the file. This side checks, packs, counts what is in
 * flight and unpacks; it never waits for the disk.
 */
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { LIMITS } from "../config.ts";
import { OperationalError } from "../errors.ts";
import type { Alert, Change, DayCount, Quarantined, StoredReading } from "../core/effects.ts";
import { readCursor } from "./cursor.ts";
import { packReadings, unpackReadings } from "./packing.ts";
import type { Answer, QueryRequest } from "./protocol.ts";
import type { Page, Store, StoreBatch } from "./store.ts";
import { CHANGE_COLUMNS, changesByColumn, DAY_COLUMNS, daysByColumn, QUARANTINE_COLUMNS, quarantinedByColumn } from "./tables.ts";
import type { Column } from "./columns.ts";
import { openWorkerLink } from "./worker-link.ts";
import type { WorkerLink } from "./worker-link.ts";
import type { ColumnValues } from "./tables.ts";

export interface EmbeddedStoreOptions {
  /** Directory of the file `store.duckdb`; created where it is missing. */
  readonly dir: string;
  readonly journalId: string;
  /** Moves an existing file aside (to `store.duckdb.broken`, in place of an earlier one) and starts empty, at offset 0. */
  readonly rebuild?: boolean;
  /** Bounds other than LIMITS.store, for tests. */
  readonly limits?: Partial<Record<keyof typeof LIMITS.store, number>>;
}

/** The port, and what only this adapter has. */
export interface EmbeddedStore extends Store {
  /**
   * What was found unreadable in the file while it was in use, or null. The rest still answers, so it is for a person to
   * choose when the file is made again.
   */
  readonly damage: string | null;
  /** Drops whole slices: the readings received on UTC days before `day` (YYYY-MM-DD). Returns the days dropped. */
  retain(day: string): Promise<readonly string[]>;
  /** Resolves when the slices of past days are sorted. */
  sorted(): Promise<void>;
}

const FILE = "store.duckdb";
/** Files open in this process: DuckDB would open a second instance on one without a word, and lose writes (design.md). */
const openFiles = new Set<string>();

/**
 * Opens, or creates, the store in `dir`.
 * @throws OperationalError `data-directory-in-use`, `store-corrupt`, `store-of-another-journal`, `store-too-new`,
 *   `store-unavailable` (the directory cannot be written), `store-full`, `store-failed`.
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const limits = { ...LIMITS.store, ...options.limits };
  const file = claim(options);
  try {
    const worker = await openWorkerLink({ ...limits, file, journalId: options.journalId });
    return createStore(worker, limits, () => openFiles.delete(file));
  } catch (error) {
    openFiles.delete(file);
    throw error;
  }
}

function claim({ dir, rebuild }: EmbeddedStoreOptions): string {
  let file: string;
  try {
    mkdirSync(dir, { recursive: true });
    file = join(realpathSync(dir), FILE);
  } catch (error) {
    throw new OperationalError(
      "store-unavailable",
      `${dir} cannot be used (${(error as Error).message}); expected a directory that can be written`,
    );
  }
  if (openFiles.has(file))
    throw new OperationalError("data-directory-in-use", `${file} is open in this process already; a data directory serves one store`);
  openFiles.add(file);
  if (rebuild === true) {
    try {
      for (const part of ["", ".wal"]) {
        rmSync(`${file}.broken${part}`, { force: true });
        if (existsSync(file + part)) renameSync(file + part, `${file}.broken${part}`);
      }
    } catch (error) {
      openFiles.delete(file);
      throw new OperationalError("store-unavailable", `${file} cannot be moved aside (${(error as Error).message})`);
    }
  }
  return file;
}

type Bounds = Readonly<Record<keyof typeof LIMITS.store, number>>;

function createStore(worker: WorkerLink, limits: Bounds, released: () => void): EmbeddedStore {
  let closing: Promise<void> | null = null;
  let queries = 0;
  let damage: string | null = null;
  const inFlight = new Set<Promise<unknown>>();

  function checkOpen(): void {
    if (closing !== null) throw new OperationalError("store-closed", "the store is closed");
  }

  async function tracked<T>(work: Promise<T>): Promise<T> {
    inFlight.add(work);
    try {
      return await work;
    } catch (error) {
      if (error instanceof OperationalError && error.code === "store-corrupt") damage = error.message;
      throw error;
    } finally {
      inFlight.delete(work);
    }
  }

  async function query(request: QueryRequest): Promise<Answer> {
    checkOpen();
    if (queries >= limits.queries) {
      throw new OperationalError(
        "store-busy",
        `${queries} queries are running or waiting; expected fewer than ${limits.queries}: try again`,
      );
    }
    queries++;
    try {
      return await tracked(worker.query(request));
    } finally {
      queries--;
    }
  }

  async function send(batch: StoreBatch): Promise<void> {
    const id = worker.nextId();
    for (let start = 0; start < batch.readings.length; start += limits.packRows) {
      if (start > 0) await turn();
      worker.piece(id, packReadings(batch.readings, start, Math.min(start + limits.packRows, batch.readings.length)));
    }
    const { changes, quarantined, days } = batch;
    await worker.commit(id, {
      from: batch.from,
      to: batch.to,
      ...(changes.length > 0 ? changesByColumn(changes) : { changes: null, alerts: null }),
      quarantined: quarantined.length > 0 ? quarantinedByColumn(quarantined) : null,
      days: days.length > 0 ? daysByColumn(days) : null,
    });
  }

  return {
    get journalId() {
      return worker.state.journalId;
    },
    get offset() {
      return worker.state.offset;
    },
    get storedReadings() {
      return worker.state.storedReadings;
    },
    get damage() {
      return damage;
    },
    async write(batch) {
      checkOpen();
      if (batch.to < batch.from)
        throw new OperationalError("store-gap", `batch is of entries ${batch.from} to ${batch.to}; expected "to" not before "from"`);
      if (batch.to <= worker.state.offset) return;
      await tracked(send(batch));
    },
    async readings(request): Promise<Page<StoredReading>> {
      checkLimit(request.limit, limits.readingsPage);
      if (request.after !== undefined) readCursor(request.after, ["number", "number", "number"]);
      const answer = await query({ kind: "readings", query: request });
      const rows: StoredReading[] = [];
      for (const packed of answer.packed) {
        unpackReadings(packed, rows);
        if (answer.packed.length > 1) await turn();
      }
      return { rows, next: answer.next };
    },
    async alerts(request): Promise<Page<Alert>> {
      checkLimit(request.limit, limits.alertsPage);
      if (request.after !== undefined) readCursor(request.after, ["number", "string"]);
      const answer = await query({ kind: "alerts", query: request });
      return { rows: await unfold(answer.columns, ([alert]) => JSON.parse(String(alert)) as Alert), next: answer.next };
    },
    async history(alertId) {
      const answer = await query({ kind: "history", alertId });
      return unfold(answer.columns, change);
    },
    async changesAfter(after, limit) {
      checkLimit(limit, limits.alertsPage);
      const answer = await query({ kind: "changes", after, limit });
      return unfold(answer.columns, change);
    },
    async quarantined(limit) {
      checkLimit(limit, limits.quarantinePage);
      const answer = await query({ kind: "quarantined", limit });
      return unfold(answer.columns, (cells) => record(QUARANTINE_COLUMNS, cells) as Quarantined);
    },
    async days(request) {
      const answer = await query({ kind: "days", query: request });
      return unfold(answer.columns, (cells) => record(DAY_COLUMNS, cells) as DayCount);
    },
    async retain(day) {
      checkOpen();
      if (!/^\d{4}-\d{2}-\d{2}$/.test(day))
        throw new OperationalError("query-invalid", `day: found ${JSON.stringify(day)}, expected YYYY-MM-DD`);
      const dropped = await tracked(worker.retain(day.replaceAll("-", "")));
      return dropped.map((name) => `${name.slice(0, 4)}-${name.slice(4, 6)}-${name.slice(6)}`);
    },
    async sorted() {
      checkOpen();
      await tracked(worker.sorted());
    },
    close() {
      closing ??= (async () => {
        await Promise.allSettled(inFlight);
        await worker.close();
        released();
      })();
      return closing;
    },
  };
}

function checkLimit(limit: number, most: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > most) {
    throw new OperationalError("query-invalid", `limit: found ${limit}, expected an integer from 1 to ${most}`);
  }
}

/** Rows from columns, part by part, with a turn of the event loop between parts. */
async function unfold<T>(parts: readonly ColumnValues[], row: (cells: readonly unknown[]) => T): Promise<T[]> {
  const result: T[] = [];
  for (const columns of parts) {
    const count = columns[0]?.length ?? 0;
    for (let index = 0; index < count; index++) {
      result.push(row(columns.map((values) => values[index])));
      if (index % 512 === 511) await turn();
    }
  }
  return result;
}

function record(columns: readonly Column[], cells: readonly unknown[]): unknown {
  return Object.fromEntries(columns.map(({ name }, index) => [name, cells[index]]));
}

function change(cells: readonly unknown[]): Change {
  const { alertId: _, alert, ...rest } = record(CHANGE_COLUMNS, cells) as Omit<Change, "alert"> & { alertId: string; alert: string };
  return { ...rest, alert: JSON.parse(alert) as Alert };
}
