/** `POST /api/probe`: where and as whom `hoistway doctor` publishes its probe. */
import { z } from "zod";
import { PROBE_LIFT } from "../core/probe.ts";
import type { Backend } from "./backend.ts";
import { answers, type HttpApp } from "./routes.ts";

export const probeAnswer = z.object({
  liftId: z.string(),
  mqttPort: z.int().nullable().describe("port of the embedded broker; null where an external one is used"),
  username: z.string(),
  token: z.string().describe("for one minute, for this lift"),
  expiresAt: z.int().describe("ms since the epoch"),
});

export function addProbeRoute(app: HttpApp, { probe }: Pick<Backend, "probe">): void {
  app.post(
    "/api/probe",
    { schema: { summary: "Sign-in for the probe of hoistway doctor", response: answers(probeAnswer) } },
    (_request, reply) => reply.send({ liftId: PROBE_LIFT, ...probe() }),
  );
}
