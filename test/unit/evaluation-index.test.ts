/** The evaluation index: docs/index.md promises these numbers. */
import { describe, expect, test } from "vitest";
import type { Assessed } from "../../src/trends/evaluation-index.ts";
import { evaluate, FAULT_WEIGHT, GRADES, sensitivity, SERVICE_LIFE_YEARS } from "../../src/trends/evaluation-index.ts";
import { gammaCdf } from "../../src/trends/gamma.ts";
import { posteriorInterval } from "../../src/trends/shrinkage.ts";

/** A unit whose posterior has this mean, worth `shape` events. */
function unit(key: string, rate: number, ages: readonly (number | undefined)[], shape = 8): Assessed {
  return { rate: { key, rate, shape, weight: shape / rate, ranked: true }, ages };
}

describe("the evaluation index", () => {
  test("is 50 for a lift of the reference rate at the end of its service life, and 100 for a new one without faults", () => {
    expect(evaluate(unit("a", 0.4, [SERVICE_LIFE_YEARS]), 0.4)?.index).toBeCloseTo(50, 12);
    expect(evaluate({ rate: { key: "a", rate: 0, shape: 0, weight: 9, ranked: true }, ages: [0] }, 0.4)).toMatchObject({
      index: 100,
      grade: "A",
      faults: { ratio: 0, score: 100, lost: 0 },
      serviceLife: { years: 0, score: 100, lost: 0 },
    });
  });
  test("is the weighted geometric mean of its two scores, and its parts lose what it lost", () => {
    const found = evaluate(unit("a", 0.9, [4, 22, undefined]), 0.5);
    expect(found?.index).toBeCloseTo(
      (found?.faults.score ?? 0) ** FAULT_WEIGHT * (found?.serviceLife.score ?? 0) ** (1 - FAULT_WEIGHT),
      10,
    );
    expect((found?.faults.lost ?? 0) + (found?.serviceLife.lost ?? 0)).toBeCloseTo(100 - (found?.index ?? 0), 10);
    expect(found?.serviceLife).toMatchObject({ years: 13, known: 2, of: 3 });
    expect(found?.faults.ratio).toBeCloseTo(1.8, 12);
  });
  test("has the interval of its fault rate: what a rate at the bounds would give", () => {
    const assessed = unit("a", 0.5, [10]);
    const { low, high } = posteriorInterval(assessed.rate, 0.9);
    const found = evaluate(assessed, 0.5, {}, 0.9);
    expect(found?.low).toBeCloseTo(evaluate(unit("a", high, [10]), 0.5)?.index ?? NaN, 10);
    expect(found?.high).toBeCloseTo(evaluate(unit("a", low, [10]), 0.5)?.index ?? NaN, 10);
  });
  test("gives each grade its probability, and calls one sure only from 80 %", () => {
    const vague = evaluate(unit("a", 0.5, [10], 2), 0.5);
    expect(vague?.chances.map(({ grade }) => grade)).toEqual(GRADES.map(({ grade }) => grade));
    expect(vague?.chances.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
    expect(vague).toMatchObject({ grade: "B", sure: false });
    // An index of 70 allows a burden of log₂(100/70), less age's 0.3 · (10/15)².
    const room = (Math.log2(100 / 70) - 0.3 * (10 / 15) ** 2) / 0.7;
    expect(vague?.chances[0]?.probability).toBeCloseTo(gammaCdf(room * 0.5, 2, 4), 12);
    expect(evaluate(unit("a", 0.5, [10], 800), 0.5)).toMatchObject({ grade: "B", sure: true });
  });
  test("gives no grade A to a lift so old that even no faults leave it below", () => {
    const old = evaluate(unit("a", 0.1, [20]), 0.5);
    expect(old?.chances[0]).toEqual({ grade: "A", probability: 0 });
  });
  test("is refused where no age is known, and for weights that are none", () => {
    expect(evaluate(unit("a", 0.5, [undefined]), 0.5)).toBeUndefined();
    expect(evaluate(unit("a", 0.5, []), 0.5)).toBeUndefined();
    expect(() => evaluate(unit("a", 0.5, [3]), 0.5, { faultWeight: 1.2 })).toThrow("faultWeight is 1.2; expected 0 to 1");
    expect(() => evaluate(unit("a", 0.5, [3]), 0)).toThrow("reference rate is 0");
    expect(() => evaluate(unit("a", 0.5, [-3]), 1)).toThrow("age of a is -3");
  });
  test("on faults alone, or on age alone, is its one score", () => {
    const [faults, age] = [1, 0].map((faultWeight) => evaluate(unit("a", 0.8, [12]), 0.5, { faultWeight }));
    expect(faults?.index).toBeCloseTo(faults?.faults.score ?? NaN, 12);
    expect(age?.index).toBeCloseTo(age?.serviceLife.score ?? NaN, 12);
    expect(age?.chances.map(({ probability }) => probability)).toEqual([0, 1, 0, 0]);
  });
});

describe("the sensitivity of a ranking to its weights", () => {
  test("is nothing where fault rate and age agree, and all where they are opposed", () => {
    const agreeing = Array.from({ length: 20 }, (_, step) => unit(String(step), 0.1 + step / 20, [step]));
    const { scenarios, ranks } = sensitivity(agreeing, 0.5);
    for (const { correlation, worstKept } of scenarios) {
      expect(correlation).toBeCloseTo(1, 12);
      expect(worstKept).toBe(1);
    }
    expect(ranks[19]).toEqual({ key: "19", rank: 1, best: 1, worst: 1 });
    const opposed = Array.from({ length: 20 }, (_, step) => unit(String(step), 0.1 + step / 20, [30 - step]));
    const tried = sensitivity(opposed, 0.5, [{ faultWeight: 0 }, { faultWeight: 1 }]);
    expect(tried.scenarios[0]?.correlation).toBeCloseTo(-(tried.scenarios[1]?.correlation ?? NaN), 12);
    expect(tried.ranks[0]).toMatchObject({ best: 20, worst: 1 });
  });
  test("leaves out what is not ranked, and shares ranks between equals", () => {
    const same = [
      unit("a", 0.5, [10]),
      unit("b", 0.5, [10]),
      { ...unit("c", 9, [10]), rate: { ...unit("c", 9, [10]).rate, ranked: false } },
    ];
    const { scenarios, ranks } = sensitivity(same, 0.5);
    expect(ranks.map(({ key, rank }) => [key, rank])).toEqual([
      ["a", 1.5],
      ["b", 1.5],
    ]);
    expect(scenarios[0]?.correlation).toBeUndefined();
    expect(sensitivity([], 0.5).ranks).toEqual([]);
  });
});
