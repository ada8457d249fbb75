import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readRows, scored } from "../../bench/rarity.ts";
import { newRarity, rarityOf, restoreRarity, saveRarity } from "../../src/core/learning/rarity.ts";
import { Random } from "../../simulators/random.ts";

const SEED = 20_261_122;
const STEP_MS = 300_000;
const FROM = Date.UTC(2026, 0, 5);

/** Two weeks at five minutes, as the public benchmark has them, in its format. */
function csv(value: (index: number, random: Random) => number, rows = 4_032): string {
  const random = Random.seeded(SEED);
  const lines = Array.from({ length: rows }, (_, index) => {
    const timestamp = new Date(FROM + index * STEP_MS).toISOString().slice(0, 19).replace("T", " ");
    return `${timestamp},${value(index, random).toFixed(4)}`;
  });
  return `timestamp,value\n${lines.join("\n")}\n`;
}
const daily = (index: number) => Math.sin((2 * Math.PI * (index % 288)) / 288);

function scoresOf(text: string): number[] {
  return scored(text)
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => Number(line.split(",")[2]));
}
/** Where the largest scores are, without those of the first sixth, in which the stream is new. */
function rarest(scores: readonly number[], count: number): number[] {
  return scores
    .map((score, index) => ({ score, index }))
    .slice(600)
    .sort((a, b) => b.score - a.score)
    .slice(0, count)
    .map(({ index }) => index);
}

describe(`rarity of a stream's values (seed ${SEED})`, () => {
  test("a spike on a daily wave is the rarest of two weeks", () => {
    const scores = scoresOf(
      csv((index, random) => 50 + 20 * daily(index) + 3 * random.normal() + (index >= 3_000 && index < 3_006 ? 45 : 0)),
    );
    for (const index of rarest(scores, 1)) expect(Math.abs(index - 3_003)).toBeLessThan(6);
  });

  test("a day whose wave is missing is rare for its hours, though no value of it is", () => {
    const scores = scoresOf(
      csv((index, random) => (index % 288 > 108 && index % 288 < 216 && Math.floor(index / 288) !== 11 ? 80 : 20) + 3 * random.normal()),
    );
    for (const index of rarest(scores, 1)) expect(Math.floor(index / 288)).toBe(11);
  });

  test("a level that shifts is rare when it shifts, and becomes usual", () => {
    const scores = scoresOf(csv((index, random) => (index < 2_500 ? 40 : 60) + 2 * random.normal()));
    const [first = 0] = rarest(scores, 1);
    expect(first - 2_500).toBeGreaterThanOrEqual(0);
    expect(first - 2_500).toBeLessThan(24);
    expect(Math.max(...scores.slice(3_200))).toBeLessThan((scores[first] ?? 0) * 0.85);
  });

  test("it is causal: rows to come change no score", () => {
    const text = csv((index, random) => 50 + 20 * daily(index) + 3 * random.normal() + (index > 2_000 ? 500 : 0));
    const rows = text.split("\n");
    expect(scored(rows.slice(0, 1_901).join("\n"))).toBe(`${scored(text).split("\n").slice(0, 1_901).join("\n")}\n`);
  });

  test("values far outside the range so far, of any size, widen it and are rare", () => {
    const state = newRarity(0, 1);
    const random = Random.seeded(SEED);
    for (let index = 0; index < 1_000; index++) rarityOf(state, random.uniform(), index % 24);
    for (const value of [7, -300, 1e9]) {
      expect(rarityOf(state, value, 3)).toBeGreaterThan(2);
      expect(state.low).toBeLessThanOrEqual(value);
      expect(state.high).toBeGreaterThanOrEqual(value);
    }
  });

  test("the state of a stream is at most 256 bytes, and goes on the same when it was written out", () => {
    const [whole, random] = [newRarity(0, 20), Random.seeded(SEED)];
    for (let index = 0; index < 6_000; index++) rarityOf(whole, 10 + 3 * random.normal(), index % 24);
    expect(whole.cells.byteLength + 3 * Float64Array.BYTES_PER_ELEMENT).toBeLessThanOrEqual(256);
    const restored = restoreRarity(JSON.parse(JSON.stringify(saveRarity(whole))));
    for (let index = 0; index < 500; index++) {
      const value = 10 + 3 * random.normal();
      expect(rarityOf(restored, value, index % 24)).toBe(rarityOf(whole, value, index % 24));
    }
  });
});

describe("the command", () => {
  test("prints one score a row from 0 to 1, in the format of the public benchmark", () => {
    const directory = mkdtempSync(join(tmpdir(), "hoistway-rarity-"));
    try {
      const file = join(directory, "stream.csv");
      const text = csv((_index, random) => random.normal(), 400);
      writeFileSync(file, text);
      const printed = execFileSync(process.execPath, ["--import", "tsx", "bench/rarity.ts", file], { encoding: "utf8" });
      const lines = printed.trimEnd().split("\n");
      expect(lines[0]).toBe("timestamp,value,anomaly_score");
      expect(lines.slice(1).map((line) => line.split(",").slice(0, 2).join(","))).toEqual(text.trimEnd().split("\n").slice(1));
      const scores = lines.slice(1).map((line) => Number(line.split(",")[2]));
      expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
      expect(scores.some((score) => score > 0)).toBe(true);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  test("says which row has no number, and finds its columns by name in any order", () => {
    expect(() => readRows("timestamp,value\n2026-01-05 00:00:00,1\n2026-01-05 00:05:00,NaN\n")).toThrow(
      'row 3: found value "NaN"; expected a number',
    );
    expect(readRows("value,label,timestamp\n3.5,0,2026-01-05 00:00:00\n")).toEqual([{ timestamp: "2026-01-05 00:00:00", value: "3.5" }]);
  });

  test("with a known range it scores from the first row", () => {
    const text = csv((_index, random) => 50 + random.normal(), 300);
    const first = scored(text, [0, 100]).split("\n").slice(2, 100);
    expect(first.some((line) => Number(line.split(",")[2]) > 0)).toBe(true);
  });
});
