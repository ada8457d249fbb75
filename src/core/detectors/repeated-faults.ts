/**
 * `repeated-faults`: one code comes again and again, or the lift stops serving too often in a month: it is chronic (domain.md §3).
 * Both are told for as long as the newest of it is recent: a chronic lift that has served for a day since is for the trends to
 * rank, and an alert that stood for a month would swallow the next bad day.
 */
import type { FaultBegin, LiftState } from "../lift-state.ts";
import type { Rules } from "../rules.ts";
import { ON, carDetails, type Detector } from "./detector.ts";

const HAZARD = "repeated-faults";
const REPEATED = 1;
const CHRONIC = 2;

function within(lift: LiftState, spanMs: number): FaultBegin[] {
  return (lift.faultLog ?? []).filter(({ at }) => lift.at - at < spanMs);
}

/** Codes that began often enough lately. */
function repeated(lift: LiftState, rules: Rules): FaultBegin[] {
  const { times, withinMs } = rules[HAZARD];
  if ((lift.faultLog?.length ?? 0) < times) return [];
  const lately = within(lift, withinMs);
  return lately.filter(({ code, dialect }, index) => {
    const same = lately.filter((begun) => begun.code === code && begun.dialect === dialect);
    return same.length >= times && same[0] === lately[index];
  });
}

/** Stopping faults of a month, spread over more than one day, and one of them lately: what one bad day brings is judged by its codes. */
function chronic(lift: LiftState, rules: Rules): boolean {
  const { stoppingFaults, monthMs, withinMs } = rules[HAZARD];
  if ((lift.faultLog?.length ?? 0) < stoppingFaults) return false;
  const stopping = within(lift, monthMs).filter((begun) => begun.stopping);
  const newest = stopping.at(-1)?.at ?? 0;
  return stopping.length >= stoppingFaults && newest - (stopping[0]?.at ?? 0) >= withinMs && lift.at - newest < withinMs;
}

export const repeatedFaults: Detector = {
  hazard: HAZARD,
  on: ON.fault | ON.status,
  grades: [
    { evidence: "confirmed", priority: "medium" },
    { evidence: "confirmed", priority: "medium" },
  ],
  applies: () => true,
  missing: () => [],
  wakes: (lift, channel, _reading, rules) => channel === "fault" && (repeated(lift, rules).length > 0 || chronic(lift, rules)),
  holds: (lift, _slot, rules) => repeated(lift, rules).length > 0 || chronic(lift, rules),
  level: (lift, _slot, _lastedMs, rules) => (chronic(lift, rules) ? CHRONIC : REPEATED),
  raisedAfterMs: () => 0,
  settledAfterMs: () => 0,
  ended: (lift, _slot, rules) => repeated(lift, rules).length === 0 && !chronic(lift, rules),
  clearAfterMs: () => 0,
  autoCloseAfterMs: () => null,
  details: (lift, _slot, rules) => ({
    ...carDetails(lift),
    codes: repeated(lift, rules).map(({ code, dialect }) => ({
      code,
      dialect,
      times: within(lift, rules[HAZARD].withinMs).filter((begun) => begun.code === code && begun.dialect === dialect).length,
    })),
    chronic: chronic(lift, rules),
    stoppingFaultsInMonth: within(lift, rules[HAZARD].monthMs).filter((begun) => begun.stopping).length,
  }),
};
