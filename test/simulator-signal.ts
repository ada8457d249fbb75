/** Reads hazards off a recording with nothing but domain.md's conditions: a yardstick for simulators that shares no code with the monitor. */
import type { SimulatedHazard } from "../simulators/faults/hazards.ts";
import type { LiftRecord } from "../src/core/lift.ts";
import type { Channel } from "../src/core/reading.ts";
import type { Scenario } from "../simulators/faults/director.ts";
import { RecordingSink } from "../simulators/run/recording.ts";
import { FleetStream } from "../simulators/run/stream.ts";
import { HAZARD_AFTER_MS } from "../simulators/faults/truth.ts";
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

export function runFleet(lifts: readonly LiftRecord[], scenario: Scenario, seconds: number, seed = 1, from = FROM): Run {
  const truth: TruthWindow[] = [];
  const sink = new RecordingSink(lifts.map((lift) => lift.liftId));
  const stream = new FleetStream({ lifts, seed, scenario, startAt: from, rampMs: 1_000, sink, truth: (window) => truth.push(window) });
  const endAt = from + seconds * 1_000;
  stream.run(endAt, Number.POSITIVE_INFINITY);
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

/** Windows of each hazard's condition that last as long as the hazard asks. */
export function hazardsIn(lift: LiftRecord, signals: readonly Signal[], endAt: number): TruthWindow[] {
  const windows: TruthWindow[] = [];
  const since = new Map<SimulatedHazard, number>();
  const mark = (hazard: SimulatedHazard, holds: boolean, at: number): void => {
    const from = since.get(hazard);
    if (holds && from === undefined) since.set(hazard, at);
    if (!holds && from !== undefined) {
      since.delete(hazard);
      if (at - from >= HAZARD_AFTER_MS[hazard]) windows.push({ liftId: lift.liftId, hazard, from, to: at });
    }
  };
  let [door, speedMps, positionM, zone, persons, loadKg] = ["unknown", Number.NaN, Number.NaN, true, Number.NaN, Number.NaN];
  let [fastSamples, ranOpen, openedAtRest, heardAt] = [0, false, false, signals[0]?.receivedAt ?? 0];
  const codes = new Set<string>();
  const rated = lift.ratedSpeedMps ?? Number.NaN;
  let lastAt = signals[0]?.at ?? 0;
  for (const signal of signals) {
    const { at, receivedAt } = signal;
    // What was not heard of for so long is unknown, not as it was.
    if (at - lastAt >= HAZARD_AFTER_MS.silent) {
      for (const hazard of since.keys()) mark(hazard, false, lastAt);
      [door, speedMps, positionM, zone, persons, loadKg] = ["unknown", Number.NaN, Number.NaN, true, Number.NaN, Number.NaN];
      codes.clear();
    }
    lastAt = at;
    if (receivedAt - heardAt >= HAZARD_AFTER_MS.silent)
      windows.push({ liftId: lift.liftId, hazard: "silent", from: heardAt, to: receivedAt });
    heardAt = receivedAt;
    if (signal.channel === "door") {
      if (door === "closed" && signal.state !== "closed") {
        ranOpen = Math.abs(speedMps) > 0.5 && !zone;
        // A door that opens on the way is a hazard of its own, not a car that leaves its landing.
        openedAtRest = Math.abs(speedMps) < 0.05;
      }
      door = signal.state ?? door;
    } else if (signal.channel === "speed") {
      speedMps = signal.speedMps ?? speedMps;
      positionM = signal.positionM ?? positionM;
      zone = signal.doorZone ?? zone;
      fastSamples = door !== "closed" && Math.abs(speedMps) > 0.3 ? fastSamples + 1 : 0;
    } else if (signal.channel === "status") {
      persons = signal.persons ?? persons;
      loadKg = signal.loadKg ?? loadKg;
      zone = signal.doorZone ?? zone;
    } else if (signal.channel === "fault") {
      if (signal.active === false) codes.delete(signal.code ?? "");
      else codes.add(signal.code ?? "");
    }
    const standing = Math.abs(speedMps) < 0.05;
    const occupied = persons >= 1 || loadKg > 30;
    const open = door !== "closed" && door !== "unknown";
    if (!open || standing) ranOpen = false;
    mark("entrapment", occupied && door === "closed" && standing && !zone, at);
    mark("entrapment-at-level", occupied && door === "closed" && standing && zone, at);
    mark("stopped-outside-door-zone", !occupied && standing && !zone, at);
    mark("unintended-movement", open && openedAtRest && (Math.abs(offsetM(lift, positionM)) > 0.2 || fastSamples >= 2), at);
    mark("door-open-while-running", ranOpen, at);
    mark("overspeed", Math.abs(speedMps) > 1.05 * rated, at);
    mark("door-held-open", door === "open", at);
    mark("reported-fault", codes.size > 0, at);
  }
  if (endAt - heardAt >= HAZARD_AFTER_MS.silent) windows.push({ liftId: lift.liftId, hazard: "silent", from: heardAt, to: endAt });
  // A lift that is not heard of at the end is as unknown as one in a gap.
  for (const hazard of since.keys()) mark(hazard, false, endAt - lastAt > 60_000 ? lastAt : endAt);
  return windows;
}
