/** Operators' acts on alerts (contract §6, docs/alerts.md): each is durable in the journal, with who and when, before it takes effect. */
import type { FastifyRequest } from "fastify";
import { ACTS, type Act, type ActName } from "../core/entry.ts";
import type { Alert } from "../core/effects.ts";
import type { Backend } from "./backend.ts";
import { Problem } from "./problem.ts";
import { answers, unknownAlert, type HttpApp } from "./routes.ts";
import * as schemas from "./schemas.ts";

const SUMMARIES: Readonly<Record<ActName, string>> = {
  acknowledge: "Acknowledge an alert",
  shelve: "Shelve an active alert for a time, with a reason; never one about people shut in",
  unshelve: "End a shelving",
  dispatch: "Somebody has been sent; acknowledges too",
  arrive: "Whoever was sent is there",
  rescue: "The people are out",
  close: "Close an alert; one that is not over needs a reason",
};

/** The bodies of all acts, taken together. */
interface Words {
  readonly note?: string | null | undefined;
  readonly reason?: string | null | undefined;
  readonly until?: number | null | undefined;
  readonly minutes?: number | null | undefined;
}

export function addActRoutes(app: HttpApp, backend: Backend): void {
  for (const act of ACTS) {
    app.post(
      `/api/alerts/:id/${act}`,
      {
        schema: {
          summary: SUMMARIES[act],
          params: schemas.idParams,
          body: schemas.actBodies[act],
          response: answers(schemas.alertAnswer, 404, 409, 503),
        },
      },
      async (request, reply) => reply.send(await perform(backend, act, request.params.id, personOf(request), request.body ?? {})),
    );
  }
}

/** @throws Problem 400, 404, 409 or 503. */
async function perform(backend: Backend, act: ActName, alertId: string, by: string, words: Words): Promise<Alert> {
  const { note = null, reason = null, until = null, minutes = null } = words;
  const entry: Act = { act, alertId, by, note, reason, until, minutes };
  const outcome = await backend.act(entry).catch((error: unknown) => {
    throw new Problem(503, "unavailable", `the journal did not take it: ${error instanceof Error ? error.message : String(error)}`);
  });
  const alert = await newest(backend, alertId);
  if (alert === null) throw unknownAlert(alertId);
  // The monitor lets go of an alert that is over; that is a state which forbids the act, and the alert is still there to be read.
  if (outcome.code === "unknown-alert") throw new Problem(409, "forbidden-by-state", `alert ${alertId} is over`);
  if (outcome.code === "invalid") throw new Problem(400, "invalid", outcome.message, until === null ? "minutes" : "until");
  if (!outcome.ok) throw new Problem(409, outcome.code, outcome.message);
  return alert;
}

async function newest(backend: Backend, id: string): Promise<Alert | null> {
  return backend.monitor.alert(id) ?? backend.recentChanges(id).at(-1)?.alert ?? (await backend.store.history(id)).at(-1)?.alert ?? null;
}

function personOf(request: FastifyRequest): string {
  const by = request.identity?.person.name;
  if (by === undefined) throw new Problem(401, "not-signed-in", "sign in first");
  return by;
}
