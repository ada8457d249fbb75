/** From the bytes of a recording to what a monitor folds, within the bounds of a browser. The reading is the program's own. */
import { parseLine } from "../../../../../src/recording/parse.ts";
import { RecordingReader, type Played } from "../../../../../src/recording/reader.ts";
import { BOUNDS } from "./bounds.ts";

export interface Loaded {
  readonly played: readonly Played[];
  /** False where the recording goes on, and a bound ended it. */
  readonly complete: boolean;
  readonly bytes: number;
}

/** A line that is not one of a recording. */
export class BadRecording extends Error {
  override readonly name = "BadRecording";
}

/**
 * Reads a recording as it comes. `onBytes` is told how much has been read.
 * @throws BadRecording naming the line.
 */
export async function loadRecording(
  stream: ReadableStream<Uint8Array>,
  onBytes: (bytes: number) => void,
  bounds: { readonly entries: number; readonly bytes: number } = BOUNDS,
): Promise<Loaded> {
  const reader = new RecordingReader();
  const played: Played[] = [];
  const decoder = new TextDecoder();
  const source = stream.getReader();
  let rest = "";
  let number = 0;
  let bytes = 0;
  const take = (text: string): void => {
    number += 1;
    if (text.trim() === "") return;
    const parsed = parseLine(text);
    const problem = "problem" in parsed ? parsed.problem : reader.take(parsed, played);
    if (problem !== null) throw new BadRecording(`line ${number}: ${problem}`);
  };
  try {
    for (;;) {
      const { done, value } = await source.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      bytes += value?.byteLength ?? 0;
      const lines = rest.split("\n");
      rest = done ? "" : (lines.pop() ?? "");
      if (rest.length > BOUNDS.lineChars) throw new BadRecording(`line ${number + 1}: is longer than ${BOUNDS.lineChars} characters`);
      for (const line of lines) {
        if (played.length >= bounds.entries) return { played: played.slice(0, bounds.entries), complete: false, bytes };
        take(line);
      }
      onBytes(bytes);
      if (done) return { played: played.slice(0, bounds.entries), complete: played.length <= bounds.entries, bytes };
      if (bytes >= bounds.bytes) return { played, complete: false, bytes };
    }
  } finally {
    await source.cancel().catch(() => undefined);
  }
}
