/**
 * What is learnt of a lift: quantities gathered over a day, and the daily values that are charted. Charts work on values whose
 * noise is about a thousandth or more of their unit: logarithms in per mille (a tenth longer is 95), offsets in hundredths of a
 * millimetre. Least deviations are assumptions about what sensors and clocks leave; 1 Hz samples leave more, and the charts learn that.
 */
import type { Hazard } from "../effects.ts";
import type { Rules } from "../rules.ts";
import type { Charted } from "./cusum.ts";
import { countOf, quantileOf, type Quantile } from "./quantile.ts";

/** Places in `Learning.day`. Part of a snapshot's format: append, never reorder. */
export const QUANTITY = {
  frontOpenMs: 0,
  frontCloseMs: 1,
  rearOpenMs: 2,
  rearCloseMs: 3,
  /** Of a binary door: from open to closed, which people make longer. */
  frontCycleMs: 4,
  rearCycleMs: 5,
  /** Time of a run over that of the kinematic model, ten-thousandths. */
  up: 6,
  down: 7,
  /** Offset of the stop after a run upwards and downwards, hundredths of a millimetre. */
  upOffset: 8,
  downOffset: 9,
  /** How far a stop was from the middle of its direction's stops so far, hundredths of a millimetre. */
  scatter: 10,
} as const;
export type Quantity = (typeof QUANTITY)[keyof typeof QUANTITY];

/** Which quantile of the day stands for it: the middle; of a binary door's cycles those with few people; of the scatter the 90 % (statistics). */
const MIDDLE = 0.5;
const UNDISTURBED = 0.2;
const WIDE = 0.9;
export const SHARES: readonly number[] = Object.values(QUANTITY).map((quantity) =>
  quantity === QUANTITY.scatter ? WIDE : quantity === QUANTITY.frontCycleMs || quantity === QUANTITY.rearCycleMs ? UNDISTURBED : MIDDLE,
);

/** The running day's quantiles, by QUANTITY; null or absent where nothing was observed. */
export type Day = readonly (Quantile | null | undefined)[];

/** A daily value that is charted. */
export interface Stream {
  readonly signal: string;
  readonly hazard: Hazard;
  readonly unit: "ms" | "share" | "mm";
  readonly sides: Charted["sides"];
  readonly slow: boolean;
  readonly fromZero: boolean;
  readonly leastSd: number;
  /** The least shift that is worth an alert, in charted units. */
  readonly leastShift: (rules: Rules) => number;
  /** The day's value in charted units; null when too little was observed. */
  readonly summary: (day: Day, least: number) => number | null;
  /** A charted value for people, in `unit`. */
  readonly shown: (value: number) => number;
}

/** Longer by so many percent, in per mille of the logarithm. */
function longer(percent: number): number {
  return 1_000 * Math.log1p(percent / 100);
}

function valueOf(day: Day, quantity: Quantity, least: number): number | null {
  const state = day[quantity];
  return state == null || countOf(state) < least ? null : quantileOf(state, SHARES[quantity] ?? MIDDLE);
}

function logarithm(quantity: Quantity): Stream["summary"] {
  return (day, least) => {
    const value = valueOf(day, quantity, least);
    return value === null || value <= 0 ? null : 1_000 * Math.log(value);
  };
}

const shownMs = (value: number) => Math.round(Math.exp(value / 1_000));
const shownShare = (value: number) => Math.round(Math.exp(value / 1_000)) / 10_000;
const shownMm = (value: number) => Math.round(value) / 100;

function door(signal: string, quantity: Quantity): Stream {
  const binary = quantity === QUANTITY.frontCycleMs || quantity === QUANTITY.rearCycleMs;
  return {
    signal,
    hazard: "door-slowing",
    unit: "ms",
    sides: "up",
    slow: true,
    fromZero: false,
    leastSd: 10,
    leastShift: ({ "door-slowing": limits }) => longer(binary ? limits.cycleLongerPercent : limits.longerPercent),
    summary: logarithm(quantity),
    shown: shownMs,
  };
}

function travel(signal: string, quantity: Quantity): Stream {
  return {
    signal,
    hazard: "travel-slowing",
    unit: "share",
    sides: "up",
    slow: false,
    fromZero: false,
    leastSd: 5,
    leastShift: ({ "travel-slowing": limits }) => longer(limits.longerPercent),
    summary: logarithm(quantity),
    shown: shownShare,
  };
}

/** Stops from both directions tell what both share, an adjustment that is off, from what follows the direction, a car that runs on. */
function offsets(signal: string, hazard: Hazard, sides: Charted["sides"], combine: (up: number, down: number) => number): Stream {
  return {
    signal,
    hazard,
    unit: "mm",
    sides,
    slow: false,
    fromZero: true,
    leastSd: 30,
    leastShift: ({ learning }) => 100 * learning.stopShiftMm,
    summary: (day, least) => {
      const up = valueOf(day, QUANTITY.upOffset, least / 2);
      const down = valueOf(day, QUANTITY.downOffset, least / 2);
      return up === null || down === null ? null : combine(up, down);
    },
    shown: shownMm,
  };
}

/** Places in `Learning.charts`. Their order is part of a snapshot's format: append, never reorder. */
export const STREAMS: readonly Stream[] = [
  door("frontOpenMs", QUANTITY.frontOpenMs),
  door("frontCloseMs", QUANTITY.frontCloseMs),
  door("rearOpenMs", QUANTITY.rearOpenMs),
  door("rearCloseMs", QUANTITY.rearCloseMs),
  door("frontCycleMs", QUANTITY.frontCycleMs),
  door("rearCycleMs", QUANTITY.rearCycleMs),
  travel("travelUp", QUANTITY.up),
  travel("travelDown", QUANTITY.down),
  offsets("levelOffsetMm", "levelling-drift", "both", (up, down) => (up + down) / 2),
  offsets("overrunMm", "brake-weakening", "up", (up, down) => (up - down) / 2),
  {
    signal: "stopScatterMm",
    hazard: "levelling-drift",
    unit: "mm",
    sides: "up",
    slow: false,
    fromZero: false,
    leastSd: 30,
    leastShift: ({ learning }) => 100 * learning.scatterShiftMm,
    summary: (day, least) => valueOf(day, QUANTITY.scatter, least),
    shown: shownMm,
  },
];

/** The hazard that more reopenings are evidence of. */
export const REOPENINGS_HAZARD: Hazard = "door-cycling";
export const BURST_HAZARD: Hazard = "fault-rate-high";
