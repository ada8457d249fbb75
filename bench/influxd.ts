/** Debian's influxd for a benchmark: on free ports, with a directory of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

const INFLUXD = "/usr/bin/influxd";
/** Clock ticks of /proc/PID/stat a second, as Linux has them everywhere. */
const TICKS_PER_S = 100;

export interface Influxd {
  readonly url: string;
  /** CPU time of all its lives, ms. */
  cpuMs(): number;
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Null where it is not installed. */
export async function startInfluxd(dir: string): Promise<Influxd | null> {
  if (!existsSync(INFLUXD)) return null;
  mkdirSync(dir, { recursive: true });
  const [port, rpc] = [await freePort(), await freePort()];
  const file = join(dir, "influxdb.conf");
  writeFileSync(
    file,
    [
      `reporting-disabled = true\nbind-address = "127.0.0.1:${rpc}"`,
      `[meta]\n  dir = "${dir}/meta"\n  logging-enabled = false`,
      `[data]\n  dir = "${dir}/data"\n  wal-dir = "${dir}/wal"\n  query-log-enabled = false\n  max-series-per-database = 0\n  max-values-per-tag = 0`,
      `[monitor]\n  store-enabled = false\n[ifql]\n  enabled = false`,
      `[http]\n  bind-address = "127.0.0.1:${port}"\n  log-enabled = false\n`,
    ].join("\n"),
  );
  let child: ChildProcess | null = null;
  let before = 0;
  const used = () => {
    if (child?.pid === undefined) return 0;
    // After the name, which may hold anything, the 12th and 13th fields are user and system time.
    const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_S;
  };
  const own: Influxd = {
    url: `http://127.0.0.1:${port}`,
    cpuMs: () => before + used(),
    async kill() {
      if (child === null) return;
      before += used();
      const ended = once(child, "close");
      child.kill("SIGKILL");
      child = null;
      await ended;
    },
    async start() {
      child = spawn(INFLUXD, ["-config", file], { stdio: "ignore" });
      for (const began = performance.now(); ;) {
        const isUp = await fetch(`${own.url}/ping`).then(
          ({ ok }) => ok,
          () => false,
        );
        if (isUp) return;
        if (performance.now() - began > 30_000) throw new Error("influxd does not answer");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
  await own.start();
  return own;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** The first number after the time of the first row; 0 of no rows. */
export async function influxCount(url: string, database: string, policy: string, query: string): Promise<number> {
  const answer = await fetch(`${url}/query?${new URLSearchParams({ db: database, rp: policy, q: query }).toString()}`, { method: "POST" });
  const { results } = (await answer.json()) as { results?: { series?: { values: (string | number)[][] }[] }[] };
  return Number(results?.[0]?.series?.[0]?.values[0]?.[1] ?? 0);
}
