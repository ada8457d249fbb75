/**
 * The outbox's file: lines that are only added, each with its checksum, begun anew when it has grown. A line that cannot be
 * read is passed over. What could not be added leaves a file that is not trusted: the next write begins a new one.
 */
import { open, readFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { privateDirectory, writeDurably } from "../files/durable-file.ts";
import { OperationalError } from "../errors.ts";
import type { Line } from "./state.ts";

export interface OutboxFileOptions {
  readonly file: string;
  /** The state of now, to begin a new file with. */
  readonly lines: () => readonly Line[];
  /** Bytes added after which the file is begun anew. */
  readonly mostBytes: number;
}

export interface OutboxFile {
  /** Why the last write failed; null once one succeeds. */
  readonly failure: string | null;
  /**
   * Adds a line. `durable` is called when it is on the disk, before anything else is written; without it nobody waits, and a
   * power cut may take the line. @throws (rejects) where the disk does not take it.
   */
  add(line: Line, durable?: () => void): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly text: string;
  readonly durable: (() => void) | undefined;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const SLICE_LINES = 5;

/** The lines of a file, oldest first, and how many of it were unreadable. None where there is no file. */
export async function readOutbox(file: string): Promise<{ readonly lines: readonly Line[]; readonly unreadable: number }> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { lines: [], unreadable: 0 };
    throw error;
  }
  const lines: Line[] = [];
  let unreadable = 0;
  for (const row of text.split("\n")) {
    if (row === "") continue;
    const body = row.slice(9);
    if (row.slice(0, 8) === checksum(body)) lines.push(JSON.parse(body) as Line);
    else unreadable += 1;
  }
  return { lines, unreadable };
}

/** Begins a new file with the state of now. @throws OperationalError `notifications-unwritable` */
export async function openOutboxFile(options: OutboxFileOptions): Promise<OutboxFile> {
  const { file } = options;
  let handle: FileHandle | null = null;
  let grown = 0;
  let failure: string | null = null;
  let waiting: Waiting[] = [];
  let running: Promise<void> | null = null;
  let closed = false;

  async function begin(): Promise<void> {
    await handle?.close().catch(() => undefined);
    handle = null;
    const lines = options.lines();
    let text = "";
    for (const [index, line] of lines.entries()) {
      text += rowOf(line);
      if (index % SLICE_LINES === SLICE_LINES - 1) await turn();
    }
    await writeDurably(file, text);
    handle = await open(file, "a", 0o600);
    grown = 0;
  }

  async function write(group: readonly Waiting[]): Promise<void> {
    if (handle === null || grown > options.mostBytes) await begin();
    if (handle === null) throw new OperationalError("notifications-unwritable", `${file} is not open`);
    const bytes = Buffer.from(group.map(({ text }) => text).join(""));
    await handle.appendFile(bytes);
    grown += bytes.length;
    if (group.some(({ durable }) => durable !== undefined)) await handle.datasync();
  }

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        await write(group);
        failure = null;
        // In one go, so that a file begun after this has what these lines say.
        for (const { durable } of group) durable?.();
        for (const { resolve } of group) resolve();
      } catch (error) {
        failure = (error as Error).message;
        // What of it is on the disk is not known: the state in memory is, and a new file is made of that.
        await handle?.close().catch(() => undefined);
        handle = null;
        for (const { reject } of group) reject(new OperationalError("notifications-unwritable", `${file}: ${failure}`));
      }
    }
    running = null;
  }

  await privateDirectory(dirname(file));
  try {
    await begin();
  } catch (error) {
    throw new OperationalError("notifications-unwritable", `${file}: ${(error as Error).message}`, { cause: error });
  }

  return {
    get failure() {
      return failure;
    },
    add(line, durable) {
      if (closed) return Promise.reject(new OperationalError("notifications-closed", "the outbox is closed"));
      return new Promise((resolve, reject) => {
        waiting.push({ text: rowOf(line), durable, resolve, reject });
        running ??= run();
      });
    },
    async close() {
      closed = true;
      await running;
      await handle?.close();
      handle = null;
    },
  };
}

function rowOf(line: Line): string {
  const body = JSON.stringify(line);
  return `${checksum(body)} ${body}\n`;
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, "0");
}
