/**
 * `start`: serve, and a simulated fleet in a process of its own that publishes to it over real MQTT, as lifts would.
 * `simulate` is that process alone.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { OperationalError, UsageError } from "./errors.ts";
import { announce, log, planOf, run, stop, stopSignal, type Plan } from "./serve.ts";

type Flags = Readonly<Record<string, string | undefined>>;

const SIMULATOR = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../simulators/main.ts" : "../simulators/main.js", import.meta.url),
);

export async function simulate(args: readonly string[]): Promise<void> {
  const child = spawnSimulator(["simulate", ...args], "inherit");
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on("SIGTERM", pass).on("SIGINT", pass);
  const [code] = (await once(child, "exit")) as [number | null];
  process.exitCode = code ?? 1;
}

export async function start(flags: Flags, version: string): Promise<void> {
  const { lifts, speed, scenario, seed, ...settings } = flags;
  const plan = await freePorts(await planWithFleet(settings, lifts, seed), settings);
  const app = await run(plan, version);
  const fleet = plan.settings.fleet ?? "";
  const credentials = plan.settings.auth ? ["--credentials", join(plan.settings.data, "credentials", "devices.csv")] : [];
  const broker = plan.settings.broker ?? `mqtt://${plan.settings.host}:${app.mqttPort}`;
  const child = spawnSimulator(
    [
      "simulate",
      "--broker",
      broker,
      "--fleet",
      fleet,
      "--scenario",
      scenario ?? "demo",
      "--speed",
      speed ?? "1",
      "--seed",
      seed ?? "1",
      ...credentials,
    ],
    "simulator",
  );
  announce(app, app.signInUrl());
  log("open the URL above in a browser: it signs in once; Ctrl-C stops");
  const ended = once(child, "exit") as Promise<[number | null]>;
  const died = await Promise.race([stopSignal().then(() => null), ended]);
  if (died !== null) process.exitCode = died[0] === 0 ? 0 : 1;
  if (died !== null && died[0] !== 0) log("the simulator ended; see its message above");
  await stop(async () => {
    child.kill("SIGTERM");
    await ended;
    await app.close();
  });
}

/** Settings with the fleet of `--fleet`, or a generated one that is written into the data directory. */
async function planWithFleet(settings: Flags, lifts: string | undefined, seed: string | undefined): Promise<Plan> {
  const plan = planOf(settings);
  if (plan.settings.fleet !== undefined) return plan;
  mkdirSync(plan.settings.data, { recursive: true, mode: 0o700 });
  const fleet = join(plan.settings.data, "simulated-fleet.csv");
  const child = spawnSimulator(
    ["fleet", "--out", fleet, "--seed", seed ?? "1", ...(lifts === undefined ? [] : ["--lifts", lifts])],
    "simulator",
  );
  const [code] = (await once(child, "exit")) as [number | null];
  if (code === 2) throw new UsageError("--lifts or --seed: see the simulator's message above");
  if (code !== 0) throw new OperationalError("simulator-failed", "the simulated fleet could not be made");
  return planOf({ ...settings, fleet });
}

/** A demonstration should not fail because a port is taken: unless a port was asked for, another one does. */
async function freePorts(plan: Plan, flags: Flags): Promise<Plan> {
  const settings = { ...plan.settings };
  for (const key of ["mqttPort", "httpPort"] as const) {
    if (flags[key] !== undefined || (await isFree(settings.host, settings[key]))) continue;
    log(`port ${settings[key]} is taken; another one is used instead`);
    settings[key] = 0;
  }
  return { ...plan, settings };
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer().listen(port, host);
  try {
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/** Its results go to our standard output only for `simulate`: `start` has one line there. */
function spawnSimulator(args: readonly string[], output: "inherit" | "simulator"): ChildProcess {
  const development = SIMULATOR.endsWith(".ts") ? ["--import", "tsx"] : [];
  const child = spawn(process.execPath, [...development, SIMULATOR, ...args], {
    stdio: ["ignore", output === "inherit" ? "inherit" : "ignore", "inherit"],
  });
  const stopChild = () => child.kill("SIGKILL");
  process.once("exit", stopChild);
  child.once("exit", () => process.off("exit", stopChild));
  return child;
}
