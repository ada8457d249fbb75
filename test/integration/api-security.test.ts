import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fastifyCookie from "@fastify/cookie";
import fastify from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ROLES, atLeast } from "../../src/access/access.ts";
import type { OpenAccess, Role } from "../../src/access/access.ts";
import { openAccess } from "../../src/access/open-access.ts";
import { installGuard } from "../../src/api/guard.ts";
import { openHttp } from "../../src/api/http.ts";
import type { OpenedHttp } from "../../src/api/http.ts";
import { ADMISSIONS } from "../../src/api/roles.ts";
import { createFeed } from "../../src/feed/create-feed.ts";
import { MemoryBackend, call, makeAlert } from "./api-double.ts";
import type { Answer } from "./api-double.ts";

const clock = { now: () => Date.now() };
let dir: string;
let backend: MemoryBackend;
let access: OpenAccess;
let http: OpenedHttp;
const opened: OpenedHttp[] = [];
let tokens: Record<Role, string>;

async function serve(enabled: boolean, publicOrigins: readonly string[] = []): Promise<OpenedHttp> {
  access = await openAccess({ dir: join(dir, "access"), enabled, liftIds: ["L1"], clock });
  const feed = createFeed({ journalId: "j", clock, activeAlerts: () => [], lastChange: () => 0, changesAfter: async () => [] });
  const made = await openHttp({ backend, access, feed, host: "127.0.0.1", port: 0, dashboard: join(dir, "web"), publicOrigins });
  opened.push(made);
  return made;
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "hoistway-security-"));
  await mkdir(join(dir, "web"));
  await writeFile(join(dir, "web", "index.html"), "<!doctype html>");
  backend = new MemoryBackend();
  backend.add({ at: 1, change: "raised", by: null, note: null, alert: makeAlert("A1") });
  http = await serve(true);
  tokens = { viewer: "", operator: "", engineer: "", admin: "" };
  for (const role of ROLES) tokens[role] = await access.addPerson(`the ${role}`, role);
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await rm(dir, { recursive: true, force: true });
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const codeOf = (answer: Answer): string => (answer.json as { error: { code: string } }).error.code;
const cookieOf = (answer: Answer): string => (answer.headers["set-cookie"]?.[0] ?? "").split(";")[0] ?? "";
async function signIn(): Promise<string> {
  const cookie = cookieOf(await call(http.url, "/api/session", { method: "POST", headers: bearer(tokens.operator) }));
  expect(cookie).toMatch(/^hoistway_session=.{43}$/);
  return cookie;
}
const acknowledge = (headers: Record<string, string>): Promise<Answer> =>
  call(http.url, "/api/alerts/A1/acknowledge", { method: "POST", headers });

describe("the table of roles", () => {
  test("holds every route, and no route that is not there", () => {
    const routes = http.routes.map((route) => route.replace(/^HEAD /, "GET "));
    expect(routes.length).toBeGreaterThanOrEqual(17);
    expect([...new Set(routes)].sort()).toEqual(Object.keys(ADMISSIONS).sort());
  });

  test("is kept for every route and every role", async () => {
    let checked = 0;
    for (const route of http.routes) {
      const [method = "", pattern = ""] = route.split(" ");
      const needed = ADMISSIONS[route.replace(/^HEAD /, "GET ")];
      if (needed === "in-band") continue;
      const path = pattern.replace(":id", "A1").replace("*", "index.html");
      for (const role of [null, ...ROLES]) {
        const { status } = await call(http.url, path, { method, headers: role === null ? {} : bearer(tokens[role]) });
        const allowed = needed === "anyone" || (role !== null && needed !== undefined && needed !== "owner" && atLeast(role, needed));
        // Signing in is open to anyone, and refuses by itself who shows nothing.
        const showsNothing = route === "POST /api/session" && role === null;
        const expected = !allowed || showsNothing ? (role === null ? "401" : "403") : "let in";
        expect([401, 403].includes(status) ? String(status) : "let in", `${route} as ${role}`).toBe(expected);
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThanOrEqual(16 * 5);
  });

  test("is asked by route, not by how the URL is written", async () => {
    for (const path of ["/api/ledger", "/%61pi/ledger", "/api/%6cedger", "/api/ledger?x", "/api/alerts/%41%31", "/api/alerts/A1?"]) {
      expect((await call(http.url, path)).status, path).toBe(401);
    }
    expect((await call(http.url, "/%61pi/ledger", { headers: bearer(tokens.viewer) })).status).toBe(200);
    for (const path of ["//api/ledger", "/api//ledger", "/api/ledger/", "/API/ledger", "/./api/ledger", "/x/../api/ledger"]) {
      expect([400, 401, 403, 404], path).toContain((await call(http.url, path)).status);
    }
  });

  test("must have a route before the route can be registered", async () => {
    const app = fastify();
    await app.register(fastifyCookie);
    installGuard(app, { access, host: "127.0.0.1", publicOrigins: [] });
    expect(() => app.get("/api/forgotten", () => "")).toThrow("GET /api/forgotten is not in the table of roles");
    await app.close();
  });
});

describe("signing in", () => {
  test("with the one-time URL sets a cookie that scripts cannot read, and takes the token out of the address", async () => {
    const token = access.issueSignIn({ name: "admin", role: "admin" });
    const answer = await call(http.url, `/?token=${token}`);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/");
    const attributes = (answer.headers["set-cookie"]?.[0] ?? "").split("; ").slice(1);
    expect(attributes).toEqual(expect.arrayContaining(["HttpOnly", "SameSite=Strict", "Path=/"]));
    const session = await call(http.url, "/api/session", { headers: { cookie: cookieOf(answer) } });
    expect(session.json).toMatchObject({ name: "admin", role: "admin", auth: "cookie" });

    const again = await call(http.url, `/?token=${token}`);
    expect(again.headers["set-cookie"]).toBeUndefined();
    expect(again.headers.location).toBe("/?sign-in=refused");
    const inTheSameBrowser = await call(http.url, `/?token=${token}`, { headers: { cookie: cookieOf(answer) } });
    expect(inTheSameBrowser.headers.location).toBe("/");
  });

  test("works with a bearer token, with a person's token in the body, and with a one-time token in the body", async () => {
    const bodies = [tokens.engineer, access.issueSignIn({ name: "the engineer", role: "engineer" })].map((token) => ({ body: { token } }));
    for (const options of [{ headers: bearer(tokens.engineer) }, ...bodies]) {
      const answer = await call(http.url, "/api/session", { method: "POST", ...options });
      expect(answer.json).toMatchObject({ name: "the engineer", role: "engineer", auth: "cookie" });
      expect((await call(http.url, "/api/quarantine", { headers: { cookie: cookieOf(answer) } })).status).toBe(200);
    }
  });

  test("is refused with a wrong token, a device's token, or none, and a cookie does not renew itself", async () => {
    for (const body of [{ token: "x" }, { token: "" }, {}, undefined]) {
      expect((await call(http.url, "/api/session", { method: "POST", body })).status, JSON.stringify(body)).toBe(401);
    }
    const headers = { cookie: await signIn(), origin: http.url };
    expect((await call(http.url, "/api/session", { method: "POST", headers })).status).toBe(401);
    expect((await call(http.url, "/api/session")).headers["www-authenticate"]).toBe("Bearer");
  });

  test("out ends the session", async () => {
    const headers = { cookie: await signIn(), origin: http.url };
    const answer = await call(http.url, "/api/session", { method: "DELETE", headers });
    expect(answer.status).toBe(204);
    expect(answer.headers["set-cookie"]?.[0]).toContain("Expires=Thu, 01 Jan 1970");
    expect((await call(http.url, "/api/session", { headers })).status).toBe(401);
  });

  test("a bearer token that is not valid is not made good by a cookie", async () => {
    const headers = { cookie: await signIn(), ...bearer("wrong") };
    expect((await call(http.url, "/api/session", { headers })).status).toBe(401);
  });

  test("a person who was removed is out at once", async () => {
    const headers = { cookie: await signIn() };
    expect((await call(http.url, "/api/ledger", { headers })).status).toBe(200);
    await access.remove("the operator");
    expect((await call(http.url, "/api/ledger", { headers })).status).toBe(401);
    expect((await call(http.url, "/api/ledger", { headers: bearer(tokens.operator) })).status).toBe(401);
  });
});

describe("changes", () => {
  test("with a cookie are taken from our own page only", async () => {
    const cookie = await signIn();
    for (const origin of [
      undefined,
      "null",
      "http://evil.example",
      `${http.url}.evil.example`,
      http.url.replace("http", "https"),
      "http://127.0.0.1",
    ]) {
      const answer = await acknowledge(origin === undefined ? { cookie } : { cookie, origin });
      expect([answer.status, codeOf(answer)], String(origin)).toEqual([403, "origin-refused"]);
    }
    expect(backend.acts).toEqual([]);
    expect((await acknowledge({ cookie, origin: http.url })).status).toBe(200);
  });

  test("with a bearer token need no Origin, and are refused with another's", async () => {
    expect((await acknowledge({ ...bearer(tokens.operator), origin: "http://evil.example" })).status).toBe(403);
    expect((await acknowledge(bearer(tokens.operator))).status).toBe(200);
  });

  test("are refused from another origin with authentication off, too", async () => {
    http = await serve(false);
    expect((await acknowledge({ origin: "http://evil.example" })).status).toBe(403);
    const answer = await acknowledge({});
    expect(answer.status).toBe(200);
    expect(backend.acts).toMatchObject([{ by: "anonymous" }]);
    expect((await call(http.url, "/api/session")).json).toEqual({ name: "anonymous", role: "admin", auth: "off", expiresAt: null });
    expect((await call(http.url, "/api/session", { method: "POST" })).json).toMatchObject({ auth: "off" });
    expect((await call(http.url, "/?token=x")).headers.location).toBe("/");
  });
});

describe("the name under which it is asked", () => {
  test("must be a loopback name when it listens on loopback, against DNS rebinding", async () => {
    for (const host of ["evil.example", `evil.example:${http.port}`, "127.0.0.1.evil.example", "a@127.0.0.1", "localhost/x"]) {
      const answer = await call(http.url, "/api/health", { headers: { host } });
      expect([400, 421], host).toContain(answer.status);
    }
    for (const host of [`127.0.0.1:${http.port}`, `localhost:${http.port}`, "localhost", `[::1]:${http.port}`]) {
      expect((await call(http.url, "/api/health", { headers: { host } })).status, host).toBe(200);
    }
  });

  test("may be that of a proxy that the settings name, whose pages may make changes", async () => {
    http = await serve(true, ["https://lifts.example"]);
    const headers = { host: "lifts.example", cookie: await signIn(), origin: "https://lifts.example" };
    expect((await acknowledge(headers)).status).toBe(200);
    expect((await call(http.url, "/api/health", { headers: { host: "other.example" } })).status).toBe(421);
  });
});

test("every answer carries the headers that keep a browser from doing harm", async () => {
  for (const path of ["/", "/api/health", "/api/ledger", "/nothing", "/feed"]) {
    const { headers } = await call(http.url, path);
    expect(headers["content-security-policy"], path).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(headers["content-security-policy"], path).toContain("frame-ancestors 'none'");
    expect(headers["content-security-policy"], path).not.toContain("unsafe");
    expect(headers["x-content-type-options"], path).toBe("nosniff");
    expect(headers["referrer-policy"], path).toBe("no-referrer");
    expect(headers["access-control-allow-origin"], path).toBeUndefined();
  }
  expect((await call(http.url, "/api/health")).headers["cache-control"]).toBe("no-store");
});

test("/feed without an upgrade says that it is a WebSocket", async () => {
  const answer = await call(http.url, "/feed", { headers: bearer(tokens.viewer) });
  expect([answer.status, codeOf(answer)]).toEqual([426, "upgrade-required"]);
});
