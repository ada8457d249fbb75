/** Reads the file of targets and routes, and the secrets that it names. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { z } from "zod";
import { isLoopback } from "../config.ts";
import { UsageError } from "../errors.ts";
import { describeIssue, describeMistake, valueAt, type Mistake } from "../files/mistakes.ts";
import { readYaml } from "../files/yaml-file.ts";
import { planSchema, type Plan, type Target } from "./plan.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface ExaminedPlan {
  /** Null where there is a mistake. */
  readonly plan: Plan | null;
  readonly mistakes: readonly Mistake[];
}

/** Addresses may hold what somebody took for a good place for a password. */
const UNSHOWN = new Set(["url", "server", "broker", "link"]);

/**
 * The plan of a file; null where none is named.
 * @throws UsageError with a line for every mistake, secrets that cannot be read included
 */
export function readPlan(file: string | undefined, environment: Environment): Plan | null {
  if (file === undefined) return null;
  const { plan, mistakes } = examinePlan(file, environment);
  if (plan === null) throw new UsageError(mistakes.map(describeMistake));
  return plan;
}

/**
 * As `readPlan` of a file, whatever is wrong with it. Files of secrets are found from the place of the file that names them.
 * @throws UsageError where it cannot be read at all
 */
export function examinePlan(file: string, environment: Environment): ExaminedPlan {
  const { value, lineOf, mistakes } = readYaml("--notifications", file);
  if (mistakes.length > 0) return { plan: null, mistakes };
  const wrong: Mistake[] = [];
  const about = (path: readonly PropertyKey[], message: string): void => {
    wrong.push({ file, line: lineOf(path), path: path.join("."), message });
  };
  const parsed = planSchema.safeParse(value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      if (issue.code !== "unrecognized_keys") about(issue.path, describe(issue, value));
      else for (const key of issue.keys) about([...issue.path, key], "is not a setting of notifications");
    }
    return { plan: null, mistakes: wrong };
  }
  const { data } = parsed;
  const secrets = new Map<string, string>();
  for (const [name, target] of Object.entries(data.targets)) {
    for (const [key, problem] of addressProblems(target)) about(["targets", name, key], problem);
    const { secret, key, problem } = secretOf(target, dirname(file), environment);
    if (problem !== null) about(["targets", name, key], problem);
    if (secret !== null) secrets.set(name, secret);
  }
  const routes = data.routes.map((route, index) => ({ ...route, name: route.name ?? `route-${index + 1}` }));
  const known = Object.keys(data.targets).join(", ");
  for (const [index, route] of routes.entries()) {
    if (routes.findIndex(({ name }) => name === route.name) < index)
      about(["routes", index, "name"], `found ${route.name}, which is the name of another route, too; expected each once`);
    const lists = [{ path: ["to"], to: route.to }, ...route.escalate.map(({ to }, at) => ({ path: ["escalate", at, "to"], to }))];
    for (const { path, to } of lists) {
      for (const name of to.filter((target) => !Object.hasOwn(data.targets, target)))
        about(["routes", index, ...path], `found ${JSON.stringify(name)}, which is not a target; expected one of ${known}`);
    }
  }
  return wrong.length > 0 ? { plan: null, mistakes: wrong } : { plan: { ...data, routes, secrets }, mistakes: [] };
}

function describe(issue: z.core.$ZodIssue, value: unknown): string {
  return UNSHOWN.has(String(issue.path.at(-1))) ? issue.message : describeIssue(issue, valueAt(value, issue.path));
}

type Problem = readonly [key: string, message: string];

function addressProblems(target: Target): Problem[] {
  const key = target.kind === "webhook" ? "url" : target.kind === "email" ? "server" : "broker";
  const text = target.kind === "webhook" ? target.url : target.kind === "email" ? target.server : target.broker;
  if (text === undefined) return [];
  const { protocol, hostname, username, password } = new URL(text);
  const problems: Problem[] = [];
  if (username !== "" || password !== "") problems.push([key, "holds a user or a password; expected them in settings of their own"]);
  const plain = protocol === "http:" || protocol === "mqtt:";
  if (plain && !target.insecure && !isLoopback(hostname.replace(/^\[|\]$/g, "")))
    problems.push([key, `is without TLS and not on this machine; expected ${protocol.slice(0, -1)}s://, or insecure: true`]);
  return problems;
}

interface Found {
  readonly secret: string | null;
  /** The setting that it is about. */
  readonly key: string;
  readonly problem: string | null;
}

function secretOf(target: Target, directory: string, environment: Environment): Found {
  const webhook = target.kind === "webhook";
  const [fileKey, envKey] = webhook ? ["secretFile", "secretEnv"] : ["passwordFile", "passwordEnv"];
  const file = webhook ? target.secretFile : target.passwordFile;
  const variable = webhook ? target.secretEnv : target.passwordEnv;
  if (file !== undefined && variable !== undefined) return failed(fileKey, `is set beside ${envKey}; expected one of them`);
  if (!webhook && target.username === undefined && (file ?? variable) !== undefined)
    return failed("username", "is missing beside a password");
  if (variable !== undefined) {
    const secret = environment[variable];
    return secret === undefined || secret === "" ? failed(envKey, `${variable} is not set`) : found(secret);
  }
  if (file === undefined) {
    const alone = !webhook && target.username !== undefined;
    return alone ? failed("username", `has no password; expected ${fileKey} or ${envKey}`) : found(null);
  }
  try {
    const secret = readFileSync(resolve(directory, file), "utf8").replace(/\r?\n$/, "");
    return secret === "" ? failed(fileKey, `${file} is empty`) : found(secret);
  } catch (error) {
    return failed(fileKey, `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`);
  }
}

function failed(key: string, problem: string): Found {
  return { secret: null, key, problem };
}

function found(secret: string | null): Found {
  return { secret, key: "", problem: null };
}
