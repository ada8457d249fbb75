/** The main thread's end of the journal's thread. */
import { startWorker } from "../worker.ts";
import type { EngineOptions, Reply, Request } from "./engine.ts";

export interface EngineLink {
  post(request: Request): void;
  /** One listener. A thread that ends unasked counts as a fatal reply. */
  onReply(listener: (reply: Reply) => void): void;
  /** Ends the thread, whatever it does. */
  stop(): Promise<void>;
}

export type StartEngine = (options: EngineOptions) => EngineLink;

export const startThread: StartEngine = (options) => {
  const worker = startWorker("./worker", import.meta.url, { workerData: options, name: "journal" });
  let ended = false;
  return {
    post: (request) => worker.postMessage(request, []),
    onReply(listener) {
      worker.on("message", (reply: Reply) => {
        if (reply.type === "closed" || reply.type === "fatal") ended = true;
        listener(reply);
      });
      const failed = (message: string): void => {
        if (!ended) listener({ type: "fatal", code: "journal-failed", message });
        ended = true;
      };
      worker.on("error", (error) => failed(error instanceof Error ? error.message : String(error)));
      worker.on("exit", (code) => failed(`the journal's thread ended by itself with code ${code}`));
    },
    async stop() {
      ended = true;
      await worker.terminate();
    },
  };
};
