/** Reports on stored alerts (contract §6). */
import { LIMITS } from "../config.ts";
import { storedLoad } from "../reports/stored-load.ts";
import type { Backend } from "./backend.ts";
import { Problem } from "./problem.ts";
import { answers } from "./routes.ts";
import type { HttpApp } from "./routes.ts";
import * as schemas from "./schemas.ts";

const WEEK_MS = 7 * 86_400_000;

export function addReportRoutes(app: HttpApp, { store, site }: Pick<Backend, "store" | "site">): void {
  let underWay = 0;
  app.get(
    "/api/reports/operator-load",
    {
      schema: {
        summary: "How much the alerts ask of the people who watch them, against EEMUA 191's figures",
        querystring: schemas.operatorLoadQuery,
        response: answers(schemas.operatorLoadAnswer, 503),
      },
    },
    async (request, reply) => {
      const { positions = site.operatorPositions } = request.query;
      const to = request.query.to ?? Math.max(site.now(), (request.query.from ?? 0) + 1);
      const from = request.query.from ?? to - WEEK_MS;
      if (to <= from) throw new Problem(400, "invalid", `expected a time after \`from\` (${from}); found ${to}`, "to");
      if (underWay >= LIMITS.report.answers)
        throw new Problem(503, "busy", `${underWay} reports are being made already; try again in a while`);
      underWay += 1;
      try {
        return await reply.send(await storedLoad(store, { from, to, positions, timezone: site.timezone }));
      } finally {
        underWay -= 1;
      }
    },
  );
}
