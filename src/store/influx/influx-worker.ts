/** The worker thread of the InfluxDB store, or of a mirror: lines are made, sent and read back here, off the thread that must stay free. */
import { workerData } from "node:worker_threads";
import { serveEngine } from "../engine-thread.ts";
import { withoutSecrets } from "./answers.ts";
import { openInfluxEngine } from "./engine.ts";
import type { InfluxEngineOptions } from "./engine.ts";
import { openMirrorEngine } from "./mirror.ts";
import type { MirrorEngineOptions } from "./mirror.ts";

const options = workerData as InfluxEngineOptions | MirrorEngineOptions;
await serveEngine(`InfluxDB at ${withoutSecrets(options.url)}`, () =>
  "file" in options ? openMirrorEngine(options) : openInfluxEngine(options),
);
