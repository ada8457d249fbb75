/** Settings from flags, environment and file: flags win over the environment, which wins over the file. */
import type { z } from "zod";
import { isLoopback, LIMITS } from "../config.ts";
import { UsageError } from "../errors.ts";
import { describeIssue, describeMistake, type Mistake } from "../files/mistakes.ts";
import { environmentName, flagName, SECRETS, settingsSchema, type Settings } from "./schema.ts";
import { readBytes } from "../files/text-file.ts";
import { readYaml, type YamlFile } from "../files/yaml-file.ts";

export interface ExaminedSettings {
  /** Null where there is a mistake. */
  readonly settings: Settings | null;
  readonly mistakes: readonly Mistake[];
  /** What was given for each key, right or wrong. */
  readonly given: Readonly<Record<string, unknown>>;
}

type Flags = Readonly<Record<string, string | boolean | undefined>>;
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settings, validated together.
 * @throws UsageError naming every mistake, where it stands and what was expected.
 */
export function loadSettings(flags: Flags, environment: Environment, file: string | undefined): Settings {
  const { settings, mistakes } = examineSettings(flags, environment, file);
  if (settings === null) throw new UsageError(mistakes.map(describeMistake));
  return settings;
}

/** As `loadSettings`, whatever is wrong with them. @throws UsageError where the file cannot be read at all. */
export function examineSettings(flags: Flags, environment: Environment, file: string | undefined): ExaminedSettings {
  const yaml: YamlFile = file === undefined ? { value: {}, lineOf: () => null, mistakes: [] } : readYaml("--config", file);
  const given: Record<string, unknown> = { ...yaml.value };
  const origin = new Map<string, string>();
  for (const key of Object.keys(settingsSchema.shape)) {
    for (const [value, where] of [
      [environment[environmentName(key)], environmentName(key)],
      [flags[key], `--${flagName(key)}`],
    ] as const) {
      // An empty variable is as none: compose files and units pass on what nobody has set.
      if (value === undefined || (value === "" && where === environmentName(key))) continue;
      given[key] = typeof value === "string" ? fromText(key, value) : value;
      origin.set(key, where);
    }
  }
  /** A mistake about a key, placed where its value came from; a key that nobody gave is named alone. */
  const about = (key: string, message: string): Mistake => {
    const path = origin.get(key);
    if (path !== undefined) return { file: null, line: null, path, message };
    const isInFile = Object.hasOwn(yaml.value, key);
    return { file: isInFile ? (file ?? null) : null, line: isInFile ? yaml.lineOf([key]) : null, path: key, message };
  };
  const unreadable = readSecrets(given, about);
  const parsed = settingsSchema.safeParse(given);
  const mistakes = [
    ...yaml.mistakes,
    ...unreadable,
    ...(parsed.success ? together(parsed.data, about) : parsed.error.issues.flatMap((issue) => own(issue, given, about))),
  ];
  return { settings: parsed.success && mistakes.length === 0 ? parsed.data : null, mistakes, given };
}

/** Settings whose value is never told. */
const UNSHOWN: ReadonlySet<string> = new Set(["influxToken", "influxPassword", "brokerPassword"] satisfies (keyof Settings)[]);

/** Puts what the named files hold in the place of the secrets themselves. Says nothing of what it is. */
function readSecrets(given: Record<string, unknown>, about: About): Mistake[] {
  return SECRETS.flatMap((key) => {
    const file = given[`${key}File`];
    if (typeof file !== "string") return [];
    if (given[key] !== undefined && given[key] !== "") return [about(`${key}File`, `and ${key} are both given; expected one of them`)];
    try {
      const secret = new TextDecoder().decode(readBytes(`--${flagName(`${key}File`)}`, file, LIMITS.secret.fileBytes)).trim();
      if (secret === "") return [about(`${key}File`, `${file} is empty; expected a secret in it`)];
      given[key] = secret;
      return [];
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return [about(`${key}File`, `${file} cannot be read; expected a file of at most ${LIMITS.secret.fileBytes} bytes`)];
    }
  });
}

type About = (key: string, message: string) => Mistake;

function own(issue: z.core.$ZodIssue, given: Readonly<Record<string, unknown>>, about: About): Mistake[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => about(key, `is not a setting; expected one of ${Object.keys(settingsSchema.shape).join(", ")}`));
  const key = String(issue.path[0] ?? "");
  return [about(key, UNSHOWN.has(key) ? issue.message : describeIssue(issue, given[key]))];
}

/** What settings need of each other. */
function together(settings: Settings, about: About): Mistake[] {
  const mistakes: Mistake[] = [];
  if (!settings.auth && !isLoopback(settings.host))
    mistakes.push(about("auth", `off is allowed only on loopback, and host is ${settings.host}; expected 127.0.0.1 or ::1`));
  return [...mistakes, ...ofTls(settings, about), ...ofInflux(settings, about)];
}

function ofTls(settings: Settings, about: About): Mistake[] {
  const { mqttPort, mqttsPort, https, broker, tlsCert, tlsKey, tlsCa } = settings;
  const mistakes: Mistake[] = [];
  if (tlsCert === undefined || tlsKey === undefined) {
    if (mqttsPort !== undefined) mistakes.push(about("mqttsPort", "needs a certificate; expected --tls-cert and --tls-key"));
    if (https) mistakes.push(about("https", "needs a certificate; expected --tls-cert and --tls-key"));
    if (tlsCert !== undefined) mistakes.push(about("tlsCert", "needs its key; expected --tls-key"));
    if (tlsKey !== undefined) mistakes.push(about("tlsKey", "needs its certificate; expected --tls-cert"));
  } else if (mqttsPort === undefined && !https)
    mistakes.push(about("tlsCert", "is used by no listener; expected --mqtts-port or --https on"));
  if (tlsCa !== undefined && mqttsPort === undefined) mistakes.push(about("tlsCa", "is for MQTT over TLS; expected --mqtts-port"));
  if (broker !== undefined && mqttsPort !== undefined)
    mistakes.push(about("mqttsPort", "is a port of the embedded broker, and --broker names an external one; expected one of the two"));
  if (mqttPort === "off" && mqttsPort === undefined && broker === undefined)
    mistakes.push(about("mqttPort", "off leaves no way in; expected --mqtts-port, or --broker"));
  return mistakes;
}

/** Says nothing of a value: some are secrets. */
function ofInflux(settings: Settings, about: About): Mistake[] {
  const { influxUrl, influxVersion, influxToken, influxOrg, influxUsername } = settings;
  if (influxUrl === undefined) {
    return settings.store === "influx" ? [about("store", "influx needs to know where it is; expected --influx-url")] : [];
  }
  const mistakes: Mistake[] = [];
  const { username, password } = new URL(influxUrl);
  if (username !== "" || password !== "")
    mistakes.push(about("influxUrl", "holds a user or a password; expected --influx-username, and the password in the environment"));
  if (influxUsername !== "" && influxVersion !== 1) mistakes.push(about("influxUsername", "is for version 1; expected --influx-token"));
  if (settings.store === "influx" && influxVersion === 2) {
    if (influxToken === "")
      mistakes.push(about("influxToken", `version 2 needs a token; expected ${environmentName("influxToken")} to be set`));
    if (influxOrg === "") mistakes.push(about("influxOrg", "version 2 needs an organisation; expected --influx-org"));
  }
  return mistakes;
}

/** Flags and environment are text: what a setting does not take as text, and is a number, is read as one. */
function fromText(key: string, text: string): unknown {
  const schema: z.ZodType | undefined = settingsSchema.shape[key as keyof typeof settingsSchema.shape];
  if (schema === undefined || schema.safeParse(text).success) return text;
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}
