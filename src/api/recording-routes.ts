/** `GET /api/export/recording`: a stretch of the journal, to be replayed elsewhere (docs/replay.md). */
import { Readable } from "node:stream";
import { z } from "zod";
import { LIMITS } from "../config.ts";
import { LIFT_ID } from "../core/lift.ts";
import { parsePoint, type Point } from "../recording/stretch.ts";
import type { Backend } from "./backend.ts";
import { Problem } from "./problem.ts";
import { answers, type HttpApp } from "./routes.ts";

const point = z.string().min(1).max(40);
const recordingQuery = z.strictObject({
  from: point.describe("first entry: its number in the journal, ms since the epoch (receivedAt), or an ISO time with its zone"),
  to: point.describe("last entry by its number, or the time before which the stretch ends"),
  liftId: z.string().max(2_000).optional().describe("only these lifts, separated by commas; default all"),
});
const recordingAnswer = z.string().describe("a recording, NDJSON");

export function addRecordingRoute(app: HttpApp, { recording }: Pick<Backend, "recording">): void {
  let underWay = 0;
  app.get(
    "/api/export/recording",
    {
      schema: {
        summary: "A stretch of the journal as a recording",
        querystring: recordingQuery,
        response: answers(recordingAnswer, 404, 503),
      },
    },
    async (request, reply) => {
      const { from, to, liftId } = request.query;
      const lifts = liftId === undefined ? null : liftsOf(liftId);
      if (underWay >= LIMITS.recording.answers)
        throw new Problem(503, "busy", `${underWay} recordings are being read already; try again in a while`);
      underWay += 1;
      let lines: Readable;
      try {
        const { stretch, ...found } = await recording(pointOf("from", from), pointOf("to", to), lifts);
        const entries = stretch.last - stretch.first + 1;
        if (entries <= 0) throw new Problem(404, "no-entries", "the journal has no entries there", "from");
        const most = LIMITS.recording.answerEntries;
        if (entries > most)
          throw new Problem(400, "too-large", `${entries} entries; at most ${most} in one answer: use hoistway export recording`, "to");
        lines = Readable.from(found.lines(), { objectMode: false });
        reply.header("content-disposition", `attachment; filename="entries-${stretch.first}-${stretch.last}.ndjson"`);
      } catch (error) {
        underWay -= 1;
        throw error;
      }
      // Also when the client goes away before the end.
      lines.once("close", () => {
        underWay -= 1;
      });
      return reply.type("application/x-ndjson").send(lines);
    },
  );
}

function pointOf(name: string, text: string): Point {
  const point = parsePoint(text);
  if (point !== null) return point;
  throw new Problem(400, "invalid", "expected the number of an entry, ms since the epoch, or an ISO time with its zone", name);
}

function liftsOf(text: string): ReadonlySet<string> {
  const ids = text.split(",");
  if (ids.every((id) => LIFT_ID.test(id))) return new Set(ids);
  throw new Problem(400, "invalid", "expected ids of lifts, separated by commas", "liftId");
}
