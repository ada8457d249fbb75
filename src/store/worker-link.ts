/** The main thread's end of the store's worker: messages out, promises back, and the state that came with the last answer. */
import { MessageChannel } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { OperationalError } from "../errors.ts";
import { startWorker } from "../worker.ts";
import { toOperationalError } from "./failures.ts";
import type { PackedReadings } from "./packing.ts";
import type { AmendRequest, Answer, CommitRequest, ConnectRequest, FromWorker, QueryRequest, StoreState, ToWorker } from "./protocol.ts";
import type { KeepFrom } from "./store.ts";

interface Pending {
  readonly resolve: (message: FromWorker) => void;
  readonly reject: (error: Error) => void;
}

export interface WorkerLink {
  readonly state: StoreState;
  nextId(): number;
  /** A part of the readings of the batch whose commit will come with the same id. Its buffer changes hands. */
  piece(id: number, packed: PackedReadings): void;
  commit(id: number, batch: CommitRequest): Promise<void>;
  /** @returns rows that were not there before. */
  amend(id: number, request: AmendRequest): Promise<number>;
  query(request: QueryRequest): Promise<Answer>;
  /** A port whose other end the worker answers queries from. */
  connect(): MessagePort;
  keep(from: KeepFrom): Promise<void>;
  sorted(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the worker of that module and waits until its store is open. @throws OperationalError, why it is not. */
export async function openWorkerLink(module: "./embedded-worker" | "./influx/influx-worker", options: unknown): Promise<WorkerLink> {
  const worker = startWorker(module, import.meta.url, { workerData: options });
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let ended: OperationalError | null = null;
  let state: StoreState;

  const ready = await new Promise<FromWorker>((resolve, reject) => {
    const fail = (error: OperationalError) => {
      ended = error;
      reject(error);
      for (const [id, { reject: rejectOne }] of pending) {
        pending.delete(id);
        rejectOne(error);
      }
    };
    // Not started again: whether the dead worker's instance let go of the file cannot be known, and two owners lose writes.
    worker.on("error", (error) =>
      fail(new OperationalError("store-failed", `the store's worker ended (${String(error)}); restart the program`)),
    );
    worker.on("exit", () => fail(new OperationalError("store-failed", "the store's worker has ended; restart the program")));
    worker.on("message", (message: FromWorker) => {
      if (message.op === "opened" || message.op === "refused") {
        resolve(message);
        return;
      }
      const waiting = pending.get(message.id);
      pending.delete(message.id);
      if (message.op !== "answer") state = message.state;
      if (message.op === "failed") waiting?.reject(toOperationalError(message.failure));
      else waiting?.resolve(message);
    });
  });
  if (ready.op !== "opened") {
    await worker.terminate();
    throw ready.op === "refused"
      ? toOperationalError(ready.failure)
      : new OperationalError("store-failed", "the store's worker did not open the store");
  }
  state = ready.state;

  function ask(message: Exclude<ToWorker, ConnectRequest>): Promise<FromWorker> {
    if (ended !== null) return Promise.reject(ended);
    return new Promise((resolve, reject) => {
      pending.set(message.id, { resolve, reject });
      worker.postMessage(message, []);
    });
  }
  const nextId = () => ++lastId;

  return {
    get state() {
      return state;
    },
    nextId,
    piece(id, packed) {
      if (ended === null) worker.postMessage({ op: "piece", id, packed } satisfies ToWorker, [packed.cells.buffer]);
    },
    async commit(id, batch) {
      await ask({ op: "commit", id, batch });
    },
    async amend(id, request) {
      const answer = await ask({ op: "amend", id, request });
      return answer.op === "done" ? (answer.added ?? 0) : 0;
    },
    async query(request) {
      const answer = await ask({ op: "query", id: nextId(), request });
      if (answer.op !== "answer") throw new OperationalError("store-failed", `the store's worker answered a query with ${answer.op}`);
      return answer.answer;
    },
    connect() {
      if (ended !== null) throw ended;
      const { port1, port2 } = new MessageChannel();
      worker.postMessage({ op: "connect", port: port2 } satisfies ToWorker, [port2]);
      return port1;
    },
    async keep(from) {
      await ask({ op: "keep", id: nextId(), from });
    },
    async sorted() {
      await ask({ op: "sorted", id: nextId() });
    },
    async close() {
      if (ended !== null) return;
      const exited = new Promise<void>((resolve) => {
        worker.once("exit", () => resolve());
      });
      await ask({ op: "close", id: nextId() });
      await exited;
    },
  };
}
