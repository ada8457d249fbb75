/**
 * Requests to an InfluxDB, or to what speaks like one, through the client's own transport and line writer. The writer's
 * retry buffer is off, because it loses lines (docs/decisions/0008-influx-store.md): one call of `write` is one request, and
 * what is not acknowledged is thrown. Of a request that failed it is never known whether it will still take effect.
 */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { HttpError, InfluxDB, setLogger } from "@influxdata/influxdb-client";
import type { SendOptions, Transport, WriteApi } from "@influxdata/influxdb-client";
import { StoreError } from "../failures.ts";
import type { StoreFailure } from "../failures.ts";

export interface InfluxTarget {
  readonly url: string;
  readonly version: 1 | 2 | 3;
  /** Bucket of 2.x, database of 1.x and 3: the one that is kept for ever, and the stem of the names of the others. */
  readonly bucket: string;
  readonly org: string;
  readonly token: string;
  /** 1.x only; "" for none. */
  readonly username: string;
  readonly password: string;
  /** A request that takes longer is given up, ms. */
  readonly requestMs: number;
  readonly connections: number;
}

/** Retention policies of 1.x; elsewhere a bucket each, named BUCKET and BUCKET/POLICY. */
export const POLICIES = ["keep", "readings", "minutes"] as const;
export type Policy = (typeof POLICIES)[number];

/** A request that was refused or lost. */
export class InfluxError extends StoreError {
  /** Of the answer, or null where there was none. */
  readonly status: number | null;
  /** What the server asks for before the next request, ms; 0 for nothing. */
  readonly retryAfterMs: number;
  /** The server cannot have seen it. */
  readonly unsent: boolean;
  constructor(code: StoreFailure, message: string, status: number | null, retryAfterMs: number, unsent: boolean) {
    super(code, message);
    this.status = status;
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

export interface Connection {
  /** The server's version, as it says itself. */
  ping(): Promise<string>;
  write(policy: Policy, body: string): Promise<void>;
  /** One table a statement. Times are ms, or RFC 3339 with all digits. */
  query(policy: Policy, statements: readonly string[], times: "ms" | "rfc3339"): Promise<Table[]>;
  /** JSON of the management API of 2.x. */
  manage(method: "GET" | "POST" | "PATCH", path: string, body?: unknown): Promise<unknown>;
  /** Gives up what is under way. */
  close(): void;
}

interface StatementResult {
  readonly error?: string;
  readonly partial?: boolean;
  readonly series?: readonly {
    readonly tags?: Readonly<Record<string, string>>;
    readonly columns: readonly string[];
    readonly values?: readonly (readonly Cell[])[];
    readonly partial?: boolean;
  }[];
}

// What the client logs is in the errors that it throws, too.
setLogger({ error: () => undefined, warn: () => undefined });

export function connect(target: InfluxTarget): Connection {
  const secure = target.url.startsWith("https:");
  const agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: target.connections });
  const basic = target.username === "" ? null : Buffer.from(`${target.username}:${target.password}`).toString("base64");
  const { transport } = new InfluxDB({
    url: target.url,
    ...(target.token === "" || basic !== null ? {} : { token: target.token }),
    ...(basic === null ? {} : { headers: { authorization: `Basic ${basic}` } }),
    timeout: target.requestMs,
    transportOptions: { agent },
  });
  const underWay = new Set<AbortController>();

  /** Ends the request, too, when it takes too long: otherwise it could still take effect after it was given up. */
  function deadline(): { readonly signal: AbortSignal; readonly done: () => void } {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), target.requestMs);
    underWay.add(controller);
    return {
      signal: controller.signal,
      done() {
        clearTimeout(timer);
        underWay.delete(controller);
      },
    };
  }

  /** The writer's transport: 1.x has its own path, and a 201 (3's partial success) is no success. */
  const sender: Transport = {
    chunkCombiner: transport.chunkCombiner,
    request: (path, body, options, started) => transport.request(path, body, options, started),
    iterate: (path, body, options) => transport.iterate(path, body, options),
    send(path, body, options, callbacks) {
      const { signal, done } = deadline();
      transport.send(
        path.startsWith("/api/v2/write?") ? writePath(path) : path,
        body,
        { ...options, signal },
        {
          ...callbacks,
          responseStarted: (headers, status) => callbacks?.responseStarted?.(headers, status === 201 ? 422 : status),
          error(error) {
            done();
            callbacks?.error?.(error);
          },
          complete() {
            done();
            callbacks?.complete?.();
          },
        },
      );
    },
  };

  function writePath(path: string): string {
    if (target.version !== 1) return path;
    const asked = new URLSearchParams(path.slice(path.indexOf("?") + 1));
    const [db = "", rp = "keep"] = (asked.get("bucket") ?? "").split("\n");
    return `/write?${new URLSearchParams({ db, rp, precision: "ns" }).toString()}`;
  }

  const writerClient = new InfluxDB({ url: target.url, transport: sender });
  const writers = new Map<Policy, WriteApi>();
  function writer(policy: Policy): WriteApi {
    const known = writers.get(policy);
    if (known !== undefined) return known;
    const bucket = target.version === 1 ? `${target.bucket}\n${policy}` : bucketName(target.bucket, policy);
    // One record is one body here, and nothing is sent before `flush`.
    const made = writerClient.getWriteApi(target.org, bucket, "ns", {
      batchSize: 2,
      maxBatchBytes: Number.MAX_SAFE_INTEGER,
      flushInterval: 0,
      maxRetries: 0,
      maxBufferLines: 0,
      gzipThreshold: 1_000,
    });
    writers.set(policy, made);
    return made;
  }

  async function text(path: string, body: string, options: SendOptions): Promise<string> {
    const { signal, done } = deadline();
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of transport.iterate(path, body, { ...options, signal })) chunks.push(chunk);
    } catch (error) {
      throw describeFailure(error, target);
    } finally {
      done();
    }
    return Buffer.concat(chunks).toString("utf8");
  }

  async function ask(policy: Policy, query: string, times: "ms" | "rfc3339"): Promise<Table[]> {
    const parameters = new URLSearchParams({ db: target.bucket, rp: policy, ...(times === "ms" ? { epoch: "ms" } : {}) });
    const answer = await text(`/query?${parameters.toString()}`, new URLSearchParams({ q: query }).toString(), {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    });
    const parsed = parseAnswer(answer);
    if (parsed.error !== undefined) throw refusedQuery(parsed.error);
    return (parsed.results ?? []).map(tableOf);
  }

  return {
    async ping() {
      let version = "";
      const { signal, done } = deadline();
      try {
        const body: unknown = await transport.request("/ping", "", { method: "GET", signal }, (headers) => {
          version = String(headers["x-influxdb-version"] ?? "");
        });
        const said = typeof body === "object" && body !== null && "version" in body ? String(body.version) : "";
        return version === "" ? said : version;
      } catch (error) {
        throw describeFailure(error, target);
      } finally {
        done();
      }
    },
    async write(policy, body) {
      const api = writer(policy);
      api.writeRecord(body);
      try {
        await api.flush();
      } catch (error) {
        throw describeFailure(error, target);
      }
    },
    async query(policy, statements, times) {
      // 3 takes one statement a request.
      if (target.version !== 3) return ask(policy, statements.join("; "), times);
      const tables: Table[] = [];
      for (const statement of statements) tables.push(...(await ask(policy, statement, times)));
      return tables;
    },
    async manage(method, path, body) {
      const answer = await text(path, body === undefined ? "" : JSON.stringify(body), { method });
      return answer === "" ? null : (JSON.parse(answer) as unknown);
    },
    close() {
      for (const controller of underWay) controller.abort();
      agent.destroy();
    },
  };
}

export function bucketName(bucket: string, policy: Policy): string {
  return policy === "keep" ? bucket : `${bucket}/${policy}`;
}

function parseAnswer(answer: string): { readonly error?: string; readonly results?: readonly StatementResult[] } {
  try {
    return JSON.parse(answer) as { error?: string; results?: StatementResult[] };
  } catch {
    throw new StoreError("store-unreadable", `/query answered ${JSON.stringify(answer.slice(0, 80))}; expected JSON`);
  }
}

function refusedQuery(words: string): StoreError {
  if (/timeout|interrupted/i.test(words))
    return new StoreError("query-timeout", "the query took too long and was stopped; expected a narrower range");
  const code = /authoriz|not executed|forbidden|permission/i.test(words) ? "store-unauthorized" : "store-failed";
  return new StoreError(code, `InfluxDB refuses a query: ${words}`);
}

function tableOf({ error, partial, series = [] }: StatementResult): Table {
  if (error !== undefined) throw refusedQuery(error);
  if (partial === true || series.some((one) => one.partial === true)) {
    throw new StoreError("query-too-large", "InfluxDB cut its answer short (max-row-limit in its settings); expected 0, which is no limit");
  }
  const first = series[0];
  if (first === undefined) return { columns: [], values: [] };
  const tags = Object.keys(first.tags ?? {});
  return {
    columns: [...tags, ...first.columns],
    values: series.flatMap((one) => {
      const own = tags.map((tag) => one.tags?.[tag] ?? "");
      return tags.length === 0 ? (one.values ?? []) : (one.values ?? []).map((row) => [...own, ...row]);
    }),
  };
}

function describeFailure(error: unknown, target: InfluxTarget): Error {
  if (error instanceof StoreError) return error;
  if (error instanceof HttpError) {
    const words = (error.body === undefined || error.body === "" ? (error.statusMessage ?? "") : wordsOf(error.body)).slice(0, 500);
    const { statusCode } = error;
    if (statusCode === 401 || statusCode === 403) {
      return new InfluxError(
        "store-unauthorized",
        `InfluxDB refuses the credentials (${statusCode} ${words}); expected a token, or a user, that may read and write ${target.bucket}`,
        statusCode,
        0,
        false,
      );
    }
    const code: StoreFailure =
      statusCode === 400 || statusCode === 404 || statusCode === 413 || statusCode === 422 ? "store-rejected" : "store-unavailable";
    return new InfluxError(code, `InfluxDB answered ${statusCode} ${words}`, statusCode, Math.max(0, error.retryAfter()), false);
  }
  const cause = error as NodeJS.ErrnoException;
  const unsent = cause.code === "ECONNREFUSED" || cause.code === "ENOTFOUND";
  return new InfluxError(
    "store-unavailable",
    `InfluxDB at ${withoutSecrets(target.url)} cannot be reached (${cause.message})`,
    null,
    0,
    unsent,
  );
}

/** The server's words: both generations put them into JSON. */
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
