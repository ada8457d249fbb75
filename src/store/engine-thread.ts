/** A store's worker thread: messages become calls of its engine, and their outcomes answers; nothing that can fail is left without one. */
import { parentPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { giveWay } from "../worker.ts";
import { failureOf } from "./failures.ts";
import type { PackedReadings } from "./packing.ts";
import type { ConnectRequest, Engine, FromWorker, ToWorker } from "./protocol.ts";

/** Opens the engine and serves it to the thread that started this one. `name` says in errors which store it is: never a secret. */
export async function serveEngine(name: string, open: () => Promise<Engine>): Promise<void> {
  const port = parentPort!;
  /** Readings of a batch whose commit has not come yet. */
  const pieces = new Map<number, PackedReadings[]>();

  function post(message: FromWorker, transfer: ArrayBuffer[] = [], to: MessagePort = port): void {
    to.postMessage(message, transfer);
  }

  async function handle(engine: Engine, message: Exclude<ToWorker, { op: "piece" } | ConnectRequest>, from = port): Promise<void> {
    const { id } = message;
    try {
      if (message.op === "query") {
        const answer = await engine.query(message.request);
        const buffers = answer.packed.map((packed) => packed.cells.buffer);
        post({ op: "answer", id, answer }, buffers, from);
        return;
      }
      let added = 0;
      if (message.op === "commit" || message.op === "amend") {
        const rows = pieces.get(id) ?? [];
        pieces.delete(id);
        if (message.op === "amend") added = await engine.amend(message.request, rows);
        else await engine.commit(message.batch, rows);
      } else if (message.op === "keep") await engine.keep(message.from);
      else if (message.op === "sorted") await engine.sorted();
      else await engine.close();
      post({ op: "done", id, state: engine.state, added });
      if (message.op === "close") port.close();
    } catch (error) {
      post({ op: "failed", id, state: engine.state, failure: failureOf(error, name) }, [], from);
    }
  }

  function connect(engine: Engine, other: MessagePort): void {
    other.on("message", (message: ToWorker) => {
      if (message.op === "query") void handle(engine, message, other);
    });
    // It is the program's thread that says when this one ends.
    other.unref();
  }

  giveWay();
  try {
    const engine = await open();
    port.on("message", (message: ToWorker) => {
      if (message.op === "connect") {
        connect(engine, message.port);
        return;
      }
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
    post({ op: "refused", failure: failureOf(error, name) });
  }
}
