/** The programs that bench/ingest.ts compares, each as a user runs it: processes of their own, spoken to through their ports alone. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { RATED_MPS } from "./trip.ts";

export interface Contender {
  readonly name: string;
  readonly mqttPort: number;
  readonly feedUrl: string;
  readonly pids: readonly number[];
  /** Readings that it has seen and judged so far. */
  seen(): Promise<number>;
  /** Of those, readings that are not in its store yet. */
  pending(): Promise<number>;
  stop(): Promise<void>;
}

/** Debian's path. */
export const MOSQUITTO = "/usr/sbin/mosquitto";
const MAIN = join(import.meta.dirname, "../dist/src/main.js");
/** The kernel's clock of /proc, ticks a second: the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const PATIENCE_MS = 30_000;

/** A register (contract §3) of lifts BENCH00000 and so on. */
export function writeFleet(file: string, lifts: number): void {
  const rows = Array.from(
    { length: lifts },
    (_, index) => `BENCH${String(index).padStart(5, "0")},passenger,武江,B${index >> 2},${RATED_MPS},20,60,Firm ${index % 61}`,
  );
  writeFileSync(file, ["liftId,kind,district,building,ratedSpeedMps,floors,travelM,firm", ...rows, ""].join("\n"));
}

/** `hoistway serve`, compiled, with everything on. `nodeFlags` go before the program. */
export async function startHoistway(dir: string, fleet: string, nodeFlags: readonly string[] = []): Promise<Contender> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing; expected it from npm run build`);
  const flags = ["--auth", "off", "--data", join(dir, "data"), "--mqtt-port", "0", "--http-port", "0", "--fleet", fleet];
  const child = spawn(process.execPath, [...nodeFlags, MAIN, "serve", ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  const { mqttPort, httpPort } = await ready<{ mqttPort: number; httpPort: number }>(child);
  const ledger = () => getJson<{ received: number; pending: number }>(`http://127.0.0.1:${httpPort}/api/ledger`);
  return {
    name: "hoistway",
    mqttPort,
    feedUrl: `ws://127.0.0.1:${httpPort}/feed`,
    pids: [child.pid!],
    seen: async () => (await ledger()).received,
    pending: async () => (await ledger()).pending,
    stop: () => stop(child),
  };
}

/** mosquitto, and the script of bench/afternoon.ts behind it. */
export async function startAfternoon(dir: string, fleet: string): Promise<Contender> {
  const mqttPort = await freePort();
  const config = join(dir, "mosquitto.conf");
  // Without Nagle's wait, which costs it 30 to 46 ms (design.md), and with queues that hold what a burst brings.
  writeFileSync(
    config,
    `listener ${mqttPort} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\npersistence false\nmax_queued_messages 100000\nuser root\n`,
  );
  const broker = spawn(MOSQUITTO, ["-c", config], { stdio: "ignore" });
  await untilListening(mqttPort);
  const script = join(import.meta.dirname, "afternoon.ts");
  const child = spawn(process.execPath, ["--import", "tsx", script, `mqtt://127.0.0.1:${mqttPort}`, fleet], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { port } = await ready<{ port: number }>(child);
  return {
    name: "afternoon script",
    mqttPort,
    feedUrl: `ws://127.0.0.1:${port}/feed`,
    pids: [broker.pid!, child.pid!],
    seen: async () => (await getJson<{ count: number }>(`http://127.0.0.1:${port}/count`)).count,
    pending: () => Promise.resolve(0),
    async stop() {
      await Promise.all([stop(child), stop(broker)]);
    },
  };
}

/** CPU time of processes with all their threads, s. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuOfStat(`/proc/${pid}/stat`), 0);
}

/** CPU time that everything on the machine took since it was started, s. */
export function machineCpuSeconds(): number {
  const [, user = "0", nice = "0", system = "0", , , irq = "0", softirq = "0"] = readFileSync("/proc/stat", "utf8").split(/\s+/, 8);
  return [user, nice, system, irq, softirq].reduce((sum, ticks) => sum + Number(ticks) / TICKS_PER_SECOND, 0);
}

/** CPU time that the host gave to others when this machine wanted it since it was started, s (steal, proc(5)). */
export function stolenCpuSeconds(): number {
  return Number(readFileSync("/proc/stat", "utf8").split(/\s+/, 9)[8] ?? 0) / TICKS_PER_SECOND;
}

/** CPU time of each thread of a process, the main one first: `[thread id, s]`. */
export function threadCpuSeconds(pid: number): (readonly [string, number])[] {
  return readdirSync(`/proc/${pid}/task`).map((tid) => [tid, cpuOfStat(`/proc/${pid}/task/${tid}/stat`)] as const);
}

function cpuOfStat(file: string): number {
  // After the name, which may hold anything, in brackets: state, …; utime and stime are fields 14 and 15 (proc(5)).
  const fields = readFileSync(file, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The JSON of its one line `ready {…}`. */
async function ready<T>(child: ChildProcess): Promise<T> {
  const lines = createInterface({ input: child.stdout! });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${child.spawnargs.join(" ")} ended with ${String(code)} before it was ready`);
  });
  const [line] = (await Promise.race([once(lines, "line"), ended])) as [string];
  ended.catch(() => {});
  return JSON.parse(line.replace("ready ", "")) as T;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

async function getJson<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function untilListening(port: number): Promise<void> {
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline;) {
    const socket = connect({ port, host: "127.0.0.1" });
    const open = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nothing listens on port ${port} after ${PATIENCE_MS} ms`);
}
