/**
 * The store's worker thread: the only owner of the DuckDB file in this process. It turns messages into calls of the engine
 * and their outcomes into answers; nothing that can fail is left without one.
 */
import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { openEngine } from "./engine.ts";
import type { Engine } from "./engine.ts";
import { failureOf } from "./failures.ts";
import type { PackedReadings } from "./packing.ts";
import type { FromWorker, ToWorker, WorkerOptions } from "./protocol.ts";

const options = workerData as WorkerOptions;
const port = parentPort!;
/** Readings of a batch whose commit has not come yet. */
const pieces = new Map<number, PackedReadings[]>();

/** Of nice(1). On a small machine a batch would take a core from ingest and detection, and alerts would wait for it. */
const NICENESS = 10;

/** Lets the other threads go first. Only Linux gives each thread a priority of its own; elsewhere all stay equal. */
function giveWay(): void {
  try {
    const threadId = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
    setPriority(threadId, NICENESS);
  } catch {
    // No such file there, or not allowed: the store works all the same.
  }
}

function post(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

async function handle(engine: Engine, message: Exclude<ToWorker, { op: "piece" }>): Promise<void> {
  const { id } = message;
  try {
    if (message.op === "query") {
      const answer = await engine.query(message.request);
      post(
        { op: "answer", id, answer },
        answer.packed.map((packed) => packed.cells.buffer),
      );
      return;
    }
    let days: readonly string[] = [];
    if (message.op === "commit") {
      const rows = pieces.get(id) ?? [];
      pieces.delete(id);
      await engine.commit(message.batch, rows);
    } else if (message.op === "retain") days = await engine.retain(message.day);
    else if (message.op === "sorted") await engine.sorted();
    else await engine.close();
    post({ op: "done", id, state: engine.state, days });
    if (message.op === "close") port.close();
  } catch (error) {
    post({ op: "failed", id, state: engine.state, failure: failureOf(error, options.file) });
  }
}

giveWay();
try {
  const engine = await openEngine(options);
  port.on("message", (message: ToWorker) => {
    if (message.op !== "piece") {
      void handle(engine, message);
      return;
    }
    const before = pieces.get(message.id);
    if (before === undefined) pieces.set(message.id, [message.packed]);
    else before.push(message.packed);
  });
  post({ op: "opened", state: engine.state });
} catch (error) {
  post({ op: "refused", failure: failureOf(error, options.file) });
}
