/** A score as text for a terminal, and as the object of `--json`. Pure. */
import type { Hazard } from "../core/effects.ts";
import { confusions, figures, place, type Confusion, type HazardFigures, type Period, type Share } from "./figures.ts";
import type { Matching } from "./matching.ts";

/** How a score came about, for whoever reads it. */
export interface Basis {
  readonly period: Period;
  /** Where each end of the period comes from. */
  readonly periodFrom: "flag" | "files";
  readonly periodTo: "flag" | "files";
  readonly lifts: number;
  readonly liftsFrom: "fleet" | "files";
  readonly toleranceS: number;
  readonly liftsOnlyInTruth: number;
  readonly liftsOnlyInAlerts: number;
  /** Lifts of either file that the fleet lacks; null without a fleet. */
  readonly liftsNotInFleet: number | null;
  readonly eventsOutside: number;
  readonly alertsOutside: number;
  readonly changes: number;
  /** Lines that were frames of a feed, but no changes. */
  readonly otherFrames: number;
  /** Lines that say what could not be judged; null where no such file was given. */
  readonly said: number | null;
}

export interface Score extends Basis {
  readonly liftDays: number;
  readonly hazards: readonly HazardFigures[];
  readonly all: HazardFigures;
  readonly confusion: readonly Confusion[];
}

const DAY_MS = 86_400_000;

/** @param matching what lies in the period only. */
export function scoreOf(matching: Matching, basis: Basis): Score {
  const liftDays = (basis.lifts * (basis.period.to - basis.period.from)) / DAY_MS;
  const rows = figures(matching, basis.period, liftDays);
  const all = rows.at(-1);
  if (all === undefined) throw new RangeError("figures always end with a row for all");
  return { ...basis, liftDays, hazards: rows.slice(0, -1), all, confusion: confusions(matching) };
}

export function scoreText(score: Score, withConfusion: boolean): string {
  const { period, all } = score;
  const lines = [
    `period ${iso(period.from)} (${score.periodFrom}) to ${iso(period.to)} (${score.periodTo}) · ${score.lifts} lifts of the ${score.liftsFrom} · ${number(score.liftDays)} lift-days · tolerance ${score.toleranceS} s`,
    "",
    ...table([header(score), ...[...score.hazards, all].map((row) => cells(row, score.said !== null))]),
    "",
    ...notes(score),
  ];
  if (withConfusion)
    lines.push("", "what was there (down) and what was told on that lift meanwhile (across), in events:", "", ...confusionTable(score));
  return `${lines.join("\n")}\n`;
}

const header = ({ said }: Score): string[] => [
  "hazard",
  "events",
  "found",
  "missed",
  ...(said === null ? [] : ["not judged"]),
  "recall",
  ...(said === null ? [] : ["of judged"]),
  "alerts",
  "right",
  "repeats",
  "confused",
  "false",
  "precision",
  "delay median",
  "delay p95",
  "false/lift-day",
];

function cells(figures: HazardFigures, saysJudged: boolean): string[] {
  const { delay, falsePerLiftDay } = figures;
  const counts = [figures.alerts, figures.right, figures.repeats, figures.confused, figures.false];
  return [
    figures.hazard,
    ...[figures.events, figures.found, figures.missed, ...(saysJudged ? [figures.notJudged] : [])].map(String),
    shareText(figures.recall),
    ...(saysJudged ? [shareText(figures.recallJudged)] : []),
    ...counts.map(String),
    shareText(figures.precision),
    delay === null ? "–" : seconds(delay.medianMs),
    delay === null ? "–" : seconds(delay.p95Ms),
    falsePerLiftDay === null ? "–" : number(falsePerLiftDay),
  ];
}

/** Only what is not nothing, so that the usual report is short. */
function notes(score: Score): string[] {
  const { all } = score;
  const said: readonly (readonly [number | null, string])[] = [
    [all.mistaken, "missed, but something else was told there (--confusion)"],
    [all.notJudged, "not judged: not found, but said ten minutes before or earlier to be what cannot be judged on that lift"],
    [all.foundUnjudged, "found although said so; left out of the recall of those judged"],
    [all.suppressedMissed, "missed, because the alert was suppressed by design"],
    [all.cutOff, `cut off by the beginning or end of the period${all.cutOffMissed > 0 ? `, ${all.cutOffMissed} of them missed` : ""}`],
    [all.carried, "found by an alert that was still active from an earlier event; not in the delays"],
    [all.suppressed, "alerts suppressed by design: no pages, so neither right nor false"],
    [all.owned, "alerts owned by a mass event: no pages of their own"],
    [score.liftsOnlyInTruth, "lifts in the truth have no alert"],
    [score.liftsOnlyInAlerts, "lifts have alerts and no truth"],
    [score.liftsNotInFleet, "lifts of the files are not in the fleet"],
    [score.eventsOutside, "events outside the period left out"],
    [score.alertsOutside, "alerts outside the period left out"],
    [score.otherFrames, "lines were frames of a feed but no changes, and passed over"],
  ];
  const lines = said.filter(([count]) => count !== null && count > 0).map(([count, text]) => `${count} ${text}`);
  return ["intervals: 95 %, Wilson; delay: from the onset to the first page, by the monitor's clock", ...lines];
}

function confusionTable({ confusion }: Score): string[] {
  const told = inOrder(confusion.map((cell) => cell.told));
  const truth = inOrder(confusion.map((cell) => cell.truth));
  const count = (row: Hazard | null, column: Hazard | null): string =>
    String(confusion.find((cell) => cell.truth === row && cell.told === column)?.count ?? "·");
  return table([["", ...told.map(nameOf)], ...truth.map((row) => [nameOf(row), ...told.map((column) => count(row, column))])]);
}

function nameOf(hazard: Hazard | null): string {
  return hazard ?? "(nothing)";
}

function inOrder(hazards: readonly (Hazard | null)[]): (Hazard | null)[] {
  return [...new Set(hazards)].sort((a, b) => place(a) - place(b));
}

/** First column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ");
  return rows.map((row) => line(row).trimEnd());
}

function shareText(share: Share | null): string {
  return share === null ? "–" : `${share.value.toFixed(3)} (${share.low.toFixed(2)}–${share.high.toFixed(2)})`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(Math.abs(ms) < 99_950 ? 1 : 0)} s`;
}

function number(value: number): string {
  return value === 0 ? "0" : value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function iso(at: number): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}
