/** The order of many numbers. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ascending } from "../../src/trends/ascending.ts";

const SEED = 20_261_123;

describe("the places of values from the least to the greatest", () => {
  test("are what a stable sort by comparison gives, equal and nearly equal values and outliers included", () => {
    const value = fc.oneof(
      fc.constantFrom(0, -0, 1, 1 + Number.EPSILON, 1 - Number.EPSILON, 1e300, -1e300, 5e-324, Infinity, -Infinity),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }),
      fc.integer({ min: 0, max: 5 }),
    );
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), (values) => {
        const sorted = values
          .map((_, place) => place)
          .toSorted((a, b) => Number(values[a]! > values[b]!) - Number(values[a]! < values[b]!) || a - b);
        expect([...ascending(Float64Array.from(values))]).toEqual(sorted);
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });
  test("are refused for more values than a place can be kept of", () => {
    expect(() => ascending(new Float64Array(2 ** 20 + 1))).toThrow("1048577 values to put in order; expected at most 1048576");
  });
});
