/** Two sets of limits over the entries of a replay: the comparison of `hoistway backtest`, by the same functions. */
import { compare, SeenAlerts, type Comparison } from "../../../../../src/backtest/compare.ts";
import { DEFAULT_RULES, type Rules } from "../../../../../src/core/rules.ts";
import type { Played } from "../../../../../src/recording/reader.ts";
import { Run } from "../../../../../src/recording/run.ts";
import { fresh } from "./session.ts";

const TOLD_EVERY = 2_000;

/** `against`: null for the limits that the recording carries. `onDone` is told how much of it is done, from 0 to 1. */
export function backtest(played: readonly Played[], rules: Rules, against: Rules | null, onDone: (done: number) => void): Comparison {
  const sides = [rules, against].map((limits) => ({ run: new Run(null, limits, DEFAULT_RULES), seen: new SeenAlerts() }));
  for (const [index, each] of played.entries()) {
    if (index % TOLD_EVERY === 0) onDone(index / played.length);
    for (const { run, seen } of sides) {
      for (const change of run.take(fresh(each))) seen.add(change);
    }
  }
  const [one, other] = sides.map(({ seen }) => seen.list());
  return compare(one ?? [], other ?? []);
}
