/** What the engineer's view asks beside recordings: limits with their schema, the check of edited ones, and how the pipeline does. */
import { z } from "zod";
import { LIMITS } from "../config.ts";
import { DEFAULT_RULES, rulesSchema } from "../core/rules.ts";
import { examineRulesText } from "../rules/file.ts";
import { changedRulesYaml, rulesJsonSchema } from "../rules/yaml.ts";
import type { Backend } from "./backend.ts";
import { answers, type HttpApp } from "./routes.ts";
import { ledgerAnswer, noQuery } from "./schemas.ts";

const rulesAnswer = z.object({
  inForce: rulesSchema,
  builtIn: rulesSchema,
  schema: z.record(z.string(), z.unknown()).describe("JSON Schema of a rules file: ranges, defaults and sources"),
});
const checkBody = z.strictObject({
  text: z.string().max(LIMITS.http.bodyBytes).describe("a rules file, YAML (or JSON, which is YAML); only what differs is needed"),
});
const checkAnswer = z.object({
  rules: rulesSchema.nullable().describe("all limits, with the version that alerts would carry; null where there is a mistake"),
  yaml: z.string().nullable().describe("the same as a file of what differs from the built-in limits"),
  mistakes: z.array(
    z.object({
      line: z.int().nullable().describe("from 1"),
      path: z.string().describe("dotted path of the key; empty for the whole"),
      message: z.string(),
    }),
  ),
});

const count = z.int().min(0);
const pipelineAnswer = z.object({
  at: z.int().describe("the monitor's time, ms since the epoch"),
  ledger: ledgerAnswer,
  ingress: z.looseObject({ state: z.string(), connections: count, publishes: count, inFlight: count }),
  journal: z.looseObject({ state: z.string(), firstSeq: count, lastSeq: count, sizeBytes: count, pendingRecords: count, damages: count }),
  monitor: z.object({ position: count, changes: count, lifts: count, alerts: count }),
  follower: z
    .looseObject({ offset: count, behindEntries: count, rowsWaiting: count, failures: count, leftS: z.number().nullable() })
    .describe("what carries effects to the store"),
  feed: z.looseObject({ clients: count, frames: count, resumed: count, closedSlow: count }),
  notify: z.looseObject({ pending: count, sent: count, failed: count }).nullable(),
  parts: z.array(z.object({ part: z.string(), ok: z.boolean(), message: z.string().nullable() })),
});

export function addEngineerRoutes(app: HttpApp, backend: Backend): void {
  app.get(
    "/api/rules",
    {
      schema: { summary: "The limits in force, the built-in ones, and their schema", querystring: noQuery, response: answers(rulesAnswer) },
    },
    (_request, reply) => reply.send({ inForce: backend.monitor.rules, builtIn: DEFAULT_RULES, schema: rulesJsonSchema() }),
  );

  app.post(
    "/api/rules/check",
    { schema: { summary: "Checks a rules file; nothing is changed", body: checkBody, response: answers(checkAnswer) } },
    (request, reply) => {
      const { rules, mistakes } = examineRulesText("", request.body.text, backend.site.timezone);
      // Without a version of its own, the file is named by its contents.
      const version = rules === null || /^(limits|builtin)-[0-9a-f]{12}$/.test(rules.version) ? null : rules.version;
      return reply.send({
        rules,
        yaml: rules === null ? null : changedRulesYaml(rules, version),
        mistakes: mistakes.map(({ line, path, message }) => ({ line, path, message })),
      });
    },
  );

  app.get(
    "/api/pipeline",
    { schema: { summary: "How each part of the pipeline does", querystring: noQuery, response: answers(pipelineAnswer) } },
    (_request, reply) => reply.send({ at: backend.site.now(), ...backend.stats(), parts: backend.health() }),
  );
}
