/** The whole program with the InfluxDB store: the database goes away under load and comes back, and the network before it is bad. */
import { describe, expect, it, vi } from "vitest";
import { contents, LIFT_IDS, livedThrough, openLiftSite } from "../program/contents.ts";
import { influxdMissing, influxql, startInfluxd } from "../program/databases.ts";
import { FaultProxy } from "../program/fault-proxy.ts";
import { countOfChanges, countsByLift, influxFlags } from "../program/influx.ts";
import { liftIds } from "../program/lift-script.ts";
import { OutsidePublisher } from "../program/outside.ts";
import { replayLines } from "../program/replay.ts";
import { fetchJson } from "../program/rest.ts";
import { ledgerOf, openSite, runVerb, serve, serveArguments } from "../program/run.ts";

const LIFTS = 24;
/** How long the database is away, s: five minutes when run by hand. */
const OUTAGE_S = Number(process.env["HOISTWAY_OUTAGE_S"] ?? "3");
const STEP = { timeout: 60_000 + OUTAGE_S * 1_000, interval: 50 };

describe.skipIf(influxdMissing())("the program with the InfluxDB store", () => {
  it(
    `takes everything while influxd is away for ${OUTAGE_S} s and the network is bad, and has it all in InfluxDB in the end`,
    async () => {
      await using influxd = await startInfluxd();
      await using proxy = await FaultProxy.start(influxd.port);
      const ids = liftIds(LIFTS);
      await using site = await openSite(ids.map((liftId) => ({ liftId, ratedSpeedMps: 1.75 })));
      await using program = await serve(site, { flags: influxFlags(proxy.url) });
      using publisher = new OutsidePublisher(program.mqttPort, LIFTS, 4, Date.now() - 12 * 3_600_000);
      await publisher.more(500);
      await influxd.kill("SIGKILL");
      const began = performance.now();
      const before = await ledgerOf(program.rest);
      await vi.waitFor(async () => {
        const health = await program.rest.get("/api/health");
        if (health.status !== 503) throw new Error(`health is ${health.status}`);
      }, STEP);
      // It listens and judges all the while, and the journal is all that grows.
      await vi.waitFor(() => {
        if (performance.now() - began < OUTAGE_S * 1_000) throw new Error("the outage goes on");
      }, STEP);
      const during = await ledgerOf(program.rest);
      expect(during.accepted - before.accepted).toBeGreaterThan(500);
      expect(during.pending).toBeGreaterThan(500);
      await influxd.start();
      for (const fault of ["stall", 500, "lose-answer", 429, "reset", 503] as const) {
        proxy.fault = fault;
        const met = proxy.met.get(fault) ?? 0;
        await publisher.more(200);
        await vi.waitFor(() => {
          if ((proxy.met.get(fault) ?? 0) === met) throw new Error(`${fault} was not met`);
        }, STEP);
        proxy.fault = "pass";
        await publisher.more(200);
        // It arrives after all, and is answered late; that a stall is given up after a time is store-influx-faults' to show.
        await proxy.release();
      }
      const sums = await publisher.stop();
      const ledger = await vi.waitFor(
        async () => {
          const now = await ledgerOf(program.rest);
          if (now.pending > 0) throw new Error(`pending: ${JSON.stringify(now)}`);
          return now;
        },
        { timeout: STEP.timeout * 3, interval: 50 },
      );
      const total = Object.values(sums.sent).reduce((sum, count) => sum + count, 0);
      expect(sums.acknowledged).toEqual(sums.sent);
      expect(ledger).toMatchObject({ accepted: total, stored: total, pending: 0 });
      expect(await countsByLift(influxd.url, ids)).toEqual(sums.sent);
      expect((await program.rest.get("/api/health")).status).toBe(200);
      expect(await program.kill("SIGTERM")).toEqual({ code: 0, signal: null });
      const replayed = await replayLines(site);
      expect(await countOfChanges(influxd.url)).toBe(replayed.length);
      expect(replayed.length).toBeGreaterThan(LIFTS);
      console.info(`${total} readings, ${during.pending} pending at the end of the outage, faults met: ${JSON.stringify([...proxy.met])}`);
    },
    300_000 + 6 * OUTAGE_S * 1_000,
  );

  it("gives the same JSON for the same journal whichever store is behind it", async () => {
    await using influxd = await startInfluxd();
    await using site = await openLiftSite();
    await livedThrough(site, 2);
    const answers = [];
    for (const flags of [[], influxFlags(influxd.url)]) {
      await using program = await serve(site, { flags });
      // Once everything is stored.
      const all = await contents(program);
      const pages = [];
      for (const liftId of LIFT_IDS) {
        for (const query of ["limit=7", "channel=speed&limit=100", "channel=fault&limit=3", "limit=100000"]) {
          const page = await fetchJson<{ readings: unknown[] }>(program.rest, `/api/lifts/${liftId}/readings?${query}`);
          pages.push(page);
        }
      }
      answers.push({ ...all, pages });
      expect(await program.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    }
    const [embedded, influx] = answers.map(({ alerts, ...others }) => ({
      ...others,
      alerts: new Map(alerts.map((alert) => [alert.id, alert])),
    }));
    // Time goes on between the two runs, so an alert that was open may have changed; what was over is as it was.
    const over = [...embedded!.alerts.values()].filter(({ state, acknowledged }) => state === "cleared" && acknowledged);
    expect(over.map(({ id }) => influx!.alerts.get(id))).toEqual(over);
    expect(new Set(influx!.alerts.keys())).toEqual(new Set(embedded!.alerts.keys()));
    expect({ ...influx, alerts: null }).toEqual({ ...embedded, alerts: null });
    expect(embedded!.alerts.size).toBeGreaterThan(3);
    expect(answers[0]!.ledger.stored).toBeGreaterThan(100);
  }, 240_000);

  it("refuses to start, with code 1 and no secret in its words, where it may not write; and with code 2 where it does not know where to", async () => {
    await using influxd = await startInfluxd({ auth: true });
    await influxql(influxd.url, `CREATE USER root WITH PASSWORD 'root-password' WITH ALL PRIVILEGES`);
    await using site = await openLiftSite();
    const [wrong, nowhere, tokenless] = await Promise.all([
      runVerb([...serveArguments(site, { flags: influxFlags(influxd.url) }), "--influx-username", "root"], {
        HOISTWAY_INFLUX_PASSWORD: "not-it-but-secret",
      }),
      runVerb(serveArguments(site, { flags: ["--store", "influx"] })),
      runVerb(serveArguments(site, { flags: ["--store", "influx", "--influx-url", "http://user:pw-in-url@127.0.0.1:1"] })),
    ]);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/InfluxDB refuses the credentials \(401/);
    expect(wrong.stderr + wrong.stdout).not.toContain("not-it-but-secret");
    expect(nowhere.code).toBe(2);
    expect(nowhere.stderr).toMatch(/--store: influx needs to know where it is; expected --influx-url/);
    expect(tokenless.code).toBe(2);
    expect(tokenless.stderr).toMatch(/HOISTWAY_INFLUX_TOKEN/);
    expect(tokenless.stderr).toMatch(/--influx-url: holds a user or a password/);
    expect(tokenless.stderr).not.toContain("pw-in-url");
  }, 120_000);
});
