/** Reads the file of targets and routes, and the secrets that it names. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseDocument } from "yaml";
import type { z } from "zod";
import { isLoopback } from "../config.ts";
import { UsageError } from "../errors.ts";
import { readText } from "../text-file.ts";
import { planSchema, type Plan, type Target } from "./plan.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Addresses may hold what somebody took for a good place for a password. */
const UNSHOWN = new Set(["url", "server", "broker", "link"]);

/**
 * The plan of a file; null where none is named. Files of secrets are found from the place of the file that names them.
 * @throws UsageError with a line for every mistake, secrets that cannot be read included
 */
export function readPlan(file: string | undefined, environment: Environment): Plan | null {
  if (file === undefined) return null;
  const document = parseDocument(readText("--notifications", file));
  if (document.errors.length > 0) throw new UsageError(document.errors.map((error) => `${file}: ${error.message}`));
  const value: unknown = document.toJS();
  const parsed = planSchema.safeParse(value ?? {});
  if (!parsed.success)
    throw new UsageError(parsed.error.issues.flatMap((issue) => describe(issue, value).map((line) => `${file}: ${line}`)));
  const { data } = parsed;
  const problems: string[] = [];
  const secrets = new Map<string, string>();
  for (const [name, target] of Object.entries(data.targets)) {
    problems.push(...addressProblems(target).map((problem) => `targets.${name}.${problem}`));
    const found = secretOf(target, dirname(file), environment);
    if (found.problem !== null) problems.push(`targets.${name}.${found.problem}`);
    if (found.secret !== null) secrets.set(name, found.secret);
  }
  const routes = data.routes.map((route, index) => ({ ...route, name: route.name ?? `route-${index + 1}` }));
  const seen = new Set<string>();
  for (const [index, route] of routes.entries()) {
    if (seen.has(route.name)) problems.push(`routes.${index}.name: ${route.name} is the name of another route, too; expected each once`);
    seen.add(route.name);
    const lists = [["to", route.to] as const, ...route.escalate.map((step, at) => [`escalate.${at}.to`, step.to] as const)];
    for (const [path, names] of lists) {
      for (const name of names) {
        if (!Object.hasOwn(data.targets, name))
          problems.push(
            `routes.${index}.${path}: ${JSON.stringify(name)} is not a target; expected one of ${Object.keys(data.targets).join(", ")}`,
          );
      }
    }
  }
  if (problems.length > 0) throw new UsageError(problems.map((problem) => `${file}: ${problem}`));
  return { ...data, routes, secrets };
}

function describe(issue: z.core.$ZodIssue, value: unknown): string[] {
  const path = issue.path.join(".") || "notifications";
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => `${path}: ${key} is not a setting of it`);
  const found = issue.path.reduce<unknown>((inside, key) => (inside as Record<PropertyKey, unknown> | null | undefined)?.[key], value);
  const shown = UNSHOWN.has(String(issue.path.at(-1))) ? "" : `; found ${JSON.stringify(found)?.slice(0, 200) ?? "nothing"}`;
  return [`${path}: ${issue.message}${shown}`];
}

function addressProblems(target: Target): string[] {
  const key = target.kind === "webhook" ? "url" : target.kind === "email" ? "server" : "broker";
  const text = target.kind === "webhook" ? target.url : target.kind === "email" ? target.server : target.broker;
  if (text === undefined) return [];
  const { protocol, hostname, username, password } = new URL(text);
  const problems: string[] = [];
  if (username !== "" || password !== "") problems.push(`${key}: holds a user or a password; expected them in settings of their own`);
  const plain = protocol === "http:" || protocol === "mqtt:";
  if (plain && !target.insecure && !isLoopback(hostname.replace(/^\[|\]$/g, "")))
    problems.push(`${key}: is without TLS and not on this machine; expected ${protocol.slice(0, -1)}s://, or insecure: true`);
  return problems;
}

interface Found {
  readonly secret: string | null;
  readonly problem: string | null;
}

function secretOf(target: Target, directory: string, environment: Environment): Found {
  const webhook = target.kind === "webhook";
  const [fileKey, envKey] = webhook ? ["secretFile", "secretEnv"] : ["passwordFile", "passwordEnv"];
  const file = webhook ? target.secretFile : target.passwordFile;
  const variable = webhook ? target.secretEnv : target.passwordEnv;
  if (file !== undefined && variable !== undefined) return failed(`${fileKey}: and ${envKey} are both set; expected one of them`);
  if (!webhook && target.username === undefined && (file ?? variable) !== undefined)
    return failed("username: is missing beside a password");
  if (variable !== undefined) {
    const secret = environment[variable];
    return secret === undefined || secret === "" ? failed(`${envKey}: ${variable} is not set`) : { secret, problem: null };
  }
  if (file === undefined) {
    return !webhook && target.username !== undefined
      ? failed(`username: has no password; expected ${fileKey} or ${envKey}`)
      : { secret: null, problem: null };
  }
  try {
    const secret = readFileSync(resolve(directory, file), "utf8").replace(/\r?\n$/, "");
    return secret === "" ? failed(`${fileKey}: ${file} is empty`) : { secret, problem: null };
  } catch (error) {
    return failed(`${fileKey}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`);
  }
}

function failed(problem: string): Found {
  return { secret: null, problem };
}
