/** Limits that contradict each other, though each is in its range: a warning above its alarm, an end within its beginning. Pure. */
import type { Rules } from "../core/rules.ts";

interface Contradiction {
  readonly path: readonly string[];
  readonly message: string;
}

type Section = Exclude<keyof Rules, "version">;
type Limits<S extends Section> = Extract<keyof Rules[S], string>;

interface Order {
  readonly section: Section;
  /** Names of limits of the section, of which none may be above the next. */
  readonly ascending: readonly string[];
}

function ascending<S extends Section>(section: S, ...names: Limits<S>[]): Order {
  return { section, ascending: names };
}

const ORDERS: readonly Order[] = [
  ascending("entrapment", "suspectedAfterMs", "confirmedAfterMs"),
  ascending("entrapment-at-level", "suspectedAfterMs", "confirmedAfterMs"),
  ascending("overspeed", "clearFactor", "warnFactor", "alarmFactor", "criticalFactor"),
  ascending("run-time-exceeded", "leastMs", "mostMs"),
  ascending("door-cycling", "reopenings", "manyReopenings"),
  ascending("escalator-overspeed", "clearFactor", "factor"),
  ascending("handrail-deviation", "clearDeviation", "deviation"),
];

export function contradictions(rules: Rules): Contradiction[] {
  return ORDERS.flatMap(({ section, ascending: names }) => {
    const limits = rules[section] as Readonly<Record<string, unknown>>;
    return names.slice(1).flatMap((name, index): Contradiction[] => {
      const below = names[index] ?? "";
      const [least, found] = [limits[below], limits[name]];
      if (typeof least !== "number" || typeof found !== "number" || found >= least) return [];
      return [{ path: [section, name], message: `found ${found}; expected at least ${below}, which is ${least}` }];
    });
  });
}
