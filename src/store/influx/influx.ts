/** The InfluxDB store: line protocol out, InfluxQL in, from a worker thread (docs/schema.md, docs/decisions/0009-influx-store.md). */
import { LIMITS } from "../../config.ts";
import { createThreadedStore } from "../threaded.ts";
import type { ThreadedStore } from "../threaded.ts";
import { openWorkerLink } from "../worker-link.ts";
import type { InfluxTarget } from "./connection.ts";
import type { InfluxEngineOptions } from "./engine.ts";
import type { MirrorEngineOptions } from "./mirror.ts";

export interface InfluxStoreOptions extends Omit<InfluxTarget, "requestMs" | "connections"> {
  readonly journalId: string;
  /** Newest entry of the journal at the start. */
  readonly journalEnd: number;
  /** The site's zone, IANA: days of counts begin by it. */
  readonly timezone: string;
  /** Days that raw readings and minutes are kept; null for ever. */
  readonly readingsDays: number | null;
  readonly minutesDays: number | null;
  /** Bounds other than LIMITS, for tests. */
  readonly limits?: Partial<Record<keyof typeof LIMITS.store, number>>;
  readonly requestMs?: number;
}

/**
 * Opens the store, and makes the database or the buckets where they are missing. A server that cannot be reached is no error: the
 * store then opens at offset 0 and finds out the rest when it is there.
 * @throws OperationalError `store-unauthorized`, `store-version`, `store-unreadable` (it takes writes and answers no queries),
 *   `store-of-another-journal`, `store-ahead-of-journal`, `store-too-new`, `store-rejected`, `store-failed`.
 */
export async function openInfluxStore({ limits: own, requestMs, ...options }: InfluxStoreOptions): Promise<ThreadedStore> {
  const limits = { ...LIMITS.store, ...own };
  const worker = await openWorkerLink("./influx/influx-worker", {
    ...options,
    requestMs: requestMs ?? LIMITS.influx.requestMs,
    connections: LIMITS.influx.connections,
    daysRows: limits.daysRows,
    queries: LIMITS.influx.connections - 1,
  } satisfies InfluxEngineOptions);
  return createThreadedStore(worker, limits, () => undefined, LIMITS.influx.closeMs);
}

export interface InfluxMirrorOptions extends Omit<InfluxTarget, "requestMs" | "connections"> {
  readonly journalId: string;
  readonly journalEnd: number;
  readonly timezone: string;
  /** File in which what it has reached is kept. */
  readonly file: string;
}

/** Opens a mirror: a store that is written to only. The server is first asked for anything by the first batch. */
export async function openInfluxMirror(
  options: InfluxMirrorOptions,
): Promise<Pick<ThreadedStore, "offset" | "storedReadings" | "write" | "close">> {
  const worker = await openWorkerLink("./influx/influx-worker", {
    ...options,
    requestMs: LIMITS.influx.requestMs,
    connections: 1,
  } satisfies MirrorEngineOptions);
  return createThreadedStore(worker, LIMITS.store, () => undefined, LIMITS.influx.closeMs);
}
