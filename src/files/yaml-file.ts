/** YAML files that people write, with the line of each key for whoever finds a mistake in it. */
import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import type { Mistake } from "./mistakes.ts";
import { readText } from "./text-file.ts";

export interface YamlFile {
  /** The file's mapping; empty where the file is empty or is no mapping. */
  readonly value: Readonly<Record<string, unknown>>;
  /** Line of the key at the end of a path, or of the last key on the way to it that is there. */
  readonly lineOf: (path: readonly PropertyKey[]) => number | null;
  /** What keeps it from being read. */
  readonly mistakes: readonly Mistake[];
}

/** @throws UsageError naming `flag` where the file cannot be read at all. */
export function readYaml(flag: string, file: string): YamlFile {
  return parseYaml(file, readText(flag, file));
}

/** As `readYaml`, of a text that mistakes are to name `file`. */
export function parseYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const lineOf = (path: readonly PropertyKey[]): number | null => {
    let node: unknown = document.contents;
    let line: number | null = null;
    for (const key of path) {
      const pair = isMap(node) ? node.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
      if (pair === undefined) break;
      const [start] = (isScalar(pair.key) ? pair.key.range : null) ?? [null];
      if (start !== null) ({ line } = lines.linePos(start));
      node = pair.value;
    }
    return line;
  };
  const mistakes = document.errors.map(({ message, linePos }): Mistake => {
    // The parser's message goes on with the place and a drawing of it.
    const [first = message] = message.split(/ at line \d+, column \d+:|\n/);
    return { file, line: linePos?.[0].line ?? null, path: "", message: `${first}; expected YAML` };
  });
  if (mistakes.length > 0) return { value: {}, lineOf, mistakes };
  const value: unknown = document.toJS() ?? {};
  if (typeof value === "object" && !Array.isArray(value)) return { value: value as Record<string, unknown>, lineOf, mistakes };
  const message = `found ${Array.isArray(value) ? "a list" : JSON.stringify(value)}; expected a mapping, key: value`;
  return { value: {}, lineOf, mistakes: [{ file, line: 1, path: "", message }] };
}
