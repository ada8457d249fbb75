/** The embedded store's worker thread: the only owner of the DuckDB file in this process. */
import { workerData } from "node:worker_threads";
import { serveEngine } from "./engine-thread.ts";
import { openEngine } from "./engine.ts";
import type { EmbeddedOptions } from "./engine.ts";

const options = workerData as EmbeddedOptions;
await serveEngine(options.file, () => openEngine(options));
