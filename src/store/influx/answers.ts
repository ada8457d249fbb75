/** What the server's answers mean: rows, refusals, and what became of a request that has none. */
import { HttpError } from "@influxdata/influxdb-client";
import { StoreError } from "../failures.ts";
import type { StoreFailure } from "../failures.ts";

/** A request that was refused or lost. */
export class InfluxError extends StoreError {
  /** What the server asks for before the next request, ms; 0 for nothing. */
  readonly retryAfterMs: number;
  /** The server cannot have seen it. */
  readonly unsent: boolean;
  constructor(code: StoreFailure, message: string, retryAfterMs: number, unsent: boolean) {
    super(code, message);
    this.retryAfterMs = retryAfterMs;
    this.unsent = unsent;
  }
}

/** A value in an answer. */
export type Cell = string | number | boolean | null;

/** One statement's rows, all series together; tags stand among the columns. */
export interface Table {
  readonly columns: readonly string[];
  readonly values: readonly (readonly Cell[])[];
}

interface StatementResult {
  readonly statement_id?: number;
  readonly error?: string;
  readonly partial?: boolean;
  readonly series?: readonly {
    readonly tags?: Readonly<Record<string, string>>;
    readonly columns: readonly string[];
    readonly values?: readonly (readonly Cell[])[];
  }[];
}

/** An answer in parts, one JSON text a line: a table for each of so many statements, in order. */
export function tablesOf(answer: string, statements: number): Table[] {
  const tables = Array.from({ length: statements }, () => ({
    columns: [] as readonly string[],
    values: [] as (readonly Cell[])[],
    whole: false,
  }));
  for (const line of answer.split("\n")) {
    if (line.trim() === "") continue;
    const { error, results = [] } = parseLine(line);
    if (error !== undefined) throw refusedQuery(error);
    for (const result of results) {
      if (result.error !== undefined) throw refusedQuery(result.error);
      const table = tables[result.statement_id ?? 0];
      if (table === undefined) continue;
      table.whole = result.partial !== true;
      for (const { tags = {}, columns, values = [] } of result.series ?? []) {
        const names = Object.keys(tags);
        table.columns = [...names, ...columns];
        const own = names.map((name) => tags[name] ?? "");
        for (const row of values) table.values.push(own.length === 0 ? row : [...own, ...row]);
      }
    }
  }
  if (tables.some((table) => !table.whole)) {
    throw new StoreError("store-unavailable", "InfluxDB's answer ends before its end; expected the last part of it");
  }
  return tables;
}

function parseLine(line: string): { readonly error?: string; readonly results?: readonly StatementResult[] } {
  try {
    return JSON.parse(line) as { error?: string; results?: StatementResult[] };
  } catch {
    throw new StoreError("store-unreadable", `/query answered ${JSON.stringify(line.slice(0, 80))}; expected JSON`);
  }
}

function refusedQuery(words: string): StoreError {
  if (/timeout|interrupted/i.test(words)) {
    return new StoreError("query-timeout", "the query took too long and was stopped; expected a narrower range");
  }
  const code = /authoriz|forbidden|permission|privilege/i.test(words) ? "store-unauthorized" : "store-failed";
  return new StoreError(code, `InfluxDB refuses a query: ${words}`);
}

const REJECTED_STATUS = new Set([400, 404, 413, 422]);

/** What the client throws, as an error of ours. */
export function failureOfRequest(error: unknown, { url, bucket }: { readonly url: string; readonly bucket: string }): Error {
  if (error instanceof StoreError) return error;
  if (error instanceof HttpError) {
    const words = (error.body === undefined || error.body === "" ? (error.statusMessage ?? "") : wordsOf(error.body)).slice(0, 500);
    const { statusCode } = error;
    if (statusCode === 401 || statusCode === 403) {
      const message = `InfluxDB refuses the credentials (${statusCode} ${words}); expected a token, or a user, that may read and write ${bucket}`;
      return new InfluxError("store-unauthorized", message, 0, false);
    }
    const code: StoreFailure = REJECTED_STATUS.has(statusCode) ? "store-rejected" : "store-unavailable";
    return new InfluxError(code, `InfluxDB answered ${statusCode} ${words}`, retryAfterMs(error), false);
  }
  const cause = error as NodeJS.ErrnoException;
  const unsent = cause.code === "ECONNREFUSED" || cause.code === "ENOTFOUND";
  return new InfluxError("store-unavailable", `InfluxDB at ${withoutSecrets(url)} cannot be reached (${cause.message})`, 0, unsent);
}

/** Retry-After in seconds, or as a date; the client itself takes the seconds for milliseconds. */
function retryAfterMs({ headers }: HttpError): number {
  const said = headers?.["retry-after"];
  if (typeof said !== "string") return 0;
  const ms = /^\d+$/.test(said) ? Number(said) * 1_000 : Date.parse(said) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

/** The server's words: all generations put them into JSON. */
function wordsOf(body: string): string {
  try {
    const parsed = JSON.parse(body) as { error?: string; message?: string };
    return parsed.error ?? parsed.message ?? body;
  } catch {
    return body.trim();
  }
}

export function withoutSecrets(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "the address given";
}
