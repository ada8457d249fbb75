/** Export, replay, republish and backtest as a user runs them: the compiled program, its ports and its files. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { connectAsync, type MqttClient } from "mqtt";
import { describe, expect, it, vi } from "vitest";
import { FeedClient } from "../program/feed.ts";
import { linesOf } from "../program/replay.ts";
import { alertsOf, fetchJson } from "../program/rest.ts";
import { openSite, PATIENCE, type Program, runVerb, serve, type Site, Spawned, stored } from "../program/run.ts";

const LIFTS = [
  { liftId: "L1", ratedSpeedMps: 1.75 },
  { liftId: "L2", ratedSpeedMps: 1 },
];
const PERIOD_MS = 60_000;

/** Readings of L1 that raise and clear an overspeed; of L2 a fault; and what is no JSON. Device time begins at `from`. */
async function liveThrough(client: MqttClient, from: number): Promise<void> {
  const publish = (topic: string, payload: string | Buffer) => client.publishAsync(topic, payload, { qos: 1 });
  await publish("lifts/L2/fault", JSON.stringify({ at: from, seq: 0, code: "02" }));
  // As a program in another language writes it.
  for (let seq = 0; seq < 6; seq += 1)
    await publish(
      "lifts/L1/speed",
      `{ "at": ${from + seq * 500},\n "seq": ${seq}, "speedMps": ${seq < 4 ? "2.2e0" : "1.0"}, "floor": 3, "note": "a\u2028b" }`,
    );
  for (let seq = 6; seq < 12; seq += 1)
    await publish("lifts/L1/speed", JSON.stringify({ at: from + seq * 1_000, seq, speedMps: 1, floor: 3 }));
  await publish("lifts/L1/door", "{oops");
  await publish("lifts/L1/door", Buffer.from([0xff, 0x00, 0x0a]));
}

interface Lived {
  readonly heard: readonly string[];
  readonly journalId: string;
}

/** A run with alerts and an operator's act; what the feed said. The program goes on. */
async function lived(program: Program): Promise<Lived> {
  using feed = new FeedClient(program.rest);
  await feed.greeted();
  const client = await connectAsync(`mqtt://127.0.0.1:${program.mqttPort}`, { reconnectPeriod: 0 });
  await liveThrough(client, Date.now() - PERIOD_MS);
  await client.endAsync();
  const { alert, cursor } = await feed.until("the fault", (change) => change.alert.hazard === "reported-fault");
  expect((await program.rest.post(`/api/alerts/${alert.id}/acknowledge`, { note: '他说 "done"' })).status).toBe(200);
  await feed.until("its acknowledgement", ({ change }) => change === "acknowledged");
  await feed.until("the end of the overspeed", ({ change, alert: { hazard } }) => change === "cleared" && hazard === "overspeed");
  return { heard: [...feed.lines], journalId: cursor.slice(0, cursor.lastIndexOf(":")) };
}

async function exported(site: Site, name: string, ...flags: string[]): Promise<string> {
  const out = join(site.directory, name);
  const finished = await runVerb(["export", "recording", "--data", site.data, "--out", out, ...flags]);
  expect(finished, finished.stderr).toMatchObject({ code: 0, stdout: "" });
  return out;
}

/** A recording by REST. */
async function download(program: Program, query: string): Promise<string> {
  const response = await fetch(`${program.rest.origin}/api/export/recording?${query}`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("application/x-ndjson");
  return response.text();
}

async function replayed(file: string, ...flags: string[]): Promise<string[]> {
  const finished = await runVerb(["replay", file, ...flags]);
  expect(finished, finished.stderr).toMatchObject({ code: 0 });
  return linesOf(finished.stdout);
}

describe("a recording of a run with bad payloads and an operator's act", () => {
  it("replays to the bytes that the feed said, exported beside the running program, after it, and over REST (kapacitor#691)", async () => {
    await using site = await openSite(LIFTS);
    await using program = await serve(site);
    const { heard, journalId } = await lived(program);
    expect(heard.length).toBeGreaterThan(3);

    // Beside the program, which goes on undisturbed.
    const beside = await exported(site, "beside.ndjson.gz");
    expect((await replayed(beside)).slice(0, heard.length)).toEqual(heard);
    const text = gunzipSync(await readFile(beside)).toString();
    expect(text.split("\n")[0]).toContain(`"journal":"${journalId}"`);
    expect(text).toContain('"payloadBase64":"/wAK"');
    expect(text).toContain('"speedMps": 2.2e0');
    expect((await replayed(site.data)).slice(0, heard.length)).toEqual(heard);
    expect((await program.rest.get("/api/health")).status).toBe(200);

    const fetched = join(site.directory, "rest.ndjson");
    await writeFile(fetched, await download(program, `from=1&to=${Date.now() + PERIOD_MS}`));
    expect((await replayed(fetched)).slice(0, heard.length)).toEqual(heard);

    expect(await program.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    const after = await exported(site, "after.ndjson");
    const lines = await replayed(after);
    expect(lines.slice(0, heard.length)).toEqual(heard);
    expect(await replayed(site.data)).toEqual(lines);
    expect(lines.filter((line) => line.includes('"change":"acknowledged"'))).toHaveLength(1);
  });

  it("can be of some lifts and of minutes: their messages, their rows of the register, every tick", async () => {
    await using site = await openSite(LIFTS);
    await using program = await serve(site);
    const { heard } = await lived(program);
    const found = heard.map(
      (line) => JSON.parse(line) as { alert: { liftId: string; hazard: string; entries: { first: number; last: number } } },
    );
    const overspeed = found.find(({ alert }) => alert.hazard === "overspeed")?.alert;
    expect(overspeed).toBeDefined();
    const text = await download(program, `from=${overspeed?.entries.first}&to=999999&liftId=L1`);
    const file = join(site.directory, "three-minutes.ndjson");
    await writeFile(file, text);
    const lines = linesOf(text).map((line) => JSON.parse(line) as { topic?: string; register?: { lifts: { liftId: string }[] } });
    expect(new Set(lines.flatMap(({ topic }) => topic ?? []))).toEqual(new Set(["lifts/L1/speed", "lifts/L1/door"]));
    expect(lines.flatMap(({ register }) => register?.lifts.map(({ liftId }) => liftId) ?? [])).toEqual(["L1"]);
    // The same alert by the same limits: id, times and entries, though the stretch begins in the middle.
    const again = (await replayed(file)).map((line) => (JSON.parse(line) as { alert: unknown }).alert);
    expect(again).toContainEqual(overspeed);
    // With the state before it, a stretch from the middle goes on as the run did, cursors included.
    const middle = overspeed?.entries.first ?? 0;
    const exact = await replayed(await exported(site, "exact.ndjson", "--from", String(middle), "--state"));
    const told = heard.slice(heard.length - exact.length, heard.length);
    expect(exact.length).toBeGreaterThan(1);
    expect(exact.slice(0, told.length)).toEqual(told);
  });

  it("is refused where there is nothing, or what was asked for is no point, and then nothing is written", async () => {
    await using site = await openSite(LIFTS);
    const none = await runVerb(["export", "recording", "--data", join(site.directory, "none")]);
    expect(none).toMatchObject({ code: 1, stdout: "" });
    await using program = await serve(site);
    const cases: [string[], RegExp][] = [
      [["--from", "yesterday"], /--from: expected .*; found yesterday/],
      [["--to", "2026-01-05"], /--to: expected .*; found 2026-01-05/],
      [["--lift", "L 1"], /--lift: expected the id of a lift; found "L 1"/],
      [["--from", "900000"], /no entries there; expected some of 1 to \d+/],
    ];
    for (const [flags, told] of cases) {
      const refused = await runVerb(["export", "recording", "--data", site.data, "--out", join(site.directory, "x"), ...flags]);
      expect(refused, flags.join(" ")).toMatchObject({ code: 2, stdout: "" });
      expect(refused.stderr).toMatch(told);
    }
    await expect(readFile(join(site.directory, "x"))).rejects.toThrow("ENOENT");
    for (const [query, status] of [
      ["from=x&to=2", 400],
      ["from=1", 400],
      ["from=1&to=2&liftId=L%201", 400],
      ["from=900000&to=900001", 404],
    ] as const)
      expect((await program.rest.get(`/api/export/recording?${query}`)).status, query).toBe(status);
  });
});

/** A line of a recording, `afterMs` after its beginning. */
function recordedLine(liftId: string, afterMs: number, seq: number): string {
  const receivedAt = 1_767_225_600_000 + afterMs;
  return JSON.stringify({ receivedAt, topic: `lifts/${liftId}/speed`, payload: { at: receivedAt, seq, speedMps: 0 } });
}

/** What alerts are about, but for silence, which is the network's. */
function essence(alerts: readonly { readonly liftId: string; readonly hazard: string; readonly raisedAt: number }[]): string[] {
  const told = alerts.filter(({ hazard }) => hazard !== "silent");
  return told.map(({ liftId, hazard, raisedAt }) => `${liftId} ${hazard} ${raisedAt}`).sort();
}

describe("replay --broker", () => {
  it("publishes the recording to another program, which tells the same alerts; with speed it takes the time that it should", async () => {
    await using site = await openSite(LIFTS);
    await using program = await serve(site);
    await lived(program);
    const file = await exported(site, "r.ndjson");
    await program.kill("SIGTERM");
    await using other = await openSite(LIFTS);
    await using target = await serve(other, { auth: true });
    const broker = `mqtt://127.0.0.1:${target.mqttPort}`;
    const tokens = join(other.data, "credentials", "devices.csv");
    const refused = await runVerb(["replay", file, "--broker", broker, "--speed", "max"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/refuses .*--credentials/);
    const sent = await runVerb(["replay", file, "--broker", broker, "--speed", "max", "--credentials", tokens]);
    expect(sent, sent.stderr).toMatchObject({ code: 0 });
    const summary = JSON.parse(sent.stdout.slice("republished ".length)) as Record<string, unknown>;
    expect(summary).toEqual({ published: 15, unacknowledged: 0, skipped: 0, reconnects: 0, stopped: false });
    expect(await stored(target.rest)).toMatchObject({ received: 15, accepted: 13, quarantined: 2, duplicate: 0 });
    await using again = await serve(site);
    await vi.waitFor(async () => {
      const live = essence(await alertsOf(again.rest));
      expect(live.length).toBeGreaterThan(1);
      expect(essence(await alertsOf(target.rest))).toEqual(live);
    }, PATIENCE);

    // Two messages 20 s apart, ten times as fast.
    const slow = join(other.directory, "slow.ndjson");
    await writeFile(slow, [recordedLine("L9", 0, 0), recordedLine("L9", 20_000, 1), ""].join("\n"));
    const began = performance.now();
    const paced = await runVerb(["replay", slow, "--broker", `mqtt://127.0.0.1:${again.mqttPort}`, "--speed", "10"]);
    expect(paced, paced.stderr).toMatchObject({ code: 0 });
    expect(performance.now() - began).toBeGreaterThan(2_000);
  });

  it("ends in good order when it is told to stop, with a word on what it has published", async () => {
    await using site = await openSite(LIFTS);
    await using program = await serve(site);
    const file = join(site.directory, "long.ndjson");
    await writeFile(file, [0, 1, 2].map((seq) => recordedLine("L1", seq * 3_600_000, seq)).join("\n"));
    await using replay = new Spawned(["replay", file, "--broker", `mqtt://127.0.0.1:${program.mqttPort}`]);
    await vi.waitFor(async () => expect((await fetchJson<{ received: number }>(program.rest, "/api/ledger")).received).toBe(1), PATIENCE);
    expect(await replay.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    expect(replay.stdout).toBe('republished {"published":1,"unacknowledged":0,"skipped":0,"reconnects":0,"stopped":true}\n');
  });

  it.each([
    [["--broker", "http://x"], /--broker: expected a URL/],
    [["--broker", "mqtt://127.0.0.1:1883", "--speed", "0"], /--speed: expected a factor above 0/],
    [["--broker", "mqtt://127.0.0.1:1883", "--alerts", "x"], /--alerts: is not for --broker/],
    [["--speed", "2"], /--speed: is for --broker/],
    [["--broker", "mqtt://127.0.0.1:1883", "--gateway", "g"], /--gateway: g has no token/],
  ])("refuses %j with code 2", async (flags, told) => {
    const refused = await runVerb(["replay", "nothing.ndjson", ...flags]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toMatch(told);
  });
});

describe("backtest", () => {
  it("tells what other limits would have told, of a directory and of a recording alike, and scores both", async () => {
    await using site = await openSite(LIFTS);
    await using program = await serve(site);
    const { heard } = await lived(program);
    const raised = heard.map((line) => JSON.parse(line) as { change: string; alert: { hazard: string; raisedAt: number } });
    const overspeed = raised.find(({ alert }) => alert.hazard === "overspeed")?.alert.raisedAt ?? 0;
    await program.kill("SIGTERM");
    const strict = join(site.directory, "strict.yaml");
    await writeFile(strict, "version: lenient-1\noverspeed: { warnFactor: 1.5, alarmFactor: 1.6, criticalFactor: 1.7 }\n");
    const truth = join(site.directory, "truth.ndjson");
    await writeFile(truth, `${JSON.stringify({ liftId: "L1", hazard: "overspeed", from: overspeed - 500, to: overspeed + 5_000 })}\n`);
    const file = await exported(site, "r.ndjson.gz");

    const text = await runVerb(["backtest", site.data, "--rules", strict]);
    expect(text, text.stderr).toMatchObject({ code: 0 });
    expect(text.stdout).toContain("(version lenient-1)");
    expect(text.stdout).toMatch(/lost, told against only:\n {2}\S+ {2}L1 {2}overspeed {2}critical confirmed/);
    const json = await runVerb(["backtest", file, "--rules", strict, "--against", "default", "--truth", truth, "--json"]);
    expect(json, json.stderr).toMatchObject({ code: 0 });
    const result = JSON.parse(json.stdout) as {
      hazards: { hazard: string }[];
      gained: unknown[];
      lost: { liftId: string }[];
      moved: unknown[];
      score: { rules: { all: { found: number } }; against: { all: { found: number } } };
    };
    expect(result.hazards.find(({ hazard }) => hazard === "overspeed")).toEqual({
      hazard: "overspeed",
      rules: 0,
      against: 1,
      same: 0,
      gained: 0,
      lost: 1,
      moved: 0,
    });
    expect([result.gained, result.moved]).toEqual([[], []]);
    expect(result.lost.map(({ liftId }) => liftId)).toEqual(["L1"]);
    expect([result.score.rules.all.found, result.score.against.all.found]).toEqual([0, 1]);
    const same = await runVerb(["backtest", file, "--rules", "own", "--against", "default"]);
    expect(same.stdout).toContain("no differences");
    const bad = await runVerb(["backtest", file, "--rules", join(site.directory, "none.yaml")]);
    expect(bad).toMatchObject({ code: 2, stdout: "" });
    expect(await runVerb(["backtest", file])).toMatchObject({ code: 2, stdout: "" });
  });
});
