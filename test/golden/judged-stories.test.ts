/** What the alerts of the golden timelines were judged by: a name that is misspelt in a table of limits shows here. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Hazard } from "../../src/core/effects.ts";
import { judged } from "../../src/core/judged.ts";
import { createMonitor } from "../../src/core/monitor.ts";
import { readRecording } from "../../src/recording/read.ts";
import { loadRegister } from "../../src/register/register.ts";
import { readRules } from "../../src/rules/file.ts";

const stories = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(import.meta.dirname, entry.name, "story.txt")))
  .map(({ name }) => join(import.meta.dirname, name));

test("every alert of the golden timelines has a value that stood to its limit as the rule says, or a code that was reported", async () => {
  const seen = new Set<Hazard>();
  for (const directory of stories) {
    const rules = join(directory, "rules.yaml");
    const register = loadRegister("--fleet", join(directory, "fleet.csv"));
    const monitor = createMonitor(register, readRules(existsSync(rules) ? rules : undefined, "Asia/Shanghai"));
    for await (const batch of readRecording("story", join(directory, "recording.ndjson"))) {
      for (const played of batch) {
        if (played.kind === "head" || played.kind === "state") continue;
        for (const { change, alert } of monitor.apply(played).changes) {
          if (change !== "raised" && change !== "confirmed") continue;
          seen.add(alert.hazard);
          expect(
            judged(alert).filter(({ met }) => met === true),
            `${directory}: ${alert.hazard}`,
          ).not.toEqual([]);
        }
      }
    }
  }
  expect(seen.size).toBeGreaterThanOrEqual(18);
});
