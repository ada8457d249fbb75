/** `start`: serve, and a simulated fleet in a process of its own that publishes to it over real MQTT, as lifts would. */
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { OperationalError, UsageError } from "../errors.ts";
import { BUILT_IN_FLEETS } from "../register/register.ts";
import { log, stopSignal } from "./process.ts";
import { announce, planOf, run, stop, unlessTold, type Plan } from "./serve.ts";
import { loadSettings } from "../settings/settings.ts";
import { spawnSimulator } from "./simulators.ts";

type Flags = Readonly<Record<string, string | undefined>>;

export async function start(flags: Flags, version: string): Promise<void> {
  const { lifts, speed, scenario, seed, ...settings } = flags;
  const told = stopSignal();
  const asked = ["--scenario", scenario ?? "demo", "--speed", speed ?? "1", ...fleetFlags(lifts, seed)];
  const wanted = planOfFleet(settings);
  if (wanted.settings.mqttPort === "off" && wanted.settings.broker === undefined)
    throw new UsageError("--mqtt-port: off is for serve; the simulated lifts of start publish without TLS, on this machine");
  // Before anything is started or written: the simulator alone knows its scenarios and fleets.
  const { fleet: ownFleet } = wanted.settings;
  await runSimulator(["simulate", "--check", ...asked, ...(ownFleet === undefined ? [] : ["--fleet", ownFleet])]);
  const plan = await freePorts(await planWithFleet(wanted, settings, lifts, seed), settings);
  const app = await unlessTold(told, run(plan, version));
  if (app === null) return;
  const credentials = plan.settings.auth ? ["--credentials", join(plan.settings.data, "credentials", "devices.csv")] : [];
  const broker = plan.settings.broker ?? `mqtt://${inUrl(plan.settings.host)}:${app.mqttPort}`;
  const fleet = plan.settings.fleet ?? "";
  const child = spawnSimulator(["simulate", "--broker", broker, "--fleet", fleet, ...asked, ...credentials], "simulator");
  announce(app, app.signInUrl());
  log("open the URL above in a browser: it signs in once; Ctrl-C stops");
  const ended = once(child, "exit") as Promise<[number | null]>;
  const died = await Promise.race([told.then(() => null), ended]);
  if (died !== null) process.exitCode = died[0] === 0 ? 0 : 1;
  if (died !== null && died[0] !== 0) log("the simulator ended; see its message above");
  await stop(async () => {
    child.kill("SIGTERM");
    await ended;
    await app.close();
  });
}

/** An IPv6 address stands in brackets (RFC 3986 §3.2.2). */
function inUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function fleetFlags(lifts: string | undefined, seed: string | undefined): string[] {
  return ["--seed", seed ?? "1", ...(lifts === undefined ? [] : ["--lifts", lifts])];
}

/** As `serve` plans, but the fleet may also be one that the simulators make; then there is no register yet. */
function planOfFleet(flags: Flags): Plan {
  const settings = loadSettings(flags, process.env, flags["config"]);
  return BUILT_IN_FLEETS.some((name) => name === settings.fleet) ? { settings, register: null } : planOf(flags);
}

/** The plan with its fleet file, or with a generated one that is written into the data directory. */
async function planWithFleet(plan: Plan, settings: Flags, lifts: string | undefined, seed: string | undefined): Promise<Plan> {
  if (plan.register !== null) return plan;
  mkdirSync(plan.settings.data, { recursive: true, mode: 0o700 });
  const fleet = join(plan.settings.data, "simulated-fleet.csv");
  const city = plan.settings.fleet === undefined ? [] : ["--city", plan.settings.fleet];
  await runSimulator(["fleet", "generate", "--out", fleet, ...city, ...fleetFlags(lifts, seed)]);
  return planOf({ ...settings, fleet });
}

/** Runs the simulator to its end; what it has to say it says on the standard error. */
async function runSimulator(args: readonly string[]): Promise<void> {
  const [code] = (await once(spawnSimulator(args, "simulator"), "exit")) as [number | null];
  if (code === 2) throw new UsageError("see the simulator's message above");
  if (code !== 0) throw new OperationalError("simulator-failed", `the simulator ended with ${code ?? "a signal"}: ${args[0]}`);
}

/** A demonstration should not fail because a port is taken: unless a port was asked for, another one does. */
async function freePorts(plan: Plan, flags: Flags): Promise<Plan> {
  const settings = { ...plan.settings };
  for (const key of ["mqttPort", "httpPort"] as const) {
    const port = settings[key];
    if (port === "off" || flags[key] !== undefined || (await isFree(settings.host, port))) continue;
    log(`port ${port} is taken; another one is used instead`);
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
