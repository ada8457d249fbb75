import { readFileSync } from "node:fs";
import { UsageError } from "./errors.ts";

/**
 * The text of a file that a person named with `flag`.
 * @throws UsageError when it cannot be read.
 */
export function readText(flag: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${flag} ${file}: cannot be read (${(error as Error).message})`);
  }
}
