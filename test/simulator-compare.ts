/** Truth against what the yardstick reads off the signal. */
import type { TruthWindow } from "../simulators/faults/truth.ts";
import type { LiftRecord } from "../src/core/lift.ts";
import type { Run } from "./simulator-signal.ts";
import { hazardsIn } from "./simulator-yardstick.ts";

/** What the yardstick cannot read off one lift's hour. */
const BEYOND = new Set<string>(["mass-event", "door-slowing", "travel-slowing", "fault-rate-high"]);
/** The signal is sampled once a second; silence is heard to begin with the last reading before it, a frozen one with the second that repeats. */
const LEAD_MS: Readonly<Record<string, number>> = { silent: 56_000, "frozen-signal": 2_100 };
const SAMPLE_MS = 1_100;

/** Pairs what the signal shows with the truth; what is left over on either side is an error. */
export function compare(run: Run, lifts: readonly LiftRecord[]): { matched: TruthWindow[]; problems: string[] } {
  // A silence that the end of the run cuts off is left out: its beginning is known to within a keep-alive only.
  const whole = (window: TruthWindow): boolean => window.hazard !== "silent" || window.to < run.endAt;
  const seen = lifts.flatMap((lift) => hazardsIn(lift, run.signals.get(lift.liftId) ?? [], run.endAt)).filter(whole);
  const matched: TruthWindow[] = [];
  const problems: string[] = [];
  for (const truth of run.truth.filter((window) => whole(window) && !BEYOND.has(window.hazard))) {
    const lead = LEAD_MS[truth.hazard] ?? SAMPLE_MS;
    const index = seen.findIndex(
      (window) =>
        window.liftId === truth.liftId &&
        window.hazard === truth.hazard &&
        Math.abs(window.from - truth.from) <= lead &&
        Math.abs(window.to - truth.to) <= SAMPLE_MS,
    );
    if (index === -1) problems.push(`not in the signal: ${JSON.stringify(truth)}`);
    else matched.push(...seen.splice(index, 1));
  }
  problems.push(...seen.map((window) => `not in the truth: ${JSON.stringify(window)}`));
  return { matched, problems };
}
