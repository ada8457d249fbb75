/** The REST reads of contract §6. */
import type { FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from "fastify";
import type { FastifyBaseLogger } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { z } from "zod";
import { fleetSchema } from "../core/fleet.ts";
import type { Change } from "../core/effects.ts";
import type { Metrics } from "../metrics.ts";
import { explain, shown } from "./alert-explained.ts";
import { alertPage } from "./alert-page.ts";
import type { Backend } from "./backend.ts";
import { jsonPage } from "./json-page.ts";
import { liftPage } from "./lift-page.ts";
import { Problem, errorBody } from "./problem.ts";
import * as schemas from "./schemas.ts";

export type HttpApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Schemas of the answers, for OpenAPI only: they are not run on the way out, which would cost more than the query. */
export function answers(ok: z.ZodType, ...errors: readonly (404 | 409 | 503)[]): Record<number, unknown> {
  const refused = [400, 401, 403, ...errors].map((status): [number, unknown] => [status, schemas.errorAnswer]);
  return Object.fromEntries<unknown>([[200, ok], ...refused]);
}

const healthAnswers: Record<number, unknown> = { 200: schemas.healthAnswer, 503: schemas.unhealthyAnswer };
const JSON_TYPE = "application/json; charset=utf-8";

export function addLiftRoutes(app: HttpApp, { monitor, store }: Backend): void {
  app.get(
    "/api/lifts",
    { schema: { summary: "Register and last known state", querystring: schemas.liftsQuery, response: answers(schemas.liftsAnswer) } },
    async (request, reply) => {
      const { rows, next } = await liftPage(monitor, request.query);
      return reply.type(JSON_TYPE).send(jsonPage("lifts", rows, next, (lift) => lift));
    },
  );

  app.get(
    "/api/lifts/:id",
    { schema: { summary: "One lift", params: schemas.idParams, querystring: schemas.noQuery, response: answers(schemas.liftAnswer, 404) } },
    (request, reply) => reply.send(monitor.lift(request.params.id) ?? unknownLift(request.params.id)),
  );

  app.get(
    "/api/lifts/:id/readings",
    {
      schema: {
        summary: "Readings of one lift by device time",
        params: schemas.idParams,
        querystring: schemas.readingsQuery,
        response: answers(schemas.readingsAnswer, 404, 503),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (monitor.lift(id) === null) unknownLift(id);
      const { rows, next } = await store.readings({ ...request.query, liftId: id });
      const page = jsonPage("readings", rows, next, shown);
      return reply.type(JSON_TYPE).send(page);
    },
  );
}

export function addAlertRoutes(app: HttpApp, backend: Backend): void {
  const { store, journalId } = backend;

  /** All changes of an alert, oldest first: the store's, then those that have not got there. */
  async function history(id: string): Promise<readonly Change[]> {
    // Before the query: what the store commits meanwhile is then in both, and nothing is in neither.
    const recent = backend.recentChanges(id);
    const stored = await store.history(id);
    const last = stored.at(-1)?.n ?? 0;
    return [...stored, ...recent.filter((change) => change.n > last)];
  }

  app.get(
    "/api/alerts",
    {
      schema: {
        summary: "Alerts, newest first; what has just happened is in them",
        querystring: schemas.alertsQuery,
        response: answers(schemas.alertsAnswer, 503),
      },
    },
    async (request, reply) => {
      const { rows, next } = await alertPage(store, backend.recentAlerts(), request.query);
      return reply.type(JSON_TYPE).send(jsonPage("alerts", rows, next, (alert) => alert));
    },
  );

  app.get(
    "/api/alerts/:id",
    {
      schema: {
        summary: "One alert with its whole history, the readings around it and what it was judged by",
        params: schemas.idParams,
        querystring: schemas.noQuery,
        response: answers(schemas.alertWithHistoryAnswer, 404, 503),
      },
    },
    async (request, reply) => {
      const changes = await history(request.params.id);
      const last = changes.at(-1);
      if (last === undefined) throw unknownAlert(request.params.id);
      return reply.send({
        ...last.alert,
        history: changes.map(({ n, change, by, note, at, alert }) => ({ cursor: `${journalId}:${n}`, change, by, note, at, alert })),
        ...(await explain(store, last.alert)),
      });
    },
  );
}

export function addStatusRoutes(app: HttpApp, backend: Backend, metrics: Metrics): void {
  app.get(
    "/api/health",
    {
      schema: {
        summary: "Whether every part works; details for those who are signed in",
        querystring: schemas.noQuery,
        response: healthAnswers,
      },
    },
    (request, reply) => {
      const signedIn = request.identity !== null;
      const parts = backend.health();
      const down = parts.filter((part) => !part.ok).map(({ part }) => part);
      const body = {
        status: down.length === 0 ? "ok" : "down",
        ...(signedIn ? { version: backend.version } : {}),
        down,
        parts: parts.map(({ part, ok, message }) => (signedIn ? { part, ok, message } : { part, ok })),
      };
      if (down.length === 0) return reply.send(body);
      return reply.code(503).send({ ...body, ...errorBody("unavailable", `down: ${down.join(", ")}`) });
    },
  );

  app.get(
    "/api/fleet",
    { schema: { summary: "Lifts counted by state and district", querystring: schemas.noQuery, response: answers(fleetSchema) } },
    (_request, reply) => reply.send(backend.monitor.fleet()),
  );

  app.get(
    "/api/ledger",
    { schema: { summary: "What became of every reading", querystring: schemas.noQuery, response: answers(schemas.ledgerAnswer) } },
    (_request, reply) => reply.send(backend.ledger()),
  );

  app.get(
    "/api/quarantine",
    {
      schema: {
        summary: "The newest rejected readings, with the reason",
        querystring: schemas.quarantineQuery,
        response: answers(schemas.quarantineAnswer, 503),
      },
    },
    async (request, reply) => reply.send({ quarantine: await backend.store.quarantined(request.query.limit) }),
  );

  app.get("/metrics", { schema: { hide: true, querystring: schemas.noQuery } }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );

  app.get("/api/openapi.json", { schema: { hide: true, querystring: schemas.noQuery } }, (_request, reply) => reply.send(app.swagger()));
}

export function unknownLift(id: string): never {
  throw new Problem(404, "unknown-lift", `no lift ${JSON.stringify(id)} is registered or has been heard`, "id");
}

export function unknownAlert(id: string): Problem {
  return new Problem(404, "unknown-alert", `there is no alert ${JSON.stringify(id)}`, "id");
}
