import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { score } from "../../src/verbs/score.ts";
import { alertLines, START, truthLine } from "../score-files.ts";

let directory = "";
const file = (name: string): string => join(directory, name);
const bytes = gzipSync(alertLines("A", "overspeed", 1).join("\n"));
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "hoistway-score-verb-"));
  writeFileSync(file("truth.ndjson"), `\uFEFF${truthLine("A", "overspeed", 1, 2)}\r\n`);
  writeFileSync(file("alerts.ndjson.gz"), bytes);
  writeFileSync(file("torn.ndjson.gz"), bytes.subarray(0, bytes.length - 12));
  writeFileSync(file("fleet.csv"), "liftId,inService\nA,true\nB,true\nC,false\n");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

function flags(change: Readonly<Record<string, string | boolean>>): Parameters<typeof score>[0] {
  const usual = { truth: file("truth.ndjson"), alerts: file("alerts.ndjson.gz"), tolerance: "10", lang: "en", timezone: "Asia/Shanghai" };
  return { ...usual, ...change };
}

test.each([
  ["truth", "none", /--truth .*none: cannot be read \(ENOENT/],
  ["alerts", "torn.ndjson.gz", /--alerts .*torn\.ndjson\.gz: is not a whole gzip/],
  ["alerts", ".", /--alerts .*: cannot be read \(EISDIR/],
  ["fleet", "none.csv", /--fleet .*none\.csv: cannot be read/],
])("a file for --%s that is %s is named with the reason", async (flag, name, message) => {
  await expect(score(flags({ [flag]: file(name) }))).rejects.toThrow(UsageError);
  await expect(score(flags({ [flag]: file(name) }))).rejects.toThrow(message);
});

test.each([
  [{ tolerance: "-1" }, /^--tolerance: expected 0 to 86400 s; found -1$/],
  [{ tolerance: "" }, /^--tolerance: expected 0 to 86400 s; found $/],
  [{ from: "yesterday" }, /^--from: expected ms since the epoch, or a time such as .*; found yesterday$/],
  [{ to: "2026-01-05T08:00:00" }, /^--to: expected .*; found 2026-01-05T08:00:00$/],
  [{ from: "10", to: "10" }, /^--to: expected a time after --from$/],
  [{ lang: "fr" }, /^--lang: expected en or zh; found fr$/],
  [{ timeline: "x.png" }, /^--timeline: expected a file that ends in \.svg or \.html; found x\.png$/],
  [{ timezone: "Mars/Olympus" }, /^--timezone: expected an IANA time zone such as Asia\/Shanghai; found Mars\/Olympus$/],
])("%o is refused with what was expected", async (change, message) => {
  await expect(score(flags(change as Record<string, string>))).rejects.toThrow(message);
});

async function printed(change: Readonly<Record<string, string | boolean>>): Promise<string> {
  let text = "";
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  await score(flags(change));
  return text;
}

test("plain and gzipped files are read, with a byte order mark and Windows line ends, and the period comes from the flags or the files", async () => {
  const from = new Date(START).toISOString();
  const given = JSON.parse(await printed({ json: true, from, to: String(START + 60_000) })) as Record<string, unknown>;
  expect(given).toMatchObject({
    lifts: 1,
    liftsFrom: "files",
    all: { events: 1, found: 1, cutOff: 0 },
    period: { from: START, to: START + 60_000 },
  });
  expect(given).toMatchObject({ periodFrom: "flag", periodTo: "flag", liftDays: 1 / 1_440, liftsNotInFleet: null });
  const found = JSON.parse(await printed({ json: true })) as Record<string, unknown>;
  expect(found).toMatchObject({
    period: { from: START + 1_000, to: START + 2_000 },
    periodFrom: "files",
    periodTo: "files",
    all: { cutOff: 1 },
  });
});

test("the exposure is that of the fleet's lifts in service, and lifts that it lacks are counted", async () => {
  const score = JSON.parse(await printed({ json: true, fleet: file("fleet.csv") })) as Record<string, unknown>;
  expect(score).toMatchObject({ lifts: 2, liftsFrom: "fleet", liftsNotInFleet: 0, liftsOnlyInTruth: 0, liftsOnlyInAlerts: 0 });
});
