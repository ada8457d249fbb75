/** The limits of the rules as a file (`--rules`): YAML, only what differs from the built-in ones. */
import { parseDocument } from "yaml";
import { describeIssue } from "./config.ts";
import { rulesSchema, type Rules } from "./core/rules.ts";
import { UsageError } from "./errors.ts";
import { readText } from "./text-file.ts";

/**
 * The rules of a file, or the built-in ones; in the site's time zone unless the file sets another.
 * @throws UsageError with a line for every mistake.
 */
export function readRules(file: string | undefined, timezone: string): Rules {
  if (file === undefined) return rulesSchema.parse({ site: { timezone } });
  const document = parseDocument(readText("--rules", file));
  if (document.errors.length > 0) throw new UsageError(document.errors.map((error) => `${file}: ${error.message}`));
  const value: unknown = document.toJS() ?? {};
  if (typeof value !== "object" || Array.isArray(value)) throw new UsageError(`${file}: expected a mapping of rules`);
  const parsed = rulesSchema.safeParse({ site: { timezone }, ...value });
  if (parsed.success) return parsed.data;
  throw new UsageError(
    parsed.error.issues.map((issue) => {
      const found = issue.path.reduce<unknown>((inside, key) => (inside as Record<PropertyKey, unknown> | undefined)?.[key], value);
      const what = issue.code === "unrecognized_keys" ? `${issue.keys.join(", ")} is not a limit` : describeIssue(issue, found);
      return `${file}: ${issue.path.join(".") || "rules"}: ${what}`;
    }),
  );
}
