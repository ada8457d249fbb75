import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { UsageError } from "../errors.ts";

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

/**
 * The bytes of such a file.
 * @throws UsageError when it cannot be read, or has more than `mostBytes`.
 */
export function readBytes(flag: string, file: string, mostBytes: number): Uint8Array {
  let size: number;
  try {
    const handle = openSync(file, "r");
    try {
      ({ size } = fstatSync(handle));
      if (size <= mostBytes) return readFileSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw new UsageError(`${flag} ${file}: cannot be read (${(error as Error).message})`);
  }
  throw new UsageError(`${flag} ${file}: has ${size} bytes; expected at most ${mostBytes}`);
}
