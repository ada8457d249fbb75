/** Trends (contract §6): who gets worse, with exposure and uncertainty. Reports ask the same functions, so their figures are the same. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { LIMITS } from "../config.ts";
import { dayName, dayNumber } from "../core/calendar.ts";
import { evaluationIndex } from "../trends/questions/evaluation.ts";
import { faultRate } from "../trends/questions/fault-rate.ts";
import type { Filters, Population } from "../trends/questions/grouping.ts";
import { rankings } from "../trends/questions/rankings.ts";
import { rescue } from "../trends/questions/rescue.ts";
import { serviceLife } from "../trends/questions/life-curve.ts";
import { COLUMNS, csvOf } from "../trends/questions/table.ts";
import { DAY_MS, type Range } from "../trends/questions/tally.ts";
import type { Backend } from "./backend.ts";
import { Problem } from "./problem.ts";
import { answers } from "./routes.ts";
import type { HttpApp } from "./routes.ts";
import * as schemas from "./trend-schemas.ts";

const MONTHS = 12;

export function addTrendRoutes(app: HttpApp, { trends, site }: Pick<Backend, "trends" | "site">): void {
  let underWay = 0;

  async function ask<T>(question: (population: Population) => Promise<T>): Promise<T> {
    if (underWay >= LIMITS.trends.questions)
      throw new Problem(503, "busy", `${underWay} questions about trends are being answered already; try again in a while`);
    underWay += 1;
    try {
      return await question(await trends.population());
    } finally {
      underWay -= 1;
    }
  }

  /** Days asked for, both inclusive. */
  function rangeOf(population: Population, { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }): Range {
    const last = to === undefined ? population.facts.zone.dayOf(site.now()) : dayNumber(to);
    const first = from === undefined ? monthStart(last, MONTHS - 1) : dayNumber(from);
    if (first > last)
      throw new Problem(400, "invalid", `expected a day not before \`from\` (${dayName(first)}); found ${dayName(last)}`, "to");
    return { first, last };
  }

  function periodOf(population: Population, period: string | undefined): string {
    return period ?? dayName(monthStart(population.facts.zone.dayOf(site.now()), 1)).slice(0, 7);
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
    (request, reply) =>
      ask(async (population) => {
        const { by, bucket, query } = sorted(request.query);
        const found = await faultRate(population, { by, bucket, range: rangeOf(population, query), filters: filtersOf(query) });
        const { rows, next } = pageOf(query, found.total, found.rows);
        return send(request, reply, COLUMNS.faultRate, { from: found.from, to: found.to, rows, next });
      }),
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
    (request, reply) =>
      ask(async (population) => {
        const { by, bucket, query } = sorted(request.query);
        const found = await rescue(population, { by, bucket, range: rangeOf(population, query), filters: filtersOf(query) });
        const { rows, next } = pageOfRows(query, found.rows);
        return send(request, reply, COLUMNS.rescue, { ...found, rows, next });
      }),
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
    (request, reply) =>
      ask(async (population) => {
        const { query } = request;
        const found = await serviceLife(population, { by: query.by, range: rangeOf(population, query), filters: filtersOf(query) });
        const { rows, next } = pageOfRows(query, found.rows);
        return send(request, reply, COLUMNS.serviceLife, { ...found, rows, next });
      }),
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
    (request, reply) =>
      ask(async (population) => {
        const { query } = request;
        const found = await rankings(population, { by: query.by, period: periodOf(population, query.period), filters: filtersOf(query) });
        const { rows, next } = pageOf(query, found.total, found.rows);
        return send(request, reply, COLUMNS.rankings, { ...found, rows, next });
      }),
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
    (request, reply) =>
      ask(async (population) => {
        const { query } = request;
        const found = await evaluationIndex(population, {
          by: query.by,
          period: periodOf(population, query.period),
          filters: filtersOf(query),
          referenceRate: query.referenceRate,
        });
        const { rows, next } = pageOf(query, found.total, found.rows);
        return send(request, reply, COLUMNS.index, { ...found, rows, next });
      }),
  );

  app.post(
    "/api/trends/reload",
    { schema: { summary: "Reads the imported history anew", response: answers(schemas.reloadAnswer, 503) } },
    async (_request, reply) => {
      await trends.reload();
      const { facts } = await trends.population();
      return reply.send({ lifts: facts.liftIds.length, version: facts.version });
    },
  );
}

function sorted<T extends { readonly by: unknown; readonly bucket: unknown }>(query: T): { by: T["by"]; bucket: T["bucket"]; query: T } {
  return { by: query.by, bucket: query.bucket, query };
}

function filtersOf({ district, firm, maker, model, kind, ageBand, building, userUnit, use, liftId }: Filters): Filters {
  return { district, firm, maker, model, kind, ageBand, building, userUnit, use, liftId };
}

/** First day of the month that lies so many before a day's. */
function monthStart(day: number, before: number): number {
  const [year, month] = dayName(day).split("-").map(Number) as [number, number];
  return Date.UTC(year, month - 1 - before, 1) / DAY_MS;
}

interface Page {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** Rows are worked out for each page anew: the cursor is how many came before. */
function pageOf<T>({ limit, after }: Page, total: number, rows: (offset: number, limit: number) => readonly T[]) {
  if (after !== undefined && !/^\d{1,9}$/.test(after))
    throw new Problem(400, "cursor-invalid", "expected `next` of the page before", "after");
  const offset = after === undefined ? 0 : Number(after);
  const end = offset + limit;
  return { rows: rows(offset, limit), next: end < total ? String(end) : null };
}

function pageOfRows<T>(page: Page, rows: readonly T[]) {
  return pageOf(page, rows.length, (offset, limit) => rows.slice(offset, offset + limit));
}

interface Answer {
  readonly rows: readonly object[];
  readonly next: string | null;
}

/** CSV carries the rows alone; where there are more, a header `Link` names the next page. */
function send(
  request: FastifyRequest,
  reply: FastifyReply,
  columns: readonly string[],
  answer: Answer & Readonly<Record<string, unknown>>,
): FastifyReply {
  const { format } = request.query as { readonly format?: "json" | "csv" };
  const wanted = format ?? (/\btext\/csv\b/.test(request.headers.accept ?? "") ? "csv" : "json");
  if (wanted === "json") return reply.send(answer);
  if (answer.next !== null) {
    const [path = "", query = ""] = request.url.split("?");
    const parameters = new URLSearchParams(query);
    parameters.set("after", answer.next);
    void reply.header("link", `<${path}?${parameters.toString()}>; rel="next"`);
  }
  return reply.type("text/csv; charset=utf-8").send(csvOf(columns, answer.rows));
}
