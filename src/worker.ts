/** Starts worker threads, the same from compiled files and from sources. */
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
