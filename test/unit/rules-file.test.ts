/** Files of limits: read, refused with every mistake and its line, written out, and named by their content. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { DEFAULT_RULES } from "../../src/core/rules.ts";
import { UsageError } from "../../src/errors.ts";
import { describeMistake } from "../../src/files/mistakes.ts";
import { examineRules, readRules } from "../../src/rules/file.ts";
import { changedRulesYaml, defaultRulesYaml, rulesJsonSchema } from "../../src/rules/yaml.ts";

const directory = mkdtempSync(join(tmpdir(), "hoistway-rules-"));
afterAll(() => rmSync(directory, { recursive: true }));
const ZONE = "Asia/Shanghai";

function file(text: string): string {
  const path = join(directory, "rules.yaml");
  writeFileSync(path, text);
  return path;
}
const read = (text: string) => readRules(file(text), ZONE);
const mistakes = (text: string) => examineRules(file(text), ZONE).mistakes.map((mistake) => describeMistake({ ...mistake, file: "r" }));

test("what differs from the built-in limits is written with its source, and read back as the same limits", () => {
  const rules = read("overspeed:\n  warnFactor: 1.07\nsilent:\n  offlineAfterMs: 400000\n");
  const text = changedRulesYaml(rules, null);
  expect(read(text)).toEqual(rules);
  expect(text).toContain("overspeed:\n  # built in: 1.05\n  # domain.md §2; 1 to 3\n  warnFactor: 1.07\n");
  expect(text).not.toContain("alarmFactor");
  const named = read(changedRulesYaml(rules, "site-2: a"));
  expect(named).toEqual({ ...rules, version: "site-2: a" });
  expect(read(changedRulesYaml(DEFAULT_RULES, null))).toEqual(readRules(undefined, ZONE));
});

test("the defaults that are printed are read back as the defaults, and name every limit", () => {
  const text = defaultRulesYaml();
  expect(read(text)).toEqual(readRules(undefined, ZONE));
  let limits = 0;
  for (const [section, values] of Object.entries(DEFAULT_RULES)) {
    if (typeof values !== "object") continue;
    expect(text).toContain(`\n${section}:\n`);
    for (const name of Object.keys(values)) {
      expect(text, `${section}.${name}`).toMatch(new RegExp(`^  ${name}:`, "m"));
      limits += 1;
    }
  }
  expect(limits).toBeGreaterThan(80);
  // Most limits say where they come from.
  expect(text.match(/^ +# .*(domain|law|A:|A\b)/gm)?.length).toBeGreaterThan(60);
});

test("a changed limit is another version, unless the file names one; the built-in limits have theirs, and the time zone has no part in it", () => {
  const builtIn = readRules(undefined, ZONE).version;
  expect(builtIn).toMatch(/^builtin-[0-9a-f]{12}$/);
  expect(readRules(undefined, "Europe/Vienna").version).toBe(builtIn);
  expect(read("").version).toBe(builtIn);
  expect(read("overspeed: { warnFactor: 1.05 }\n").version).toBe(builtIn);
  const one = read("overspeed: { warnFactor: 1.04 }\n").version;
  const other = read("overspeed: { warnFactor: 1.06 }\n").version;
  expect(one).toMatch(/^limits-[0-9a-f]{12}$/);
  expect(new Set([builtIn, one, other]).size).toBe(3);
  expect(read("# the same, written otherwise\noverspeed:\n  warnFactor: 1.04\n").version).toBe(one);
  expect(read("version: site-7\noverspeed: { warnFactor: 1.04 }\n").version).toBe("site-7");
});

test("every mistake is told with its line, what was found and what was expected", () => {
  const told = mistakes("overspeed:\n  warnFactor: fast\n  warnFaktor: 1.05\n\nentrapment:\n  suspectedAfterMs: -1\noverspead: {}\n");
  expect(told).toHaveLength(4);
  expect(told).toEqual([
    expect.stringMatching(/^r: line 6, entrapment\.suspectedAfterMs: .*>=0; found -1$/),
    expect.stringMatching(/^r: line 2, overspeed\.warnFactor: .*expected number.*; found "fast"$/),
    expect.stringMatching(/^r: line 3, overspeed\.warnFaktor: is not a limit; expected one of .*warnFactor/),
    expect.stringMatching(/^r: line 7, overspead: is not a limit; expected one of .*overspeed/),
  ]);
});

test("limits that contradict each other are refused", () => {
  expect(mistakes("overspeed:\n  warnFactor: 1.2\n")).toEqual([
    "r: line 1, overspeed.alarmFactor: found 1.1; expected at least warnFactor, which is 1.2",
  ]);
  expect(mistakes("entrapment:\n  suspectedAfterMs: 100000\n  confirmedAfterMs: 50000\n")).toEqual([
    "r: line 3, entrapment.confirmedAfterMs: found 50000; expected at least suspectedAfterMs, which is 100000",
  ]);
});

test.each([
  ["a: [1\n", /^r: line \d+: .*expected YAML$/],
  ["overspeed:\n  warnFactor: 1.05\n  warnFactor: 1.06\n", /^r: line 3: .*unique.*; expected YAML$/],
  ["- overspeed\n", /^r: line 1: found a list; expected a mapping/],
  ["fast\n", /^r: line 1: found "fast"; expected a mapping/],
])("%j is no file of limits, and the message says where", (text, told) => {
  const all = mistakes(text);
  expect(all.length).toBeGreaterThan(0);
  expect(all[0]).toMatch(told);
  expect(() => read(text)).toThrow(UsageError);
});

test("the JSON Schema names every section and refuses others", () => {
  const schema = rulesJsonSchema() as { properties: Record<string, { additionalProperties?: boolean }>; additionalProperties: boolean };
  expect(Object.keys(schema.properties)).toEqual(Object.keys(DEFAULT_RULES));
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties["overspeed"]?.additionalProperties).toBe(false);
});
