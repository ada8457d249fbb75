import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { z } from "zod";
import type { OpenAccess } from "../../src/access/access.ts";
import { openAccess } from "../../src/access/open-access.ts";
import { openHttp } from "../../src/api/http.ts";
import type { OpenedHttp } from "../../src/api/http.ts";
import * as schemas from "../../src/api/schemas.ts";
import { LIMITS } from "../../src/config.ts";
import { OperationalError } from "../../src/errors.ts";
import { createFeed } from "../../src/feed/create-feed.ts";
import { MemoryBackend, call, makeAlert, makeLift } from "./api-double.ts";
import type { Answer } from "./api-double.ts";

let dir: string;
let backend: MemoryBackend;
let access: OpenAccess;
let http: OpenedHttp;
let errors: unknown[];
const tokens = { viewer: "", operator: "", engineer: "" };

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "hoistway-api-"));
  const dashboard = join(dir, "web");
  await mkdir(join(dashboard, "assets"), { recursive: true });
  await writeFile(join(dashboard, "index.html"), "<!doctype html><title>Hoistway</title>");
  await writeFile(join(dashboard, "assets", "app-1a2b.js"), "export {};");
  await writeFile(join(dashboard, ".secret"), "not for the web");
  const clock = { now: () => Date.now() };
  access = await openAccess({ dir: join(dir, "access"), enabled: true, liftIds: [], clock });
  for (const role of ["viewer", "operator", "engineer"] as const) tokens[role] = await access.addPerson(`${role} Li`, role);
  backend = new MemoryBackend();
  errors = [];
  const feed = createFeed({ journalId: "journal-1", clock, activeAlerts: () => [], lastChange: () => 0, changesAfter: async () => [] });
  http = await openHttp({ backend, access, feed, host: "127.0.0.1", port: 0, dashboard, onError: (error) => errors.push(error) });
});
afterEach(async () => {
  await http.close();
  await rm(dir, { recursive: true, force: true });
});

const as = (role: keyof typeof tokens) => ({ authorization: `Bearer ${tokens[role]}` });
const get = (path: string, role: keyof typeof tokens = "viewer"): Promise<Answer> => call(http.url, path, { headers: as(role) });
const acknowledge = (id: string, body?: unknown, role: keyof typeof tokens = "operator"): Promise<Answer> =>
  call(http.url, `/api/alerts/${id}/acknowledge`, { method: "POST", headers: as(role), body });

const acting = (name: string, body?: unknown, id = "A1"): Promise<Answer> =>
  call(http.url, `/api/alerts/${id}/${name}`, { method: "POST", headers: as("operator"), body });

/** The answer, held against the schema that OpenAPI is made from. */
function parsed<T extends z.ZodType>(schema: T, answer: Answer): z.output<T> {
  expect(answer.status, answer.text).toBe(200);
  return schema.parse(answer.json);
}
function expectError(answer: Answer, status: number, code: string, path = ""): string {
  const body = schemas.errorAnswer.parse(answer.json);
  expect({ status: answer.status, code: body.error.code, path: body.error.path }).toEqual({ status, code, path });
  return body.error.message;
}

const raise = (id: string, changes: Parameters<typeof makeAlert>[1] = {}) =>
  backend.add({ at: 5_000, change: "raised", by: null, note: null, alert: makeAlert(id, changes) });
const ids = async (query: string): Promise<string[]> =>
  parsed(schemas.liftsAnswer, await get(`/api/lifts${query}`)).lifts.map(({ liftId }) => liftId);

describe("alerts", () => {
  test("that the store does not have yet are listed, newest first, with those that it has", async () => {
    raise("A1", { raisedAt: 1_000 });
    raise("A2", { raisedAt: 3_000 });
    backend.storedTo = 2;
    raise("A3", { raisedAt: 2_000 });
    backend.add({ at: 6_000, change: "cleared", by: null, note: null, alert: makeAlert("A1", { raisedAt: 1_000, state: "cleared" }) });
    const { alerts, next } = parsed(schemas.alertsAnswer, await get("/api/alerts"));
    expect(alerts.map(({ id, state }) => `${id} ${state}`)).toEqual(["A2 active", "A3 active", "A1 cleared"]);
    expect(next).toBeNull();
    const active = parsed(schemas.alertsAnswer, await get("/api/alerts?state=active"));
    expect(active.alerts.map(({ id }) => id)).toEqual(["A2", "A3"]);
  });

  test("come in pages", async () => {
    for (let n = 0; n < 5; n++) raise(`A${n}`, { raisedAt: 1_000 + n });
    backend.storedTo = 3;
    const first = parsed(schemas.alertsAnswer, await get("/api/alerts?limit=3"));
    expect(first.alerts.map(({ id }) => id)).toEqual(["A4", "A3", "A2"]);
    const second = parsed(schemas.alertsAnswer, await get(`/api/alerts?limit=3&after=${first.next}`));
    expect(second.alerts.map(({ id }) => id)).toEqual(["A1", "A0"]);
    expect(second.next).toBeNull();
  });

  test("are shown one at a time with their whole history, stored or not", async () => {
    raise("A1");
    backend.storedTo = 1;
    backend.add({ at: 6_000, change: "confirmed", by: null, note: null, alert: makeAlert("A1", { occurrences: 2 }) });
    const alert = parsed(schemas.alertWithHistoryAnswer, await get("/api/alerts/A1"));
    expect(alert).toMatchObject({ id: "A1", occurrences: 2 });
    expect(alert.history.map(({ cursor, change, at }) => [cursor, change, at])).toEqual([
      ["journal-1:1", "raised", 5_000],
      ["journal-1:2", "confirmed", 6_000],
    ]);
    backend.storedTo = 2;
    expect(parsed(schemas.alertWithHistoryAnswer, await get("/api/alerts/A1")).history).toHaveLength(2);
    expectError(await get("/api/alerts/A9"), 404, "unknown-alert", "id");
  });

  test("are shown with the readings around them, the values against the limits, and where the journal has both", async () => {
    const raisedAt = 10_000_000;
    raise("A1", {
      raisedAt,
      rule: {
        version: "builtin-1",
        limits: { warnFactor: 1.05, alarmFactor: 1.1, criticalFactor: 1.15, warnAfterMs: 3_000, criticalMps: 2 },
      },
      details: { speedMps: -2.4, factor: 1.2 },
      entries: { first: 50, last: 52 },
    });
    for (const [entry, secondsAfter] of [
      [40, -124],
      [41, -123],
      [51, 0],
      [60, 59],
      [61, 60],
    ] as const) {
      const at = raisedAt + secondsAfter * 1_000;
      backend.readings.push({
        liftId: "L1",
        channel: "speed",
        entry,
        index: 0,
        receivedAt: at,
        late: false,
        reading: { at, seq: entry, boot: "", speedMps: 2 },
      });
    }
    const alert = parsed(schemas.alertWithHistoryAnswer, await get("/api/alerts/A1"));
    // The evidence began 3 s before the raise: two minutes before that, and one minute after the raise.
    expect(alert.around).toEqual({ from: raisedAt - 123_000, to: raisedAt + 60_000, truncated: false });
    expect(alert.readings.map(({ seq }) => seq)).toEqual([41, 51, 60]);
    expect(alert.judged.map(({ name, value, limit, met }) => [name, value, limit, met])).toEqual([
      ["factor", 1.2, 1.05, true],
      ["factor", 1.2, 1.1, true],
      ["factor", 1.2, 1.15, true],
      ["speedMps", 2.4, 2, true],
    ]);
    expect(alert.rationale).toMatchObject({ hazard: "overspeed", respondWithinMs: 180_000 });
    expect(alert.rationale.limits.find(({ name }) => name === "criticalFactor")).toMatchObject({ default: 1.15 });
    expect(alert.journal).toEqual({ first: 41, last: 60, recording: "/api/export/recording?from=41&to=60&liftId=L1" });
  });

  test("say that there are more readings around them than are shown", async () => {
    raise("A1", { raisedAt: 10_000_000 });
    for (let seq = 0; seq <= LIMITS.http.aroundReadings; seq++) {
      const at = 10_000_000 + seq;
      backend.readings.push({
        liftId: "L1",
        channel: "speed",
        entry: seq + 1,
        index: 0,
        receivedAt: at,
        late: false,
        reading: { at, seq, boot: "", speedMps: 2 },
      });
    }
    const { readings, around } = parsed(schemas.alertWithHistoryAnswer, await get("/api/alerts/A1"));
    expect([readings.length, around.truncated]).toEqual([LIMITS.http.aroundReadings, true]);
  });

  test("are acknowledged by the person who is signed in, with their note, and what is read next shows it", async () => {
    raise("A1");
    const alert = parsed(schemas.alertAnswer, await acknowledge("A1", { note: "看到了" }));
    expect(alert).toMatchObject({ id: "A1", acknowledged: true });
    expect(backend.acts).toEqual([
      { act: "acknowledge", alertId: "A1", by: "operator Li", note: "看到了", reason: null, until: null, minutes: null },
    ]);
    expect(parsed(schemas.alertsAnswer, await get("/api/alerts")).alerts[0]?.acknowledged).toBe(true);
    const [, change] = parsed(schemas.alertWithHistoryAnswer, await get("/api/alerts/A1")).history;
    expect(change).toMatchObject({ change: "acknowledged", by: "operator Li", note: "看到了" });
    expect(expectError(await acknowledge("A1"), 409, "forbidden-by-state")).toBe("alert A1 is acknowledged already");
  });

  test("that are cleared leave the monitor when they are acknowledged, and the answer has them all the same", async () => {
    raise("A1", { state: "cleared", clearedAt: 2_000 });
    expect(parsed(schemas.alertAnswer, await acknowledge("A1"))).toMatchObject({ id: "A1", state: "cleared", acknowledged: true });
    expect(backend.monitor.alert("A1")).toBeNull();
  });

  test("are dispatched, arrived at, rescued from and closed in this order; another order is refused", async () => {
    raise("A1", { hazard: "entrapment" });
    expect(expectError(await acting("arrive"), 409, "forbidden-by-state")).toBe("alert A1 has nobody on the way; dispatch first");
    for (const [name, field] of [
      ["dispatch", "dispatchedAt"],
      ["arrive", "arrivedAt"],
      ["rescue", "rescuedAt"],
      ["close", "closedAt"],
    ] as const) {
      const alert = parsed(schemas.alertAnswer, await acting(name, { note: name }));
      expect(alert[field]).toBe(9_000);
      expect(alert.by[name]).toBe("operator Li");
    }
    const { history } = parsed(schemas.alertWithHistoryAnswer, await get("/api/alerts/A1"));
    expect(history.map(({ change }) => change)).toEqual(["raised", "dispatched", "arrived", "rescued", "closed"]);
    expectError(await acting("dispatch"), 409, "forbidden-by-state");
  });

  test("are shelved with a reason and an end, and unshelved; people shut in are never shelved", async () => {
    raise("A1", { hazard: "door-held-open", priority: "low" });
    expectError(await acting("shelve"), 400, "invalid");
    expectError(await acting("shelve", { minutes: 5 }), 400, "invalid", "reason");
    expectError(await acting("shelve", { reason: "  ", minutes: 5 }), 400, "invalid", "reason");
    expectError(await acting("shelve", { reason: "搬家", minutes: 5, until: 99_000 }), 400, "invalid", "minutes");
    expectError(await acting("shelve", { reason: "搬家", minutes: 500 }), 400, "invalid", "minutes");
    expectError(await acting("shelve", { reason: "搬家", until: 5 }), 400, "invalid", "until");
    expectError(await acting("unshelve"), 409, "forbidden-by-state");
    expect(parsed(schemas.alertAnswer, await acting("shelve", { reason: "搬家", until: 609_000 }))).toMatchObject({
      shelvedUntil: 609_000,
      shelvedReason: "搬家",
    });
    expectError(await acting("shelve", { reason: "搬家" }), 409, "forbidden-by-state");
    expect(parsed(schemas.alertAnswer, await acting("unshelve", { note: "已搬完" })).shelvedUntil).toBeNull();
    raise("A2", { hazard: "entrapment" });
    expectError(await acting("shelve", { reason: "误报" }, "A2"), 409, "forbidden-by-state");
    expectError(await call(http.url, "/api/alerts/A2/close", { method: "POST", headers: as("viewer") }), 403, "role-too-low");
  });

  test("are listed by whether they are stale", async () => {
    raise("A1", { stale: true });
    raise("A2");
    const ids = async (query: string) => parsed(schemas.alertsAnswer, await get(`/api/alerts?${query}`)).alerts.map(({ id }) => id);
    expect(await ids("stale=true")).toEqual(["A1"]);
    expect(await ids("stale=false")).toEqual(["A2"]);
    expectError(await get("/api/alerts?stale=maybe"), 400, "invalid", "stale");
  });

  test("cannot be acknowledged when unknown, with a wrong body, or while the journal takes nothing", async () => {
    raise("A1");
    expectError(await acknowledge("A9", {}), 404, "unknown-alert", "id");
    expectError(await acknowledge("A1", { note: 5 }), 400, "invalid", "note");
    expectError(await acknowledge("A1", { note: "x".repeat(2_001) }), 400, "invalid", "note");
    expectError(await acknowledge("A1", { why: "x" }), 400, "invalid", "why");
    expectError(await acknowledge("A1", []), 400, "invalid");
    expectError(await acknowledge("A1", "note=x"), 415, "unsupported-media-type");
    const json = { method: "POST", headers: { ...as("operator"), "content-type": "application/json" } };
    expectError(await call(http.url, "/api/alerts/A1/acknowledge", { ...json, body: "{" }), 400, "invalid");
    expectError(await call(http.url, "/api/alerts/A1/acknowledge", { ...json, body: "x".repeat(70_000) }), 413, "too-large");
    expect(backend.acts.filter(({ alertId }) => alertId === "A1")).toEqual([]);
    backend.actFails = new Error("the disk is full");
    expect(expectError(await acknowledge("A1"), 503, "unavailable")).toContain("the disk is full");
  });
});

describe("lifts", () => {
  beforeEach(() => {
    for (let n = 0; n < 5; n++) backend.lifts.set(`L${n}`, makeLift(`L${n}`, { state: n < 2 ? "silent" : "in-service" }));
    const other = makeLift("L9");
    backend.lifts.set("L9", { ...other, register: { liftId: "L9", district: "浈江", firm: "F2", building: "B2" } });
    backend.lifts.set("L8", makeLift("L8", { register: null, registered: false }));
  });

  test("are listed by id, in pages, and by district, firm, building and state", async () => {
    expect(await ids("")).toEqual(["L0", "L1", "L2", "L3", "L4", "L8", "L9"]);
    expect(await ids("?state=silent")).toEqual(["L0", "L1"]);
    expect(await ids(`?district=${encodeURIComponent("浈江")}`)).toEqual(["L9"]);
    expect(await ids("?firm=F1&building=B1&limit=2")).toEqual(["L0", "L1"]);
    const page = parsed(schemas.liftsAnswer, await get("/api/lifts?limit=6"));
    expect(await ids(`?after=${page.next}`)).toEqual(["L9"]);
  });

  test("are shown one at a time", async () => {
    expect(parsed(schemas.liftAnswer, await get("/api/lifts/L9"))).toMatchObject({ liftId: "L9", register: { district: "浈江" } });
    expectError(await get("/api/lifts/L7"), 404, "unknown-lift", "id");
    expectError(await get(`/api/lifts/${encodeURIComponent("../etc")}`), 404, "unknown-lift", "id");
  });

  test("of a whole city give a page of 1,000, and a search through all of them takes turns", async () => {
    for (let n = 0; n < 16_409; n++) backend.lifts.set(`SG-${String(n).padStart(5, "0")}`, makeLift(`SG-${n}`));
    expect(parsed(schemas.liftsAnswer, await get("/api/lifts?limit=1000&after=SG-10000")).lifts).toHaveLength(1_000);
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 0);
    expect(await ids("?state=unseen")).toEqual([]);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(5);
  });

  test("have readings, with the payload's fields, in pages of any size", async () => {
    for (let seq = 0; seq < 2_345; seq++) {
      const reading = { at: 1_000 + seq, seq, state: "open" as const };
      backend.readings.push({ liftId: "L1", channel: "door", entry: seq, index: 0, receivedAt: 2_000 + seq, late: false, reading });
    }
    const whole = parsed(schemas.readingsAnswer, await get("/api/lifts/L1/readings?limit=100000"));
    expect(whole.readings).toHaveLength(2_345);
    expect(whole.readings[1_999]).toEqual({ channel: "door", receivedAt: 3_999, late: false, at: 2_999, seq: 1_999, state: "open" });
    const page = parsed(schemas.readingsAnswer, await get("/api/lifts/L1/readings?limit=2000&channel=door&from=0&to=9000"));
    const rest = parsed(schemas.readingsAnswer, await get(`/api/lifts/L1/readings?limit=2000&after=${page.next}`));
    expect(page.readings.length + rest.readings.length).toBe(2_345);
    expect(parsed(schemas.readingsAnswer, await get("/api/lifts/L1/readings?channel=speed"))).toEqual({ readings: [], next: null });
    expectError(await get("/api/lifts/L7/readings"), 404, "unknown-lift", "id");
  });
});

describe("wrong questions get an answer that says where", () => {
  test.each([
    ["/api/alerts?limit=0", "limit"],
    ["/api/alerts?limit=10001", "limit"],
    ["/api/alerts?limit=ten", "limit"],
    ["/api/alerts?state=open", "state"],
    ["/api/alerts?hazard=fire", "hazard"],
    ["/api/alerts?from=yesterday", "from"],
    ["/api/alerts?colour=red", "colour"],
    ["/api/alerts?after=x", "after"],
    ["/api/alerts?liftId=a&liftId=b", "liftId"],
    ["/api/lifts?limit=20001", "limit"],
    ["/api/lifts?state=broken", "state"],
    ["/api/lifts/L1/readings?channel=noise", "channel"],
    ["/api/lifts/L1/readings?limit=100001", "limit"],
    ["/api/ledger?x=1", "x"],
  ])("%s", async (path, where) => {
    expect(await get(path)).toMatchObject({ status: 400, json: { error: { code: "invalid", path: where } } });
  });

  test("unknown paths, methods and ids, and what is not HTTP", async () => {
    expectError(await get("/api/nothing"), 404, "not-found");
    expectError(await get("/nothing.html"), 404, "not-found");
    expectError(await call(http.url, "/api/alerts", { method: "PUT", headers: as("viewer") }), 404, "not-found");
    expectError(await get("/api/alerts/%zz"), 400, "invalid");
    const raw = await new Promise<string>((resolve) => {
      const socket = connect(http.port, "127.0.0.1", () => socket.end("NONSENSE\r\n\r\n"));
      let text = "";
      socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
      socket.on("close", () => resolve(text));
    });
    expect(raw).toContain("HTTP/1.1 400");
    expect(schemas.errorAnswer.parse(JSON.parse(raw.split("\r\n\r\n")[1] ?? "")).error.code).toBe("bad-request");
  });

  test("a store that is away is 503 and its message is not shown; a bug is 500 and is reported", async () => {
    backend.storeFails = new OperationalError("store-unavailable", "/var/lib/secret cannot be read");
    expect(expectError(await get("/api/alerts"), 503, "store-unavailable")).not.toContain("secret");
    raise("A1");
    expect(parsed(schemas.alertsAnswer, await get("/api/alerts?state=active")).alerts.map(({ id }) => id)).toEqual(["A1"]);
    backend.storeFails = new OperationalError("cursor-invalid", "after: is not a cursor");
    backend.lifts.set("L1", makeLift("L1"));
    expect(expectError(await get("/api/lifts/L1/readings?after=x"), 400, "cursor-invalid", "after")).toContain("not a cursor");
    backend.storeFails = new TypeError("secret is undefined");
    expect(expectError(await get("/api/alerts"), 500, "internal")).not.toContain("secret");
    expect(errors.map(String)).toEqual([expect.stringContaining("/var/lib/secret"), "TypeError: secret is undefined"]);
  });
});

describe("the state of the program", () => {
  test("health is ok, or names what is down; why, and the version, are for those signed in", async () => {
    const anonymous = await call(http.url, "/api/health");
    expect(anonymous.status).toBe(200);
    expect(schemas.healthAnswer.strict().parse(anonymous.json)).toEqual({
      status: "ok",
      down: [],
      parts: [
        { part: "journal", ok: true },
        { part: "store", ok: true },
      ],
    });
    backend.parts = [{ part: "store", ok: false, message: "no space on /data" }];
    const down = await call(http.url, "/api/health");
    expect(down.status).toBe(503);
    expect(down.text).not.toContain("/data");
    expect(schemas.unhealthyAnswer.parse(down.json)).toMatchObject({
      status: "down",
      down: ["store"],
      error: { code: "unavailable", message: "down: store", path: "" },
    });
    const signedIn = await get("/api/health");
    expect(signedIn.json).toMatchObject({ version: "0.1.0", parts: [{ part: "store", ok: false, message: "no space on /data" }] });
  });

  test("the ledger is the backend's, whole", async () => {
    expect(parsed(schemas.ledgerAnswer.strict(), await get("/api/ledger"))).toEqual(backend.counts);
  });

  test("the quarantine shows the newest rejected readings", async () => {
    const row = {
      index: 0,
      receivedAt: 1,
      topic: "lifts/L1/door",
      source: "L1",
      reason: "payload-not-json",
      path: "",
      message: "m",
      excerpt: "{",
    };
    backend.rejected.push({ entry: 9, ...row }, { entry: 8, ...row });
    expect(parsed(schemas.quarantineAnswer, await get("/api/quarantine?limit=1", "engineer")).quarantine).toEqual([{ entry: 9, ...row }]);
    expectError(await get("/api/quarantine?limit=1001", "engineer"), 400, "invalid", "limit");
  });

  test("metrics are read at scrape time and add up like the ledger", async () => {
    await get("/metrics");
    backend.counts = { ...backend.counts, received: 110, accepted: 107, pending: 102 };
    const { status, headers, text } = await get("/metrics");
    expect(status).toBe(200);
    expect(headers["content-type"]).toContain("text/plain; version=0.0.4");
    expect(text).toMatch(/^hoistway_readings_received_total 110$/m);
    expect(text).toMatch(/^hoistway_readings_accepted_total 107$/m);
    expect(text).toMatch(/^hoistway_readings_pending 102$/m);
    expect(text).toMatch(/^hoistway_journal_ok 1$/m);
    expect(text).toMatch(/^process_cpu_seconds_total /m);
  });

  test("OpenAPI describes every route of the contract from the schemas that the answers are held against", async () => {
    const { status, json } = await get("/api/openapi.json");
    expect(status).toBe(200);
    const document = json as { openapi: string; paths: Record<string, Record<string, Record<string, unknown>>> };
    expect(document.openapi).toBe("3.1.0");
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual([
      "delete /api/credentials/{name}",
      "delete /api/session",
      "get /api/alerts",
      "get /api/alerts/{id}",
      "get /api/backup",
      "get /api/credentials",
      "get /api/export/recording",
      "get /api/export/rows",
      "get /api/fleet",
      "get /api/fleet/buildings",
      "get /api/health",
      "get /api/index",
      "get /api/ledger",
      "get /api/lifts",
      "get /api/lifts/{id}",
      "get /api/lifts/{id}/days",
      "get /api/lifts/{id}/learning",
      "get /api/lifts/{id}/minutes",
      "get /api/lifts/{id}/readings",
      "get /api/notifications",
      "get /api/pipeline",
      "get /api/quarantine",
      "get /api/rankings",
      "get /api/reports/operator-load",
      "get /api/reports/{kind}",
      "get /api/rules",
      "get /api/search",
      "get /api/session",
      "get /api/trends/before-after",
      "get /api/trends/fault-rate",
      "get /api/trends/rescue",
      "get /api/trends/service-life",
      "get /api/unusual",
      "post /api/alerts/{id}/acknowledge",
      "post /api/alerts/{id}/arrive",
      "post /api/alerts/{id}/close",
      "post /api/alerts/{id}/dispatch",
      "post /api/alerts/{id}/rescue",
      "post /api/alerts/{id}/shelve",
      "post /api/alerts/{id}/unshelve",
      "post /api/backup/hold-journal",
      "post /api/backup/hold-store",
      "post /api/credentials",
      "post /api/lifts/{id}/work-orders",
      "post /api/probe",
      "post /api/rules/check",
      "post /api/session",
      "post /api/trends/reload",
    ]);
    expect(document.paths["/api/quarantine"]?.["get"]).toMatchObject({ description: "Role: engineer" });
    expect(document.paths["/api/health"]?.["get"]).toMatchObject({ security: [] });
    expect(JSON.stringify(document.paths["/api/alerts"])).toContain("door-open-while-running");
    const parameters = document.paths["/api/lifts/{id}/readings"]?.["get"]?.["parameters"] as { name: string }[] | undefined;
    const names = (parameters ?? []).map(({ name }) => name);
    expect(names.sort()).toEqual(["after", "channel", "from", "id", "limit", "to"]);
  });
});

const page = (id: string, at: number) =>
  backend.add({ at, change: "raised", by: null, note: null, alert: makeAlert(id, { detectedAt: at }) });

describe("the operator load report", () => {
  const DAY = 86_400_000;
  const now = 1_800_000_000_000;

  test("is of the week until now where nothing else is asked for, shared by the site's positions", async () => {
    page("A0", now - 8 * DAY);
    page("A1", now - 7 * DAY);
    page("A2", now - 1);
    backend.storedTo = 3;
    const report = parsed(schemas.operatorLoadAnswer, await get("/api/reports/operator-load"));
    expect(report).toMatchObject({ from: now - 7 * DAY, to: now, positions: 2, pages: 2, verdict: "acceptable" });
    // A0 stands since before the period.
    expect(report.stale.longest.map(({ id }) => id)).toEqual(["A0", "A1"]);
  });

  test("is made for so many at a time, and for the next when one is done", async () => {
    const most = LIMITS.report.answers;
    const answers = await Promise.all(Array.from({ length: most + 3 }, () => get("/api/reports/operator-load")));
    const refused = answers.filter(({ status }) => status === 503);
    for (const answer of refused) expectError(answer, 503, "busy");
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(most);
    expect((await get("/api/reports/operator-load")).status).toBe(200);
  });

  test("takes a period and a number of positions, and refuses one that ends before it begins or is too long", async () => {
    page("A1", now - 2 * DAY);
    backend.storedTo = 1;
    const query = `from=${now - 3 * DAY}&to=${now - DAY}&positions=1`;
    expect(parsed(schemas.operatorLoadAnswer, await get(`/api/reports/operator-load?${query}`))).toMatchObject({
      pages: 1,
      perDay: { average: 0.5 },
    });
    expectError(await get(`/api/reports/operator-load?from=${now}&to=${now}`), 400, "invalid", "to");
    expectError(await get("/api/reports/operator-load?positions=0"), 400, "invalid", "positions");
    expectError(await get(`/api/reports/operator-load?from=0&to=${now}`), 400, "query-too-large");
  });
});

describe("the page", () => {
  test("is served, its hashed files may be kept, and nothing beside it can be had", async () => {
    const page = await call(http.url, "/");
    expect(page.status).toBe(200);
    expect(page.headers["content-type"]).toContain("text/html");
    expect(page.headers["cache-control"]).toBe("no-cache");
    const script = await call(http.url, "/assets/app-1a2b.js");
    expect(script.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(script.headers["content-type"]).toContain("javascript");
    for (const path of [
      "/.secret",
      "/%2esecret",
      "/../access/credentials.json",
      "/..%2faccess%2fcredentials.json",
      "/assets/../../access/admin-token",
      "/assets/",
    ]) {
      const answer = await call(http.url, path);
      expect([403, 404], path).toContain(answer.status);
      expect(answer.text).not.toContain("not for the web");
      expect(answer.text).not.toContain((await readFile(join(dir, "access", "admin-token"), "utf8")).trim());
    }
  });

  test("that was not built says so", async () => {
    const feed = createFeed({
      journalId: "j",
      clock: { now: () => 0 },
      activeAlerts: () => [],
      lastChange: () => 0,
      changesAfter: async () => [],
    });
    const bare = await openHttp({ backend, access, feed, host: "127.0.0.1", port: 0, dashboard: join(dir, "missing") });
    expect(expectError(await call(bare.url, "/"), 404, "not-found")).toContain("npm run build");
    await bare.close();
  });
});

test("a port that is taken is an operational error", async () => {
  const feed = createFeed({
    journalId: "j",
    clock: { now: () => 0 },
    activeAlerts: () => [],
    lastChange: () => 0,
    changesAfter: async () => [],
  });
  const opening = openHttp({ backend, access, feed, host: "127.0.0.1", port: http.port, dashboard: null });
  await expect(opening).rejects.toMatchObject({ name: "OperationalError", code: "port-taken" });
  feed.close();
});
