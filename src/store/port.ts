/** A store as a thread reads it that has nothing but a port to the store's worker (`ThreadedStore.connect`). */
import type { MessagePort } from "node:worker_threads";
import { LIMITS } from "../config.ts";
import { OperationalError } from "../errors.ts";
import { toOperationalError } from "./failures.ts";
import type { Answer, FromWorker, QueryRequest, ToWorker } from "./protocol.ts";
import { readerOver, type StoreReader } from "./reader.ts";

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

function closed(): OperationalError {
  return new OperationalError("store-closed", "the store is closed");
}

/** Its calls throw OperationalError `store-closed` once the store has ended. */
export function openStorePort(port: MessagePort): StoreReader {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let ended = false;
  port.on("message", (message: FromWorker) => {
    if (message.op !== "answer" && message.op !== "failed") return;
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.op === "answer") asked?.resolve(message.answer);
    else asked?.reject(toOperationalError(message.failure));
  });
  port.on("close", () => {
    ended = true;
    for (const { reject } of waiting.values()) reject(closed());
    waiting.clear();
  });

  function query(request: QueryRequest): Promise<Answer> {
    if (ended) return Promise.reject(closed());
    if (waiting.size >= LIMITS.store.queries)
      return Promise.reject(new OperationalError("store-busy", `${waiting.size} queries are running or waiting: try again`));
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      port.postMessage({ op: "query", id, request } satisfies ToWorker, []);
    });
  }

  return readerOver(query, LIMITS.store);
}
