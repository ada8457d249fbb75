/** Writes a recording at full speed. */
import type { LiftRecord } from "../../src/core/lift.ts";
import { LIMITS } from "../../src/config.ts";
import type { Scenario } from "../faults/director.ts";
import type { Progress } from "./progress.ts";
import { RecordingSink, openRecordingFile } from "./recording.ts";
import { FleetStream } from "./stream.ts";
import { truthLine } from "../faults/truth.ts";

/** Devices of a recording start within this, ms; a live run needs longer for a large fleet. */
const RAMP_MS = 1_000;

export interface RecordOptions {
  readonly lifts: readonly LiftRecord[];
  readonly seed: number;
  readonly scenario: Scenario;
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
}

/** Rejects with the system's error when a file cannot be written. */
export async function record(options: RecordOptions): Promise<RecordResult> {
  const { lifts, seed, scenario, from, durationMs, progress } = options;
  const began = performance.now();
  const file = await openRecordingFile(options.out);
  const truthFile = options.truth === null ? null : await openRecordingFile(options.truth);
  const truthLines: string[] = [];
  const sink = new RecordingSink(lifts.map((lift) => lift.liftId));
  const stream = new FleetStream({
    lifts,
    seed,
    scenario,
    startAt: from,
    rampMs: RAMP_MS,
    sink,
    truth: (window) => truthLines.push(`${truthLine(window)}\n`),
  });
  // The last instant is not part of it, so that recordings can follow each other.
  const last = from + durationMs - 1;
  let reached = from;
  for (let more = true; more && !options.stopped();) {
    more = !stream.run(last, LIMITS.simulator.sliceEvents);
    reached = more ? stream.nextAt : last;
    if (sink.size >= LIMITS.simulator.chunkBytes || !more) {
      await file.write(sink.take());
      if (truthFile !== null && truthLines.length > 0) await truthFile.write(Buffer.from(truthLines.splice(0).join("")));
      const rate = Math.round((sink.messages * 1_000) / (performance.now() - began));
      progress.show((reached - from) / durationMs, () => `${sink.messages} messages · ${rate}/s`);
      // The writes are done by other threads; signals need the loop.
      await new Promise(setImmediate);
    }
  }
  if (sink.size > 0) await file.write(sink.take());
  stream.close(reached);
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
  };
}
