/** Shapes of a day's traffic by what a building is used for. All of it assumption but where a mark says otherwise. */
import type { Use } from "../../src/core/building-use.ts";

/** Shape of a day: `share[h]` of the day's journeys begin in hour h, `upShare[h]` of those from or to the lobby go up. */
export interface Pattern {
  /** Monday to Friday, and at the weekend. */
  readonly share: readonly number[];
  readonly weekendShare: readonly number[];
  readonly upShare: readonly number[];
  /** Journeys between two upper floors. */
  readonly interfloor: number;
  /** The day's journeys against a weekday's: Saturday, Sunday. */
  readonly saturday: number;
  readonly sunday: number;
  /** Runs in a weekday that the lifts of such a building make: least and most (domain.md §6: 50 to 1,500, residential 100 to 450, busy 850). */
  readonly trips: readonly [least: number, most: number];
}

/**
 * Residential. Peaks at 8-10 h and 18-20 h of 12 to 18 % of the day each (domain.md §6, there for faults; that journeys peak
 * alike is an assumption, as are the other hours and the directions: out in the morning, home in the evening).
 */
const RESIDENTIAL: Pattern = {
  share: normalised([4, 2, 1, 1, 2, 8, 30, 62, 74, 68, 48, 50, 58, 50, 44, 44, 48, 62, 76, 72, 58, 46, 28, 12]),
  weekendShare: normalised([7, 4, 2, 1, 2, 6, 16, 36, 60, 70, 66, 62, 62, 54, 54, 56, 58, 64, 70, 66, 58, 50, 34, 18]),
  upShare: [
    0.8, 0.7, 0.5, 0.4, 0.3, 0.2, 0.15, 0.15, 0.2, 0.3, 0.4, 0.55, 0.55, 0.4, 0.4, 0.45, 0.55, 0.7, 0.75, 0.7, 0.65, 0.7, 0.75, 0.8,
  ],
  interfloor: 0.06,
  saturday: 1.05,
  sunday: 1,
  trips: [130, 390],
};

/** Up in the morning, out and back at lunch, down in the evening. */
const OFFICE: Pattern = {
  share: normalised([1, 0, 0, 0, 0, 1, 6, 40, 120, 90, 52, 60, 92, 88, 58, 50, 54, 96, 84, 36, 18, 10, 5, 2]),
  weekendShare: normalised([1, 0, 0, 0, 0, 1, 4, 16, 50, 62, 52, 50, 58, 52, 48, 46, 46, 52, 40, 22, 12, 8, 4, 2]),
  upShare: [0.2, 0.2, 0.2, 0.2, 0.3, 0.6, 0.85, 0.95, 0.95, 0.9, 0.6, 0.3, 0.2, 0.8, 0.6, 0.5, 0.35, 0.1, 0.08, 0.1, 0.1, 0.1, 0.1, 0.1],
  interfloor: 0.18,
  saturday: 0.3,
  sunday: 0.15,
  trips: [250, 850],
};

/** From ten to ten, most in the afternoon and evening, more at the weekend. */
const MALL: Pattern = {
  share: normalised([2, 0, 0, 0, 0, 0, 2, 6, 14, 34, 60, 72, 84, 78, 72, 74, 78, 86, 96, 100, 90, 58, 16, 4]),
  weekendShare: normalised([2, 0, 0, 0, 0, 0, 2, 6, 14, 38, 66, 82, 92, 92, 92, 94, 94, 94, 98, 98, 86, 54, 16, 4]),
  upShare: [
    0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.8, 0.7, 0.65, 0.55, 0.5, 0.5, 0.5, 0.5, 0.55, 0.55, 0.45, 0.35, 0.2, 0.08, 0.05,
  ],
  interfloor: 0.4,
  saturday: 1.4,
  sunday: 1.4,
  trips: [260, 800],
};

/** Never quite still; rounds and surgeries in the morning and afternoon, visitors at noon and in the evening. */
const HOSPITAL: Pattern = {
  share: normalised([10, 8, 7, 7, 9, 14, 32, 66, 92, 88, 78, 66, 58, 48, 66, 70, 62, 52, 46, 42, 34, 24, 16, 12]),
  weekendShare: normalised([12, 9, 8, 8, 10, 14, 30, 52, 66, 66, 60, 58, 56, 50, 56, 58, 56, 54, 50, 46, 38, 26, 18, 14]),
  upShare: [0.5, 0.5, 0.5, 0.5, 0.5, 0.6, 0.7, 0.75, 0.7, 0.6, 0.5, 0.4, 0.4, 0.6, 0.6, 0.5, 0.45, 0.4, 0.5, 0.5, 0.35, 0.3, 0.4, 0.5],
  interfloor: 0.35,
  saturday: 0.8,
  sunday: 0.7,
  trips: [400, 1_100],
};

const HOTEL: Pattern = {
  share: normalised([14, 8, 5, 4, 5, 10, 34, 66, 72, 58, 50, 52, 54, 48, 50, 46, 48, 58, 64, 62, 58, 54, 42, 26]),
  weekendShare: normalised([18, 10, 6, 4, 5, 8, 26, 56, 74, 70, 60, 60, 56, 50, 52, 48, 50, 58, 64, 62, 58, 56, 46, 32]),
  upShare: [0.9, 0.9, 0.8, 0.6, 0.4, 0.3, 0.2, 0.25, 0.3, 0.3, 0.35, 0.35, 0.4, 0.5, 0.65, 0.65, 0.6, 0.5, 0.4, 0.5, 0.65, 0.75, 0.85, 0.9],
  interfloor: 0.08,
  saturday: 1.15,
  sunday: 0.95,
  trips: [180, 600],
};

const INDUSTRIAL: Pattern = {
  share: normalised([4, 4, 4, 4, 5, 8, 24, 72, 90, 86, 80, 74, 50, 66, 84, 82, 78, 64, 34, 20, 16, 12, 8, 6]),
  weekendShare: normalised([4, 4, 4, 4, 5, 8, 20, 60, 80, 80, 76, 70, 50, 60, 70, 70, 66, 50, 28, 18, 14, 10, 8, 6]),
  upShare: [0.5, 0.5, 0.5, 0.5, 0.5, 0.6, 0.6, 0.6, 0.6, 0.5, 0.5, 0.5, 0.4, 0.55, 0.5, 0.5, 0.5, 0.4, 0.4, 0.5, 0.5, 0.5, 0.5, 0.5],
  interfloor: 0.25,
  saturday: 0.6,
  sunday: 0.25,
  trips: [70, 260],
};

export const PATTERNS: Readonly<Record<Use, Pattern>> = {
  residential: RESIDENTIAL,
  office: OFFICE,
  mall: MALL,
  hospital: HOSPITAL,
  hotel: HOTEL,
  industrial: INDUSTRIAL,
};

function normalised(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
