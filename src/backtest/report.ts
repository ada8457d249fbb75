/** A comparison as text for a terminal. Pure. */
import type { HazardFigures, Share } from "../score/figures.ts";
import type { Score } from "../score/report.ts";
import { table } from "../score/report.ts";
import type { Comparison, Moved, SeenAlert } from "./compare.ts";

/** A set of limits as it was named, and the version that its alerts carry. */
export interface Side {
  readonly name: string;
  /** Null where the recording carries its own, which may have changed on the way. */
  readonly version: string | null;
}

export interface Backtest extends Comparison {
  readonly rulesName: Side;
  readonly againstName: Side;
  /** First and last receivedAt, ms since the epoch; null of an empty recording. */
  readonly period: { readonly from: number; readonly to: number } | null;
  readonly messages: number;
  readonly lifts: number;
  /** Null without truth. */
  readonly score: { readonly rules: Score; readonly against: Score } | null;
}

export function backtestText(result: Backtest): string {
  const { rulesName, againstName, period, gained, lost, moved, score } = result;
  const span = period === null ? "no messages" : `${iso(period.from)} to ${iso(period.to)}`;
  const lines = [
    `${span} · ${result.messages} messages · ${result.lifts} lifts heard`,
    `rules    ${sideText(rulesName)}`,
    `against  ${sideText(againstName)}`,
    "",
    ...table([
      ["hazard", "rules", "against", "same", "gained", "lost", "moved"],
      ...result.hazards.map(({ hazard, ...counts }) => [
        hazard,
        ...[counts.rules, counts.against, counts.same, counts.gained, counts.lost, counts.moved].map(String),
      ]),
    ]),
  ];
  const list = <T>(title: string, items: readonly T[], text: (item: T) => string): void => {
    if (items.length > 0) lines.push("", `${title}:`, ...items.map((item) => `  ${text(item)}`));
  };
  list("gained, told with the rules only", gained, alertText);
  list("lost, told against only", lost, alertText);
  list("moved, from against to the rules", moved, movedText);
  if (gained.length + lost.length + moved.length === 0) lines.push("", "no differences");
  if (score !== null) lines.push("", "score, rules / against:", "", ...scoreTable(score.rules, score.against));
  return `${lines.join("\n")}\n`;
}

function sideText({ name, version }: Side): string {
  return version === null ? name : `${name} (version ${version})`;
}

function alertText({ raisedAt, clearedAt, liftId, hazard, priority, evidence, suppressed, id }: SeenAlert): string {
  const until = clearedAt === null ? "active at the end" : `for ${seconds(clearedAt - raisedAt)}`;
  return `${iso(raisedAt)}  ${liftId}  ${hazard}  ${priority} ${evidence}${suppressed ? " suppressed" : ""}  ${until}  ${id}`;
}

function movedText({ rules, against, what }: Moved): string {
  const texts = what
    // The time of detection follows that of the condition; it is worth a word only when it alone has moved.
    .filter((field) => field !== "detectedAt" || !what.includes("raisedAt"))
    .map((field) => {
      switch (field) {
        case "raisedAt":
          return `raised ${shift(rules.raisedAt - against.raisedAt)}`;
        case "detectedAt":
          return `detected ${shift(rules.detectedAt - against.detectedAt)}`;
        case "clearedAt":
          if (rules.clearedAt === null) return "not cleared any more";
          return against.clearedAt === null ? "cleared now" : `cleared ${shift(rules.clearedAt - against.clearedAt)}`;
        case "suppressed":
          return rules.suppressed ? "suppressed now" : "not suppressed any more";
        case "priority":
        case "evidence":
          return `${against[field]} → ${rules[field]}`;
        default:
          return field satisfies never;
      }
    });
  return `${iso(against.raisedAt)}  ${against.liftId}  ${against.hazard}  ${texts.join(", ")}  ${rules.id}`;
}

function scoreTable(rules: Score, against: Score): string[] {
  const names = [...new Set([...rules.hazards, ...against.hazards].map(({ hazard }) => hazard)), "all" as const];
  const both = (hazard: string, text: (row: HazardFigures) => string): string =>
    [rules, against]
      .map((score) => rowOf(score, hazard))
      .map((row) => (row === undefined ? "–" : text(row)))
      .join(" / ");
  return table([
    ["hazard", "events", "found", "recall", "alerts", "false", "precision", "delay median"],
    ...names.map((hazard) => [
      hazard,
      String(Math.max(rowOf(rules, hazard)?.events ?? 0, rowOf(against, hazard)?.events ?? 0)),
      both(hazard, (row) => String(row.found)),
      both(hazard, (row) => share(row.recall)),
      both(hazard, (row) => String(row.alerts)),
      both(hazard, (row) => String(row.false)),
      both(hazard, (row) => share(row.precision)),
      both(hazard, (row) => (row.delay === null ? "–" : seconds(row.delay.medianMs))),
    ]),
  ]);
}

function rowOf(score: Score, hazard: string): HazardFigures | undefined {
  return [...score.hazards, score.all].find((row) => row.hazard === hazard);
}

function share(value: Share | null): string {
  return value === null ? "–" : value.value.toFixed(3);
}

function shift(ms: number): string {
  return `${ms < 0 ? "−" : "+"}${seconds(Math.abs(ms))}`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function iso(at: number): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}
