/** `serve`: the whole program until it is told to stop. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openApp, type App } from "../app.ts";
import { readCertificate } from "../certificate.ts";
import { LIMITS } from "../config.ts";
import type { LiftRecord } from "../core/lift.ts";
import { log, stopSignal } from "./process.ts";
import { readPlan } from "../notify/plan-file.ts";
import { importedFleet, loadRegister } from "../register/register.ts";
import { readRules } from "../rules/file.ts";
import type { Settings } from "../settings/schema.ts";
import { loadSettings } from "../settings/settings.ts";

/** Settings and the files they name, all checked before anything is started or written. */
export interface Plan {
  readonly settings: Settings;
  readonly register: readonly LiftRecord[] | null;
}

export function planOf(flags: Readonly<Record<string, string | undefined>>): Plan {
  const settings = loadSettings(flags, process.env, flags["config"]);
  readCertificate(settings);
  const imported = importedFleet(settings.data);
  const fleet = settings.fleet ?? (existsSync(imported) ? imported : undefined);
  return fleet === undefined
    ? { settings, register: null }
    : { settings: { ...settings, fleet }, register: loadRegister("--fleet", fleet) };
}

export async function run({ settings, register }: Plan, version: string): Promise<App> {
  const rules = readRules(settings.rules, settings.timezone);
  return openApp({
    settings,
    notifications: readPlan(settings.notifications, process.env),
    register,
    rules,
    version,
    dashboard: dashboardDirectory(),
    log,
    onFatal(error) {
      log(`fatal: ${error.message}`);
      process.exit(1);
    },
  });
}

export async function serve(flags: Readonly<Record<string, string | undefined>>, version: string): Promise<void> {
  const told = stopSignal();
  const app = await unlessTold(told, run(planOf(flags), version));
  if (app === null) return;
  announce(app, app.url);
  await told;
  await stop(() => app.close());
}

/** What is opened; or null when it was told to stop meanwhile, and has been closed again. */
export async function unlessTold(told: Promise<unknown>, opening: Promise<App>): Promise<App | null> {
  const app = await Promise.race([opening, told.then(() => null)]);
  if (app === null) await stop(async () => (await opening).close());
  return app;
}

/** Contract §1: the one line on stdout, once everything is up. */
export function announce(app: App, url: string): void {
  const { mqttPort, mqttsPort, httpPort } = app;
  process.stdout.write(`ready ${JSON.stringify({ mqttPort, ...(mqttsPort === null ? {} : { mqttsPort }), httpPort, url })}\n`);
}

/** Closes in good order within its time; what is not done by then is safe in the journal. */
export async function stop(close: () => Promise<unknown>): Promise<void> {
  const timer = setTimeout(() => {
    log(`stopping took longer than ${LIMITS.stopWithinMs} ms; the rest is left to the next start`);
    process.exit(0);
  }, LIMITS.stopWithinMs);
  await close();
  clearTimeout(timer);
}

/** The built page beside the compiled program; in development it may not be there. */
function dashboardDirectory(): string | null {
  const directory = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "../../dist/dashboard" : "../../dashboard", import.meta.url));
  return existsSync(directory) ? directory : null;
}
