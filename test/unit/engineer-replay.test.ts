/** The dashboard's replay, as its worker folds it: the program's own monitor, at any entry, however one comes to it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { backtest } from "../../dashboards/web/src/engineer/replay/backtest.ts";
import { BadRecording, loadRecording } from "../../dashboards/web/src/engineer/replay/load.ts";
import { MARK } from "../../dashboards/web/src/engineer/replay/mark.ts";
import { ReplaySession } from "../../dashboards/web/src/engineer/replay/session.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";
import { changeFrame } from "../../src/feed/change-frame.ts";
import { readRecording } from "../../src/recording/read.ts";
import type { Played } from "../../src/recording/reader.ts";
import { Run } from "../../src/recording/run.ts";
import { messages, START } from "../golden/timeline.ts";

const directory = mkdtempSync(join(tmpdir(), "hoistway-engineer-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** People are shut in between floors for three minutes; later the car is too fast for some seconds, twice. */
const STORY = `
  0     online online=true keepAliveS=60
  0     status persons=2 mode=normal
  1     door state=closed
  2     speed speedMps=1.2 floor=3 doorZone=false positionM=7.1
  3     speed speedMps=0 floor=3 doorZone=false positionM=8.2
  60    status persons=2
  120   status persons=2
  180   status persons=2
  200   speed speedMps=0.1 floor=3 doorZone=false positionM=8.3
  201   speed speedMps=0 floor=3 doorZone=true positionM=9
  202   door state=open
  205   status persons=0
  210   door state=closed
  ${[...Array(9).keys()].map((n) => `${220 + n} speed speedMps=1.86 floor=${4 + n} doorZone=false`).join("\n")}
  235   speed speedMps=0 floor=14 doorZone=true
  260   status persons=0
`;

function recording(script = STORY, from = 0): string {
  const rules = { receivedAt: START, tick: true, rules: DEFAULT_RULES };
  const register = {
    receivedAt: START,
    tick: true,
    register: { part: 0, parts: 1, lifts: [{ liftId: "L1", kind: "passenger", ratedSpeedMps: 1.75 }] },
  };
  const lines = messages(script)
    .filter(({ atMs }) => atMs >= START + from * 1_000)
    .map(({ atMs, topic, payload }) => ({ receivedAt: atMs, topic, payload: JSON.parse(payload) as unknown }));
  return [register, rules, ...lines, { receivedAt: (lines.at(-1)?.receivedAt ?? START) + 60_000, tick: true }]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join("");
}

function streamOf(text: string, chunkBytes = 700): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += chunkBytes) controller.enqueue(bytes.subarray(at, at + chunkBytes));
      controller.close();
    },
  });
}

const nothing = (): void => undefined;
const load = async (text: string) => (await loadRecording(streamOf(text), nothing)).played;

/** What the program's own verb makes of the same recording. */
async function replayed(text: string): Promise<string> {
  const file = join(directory, "recording.ndjson");
  writeFileSync(file, text);
  const run = new Run(null, null, DEFAULT_RULES);
  let told = "";
  for await (const batch of readRecording("FILE", file))
    for (const played of batch) for (const change of run.take(played)) told += `${JSON.stringify(changeFrame(run.epoch, change))}\n`;
  return told;
}

function folded(played: readonly Played[], index: number): Run {
  const run = new Run(null, null, DEFAULT_RULES);
  for (const each of played.slice(0, index)) run.take(each);
  return run;
}

describe("a replay in the browser", () => {
  test("tells the alert changes of `hoistway replay`, byte for byte, whole and from the middle", async () => {
    for (const text of [recording(), recording(STORY, 150)]) {
      const session = new ReplaySession(await load(text));
      const { changes } = session.prepare(nothing);
      expect(changes.length).toBeGreaterThan(1);
      expect(session.changesText()).toBe(await replayed(text));
    }
  });

  test("shows at any entry, in any order of looking, the monitor that has folded everything up to it (law L3)", async () => {
    const beats = Array.from({ length: 2_500 }, (_, n) => `${300 + n} status persons=${n % 3}`).join("\n");
    const played = await load(recording(`${STORY}\n${beats}`));
    const session = new ReplaySession(played);
    session.prepare(nothing);
    expect(played.length).toBeGreaterThan(5_000);
    for (const index of [played.length, 0, 4_321, 4_322, 90, 89, 1_000, 999, 3_000, 250]) {
      const { monitor } = folded(played, index);
      const moment = session.at(index, "L1");
      expect(moment, `after ${index}`).toMatchObject({ index, seq: monitor.position });
      expect(moment.lift, `after ${index}`).toEqual(monitor.lift("L1"));
      expect(moment.judging).toEqual(monitor.judging("L1"));
      expect(moment.alerts).toEqual(monitor.alerts());
    }
  });

  test("shows conditions, timers and samples of each rule, and what a rule lacks until it has been heard", async () => {
    const played = await load(recording());
    const session = new ReplaySession(played);
    const { times } = session.prepare(nothing);
    const at = (second: number, hazard: string) =>
      session.at(times.findLastIndex((time) => time <= START + second * 1_000) + 1, "L1").judging.find((each) => each.hazard === hazard);
    expect(at(0, "entrapment")).toMatchObject({ phase: "cannot-judge", missing: ["state", "speedMps"] });
    expect(at(2, "entrapment")).toMatchObject({ phase: "at-rest", holds: false, heldMs: null });
    expect(at(13, "entrapment")).toMatchObject({
      phase: "holding",
      holds: true,
      heldMs: 10_000,
      raisedAfterMs: 30_000,
      settledAfterMs: 90_000,
    });
    expect(at(40, "entrapment")).toMatchObject({ phase: "alert", level: 1, levels: 2, evidence: ["signal"], raised: 1 });
    expect(at(100, "entrapment")).toMatchObject({ phase: "alert", level: 2 });
    expect(at(203, "entrapment")).toMatchObject({ phase: "at-rest", alertId: null, raised: 1 });
    expect(at(221, "overspeed")).toMatchObject({ phase: "holding", heldMs: 1_000, raisedAfterMs: null });
    expect(at(260, "silent")).toMatchObject({ phase: "at-rest", heldMs: 0, raisedAfterMs: 180_000 });
  });

  test("says what was known when it began, and when each channel was first heard", async () => {
    const session = new ReplaySession(await load(recording(STORY, 150)));
    const { begins, traces, liftIds, marks } = session.prepare(nothing);
    expect(begins).toBe("in-the-middle");
    expect(liftIds).toEqual(["L1"]);
    expect(traces["L1"]?.firstHeard).toEqual({
      door: START + 202_000,
      speed: START + 200_000,
      status: START + 180_000,
      fault: null,
      online: null,
    });
    expect([...(traces["L1"]?.curves.front.value ?? [])]).toEqual([1, 0]);
    expect(traces["L1"]?.curves.positionM.at[0]).toBe(START + 200_000);
    expect(Array.from(marks.subarray(0, 2))).toEqual([MARK.other, MARK.other]);
    const own = `${JSON.stringify({ receivedAt: START, tick: true, recording: { version: 1, journal: "j1", first: 1, last: 9 } })}\n`;
    expect(new ReplaySession(await load(own + recording())).prepare(nothing)).toMatchObject({ begins: "with-journal", journal: "j1" });
    const state = { part: 0, parts: 1, text: JSON.stringify(folded([], 0).monitor.snapshot()) };
    const told = `${JSON.stringify({ receivedAt: START, tick: true, state })}\n`;
    const twice = new ReplaySession(await load(told + recording()));
    expect(twice.prepare(nothing).begins).toBe("with-state");
    expect(twice.at(40, "L1")).toEqual(twice.at(40, "L1"));
  });
});

describe("the browser's bounds", () => {
  test("end a recording that is longer, and say so", async () => {
    const text = recording();
    const whole = await loadRecording(streamOf(text), nothing);
    expect(whole).toMatchObject({ complete: true, bytes: Buffer.byteLength(text) });
    const cut = await loadRecording(streamOf(text), nothing, { entries: 50, bytes: 1e9 });
    expect(cut.complete).toBe(false);
    expect(cut.played).toEqual(whole.played.slice(0, 50));
    expect(await loadRecording(streamOf(text), nothing, { entries: 1e9, bytes: 2_000 })).toMatchObject({ complete: false, bytes: 2_100 });
  });

  test("a line that is none of a recording is named, and characters may be cut anywhere", async () => {
    await expect(load(`${recording()}{"what":1}\n`)).rejects.toThrow(BadRecording);
    await expect(load('{"receivedAt":1,"tick":true}\n\n{"receivedAt":0,"tick":true}\n')).rejects.toThrow(
      /^line 3: receivedAt: found 0 after 1/,
    );
    const name = `${JSON.stringify({ receivedAt: START, topic: "lifts/L1/door", payload: { note: "电梯" } })}\n`;
    expect((await loadRecording(streamOf(name, 1), nothing)).played).toMatchObject([{ payload: '{"note":"电梯"}' }]);
  });
});

describe("a backtest in the browser", () => {
  test("tells what other limits gain, lose and move over the same entries", async () => {
    const played = await load(recording());
    const edited = {
      ...DEFAULT_RULES,
      entrapment: { ...DEFAULT_RULES.entrapment, suspectedAfterMs: 20_000 },
      overspeed: { ...DEFAULT_RULES.overspeed, warnFactor: 1.4, alarmFactor: 1.4, criticalFactor: 1.5 },
      "door-held-open": { ...DEFAULT_RULES["door-held-open"], afterMs: 5_000 },
    };
    const { hazards, gained, lost, moved } = backtest(played, edited, null, nothing);
    expect(gained.map(({ hazard }) => hazard)).toEqual(["door-held-open"]);
    expect(lost.map(({ hazard }) => hazard)).toEqual(["overspeed"]);
    expect(moved.map(({ rules, against }) => [rules.hazard, rules.raisedAt - against.raisedAt])).toEqual([["entrapment", -10_000]]);
    expect(hazards.at(-1)).toMatchObject({ hazard: "all", gained: 1, lost: 1, moved: 1 });
    expect(backtest(played, DEFAULT_RULES, null, nothing)).toMatchObject({ gained: [], lost: [], moved: [] });
  });
});
