/** Runs a fleet in memory and gives its messages as they would arrive, whatever devices and network make of them. */
import type { LiftRecord } from "../src/core/lift.ts";
import { FULL_DEVICES } from "../simulators/device/kind.ts";
import type { DevicePlan } from "../simulators/device/kind.ts";
import type { OutageRates } from "../simulators/device/link-outages.ts";
import type { Scenario } from "../simulators/faults/director.ts";
import type { TruthWindow } from "../simulators/faults/truth.ts";
import { Random } from "../simulators/random.ts";
import { carriersOf } from "../simulators/run/carriers.ts";
import { Network } from "../simulators/run/network.ts";
import type { NetworkRates } from "../simulators/run/network.ts";
import { RecordingSink } from "../simulators/run/recording.ts";
import { FleetStream } from "../simulators/run/stream.ts";

export const FROM = Date.parse("2026-01-05T08:00:00+08:00");

export interface Message {
  readonly receivedAt: number;
  readonly liftId: string;
  readonly channel: string;
  /** As it stands in the line; null where it was not JSON. */
  readonly payload: string | null;
  readonly base64: string | null;
  readonly readings: readonly Readonly<Record<string, unknown>>[];
}

export interface Played {
  readonly text: string;
  readonly messages: readonly Message[];
  readonly truth: readonly TruthWindow[];
  readonly network: Network | null;
}

export interface Play {
  readonly seconds: number;
  readonly scenario?: Scenario;
  readonly seed?: number;
  readonly devices?: Partial<DevicePlan>;
  readonly gateways?: boolean;
  readonly outages?: OutageRates;
  readonly network?: NetworkRates;
  /** Windows in which it is taken out, ms; whole at once when left out. */
  readonly windowMs?: number;
}

export function play(lifts: readonly LiftRecord[], options: Play): Played {
  const { seconds, scenario = "normal", seed = 1, devices = {}, gateways = false, outages, network: rates } = options;
  const liftIds = lifts.map((lift) => lift.liftId);
  const truth: TruthWindow[] = [];
  const sink = new RecordingSink(liftIds);
  const network = rates === undefined ? null : new Network(sink, rates, liftIds, Random.seeded(seed));
  const stream = new FleetStream({
    lifts,
    seed,
    scenario,
    startAt: FROM,
    rampMs: 1_000,
    sink: network ?? sink,
    devices: { ...FULL_DEVICES, ...devices },
    ...(outages === undefined ? {} : { links: { carriers: carriersOf(lifts, gateways), rates: outages } }),
    truth: (window) => truth.push(window),
  });
  const endAt = FROM + seconds * 1_000;
  const windowMs = options.windowMs ?? endAt - FROM;
  let text = "";
  for (let at = FROM + windowMs; ; at += windowMs) {
    const upTo = Math.min(at, endAt);
    while (!stream.run(upTo, 997));
    text += sink.take(upTo).toString("latin1");
    if (upTo === endAt) break;
  }
  stream.close(endAt);
  text += sink.take().toString("latin1");
  return { text, messages: text.split("\n").slice(0, -1).map(parsed), truth, network };
}

function parsed(line: string): Message {
  const value = JSON.parse(line) as { receivedAt: number; topic: string; payload?: unknown; payloadBase64?: string };
  const [, liftId = "", channel = ""] = value.topic.split("/");
  const json = value.payload !== undefined;
  return {
    receivedAt: value.receivedAt,
    liftId,
    channel,
    payload: json ? line.slice(line.indexOf('"payload":') + 10, -1) : null,
    base64: value.payloadBase64 ?? null,
    readings: json ? ([value.payload].flat() as Message["readings"]) : [],
  };
}

/** What names a reading (contract §2). */
export function identity(liftId: string, reading: Readonly<Record<string, unknown>>): string {
  return `${liftId} ${String(reading["boot"])} ${String(reading["seq"])}`;
}
