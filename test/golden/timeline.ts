/**
 * Timelines that a person can read: what a lift says, second by second, and what the monitor makes of it.
 *
 *     0    status persons=2
 *     0    door state=closed
 *     0.5  speed speedMps=0 doorZone=false
 *
 * gives `30.5 raised entrapment suspected critical at 30.5`. Times are seconds from the start; ticks come each second;
 * `seq` counts by itself. A line `5 > …` arrives at 5 though the device says otherwise by `at=`.
 */
import type { Change, Effects } from "../../src/core/effects.ts";
import type { Entry } from "../../src/core/entry.ts";
import type { LiftRecord } from "../../src/core/lift.ts";
import { createMonitor, type Monitor } from "../../src/core/monitor.ts";
import { DEFAULT_RULES, type Rules } from "../../src/core/rules.ts";

export const START = 1_767_225_600_000;

export const LIFT: LiftRecord = {
  liftId: "L1",
  kind: "passenger",
  ratedSpeedMps: 1.75,
  floors: 20,
  district: "武江",
  building: "江湾苑1栋",
  firm: "韶安电梯",
  inService: true,
};

interface Message {
  readonly atMs: number;
  readonly topic: string;
  readonly payload: string;
}

/** The messages of a script, in order; fields after the channel are `name=value` with JSON values, bare words as text. */
export function messages(script: string, liftId = "L1"): Message[] {
  let seq = 0;
  return script
    .split("\n")
    .map((line) => line.replace(/#.*$/, "").trim())
    .filter((line) => line !== "")
    .map((line) => {
      const [time = "", channel = "", ...fields] = line.split(/\s+/);
      const atMs = START + Math.round(Number(time) * 1_000);
      const reading: Record<string, unknown> = { at: atMs, seq, boot: "b1" };
      for (const field of fields) {
        const [name = "", text = ""] = field.split("=");
        reading[name] = name === "at" ? START + Math.round(Number(text) * 1_000) : name === "code" ? text : value(text);
      }
      seq = (reading["seq"] as number) + 1;
      return { atMs, topic: `lifts/${liftId}/${channel}`, payload: JSON.stringify(reading) };
    });
}

function value(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Journal entries of messages, with a tick each second up to `untilS`; a message comes before the tick of its second. */
export function entries(list: readonly Message[], untilS: number): Entry[] {
  const all: { receivedAt: number; make: (seq: number) => Entry }[] = list.map((message) => ({
    receivedAt: message.atMs,
    make: (seq) => ({
      kind: "message",
      seq,
      receivedAt: message.atMs,
      topic: message.topic,
      payload: message.payload,
      source: "L1",
      refusal: null,
    }),
  }));
  for (let second = 0; second <= untilS; second++) {
    const receivedAt = START + second * 1_000;
    all.push({ receivedAt, make: (seq) => ({ kind: "tick", seq, receivedAt }) });
  }
  return all.sort((a, b) => a.receivedAt - b.receivedAt).map(({ make }, index) => make(index + 1));
}

export function newMonitor(lift: LiftRecord = LIFT, rules: Rules = DEFAULT_RULES): Monitor {
  return createMonitor([lift], rules);
}

export function fold(monitor: Monitor, list: readonly Entry[]): Effects[] {
  return list.map((entry) => monitor.apply(entry));
}

const seconds = (time: number) => String((time - START) / 1_000);

/** `SECONDS change hazard evidence priority at RAISED [until CLEARED]`: the second is when the monitor told. */
export function told(change: Change): string {
  const { alert } = change;
  const parts = [seconds(change.at), change.change, alert.hazard, alert.evidence, alert.priority, "at", seconds(alert.raisedAt)];
  if (alert.clearedAt !== null) parts.push("until", seconds(alert.clearedAt));
  if (alert.suppressedBy !== null) parts.push("by", alert.suppressedBy);
  if (alert.occurrences > 1) parts.push(`${alert.occurrences} times`);
  return parts.join(" ");
}

/** Folds a script and returns what was told, a line a change. */
export function tell(script: string, untilS: number, lift: LiftRecord = LIFT, rules: Rules = DEFAULT_RULES): string[] {
  return fold(newMonitor(lift, rules), entries(messages(script, lift.liftId), untilS)).flatMap((effects) => effects.changes.map(told));
}
