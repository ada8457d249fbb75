/** Each bench in a tiny configuration, so that it cannot rot unseen; its figures mean nothing here. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { benchDecode } from "../../bench/decode.ts";
import { benchFeed } from "../../bench/feed.ts";
import { benchJournal } from "../../bench/journal.ts";
import { benchLearning } from "../../bench/learning.ts";
import { benchMonitor } from "../../bench/monitor.ts";
import { writeResults } from "../../bench/results.ts";
import { against } from "../../bench/row.ts";
import { benchSimulate } from "../../bench/simulate.ts";
import { benchStore } from "../../bench/store.ts";
import { machine, table } from "../../bench/table.ts";
import { problemsOf } from "../bench-rows.ts";

test("decode", () => {
  expect(problemsOf(benchDecode({ messages: 2_000, rounds: 3 }), /^decode: JSON and zod/)).toEqual([]);
});

test("monitor", () => {
  expect(problemsOf(benchMonitor({ lifts: 200, fewLifts: 10, messages: 6_000, batch: 20 }), /^monitor: /)).toEqual([]);
});

test("learning", () => {
  expect(problemsOf(benchLearning({ updates: 20_000, days: 500, charts: 4 }), /^learning: /)).toEqual([]);
});

test("journal", async () => {
  expect(problemsOf(await benchJournal({ runMs: 25, rounds: 2 }), /^journal/)).toEqual([]);
});

test("store", async () => {
  expect(problemsOf(await benchStore({ readings: 16_384, perS: 2_000, seconds: 1 }), /^store: /)).toEqual([]);
});

test("simulate", async () => {
  expect(problemsOf(await benchSimulate({ lifts: 20, seconds: 120, sample: 200 }), /^simulate: /)).toEqual([]);
});

test("feed", async () => {
  expect(problemsOf(await benchFeed({ clients: 3, rates: [50], seconds: 0.3, rounds: 1 }), /^feed, 50 changes\/s to 3 clients: /)).toEqual(
    [],
  );
});

test("rows become a table, and replace a part of the results", () => {
  const rows = [against("a: b", 1_234.5, "x/s", { name: "plain", value: 617.25 }), { name: "a: c", value: 0.001_234, unit: "ms" }];
  const lines = table(rows).trimEnd().split("\n");
  expect(lines).toHaveLength(4);
  expect(lines[2]).toMatch(/^\| a: b +\| +1,230 \| x\/s +\| plain +\| +617 \| +2 × \|$/);
  expect(machine()).toMatch(/UTC, \d+ cores .* Node \d+\.\d+/);
  const directory = mkdtempSync(join(tmpdir(), "hoistway-bench-results-"));
  try {
    const file = join(directory, "RESULTS.md");
    writeFileSync(file, "before\n<!-- bench a -->\nold\n<!-- /bench a -->\nafter\n");
    writeResults(file, "a", "a machine", rows);
    expect(readFileSync(file, "utf8")).toMatch(
      /^before\n<!-- bench a -->\n\n`npm run bench a`, a machine\n\n\| [^]*\n<!-- \/bench a -->\nafter\n$/,
    );
    expect(() => writeResults(file, "b", "a machine", rows)).toThrow(/RESULTS\.md: expected <!-- bench b -->/);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
