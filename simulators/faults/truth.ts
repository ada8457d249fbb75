/** Ground truth: what really was the matter, with which lift, from when to when (contract §3). */
import type { SimulatedHazard } from "./hazards.ts";

/** One stretch of a hazardous condition; times are the simulation's, ms. */
export interface TruthWindow {
  readonly liftId: string;
  readonly hazard: SimulatedHazard;
  readonly from: number;
  readonly to: number;
}

/** How long the condition must last before it is the hazard at all, ms (domain.md §3). */
export const HAZARD_AFTER_MS: Readonly<Record<SimulatedHazard, number>> = {
  entrapment: 30_000,
  "entrapment-at-level": 60_000,
  "unintended-movement": 0,
  "door-open-while-running": 0,
  overspeed: 0,
  "stopped-outside-door-zone": 60_000,
  "door-held-open": 120_000,
  "reported-fault": 0,
  silent: 180_000,
};

/** Collects windows as they end, in the order in which they end. */
export class Truth {
  readonly #write: (window: TruthWindow) => void;
  readonly #open = new Set<{ liftId: string; hazard: SimulatedHazard; from: number }>();

  constructor(write: (window: TruthWindow) => void) {
    this.#write = write;
  }

  /** The condition begins; the function that is returned ends it. */
  begin(liftId: string, hazard: SimulatedHazard, from: number): (to: number) => void {
    const window = { liftId, hazard, from };
    this.#open.add(window);
    return (to) => {
      if (this.#open.delete(window)) this.#emit({ ...window, to });
    };
  }

  /** The run ends while conditions last: those that have lasted long enough to be hazards are written. */
  close(at: number): void {
    for (const window of this.#open) if (window.from < at) this.#emit({ ...window, to: at });
    this.#open.clear();
  }

  #emit(window: TruthWindow): void {
    if (window.to - window.from >= HAZARD_AFTER_MS[window.hazard]) this.#write(window);
  }
}

/** One line of a truth file, without its end. */
export function truthLine(window: TruthWindow): string {
  return JSON.stringify({ liftId: window.liftId, hazard: window.hazard, from: window.from, to: window.to });
}
