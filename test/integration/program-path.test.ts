/** The main job, by the compiled program and Debian's own MQTT client: a signal becomes durable, stored, judged, and a live alert. */
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { describe, expect, it, vi } from "vitest";
import type { Alert } from "../../src/core/effects.ts";
import { FeedClient } from "../program/feed.ts";
import { mosquittoMissing, mosquittoPub, startMosquitto, type Sender } from "../program/mosquitto.ts";
import { alertsOf, fetchJson, quarantineOf, readingsOf } from "../program/rest.ts";
import { ledgerOf, openSite, PATIENCE, type Program, runVerb, serve, serveArguments, Spawned, stored } from "../program/run.ts";

const RATED_MPS = 1.75;
const LIFTS = [
  { liftId: "L1", ratedSpeedMps: RATED_MPS },
  { liftId: "L2", ratedSpeedMps: 1 },
];
const SPEED = "lifts/L1/speed";

/** Two samples at 1.2 times the rated speed: critical at once (domain.md §2). */
const tooFast = (at: number) => [
  { at, seq: 1, speedMps: RATED_MPS * 1.2, floor: 5 },
  { at: at + 1_000, seq: 2, speedMps: -RATED_MPS * 1.2, floor: 6, positionM: 12.25, doorZone: false },
];
const normal = (at: number) => ({ at, seq: 3, speedMps: RATED_MPS, floor: 7 });

/** Publishes an overspeed and its end with mosquitto_pub, and follows both on the feed and in REST. */
async function overspeedFromEndToEnd(program: Program, port: number, sender?: Sender): Promise<Alert> {
  using feed = new FeedClient(program.rest);
  await feed.greeted();
  const at = Date.now();
  await mosquittoPub(port, SPEED, tooFast(at), sender);
  const raised = await feed.until("overspeed", ({ change, alert }) => change === "raised" && alert.hazard === "overspeed");
  expect(raised.alert).toMatchObject({ liftId: "L1", priority: "critical", evidence: "confirmed", state: "active", raisedAt: at + 1_000 });
  expect(raised.alert.rule.limits).toMatchObject({ ratedSpeedMps: RATED_MPS, criticalMps: RATED_MPS * 1.15 });
  const { alerts } = await fetchJson<{ alerts: Alert[] }>(program.rest, "/api/alerts?state=active&hazard=overspeed");
  expect(alerts).toEqual([raised.alert]);

  // One reading at normal speed; that it lasts is for the ticks to say.
  await mosquittoPub(port, SPEED, normal(at + 2_000), sender);
  const cleared = await feed.until("its end", ({ change, alert }) => change === "cleared" && alert.id === raised.alert.id);
  expect(cleared.alert).toMatchObject({ state: "cleared", acknowledged: false, occurrences: 1 });
  expect(cleared.at - at).toBeGreaterThanOrEqual(2_000);
  expect((await alertsOf(program.rest)).map(({ id, state }) => ({ id, state }))).toEqual([{ id: raised.alert.id, state: "cleared" }]);

  const readings = await readingsOf(program.rest, "L1");
  expect(readings).toHaveLength((await stored(program.rest)).stored);
  expect(await readingsOf(program.rest, "L1", 1)).toEqual(readings);
  const sent = [...tooFast(at), normal(at + 2_000)];
  expect(readings.map(({ receivedAt: _receivedAt, late: _late, ...fields }) => fields)).toEqual(
    sent.map((fields) => ({ channel: "speed", ...fields })),
  );
  return cleared.alert;
}

describe.skipIf(mosquittoMissing())("a signal published with mosquitto_pub -q 1", () => {
  it("raises its alert on the feed and in REST, ends it, and can be acknowledged once", async () => {
    await using site = await openSite(LIFTS);
    await using program = await serve(site);
    const { id } = await overspeedFromEndToEnd(program, program.mqttPort);
    using feed = new FeedClient(program.rest);
    await feed.greeted();
    expect(feed.snapshots[0]?.map((alert) => alert.id)).toEqual([id]);

    for (const note of ["\uD800", "\uFEFFmarked", "x".repeat(2_001), 7]) {
      expect(await program.rest.post(`/api/alerts/${id}/acknowledge`, { note })).toMatchObject({ status: 400 });
    }
    const first = await program.rest.post(`/api/alerts/${id}/acknowledge`, { note: "on my way" });
    expect(first).toMatchObject({ status: 200, body: { id, acknowledged: true } });
    const second = await program.rest.post(`/api/alerts/${id}/acknowledge`);
    expect(second).toMatchObject({ status: 409, body: { error: { code: "forbidden-by-state" } } });
    expect(await program.rest.post("/api/alerts/nonsense/acknowledge")).toMatchObject({ status: 404 });
    const told = await feed.until("the acknowledgement", ({ change }) => change === "acknowledged");
    expect(told).toMatchObject({ by: "anonymous", note: "on my way", alert: { id, acknowledged: true } });
    const { history } = await fetchJson<{ history: { change: string; by: string | null }[] }>(program.rest, `/api/alerts/${id}`);
    expect(history.map(({ change, by }) => [change, by])).toEqual([
      ["raised", null],
      ["cleared", null],
      ["acknowledged", "anonymous"],
    ]);
    expect(await stored(program.rest)).toEqual({ received: 3, accepted: 3, duplicate: 0, late: 0, quarantined: 0, stored: 3, pending: 0 });
    expect(await program.rest.get("/api/health")).toMatchObject({ status: 200, body: { status: "ok" } });
  });

  it("comes in with authentication on, from its own device alone", async () => {
    await using site = await openSite(LIFTS);
    await using program = await serve(site, { auth: true });
    const token = (await site.deviceTokens()).get("L1") ?? "";
    await overspeedFromEndToEnd(program, program.mqttPort, { user: "L1", token });

    await expect(mosquittoPub(program.mqttPort, SPEED, normal(1), { user: "L1", token: "guess" })).rejects.toThrow(/not authori[sz]ed/i);
    await expect(mosquittoPub(program.mqttPort, SPEED, normal(1))).rejects.toThrow(/not authori[sz]ed/i);

    const client = await connectAsync(`mqtt://127.0.0.1:${program.mqttPort}`, { username: "L1", password: token, reconnectPeriod: 0 });
    await client.publishAsync("lifts/L2/speed", JSON.stringify(normal(Date.now())), { qos: 1 });
    await client.publishAsync(SPEED, JSON.stringify({ ...normal(Date.now()), seq: 4 }), { qos: 1 });
    expect(client.connected).toBe(true);
    await client.endAsync();
    await vi.waitFor(async () => {
      expect(await quarantineOf(program.rest)).toMatchObject([{ reason: "topic-not-authorized", topic: "lifts/L2/speed", source: "L1" }]);
    }, PATIENCE);
    expect(await stored(program.rest)).toMatchObject({ received: 5, accepted: 4, quarantined: 1 });
    expect(await readingsOf(program.rest, "L2")).toEqual([]);

    for (const path of ["/api/alerts", "/api/ledger", "/api/lifts", "/metrics"]) {
      expect((await fetch(program.rest.origin + path)).status, path).toBe(401);
    }
    expect((await stat(join(site.data, "credentials", "admin-token"))).mode & 0o777).toBe(0o600);
    expect(program.process.stdout + program.process.stderr).not.toContain(token);
  });

  it("comes in through an external broker, which keeps what is published while the program is away", async () => {
    await using broker = await startMosquitto();
    await using site = await openSite(LIFTS);
    const flags = ["--broker", `mqtt://127.0.0.1:${broker.port}`];
    await using program = await serve(site, { flags });
    expect(program.mqttPort).toBe(-1);
    await vi.waitFor(async () => expect((await program.rest.get("/api/health")).status).toBe(200), PATIENCE);
    await overspeedFromEndToEnd(program, broker.port);
    let seq = 3;
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      const running = signal === "SIGTERM" ? program : await serve(site, { flags });
      await vi.waitFor(async () => expect(await readingsOf(running.rest, "L1")).toHaveLength(seq), PATIENCE);
      await running.kill(signal);
      seq += 1;
      await mosquittoPub(broker.port, SPEED, { ...normal(Date.now()), seq });
    }
    await using last = await serve(site, { flags });
    await vi.waitFor(async () => expect((await readingsOf(last.rest, "L1")).map((row) => row.seq)).toEqual([1, 2, 3, 4, 5]), PATIENCE);
    expect(await stored(last.rest)).toMatchObject({ accepted: 5, late: 0, quarantined: 0 });
  });
});

describe("the program", () => {
  it("stops in good order within 10 s on SIGTERM and on SIGINT, with clients connected, and goes on where it was", async () => {
    await using site = await openSite(LIFTS);
    let received = 0;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      await using program = await serve(site);
      using feed = new FeedClient(program.rest);
      await feed.greeted();
      expect((await ledgerOf(program.rest)).received).toBe(received);
      const client = await connectAsync(`mqtt://127.0.0.1:${program.mqttPort}`, { reconnectPeriod: 0 });
      await client.publishAsync(SPEED, JSON.stringify({ ...normal(Date.now()), seq: received + 1 }), { qos: 1 });
      received += 1;
      const before = performance.now();
      expect(await program.kill(signal)).toEqual({ code: 0, signal: null });
      expect(performance.now() - before).toBeLessThan(10_000);
      expect(program.process.stdout).toMatch(/^ready \{"mqttPort":\d+,"httpPort":\d+,"url":"http:\/\/127\.0\.0\.1:\d+\/"\}\n$/);
      client.end(true);
    }
  });

  it("ends with 0 when it is told to stop while it is starting, and the next start is as any other", async () => {
    await using site = await openSite(LIFTS);
    const early = new Spawned(serveArguments(site));
    await vi.waitFor(() => expect(existsSync(join(site.data, "journal"))).toBe(true), PATIENCE);
    expect(await early.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    await using program = await serve(site);
    expect((await ledgerOf(program.rest)).received).toBe(0);
  });

  it("refuses a second start on a data directory in use with code 1, and changes nothing there", async () => {
    await using site = await openSite(LIFTS);
    await using program = await serve(site);
    const before = await contents(site.data);
    const second = await runVerb(serveArguments(site));
    expect(second).toMatchObject({ code: 1, stdout: "" });
    expect(second.stderr).toMatch(/in use by another Hoistway \(process \d+\)/);
    const after = await contents(site.data);
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    // The first program goes on writing: what was there is the beginning of what is there.
    for (const [file, bytes] of before) expect(after.get(file)?.startsWith(bytes), file).toBe(true);
    expect([...before.keys()].some((file) => file.endsWith(".segment"))).toBe(true);
    expect(await program.rest.get("/api/health")).toMatchObject({ status: 200 });
    const client = await connectAsync(`mqtt://127.0.0.1:${program.mqttPort}`, { reconnectPeriod: 0 });
    await client.publishAsync(SPEED, JSON.stringify(normal(Date.now())), { qos: 1 });
    await client.endAsync();
    expect(await stored(program.rest)).toMatchObject({ accepted: 1, stored: 1 });
  });

  it("ends with code 1 and a reason when a port is taken, and leaves the data directory free", async () => {
    await using site = await openSite(LIFTS);
    await using other = await openSite(LIFTS);
    await using holder = await serve(other);
    for (const flags of [{ mqttPort: holder.mqttPort }, { httpPort: holder.httpPort }]) {
      const refused = await runVerb(serveArguments(site, flags));
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toMatch(/127\.0\.0\.1:\d+.*EADDRINUSE/);
    }
    await using program = await serve(site);
    expect(await program.rest.get("/api/health")).toMatchObject({ status: 200 });
  });

  it("ends with code 2 on bad settings, with a line for each mistake, and writes nothing", async () => {
    await using site = await openSite(LIFTS);
    const config = join(site.directory, "hoistway.yaml");
    const rules = join(site.directory, "rules.yaml");
    const fleet = join(site.directory, "bad.csv");
    await writeFile(config, "mqttPort: high\nhtttpPort: 80\ntimezone: Mars/Olympus\n");
    await writeFile(rules, "overspeed:\n  warnFactor: fast\n  warnFaktor: 1.05\n");
    await writeFile(fleet, "liftId,kind,ratedSpeedMps\nL 1,passenger,1\nL2,balloon,-1\n");
    const cases: [flags: string[], lines: RegExp[]][] = [
      [
        ["--config", config],
        [
          /hoistway\.yaml: line 1, mqttPort: .*"high"/,
          /hoistway\.yaml: line 2, htttpPort: is not a setting/,
          /hoistway\.yaml: line 3, timezone: .*Mars/,
        ],
      ],
      [
        ["--mqtt-port", "70000", "--auth", "maybe"],
        [/--mqtt-port: .*70000/, /--auth: .*"maybe"/],
      ],
      [["--auth", "off", "--host", "0.0.0.0"], [/--auth: off is allowed only on loopback, and host is 0\.0\.0\.0/]],
      [
        ["--rules", rules],
        [
          /rules\.yaml: line 2, overspeed\.warnFactor: .*"fast"/,
          /rules\.yaml: line 3, overspeed\.warnFaktor: is not a limit; expected one of .*warnFactor/,
        ],
      ],
      [
        ["--fleet", fleet],
        [/bad\.csv: line 2, liftId: .*"L 1"/, /bad\.csv: line 3, kind: .*"balloon"/, /bad\.csv: line 3, ratedSpeedMps: .*"-1"/],
      ],
      [["--fleet", join(site.directory, "none.csv")], [/none\.csv: cannot be read/]],
      [["--config", join(site.directory, "none.yaml")], [/none\.yaml: cannot be read/]],
      [["--no-such-flag"], [/unknown option '--no-such-flag'/]],
      [["--broker", "http://example.org"], [/--broker: .*http:\/\/example\.org/]],
    ];
    for (const [flags, lines] of cases) {
      const refused = await runVerb(["serve", "--data", site.data, ...flags]);
      expect(refused, refused.stderr).toMatchObject({ code: 2, stdout: "" });
      for (const line of lines) expect(refused.stderr, flags.join(" ")).toMatch(line);
      expect(refused.stderr.trim().split("\n"), flags.join(" ")).toHaveLength(lines.length);
      expect(existsSync(site.data), flags.join(" ")).toBe(false);
    }
    expect(await runVerb(["no-such-verb"])).toMatchObject({ code: 2, stdout: "" });
  });

  it("takes its settings from a file and the environment, and flags win", async () => {
    await using site = await openSite(LIFTS);
    const config = join(site.directory, "hoistway.yaml");
    await mkdir(join(site.directory, "by-file"));
    await writeFile(config, `data: ${join(site.directory, "by-file")}\nfleet: ${site.fleet}\nmqttPort: 1\nhttpPort: 1\nauth: off\n`);
    await using program = new Spawned(["serve", "--config", config, "--mqtt-port", "0"], {
      HOISTWAY_HTTP_PORT: "0",
      HOISTWAY_MQTT_PORT: "2",
      HOISTWAY_DATA: site.data,
    });
    const ready = await program.ready();
    expect(ready?.mqttPort, program.stderr).toBeGreaterThan(2);
    expect(await readdir(join(site.directory, "by-file"))).toEqual([]);
    expect(await readdir(site.data)).toContain("journal");
    expect(await program.kill("SIGTERM")).toEqual({ code: 0, signal: null });
  });
});

/** Files below a directory with their bytes, as hex; but for DuckDB's, which come, go and are rewritten in place. */
async function contents(directory: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !entry.name.startsWith("store.duckdb")) files.set(path, (await readFile(path)).toString("hex"));
  }
  return files;
}
