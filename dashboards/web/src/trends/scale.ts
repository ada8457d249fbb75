/** Where values stand along an axis, from 0 to 1. Pure. */
import { roundTicks } from "../../../../src/chart.ts";

export interface Scale {
  /** 0 to 1; outside of it where the value is outside of the axis. */
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** An interval that runs out of the picture ends in an arrow; the axis ends at so many times the greatest value. */
const REACH = 1.6;

export function linear(from: number, to: number): Scale {
  const span = to - from || 1;
  return { at: (value) => (value - from) / span, ticks: roundTicks(from, to).filter((value) => value >= from && value <= to) };
}

/** Ratios: twice and half are as far from 1. 0 and below stand at the very left. */
export function doubling(reach: number): Scale {
  const span = 2 * Math.log2(reach);
  const at = (value: number) => (value > 0 ? (Math.log2(value) + Math.log2(reach)) / span : -1);
  const ticks: number[] = [];
  for (let value = 1 / reach; value <= reach * 1.001; value *= 2) ticks.push(value);
  return { at, ticks: ticks.length > 5 ? ticks.filter((_, index) => index % 2 === 0) : ticks };
}

/** How far a linear axis from 0 goes for values with intervals, so that one wide interval does not press the others together. */
export function reachOf(
  rows: readonly { readonly value: number | null; readonly high: number | null }[],
  reference: number | null,
): number {
  const ends = rows.map(({ value, high }) => Math.min(high ?? Infinity, Math.max((value ?? 0) * REACH, (reference ?? 0) * 2)));
  return Math.max((reference ?? 0) * 1.5, ...ends, 1e-9);
}
