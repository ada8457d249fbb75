import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { runCommandLine } from "../../simulators/cli.ts";
import { HAZARDS } from "../../src/core/effects.ts";
import { NEAR_MISSES } from "../../simulators/faults/hazards.ts";

const dir = mkdtempSync(join(tmpdir(), "hoistway-history-"));
afterAll(() => rmSync(dir, { recursive: true }));

async function history(name: string, ...words: string[]): Promise<string> {
  const file = join(dir, name);
  expect(await runCommandLine(["history", "--out", file, ...words])).toBe(0);
  const bytes = readFileSync(file);
  return (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("latin1");
}

test("the history verb writes the same bytes for the same seed, compressed or not, and others for another seed", async () => {
  const words = ["--fleet", "demo", "--years", "2"];
  const text = await history("a.csv", ...words);
  expect(await history("b.csv", ...words)).toBe(text);
  expect(await history("c.csv.gz", ...words)).toBe(text);
  expect(await history("d.csv", ...words, "--seed", "2")).not.toBe(text);
});

test("a history ends with 2025 unless it is told where to begin, and its rows are in order and say what happened to lifts of the fleet", async () => {
  const [header, ...rows] = (await history("e.csv", "--fleet", "demo", "--years", "3", "--all")).trimEnd().split("\n");
  expect(header).toBe("liftId,kind,code,hazard,cause,at,until,reportedAt,arrivedAt,rescuedAt,repairedAt,group");
  const cells = rows.map((row) => row.split(","));
  const words = new Set<string>([...HAZARDS, ...NEAR_MISSES]);
  const wrong = cells.filter(
    ([liftId, , code, hazard, , at, until]) =>
      !/^\d{20}$/.test(liftId ?? "") ||
      !words.has(hazard ?? "") ||
      !/^(\d\d)?$/.test(code ?? "") ||
      (until !== "" && (until ?? "") < (at ?? "")),
  );
  expect(wrong).toEqual([]);
  const times = cells.map((row) => row[5] ?? "");
  expect(times.toSorted()).toEqual(times);
  // Midnight in Guangdong is 16 h UTC of the day before.
  expect(times[0]?.slice(0, 4)).toBe("2023");
  expect(times.at(-1)?.slice(0, 10)).toMatch(/^2025-12-(30|31)/);
  const kinds = new Set(cells.map((row) => row[1]));
  for (const kind of ["entrapment", "stopping-fault", "repeat", "mains-failure", "network-outage", "silence", "nuisance", "near-miss"]) {
    expect(kinds, kind).toContain(kind);
  }
});

test("bad arguments end with code 2, and a file that cannot be written with code 1", async () => {
  expect(await runCommandLine(["history"])).toBe(2);
  expect(await runCommandLine(["history", "--out", join(dir, "f.csv"), "--years", "51"])).toBe(2);
  expect(await runCommandLine(["history", "--out", join(dir, "no", "f.csv")])).toBe(1);
});
