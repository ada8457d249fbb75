/**
 * Makes the document of a report. Its figures come from the functions that answer REST, so they are the same; what it adds is counted from the same
 * facts. It works in slices (LIMITS.trends.sliceMs), so that questions about trends are answered meanwhile.
 */
import { PRIORITIES } from "../core/effects.ts";
import { OperationalError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { dayName } from "../core/calendar.ts";
import type { Dimension, Filters, Population } from "../trends/questions/grouping.ts";
import type { Report, Scope } from "./document.ts";
import { dueOf } from "./due.ts";
import { dimensionsOf, groupsOf, type Ranges } from "./groups.ts";
import { liftSums } from "./lift-sums.ts";
import { daysOf, measuresOf } from "./measures.ts";
import { byLift, chartOf, chronicOf, entrapmentsOf, firmsOutside, kindsOf, openAlerts, openRows, risksOf, standingOf } from "./parts.ts";
import { monthsBefore, periodBefore, type Period } from "./period.ts";
import { spotChecksOf } from "./spot-checks.ts";
import { storedLoad } from "./stored-load.ts";
import { worksOf } from "./works.ts";

export interface ReportSources {
  readonly population: Population;
  readonly store: Pick<Store, "alerts" | "changesAfter">;
  readonly timezone: string;
  readonly operatorPositions: number;
  readonly program: string;
  /** The stamp, ms since the epoch. */
  readonly madeAt: number;
}

const MONTHS = 12;
/** Whose work is told apart, as far as a report is divided by it: the firms', or the buildings'. */
const GROUPED: ReadonlySet<Dimension> = new Set(["firm", "building", "maker"]);

/** @throws OperationalError `query-too-large`, or what the store throws. */
export async function makeReport(sources: ReportSources, period: Period, scope: Scope): Promise<Report> {
  const { population, store, timezone } = sources;
  const filters: Filters = scope;
  const previous = periodBefore(period);
  const ranges: Ranges = {
    now: { first: period.first, last: period.last },
    before: { first: previous.first, last: previous.last },
    year: { first: sameDayBefore(period.last + 1), last: period.last },
  };
  const sums = await liftSums(population, ranges.now, filters);
  const sumsBefore = await liftSums(population, ranges.before, filters);
  const records = sums.flatMap(({ record }) => (record === undefined ? [] : [record]));
  const inUse = sums.filter(({ record }) => record?.inService !== false);
  const groups = [];
  for (const by of dimensionsOf(scope)) groups.push(await groupsOf(population, by, ranges, filters));
  const chronic = await chronicOf(population, period, sums, filters);
  const open = await openAlerts(store, new Set(sums.map(({ liftId }) => liftId)));
  const helped = entrapmentsOf(population, sums, ranges);
  const isCity = Object.values(scope).every((value) => value === undefined);
  return {
    format: 1,
    kind: period.kind,
    period: { name: period.name, ...daysOf(ranges.now), complete: period.complete },
    previous: { name: previous.name, ...daysOf(ranges.before) },
    year: daysOf(ranges.year),
    scope,
    timezone,
    madeAt: new Date(sources.madeAt).toISOString(),
    program: sources.program,
    fleet: {
      registered: records.length,
      inUse: inUse.length,
      heard: inUse.filter(({ liftMonths }) => liftMonths > 0).length,
      kinds: kindsOf(records),
    },
    measures: await measuresOf(population, period.kind, { range: ranges.now, sums }, { range: ranges.before, sums: sumsBefore }, filters),
    standing: await standingOf(population, ranges, scope),
    groups,
    chart: await chartOf(population, period, filters),
    chronic,
    entrapments: helped.rows,
    open: {
      counts: Object.fromEntries(
        PRIORITIES.map((priority) => [priority, open.filter((one) => one.priority === priority).length]),
      ) as Report["open"]["counts"],
      rows: openRows(open, records),
    },
    works: await worksOf(
      population,
      period.kind,
      dimensionsOf(scope).find((by) => GROUPED.has(by))!,
      ranges.year,
      filters,
    ),
    operatorLoad: isCity ? await loadOf(sources, period) : null,
    due: dueOf(records, period.last),
    spotChecks: {
      asOf: dayName(period.last),
      considered: inUse.length,
      rows: await spotChecksOf(period.kind, {
        asOf: period.last,
        sums,
        risks: await risksOf(population, dayName(period.last).slice(0, 7)),
        chronic: new Map(chronic.rows.map(({ liftId, faults }) => [liftId, faults])),
        entrapments: helped.ofYear,
        open: byLift(open),
        firmsOutside: await firmsOutside(population, ranges, scope, groups),
      }),
    },
  };
}

/** The same day of the month a year ago. */
function sameDayBefore(day: number): number {
  return monthsBefore(day, MONTHS) + Number(dayName(day).slice(8)) - 1;
}

/** Null where the period has more changes than can be read: a report without it is better than none. */
async function loadOf({ population, store, operatorPositions, timezone }: ReportSources, { first, last }: Period) {
  const { zone } = population.facts;
  try {
    return await storedLoad(store, { from: zone.begin(first), to: zone.begin(last + 1), positions: operatorPositions, timezone });
  } catch (error) {
    if (error instanceof OperationalError && error.code === "query-too-large") return null;
    throw error;
  }
}
