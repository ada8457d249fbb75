/** What the engineer's view asks beside recordings: limits, their check, and how the pipeline does. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openAccess } from "../../src/access/open-access.ts";
import { openHttp, type OpenedHttp } from "../../src/api/http.ts";
import { DEFAULT_RULES, type Rules } from "../../src/core/rules.ts";
import { createFeed } from "../../src/feed/create-feed.ts";
import { MemoryBackend, call, type Answer } from "./api-double.ts";

let dir: string;
let backend: MemoryBackend;
let http: OpenedHttp;
const tokens = { viewer: "", operator: "", engineer: "" };

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "hoistway-api-engineer-"));
  const clock = { now: () => Date.now() };
  const access = await openAccess({ dir: join(dir, "access"), enabled: true, liftIds: [], clock });
  for (const role of ["viewer", "operator", "engineer"] as const) tokens[role] = await access.addPerson(`${role} Li`, role);
  backend = new MemoryBackend();
  const feed = createFeed({ journalId: "journal-1", clock, activeAlerts: () => [], lastChange: () => 0, changesAfter: async () => [] });
  http = await openHttp({ backend, access, feed, host: "127.0.0.1", port: 0, dashboard: dir, onError: () => undefined });
});
afterEach(async () => {
  await http.close();
  await rm(dir, { recursive: true, force: true });
});

const as = (role: keyof typeof tokens) => ({ authorization: `Bearer ${tokens[role]}` });
const check = (text: unknown, role: keyof typeof tokens = "engineer"): Promise<Answer> =>
  call(http.url, "/api/rules/check", { method: "POST", headers: as(role), body: { text } });

interface Checked {
  readonly rules: Rules | null;
  readonly yaml: string | null;
  readonly mistakes: readonly { readonly line: number | null; readonly path: string; readonly message: string }[];
}

test("limits are told with the built-in ones and a schema that gives each its range, default and source, to engineers only", async () => {
  const { status, json } = await call(http.url, "/api/rules", { headers: as("engineer") });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    inForce: DEFAULT_RULES,
    builtIn: DEFAULT_RULES,
    schema: {
      properties: { overspeed: { properties: { warnFactor: { minimum: 1, maximum: 3, default: 1.05, description: "domain.md §2" } } } },
    },
  });
  expect((await call(http.url, "/api/rules", { headers: as("operator") })).status).toBe(403);
  expect((await check("", "operator")).status).toBe(403);
});

test("edited limits are checked as the rules file is, and given back as a file of what differs", async () => {
  const good = (await check("overspeed:\n  warnFactor: 1.07\n")).json as Checked;
  expect(good.mistakes).toEqual([]);
  expect(good.rules).toMatchObject({ version: expect.stringMatching(/^limits-[0-9a-f]{12}$/) as string, overspeed: { warnFactor: 1.07 } });
  expect(good.yaml).toContain("\noverspeed:\n");
  expect(good.yaml).not.toContain("version:");
  // As the page sends its form; the file that comes back says the same.
  const again = (await check(JSON.stringify({ overspeed: good.rules?.overspeed }))).json as Checked;
  expect(again).toEqual(good);
  expect((await check(good.yaml)).json).toEqual(good);
  expect(((await check("version: site-2\n")).json as Checked).yaml).toContain("version: site-2");
});

test("each mistake is told with its line and path", async () => {
  const bad = (await check("overspeed:\n  warnFactor: 9\n  nonsense: 1\nentrapment:\n  suspectedAfterMs: soon\n")).json as Checked;
  expect(bad).toMatchObject({ rules: null, yaml: null });
  expect(bad.mistakes.map(({ line, path }) => [line, path])).toEqual(
    expect.arrayContaining([
      [2, "overspeed.warnFactor"],
      [3, "overspeed.nonsense"],
      [5, "entrapment.suspectedAfterMs"],
    ]),
  );
  const contradiction = (await check("overspeed: { warnFactor: 1.2 }")).json as Checked;
  expect(contradiction.mistakes).toMatchObject([{ path: "overspeed.alarmFactor" }]);
  expect(((await check("a: [")).json as Checked).mistakes).toHaveLength(1);
  expect((await check(7)).status).toBe(400);
});

test("the pipeline is told part by part, with a ledger that adds up", async () => {
  const { status, json } = await call(http.url, "/api/pipeline", { headers: as("viewer") });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    at: 1_800_000_000_000,
    ledger: { received: 10, stored: 5, pending: 2 },
    journal: { state: "ok", lastSeq: 99 },
    follower: { behindEntries: 9 },
    parts: [{ part: "journal", ok: true }, { part: "store" }],
  });
});
