/**
 * Every query of the Grafana dashboards against a real influxd, after the real program has written two simulated hours of nine days ago
 * and has gone on for some seconds.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { describe, expect, it, vi } from "vitest";
import { dashboardFiles } from "../../dashboards/grafana/all.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";
import type { Alert } from "../../src/core/effects.ts";
import { draftOfMessage, draftOfTick, draftsOfRegister, toEntry } from "../../src/journal/entries.ts";
import type { Draft } from "../../src/journal/journal.ts";
import { openJournal } from "../../src/journal/open.ts";
import { loadRegister } from "../../src/register/register.ts";
import { Run } from "../../src/recording/run.ts";
import { influxdMissing, influxql, startInfluxd } from "../program/databases.ts";
import { influxFlags } from "../program/influx.ts";
import { alertsOf } from "../program/rest.ts";
import { openSite, PATIENCE, type Program, runVerb, serve, type Site, stored } from "../program/run.ts";

const LIFTS = 12;
const HOURS = 2;
const HOUR_MS = 3_600_000;
/** More than the week for which a backlog may still come, so that minutes are rolled up; less than the 16 days that InfluxDB is told to keep. */
const AGO_MS = 9 * 24 * HOUR_MS;
const SEED = 3;

interface Line {
  readonly receivedAt: number;
  readonly topic: string;
  readonly payload: { at: number };
}

/** A recording's lines, moved so that it begins at `from`. Motors have a temperature, which simulated devices do not tell. */
async function simulated(site: Site, from: number): Promise<Line[]> {
  const file = join(site.directory, "recording.ndjson");
  const made = [
    await runVerb(["fleet", "generate", "--out", site.fleet, "--lifts", String(LIFTS), "--seed", String(SEED)]),
    await runVerb(["simulate", "--out", file, "--fleet", site.fleet, "--duration", String(HOURS * 3_600), "--seed", String(SEED)]),
  ];
  expect(made.map(({ code, stderr }) => [code, stderr.includes("Error")])).toEqual([
    [0, false],
    [0, false],
  ]);
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
  const parsed = lines.map((line) => JSON.parse(line) as Line);
  const by = from - parsed[0]!.receivedAt;
  return parsed.map(({ receivedAt, topic, payload }) => {
    const more = topic.endsWith("/status") ? { motorTemperatureC: 41 } : {};
    const all = [payload].flat().map((reading) => ({ ...reading, ...more, at: reading.at + by }));
    return { receivedAt: receivedAt + by, topic, payload: (Array.isArray(payload) ? all : all[0]!) as Line["payload"] };
  });
}

/**
 * The recording as a journal that a program can take up, with a tick a second and one bad message. It ends a minute after the last
 * entrapment was raised, so that somebody is still shut in. Gives the time of its end.
 */
async function writeJournal(site: Site, lines: readonly Line[]): Promise<number> {
  let now = lines[0]!.receivedAt;
  const journal = await openJournal({
    directory: join(site.data, "journal"),
    clock: { now: () => now },
    maxBytes: 1e9,
    maxAgeMs: 1e12,
    onFatal(error) {
      throw error;
    },
  });
  const register = loadRegister("--fleet", site.fleet);
  const entries: { readonly at: number; readonly draft: Draft }[] = draftsOfRegister(register).map((draft) => ({ at: now, draft }));
  entries.push({ at: now, draft: draftOfMessage("lifts/L-1/door", Buffer.from('{"at":"soon"}'), "gateway", null) });
  let tick = now;
  for (const { receivedAt, topic, payload } of lines) {
    for (; tick + 1_000 <= receivedAt; tick += 1_000) entries.push({ at: tick + 1_000, draft: draftOfTick() });
    entries.push({ at: receivedAt, draft: draftOfMessage(topic, Buffer.from(JSON.stringify(payload)), "gateway", null) });
  }
  const run = new Run(null, null, DEFAULT_RULES);
  let [end, raisedAt] = [0, Number.MAX_SAFE_INTEGER];
  for (const [index, { at, draft }] of entries.entries()) {
    const entry = toEntry({ ...draft, seq: index + 1, receivedAt: at });
    if (entry.kind === "corrupt") throw new Error(entry.reason);
    for (const { change, alert } of run.take(entry)) {
      if (alert.hazard !== "entrapment") continue;
      if (change === "raised") raisedAt = at;
      if (change === "cleared") raisedAt = Number.MAX_SAFE_INTEGER;
    }
    if (at <= raisedAt + 60_000) continue;
    [end, raisedAt] = [index, Number.MAX_SAFE_INTEGER];
  }
  expect(end, `an entrapment with seed ${SEED}`).toBeGreaterThan(0);
  for (const { at, draft } of entries.slice(0, end)) {
    now = at;
    await new Promise<void>((resolve, reject) => {
      journal.append(draft, (error) => (error === null ? undefined : reject(error)));
      // Appends are stamped at once; that all are durable is seen at the close.
      resolve();
    });
  }
  await journal.close();
  return now;
}

/** One reading of today: only then is it sure that no backlog of last week comes any more. */
async function sayNow({ mqttPort }: Program): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`);
  await client.publishAsync("lifts/today/door", JSON.stringify({ at: Date.now(), seq: 0, state: "closed" }), { qos: 1 });
  await client.endAsync();
}

/** As an operator would: each act on an alert that allows it. */
async function act(program: Program): Promise<void> {
  const alerts = await alertsOf(program.rest);
  const active = alerts.filter(({ state }) => state === "active");
  const shut = active.find(({ hazard }) => hazard === "entrapment");
  const other = active.find(({ hazard }) => hazard !== "entrapment" && hazard !== "entrapment-at-level");
  const done = async (alert: Alert | undefined, name: string, body: unknown) => {
    const { status, body: answer } = await program.rest.post(`/api/alerts/${alert?.id ?? "none"}/${name}`, body);
    expect([name, status, answer]).toMatchObject([name, 200, {}]);
  };
  for (const name of ["acknowledge", "dispatch", "arrive", "rescue"]) await done(shut, name, {});
  await done(shut, "close", { reason: "a test" });
  await done(other, "shelve", { minutes: 30, reason: "a test" });
}

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly query: string }[] }[];
  readonly templating: { readonly list: readonly { readonly type: string; readonly query: string }[] };
}

describe.skipIf(influxdMissing())("the Grafana dashboards on simulated data", () => {
  it("ask what influxd understands, and each gets an answer with a value in it", async () => {
    await using influxd = await startInfluxd();
    await using site = await openSite([]);
    const from = Date.now() - AGO_MS;
    const end = await writeJournal(site, await simulated(site, from));
    const options = { flags: [...influxFlags(influxd.url), "--readings-days", "1"] };
    {
      await using program = await serve(site, options);
      await sayNow(program);
      expect((await stored(program.rest)).quarantined).toBe(1);
      await act(program);
      await program.kill("SIGTERM");
    }
    // At its second start it finds readings that are older than a day, and rolls them up.
    await using program = await serve(site, options);
    await vi.waitFor(
      async () => {
        expect(
          (await influxql(influxd.url, "SELECT * FROM hoistway_health LIMIT 5", "hoistway", "readings")).values.length,
        ).toBeGreaterThan(2);
        expect((await influxql(influxd.url, "SELECT * FROM lift_minute LIMIT 1", "hoistway", "minutes")).values).toHaveLength(1);
      },
      { ...PATIENCE, timeout: 40_000 },
    );
    const [, , liftId] = (
      await influxql(influxd.url, `SELECT "code", "liftId" FROM lift_reading WHERE "channel" = 'fault' LIMIT 1`, "hoistway", "readings")
    ).values[0]!;
    const silent: string[] = [];
    let asked = 0;
    for (const [name, text] of dashboardFiles()) {
      const { panels, templating } = JSON.parse(text) as Dashboard;
      for (const { query } of templating.list.filter(({ type }) => type === "query")) {
        expect((await influxql(influxd.url, query)).values.map(([, value]) => value)).toContain(liftId);
      }
      for (const { title, targets } of panels) {
        for (const { query } of targets) {
          // What is about the program itself is of now; everything else of the simulated hours, in intervals that Grafana would take.
          const isOwn = /hoistway_health|fleet_count/.test(query);
          const [since, interval] = isOwn ? [Date.now() - 5 * 60_000, "1s"] : [from - 24 * HOUR_MS, "5m"];
          const filled = query
            .replaceAll("$timeFilter", `time >= ${since}ms and time <= ${Date.now()}ms`)
            .replaceAll("$__interval", interval)
            .replaceAll("$lift", String(liftId))
            .replaceAll("$zone", "Asia/Shanghai");
          const { values } = await influxql(influxd.url, filled).catch((error: unknown) => {
            throw new Error(`${name}, ${title}: ${(error as Error).message}: ${filled}`);
          });
          asked++;
          if (!values.some((row) => row.slice(1).some((cell) => cell !== null && cell !== ""))) silent.push(`${name}, ${title}: ${filled}`);
        }
      }
    }
    expect(silent).toEqual([]);
    expect((await program.rest.get("/api/health")).status).toBe(200);
    expect(asked).toBeGreaterThan(100);
    expect(end).toBeGreaterThan(from);
    // What a fleet of twelve is shown as adds up.
    const { values } = await influxql(
      influxd.url,
      `SELECT last(registered), last(registered) + last(unregistered), last(in_service) + last(faulted) + last(silent) + last(out_of_service) + last(unseen)
       FROM fleet_count GROUP BY district`,
      "hoistway",
      "readings",
    );
    expect(values.reduce((sum, [, registered]) => sum + Number(registered), 0)).toBe(LIFTS);
    expect(values.map(([, , known]) => known)).toEqual(values.map(([, , , conditions]) => conditions));
  }, 120_000);
});
