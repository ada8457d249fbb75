/** The thread that renders one report, so that a spreadsheet's second of work holds up no signal. */
import { parentPort, workerData } from "node:worker_threads";
import type { RenderTask } from "./render-thread.ts";
import { render } from "./render.ts";

const { report, format, lang } = workerData as RenderTask;
parentPort?.postMessage(await render(report, format, lang), []);
