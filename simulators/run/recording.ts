/** Recordings (contract §3): what a monitor at the end of the line would have received, one message a line, by time of arrival. */
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Channel } from "../../src/core/reading.ts";
import type { Sink } from "../device/device.ts";
import { LIMITS } from "../../src/config.ts";
import { Outbox } from "../device/outbox.ts";

/** A chunk, and the lines that its last slice of events may add. */
const BUFFER_BYTES = 2 * LIMITS.simulator.chunkBytes;

/** Turns a stream's events into lines. Transport takes no time here: readings arrive when they are made, or with the next connection. */
export class RecordingSink implements Sink {
  readonly #liftIds: readonly string[];
  readonly #wills: (string | null)[];
  readonly #outboxes = new Map<number, Outbox>();
  #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #size = 0;
  messages = 0;
  readings = 0;

  constructor(liftIds: readonly string[]) {
    this.#liftIds = liftIds;
    this.#wills = liftIds.map(() => null);
  }

  connect(lift: number, at: number, will: string): void {
    this.#wills[lift] = will;
    const outbox = this.#outboxes.get(lift);
    this.#outboxes.delete(lift);
    for (;;) {
      const parcel = outbox?.take(LIMITS.reading.perPayload, LIMITS.simulator.parcelBytes) ?? null;
      if (parcel === null) break;
      this.#line(lift, at, parcel.channel, parcel.payload, parcel.count);
    }
  }

  drop(lift: number, at: number, forget: boolean): void {
    const will = this.#wills[lift] ?? null;
    this.#wills[lift] = null;
    if (!forget) this.#outboxes.set(lift, new Outbox(LIMITS.simulator.outboxReadings));
    if (will !== null) this.#line(lift, at, "online", will, 1);
  }

  publish(lift: number, at: number, channel: Channel, payload: string): void {
    const outbox = this.#outboxes.get(lift);
    if (outbox === undefined) this.#line(lift, at, channel, payload, 1);
    else outbox.push({ channel, payload, count: 1 });
  }

  /** Bytes that wait to be taken. */
  get size(): number {
    return this.#size;
  }
  /** The bytes gathered so far; the buffer goes with them. */
  take(): Buffer {
    const chunk = this.#buffer.subarray(0, this.#size);
    this.#buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    this.#size = 0;
    return chunk;
  }

  #line(lift: number, at: number, channel: Channel, payload: string, count: number): void {
    const line = `{"receivedAt":${at},"topic":"lifts/${this.#liftIds[lift]}/${channel}","payload":${payload}}\n`;
    if (this.#size + line.length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(2 * this.#buffer.length + line.length);
      this.#buffer.copy(larger, 0, 0, this.#size);
      this.#buffer = larger;
    }
    // Lines are ASCII. Written at once, a line is dead before the collector sees it; kept as strings they cost a quarter of the run.
    this.#size += this.#buffer.write(line, this.#size, "latin1");
    this.messages++;
    this.readings += count;
  }
}

export interface RecordingFile {
  /** Resolves when there is room for more. */
  write(chunk: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file for writing, compressed when its name ends in `.gz`. Rejections carry the system's error. */
export async function openRecordingFile(file: string): Promise<RecordingFile> {
  const target = createWriteStream(file);
  await new Promise<void>((resolve, reject) => {
    target.once("open", () => resolve());
    target.once("error", reject);
  });
  // Level 1: the file is a quarter larger than at 6 and written three times as fast; header and bytes depend on the content alone.
  const gzip = file.endsWith(".gz") ? createGzip({ level: 1 }) : null;
  gzip?.pipe(target);
  const input = gzip ?? target;
  const done = finished(target);
  // A failure shows at the next write or at close, whichever waits for it.
  done.catch(() => undefined);
  return {
    async write(chunk) {
      if (!input.write(chunk)) await Promise.race([new Promise<void>((resolve) => input.once("drain", () => resolve())), done]);
    },
    async close() {
      input.end();
      await done;
    },
  };
}
