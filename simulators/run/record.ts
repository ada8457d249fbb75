/** Writes a recording at full speed. */
import type { LiftRecord } from "../../src/core/lift.ts";
import { LIMITS } from "../../src/config.ts";
import type { DevicePlan } from "../device/kind.ts";
import type { Scenario } from "../faults/director.ts";
import { Random } from "../random.ts";
import { carriersOf } from "./carriers.ts";
import { NETWORK_RATES, Network } from "./network.ts";
import type { NetworkName } from "./network.ts";
import type { Progress } from "../../src/verbs/progress.ts";
import { openRunFile } from "./file.ts";
import { RecordingSink } from "./recording.ts";
import { FleetStream } from "./stream.ts";
import { truthLine } from "../faults/truth.ts";

/** Devices of a recording start within this, ms; a live run needs longer for a large fleet. */
const RAMP_MS = 1_000;
/** Simulated time that is made before it is put in order and written, ms. */
const FIRST_WINDOW_MS = 5_000;
const LONGEST_WINDOW_MS = 3_600_000;

export interface RecordOptions {
  readonly lifts: readonly LiftRecord[];
  readonly seed: number;
  readonly scenario: Scenario;
  readonly devices: DevicePlan;
  readonly network: NetworkName;
  /** Buildings, not lifts, lose their way to the broker. */
  readonly gateways: boolean;
  /** First instant, ms since the epoch, and length, ms. */
  readonly from: number;
  readonly durationMs: number;
  readonly out: string;
  readonly truth: string | null;
  readonly progress: Progress;
  /** Asked between chunks; true ends the recording early, in good order. */
  readonly stopped: () => boolean;
}

export interface RecordResult {
  readonly lifts: number;
  readonly messages: number;
  readonly readings: number;
  readonly seconds: number;
  readonly messagesPerSecond: number;
  /** What the network did to messages, where it does anything. */
  readonly network?: Readonly<Record<string, number>>;
}

/** Rejects with the system's error when a file cannot be written. */
export async function record(options: RecordOptions): Promise<RecordResult> {
  const { lifts, seed, scenario, from, durationMs, progress } = options;
  const began = performance.now();
  const file = await openRunFile(options.out);
  const truthFile = options.truth === null ? null : await openRunFile(options.truth);
  const truthLines: string[] = [];
  const liftIds = lifts.map((lift) => lift.liftId);
  const sink = new RecordingSink(liftIds);
  const rates = NETWORK_RATES[options.network];
  const network = rates === null ? null : new Network(sink, rates, liftIds, Random.seeded(seed));
  const stream = new FleetStream({
    lifts,
    seed,
    scenario,
    startAt: from,
    rampMs: RAMP_MS,
    sink: network ?? sink,
    devices: options.devices,
    ...(rates === null ? {} : { links: { carriers: carriersOf(lifts, options.gateways), rates: rates.outages } }),
    truth: (window) => truthLines.push(`${truthLine(window)}\n`),
  });
  // The last instant is not part of it, so that recordings can follow each other.
  const last = from + durationMs - 1;
  let windowMs = FIRST_WINDOW_MS;
  let writing = Promise.resolve();
  for (let reached = from - 1; reached < last && !options.stopped();) {
    const end = Math.min(last, reached + windowMs);
    while (!stream.run(end, LIMITS.simulator.windowEvents)) await turn();
    reached = end;
    // By what the lifts said alone, so that the windows are the same in every run.
    windowMs = nextWindow(windowMs, sink.size);
    // Written by other threads while the next window is made.
    await writing;
    writing = file.write(sink.take(reached));
    if (truthFile !== null && truthLines.length > 0) await truthFile.write(Buffer.from(truthLines.splice(0).join("")));
    const rate = Math.round((sink.messages * 1_000) / (performance.now() - began));
    progress.show((reached - from) / durationMs, () => `${sink.messages} messages · ${rate}/s`);
    await turn();
    if (reached === last || options.stopped()) stream.close(reached);
  }
  await writing;
  await file.write(sink.take());
  if (truthFile !== null) {
    if (truthLines.length > 0) await truthFile.write(Buffer.from(truthLines.join("")));
    await truthFile.close();
  }
  await file.close();
  const seconds = (performance.now() - began) / 1_000;
  const { messages, readings } = sink;
  return {
    lifts: lifts.length,
    messages,
    readings,
    seconds: Math.round(seconds * 100) / 100,
    messagesPerSecond: Math.round(messages / seconds),
    ...(network === null ? {} : { network: network.counts }),
  };
}

/** The writes are done by other threads; their ends, and signals, need the loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Length of the next window, ms: towards the bytes that one should have, by at most a factor of two at a time. */
function nextWindow(windowMs: number, bytes: number): number {
  const factor = Math.min(2, Math.max(0.5, LIMITS.simulator.windowBytes / Math.max(1, bytes)));
  return Math.max(1, Math.min(LONGEST_WINDOW_MS, Math.round(windowMs * factor)));
}
