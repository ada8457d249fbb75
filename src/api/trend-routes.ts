/** Trends (contract §6): who gets worse, with exposure and uncertainty. Reports ask the same functions, so their figures are the same. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { LIMITS } from "../config.ts";
import { dayName, dayNumber } from "../core/calendar.ts";
import type { AnswerBytes } from "../trend-messages.ts";
import { ZoneDays } from "../trends/facts/zone-days.ts";
import type { Asked, Wanted } from "../trends/questions/asked.ts";
import type { Filters } from "../trends/questions/grouping.ts";
import { DAY_MS, type Range } from "../trends/questions/tally.ts";
import type { Backend } from "./backend.ts";
import { Problem } from "./problem.ts";
import { answers } from "./routes.ts";
import type { HttpApp } from "./routes.ts";
import * as schemas from "./trend-schemas.ts";

const MONTHS = 12;

export function addTrendRoutes(app: HttpApp, { trends, site }: Pick<Backend, "trends" | "site">): void {
  const zone = new ZoneDays(site.timezone);
  let underWay = 0;

  async function answer(request: FastifyRequest, reply: FastifyReply, asked: Asked): Promise<FastifyReply> {
    if (underWay >= LIMITS.trends.questions)
      throw new Problem(503, "busy", `${underWay} questions about trends are being answered already; try again in a while`);
    const wanted = wantedBy(request);
    underWay += 1;
    try {
      return send(request, reply, wanted, await trends.ask(asked, wanted));
    } finally {
      underWay -= 1;
    }
  }

  /** Days asked for, both inclusive. */
  function rangeOf({ from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }): Range {
    const last = to === undefined ? zone.dayOf(site.now()) : dayNumber(to);
    const first = from === undefined ? monthStart(last, MONTHS - 1) : dayNumber(from);
    if (first > last)
      throw new Problem(400, "invalid", `expected a day not before \`from\` (${dayName(first)}); found ${dayName(last)}`, "to");
    return { first, last };
  }

  function periodOf(period: string | undefined): string {
    return period ?? dayName(monthStart(zone.dayOf(site.now()), 1)).slice(0, 7);
  }

  app.get(
    "/api/trends/fault-rate",
    {
      schema: {
        summary: "Stopping faults by group and time, with exposure, intervals, shrunk rates and fair comparison",
        querystring: schemas.faultRateQuery,
        response: answers(schemas.faultRateAnswer, 503),
      },
    },
    (request, reply) => {
      const { by, bucket, ...query } = request.query;
      return answer(request, reply, { name: "fault-rate", by, bucket, range: rangeOf(query), filters: filtersOf(query) });
    },
  );

  app.get(
    "/api/trends/rescue",
    {
      schema: {
        summary: "People shut in by group and time, and how long the answer, the way and the rescue took",
        querystring: schemas.rescueQuery,
        response: answers(schemas.rescueAnswer, 503),
      },
    },
    (request, reply) => {
      const { by, bucket, ...query } = request.query;
      return answer(request, reply, { name: "rescue", by, bucket, range: rangeOf(query), filters: filtersOf(query) });
    },
  );

  app.get(
    "/api/trends/service-life",
    {
      schema: {
        summary: "Mean number of faults that a lift has had by an age",
        querystring: schemas.serviceLifeQuery,
        response: answers(schemas.serviceLifeAnswer, 503),
      },
    },
    (request, reply) => {
      const { by, ...query } = request.query;
      return answer(request, reply, { name: "service-life", by, range: rangeOf(query), filters: filtersOf(query) });
    },
  );

  app.get(
    "/api/trends/before-after",
    {
      schema: {
        summary: "Stopping faults after work orders, beside what was to be expected had the work changed nothing",
        querystring: schemas.beforeAfterQuery,
        response: answers(schemas.beforeAfterAnswer, 503),
      },
    },
    (request, reply) => {
      const { by, work, days, ...query } = request.query;
      const asOf = query.asOf === undefined ? undefined : dayNumber(query.asOf);
      return answer(request, reply, { name: "before-after", by, work, days, asOf, range: rangeOf(query), filters: filtersOf(query) });
    },
  );

  app.get(
    "/api/rankings",
    {
      schema: {
        summary: "Groups by their shrunk rate at the end of a month, worst first, older months counting less",
        querystring: schemas.rankingsQuery,
        response: answers(schemas.rankingsAnswer, 503),
      },
    },
    (request, reply) => {
      const { by, period, ...query } = request.query;
      return answer(request, reply, { name: "rankings", by, period: periodOf(period), filters: filtersOf(query) });
    },
  );

  app.get(
    "/api/index",
    {
      schema: {
        summary: "Evaluation index on fault rate and service life, with its parts and what it owes to its weights",
        querystring: schemas.indexQuery,
        response: answers(schemas.indexAnswer, 503),
      },
    },
    (request, reply) => {
      const { by, period, referenceRate, ...query } = request.query;
      return answer(request, reply, { name: "index", by, period: periodOf(period), filters: filtersOf(query), referenceRate });
    },
  );

  app.post(
    "/api/trends/reload",
    { schema: { summary: "Reads the imported history anew", response: answers(schemas.reloadAnswer, 503) } },
    async (_request, reply) => reply.send(await trends.reload()),
  );
}

function filtersOf({ district, firm, maker, model, kind, ageBand, building, userUnit, use, liftId }: Filters): Filters {
  return { district, firm, maker, model, kind, ageBand, building, userUnit, use, liftId };
}

/** First day of the month that lies so many before a day's. */
function monthStart(day: number, before: number): number {
  const [year, month] = dayName(day).split("-").map(Number) as [number, number];
  return Date.UTC(year, month - 1 - before, 1) / DAY_MS;
}

/** The cursor is how many rows came before. */
function wantedBy(request: FastifyRequest): Wanted {
  const { limit, after, format } = request.query as {
    readonly limit: number;
    readonly after?: string | undefined;
    readonly format?: "json" | "csv" | undefined;
  };
  if (after !== undefined && !/^\d{1,9}$/.test(after))
    throw new Problem(400, "cursor-invalid", "expected `next` of the page before", "after");
  return {
    offset: after === undefined ? 0 : Number(after),
    limit,
    format: format ?? (/\btext\/csv\b/.test(request.headers.accept ?? "") ? "csv" : "json"),
  };
}

/** CSV carries the rows alone; where there are more, a header `Link` names the next page. */
function send(request: FastifyRequest, reply: FastifyReply, { format }: Wanted, { bytes, next }: AnswerBytes): FastifyReply {
  // Bytes as they are: written as text by the thread that worked them out.
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (format === "json") return reply.type("application/json; charset=utf-8").send(body);
  if (next !== null) {
    const [path = "", query = ""] = request.url.split("?");
    const parameters = new URLSearchParams(query);
    parameters.set("after", next);
    void reply.header("link", `<${path}?${parameters.toString()}>; rel="next"`);
  }
  return reply.type("text/csv; charset=utf-8").send(body);
}
