/** Reports on stored alerts (contract §6). */
import { LIMITS } from "../config.ts";
import { UsageError } from "../errors.ts";
import type { ReportKind } from "../reports/document.ts";
import { periodOf, type Period } from "../reports/period.ts";
import { renderApart } from "../reports/render-thread.ts";
import { fileName, TYPES } from "../reports/render.ts";
import { storedLoad } from "../reports/stored-load.ts";
import { ZoneDays } from "../trends/facts/zone-days.ts";
import type { Backend } from "./backend.ts";
import { Problem } from "./problem.ts";
import { answers } from "./routes.ts";
import type { HttpApp } from "./routes.ts";
import * as schemas from "./schemas.ts";

const WEEK_MS = 7 * 86_400_000;

export function addReportRoutes(app: HttpApp, { store, site, reports }: Pick<Backend, "store" | "site" | "reports">): void {
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

  app.get(
    "/api/reports/:kind",
    {
      schema: {
        summary: "Daily control, weekly check or monthly review of the city, a district, a firm or a user unit",
        params: schemas.reportParams,
        querystring: schemas.reportQuery,
        response: answers(schemas.reportAnswer, 503),
      },
    },
    async (request, reply) => {
      const { date, format, lang, ...scope } = request.query;
      const report = await reports.make(periodFor(request.params.kind, date), scope);
      const bytes = await renderApart({ report, format, lang });
      if (format === "csv" || format === "xlsx")
        void reply.header("content-disposition", `attachment; filename="${fileName(report.kind, report.period.name, format, lang)}"`);
      // The page has its style within it, and neither script nor picture from outside.
      if (format === "html")
        void reply.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox");
      return reply.type(TYPES[format]).send(bytes);
    },
  );

  function periodFor(kind: ReportKind, date: string | undefined): Period {
    try {
      return periodOf(kind, date, new ZoneDays(site.timezone).dayOf(site.now()));
    } catch (error) {
      if (error instanceof UsageError) throw new Problem(400, "invalid", error.message.replace(/^date: /, ""), "date");
      throw error;
    }
  }
}
