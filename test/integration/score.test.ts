/** Scoring as a user does it: simulate, replay, score, each by the compiled program. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Hazard } from "../../src/core/effects.ts";
import { fleetCsv } from "../../src/register/register.ts";
import { demoFleet } from "../../simulators/fleet/fleet.ts";
import type { Score } from "../../src/score/report.ts";
import { runVerb, type Finished } from "../program/run.ts";
import { alertLines, truthLine } from "../score-files.ts";

/** Judged since the first version; each has a scenario. */
const JUDGED: readonly Hazard[] = [
  "entrapment",
  "entrapment-at-level",
  "unintended-movement",
  "door-open-while-running",
  "overspeed",
  "stopped-outside-door-zone",
  "door-held-open",
  "reported-fault",
  "silent",
];

let directory = "";
const file = (name: string): string => join(directory, name);
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "hoistway-score-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function done(words: readonly string[]): Promise<Finished> {
  const finished = await runVerb(words);
  expect(finished, finished.stderr).toMatchObject({ code: 0 });
  return finished;
}

describe("simulate, replay, score", () => {
  it("finds every event of the nine hazards in a demonstration of 200 lifts, and says so in a table, as JSON and as a picture", async () => {
    const [recording, truth, alerts, fleet] = [file("r.ndjson.gz"), file("truth.ndjson"), file("alerts.ndjson"), file("fleet.csv")];
    await done([
      "simulate",
      "--fleet",
      "demo",
      "--duration",
      "2700",
      "--scenario",
      "demo",
      "--seed",
      "7",
      "--out",
      recording,
      "--truth",
      truth,
    ]);
    await writeFile(fleet, fleetCsv(demoFleet()));
    await done(["replay", recording, "--fleet", fleet, "--alerts", alerts, "--judging", file("judging.ndjson")]);
    const files = ["score", "--truth", truth, "--alerts", alerts, "--fleet", fleet, "--judging", file("judging.ndjson")];
    const { stdout } = await done([...files, "--json"]);
    const score = JSON.parse(stdout) as Score;
    expect(score).toMatchObject({ lifts: 200, liftsFrom: "fleet", liftsNotInFleet: 0, otherFrames: 0, said: expect.any(Number) as number });
    for (const hazard of JUDGED) {
      const row = score.hazards.find((candidate) => candidate.hazard === hazard);
      // What the end of the recording cuts off may be too short to be told.
      expect(row, hazard).toMatchObject({ missed: row?.cutOffMissed });
      expect(row?.found, hazard).toBeGreaterThan(2);
    }

    const table = await done([...files, "--confusion", "--timeline", file("lifts.html"), "--lang", "zh"]);
    expect(table.stdout).toMatch(/^period .* 200 lifts of the fleet · [\d.]+ lift-days · tolerance 10 s\n/);
    expect(table.stdout).toMatch(/\nentrapment {2,}\d+/);
    expect(table.stdout).toContain("what was there (down)");
    const page = await readFile(file("lifts.html"), "utf8");
    expect(page).toContain("困人");
    expect(page).not.toMatch(/<script|https?:(?!\/\/www\.w3\.org)/);
  });
});

describe("score with bad input", () => {
  it("ends with code 2 and a line for each bad line: file, number, what was found and expected; and draws nothing", async () => {
    const [truth, alerts] = [file("bad-truth.ndjson"), file("bad-alerts.ndjson")];
    const long = `"${"x".repeat(2 * 1024 * 1024)}"`;
    const lines = [truthLine("A", "overspeed", 1, 2), "{", "", `{"liftId":"A","hazard":"flight","from":1,"to":2}`, long, "\xff\xfe", "7"];
    await writeFile(truth, lines.join("\n"), "latin1");
    await writeFile(alerts, `${alertLines("A", "overspeed", 1).join("\n")}\n`);
    const refused = await runVerb(["score", "--truth", truth, "--alerts", alerts, "--timeline", file("none.svg")]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    const said = refused.stderr.trim().split("\n");
    expect(said).toHaveLength(5);
    for (const [index, words] of [
      [0, /bad-truth\.ndjson: line 2: found \{; expected JSON/],
      [1, /line 4: hazard: expected the slug of a hazard, such as overspeed; found "flight"/],
      [2, /line 5: found 2097154 bytes; expected at most 2097152 in a line/],
      [3, /line 6: found bytes that are not UTF-8; expected JSON/],
      [4, /line 7: .*expected object/],
    ] as const) {
      expect(said[index]).toMatch(words);
    }
    await expect(readFile(file("none.svg"))).rejects.toThrow("ENOENT");
  });

  it("tells the first twenty mistakes of a file and how many more there are", async () => {
    const [truth, alerts] = [file("empty.ndjson"), file("worse.ndjson")];
    await writeFile(truth, "");
    await writeFile(alerts, "{}\n".repeat(50_000));
    const refused = await runVerb(["score", "--truth", truth, "--alerts", alerts]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr.trim().split("\n")).toHaveLength(21);
    expect(refused.stderr).toMatch(/worse\.ndjson: line 1: type: expected "change"; found nothing\n/);
    expect(refused.stderr).toMatch(/and 49980 more mistakes\n$/);
  });

  it("of two empty files prints a table with nothing in it", async () => {
    const empty = file("nothing.ndjson");
    await writeFile(empty, "\n");
    const { stdout } = await done(["score", "--truth", empty, "--alerts", empty, "--confusion", "--timeline", file("nothing.svg")]);
    expect(stdout).toMatch(/\nall +0 +0 +0 +–/);
    expect(await readFile(file("nothing.svg"), "utf8")).toContain("Nothing happened");
  });
});
