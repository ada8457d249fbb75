/** Renders in a thread of its own. */
import { once } from "node:events";
import { LIMITS } from "../config.ts";
import { OperationalError } from "../errors.ts";
import { startWorker } from "../worker.ts";
import type { Report } from "./document.ts";
import type { Language } from "./load-text.ts";
import type { Rendered } from "./render.ts";

export interface RenderTask {
  readonly report: Report;
  readonly format: Rendered;
  readonly lang: Language;
}

/** @throws OperationalError `report-failed` where the thread ends without an answer, or takes longer than LIMITS.report.renderMs. */
export async function renderApart(task: RenderTask): Promise<Buffer> {
  const worker = startWorker("./render-worker", import.meta.url, { workerData: task, name: "report" });
  try {
    const [bytes] = (await once(worker, "message", { signal: AbortSignal.timeout(LIMITS.report.renderMs) })) as [Uint8Array];
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    throw new OperationalError("report-failed", `the report could not be rendered as ${task.format} (${(error as Error).message})`, {
      cause: error,
    });
  } finally {
    await worker.terminate();
  }
}
