import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { operatorLoad } from "../../src/verbs/operator-load.ts";
import { operatorLoadSchema } from "../../src/reports/load-schema.ts";
import { alertLines, START } from "../score-files.ts";

let directory = "";
const file = (name: string): string => join(directory, name);
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "hoistway-load-verb-"));
  const lines = alertLines("A", "overspeed", 1);
  writeFileSync(file("alerts.ndjson"), `${lines.join("\n")}\n{"type":"heartbeat","cursor":"e:1","at":5}\n`);
  writeFileSync(file("wrong.ndjson"), `${lines[0]}\n{\n{"type":"change"}\n`);
  writeFileSync(file("empty.ndjson"), "");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

type Flags = Parameters<typeof operatorLoad>[0];
const flags = (change: Partial<Flags>): Flags => ({ positions: "1", lang: "en", timezone: "Asia/Shanghai", ...change });

async function printed(change: Partial<Flags>): Promise<string> {
  let text = "";
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  await operatorLoad(flags(change));
  return text;
}

test.each([
  [{}, /^expected either --data DIR or --alerts FILE$/],
  [{ data: ".", alerts: "x" }, /^expected either --data DIR or --alerts FILE$/],
  [{ alerts: "x", positions: "0" }, /^--positions: expected 1 to 100; found 0$/],
  [{ alerts: "x", positions: "one" }, /^--positions: expected 1 to 100; found one$/],
  [{ alerts: "x", lang: "fr" }, /^--lang: expected en or zh; found fr$/],
  [{ alerts: "x", timezone: "Mars" }, /^--timezone: expected an IANA time zone/],
  [{ alerts: "x", from: "20", to: "10" }, /^--to: expected a time after --from$/],
  [{ alerts: "x", from: "yesterday" }, /^--from: expected ms since the epoch/],
  [{ alerts: "/nowhere/x" }, /^--alerts \/nowhere\/x: cannot be read/],
])("%o is refused with what was expected", async (change, message) => {
  await expect(operatorLoad(flags(change))).rejects.toThrow(UsageError);
  await expect(operatorLoad(flags(change))).rejects.toThrow(message);
});

test("every mistake of a file is told with its line", async () => {
  await expect(operatorLoad(flags({ alerts: file("wrong.ndjson") }))).rejects.toThrow(/line 2: expected JSON[^]*line 3: change: /);
});

test("a file without a change has a report only of a period that is given", async () => {
  await expect(operatorLoad(flags({ alerts: file("empty.ndjson") }))).rejects.toThrow(/has no change; expected --from and --to/);
  const report = JSON.parse(await printed({ alerts: file("empty.ndjson"), from: "0", to: "600000", json: true })) as unknown;
  expect(operatorLoadSchema.parse(report)).toMatchObject({ pages: 0, verdict: "too-short" });
});

test("a period that is longer than a report can be is refused", async () => {
  const endless = flags({ alerts: file("alerts.ndjson"), from: "0", to: "999999999999999" });
  await expect(operatorLoad(endless)).rejects.toThrow(/found a period of 11574075 days; expected at most 400/);
});

test("a file of changes is reported from its first to its last change, as tables in both languages or as an object", async () => {
  const report = operatorLoadSchema.parse(JSON.parse(await printed({ alerts: file("alerts.ndjson"), json: true })));
  expect(report).toMatchObject({ pages: 1, topTen: [{ liftId: "A", hazard: "overspeed", pages: 1 }] });
  expect(report.from).toBeGreaterThanOrEqual(START);
  expect(report.to).toBeGreaterThan(report.from);
  expect(await printed({ alerts: file("alerts.ndjson") })).toContain("Operator load");
  expect(await printed({ alerts: file("alerts.ndjson"), lang: "zh" })).toContain("操作员报警负荷");
});

test("a directory without a store is refused, and nothing is made in it", async () => {
  await expect(operatorLoad(flags({ data: directory }))).rejects.toThrow(/holds no store; .*GET \/api\/reports\/operator-load/);
});
