/** The page's end of the replay worker: calls with answers. */
import type { Asked, CallName, Calls, Failure, Progress, Said } from "./protocol.ts";

/** A call that failed; `code` as `Failure` has it. */
export class ReplayFailed extends Error {
  override readonly name = "ReplayFailed";
  readonly code: string;
  constructor({ code, message }: Failure) {
    super(message);
    this.code = code;
  }
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((progress: Progress) => void) | null;
}

/** A worker of its own, to be ended when its view goes. */
export class ReplayClient {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;

  constructor() {
    this.#worker.addEventListener("message", ({ data }: MessageEvent<Said>) => this.#hear(data));
    this.#worker.addEventListener("error", ({ message }) => this.#failAll({ code: "internal", message }));
  }

  /** @throws ReplayFailed */
  call<K extends CallName>(
    name: K,
    asks: Calls[K]["asks"],
    onProgress: ((progress: Progress) => void) | null = null,
  ): Promise<Calls[K]["gives"]> {
    this.#calls += 1;
    const id = this.#calls;
    return new Promise<Calls[K]["gives"]>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject, onProgress });
      const ask: Asked<K> = { id, name, ...asks };
      this.#worker.postMessage(ask, { transfer: [] });
    });
  }

  close(): void {
    this.#worker.terminate();
    this.#failAll({ code: "closed", message: "the view was left" });
  }

  #hear(said: Said): void {
    const waiting = this.#waiting.get(said.id);
    if (waiting === undefined) return;
    if ("progress" in said) {
      waiting.onProgress?.(said.progress);
      return;
    }
    this.#waiting.delete(said.id);
    if ("failure" in said) waiting.reject(new ReplayFailed(said.failure));
    else waiting.resolve(said.value);
  }

  #failAll(failure: Failure): void {
    for (const { reject } of this.#waiting.values()) reject(new ReplayFailed(failure));
    this.#waiting.clear();
  }
}
