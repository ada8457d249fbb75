/** Shaoguan in numbers (domain.md §1, the regulator's figures of 30 June 2023: source), and what is assumed to spread them. */
import type { LiftKind } from "../../src/core/lift.ts";
import type { Use } from "../../src/core/building-use.ts";

export const CITY = { lifts: 16_409, outOfUse: 926, userUnits: 3_161, stations: 102 } as const;

export const KINDS: Record<LiftKind, number> = { passenger: 14_339, freight: 1_061, dumbwaiter: 226, escalator: 783 };

/** District, its full name, and what it has more or less of than its size says (assumption: shops in town, works in 曲江). */
export interface Character {
  readonly full: string;
  readonly escalators: number;
  readonly freight: number;
  /** Standard deviation of the built-up area, and the reach of its townships, degrees (assumption). */
  readonly townDegrees: number;
  readonly reachDegrees: number;
}
const COUNTY = { escalators: 0.6, freight: 1, townDegrees: 0.012, reachDegrees: 0.08 } as const;
export const CHARACTERS: Readonly<Record<string, Character>> = {
  浈江: { full: "浈江区", escalators: 1.6, freight: 0.9, townDegrees: 0.018, reachDegrees: 0.03 },
  武江: { full: "武江区", escalators: 1.3, freight: 0.8, townDegrees: 0.018, reachDegrees: 0.03 },
  曲江: { full: "曲江区", escalators: 0.9, freight: 1.8, townDegrees: 0.015, reachDegrees: 0.04 },
  乐昌: { ...COUNTY, full: "乐昌市" },
  南雄: { ...COUNTY, full: "南雄市", freight: 1.3 },
  仁化: { ...COUNTY, full: "仁化县" },
  始兴: { ...COUNTY, full: "始兴县" },
  乳源: { ...COUNTY, full: "乳源瑶族自治县", freight: 1.3 },
  翁源: { ...COUNTY, full: "翁源县" },
  新丰: { ...COUNTY, full: "新丰县" },
};

/** Percent of a kind's lifts by use of the building (70 % residential: domain.md §6; the rest: assumption). */
export const USE_SHARES: Record<LiftKind, Readonly<Record<Use, number>>> = {
  passenger: { residential: 70, office: 10, mall: 5, hospital: 5, hotel: 4, industrial: 6 },
  freight: { residential: 4, office: 5, mall: 14, hospital: 5, hotel: 6, industrial: 66 },
  dumbwaiter: { residential: 0, office: 6, mall: 22, hospital: 26, hotel: 46, industrial: 0 },
  escalator: { residential: 0, office: 3, mall: 86, hospital: 6, hotel: 5, industrial: 0 },
};

/** Weights of 1, 2, 3 … passenger lifts in a building (assumption). */
export const BUILDING_SIZES: Record<Use, readonly number[]> = {
  residential: [18, 42, 18, 14, 4, 4],
  office: [20, 30, 22, 16, 6, 6],
  mall: [30, 36, 20, 14],
  hospital: [16, 30, 22, 18, 8, 6],
  hotel: [24, 40, 22, 14],
  industrial: [66, 28, 6],
};

/** Weights of 1, 2, 3 … lifts of the other kinds that are put into a building together; escalators come in pairs (assumption). */
export const GROUP_SIZES: Record<Exclude<LiftKind, "passenger">, readonly number[]> = {
  freight: [58, 32, 10],
  dumbwaiter: [60, 40],
  escalator: [0, 30, 0, 26, 0, 18, 0, 16, 0, 10],
};

/** User units for each building, before they are scaled to the city's number: a property company has several blocks (assumption). */
export const UNITS_A_BUILDING: Record<Use, number> = {
  residential: 0.38,
  office: 0.8,
  mall: 0.9,
  hospital: 0.6,
  hotel: 0.95,
  industrial: 0.7,
};

/** Most buildings on one ground (assumption). */
export const GROUND_BUILDINGS: Record<Use, number> = { residential: 10, office: 3, mall: 1, hospital: 5, hotel: 2, industrial: 6 };

/** How high a building of this use stands among all, in standard deviations (assumption). */
export const HEIGHT: Record<Use, number> = { residential: 0.3, office: 0.2, mall: -1.6, hospital: -0.3, hotel: 0.2, industrial: -2.2 };

/** Weights of ages of 0, 1, 2 … 29 whole years (assumption: a city that grew most from 2012 to 2021, and slower since). */
export const AGES: readonly number[] = [
  3.2, 3.6, 4.2, 5.2, 6.6, 7.4, 7.6, 7.6, 7.2, 6.8, 6.4, 6, 5.4, 4.8, 4, 3.2, 2.6, 2, 1.5, 1.2, 0.9, 0.7, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15,
  0.1, 0.1,
];

/** Percent of the lifts in use whose inspection is overdue (assumption). */
export const OVERDUE_PERCENT = 3;

export type Insured = "insured" | "lapsed" | "unknown";
/** Percent of buildings (assumption); a unit insures all its lifts in one policy. */
export const INSURANCE: readonly { readonly state: Insured; readonly share: number }[] = [
  { state: "insured", share: 87 },
  { state: "lapsed", share: 5 },
  { state: "unknown", share: 8 },
];
