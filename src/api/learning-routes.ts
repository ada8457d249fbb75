/** What is learnt of lifts, and the work orders with which it begins anew (docs/learning.md). */
import type { Backend } from "./backend.ts";
import { Problem } from "./problem.ts";
import { answers, unknownLift, type HttpApp } from "./routes.ts";
import * as schemas from "./schemas.ts";

export function addLearningRoutes(app: HttpApp, backend: Backend): void {
  const { monitor } = backend;

  app.get(
    "/api/lifts/:id/learning",
    {
      schema: {
        summary: "What is learnt of one lift's own normal",
        params: schemas.idParams,
        querystring: schemas.noQuery,
        response: answers(schemas.learningAnswer, 404),
      },
    },
    (request, reply) => reply.send(monitor.learning(request.params.id) ?? unknownLift(request.params.id)),
  );

  app.post(
    "/api/lifts/:id/work-orders",
    {
      schema: {
        summary: "Work was done on a lift: it is journalled with who and when, and what is learnt of the lift begins anew",
        params: schemas.idParams,
        body: schemas.workOrderBody,
        response: answers(schemas.learningAnswer, 404, 503),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { kind, note = null } = request.body;
      const by = request.identity?.person.name;
      if (by === undefined) throw new Problem(401, "not-signed-in", "sign in first");
      if (monitor.learning(id) === null) unknownLift(id);
      await backend.workOrder({ liftId: id, work: kind, by, note }).catch((error: unknown) => {
        throw new Problem(503, "unavailable", `the journal did not take it: ${error instanceof Error ? error.message : String(error)}`);
      });
      return reply.send(monitor.learning(id) ?? unknownLift(id));
    },
  );

  app.get(
    "/api/unusual",
    {
      schema: {
        summary: "Lifts ranked by how unusual their last day was for them; a ranking, never an alarm",
        querystring: schemas.unusualQuery,
        response: answers(schemas.unusualAnswer),
      },
    },
    (request, reply) => reply.send({ lifts: monitor.unusual(request.query.limit) }),
  );
}
