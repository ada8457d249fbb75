/** What is wrong with what a person wrote: where it stands, what was found and what was expected. */
import type { z } from "zod";

export interface Mistake {
  /** Null for a flag or an environment variable, which `path` then names. */
  readonly file: string | null;
  /** From 1; null where it is about no one line. */
  readonly line: number | null;
  /** Dotted path of the key, the column of a table, the flag; "" for the whole. */
  readonly path: string;
  /** One sentence: what was found, what was expected. */
  readonly message: string;
}

/** One line for a person: `rules.yaml: line 3, overspeed.warnFactor: expected …`. */
export function describeMistake({ file, line, path, message }: Mistake): string {
  const where = [line === null ? "" : `line ${line}`, path].filter((part) => part !== "").join(", ");
  return [file ?? "", where, message].filter((part) => part !== "").join(": ");
}

/** One sentence about an issue of zod: what was expected, and what was found. A password in an address, also a misspelt one, is not shown. */
export function describeIssue(issue: z.core.$ZodIssue, found: unknown): string {
  const shown = JSON.stringify(found)?.replaceAll(USER_INFO, "…@").replaceAll(SECRET_PARAMETER, "$1…");
  return `${issue.message}; found ${shown ?? "nothing"}`;
}

/** In a JSON string, up to its last `@`: a password may have any character in it. What only looks like an address loses its beginning, and no more. */
const USER_INFO = /(?:[^\s"@\\]|\\.)*[:/](?:[^"\\]|\\.)*@/g;
/** As InfluxDB 1.x takes them. */
const SECRET_PARAMETER = /([?&](?:p|password|token)=)(?:[^&"\\]|\\.)*/gi;

/** What stands at a path of a value. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inside, key) => (inside as Record<PropertyKey, unknown> | null | undefined)?.[key], value);
}
