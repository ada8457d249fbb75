import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { runCommandLine } from "../../simulators/cli.ts";
import { Outbox } from "../../simulators/device/outbox.ts";
import { tinyFleet } from "../../simulators/fleet/fleet.ts";
import { FROM, runFleet } from "../simulator-signal.ts";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "simulator-"));
});
afterAll(() => rm(directory, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** Runs the command line with its output caught. */
async function simulators(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const caught = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      caught[name] += String(chunk);
      return true;
    });
  }
  const code = await runCommandLine(words);
  vi.restoreAllMocks();
  return { code, ...caught };
}

/** Writes fifteen minutes of the tiny fleet; gives back recording and truth. */
async function write(name: string, seed: string): Promise<[Buffer, Buffer]> {
  const [out, truth] = [join(directory, name), join(directory, `${name}.truth`)];
  const words = ["simulate", "--fleet", "tiny", "--duration", "900", "--seed", seed, "--out", out, "--truth", truth];
  const result = await simulators(...words);
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(result.stdout).toMatch(/^recorded \{"lifts":5,"messages":\d+,"readings":\d+,"seconds":[\d.]+,"messagesPerSecond":\d+\}\n$/);
  return [await readFile(out), await readFile(truth)];
}

test("the same arguments write the same bytes, another seed others, and compression changes nothing", async () => {
  const [a, aTruth] = await write("a.ndjson", "1");
  const [b, bTruth] = await write("b.ndjson", "1");
  const [c] = await write("c.ndjson", "2");
  const [z] = await write("z.ndjson.gz", "1");
  const [y] = await write("y.ndjson.gz", "1");
  expect(b.equals(a)).toBe(true);
  expect(bTruth.equals(aTruth)).toBe(true);
  expect(c.equals(a)).toBe(false);
  expect(y.equals(z)).toBe(true);
  expect(gunzipSync(z).equals(a)).toBe(true);
  for (const line of aTruth.toString().split("\n").slice(0, -1)) {
    expect(JSON.parse(line)).toEqual({
      liftId: expect.stringMatching(/^L\d$/),
      hazard: expect.any(String),
      from: expect.any(Number),
      to: expect.any(Number),
    });
  }
});

test("a lift's readings do not depend on how many other lifts there are", () => {
  const fleet = tinyFleet();
  const all = runFleet(fleet, "normal", 1_800);
  const alone = runFleet(fleet.slice(2, 3), "normal", 1_800);
  expect(alone.signals.get("L3")).toEqual(all.signals.get("L3"));
  expect(alone.signals.get("L3")?.length).toBeGreaterThan(50);
});

test("lines are ordered by arrival, every boot counts from 0 without a gap, and it begins by saying that it is there", () => {
  const { text, signals } = runFleet(tinyFleet(), "silent", 3_600, 8);
  const arrivals = text
    .split("\n")
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { receivedAt: number }).receivedAt);
  expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
  let boots = 0;
  for (const [liftId, readings] of signals) {
    const next = new Map<string, number>();
    for (const { boot, seq, channel, online, at } of readings) {
      expect(seq, `${liftId} ${boot} at ${at}`).toBe(next.get(boot) ?? 0);
      next.set(boot, seq + 1);
      expect(seq > 0 || (channel === "online" && online === true), `${liftId} ${boot} begins`).toBe(true);
    }
    boots += next.size;
  }
  // Devices that died came back under a new name.
  expect(boots).toBeGreaterThan(5);
});

test("a silent lift is announced by its will, and a network that returns brings the backlog in order, in arrays", () => {
  const { text, signals, wills, truth } = runFleet(tinyFleet(), "silent", 7_200, 8);
  expect(wills.length).toBeGreaterThanOrEqual(truth.length);
  for (const will of wills) {
    expect(will).toMatchObject({ channel: "online", online: false });
    expect(will.at).toBeLessThan(will.receivedAt);
  }
  // The will has a sequence of its own: the number of the connection.
  const own = new Set([...signals.values()].flat().map(({ boot }) => `${boot}-will`));
  expect(wills.every(({ boot, seq }) => own.has(boot) && seq >= 1)).toBe(true);
  let backlog = 0;
  for (const readings of signals.values()) {
    for (const [index, reading] of readings.entries()) {
      expect(reading.at).toBeGreaterThanOrEqual(readings[index - 1]?.at ?? FROM);
      if (reading.receivedAt - reading.at > 180_000) backlog++;
    }
  }
  expect(backlog).toBeGreaterThan(10);
  expect(text).toContain('"payload":[{');
});

test("an outbox keeps the order, groups what may be grouped, and makes room at its bound", () => {
  const outbox = new Outbox(4);
  const push = (channel: "speed" | "door" | "online", payload: string): void => outbox.push({ channel, payload, count: 1 });
  push("speed", "1");
  push("speed", "2");
  push("online", "3");
  push("online", "4");
  push("door", "5");
  expect([outbox.size, outbox.dropped]).toEqual([4, 1]);
  const taken = outbox.take(500, 1_000);
  expect(taken).toEqual({ channel: "speed", payload: "2", count: 1 });
  outbox.unshift([{ channel: "speed", payload: "[8,9]", count: 2 }]);
  expect([
    outbox.take(500, 1_000),
    outbox.take(500, 1_000),
    outbox.take(500, 1_000),
    outbox.take(500, 1_000),
    outbox.take(500, 1_000),
  ]).toEqual([
    { channel: "speed", payload: "[8,9]", count: 2 },
    { channel: "online", payload: "3", count: 1 },
    { channel: "online", payload: "4", count: 1 },
    { channel: "door", payload: "5", count: 1 },
    null,
  ]);
  const full = new Outbox(100);
  for (let index = 0; index < 10; index++) full.push({ channel: "speed", payload: "12345", count: 1 });
  expect(full.take(3, 1_000)?.payload).toBe("[12345,12345,12345]");
  expect(full.take(500, 20)?.payload).toBe("[12345,12345,12345]");
  expect(full.size).toBe(4);
});

test.each([
  [["simulate", "--scenario", "fire"], "--scenario"],
  [["simulate", "--lifts", "0"], "--lifts"],
  [["simulate", "--speed", "fast"], "--speed"],
  [["simulate", "--fleet", "missing.csv"], "missing.csv"],
  [["simulate", "--fleet", "tiny", "--lifts", "6"], "at most the 5"],
  [["simulate", "--out", "x.ndjson", "--broker", "mqtt://127.0.0.1:1"], "--broker"],
  [["simulate", "--broker", "127.0.0.1"], "--broker"],
  [["simulate", "--fleet", "tiny", "--scenario", "handrail-deviation"], "needs an escalator"],
  [["simulate", "--from", "yesterday", "--out", "x.ndjson"], "--from"],
  [["fleet", "generate"], "--out"],
  [["dance"], "dance"],
])("the command line refuses %j with exit code 2 and says where the mistake is", async (words, said) => {
  const { code, stdout, stderr } = await simulators(...words);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(said);
});

test("a file that cannot be written fails the run with exit code 1", async () => {
  const { code, stderr } = await simulators("simulate", "--fleet", "tiny", "--out", join(directory, "none", "x.ndjson"));
  expect(code).toBe(1);
  expect(stderr).toContain("ENOENT");
});

test("a run that is made a few events at a time says the same, in the same order, as one that is made at once", () => {
  const whole = runFleet(tinyFleet(), "demo", 900);
  for (const events of [1, 2, 3, 7, 100])
    expect(runFleet(tinyFleet(), "demo", 900, 1, FROM, events).text === whole.text, `${events}`).toBe(true);
});
