/** The limits as text for people and editors: a JSON Schema, the YAML file that changes nothing, and one of what differs. */
import { stringify } from "yaml";
import { z } from "zod";
import { HAZARDS } from "../core/effects.ts";
import { DEFAULT_RULES, rulesSchema, type Rules } from "../core/rules.ts";
import { readRules } from "./file.ts";

/** What of JSON Schema the limits use. */
interface Described {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Described>>;
}

/** Made from the schema that reads the files, so it is never out of date. */
export function rulesJsonSchema(): Record<string, unknown> {
  return { title: "Limits of Hoistway's rules", ...z.toJSONSchema(rulesSchema, { io: "input" }) };
}

/** All limits with their defaults, ranges and sources, as a file that `--rules` reads. */
export function defaultRulesYaml(): string {
  const { properties = {} } = rulesJsonSchema() as Described;
  const lines = [
    "# Limits of Hoistway's rules: the built-in ones. A file for --rules needs only what differs; everything else stays as it is here.",
    "# Check one with `hoistway check --rules FILE`, and see what it would change with `hoistway backtest RECORDING --rules FILE --against default`.",
    "# Sources: domain.md; S read, C computed, M from memory and unverified, A an assumption of ours.",
    "",
    "# The version goes into each alert. Without one, it is made from the limits themselves: other limits, another version.",
    `# version: ${readRules(undefined, DEFAULT_RULES.site.timezone).version}`,
  ];
  for (const [section, schema] of Object.entries(properties)) {
    const limits = DEFAULT_RULES[section as keyof typeof DEFAULT_RULES];
    if (typeof limits !== "object") continue;
    lines.push("");
    if (!(HAZARDS as readonly string[]).includes(section)) lines.push(`# not a hazard: ${section}`);
    lines.push(`${section}:`);
    for (const [name, value] of Object.entries(limits)) lines.push(...limitLines(name, value, schema.properties?.[name] ?? {}));
  }
  return `${lines.join("\n")}\n`;
}

/**
 * The limits that differ from the built-in ones, each with its default, range and source, as a file that `--rules` reads; with
 * `version`, where it was given one. The time zone is the site's setting, and no limit.
 */
export function changedRulesYaml(rules: Rules, version: string | null): string {
  const { properties = {} } = rulesJsonSchema() as Described;
  const lines = ["# Limits that differ from the built-in ones. Check them with `hoistway check --rules FILE`."];
  if (version !== null) lines.push(stringify({ version }).trimEnd());
  for (const [section, schema] of Object.entries(properties)) {
    const [limits, builtIn] = [rules, DEFAULT_RULES].map((set) => set[section as keyof Rules]) as [unknown, unknown];
    if (section === "site" || typeof limits !== "object" || limits === null) continue;
    const changed = Object.entries(limits).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(valueOf(builtIn, name)));
    if (changed.length === 0) continue;
    lines.push("", `${section}:`);
    for (const [name, value] of changed)
      lines.push(`  # built in: ${JSON.stringify(valueOf(builtIn, name))}`, ...limitLines(name, value, schema.properties?.[name] ?? {}));
  }
  return `${lines.join("\n")}\n`;
}

function valueOf(limits: unknown, name: string): unknown {
  return (limits as Readonly<Record<string, unknown>> | undefined)?.[name];
}

function limitLines(name: string, value: unknown, described: Described): string[] {
  if (described.properties !== undefined && typeof value === "object" && value !== null) {
    const inner = Object.entries(value).flatMap(([key, each]) => limitLines(key, each, described.properties?.[key] ?? {}));
    return [`  ${name}:`, ...inner.map((line) => `  ${line}`)];
  }
  const note = [described.description, rangeOf(described)].filter((part) => part !== undefined).join("; ");
  const text = stringify({ [name]: value }, { lineWidth: 0 }).trimEnd();
  return [...(note === "" ? [] : [`  # ${note}`]), ...text.split("\n").map((line) => `  ${line}`)];
}

function rangeOf({ minimum, maximum, enum: choices }: Described): string | undefined {
  if (choices !== undefined) return `one of ${choices.join(", ")}`;
  return minimum === undefined || maximum === undefined ? undefined : `${minimum} to ${maximum}`;
}
