/** Runs a fleet in memory and takes its recording apart. */
import type { LiftRecord } from "../src/core/lift.ts";
import type { Channel } from "../src/core/reading.ts";
import type { Scenario } from "../simulators/faults/director.ts";
import { RecordingSink } from "../simulators/run/recording.ts";
import { FleetStream } from "../simulators/run/stream.ts";
import type { TruthWindow } from "../simulators/faults/truth.ts";

export const FROM = Date.parse("2026-01-05T08:00:00+08:00");

/** A reading as it came, with every field that any channel can have. */
export interface Signal {
  readonly receivedAt: number;
  readonly channel: Channel;
  readonly at: number;
  readonly seq: number;
  readonly boot: string;
  readonly state?: string;
  readonly speedMps?: number;
  readonly positionM?: number;
  readonly doorZone?: boolean;
  readonly levelOffsetMm?: number;
  readonly handrailMps?: number;
  readonly powered?: boolean;
  readonly floor?: number;
  readonly code?: string;
  readonly active?: boolean;
  readonly online?: boolean;
  readonly mode?: string;
  readonly persons?: number;
  readonly loadKg?: number;
  readonly tripCount?: number;
}

export interface Run {
  readonly text: string;
  readonly truth: readonly TruthWindow[];
  /** Readings of each lift in the order in which they came, wills left out. */
  readonly signals: ReadonlyMap<string, readonly Signal[]>;
  readonly wills: readonly Signal[];
  readonly endAt: number;
}

export function runFleet(
  lifts: readonly LiftRecord[],
  scenario: Scenario,
  seconds: number,
  seed = 1,
  from = FROM,
  eventsAtATime = Number.POSITIVE_INFINITY,
): Run {
  const truth: TruthWindow[] = [];
  const sink = new RecordingSink(lifts.map((lift) => lift.liftId));
  const stream = new FleetStream({ lifts, seed, scenario, startAt: from, rampMs: 1_000, sink, truth: (window) => truth.push(window) });
  const endAt = from + seconds * 1_000;
  while (!stream.run(endAt, eventsAtATime));
  stream.close(endAt);
  const text = sink.take().toString("latin1");
  const signals = new Map<string, Signal[]>(lifts.map((lift) => [lift.liftId, []]));
  const wills: Signal[] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    const { receivedAt, topic, payload } = JSON.parse(line) as { receivedAt: number; topic: string; payload: object | object[] };
    const [, liftId = "", channel] = topic.split("/");
    for (const reading of Array.isArray(payload) ? payload : [payload]) {
      const signal = { receivedAt, channel, ...reading } as Signal;
      if (signal.boot.endsWith("-will")) wills.push(signal);
      else signals.get(liftId)?.push(signal);
    }
  }
  return { text, truth, signals, wills, endAt };
}

/** Metres from the nearest landing, by the register. */
export function offsetM(lift: LiftRecord, positionM: number): number {
  const heightM = (lift.travelM ?? 0) / ((lift.floors ?? 2) - 1);
  const floor = Math.min((lift.floors ?? 2) - 1, Math.max(0, Math.round(positionM / heightM)));
  return positionM - floor * heightM;
}
