/**
 * Fair comparison of firms, makers or districts: what a group would have had if each of its lifts had failed at the fleet's rate for
 * lifts of its age, kind, use and floors (indirect standardisation: Breslow & Day 1987, Statistical Methods in Cancer Research II, §2.3).
 *
 * In: one cell for each (group, stratum) with its events and exposure; the caller makes the stratum's text (say "passenger|10-15|home|9-18").
 * Out: `{ key, events, exposure }` a group, where exposure is the *expected* events, so that `shrink`, `garwood` and `funnel` take it as
 * it is: the rate is then observed / expected, and the fleet's is 1.
 */
import type { Counted } from "./fault-rate.ts";
import { required } from "./fault-rate.ts";

/** What one group had in one stratum. */
export interface Cell {
  readonly group: string;
  readonly stratum: string;
  readonly events: number;
  readonly exposure: number;
}

export interface Standardised extends Counted {
  /** Exposure as it was given, for the least exposure below which a group is not ranked. */
  readonly lived: number;
  /**
   * Share of the expected events that comes from the group's own lifts in the norm, 0–1. Near 1 the group is compared with itself
   * (a maker of all lifts of a stratum), and observed / expected says little.
   */
  readonly own: number;
}

/** Observed and expected events of each group, in the order in which groups first come. */
export function standardise(cells: Iterable<Cell>): Standardised[] {
  const given = [...cells];
  const strata = new Map<string, { events: number; exposure: number }>();
  for (const { group, stratum, events, exposure } of given) {
    required("events", events, 0, group);
    required("exposure", exposure, 0, group);
    const sums = strata.get(stratum);
    if (sums === undefined) strata.set(stratum, { events, exposure });
    else {
      sums.events += events;
      sums.exposure += exposure;
    }
  }
  const groups = new Map<string, { events: number; expected: number; lived: number; own: number }>();
  for (const [group, stratum, events, exposure] of merged(given)) {
    const norm = strata.get(stratum);
    const rate = norm === undefined || norm.exposure === 0 ? 0 : norm.events / norm.exposure;
    const sums = groups.get(group) ?? { events: 0, expected: 0, lived: 0, own: 0 };
    groups.set(group, sums);
    sums.events += events;
    sums.lived += exposure;
    sums.expected += rate * exposure;
    sums.own += norm === undefined || norm.exposure === 0 ? 0 : (rate * exposure * exposure) / norm.exposure;
  }
  return [...groups].map(([key, { events, expected, lived, own }]) => ({
    key,
    events,
    exposure: expected,
    lived,
    own: expected > 0 ? own / expected : 0,
  }));
}

/** One cell a (group, stratum), however often it was given: the own share is of the group's whole part of the stratum. */
function merged(cells: readonly Cell[]): (readonly [group: string, stratum: string, events: number, exposure: number])[] {
  const sums = new Map<string, Map<string, { events: number; exposure: number }>>();
  for (const { group, stratum, events, exposure } of cells) {
    const strata = sums.get(group) ?? new Map<string, { events: number; exposure: number }>();
    sums.set(group, strata);
    const sum = strata.get(stratum);
    if (sum === undefined) strata.set(stratum, { events, exposure });
    else {
      sum.events += events;
      sum.exposure += exposure;
    }
  }
  return [...sums].flatMap(([group, strata]) =>
    [...strata].map(([stratum, { events, exposure }]) => [group, stratum, events, exposure] as const),
  );
}
