#!/usr/bin/env node
/** The verbs (contract §1). Exit codes: 0 done · 1 the run failed · 2 bad arguments or config, and nothing was started or written. */
import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import type { BackupFlags } from "./verbs/backup.ts";
import { UsageError } from "./errors.ts";
import { TREND_QUESTIONS } from "./verbs/export-trends.ts";
import type { ExportRowsFlags } from "./verbs/export-rows.ts";
import { KINDS } from "./exchange/kinds.ts";
import type { ReportFlags } from "./verbs/report.ts";
import { environmentName, flagName, settingsSchema } from "./settings/schema.ts";

const { version } = JSON.parse(
  readFileSync(new URL(import.meta.url.endsWith(".ts") ? "../package.json" : "../../package.json", import.meta.url), "utf8"),
) as {
  version: string;
};

/** The settings as flags: `mqttPort` is `--mqtt-port`. */
function withSettings(command: Command): Command {
  command.option("--config <file>", "settings, YAML");
  for (const [key, schema] of Object.entries(settingsSchema.shape))
    command.addOption(new Option(`--${flagName(key)} <value>`, schema.description ?? ""));
  return command;
}

/** How another's register is read. */
function withReading(command: Command): Command {
  return command
    .option("--encoding <name>", "the file's encoding, such as gbk", "utf-8")
    .option(
      "--map <theirs=ours>",
      "a column of ours by the name that it has in the file; may be repeated",
      (word: string, words: string[]) => [...words, word],
      [],
    )
    .option("--json", "print an object for programs");
}

/** Lifts by their ids. */
/** As `serve` has it: in a container the variable is all that says where the data are. */
function dataOption(description: string): Option {
  return new Option("--data <dir>", description).env(environmentName("data")).default("./data");
}

function liftOption(): Option {
  return new Option("--lift <id...>", "only these lifts; ids, also separated by commas");
}

/** A verb's module is loaded when the verb is called: all of them are a second of every start. */
function verb<Given extends unknown[]>(load: () => Promise<(...given: Given) => unknown>): (...given: Given) => Promise<void> {
  return async (...given) => {
    await (
      await load()
    )(...given);
  };
}

function program(): Command {
  const root = new Command("hoistway")
    .description("Watches lifts: MQTT in; hazards, alerts and fault rates out.")
    .version(version)
    .exitOverride();
  withSettings(root.command("serve").description("broker (or bridge to one), journal, monitor, store, feed, REST and page")).action(
    async (flags: Record<string, string>) => (await import("./verbs/serve.ts")).serve(flags, version),
  );
  withSettings(root.command("start").description("serve, and a simulated fleet that publishes to it over MQTT"))
    .option("--lifts <n>", "lifts of the simulated fleet; without it a demo fleet of about 200")
    .option("--speed <x>", "simulated seconds in a second", "1")
    .option("--scenario <name>", "what goes wrong", "demo")
    .option("--seed <n>", "same seed, same run", "1")
    .action(async (flags: Record<string, string>) => (await import("./verbs/start.ts")).start(flags, version));
  root
    .command("simulate")
    .description("a fleet that publishes to any broker, or writes a recording (simulate --help lists its flags)")
    .helpOption(false)
    .allowUnknownOption()
    .argument("[flags...]")
    .action(async (_flags: string[], _options: unknown, command: Command) =>
      (await import("./verbs/simulators.ts")).simulators(["simulate", ...command.args]),
    );
  root
    .command("replay <file>")
    .description("a recording (NDJSON, .gz) or a data directory (a copy, or one in use) through the monitor, offline; or over MQTT again")
    .option("--fleet <file>", "register of lifts, CSV, instead of the one that the recording carries")
    .option("--rules <file>", "limits of the rules, YAML, instead of those that the recording carries")
    .option("--timezone <zone>", "the site's time zone, for a recording that carries no limits", "Asia/Shanghai")
    .option("--alerts <file>", "write the alert changes here, NDJSON; default the standard output")
    .option("--judging <file>", "write here what each lift's rules could not judge, and from when on, NDJSON")
    .option("--from <point>", "begin at a time (ISO or ms) or at an entry of the journal")
    .option("--to <point>", "end before a time, or with an entry of the journal")
    .addOption(liftOption())
    .option("--broker <url>", "publish its messages to this broker instead, as fast after one another as they came")
    .option("--speed <x>", "with --broker: recorded seconds in a second, or max; default 1")
    .option("--credentials <file>", "with --broker: lines user,token; each lift publishes as itself")
    .option("--gateway <name>", "with --broker: the user of that file who publishes for all lifts")
    .action(verb(async () => (await import("./verbs/replay.ts")).replay));
  root
    .command("backtest <file>")
    .description("one pass with two sets of limits over a recording or a data directory: alerts gained, lost and moved")
    .requiredOption("--rules <file>", "limits to be tested, YAML; default: the built-in ones, own: those that the recording carries")
    .option("--against <file>", "limits to compare with; also default, or own", "own")
    .option("--fleet <file>", "register of lifts, CSV, instead of the one that the recording carries")
    .option("--timezone <zone>", "the site's time zone, where limits name none", "Asia/Shanghai")
    .option("--truth <file>", "what really happened, NDJSON: scores both")
    .option("--tolerance <s>", "how far an alert may lie outside the event that it tells of, in seconds", "10")
    .option("--from <point>", "begin at a time (ISO or ms) or at an entry of the journal")
    .option("--to <point>", "end before a time, or with an entry of the journal")
    .addOption(liftOption())
    .option("--json", "print an object instead of tables")
    .action(verb(async () => (await import("./verbs/backtest.ts")).backtest));
  root
    .command("score")
    .description("alerts against ground truth: what was found, missed and false, and how late")
    .requiredOption("--truth <file>", "what really happened, NDJSON (simulate --truth writes it); .gz is read too")
    .requiredOption("--alerts <file>", "alert changes, NDJSON (replay --alerts writes it); .gz is read too")
    .option("--judging <file>", "what could not be judged, NDJSON (replay --judging writes it): counts such events apart")
    .option("--fleet <file>", "register of lifts, CSV: its lifts in service are the exposure, instead of those in the files")
    .option("--from <time>", "beginning of the period, ISO or ms; default the first instant in the files")
    .option("--to <time>", "end of the period, ISO or ms; default the last instant in the files")
    .option("--tolerance <s>", "how far an alert may lie outside the event that it tells of, in seconds", "10")
    .option("--json", "print an object instead of a table")
    .option("--confusion", "print what was told when something else was there, too")
    .option("--timeline <file>", "draw truth and alerts of each lift, .svg or .html")
    .option("--lang <lang>", "language of the picture, en or zh", "en")
    .option("--timezone <zone>", "the site's time zone, for the picture", "Asia/Shanghai")
    .action(verb(async () => (await import("./verbs/score.ts")).score));
  withSettings(root.command("check").description("settings, register and limits: every mistake in one run; nothing is started or written"))
    .option("--json", "print an object for programs")
    .action(verb(async () => (await import("./verbs/check.ts")).check));
  root
    .command("doctor")
    .description("publish a probe to a running program and follow it to journal, monitor, store and feed; says which link fails")
    .option("--url <url>", "the program's HTTP address", "http://127.0.0.1:8080")
    .addOption(dataOption("its data directory, where the administrator's token is taken from"))
    .option("--token-file <file>", "a file with an administrator's token; or set HOISTWAY_TOKEN")
    .option("--broker <url>", "where to publish, if not to the embedded broker")
    .option("--broker-username <name>", "user name there; the password in HOISTWAY_BROKER_PASSWORD")
    .option("--json", "print an object for programs")
    .action(verb(async () => (await import("./verbs/doctor.ts")).doctor));
  root
    .command("import-events <file>")
    .description("years of past faults, entrapments, states and work orders, CSV (.gz is read too), for trends to reckon with")
    .addOption(dataOption("data directory"))
    .option("--map <file>", "how its columns are to be read, YAML; default our own columns, or those of a simulated history")
    .option("--register <file>", "register of lifts, CSV: a row of a lift that is not in it is a mistake")
    .option("--add-lifts", "add lifts that the data directory's register lacks to it, with what the mapping's `lifts` reads of them")
    .option("--timezone <zone>", "zone of local times, and of days", "Asia/Shanghai")
    .option("--from <day>", "all lifts were under watch from this day on; default the day of the first event, where the file has no states")
    .option("--to <day>", "… until this day, inclusive; default the day of the last event")
    .option("--json", "print an object for programs")
    .action(verb(async () => (await import("./verbs/import-events.ts")).importEvents));
  const rules = root.command("rules").description("the limits of the rules");
  rules
    .command("schema")
    .description("print the JSON Schema of a file for --rules")
    .action(verb(async () => (await import("./verbs/rules.ts")).printRulesSchema));
  rules
    .command("default")
    .description("print the built-in limits with their sources, as a file for --rules")
    .action(verb(async () => (await import("./verbs/rules.ts")).printDefaultRules));
  const exports = root.command("export").description("what the journal and the store hold, as files");
  exports
    .command("recording")
    .description("a stretch of the journal as a recording that replays as the run did; reads only, also beside a running program")
    .addOption(dataOption("data directory, a copy of one, or a journal alone"))
    .option("--out <file>", "NDJSON, compressed where its name ends in .gz; default the standard output")
    .option("--from <point>", "begin at a time (ISO or ms since the epoch, by receivedAt) or at an entry of the journal")
    .option("--to <point>", "end before a time, or with an entry of the journal")
    .addOption(liftOption())
    .option("--state", "put the monitor's state before it, so that a stretch from the middle goes on exactly as the run did")
    .action(verb(async () => (await import("./verbs/export-recording.ts")).exportRecording));
  exports
    .command("trends")
    .description("rows of a question about trends, of a program that runs: as REST answers it")
    .addOption(new Option("--question <name>", "which").choices(TREND_QUESTIONS).default("fault-rate"))
    .addOption(new Option("--format <name>", "of the file").choices(["csv", "ndjson"]).default("csv"))
    .addOption(dataOption("data directory of the program"))
    .option("--out <file>", "default the standard output", "-")
    .option("--set <name=value...>", "parameters of the question: by=firm bucket=month from=2026-01-01 district=武江", ["by=district"])
    .action(verb(async () => (await import("./verbs/export-trends.ts")).exportTrends));
  withSettings(
    root.command("rebuild-store").description("fill an empty or damaged store from the journal again; the program is stopped meanwhile"),
  )
    .option("--from <point>", "begin at a time (ISO or ms) or at an entry of the journal; default the oldest that can be folded")
    .option("--fresh", "move the store aside first, whatever its state; what was imported has to be imported again")
    .action(verb(async () => (await import("./verbs/rebuild-store.ts")).rebuildStore));
  root
    .command("backup")
    .description("a copy of the data directory that agrees with itself, also while the program runs; restore puts it back")
    .addOption(dataOption("data directory"))
    .requiredOption("--to <dir>", "an empty directory, or one that is made")
    .option("--json", "print an object for programs")
    .action(async (flags: BackupFlags) => (await import("./verbs/backup.ts")).backup(flags, version));
  root
    .command("restore")
    .description("a backup as a new data directory, every file checked; replaces nothing")
    .requiredOption("--from <dir>", "the backup")
    .addOption(dataOption("data directory: empty, or not there yet"))
    .option("--json", "print an object for programs")
    .action(verb(async () => (await import("./verbs/backup.ts")).restore));
  for (const kind of KINDS) {
    withSettings(exports.command(kind).description(`${kind} of the store as a table, of a program that runs or is stopped`))
      .addOption(new Option("--format <name>", "of the file").choices(["csv", "parquet", "ndjson"]).makeOptionMandatory())
      .requiredOption("--out <file>", "the file; - is the standard output, for ndjson")
      .option("--from <time>", kind === "days" ? "first day, YYYY-MM-DD" : "from a time on, ISO or ms")
      .option("--to <time>", kind === "days" ? "last day, YYYY-MM-DD" : "before a time, ISO or ms")
      .addOption(liftOption())
      .action(async (flags: ExportRowsFlags) => (await import("./verbs/export-rows.ts")).exportRows(kind, flags));
  }
  withSettings(
    root
      .command("import <file>")
      .description("readings, alerts, days or works of an export into the store of a program that is stopped; twice is once"),
  )
    .option("--kind <name>", "readings, alerts, days or works; default by the file's columns")
    .option("--skip-bad", "leave bad rows out, and name them, instead of writing nothing")
    .option("--json", "print an object for programs")
    .action(verb(async () => (await import("./verbs/import-rows.ts")).importRows));
  root
    .command("operator-load")
    .description("how much the alerts ask of the people who watch them, against EEMUA 191's figures")
    .option("--data <dir>", "data directory of a program that is stopped: its store")
    .option("--alerts <file>", "alert changes, NDJSON (replay --alerts writes it); .gz is read too")
    .option("--from <time>", "beginning of the period, ISO or ms; default a week before its end, or the file's first change")
    .option("--to <time>", "end of the period, ISO or ms; default now, or the file's last change")
    .option("--positions <n>", "operator positions that share the alerts", "1")
    .option("--json", "print an object instead of tables")
    .option("--lang <lang>", "language of the tables, en or zh", "en")
    .option("--timezone <zone>", "the site's time zone", "Asia/Shanghai")
    .action(verb(async () => (await import("./verbs/operator-load.ts")).operatorLoad));
  root
    .command("report <kind>")
    .description(
      "daily control, weekly check or monthly review (daily, weekly, monthly), from the running program or a data directory at rest",
    )
    .addOption(dataOption("data directory"))
    .option("--date <date>", "a day YYYY-MM-DD, a week 2026-W44 or a month 2026-10; default the last that is over")
    .option("--scope <what=name...>", "of what: district=, firm=, userUnit=; default the whole city")
    .option("--format <format>", "html, pdf, xlsx, csv or json; default by the name of --out, else html")
    .option("--lang <lang>", "en or zh", "zh")
    .option("--out <file>", "the file to write; default the standard output, or for pdf and xlsx a file named after the report")
    .action(async (kind: string, flags: ReportFlags) => (await import("./verbs/report.ts")).report(kind, flags, version));
  const fleet = root.command("fleet").description("registers of lifts: make one, look through one, take one in");
  fleet
    .command("generate")
    .description("write the register of a built-in city (fleet generate --help lists its flags)")
    .helpOption(false)
    .allowUnknownOption()
    .argument("[flags...]")
    .action(async (_flags: string[], _options: unknown, command: Command) =>
      (await import("./verbs/simulators.ts")).simulators(["fleet", "generate", ...command.args]),
    );
  withReading(
    fleet.command("check <file>").description("name every bad row and field of a register; exit code 1 when there is an error"),
  ).action(verb(async () => (await import("./verbs/fleet.ts")).checkFleet));
  withReading(fleet.command("import <file>").description("take a register in, for serve to use where no other is named"))
    .addOption(dataOption("data directory"))
    .action(verb(async () => (await import("./verbs/fleet.ts")).importFleet));
  const credentials = root.command("credentials").description("who may sign in: people by role, and gateways by the lifts they serve");
  credentials
    .command("add <name>")
    .description("prints the new token once")
    .addOption(dataOption("data directory"))
    .option("--role <role>", "a person: viewer, operator, engineer or admin")
    .option("--lifts <ids>", "a gateway: ids of its lifts, separated by commas")
    .action(verb(async () => (await import("./verbs/credentials.ts")).addCredential));
  credentials
    .command("remove <name>")
    .addOption(dataOption("data directory"))
    .action(verb(async () => (await import("./verbs/credentials.ts")).removeCredential));
  return root;
}

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`hoistway: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
