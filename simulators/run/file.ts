/** Files of a run: written by other threads while the simulation goes on, compressed when the name ends in `.gz`. */
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { LIMITS } from "../../src/config.ts";

export interface RunFile {
  /** Resolves when the bytes may be changed again; writes that are not waited for come in turn. */
  write(chunk: Buffer): Promise<void>;
  close(): Promise<void>;
}

const compress = promisify(gzip);

/** Opens a file for writing. Rejections, here and later, carry the system's error. */
export async function openRunFile(file: string): Promise<RunFile> {
  const handle = await open(file, "w");
  return file.endsWith(".gz") ? new Compressed(handle) : new Plain(handle);
}

class Plain implements RunFile {
  readonly #handle: FileHandle;
  #writing: Promise<void> = Promise.resolve();

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  write(chunk: Buffer): Promise<void> {
    this.#writing = this.#writing.then(() => writeAll(this.#handle, chunk));
    // A failure shows at close too, so nobody has to wait for this.
    this.#writing.catch(() => undefined);
    return this.#writing;
  }

  async close(): Promise<void> {
    await this.#writing.finally(() => this.#handle.close());
  }
}

/**
 * Blocks of one size, each a gzip member of its own (RFC 1952 §2.2: a file may have several), so that several cores compress at
 * once; where the blocks end depends on the content alone, so the bytes do too.
 */
class Compressed implements RunFile {
  readonly #handle: FileHandle;
  #rest: Buffer = Buffer.alloc(0);
  readonly #blocks: Promise<Buffer>[] = [];
  #writing: Promise<void> = Promise.resolve();
  #first = true;
  #turn: Promise<void> = Promise.resolve();

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  write(chunk: Buffer): Promise<void> {
    this.#turn = this.#turn.then(() => this.#add(chunk));
    this.#turn.catch(() => undefined);
    return this.#turn;
  }

  async #add(chunk: Buffer): Promise<void> {
    const whole = Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (; whole.length - from >= LIMITS.simulator.chunkBytes; from += LIMITS.simulator.chunkBytes) {
      await this.#block(whole.subarray(from, from + LIMITS.simulator.chunkBytes));
    }
    this.#rest = whole.subarray(from);
  }

  async close(): Promise<void> {
    try {
      await this.#turn;
      if (this.#rest.length > 0 || this.#first) await this.#block(this.#rest);
      while (this.#blocks.length > 0) await this.#drain();
      await this.#writing;
    } finally {
      await this.#handle.close();
    }
  }

  async #block(bytes: Buffer): Promise<void> {
    this.#first = false;
    // Level 1: the file is a quarter larger than at 6 and written three times as fast.
    const block = compress(bytes, { level: 1, chunkSize: LIMITS.simulator.chunkBytes / 4 });
    block.catch(() => undefined);
    this.#blocks.push(block);
    while (this.#blocks.length > LIMITS.simulator.gzipBlocks) await this.#drain();
  }

  /** The oldest block, to the file. */
  async #drain(): Promise<void> {
    const block = await this.#blocks.shift();
    await this.#writing;
    if (block !== undefined) this.#writing = writeAll(this.#handle, block);
    this.#writing.catch(() => undefined);
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let from = 0; from < bytes.length;) from += (await handle.write(bytes, from)).bytesWritten;
}
