/** The command line of the simulators (contract §1). */
import { writeFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { LIMITS } from "../src/config.ts";
import { DIALECTS } from "../src/core/dialects.ts";
import type { Dialect } from "../src/core/dialects.ts";
import { UsageError } from "../src/errors.ts";
import { openProgress } from "../src/verbs/progress.ts";
import { isDay } from "../src/register/fields.ts";
import { BUILT_IN_FLEETS, fleetCsv } from "../src/register/register.ts";
import { readText } from "../src/files/text-file.ts";
import { REPORTS, TRAITS } from "./device/kind.ts";
import type { DevicePlan, Report, Trait } from "./device/kind.ts";
import { DAYS_A_YEAR, DAY_MS } from "./faults/calendar.ts";
import { SCENARIOS } from "./faults/director.ts";
import type { Scenario } from "./faults/director.ts";
import { lacking } from "./faults/in-turn.ts";
import { loadFleet } from "./fleet/choose.ts";
import { DEFAULT_AS_OF } from "./fleet/city.ts";
import { simulated } from "./fleet/fleet.ts";
import { carriersOf } from "./run/carriers.ts";
import { startLive } from "./run/live.ts";
import { writeHistory } from "./run/history.ts";
import { NETWORKS } from "./run/network.ts";
import type { NetworkName } from "./run/network.ts";
import { record } from "./run/record.ts";

const DEFAULT_BROKER = "mqtt://127.0.0.1:1883";
/** A Monday at 8 in the morning in Guangdong, so that recordings show a peak; fixed, so that they repeat to the byte. */
const DEFAULT_FROM = "2026-01-05T08:00:00+08:00";
const DEFAULT_RECORDING_S = 3_600;
/** Where a history ends when it is not told where to begin: the eve of DEFAULT_FROM's year. */
const HISTORY_END = "2026-01-01T00:00:00+08:00";

interface SimulateFlags {
  readonly broker?: string;
  readonly out?: string;
  readonly fleet?: string;
  readonly lifts?: number;
  readonly seed: number;
  readonly speed: number;
  readonly scenario: Scenario;
  readonly duration?: number;
  readonly truth?: string;
  readonly credentials?: string;
  readonly gateways?: boolean;
  readonly devices?: "full" | "city";
  readonly force?: readonly Trait[];
  readonly dialect?: Dialect;
  readonly report: Report;
  readonly network: NetworkName;
  readonly from?: number;
  readonly check?: boolean;
}

function numberIn(low: number, high: number, whole: boolean): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!(value >= low && value <= high) || (whole && !Number.isInteger(value))) {
      throw new InvalidArgumentError(`expected ${whole ? "an integer" : "a number"} from ${low} to ${high}.`);
    }
    return value;
  };
}

function time(text: string): number {
  const at = Date.parse(text);
  if (!/^\d{4}-\d{2}-\d{2}T/.test(text) || !(at >= 0))
    throw new InvalidArgumentError("expected an ISO time such as 2026-01-05T08:00:00+08:00.");
  return at;
}

function day(text: string): string {
  if (!isDay(text) || text < "1990" || text >= "2100") throw new InvalidArgumentError(`expected a date such as ${DEFAULT_AS_OF}.`);
  return text;
}

function broker(text: string): string {
  if (!/^mqtts?:\/\/[^\s]+$/.test(text) || !URL.canParse(text)) throw new InvalidArgumentError(`expected a URL such as ${DEFAULT_BROKER}.`);
  return text;
}

/** Lines `user,token`; a header is allowed. Tokens never show in messages. */
function readCredentials(file: string, users: readonly string[]): Map<string, string> {
  const tokens = new Map<string, string>();
  for (const [index, raw] of readText("--credentials", file).split("\n").entries()) {
    const line = raw.trim();
    const comma = line.indexOf(",");
    if (line === "" || line === "user,token") continue;
    if (comma <= 0 || comma === line.length - 1) throw new UsageError(`${file}: line ${index + 1}: expected user,token`);
    tokens.set(line.slice(0, comma), line.slice(comma + 1));
  }
  const missing = users.filter((user) => !tokens.has(user));
  if (missing.length > 0) {
    throw new UsageError(
      `${file}: has no token for ${missing.slice(0, 3).join(", ")}${missing.length > 3 ? ` and ${missing.length - 3} more` : ""}`,
    );
  }
  return tokens;
}

/** Ctrl-C, a polite kill, or the end of a parent that holds a channel to us. */
function onStop(stop: () => void): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
  if (process.connected) process.once("disconnect", stop);
}

function print(word: string, value: unknown): void {
  process.stdout.write(`${word} ${JSON.stringify(value)}\n`);
}

/** The small fleets keep devices that can say everything, so that a demonstration shows every hazard; a city is mixed. */
function devicePlan({ devices, force, dialect, report, scenario, fleet, lifts }: SimulateFlags): DevicePlan {
  const small = fleet === "tiny" || fleet === "demo" || (fleet === undefined && lifts === undefined);
  const mix = devices ?? (scenario === "city" && !small ? "city" : "full");
  return { mix, traits: force ?? [], dialect: dialect ?? null, report };
}

async function simulate(flags: SimulateFlags): Promise<void> {
  const whole = loadFleet(flags.fleet, flags.lifts, flags.seed);
  const lifts = simulated(whole);
  if (lifts.length === 0) throw new UsageError("--fleet: has no lift that can be simulated; expected lifts in service");
  const missing = lacking(flags.scenario, lifts);
  if (missing !== null) throw new UsageError(`--scenario: ${flags.scenario} needs ${missing} in service; the fleet lacks it`);
  if (flags.check === true) return;
  if (lifts.length < whole.length) {
    process.stderr.write(`${whole.length - lifts.length} of ${whole.length} lifts are out of service and stay silent\n`);
  }
  const progress = openProgress(process.stderr, () => performance.now());
  const { seed, scenario, network } = flags;
  const gateways = flags.gateways === true;
  const devices = devicePlan(flags);
  const truth = flags.truth ?? null;
  if (flags.out !== undefined) {
    for (const key of ["broker", "credentials"] as const) {
      if (flags[key] !== undefined) throw new UsageError(`--${key}: has no use with --out`);
    }
    if (flags.speed !== 1) throw new UsageError("--speed: has no use with --out, which writes at full speed");
    let stopped = false;
    onStop(() => (stopped = true));
    const from = flags.from ?? Date.parse(DEFAULT_FROM);
    const durationMs = (flags.duration ?? DEFAULT_RECORDING_S) * 1_000;
    const plan = { lifts, seed, scenario, devices, network, gateways, from, durationMs };
    const result = await record({ ...plan, out: flags.out, truth, progress, stopped: () => stopped });
    progress.end();
    print("recorded", result);
    return;
  }
  if (flags.from !== undefined) throw new UsageError("--from: needs --out; a live run starts now");
  const users = carriersOf(lifts, gateways).map((carrier) => carrier.name);
  const live = startLive({
    broker: flags.broker ?? DEFAULT_BROKER,
    lifts,
    gateways,
    credentials: flags.credentials === undefined ? null : readCredentials(flags.credentials, users),
    seed,
    scenario,
    devices,
    network,
    speed: flags.speed,
    durationMs: flags.duration === undefined ? null : flags.duration * 1_000,
    truth,
    progress,
    onAllConnected: (stats) => print("simulating", { lifts: lifts.length, connected: stats.connected }),
  });
  onStop(() => live.stop());
  const stats = await live.done;
  progress.end();
  print("published", {
    lifts: lifts.length,
    messages: stats.published,
    readings: stats.readings,
    reconnects: stats.reconnects,
    dropped: stats.dropped,
  });
}

interface GenerateFlags {
  readonly out: string;
  readonly city?: string;
  readonly lifts?: number;
  readonly seed: number;
  readonly asOf: string;
}

interface HistoryFlags {
  readonly out: string;
  readonly fleet?: string;
  readonly lifts?: number;
  readonly seed: number;
  readonly years: number;
  readonly from?: number;
  readonly all?: boolean;
}

async function history(flags: HistoryFlags): Promise<void> {
  const lifts = loadFleet(flags.fleet, flags.lifts, flags.seed);
  const { seed, years } = flags;
  const from = flags.from ?? Date.parse(HISTORY_END) - Math.round(years * DAYS_A_YEAR) * DAY_MS;
  const progress = openProgress(process.stderr, () => performance.now());
  let stopped = false;
  onStop(() => (stopped = true));
  const faultsOnly = flags.all !== true;
  const result = await writeHistory({ lifts, seed, years, from, faultsOnly, out: flags.out, progress, stopped: () => stopped });
  progress.end();
  print("history", result);
}

function program(): Command {
  const seed = new Option("--seed <n>", "same seed, same run").default(1).argParser(numberIn(0, 4_294_967_295, true));
  const count = numberIn(1, LIMITS.simulator.lifts, true);
  const root = new Command("simulators").description("Simulated lifts: over MQTT, or as a recording.").exitOverride();
  root
    .command("simulate")
    .description("publish a fleet to a broker, or write a recording of it with --out")
    .addOption(new Option("--broker <url>", `MQTT broker (default ${DEFAULT_BROKER})`).argParser(broker))
    .option("--out <file>", "write a recording at full speed instead; .gz compresses it")
    .option("--fleet <fleet>", "FILE, tiny, demo, shaoguan or a number of lifts (default demo)")
    .addOption(new Option("--lifts <n>", "the first n lifts of the fleet; without --fleet, n lifts").argParser(count))
    .addOption(seed)
    .addOption(new Option("--speed <x>", "simulated seconds in a second").default(1).argParser(numberIn(0.01, 10_000, false)))
    .addOption(new Option("--scenario <name>", "what goes wrong").choices(SCENARIOS).default("demo"))
    .addOption(
      new Option("--duration <s>", "simulated seconds (live: default until stopped; recording: 3600)").argParser(
        numberIn(1, 31_622_400, false),
      ),
    )
    .option("--truth <file>", "write the ground truth")
    .option("--credentials <file>", "lines user,token for the broker")
    .option("--gateways", "one connection for each building instead of each lift")
    .addOption(new Option("--devices <mix>", "full: able to say everything; city: all kinds").choices(["full", "city"]))
    .addOption(new Option("--force <traits...>", "what every device is like").choices(TRAITS))
    .addOption(new Option("--dialect <name>", "dialect of all devices' fault codes").choices(DIALECTS))
    .addOption(new Option("--report <how>", "by exception, or the speed each second").choices(REPORTS).default("exception"))
    .addOption(new Option("--network <how>", "what becomes of messages on their way").choices(NETWORKS).default("clean"))
    .option("--check", "look at the flags and the fleet, and end: code 2 when something is wrong")
    .addOption(new Option("--from <time>", `first instant of a recording (default ${DEFAULT_FROM})`).argParser(time))
    .action(simulate);
  root
    .command("fleet")
    .description("registers of lifts")
    .command("generate")
    .description("write the register of a built-in city")
    .requiredOption("--out <file>", "CSV file to write")
    .addOption(new Option("--city <name>", "shaoguan: 16,409 lifts; demo: 200; tiny: 5 (default demo)").choices(BUILT_IN_FLEETS))
    .addOption(new Option("--lifts <n>", "the first n lifts of the city; without --city, n lifts").argParser(count))
    .addOption(seed)
    .addOption(
      new Option("--as-of <date>", "day from which shaoguan's inspections are overdue or due").default(DEFAULT_AS_OF).argParser(day),
    )
    .action((flags: GenerateFlags) => {
      const lifts = loadFleet(flags.city, flags.lifts, flags.seed, flags.asOf);
      writeFileSync(flags.out, fleetCsv(lifts));
      print("fleet", { lifts: lifts.length, file: flags.out });
    });
  root
    .command("history")
    .description("write years of a fleet's faults, without signals, as CSV")
    .requiredOption("--out <file>", "CSV file to write; .gz compresses it")
    .option("--fleet <fleet>", "FILE, tiny, demo, shaoguan or a number of lifts (default demo)")
    .addOption(new Option("--lifts <n>", "the first n lifts of the fleet; without --fleet, n lifts").argParser(count))
    .addOption(seed)
    .addOption(new Option("--years <n>", "how long").default(1).argParser(numberIn(0.01, LIMITS.simulator.historyYears, false)))
    .addOption(new Option("--from <time>", `first day (default: so that it ends with ${HISTORY_END})`).argParser(time))
    .option("--all", "with what is frequent and harmless too: doors held open, near misses")
    .action(history);
  return root;
}

/**
 * Runs a command line, e.g. `["simulate", "--lifts", "5"]`; results go to stdout, progress and mistakes to stderr.
 * Resolves with the exit code: 0 done · 1 the run failed · 2 bad arguments, and nothing was started or written.
 */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(words, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`${(error as Error).message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}
