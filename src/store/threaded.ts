/**
 * The port, over a worker thread that does the store's work: this side checks, packs, counts what is in flight and unpacks;
 * it never waits for a disk or a network.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { MessagePort } from "node:worker_threads";
import type { LIMITS } from "../config.ts";
import { OperationalError } from "../errors.ts";
import type { Alert, Change, DayCount, StoredReading, WorkRow } from "../core/effects.ts";
import { createGate } from "./gate.ts";
import { packReadings, type PackedReadings } from "./packing.ts";
import type { Answer, ImportRequest, MarkRequest, QueryRequest, ResetTo } from "./protocol.ts";
import { readerOver } from "./reader.ts";
import type { Store, StoreBatch, StoreMark } from "./store.ts";
import { alertsByColumn, changesByColumn, daysByColumn, quarantinedByColumn, worksByColumn } from "./tables.ts";
import type { WorkerLink } from "./worker-link.ts";

/** The port, and what stores behind a worker have beside it. */
export interface ThreadedStore extends Store {
  /** What was found unreadable in the store while it was in use, or null. The rest still answers, so it is for a person to choose when it is made again. */
  readonly damage: string | null;
  /** A port through which another thread reads the same store (`openStorePort`), past this one. It ends with the store. */
  connect(): MessagePort;
  /** Resolves when the background has nothing more to do: slices of past days are sorted. */
  sorted(): Promise<void>;
  /**
   * Waits until nothing is written any more and lets nothing be written until the hold is released, so that the store's files can be
   * copied. Queries go on. What would be written waits; the caller sees to it that it does not wait for long.
   */
  hold(): Promise<{ release(): void }>;
  /** What tells whether a copy of day counts and alerts is still of this store. */
  mark(): Promise<StoreMark>;
  /** Marks the store as `to`, where it is still marked as `from`. Otherwise false. */
  remark(request: MarkRequest): Promise<boolean>;
  /** Forgets what came after an entry: the next batch is the one after it. For a program that is stopped. */
  reset(to: ResetTo): Promise<void>;
  /** Adds rows that no journal has; those that are there already stay as they are. @returns how many were added. As above. */
  importRows(rows: ImportedRows): Promise<number>;
}

/** Rows of one kind, from an export. Alerts come with all their changes, whose numbers are below 0. */
export interface ImportedRows {
  readonly readings?: readonly StoredReading[];
  readonly alerts?: readonly { readonly alert: Alert; readonly changes: readonly Change[] }[];
  readonly days?: readonly DayCount[];
  readonly works?: readonly WorkRow[];
}

export type Bounds = Readonly<Record<keyof typeof LIMITS.store, number>>;

/**
 * The port over a worker. `released` is called when the worker has ended. Closing waits for what is under way: at most
 * `closeWithinMs`, where the worker can give it up.
 */
export function createThreadedStore(worker: WorkerLink, limits: Bounds, released: () => void, closeWithinMs?: number): ThreadedStore {
  let closing: Promise<void> | null = null;
  let queries = 0;
  let damage: string | null = null;
  const inFlight = new Set<Promise<unknown>>();
  const gate = createGate();

  function checkOpen(): void {
    if (closing !== null) throw new OperationalError("store-closed", "the store is closed");
  }

  async function mayWrite(): Promise<void> {
    checkOpen();
    if (!gate.closed) return;
    await gate.pass();
    checkOpen();
  }

  async function settled(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      if (closeWithinMs !== undefined) timer = setTimeout(resolve, closeWithinMs);
    });
    await Promise.race([Promise.allSettled(inFlight), late]);
    clearTimeout(timer);
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

  /** A copy goes: what could not be written is tried again. */
  async function sendReadings(id: number, pieces: readonly PackedReadings[]): Promise<void> {
    for (const [index, { count, cells, strings }] of pieces.entries()) {
      if (index > 0) await turn();
      worker.piece(id, { count, cells: cells.slice(), strings });
    }
  }

  async function send(batch: StoreBatch): Promise<void> {
    const id = worker.nextId();
    await sendReadings(id, batch.readings);
    const { changes, quarantined, days, works } = batch;
    await worker.commit(id, {
      from: batch.from,
      to: batch.to,
      ...(changes.length > 0 ? changesByColumn(changes) : { changes: null, alerts: null }),
      quarantined: quarantined.length > 0 ? quarantinedByColumn(quarantined) : null,
      days: days.length > 0 ? daysByColumn(days) : null,
      works: works.length > 0 ? worksByColumn(works) : null,
    });
  }

  return {
    ...readerOver(query, limits),
    connect: () => {
      checkOpen();
      return worker.connect();
    },
    get journalId() {
      return worker.state.journalId;
    },
    get known() {
      return worker.state.unknown !== true;
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
      await mayWrite();
      if (batch.to < batch.from)
        throw new OperationalError("store-gap", `batch is of entries ${batch.from} to ${batch.to}; expected "to" not before "from"`);
      if (batch.to <= worker.state.offset) return;
      await tracked(send(batch));
    },
    async keep(from) {
      await mayWrite();
      await tracked(worker.keep(from));
    },
    async sorted() {
      checkOpen();
      await tracked(worker.sorted());
    },
    async hold() {
      const release = await gate.close();
      try {
        checkOpen();
        await Promise.allSettled(inFlight);
        await tracked(worker.sorted());
      } catch (error) {
        release();
        throw error;
      }
      return { release };
    },
    async remark({ from, to }) {
      await mayWrite();
      return (await tracked(worker.amend(worker.nextId(), { kind: "mark", from, to }))) > 0;
    },
    async reset(to) {
      await mayWrite();
      await tracked(worker.sorted());
      await tracked(worker.amend(worker.nextId(), { kind: "reset", to }));
    },
    async importRows({ readings = [], alerts = [], days = [], works = [] }) {
      await mayWrite();
      const id = worker.nextId();
      await sendReadings(id, packReadings(readings, limits.packRows));
      const changes = alerts.flatMap(({ changes: own }) => own);
      const rows: ImportRequest = {
        alerts: alerts.length > 0 ? alertsByColumn(alerts.map(({ alert }) => alert)) : null,
        changes: changes.length > 0 ? changesByColumn(changes).changes : null,
        days: days.length > 0 ? daysByColumn(days) : null,
        works: works.length > 0 ? worksByColumn(works) : null,
      };
      return tracked(worker.amend(id, { kind: "import", rows }));
    },
    close() {
      gate.open();
      closing ??= (async () => {
        await settled();
        await worker.close();
        released();
      })();
      return closing;
    },
  };
}
