/** The control socket: REST for whoever may open the data directory. */
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openAccess } from "../../src/access/open-access.ts";
import { openHttp, type OpenedHttp } from "../../src/api/http.ts";
import { systemClock } from "../../src/clock.ts";
import { askRunning, type Control, openControl } from "../../src/control.ts";
import { createFeed } from "../../src/feed/create-feed.ts";
import { makeChange, MemoryBackend } from "./api-double.ts";

let directory: string;
let data: string;
let http: OpenedHttp;
let backend: MemoryBackend;
let control: Control | null = null;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "hoistway-control-"));
  data = join(directory, "data");
  await mkdir(data);
  backend = new MemoryBackend();
  backend.add(makeChange(1));
  const feed = createFeed({
    journalId: "journal-1",
    clock: systemClock(),
    activeAlerts: () => [],
    lastChange: () => 0,
    changesAfter: async () => [],
  });
  const access = await openAccess({ dir: join(data, "credentials"), enabled: true, liftIds: [], clock: systemClock() });
  http = await openHttp({ backend, access, feed, host: "127.0.0.1", port: 0, dashboard: null });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await control?.close();
  control = null;
  await http.close();
  await rm(directory, { recursive: true, force: true });
});

describe("the control socket", () => {
  it("answers every route as to an administrator, without a token", async () => {
    control = await openControl(data, http.answerOwner);
    const session = await askRunning(data, "GET", "/api/session");
    expect(await session?.json()).toEqual({ name: "local", role: "admin", auth: "local", expiresAt: null });
    const probe = await askRunning(data, "POST", "/api/probe");
    expect(probe?.status).toBe(200);
    probe?.body.destroy();
    const outside = await fetch(`${http.url}/api/session`);
    expect(outside.status, "through the network nothing has changed").toBe(401);
  });

  it("takes an act with a body, and names who acted", async () => {
    control = await openControl(data, http.answerOwner);
    const answer = await askRunning(data, "POST", "/api/alerts/A1/acknowledge", { note: "seen" });
    expect(answer?.status).toBe(200);
    expect(backend.acts).toMatchObject([{ by: "local", note: "seen" }]);
  });

  it("is open to the owner of the data directory alone", async () => {
    control = await openControl(data, http.answerOwner);
    const modes = await Promise.all(
      ["control", "control/socket"].map(async (path) => ((await stat(join(data, path))).mode & 0o777).toString(8)),
    );
    expect(modes).toEqual(["700", "600"]);
  });

  it("keeps the rules of Host and Origin", async () => {
    control = await openControl(data, http.answerOwner);
    const statusWith = (method: string, headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        request({ socketPath: join(data, "control", "socket"), method, path: "/api/session", headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        })
          .on("error", reject)
          .end();
      });
    expect(await statusWith("GET", { host: "evil.example" })).toBe(421);
    expect(await statusWith("DELETE", { host: "localhost", origin: "http://evil.example" })).toBe(403);
    expect(await statusWith("GET", { host: "localhost" })).toBe(200);
  });

  it("tells in the program's own words what it refuses", async () => {
    control = await openControl(data, http.answerOwner);
    const answer = await askRunning(data, "GET", "/api/alerts?limit=none");
    expect(answer?.status).toBe(400);
    await expect(answer?.json()).rejects.toThrow(/^limit: /);
  });

  it("says that no program runs where there is no directory, no socket, or one of a program that was killed", async () => {
    expect(await askRunning(join(directory, "nowhere"), "GET", "/api/health")).toBeNull();
    expect(await askRunning(data, "GET", "/api/health")).toBeNull();
    control = await openControl(data, http.answerOwner);
    await control.close();
    expect(await readdir(join(data, "control"))).toEqual([]);
    expect(await askRunning(data, "GET", "/api/health")).toBeNull();
  });

  it("takes the place of a socket that a killed program left", async () => {
    // Listens and is never closed in order: the file stays where it is.
    const left = await openControl(data, (_request, response) => response.end("old"));
    control = await openControl(data, http.answerOwner);
    const answer = await askRunning(data, "GET", "/api/session");
    expect(await answer?.json()).toMatchObject({ name: "local" });
    await left.close().catch(() => undefined);
  });

  it("works where the directory's path is longer than a socket's may be, and leaves nothing behind", async () => {
    const deep = join(directory, "a-name-of-some-length".repeat(6), "and-another-one".repeat(6));
    await mkdir(deep, { recursive: true });
    const temporary = await mkdtemp(join(directory, "t-"));
    vi.stubEnv("TMPDIR", temporary);
    control = await openControl(deep, http.answerOwner);
    const answer = await askRunning(deep, "GET", "/api/session");
    expect(await answer?.json()).toMatchObject({ name: "local" });
    expect((await stat(join(deep, "control", "socket"))).isSocket()).toBe(true);
    expect(await readdir(temporary)).toEqual([]);
  });
});
