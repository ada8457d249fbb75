import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createMonitor } from "../../src/core/monitor.ts";
import { loadRegister } from "../../src/register/register.ts";
import { readRules } from "../../src/rules/file.ts";
import { readStory } from "./story.ts";
import { entries, fold, told } from "./timeline.ts";

const UPDATE = process.env["UPDATE"] === "1";
const stories = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(import.meta.dirname, entry.name, "story.txt")))
  .map((entry) => join(import.meta.dirname, entry.name))
  .map((directory) => ({ directory, story: readStory(readFileSync(join(directory, "story.txt"), "utf8")) }));

/** What the monitor tells of a recording, with the register and the rules of its directory, a line a change. */
function tellOf(directory: string, untilS: number): string {
  const messages = readFileSync(join(directory, "recording.ndjson"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { receivedAt: number; topic: string; payload: unknown })
    .map(({ receivedAt, topic, payload }) => ({ atMs: receivedAt, topic, payload: JSON.stringify(payload) }));
  const rules = join(directory, "rules.yaml");
  const register = loadRegister("--fleet", join(directory, "fleet.csv"));
  const monitor = createMonitor(register, readRules(existsSync(rules) ? rules : undefined, "Asia/Shanghai"));
  const lines = fold(monitor, entries(messages, untilS)).flatMap((effects) => effects.changes.map(told));
  return lines.length === 0 ? "nothing\n" : `${lines.join("\n")}\n`;
}

/** A made file as it is in the repository; with UPDATE=1 it is written first. */
function kept(directory: string, name: string, contents: string): string {
  const path = join(directory, name);
  if (UPDATE) writeFileSync(path, contents);
  return readFileSync(path, "utf8");
}

describe("golden timelines", () => {
  test.each(stories.map(({ directory, story }) => [story.title, directory, story] as const))("%s", (_title, directory, story) => {
    expect(kept(directory, "recording.ndjson", story.recording)).toBe(story.recording);
    expect(kept(directory, "fleet.csv", story.fleet)).toBe(story.fleet);
    const lines = tellOf(directory, story.untilS);
    expect(kept(directory, "expected.txt", lines)).toBe(lines);
  });

  test("there are at least 25, each with a sentence of its own, near misses among them that tell nothing critical", () => {
    expect(stories.length).toBeGreaterThanOrEqual(25);
    expect(new Set(stories.map(({ story }) => story.title)).size).toBe(stories.length);
    const near = stories.filter(({ directory }) => directory.includes("near-miss"));
    expect(near.length).toBeGreaterThanOrEqual(9);
    for (const { directory } of near) {
      const pages = readFileSync(join(directory, "expected.txt"), "utf8")
        .split("\n")
        .filter((line) => line.includes("critical") && !line.includes(" by mode:"));
      expect(pages, directory).toEqual([]);
    }
  });
});
