/** Hazards that are told apart by a detail, so that one may be taken for another (domain.md §3; the grouping is ours). */
import type { Hazard } from "../core/effects.ts";

const FAMILIES: readonly (readonly Hazard[])[] = [
  ["entrapment", "entrapment-at-level", "stopped-outside-door-zone", "run-time-exceeded"],
  ["unintended-movement", "door-open-while-running"],
  ["overspeed", "overtravel", "position-lost"],
  ["brake-weakening", "levelling-drift", "unintended-movement"],
  ["door-held-open", "door-cycling", "door-slowing"],
  ["run-time-exceeded", "travel-slowing"],
  ["silent", "mass-event", "frozen-signal"],
  ["reported-fault", "repeated-faults", "fault-rate-high"],
  ["escalator-overspeed", "escalator-reversal", "escalator-missing-step", "handrail-deviation"],
];

/** A controller reports in its own words what it noticed of any of them. */
const REPORTS: Hazard = "reported-fault";

/** Whether somebody who is told `alert` while `truth` is there is sent to something, though it was called by another name. */
export function related(truth: Hazard, alert: Hazard): boolean {
  return alert === REPORTS || FAMILIES.some((family) => family.includes(truth) && family.includes(alert));
}
