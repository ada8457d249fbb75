/** Debian's influxd and VictoriaMetrics, each on a free port with a directory of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { freePort } from "./run.ts";

const INFLUXD = "/usr/bin/influxd";
const VICTORIA = "/usr/bin/victoria-metrics";
const READY = { timeout: 20_000, interval: 30 };

function missing(path: string, packageName: string): boolean {
  if (existsSync(path) || process.env["CI"] !== undefined) return false;
  console.warn(`SKIPPED: ${path} is not installed (Debian: ${packageName})`);
  return true;
}

/** Whether a test that needs it must be skipped: never in CI, where it is to fail instead. */
export const influxdMissing = (): boolean => missing(INFLUXD, "influxdb");
export const victoriaMissing = (): boolean => missing(VICTORIA, "victoria-metrics");

export interface Server {
  readonly port: number;
  readonly url: string;
  /** Ends it by that signal and waits for its end. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

async function server(directory: string, port: number, command: string, args: readonly string[], health: string): Promise<Server> {
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;
  const kill = async (signal: NodeJS.Signals) => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null) return;
    const ended = once(running, "close");
    running.kill(signal);
    await ended;
  };
  const start = async () => {
    child = spawn(command, args, { stdio: "ignore" });
    await vi.waitFor(async () => {
      const { status } = await fetch(url + health);
      if (status >= 300) throw new Error(`${command} answers ${status}`);
    }, READY);
  };
  await start();
  return {
    port,
    url,
    kill,
    start,
    async [Symbol.asyncDispose]() {
      await kill("SIGKILL");
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export interface InfluxdOptions {
  /** With users: the first request must make an administrator. */
  readonly auth?: boolean;
}

export async function startInfluxd({ auth = false }: InfluxdOptions = {}): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), "hoistway-influxd-"));
  const port = await freePort();
  const file = join(directory, "influxdb.conf");
  const lines = [
    "reporting-disabled = true",
    `bind-address = "127.0.0.1:${await freePort()}"`,
    `[meta]\n  dir = "${directory}/meta"\n  logging-enabled = false`,
    `[data]\n  dir = "${directory}/data"\n  wal-dir = "${directory}/wal"\n  query-log-enabled = false`,
    "[monitor]\n  store-enabled = false",
    `[http]\n  bind-address = "127.0.0.1:${port}"\n  log-enabled = false\n  auth-enabled = ${auth}`,
    `[ifql]\n  enabled = false`,
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  return server(directory, port, INFLUXD, ["-config", file], "/ping");
}

export async function startVictoria(): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), "hoistway-victoria-"));
  const port = await freePort();
  const args = [
    `-storageDataPath=${directory}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    "-retentionPeriod=100y",
    "-search.latencyOffset=0s",
    "-dedup.minScrapeInterval=1ms",
  ];
  return server(directory, port, VICTORIA, args, "/health");
}

export interface Rows {
  readonly columns: readonly string[];
  readonly values: readonly (readonly (string | number | boolean | null)[])[];
}

/** InfluxQL from outside, as any other tool would ask it. @throws Error with the server's words. */
export async function influxql(url: string, query: string, database = "hoistway", policy = "keep", authorization?: string): Promise<Rows> {
  const answer = await fetch(`${url}/query?${new URLSearchParams({ db: database, rp: policy, epoch: "ms" }).toString()}`, {
    method: "POST",
    body: new URLSearchParams({ q: query }),
    headers: authorization === undefined ? {} : { authorization },
  });
  const { error, results } = (await answer.json()) as {
    error?: string;
    results?: { error?: string; series?: (Rows & { tags?: Record<string, string> })[] }[];
  };
  const [result] = results ?? [];
  if (error !== undefined || result?.error !== undefined) throw new Error(error ?? result?.error);
  const series = result?.series ?? [];
  return { columns: series[0]?.columns ?? [], values: series.flatMap(({ values }) => values) };
}
