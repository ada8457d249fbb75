/** Parts of a report beside its measures and its groups: chronic lifts, entrapments, open alerts, the control chart, risks of lifts. */
import { setImmediate as turn } from "node:timers/promises";
import { LIMITS } from "../config.ts";
import type { Alert } from "../core/effects.ts";
import type { LiftRecord } from "../core/lift.ts";
import type { Store } from "../store/store.ts";
import type { Bucket } from "../trends/facts/zone-days.ts";
import { faultRate } from "../trends/questions/fault-rate.ts";
import type { Filters, Population } from "../trends/questions/grouping.ts";
import { standingsOf } from "../trends/questions/rankings.ts";
import { MONTH_DAYS, type Range } from "../trends/questions/tally.ts";
import { CHRONIC_FAULTS, chronicLifts } from "../trends/up-time.ts";
import type { GroupRow, Groups, Report, ReportKind, Scope } from "./document.ts";
import { liftOf } from "./due.ts";
import { groupsOf, type Ranges } from "./groups.ts";
import { liftSums, type LiftSum } from "./lift-sums.ts";
import { daysOf, sourceOf } from "./measures.ts";
import { monthsBefore, type Period } from "./period.ts";
import type { LiftRisk } from "./spot-checks.ts";

/** Days for which a lift's faults are added up where the period is shorter than a month. */
const CHRONIC_DAYS = 30;
/** The control chart: its buckets, and how many of them, the period's own last. */
const CHART: Readonly<Record<ReportKind, { readonly bucket: Exclude<Bucket, "total">; readonly count: number; readonly days: number }>> = {
  daily: { bucket: "day", count: 60, days: 1 },
  weekly: { bucket: "week", count: 26, days: 7 },
  monthly: { bucket: "month", count: 24, days: 0 },
};

/** Lifts with three stopping faults or more in the month, or in the thirty days that end with a shorter period. */
export async function chronicOf(
  population: Population,
  { kind, first, last }: Period,
  ofPeriod: readonly LiftSum[],
  filters: Filters,
): Promise<Report["chronic"]> {
  const range: Range = kind === "monthly" ? { first, last } : { first: last - CHRONIC_DAYS + 1, last };
  const sums = kind === "monthly" ? ofPeriod : await liftSums(population, range, filters);
  const given = sums.map(({ liftId, faults, liftMonths }) => ({ key: liftId, events: [faults], exposure: [liftMonths] }));
  const { lifts, byChance } = chronicLifts(given);
  const bySum = new Map(sums.map((sum) => [sum.liftId, sum]));
  const rows = lifts.map(({ key, worst }) => ({ ...liftOf(key, bySum.get(key)?.record), faults: worst }));
  return { least: CHRONIC_FAULTS, ...daysOf(range), byChance, rows };
}

/** Those of the period, oldest first, and how many each lift had in the twelve months. */
export function entrapmentsOf({ facts }: Population, sums: readonly LiftSum[], { now, year }: Ranges) {
  const bySum = new Map(sums.map((sum) => [sum.lift, sum]));
  const { zone } = facts;
  const [begin, end, since] = [zone.begin(now.first), zone.begin(now.last + 1), zone.begin(year.first)];
  const ofYear = new Map<string, number>();
  const rows: Report["entrapments"] = [];
  for (const { lift, at, toldAt, dispatchedAt, arrivedAt, rescuedAt } of facts.entrapments()) {
    const sum = bySum.get(lift);
    if (sum === undefined || at < since || at >= end) continue;
    ofYear.set(sum.liftId, (ofYear.get(sum.liftId) ?? 0) + 1);
    if (at >= begin) rows.push({ ...liftOf(sum.liftId, sum.record), at, toldAt, dispatchedAt, arrivedAt, rescuedAt });
  }
  return { rows: rows.toSorted((a, b) => a.at - b.at || (a.liftId < b.liftId ? -1 : 1)), ofYear };
}

/** Alerts that are active as the store has them, of these lifts. */
export async function openAlerts(store: Pick<Store, "alerts">, lifts: ReadonlySet<string>): Promise<Alert[]> {
  const open: Alert[] = [];
  let after: string | undefined;
  do {
    const page = await store.alerts({ state: "active", limit: LIMITS.trends.loadAlerts, after });
    for (const alert of page.rows) if (lifts.has(alert.liftId) && alert.suppressedBy === null) open.push(alert);
    after = page.next ?? undefined;
    await turn();
  } while (after !== undefined);
  return open;
}

const RANK = { critical: 0, high: 1, medium: 2, low: 3 } as const;

/** Critical and high ones, the most urgent and oldest first. */
export function openRows(open: readonly Alert[], records: readonly LiftRecord[]): Report["open"]["rows"] {
  const byId = new Map(records.map((record) => [record.liftId, record]));
  return open
    .filter(({ priority }) => RANK[priority] <= RANK.high)
    .toSorted((a, b) => RANK[a.priority] - RANK[b.priority] || a.raisedAt - b.raisedAt || (a.id < b.id ? -1 : 1))
    .map(({ id, liftId, hazard, priority, raisedAt, acknowledged }) => ({
      id,
      ...liftOf(liftId, byId.get(liftId)),
      hazard,
      priority,
      raisedAt,
      acknowledged,
    }));
}

export function byLift(alerts: readonly Alert[]): Map<string, Alert[]> {
  const lifts = new Map<string, Alert[]>();
  for (const alert of alerts) {
    const own = lifts.get(alert.liftId);
    if (own === undefined) lifts.set(alert.liftId, [alert]);
    else own.push(alert);
  }
  return lifts;
}

export function kindsOf(records: readonly LiftRecord[]): Report["fleet"]["kinds"] {
  const counts = new Map<string | null, number>();
  for (const { kind = null } of records) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .map(([kind, lifts]) => ({ kind, lifts }))
    .toSorted((a, b) => b.lifts - a.lifts || ((a.kind ?? "") < (b.kind ?? "") ? -1 : 1));
}

export async function chartOf(population: Population, { kind, first, last }: Period, filters: Filters): Promise<Report["chart"]> {
  const { bucket, count, days } = CHART[kind];
  const range: Range = { first: kind === "monthly" ? monthsBefore(first, count - 1) : first - (count - 1) * days, last };
  const { total, rows } = await faultRate(population, { by: "all", bucket, range, filters });
  const points = rows(0, total).map((row) => ({ name: row.bucket, episodes: row.episodes, liftMonths: row.liftDays / MONTH_DAYS }));
  return { source: sourceOf("/api/trends/fault-rate", { by: "all", bucket, ...daysOf(range) }, filters), bucket, points };
}

/** Of every lift, among the whole city: what the ranking by lift at the month's end has. */
export async function risksOf(population: Population, month: string): Promise<Map<string, LiftRisk>> {
  const { prior, standings } = await standingsOf(population, { by: "lift", period: month, filters: {} });
  return new Map(
    standings.map(({ group, rate }): [string, LiftRisk] => [
      group.key as string,
      { rate: rate.rate, times: prior.fleet > 0 ? rate.rate / prior.fleet : 0, aboveTwiceFleet: rate.exceedance, flagged: rate.flagged },
    ]),
  );
}

/** The district or firm among all of the city; null for another scope. */
export async function standingOf(population: Population, ranges: Ranges, { district, firm, userUnit }: Scope): Promise<GroupRow | null> {
  if (userUnit !== undefined || (district === undefined) === (firm === undefined)) return null;
  const { rows } = await groupsOf(population, firm === undefined ? "district" : "firm", ranges, {});
  return rows.find(({ key }) => key === (firm ?? district)) ?? null;
}

/** Firms beyond the outer limit of the city's funnel, whatever the scope. */
export async function firmsOutside(
  population: Population,
  ranges: Ranges,
  scope: Scope,
  groups: readonly Groups[],
): Promise<ReadonlySet<string>> {
  const isCity = Object.values(scope).every((value) => value === undefined);
  const known = isCity ? groups.find(({ by }) => by === "firm") : undefined;
  const { rows } = known ?? (await groupsOf(population, "firm", ranges, {}));
  return new Set(rows.flatMap(({ key, year }) => (key !== null && year.fair?.place === "very-high" ? [key] : [])));
}
