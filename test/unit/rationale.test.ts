import { describe, expect, test } from "vitest";
import { DETECTORS } from "../../src/core/detectors/table.ts";
import { HAZARDS } from "../../src/core/effects.ts";
import { rationaleOf } from "../../src/core/rationale/rationale.ts";

describe("rationalisation records", () => {
  test("exist for every hazard, in two languages: cause, consequence, action, owner and a time to respond with its source", () => {
    for (const hazard of HAZARDS) {
      const { cause, consequence, action, owner, respondWithinMs, respondSource } = rationaleOf(hazard);
      for (const { en, zh } of [cause, consequence, action, owner]) {
        expect(en, hazard).toMatch(/^[\x20-\x7E–’]+$/);
        expect(zh, hazard).toMatch(/\p{Script=Han}/u);
      }
      expect(respondWithinMs, hazard).toBeGreaterThan(0);
      expect(respondSource, hazard).toMatch(/domain|^A/);
    }
  });

  test("give the source of every limit of every hazard that is judged", () => {
    const bare = DETECTORS.flatMap(({ hazard }) =>
      rationaleOf(hazard)
        .limits.filter(({ source, default: value }) => source === "" || value === undefined)
        .map(({ name }) => `${hazard}.${name}`),
    );
    expect(bare).toEqual([]);
    expect(DETECTORS.flatMap(({ hazard }) => rationaleOf(hazard).limits).length).toBeGreaterThan(80);
  });

  test("let nobody wait longer than three minutes with danger to people", () => {
    const dangers = DETECTORS.filter(({ grades }) => grades[0]?.priority === "critical");
    expect(dangers.length).toBeGreaterThanOrEqual(8);
    expect(Math.max(...dangers.map(({ hazard }) => rationaleOf(hazard).respondWithinMs))).toBeLessThanOrEqual(180_000);
  });
});
