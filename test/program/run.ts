/** The compiled program as a user runs it: a child process in a temporary directory, spoken to through its ports alone. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import { fetchJson, type Rest, restClient } from "./rest.ts";

const MAIN = fileURLToPath(new URL("../../dist/src/main.js", import.meta.url));
/** From spawn to `ready`, with room for a machine that does other things too. */
const READY_WITHIN_MS = 45_000;
export const PATIENCE = { timeout: 20_000, interval: 20 };

export interface Ready {
  readonly mqttPort: number | null;
  readonly httpPort: number;
  readonly url: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Finished extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** A directory of its own for one test: the fleet file, and the data directory that programs make in it. */
export interface Site {
  readonly directory: string;
  readonly data: string;
  readonly fleet: string;
  /** The administrator's token, once a program has run here with authentication on. */
  adminToken(): Promise<string>;
  /** Token of each device, by lift. */
  deviceTokens(): Promise<ReadonlyMap<string, string>>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SiteLift {
  readonly liftId: string;
  readonly ratedSpeedMps: number;
}

/** A fleet file (contract §3) of these lifts; the columns that no test needs are left empty, so unknown. */
function fleetCsv(lifts: readonly SiteLift[]): string {
  const rows = lifts.map(({ liftId, ratedSpeedMps }) => `${liftId},passenger,武江,B-${liftId},${ratedSpeedMps},12,33,Firm A`);
  return ["liftId,kind,district,building,ratedSpeedMps,floors,travelM,firm", ...rows, ""].join("\n");
}

export async function openSite(lifts: readonly SiteLift[]): Promise<Site> {
  const directory = await mkdtemp(join(tmpdir(), "hoistway-program-"));
  const data = join(directory, "data");
  const fleet = join(directory, "fleet.csv");
  await writeFile(fleet, fleetCsv(lifts));
  return {
    directory,
    data,
    fleet,
    adminToken: async () => (await readFile(join(data, "credentials", "admin-token"), "utf8")).trim(),
    async deviceTokens() {
      const [, ...lines] = (await readFile(join(data, "credentials", "devices.csv"), "utf8")).trim().split("\n");
      return new Map(lines.map((line) => line.split(",") as [string, string]));
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** A program that has been spawned and may not be ready yet. */
export class Spawned {
  readonly exited: Promise<Exit>;
  stdout = "";
  stderr = "";
  readonly #child: ChildProcess;

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: npm run build`);
    this.#child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment },
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    // 'close' comes after the last output, unlike 'exit'.
    this.exited = once(this.#child, "close").then(([code, signal]) => ({ code, signal }));
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("it was never spawned");
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends the signal and waits for the end. */
  async kill(signal: NodeJS.Signals): Promise<Exit> {
    this.#child.kill(signal);
    return this.exited;
  }

  /** What `ready` says, or null where the program ended before it. */
  async ready(): Promise<Ready | null> {
    await vi.waitFor(
      () => {
        if (this.running && !this.stdout.includes("\n")) throw new Error(`not ready; it said: ${this.stderr}`);
      },
      { timeout: READY_WITHIN_MS, interval: 10 },
    );
    const line = this.stdout.split("\n")[0] ?? "";
    return line.startsWith("ready ") ? (JSON.parse(line.slice("ready ".length)) as Ready) : null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.running) await this.kill("SIGKILL");
  }
}

/** Runs a verb to its end. */
export async function runVerb(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Finished> {
  const program = new Spawned(args, environment);
  const exit = await program.exited;
  return { ...exit, stdout: program.stdout, stderr: program.stderr };
}

/** A program that serves. */
export interface Program {
  readonly process: Spawned;
  readonly mqttPort: number;
  readonly httpPort: number;
  readonly url: string;
  readonly rest: Rest;
  kill(signal: NodeJS.Signals): Promise<Exit>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ServeOptions {
  /** Default off. */
  readonly auth?: boolean;
  readonly mqttPort?: number;
  readonly httpPort?: number;
  /** Further flags. */
  readonly flags?: readonly string[];
}

export function serveArguments(site: Site, options: ServeOptions = {}): string[] {
  const { auth = false, mqttPort = 0, httpPort = 0, flags = [] } = options;
  const ports = ["--mqtt-port", String(mqttPort), "--http-port", String(httpPort)];
  return ["serve", "--data", site.data, "--fleet", site.fleet, ...ports, "--auth", auth ? "on" : "off", ...flags];
}

/** Starts `serve` and waits until it is ready. @throws Error with its messages where it ends instead. */
export async function serve(site: Site, options: ServeOptions = {}): Promise<Program> {
  const process = new Spawned(serveArguments(site, options));
  const ready = await process.ready().catch(async (error: unknown) => {
    await process.kill("SIGKILL");
    throw error;
  });
  if (ready === null) throw new Error(`it ended with ${JSON.stringify(await process.exited)}: ${process.stderr}`);
  const token = options.auth === true ? await site.adminToken() : null;
  return {
    process,
    mqttPort: ready.mqttPort ?? -1,
    httpPort: ready.httpPort,
    url: ready.url,
    rest: restClient(`http://127.0.0.1:${ready.httpPort}`, token),
    kill: (signal) => process.kill(signal),
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/**
 * A port that is free now and outside the range from which the kernel takes the ports of clients: a client that
 * reconnects while nobody listens there would otherwise be connected to itself one day.
 */
export async function freePort(): Promise<number> {
  for (let port = 20_000 + Math.floor(Math.random() * 10_000); ; port += 1) {
    const server = createServer();
    try {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
      return port;
    } catch {
      // Taken: the next one.
    } finally {
      server.close();
    }
  }
}

/** Waits until everything that was accepted is stored; gives the ledger. */
export async function stored(rest: Rest): Promise<Ledger> {
  let ledger: Ledger | undefined;
  await vi.waitFor(async () => {
    ledger = await ledgerOf(rest);
    if (ledger.pending > 0) throw new Error(`pending: ${JSON.stringify(ledger)}`);
  }, PATIENCE);
  return ledger as Ledger;
}

export interface Ledger {
  readonly received: number;
  readonly accepted: number;
  readonly duplicate: number;
  readonly late: number;
  readonly quarantined: number;
  readonly stored: number;
  readonly pending: number;
}

/** The ledger. @throws Error where it does not add up (law L5). */
export async function ledgerOf(rest: Rest): Promise<Ledger> {
  const ledger = await fetchJson<Ledger>(rest, "/api/ledger");
  const { received, accepted, duplicate, late, quarantined, stored, pending } = ledger;
  const adds = received === accepted + duplicate + quarantined && accepted === stored + pending && late <= accepted && pending >= 0;
  if (!adds) throw new Error(`the ledger does not add up: ${JSON.stringify(ledger)}`);
  return ledger;
}
