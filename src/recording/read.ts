/** From the file of a recording to the entries that a monitor folds (contract §3, docs/replay.md). */
import { LIMITS } from "../config.ts";
import { UsageError } from "../errors.ts";
import { readLineBatches } from "../files/lines.ts";
import { parseLine } from "./parse.ts";
import { RecordingReader, type Played } from "./reader.ts";

/**
 * Reads a recording in batches, bounded in memory. Without our own first line, ticks are made for each second of receivedAt that has
 * none, and the lines are numbered from 1. `onRead` is told how many bytes of the file have been read.
 * @throws UsageError naming the line that is not one of a recording, or that goes back in time or number.
 */
export async function* readRecording(flag: string, file: string, onRead?: (bytes: number) => void): AsyncGenerator<Played[]> {
  const reader = new RecordingReader();
  for await (const lines of readLineBatches(flag, file, LIMITS.recording.lineBytes, onRead)) {
    const played: Played[] = [];
    for (const line of lines) {
      const parsed = "problem" in line ? line : parseLine(line.text);
      const problem = "problem" in parsed ? parsed.problem : reader.take(parsed, played);
      if (problem !== null) throw new UsageError(`${file}: line ${line.number}: ${problem}`);
    }
    yield played;
  }
}
