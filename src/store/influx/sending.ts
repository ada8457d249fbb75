/**
 * Sends lines in bodies of bounded size, one request in flight. What the server refuses is halved until the lines that it
 * will never take are known; they are given back with its words, and everything else is in.
 */
import { LIMITS } from "../../config.ts";
import { StoreError } from "../failures.ts";
import { InfluxError } from "./answers.ts";
import type { Connection, Policy } from "./connection.ts";

export interface RefusedLine {
  readonly line: string;
  /** The server's words. */
  readonly words: string;
}

/** @throws StoreError where the server cannot be reached, or refuses more than a few lines: then it is not the lines' fault. */
export async function sendLines(connection: Connection, policy: Policy, lines: readonly string[]): Promise<RefusedLine[]> {
  const refused: RefusedLine[] = [];
  let start = 0;
  while (start < lines.length) {
    const end = endOfBody(lines, start);
    await send(lines.slice(start, end));
    start = end;
  }
  return refused;

  async function send(part: readonly string[]): Promise<void> {
    try {
      await connection.write(policy, part.join("\n"));
      return;
    } catch (error) {
      if (!(error instanceof InfluxError) || error.code !== "store-rejected") throw error;
      // Points older than what is kept are refused one by one; the server has taken the others, and would drop these soon.
      if (/beyond retention policy/i.test(error.message)) return;
      if (part.length === 1) {
        refused.push({ line: part[0]!, words: error.message });
        if (refused.length > LIMITS.influx.refusedLines) {
          throw new StoreError(
            "store-rejected",
            `InfluxDB refuses more than ${LIMITS.influx.refusedLines} lines of a batch, the last with: ${error.message}`,
          );
        }
        return;
      }
    }
    const middle = part.length >> 1;
    await send(part.slice(0, middle));
    await send(part.slice(middle));
  }
}

function endOfBody(lines: readonly string[], start: number): number {
  let chars = 0;
  let end = start;
  while (end < lines.length && end - start < LIMITS.influx.bodyLines) {
    chars += lines[end]!.length + 1;
    if (chars > LIMITS.influx.bodyChars && end > start) break;
    end++;
  }
  return end;
}
