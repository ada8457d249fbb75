/** `GET /api/export/rows`: for `hoistway export`, through the control socket, rows of the running program's store as NDJSON. */
import { Readable } from "node:stream";
import { z } from "zod";
import { LIMITS } from "../config.ts";
import { KINDS, type Row } from "../exchange/kinds.ts";
import { rowsOf } from "../exchange/rows.ts";
import type { Backend } from "./backend.ts";
import { Problem } from "./problem.ts";
import { answers, type HttpApp } from "./routes.ts";

const time = z.coerce.number().int().min(0).optional();
const rowsQuery = z.strictObject({
  kind: z.enum(KINDS),
  from: time,
  to: time,
  fromDay: z.string().optional(),
  toDay: z.string().optional(),
  liftId: z.string().optional().describe("only these lifts, separated by commas"),
});
const rowsAnswer = z.string().describe("a row a line, as files of exports have it; the last line is true: it is whole");

export function addExportRoute(app: HttpApp, { store, monitor }: Pick<Backend, "store" | "monitor">): void {
  let underWay = 0;
  app.get(
    "/api/export/rows",
    { schema: { summary: "Rows of the store", querystring: rowsQuery, response: answers(rowsAnswer, 503) } },
    (request, reply) => {
      if (underWay >= LIMITS.exchange.answers)
        throw new Problem(503, "busy", `${underWay} exports are being read already; try again in a while`);
      underWay += 1;
      const { kind, from = null, to = null, fromDay = null, toDay = null, liftId } = request.query;
      const filter = { from, to, fromDay, toDay, lifts: liftId === undefined ? null : new Set(liftId.split(",")) };
      const lines = Readable.from(textOf(rowsOf(store, kind, filter, monitor.liftIds())), { objectMode: false });
      lines.once("close", () => {
        underWay -= 1;
      });
      return reply.type("application/x-ndjson").send(lines);
    },
  );
}

async function* textOf(batches: AsyncIterable<readonly Row[]>): AsyncGenerator<string> {
  for await (const rows of batches) yield rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  yield "true\n";
}
