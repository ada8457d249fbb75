/** What the page's views ask for: minutes and days of a lift, search, and buildings; and the addresses under which the page is served. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openAccess } from "../../src/access/open-access.ts";
import { openHttp, type OpenedHttp } from "../../src/api/http.ts";
import * as schemas from "../../src/api/schemas.ts";
import { createFeed } from "../../src/feed/create-feed.ts";
import { MemoryBackend, call, makeLift, type Answer } from "./api-double.ts";

function register(liftId: string, building: string, address: string, district = "武江") {
  return { liftId, building, address, district };
}

let dir: string;
let backend: MemoryBackend;
let http: OpenedHttp;
let token: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "hoistway-api-views-"));
  await writeFile(join(dir, "index.html"), "<!doctype html><title>page</title>");
  const clock = { now: () => Date.now() };
  const access = await openAccess({ dir: join(dir, "access"), enabled: true, liftIds: [], clock });
  token = await access.addPerson("viewer Li", "viewer");
  backend = new MemoryBackend();
  const feed = createFeed({ journalId: "journal-1", clock, activeAlerts: () => [], lastChange: () => 0, changesAfter: async () => [] });
  for (const lift of [
    makeLift("SG-100", { register: register("SG-100", "西河大厦1座", "韶关市西河路1号"), state: "faulted" }),
    makeLift("SG-200", { register: register("SG-200", "西河大厦1座", "韶关市西河路1号") }),
    makeLift("SG-300", { register: register("SG-300", "Riverside Tower", "2 West Road") }),
    makeLift("QJ-100", { register: register("QJ-100", "马坝花园", "韶关市曲江1号", "曲江"), state: "silent" }),
  ]) {
    backend.lifts.set(lift.liftId, lift);
  }
  http = await openHttp({ backend, access, feed, host: "127.0.0.1", port: 0, dashboard: dir, onError: () => undefined });
});
afterEach(async () => {
  await http.close();
  await rm(dir, { recursive: true, force: true });
});

const get = (path: string): Promise<Answer> => call(http.url, path, { headers: { authorization: `Bearer ${token}` } });
const found = async (q: string, more = ""): Promise<string[]> =>
  schemas.searchAnswer.parse((await get(`/api/search?q=${encodeURIComponent(q)}${more}`)).json).lifts.map(({ liftId }) => liftId);

test("a lift is found by code, building or address, in any case, by several words, and those that begin with it come first", async () => {
  expect(await found("sg-2")).toEqual(["SG-200"]);
  expect(await found("西河")).toEqual(["SG-100", "SG-200"]);
  expect(await found("river west")).toEqual(["SG-300"]);
  expect(await found("100")).toEqual(["SG-100", "QJ-100"]);
  expect(await found("qj")).toEqual(["QJ-100"]);
  expect(await found("西河", "&limit=1")).toEqual(["SG-100"]);
  expect(await found("nothing like it")).toEqual([]);
  expect((await get("/api/search")).status).toBe(400);
});

test("a district is counted by building, those with most to see to first", async () => {
  const answer = schemas.buildingsAnswer.parse((await get(`/api/fleet/buildings?district=${encodeURIComponent("武江")}`)).json);
  expect(answer.more).toBe(0);
  expect(answer.buildings.map(({ building, counts }) => [building, counts.registered, counts.faulted])).toEqual([
    ["西河大厦1座", 2, 1],
    ["Riverside Tower", 1, 0],
  ]);
  expect(schemas.buildingsAnswer.parse((await get("/api/fleet/buildings?district=")).json).buildings).toEqual([]);
});

test("a lift's minutes and days are served in their stretch and page by page; an unknown lift is 404, a store that is away 503", async () => {
  const empty = { speedMinMps: null, personsMax: null, loadMaxKg: null, motorTemperatureMaxC: null };
  for (let minute = 0; minute < 4; minute += 1) {
    backend.minutes.push({ liftId: "SG-100", at: minute * 60_000, readings: 3, faults: 0, speedMaxMps: minute, ...empty });
  }
  const day = { liftId: "SG-100", inServiceMs: 1, readings: 2, faults: 1, stoppingFaults: 0, entrapments: 0, trips: 5 };
  for (const name of ["2026-11-20", "2026-11-21", "2026-11-22"]) backend.days.push({ day: name, ...day });
  const first = schemas.minutesAnswer.parse((await get("/api/lifts/SG-100/minutes?from=60000&to=240000&limit=2")).json);
  expect(first.minutes.map(({ at }) => at)).toEqual([60_000, 120_000]);
  const rest = schemas.minutesAnswer.parse((await get(`/api/lifts/SG-100/minutes?from=60000&to=240000&limit=2&after=${first.next}`)).json);
  expect(rest).toMatchObject({ minutes: [{ at: 180_000 }], next: null });
  const days = schemas.daysAnswer.parse((await get("/api/lifts/SG-100/days?from=2026-11-21")).json);
  expect(days.days.map((each) => each.day)).toEqual(["2026-11-21", "2026-11-22"]);
  expect((await get("/api/lifts/SG-100/days?from=yesterday")).status).toBe(400);
  for (const what of ["minutes", "days"]) expect((await get(`/api/lifts/SG-999/${what}`)).status).toBe(404);
});

test("every view's address serves the page, to whoever asks; what it shows, REST decides", async () => {
  for (const path of ["/", "/lift/SG-100", "/engineer", "/trends"]) {
    const answer = await call(http.url, path);
    expect(answer.status, path).toBe(200);
    expect(answer.text, path).toContain("<title>page</title>");
  }
  expect((await call(http.url, "/no-such-view")).status).toBe(404);
  expect((await call(http.url, "/api/search?q=sg")).status).toBe(401);
});
