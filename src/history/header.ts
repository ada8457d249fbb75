/** The header of another's records: where our columns stand in it, and what is wrong where they do not. */
import { HISTORY_COLUMNS, type HistoryColumn } from "./event.ts";
import { LIFT_COLUMNS, OUR_COLUMNS, SIMULATED, type Mapping } from "./mapping.ts";

export type Flaw = (line: number, column: string | null, expected: string, found: string) => void;

/** Where the cells of a row stand. */
export interface Header {
  readonly mapping: Mapping;
  readonly columns: ReadonlyMap<HistoryColumn, readonly number[]>;
  /** How many columns there are. */
  readonly width: number;
  readonly lifts: readonly LiftCell[];
  readonly rules: readonly { readonly when: readonly (readonly [index: number, values: ReadonlySet<string>])[]; readonly event: string }[];
}

export interface LiftCell {
  readonly column: (typeof LIFT_COLUMNS)[number];
  readonly theirs: string;
  readonly index: number;
  readonly values: ReadonlyMap<string, string> | null;
}

export function headerOf(cells: readonly string[], given: Mapping | null, line: number, flaw: Flaw): Header | null {
  const simulated = ["kind", "hazard", "cause", "repairedAt"].every((name) => cells.includes(name));
  const mapping = given ?? (simulated ? SIMULATED : OUR_COLUMNS);
  const before = { flaws: 0 };
  const find = (name: string): number => {
    const index = cells.indexOf(name);
    if (index >= 0 && cells.lastIndexOf(name) === index) return index;
    before.flaws += 1;
    flaw(line, name, `${index >= 0 ? "one column" : "a column"} of this name${separatorHint(cells)}`, cells.join(","));
    return -1;
  };
  const columns = new Map<HistoryColumn, readonly number[]>();
  for (const column of HISTORY_COLUMNS) {
    const theirs = mapping.columns[column];
    if (theirs !== undefined) columns.set(column, theirs.map(find));
    else if (cells.includes(column)) columns.set(column, [find(column)]);
  }
  const rules = mapping.events.map(({ when, event }) => ({
    when: Object.entries(when).map(([column, values]) => [find(column), new Set(values)] as const),
    event,
  }));
  for (const column of ["liftId", "at", ...(rules.length === 0 ? (["event"] as const) : [])] as const)
    if (!columns.has(column)) find(column);
  const lifts = LIFT_COLUMNS.flatMap((column): LiftCell[] => {
    const field = mapping.lifts[column];
    if (field === undefined) return [];
    const values = field.values === null ? null : new Map(Object.entries(field.values));
    return [{ column, theirs: field.column, index: find(field.column), values }];
  });
  return before.flaws === 0 ? { mapping, columns, lifts, rules, width: cells.length } : null;
}

/** A file whose columns are not where they should be is often separated by something else. */
function separatorHint(cells: readonly string[]): string {
  const [only = ""] = cells;
  const [found] = cells.length > 1 ? [] : [";", "\t", "|", ","].filter((one) => only.includes(one));
  return found === undefined
    ? ""
    : `; the columns seem to be separated by ${JSON.stringify(found)}: say so in --map (delimiter: ${JSON.stringify(found)})`;
}
