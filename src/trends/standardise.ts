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

export interface NumberedCell extends Omit<Cell, "group" | "stratum"> {
  readonly group: number;
  readonly stratum: number;
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
  const [groups, strata, places] = [numbering(), numbering(), numbering()];
  // One cell a (group, stratum), however often it was given: the own share is of the group's whole part of the stratum.
  const merged: { group: number; stratum: number; events: number; exposure: number }[] = [];
  for (const { group, stratum, events, exposure } of cells) {
    required("events", events, 0, group);
    required("exposure", exposure, 0, group);
    const cell = { group: groups.of(group), stratum: strata.of(stratum), events, exposure };
    const known = merged[places.of(`${cell.group} ${cell.stratum}`)];
    if (known === undefined) merged.push(cell);
    else {
      known.events += events;
      known.exposure += exposure;
    }
  }
  return standardiseNumbered(merged, groups.names.length, strata.names.length).map(({ group, ...one }) => ({
    ...one,
    key: groups.names[group]!,
  }));
}

function numbering() {
  const numbers = new Map<string, number>();
  const names: string[] = [];
  return {
    names,
    of(name: string): number {
      let number = numbers.get(name);
      if (number === undefined) numbers.set(name, (number = names.push(name) - 1));
      return number;
    },
  };
}

/** The same of groups and strata by their numbers, each pair at most once: a city's firms have some thousand of them every month. Groups that no cell names are left out. */
export function standardiseNumbered(
  cells: readonly NumberedCell[],
  groups: number,
  strata: number,
): (Omit<Standardised, "key"> & { readonly group: number })[] {
  const [normEvents, normExposure] = [new Float64Array(strata), new Float64Array(strata)];
  for (const { stratum, events, exposure } of cells) {
    normEvents[stratum]! += events;
    normExposure[stratum]! += exposure;
  }
  const [observed, expected, lived, own] = [0, 0, 0, 0].map(() => new Float64Array(groups)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const order: number[] = [];
  const seen = new Uint8Array(groups);
  for (const { group, stratum, events, exposure } of cells) {
    if (seen[group] === 0) order.push(group);
    seen[group] = 1;
    const norm = normExposure[stratum] as number;
    const rate = norm === 0 ? 0 : (normEvents[stratum] as number) / norm;
    observed[group]! += events;
    lived[group]! += exposure;
    expected[group]! += rate * exposure;
    own[group]! += norm === 0 ? 0 : (rate * exposure * exposure) / norm;
  }
  return order.map((group) => ({
    group,
    events: observed[group]!,
    exposure: expected[group]!,
    lived: lived[group]!,
    own: expected[group]! > 0 ? own[group]! / expected[group]! : 0,
  }));
}
