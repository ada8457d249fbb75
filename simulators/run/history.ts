/** Writes a history file at full speed. */
import type { LiftRecord } from "../../src/core/lift.ts";
import { LIMITS } from "../../src/config.ts";
import { HISTORY_HEADER, drawDays, historyRow } from "../faults/history.ts";
import type { HistoryOptions } from "../faults/history.ts";
import { openRunFile } from "./file.ts";
import type { Progress } from "../../src/verbs/progress.ts";

export interface HistoryRun extends HistoryOptions {
  readonly lifts: readonly LiftRecord[];
  readonly seed: number;
  /** A `.gz` name compresses it. */
  readonly out: string;
  readonly progress: Progress;
  /** Asked between days; true ends the history early, in good order. */
  readonly stopped: () => boolean;
}

export interface HistoryResult {
  readonly lifts: number;
  readonly days: number;
  readonly events: number;
  readonly seconds: number;
}

/** Rejects with the system's error when the file cannot be written. */
export async function writeHistory(options: HistoryRun): Promise<HistoryResult> {
  const { lifts, seed, progress } = options;
  const began = performance.now();
  const file = await openRunFile(options.out);
  let rows = [HISTORY_HEADER];
  let [bytes, days, events] = [0, 0, 0];
  for (const day of drawDays(lifts, seed, options)) {
    for (const event of day.events) {
      const row = historyRow(lifts[event.lift]?.liftId ?? "", event);
      rows.push(row);
      bytes += row.length;
    }
    days++;
    events += day.events.length;
    if (bytes >= LIMITS.simulator.chunkBytes) {
      await file.write(Buffer.from(rows.join(""), "latin1"));
      rows = [];
      bytes = 0;
      progress.show(day.done, () => `${events} events`);
      // Signals need the loop.
      await new Promise(setImmediate);
      if (options.stopped()) break;
    }
  }
  if (rows.length > 0) await file.write(Buffer.from(rows.join(""), "latin1"));
  await file.close();
  return { lifts: lifts.length, days, events, seconds: Math.round(performance.now() - began) / 1_000 };
}
