/** Lines of a file of any size, in bounded memory. */
import { isUtf8 } from "node:buffer";
import { createReadStream, type ReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { UsageError } from "../errors.ts";

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = "\uFEFF";

/** A line and its number, from 1; or, instead of its text, what is the matter with it as a whole. */
export type Line = { readonly number: number } & ({ readonly text: string } | { readonly problem: string });

/** How much is read at a time: some thousand lines. */
const READ_BYTES = 256 * 1024;

/** Reads a text file line by line, as `readLineBatches` does. */
export async function* readLines(flag: string, file: string, maxBytes: number): AsyncGenerator<Line> {
  for await (const lines of readLineBatches(flag, file, maxBytes)) yield* lines;
}

/**
 * Reads a text file (gunzipped where its name ends in `.gz`) in batches of lines; blank lines are left out. A line of more than `maxBytes` is not kept.
 * `onRead` is told how many bytes of the file have been read.
 * @throws UsageError naming `flag` and the file when it cannot be read, or is no whole gzip.
 */
export async function* readLineBatches(
  flag: string,
  file: string,
  maxBytes: number,
  onRead: (bytes: number) => void = () => undefined,
): AsyncGenerator<Line[]> {
  let number = 0;
  let parts: Buffer[] = [];
  let bytes = 0;
  const ended = (): Line | null => {
    number += 1;
    const length = bytes;
    const whole = parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
    parts = [];
    bytes = 0;
    if (length > maxBytes) return { number, problem: `found ${length} bytes; expected at most ${maxBytes} in a line` };
    if (!isUtf8(whole)) return { number, problem: "found bytes that are not UTF-8; expected JSON" };
    const text = whole.toString();
    const shown = (number === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text).trim();
    return shown === "" ? null : { number, text: shown };
  };
  const take = (part: Buffer): void => {
    bytes += part.length;
    if (bytes <= maxBytes) parts.push(part);
    else parts = [];
  };
  try {
    const raw = createReadStream(file, { highWaterMark: READ_BYTES });
    for await (const chunk of unpacked(file, raw)) {
      const lines: Line[] = [];
      let from = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
        take(chunk.subarray(from, end));
        from = end + 1;
        const line = ended();
        if (line !== null) lines.push(line);
      }
      if (from < chunk.length) take(chunk.subarray(from));
      onRead(raw.bytesRead);
      if (lines.length > 0) yield lines;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`${flag} ${file}: ${code?.startsWith("Z_") === true ? "is not a whole gzip" : "cannot be read"} (${message})`);
  }
  const last = bytes > 0 ? ended() : null;
  if (last !== null) yield [last];
}

function unpacked(file: string, raw: ReadStream): AsyncIterable<Buffer> {
  // The reader of the stream below gets the error; the callback only keeps it from being thrown twice.
  return file.endsWith(".gz") ? pipeline(raw, createGunzip({ chunkSize: READ_BYTES }), () => undefined) : raw;
}
