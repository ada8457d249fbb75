/**
 * Requests to an InfluxDB, or to what speaks like one, through the client's own transport and line writer. The writer's
 * retry buffer is off, because it loses lines (docs/decisions/0009-influx-store.md): one call of `write` is one request, and
 * what is not acknowledged is thrown. Of a request that failed it is never known whether it will still take effect.
 */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { InfluxDB, setLogger } from "@influxdata/influxdb-client";
import type { SendOptions, Transport, WriteApi } from "@influxdata/influxdb-client";
import { failureOfRequest, tablesOf } from "./answers.ts";
import type { Table } from "./answers.ts";

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
      throw failureOfRequest(error, target);
    } finally {
      done();
    }
    return Buffer.concat(chunks).toString("utf8");
  }

  async function ask(policy: Policy, statements: readonly string[], times: "ms" | "rfc3339"): Promise<Table[]> {
    const parameters = new URLSearchParams({ db: target.bucket, rp: policy, chunked: "true", ...(times === "ms" ? { epoch: "ms" } : {}) });
    // In parts: only those are never cut short by the server's max-row-limit, and say where they end.
    const answer = await text(`/query?${parameters.toString()}`, new URLSearchParams({ q: statements.join("; ") }).toString(), {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    });
    return tablesOf(answer, statements.length);
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
        throw failureOfRequest(error, target);
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
        throw failureOfRequest(error, target);
      }
    },
    async query(policy, statements, times) {
      // 3 takes one statement a request.
      if (target.version !== 3) return ask(policy, statements, times);
      const tables: Table[] = [];
      for (const statement of statements) tables.push(...(await ask(policy, [statement], times)));
      return tables;
    },
    async manage(method, path, body) {
      // In parts: only those are never cut short by the server's max-row-limit, and say where they end.
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
