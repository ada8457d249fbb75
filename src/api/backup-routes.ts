/** For `hoistway backup`, through the control socket: an open answer keeps the journal, or the store, as it is until its reader goes away. */
import { Readable } from "node:stream";
import { z } from "zod";
import type { Hold } from "../backup/holds.ts";
import { LIMITS } from "../config.ts";
import { OperationalError } from "../errors.ts";
import type { Backend } from "./backend.ts";
import { Problem } from "./problem.ts";
import { answers, type HttpApp } from "./routes.ts";

export const extentAnswer = z.object({
  journalId: z.string(),
  version: z.string(),
  firstSeq: z.int(),
  position: z.int().describe("newest durable entry of the journal"),
  store: z.enum(["embedded", "influx"]),
  storeOffset: z.int().describe("newest entry whose effects the store has"),
  files: z.array(z.object({ name: z.string(), bytes: z.int() })).describe("segments of the journal, and their bytes up to that entry"),
});
const heldAnswer = z.string().describe("a line with a brace once it is held, and empty lines for as long as it is");

export function addBackupRoutes(app: HttpApp, { holds }: Pick<Backend, "holds">): void {
  app.get("/api/backup", { schema: { summary: "How far the data directory is", response: answers(extentAnswer) } }, (_request, reply) =>
    reply.send(holds.extent()),
  );
  app.post(
    "/api/backup/hold-journal",
    { schema: { summary: "Keeps the journal and the snapshots from being deleted", response: answers(heldAnswer, 409) } },
    async (_request, reply) => reply.type("application/x-ndjson").send(whileRead(await held(holds.journal()))),
  );
  app.post(
    "/api/backup/hold-store",
    { schema: { summary: "Keeps the store from being written to", response: answers(heldAnswer, 409) } },
    async (_request, reply) => reply.type("application/x-ndjson").send(whileRead(await held(holds.store()))),
  );
}

async function held(hold: Promise<Hold>): Promise<Hold> {
  try {
    return await hold;
  } catch (error) {
    if (error instanceof OperationalError && error.code === "backup-running") throw new Problem(409, error.code, error.message);
    throw error;
  }
}

function whileRead(hold: Hold): Readable {
  const lines = new Readable({ read: () => undefined });
  const beat = setInterval(() => lines.push("\n"), LIMITS.backup.beatMs);
  const end = setTimeout(() => lines.push(null), LIMITS.backup.holdMs);
  lines.once("close", () => {
    clearInterval(beat);
    clearTimeout(end);
    hold.release();
  });
  lines.push("{}\n");
  return lines;
}
