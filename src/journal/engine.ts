/** The journal's thread: recovers, then commits the groups it is sent, one at a time, and keeps trying a full disk. */
import { OperationalError } from "../errors.ts";
import type { Disk } from "./disk.ts";
import { type Recovered, recover } from "./recover.ts";
import { SegmentWriter, type Tail, WriteRefused } from "./writer.ts";

export interface EngineOptions {
  readonly directory: string;
  readonly segmentBytes: number;
  readonly retryMs: number;
}

/**
 * `memory` holds the group in its first `length` bytes, and is not touched until the reply. It comes with the first group of
 * a slot, is kept under that number, and is left out from then on; slot -1 is not kept.
 */
export type Request =
  | {
      readonly type: "commit";
      readonly slot: number;
      readonly memory: SharedArrayBuffer | null;
      readonly length: number;
      readonly firstSeq: number;
      readonly firstAt: number;
    }
  /** Tries a stalled group now instead of in a while. */
  | { readonly type: "retry" }
  | { readonly type: "close" };

export type Reply =
  | { readonly type: "opened"; readonly recovered: Recovered }
  | { readonly type: "committed"; readonly tail: Tail }
  | { readonly type: "stalled"; readonly reason: string }
  /** The process must end: what is on the disk is known only after recovery. */
  | { readonly type: "fatal"; readonly code: string; readonly message: string }
  | { readonly type: "closed" };

/** The thread's end of a MessagePort. */
export interface EnginePort {
  postMessage(reply: Reply): void;
  on(event: "message", listener: (request: Request) => void): unknown;
  close(): void;
}

interface Group {
  readonly frames: Buffer;
  readonly firstSeq: number;
  readonly firstAt: number;
}

export function runEngine(port: EnginePort, disk: Disk, options: EngineOptions): void {
  let writer: SegmentWriter;
  try {
    const recovered = recover(disk, options.directory);
    writer = new SegmentWriter(disk, options.directory, recovered.identity, options.segmentBytes, recovered.tail);
    port.postMessage({ type: "opened", recovered });
  } catch (error) {
    port.postMessage(fatal(error));
    port.close();
    return;
  }
  const slots = new Map<number, Buffer>();
  let stalled: Group | null = null;
  let timer: NodeJS.Timeout | undefined;

  const framesOf = ({ slot, memory, length }: Request & { readonly type: "commit" }): Buffer => {
    const frames = slots.get(slot) ?? Buffer.from(memory as SharedArrayBuffer);
    if (slot >= 0) slots.set(slot, frames);
    return frames.subarray(0, length);
  };
  const commit = (group: Group): void => {
    clearTimeout(timer);
    try {
      writer.commit(group.frames, group.firstSeq, group.firstAt);
    } catch (error) {
      if (!(error instanceof WriteRefused)) {
        port.postMessage(fatal(error));
        return;
      }
      stalled = group;
      timer = setTimeout(() => commit(group), options.retryMs);
      port.postMessage({ type: "stalled", reason: error.message });
      return;
    }
    stalled = null;
    port.postMessage({ type: "committed", tail: writer.tail });
  };

  port.on("message", (request) => {
    switch (request.type) {
      case "commit":
        commit({ frames: framesOf(request), firstSeq: request.firstSeq, firstAt: request.firstAt });
        return;
      case "retry":
        if (stalled !== null) commit(stalled);
        return;
      case "close":
        clearTimeout(timer);
        writer.close();
        port.postMessage({ type: "closed" });
        port.close();
        return;
      default:
        request satisfies never;
    }
  });
}

/** As plain data: an error that crosses threads loses its class and its code. */
function fatal(error: unknown): Reply {
  if (!(error instanceof Error)) return { type: "fatal", code: "journal-failed", message: String(error) };
  return { type: "fatal", code: error instanceof OperationalError ? error.code : "journal-failed", message: error.message };
}
