/** Timelines of many lifts (see timeline.ts): who they are, what each says, and what people do meanwhile. */
import type { Alert, Change } from "../../src/core/effects.ts";
import type { Act, Entry } from "../../src/core/entry.ts";
import type { LiftRecord } from "../../src/core/lift.ts";
import { createMonitor, type Monitor } from "../../src/core/monitor.ts";
import { DEFAULT_RULES, type Rules } from "../../src/core/rules.ts";
import { START, entries, messages, told } from "./timeline.ts";

/** Lifts of a district: so many buildings of so many lifts, `W1-1` the first of the first. */
export function district(name: string, letter: string, buildings: number, liftsEach: number, firm?: string): LiftRecord[] {
  return Array.from({ length: buildings * liftsEach }, (_, index) => {
    const building = Math.floor(index / liftsEach) + 1;
    return {
      liftId: `${letter}${building}-${(index % liftsEach) + 1}`,
      kind: "passenger",
      ratedSpeedMps: 1.75,
      district: name,
      building: `${building}栋`,
      firm: firm ?? `维保${building % 3}`,
      inService: true,
    };
  });
}

/** A keep-alive a minute of each lift from `fromS` to `toS`, spread over the minute as they come to be. */
export function keepAlives(lifts: readonly LiftRecord[], fromS: number, toS: number, fields = ""): Script {
  return Object.fromEntries(
    lifts.map(({ liftId }, index) => {
      const lines: string[] = [];
      for (let second = fromS + (index % 60); second < toS; second += 60) lines.push(`${second} status persons=0 powered=true ${fields}`);
      return [liftId, lines.join("\n")];
    }),
  );
}

/** What each lift says. */
export type Script = Readonly<Record<string, string>>;

export function together(...scripts: readonly Script[]): Script {
  const all: Record<string, string> = {};
  for (const script of scripts) for (const [lift, lines] of Object.entries(script)) all[lift] = `${all[lift] ?? ""}\n${lines}`;
  return Object.fromEntries(Object.entries(all).map(([lift, lines]) => [lift, inOrder(lines)]));
}

function inOrder(lines: string): string {
  return lines
    .split("\n")
    .filter((line) => line.trim() !== "")
    .toSorted((a, b) => Number(a.trim().split(/\s+/)[0]) - Number(b.trim().split(/\s+/)[0]))
    .join("\n");
}

/** An act on the newest alert of a lift and hazard at a second. */
export interface Doing extends Partial<Act> {
  readonly at: number;
  readonly act: Act["act"];
  readonly hazard: Alert["hazard"];
  readonly lift?: string;
}

export interface Run {
  readonly monitor: Monitor;
  readonly changes: readonly Change[];
  readonly entries: readonly Entry[];
  /** Answers to the acts, by code. */
  readonly outcomes: readonly string[];
}

/** Folds scripts and acts; `sources` tells who publishes for a lift. */
export function run(
  lifts: readonly LiftRecord[],
  script: Script,
  untilS: number,
  doings: readonly Doing[] = [],
  sources: (liftId: string) => string = (liftId) => liftId,
  rules: Rules = DEFAULT_RULES,
): Run {
  const list = Object.entries(script).flatMap(([liftId, lines]) => messages(lines, liftId));
  const monitor = createMonitor(lifts, rules);
  const changes: Change[] = [];
  const all: Entry[] = [];
  const outcomes: string[] = [];
  const left = [...doings];
  const newest = new Map<string, string>();
  const apply = (entry: Entry) => {
    all.push(entry);
    const effects = monitor.apply(entry);
    for (const change of effects.changes) {
      changes.push(change);
      newest.set(`${change.alert.hazard} ${change.alert.liftId}`, change.alert.id);
      newest.set(change.alert.hazard, change.alert.id);
    }
    if (effects.outcome !== null) outcomes.push(effects.outcome.code);
  };
  for (const entry of entries(list, untilS)) {
    for (let doing = left[0]; doing !== undefined && START + doing.at * 1_000 <= entry.receivedAt; doing = left[0]) {
      left.shift();
      const { at, hazard, lift, ...act } = doing;
      const alertId = newest.get(lift === undefined ? hazard : `${hazard} ${lift}`) ?? "none";
      const words = { by: "li", note: null, reason: null, until: null, minutes: null };
      apply({ kind: "act", seq: all.length + 1, receivedAt: START + at * 1_000, alertId, ...words, ...act });
    }
    const source = entry.kind === "message" ? { source: sources(entry.topic.split("/")[1] ?? "") } : {};
    apply({ ...entry, ...source, seq: all.length + 1 });
  }
  return { monitor, changes, entries: all, outcomes };
}

/** A line a change, with the lift; and of a mass event what it is about. */
export function line(change: Change): string {
  const { hazard, liftId, details, lift } = change.alert;
  if (hazard !== "mass-event") return `${told(change)} of ${liftId}`;
  const { scope, name, count, struck } = details;
  return `${told(change)}: ${String(scope)} ${String(name)} in ${lift.district ?? "several districts"}, ${String(struck)} of ${String(count)}`;
}

/** Changes that page somebody: told for the first time, and not suppressed or shelved. */
export function pages(changes: readonly Change[]): string[] {
  return changes.filter(({ change }) => change === "raised").map(line);
}

/** How many changes of each kind there were of a hazard. */
export function tally(changes: readonly Change[], hazard: Alert["hazard"]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { change, alert } of changes) if (alert.hazard === hazard) counts[change] = (counts[change] ?? 0) + 1;
  return counts;
}
