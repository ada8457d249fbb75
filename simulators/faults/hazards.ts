/** The hazards that the simulator can bring about. */
import type { Hazard } from "../../src/core/effects.ts";

export const SIMULATED = [
  "entrapment",
  "entrapment-at-level",
  "unintended-movement",
  "door-open-while-running",
  "overspeed",
  "stopped-outside-door-zone",
  "door-held-open",
  "reported-fault",
  "silent",
] as const satisfies readonly Hazard[];
export type SimulatedHazard = (typeof SIMULATED)[number];
