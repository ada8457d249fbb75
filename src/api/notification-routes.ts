/** What became of notifications, for those who look after the site. */
import type { Backend } from "./backend.ts";
import { answers, type HttpApp } from "./routes.ts";
import * as schemas from "./schemas.ts";

export function addNotificationRoutes(app: HttpApp, backend: Backend): void {
  app.get(
    "/api/notifications",
    {
      schema: {
        summary: "Notifications and what became of them, newest first; empty where none are set up",
        querystring: schemas.notificationsQuery,
        response: answers(schemas.notificationsAnswer),
      },
    },
    (request, reply) => {
      const { alertId, limit } = request.query;
      return reply.send({ notifications: backend.notifications?.recent(alertId ?? null, limit) ?? [] });
    },
  );
}
