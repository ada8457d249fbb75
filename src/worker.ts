/** Starts worker threads, the same from compiled files and from sources. */
import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { Worker, type WorkerOptions } from "node:worker_threads";

/**
 * Starts the thread whose module is `name` ("./worker", without extension) beside the module at `from` (its import.meta.url).
 * From compiled files it is the .js file. From sources (tests, development) it is the .ts file, behind tsx, which `--import`
 * does not bring into a thread on Node 20.
 */
export function startWorker(name: string, from: string, options: WorkerOptions): Worker {
  if (!from.endsWith(".ts")) return new Worker(new URL(`${name}.js`, from), options);
  const source = JSON.stringify(new URL(`${name}.ts`, from).href);
  const tsx = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const module = `import { register } from ${tsx}; register(); await import(${source});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(module)}`), options);
}

/** Of nice(1). On a small machine a batch or a question would take a core from ingest and detection, and alerts would wait for it. */
const NICENESS = 10;

/** Called in a thread: lets the others go first. Only Linux gives each thread a priority of its own; elsewhere all stay equal. */
export function giveWay(): void {
  try {
    const threadId = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
    setPriority(threadId, NICENESS);
  } catch {
    // No such file there, or not allowed: the thread works all the same.
  }
}
