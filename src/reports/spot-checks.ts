/**
 * Which lifts to visit first (抽查), and why. A published sum of points, no model: each reason stands in the line with what it counts for
 * (docs/reports.md). The points are an assumption that a regulator may argue with; the reasons are facts.
 */
import type { Alert } from "../core/effects.ts";
import { dayNumber } from "../core/calendar.ts";
import { slices } from "../trends/questions/slices.ts";
import { ageYears } from "../trends/questions/grouping.ts";
import { DUE_DAYS, daysUntil, liftOf } from "./due.ts";
import type { Reason, ReasonCode, ReportKind, SpotCheck } from "./document.ts";
import type { LiftSum } from "./lift-sums.ts";

/** Points of each reason; `entrapments` and those of alerts for each one, up to MOST. */
export const POINTS: Readonly<Record<ReasonCode, number>> = {
  "inspection-overdue": 30,
  "rate-flagged": 25,
  chronic: 20,
  "insurance-expired": 20,
  "alert-critical": 20,
  entrapments: 15,
  "rate-high": 10,
  "firm-outside": 10,
  "alert-high": 10,
  "not-heard": 10,
  old: 5,
  "inspection-due": 5,
  "insurance-due": 3,
};
/** Of one reason that counts for each time. */
const MOST = 45;
/** Years from which a lift counts as old, and from which it counts twice. */
const OLD_YEARS = 15;
const VERY_OLD_YEARS = 20;
/** Lines: what a team can visit until the next report (assumption). */
export const LINES: Readonly<Record<ReportKind, number>> = { daily: 10, weekly: 20, monthly: 50 };

export interface LiftRisk {
  /** Shrunk episodes a lift-month, and the same as a multiple of the fleet's. */
  readonly rate: number;
  readonly times: number;
  readonly aboveTwiceFleet: number;
  readonly flagged: boolean;
}

export interface SpotCheckFacts {
  readonly asOf: number;
  /** Lifts of the scope, with what was heard of them in the period. */
  readonly sums: readonly LiftSum[];
  readonly risks: ReadonlyMap<string, LiftRisk>;
  /** Faults of lifts that are chronic. */
  readonly chronic: ReadonlyMap<string, number>;
  /** Of the last twelve months, by lift. */
  readonly entrapments: ReadonlyMap<string, number>;
  readonly open: ReadonlyMap<string, readonly Alert[]>;
  /** Firms above the outer limit of the funnel. */
  readonly firmsOutside: ReadonlySet<string>;
}

/** Most points first; among equals the higher rate. */
export async function spotChecksOf(kind: ReportKind, facts: SpotCheckFacts): Promise<SpotCheck[]> {
  const lines: { readonly sum: LiftSum; readonly points: number; readonly rate: number; readonly reasons: readonly Reason[] }[] = [];
  const yielding = slices();
  for (const sum of facts.sums) {
    if (sum.record?.inService === false) continue;
    const reasons = reasonsOf(sum, facts);
    const points = reasons.reduce((total, reason) => total + reason.points, 0);
    if (points > 0) lines.push({ sum, points, rate: facts.risks.get(sum.liftId)?.rate ?? 0, reasons });
    await yielding();
  }
  lines.sort((a, b) => b.points - a.points || b.rate - a.rate || (a.sum.liftId < b.sum.liftId ? -1 : 1));
  return lines.slice(0, LINES[kind]).map(({ sum, points, rate, reasons }, index) => ({
    rank: index + 1,
    points,
    ...liftOf(sum.liftId, sum.record),
    rate,
    reasons: reasons.toSorted((a, b) => b.points - a.points),
  }));
}

function reasonsOf(sum: LiftSum, facts: SpotCheckFacts): Reason[] {
  const { liftId, record } = sum;
  const reasons: Reason[] = [];
  const add = (code: ReasonCode, value: number | string | null, times = 1): void => {
    reasons.push({ code, points: Math.min(MOST, POINTS[code] * times), value });
  };
  if (record !== undefined) {
    due("inspection", "inspection-overdue", "inspection-due");
    due("insurance", "insurance-expired", "insurance-due");
  }
  const entrapments = facts.entrapments.get(liftId) ?? 0;
  if (entrapments > 0) add("entrapments", entrapments, entrapments);
  const chronic = facts.chronic.get(liftId);
  if (chronic !== undefined) add("chronic", chronic);
  const risk = facts.risks.get(liftId);
  if (risk?.flagged === true) add("rate-flagged", risk.aboveTwiceFleet);
  else if (risk !== undefined && risk.times > 2) add("rate-high", risk.times);
  const open = facts.open.get(liftId) ?? [];
  for (const priority of ["critical", "high"] as const) {
    const own = open.filter((alert) => alert.priority === priority);
    if (own[0] !== undefined) add(`alert-${priority}`, own[0].hazard, own.length);
  }
  if (record?.firm !== undefined && facts.firmsOutside.has(record.firm)) add("firm-outside", record.firm);
  const age = record?.installedOn === undefined ? undefined : ageYears(dayNumber(record.installedOn), facts.asOf);
  if (age !== undefined && age >= OLD_YEARS) add("old", Math.floor(age), age >= VERY_OLD_YEARS ? 2 : 1);
  if (record !== undefined && sum.liftMonths === 0) add("not-heard", null);
  return reasons;

  function due(what: "inspection" | "insurance", past: ReasonCode, soon: ReasonCode): void {
    const days = record === undefined ? null : daysUntil(record, what, facts.asOf);
    if (days === null || days > DUE_DAYS) return;
    add(days < 0 ? past : soon, Math.abs(days));
  }
}
