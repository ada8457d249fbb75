/** The limits of the rules as a file (`--rules`): YAML, only what differs from the built-in ones. */
import { createHash } from "node:crypto";
import { DEFAULT_RULES, rulesSchema, type Rules } from "../core/rules.ts";
import { UsageError } from "../errors.ts";
import { describeIssue, describeMistake, valueAt, type Mistake } from "../files/mistakes.ts";
import { contradictions } from "./plausible.ts";
import { readText } from "../files/text-file.ts";
import { parseYaml } from "../files/yaml-file.ts";

export interface ExaminedRules {
  /** Null where there is a mistake. */
  readonly rules: Rules | null;
  readonly mistakes: readonly Mistake[];
}

/** Hex digits of the hash in a version: limits of one site that differ and share them are not to be feared. */
const HASH_DIGITS = 12;

/**
 * The rules of a file, or the built-in ones; in the site's time zone unless the file sets another.
 * @throws UsageError with a line for every mistake.
 */
export function readRules(file: string | undefined, timezone: string): Rules {
  if (file === undefined) return versioned(rulesSchema.parse({ site: { timezone } }));
  const { rules, mistakes } = examineRules(file, timezone);
  if (rules === null) throw new UsageError(mistakes.map(describeMistake));
  return rules;
}

/** As `readRules` of a file, whatever is wrong with it. @throws UsageError where it cannot be read at all. */
export function examineRules(file: string, timezone: string): ExaminedRules {
  return examineRulesText(file, readText("--rules", file), timezone);
}

/** As `examineRules`, of a text that mistakes are to name `file`. */
export function examineRulesText(file: string, text: string, timezone: string): ExaminedRules {
  const { value, lineOf, mistakes } = parseYaml(file, text);
  if (mistakes.length > 0) return { rules: null, mistakes };
  const about = (path: readonly PropertyKey[], message: string): Mistake => ({ file, line: lineOf(path), path: path.join("."), message });
  const parsed = rulesSchema.safeParse({ site: { timezone }, ...value });
  if (!parsed.success) {
    const found = parsed.error.issues.flatMap((issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => about([...issue.path, key], `is not a limit; expected ${expectedAt(issue.path)}`))
        : [about(issue.path, describeIssue(issue, valueAt(value, issue.path)))],
    );
    return { rules: null, mistakes: found };
  }
  const contradicting = contradictions(parsed.data).map(({ path, message }) => about(path, message));
  if (contradicting.length > 0) return { rules: null, mistakes: contradicting };
  return { rules: value["version"] === undefined ? versioned(parsed.data) : parsed.data, mistakes: [] };
}

/** The names that a section has, or those of all sections. */
function expectedAt(path: readonly PropertyKey[]): string {
  const section = valueAt(DEFAULT_RULES, path);
  return `one of ${Object.keys(section as object).join(", ")}`;
}

/**
 * Limits that were given no version are named by their content, so that another limit is another version. The site's time zone is
 * no limit. The built-in ones are named so, too: those of a later Hoistway may differ.
 */
function versioned(rules: Rules): Rules {
  const digest = contentOf(rules);
  return { ...rules, version: `${digest === contentOf(DEFAULT_RULES) ? "builtin" : "limits"}-${digest}` };
}

/** Whether two sets judge alike, whatever they are called. */
export function sameLimits(one: Rules, other: Rules): boolean {
  return contentOf(one) === contentOf(other);
}

function contentOf({ version: _version, site: _site, ...limits }: Rules): string {
  return createHash("sha256").update(JSON.stringify(limits)).digest("hex").slice(0, HASH_DIGITS);
}
