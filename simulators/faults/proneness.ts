/**
 * Which lifts are prone to faults. A lift's factor is what its age, kind and use make likely, times a frailty of its own that nothing in
 * the register tells: some lifts are simply worse. Factors have mean 1 over the lifts in service, and the second moment of a Gamma of
 * shape RATE_SHAPE, so that counts follow a negative binomial with that k although part of the spread can be explained.
 */
import type { LiftRecord } from "../../src/core/lift.ts";
import { useOf } from "../../src/core/building-use.ts";
import type { Use } from "../../src/core/building-use.ts";
import type { Random } from "../random.ts";
import { dayOf } from "./calendar.ts";
import { RATE_SHAPE } from "./rates.ts";

/** Faults against the mean by age: teething troubles, then wear (assumption; `below` in years). */
const AGES: readonly { readonly below: number; readonly factor: number }[] = [
  { below: 1, factor: 1.3 },
  { below: 6, factor: 0.8 },
  { below: 11, factor: 1 },
  { below: 16, factor: 1.25 },
  { below: 21, factor: 1.5 },
  { below: Number.POSITIVE_INFINITY, factor: 1.8 },
];
/** By use: crowds and trolleys wear doors (assumption). */
const USES: Readonly<Record<Use, number>> = { residential: 0.95, office: 1, hotel: 1.05, industrial: 1.05, hospital: 1.25, mall: 1.3 };
/** Freight is hard on doors; long shafts have more landing doors (assumptions). */
const FREIGHT = 1.15;
const TALL = { floors: 20, factor: 1.1 };
/** The year at whose ages the spread is split into what the register explains and what it does not. */
const REFERENCE_YEAR = 2026;

/** Lifts of one sort with their factors. `lifts` are indices into the fleet; `factors` go with them. */
export interface Group {
  readonly lifts: Int32Array;
  readonly factors: Float64Array;
  /** A lift drawn in proportion to the factors; -1 from an empty group. */
  pick(random: Random): number;
}

/** What kinds of faults a lift can have at all: people ride in a car; nobody is trapped on a moving walk or in a dumbwaiter. */
export const SORTS = ["car", "escalator", "dumbwaiter"] as const;
export type Sort = (typeof SORTS)[number];

export function sortOf(lift: LiftRecord): Sort {
  return lift.kind === "escalator" || lift.kind === "dumbwaiter" ? lift.kind : "car";
}

/** The factors of a fleet, by calendar year. */
export class Proneness {
  readonly #lifts: readonly LiftRecord[];
  readonly #frailty: Float64Array;
  readonly #installed: Float64Array;

  constructor(lifts: readonly LiftRecord[], random: Random) {
    this.#lifts = lifts;
    this.#installed = Float64Array.from(lifts, (lift) => (lift.installedOn === undefined ? -1 : dayOf(Date.parse(lift.installedOn))));
    this.#frailty = new Float64Array(lifts.length);
    for (const sort of SORTS) {
      const of = this.#of(sort, REFERENCE_YEAR);
      const explained = of.map((index) => this.#explained(index, REFERENCE_YEAR));
      const mean = meanOf(explained);
      const spread = meanOf(explained.map((value) => (value / mean) ** 2));
      // (1 + 1/shape) is the second moment of a Gamma of mean 1; independent factors multiply theirs.
      const left = (1 + 1 / RATE_SHAPE) / spread - 1;
      for (const [index, lift] of lifts.entries()) {
        // By the lift's own randomness, so that a lift stays good or bad whatever else is in the fleet.
        if (sortOf(lift) === sort) this.#frailty[index] = left > 0.01 ? random.split("frailty", lift.liftId).gamma(1 / left) : 1;
      }
    }
  }

  /** Whether the lift stands on that day; one without a date always did. */
  stands(lift: number, day: number): boolean {
    return (this.#installed[lift] ?? 0) <= day;
  }

  /** Lifts of one sort in service that stand by the end of the year. */
  group(sort: Sort, year: number): Group {
    const lifts = Int32Array.from(this.#of(sort, year));
    const explained = Array.from(lifts, (index) => this.#explained(index, year));
    const mean = meanOf(explained);
    const factors = Float64Array.from(explained, (value, place) => (value / mean) * (this.#frailty[lifts[place] ?? 0] ?? 1));
    let sum = 0;
    const cumulated = Float64Array.from(factors, (factor) => (sum += factor));
    return {
      lifts,
      factors,
      pick: (random) => lifts[lowerBound(cumulated, random.uniform() * sum)] ?? -1,
    };
  }

  #of(sort: Sort, year: number): number[] {
    const end = dayOf(Date.UTC(year + 1, 0, 1)) - 1;
    return [...this.#lifts.keys()].filter((index) => {
      const lift = this.#lifts[index];
      return lift !== undefined && sortOf(lift) === sort && lift.inService !== false && this.stands(index, end);
    });
  }

  #explained(index: number, year: number): number {
    const lift = this.#lifts[index];
    if (lift === undefined) return 1;
    const age =
      lift.installedOn === undefined ? 8 : year + 0.5 - Number(lift.installedOn.slice(0, 4)) - Number(lift.installedOn.slice(5, 7)) / 12;
    const byAge = AGES.find(({ below }) => age < below)?.factor ?? 1;
    const byKind = (lift.kind === "freight" ? FREIGHT : 1) * ((lift.floors ?? 0) > TALL.floors ? TALL.factor : 1);
    return byAge * byKind * USES[useOf(lift)];
  }
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 1 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function lowerBound(cumulated: Float64Array, value: number): number {
  let [low, high] = [0, cumulated.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulated[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
