import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openAccess } from "../../src/access/open-access.ts";
import { openHttp, type OpenedHttp } from "../../src/api/http.ts";
import * as schemas from "../../src/api/schemas.ts";
import { createFeed } from "../../src/feed/create-feed.ts";
import { MemoryBackend, call, type Answer } from "./api-double.ts";

let dir: string;
let backend: MemoryBackend;
let http: OpenedHttp;
const tokens = { viewer: "", operator: "" };

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "hoistway-api-learning-"));
  const clock = { now: () => Date.now() };
  const access = await openAccess({ dir: join(dir, "access"), enabled: true, liftIds: [], clock });
  for (const role of ["viewer", "operator"] as const) tokens[role] = await access.addPerson(`${role} Li`, role);
  backend = new MemoryBackend();
  const feed = createFeed({ journalId: "journal-1", clock, activeAlerts: () => [], lastChange: () => 0, changesAfter: async () => [] });
  http = await openHttp({ backend, access, feed, host: "127.0.0.1", port: 0, dashboard: dir, onError: () => undefined });
  backend.learnt.set("L1", {
    liftId: "L1",
    signals: [
      {
        signal: "frontCloseMs",
        unit: "ms",
        state: "steady",
        days: 30,
        baseline: 2_600,
        sdPercent: 1.2,
        newest: 2_610,
        statistic: 0.4,
        threshold: 10.34,
        past: [
          { value: 2_590, ofThreshold: 0 },
          { value: null, ofThreshold: null },
          { value: 2_610, ofThreshold: 0.05 },
        ],
      },
    ],
    unusual: { score: 0.6, hours: 24, peak: { score: 2.1, stream: "usage", value: 80, at: 1_800_000_000_000 } },
    workAt: null,
  });
});
afterEach(async () => {
  await http.close();
  await rm(dir, { recursive: true, force: true });
});

const as = (role: keyof typeof tokens) => ({ authorization: `Bearer ${tokens[role]}` });
const order = (id: string, body: unknown, role: keyof typeof tokens = "operator"): Promise<Answer> =>
  call(http.url, `/api/lifts/${id}/work-orders`, { method: "POST", headers: as(role), body });

test("what is learnt of a lift is shown, and an unknown lift is 404", async () => {
  const answer = await call(http.url, "/api/lifts/L1/learning", { headers: as("viewer") });
  expect(schemas.learningAnswer.parse(answer.json)).toEqual(backend.learnt.get("L1"));
  expect((await call(http.url, "/api/lifts/L9/learning", { headers: as("viewer") })).status).toBe(404);
});

test("a work order is journalled with who gave it, and the answer shows that learning began anew", async () => {
  const answer = await order("L1", { kind: "repair", note: "门机皮带更换" });
  expect(answer.status, answer.text).toBe(200);
  expect(backend.workOrders).toEqual([{ liftId: "L1", work: "repair", by: "operator Li", note: "门机皮带更换" }]);
});

test("a work order needs an operator, a known lift and a known kind", async () => {
  expect((await order("L1", { kind: "repair" }, "viewer")).status).toBe(403);
  expect((await order("L9", { kind: "repair" })).status).toBe(404);
  expect((await order("L1", { kind: "painting" })).status).toBe(400);
  expect((await order("L1", {})).status).toBe(400);
  expect(backend.workOrders).toEqual([]);
});

test("a work order that the journal does not take is 503", async () => {
  backend.actFails = new Error("the disk is full");
  expect((await order("L1", { kind: "maintenance" })).status).toBe(503);
});

test("lifts are ranked by how unusual their day was, as many as asked for", async () => {
  const answer = await call(http.url, "/api/unusual?limit=1", { headers: as("viewer") });
  expect(schemas.unusualAnswer.parse(answer.json).lifts.map(({ liftId }) => liftId)).toEqual(["L1"]);
  expect((await call(http.url, "/api/unusual?limit=0", { headers: as("viewer") })).status).toBe(400);
});
