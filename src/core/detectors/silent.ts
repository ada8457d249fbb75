/** `silent`: nothing was heard of a lift for longer than its keep-alives allow (domain.md §3). Judged on ticks only. */
import type { LiftState } from "../lift-state.ts";
import type { Rules } from "../rules.ts";
import { carDetails, type Detector } from "./detector.ts";

const HAZARD = "silent";
const STALE = 1;
const OFFLINE = 2;

/** Silence after which the lift's data are stale, ms. */
export function staleAfterMs(lift: LiftState, rules: Rules): number {
  return rules[HAZARD].staleKeepAlives * lift.keepAliveS * 1_000;
}

export const silent: Detector = {
  hazard: HAZARD,
  on: 0,
  grades: [
    { evidence: "suspected", priority: "medium" },
    { evidence: "confirmed", priority: "medium" },
  ],
  applies: (lift) => lift.register?.inService !== false,
  missing: () => [],
  wakes: () => false,
  holds: () => null,
  level(lift, _slot, lastedMs, rules) {
    const stale = staleAfterMs(lift, rules);
    if (lastedMs > Math.max(stale, rules[HAZARD].offlineAfterMs)) return OFFLINE;
    return lastedMs > stale ? STALE : 0;
  },
  raisedAfterMs: (lift, _slot, rules) => staleAfterMs(lift, rules),
  settledAfterMs: () => 0,
  ended: () => null,
  clearAfterMs: () => 0,
  autoCloseAfterMs: () => null,
  limits: (lift, rules) => ({ keepAliveS: lift.keepAliveS, staleAfterMs: staleAfterMs(lift, rules) }),
  details: (lift) => ({ ...carDetails(lift), lastHeardAt: lift.heardAt, online: lift.online, powered: lift.powered }),
};
