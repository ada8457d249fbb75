/** A lift's past as roll-ups, for who looks at days and years: minutes and days, as the store keeps them (docs/schema.md). */
import type { Backend } from "./backend.ts";
import { jsonPage } from "./json-page.ts";
import { answers, unknownLift, type HttpApp } from "./routes.ts";
import * as schemas from "./schemas.ts";

export function addHistoryRoutes(app: HttpApp, { monitor, store }: Pick<Backend, "monitor" | "store">): void {
  app.get(
    "/api/lifts/:id/minutes",
    {
      schema: {
        summary: "What one lift said, minute by minute: also of readings that are dropped by now",
        params: schemas.idParams,
        querystring: schemas.minutesQuery,
        response: answers(schemas.minutesAnswer, 404, 503),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (monitor.lift(id) === null) unknownLift(id);
      const { rows, next } = await store.minutes({ ...request.query, liftId: id });
      return reply.type("application/json; charset=utf-8").send(jsonPage("minutes", rows, next, (row) => row));
    },
  );

  app.get(
    "/api/lifts/:id/days",
    {
      schema: {
        summary: "Counts of one lift, day by day of the site's zone",
        params: schemas.idParams,
        querystring: schemas.daysQuery,
        response: answers(schemas.daysAnswer, 404, 503),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (monitor.lift(id) === null) unknownLift(id);
      return reply.send({ days: await store.days({ ...request.query, liftId: id }) });
    },
  );
}
