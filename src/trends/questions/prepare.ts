/** Adds up what questions by day need, before most of them are asked: for a city's three years a second or two in slices, beside which others are answered. */
import { LIMITS } from "../../config.ts";
import { monthBegin, nextMonth } from "../facts/months.ts";
import { DIMENSIONS, groupLifts, type Population } from "./grouping.ts";
import { mayKeep } from "./kept-days.ts";
import { tallyUp } from "./tally.ts";

export async function prepareDays(population: Population): Promise<void> {
  const known = population.facts.days.range;
  if (known === null) return;
  const range = { first: monthBegin(Math.max(known.first, known.last - LIMITS.trends.preparedDays)), last: nextMonth(known.last) - 1 };
  for (const by of DIMENSIONS) {
    const grouping = groupLifts(population, by, {}, { steady: true });
    grouping.at(range.first);
    if (!mayKeep(grouping.groups.length)) continue;
    await tallyUp(population.facts, range, "day", grouping, () => grouping.groups.length);
  }
}
