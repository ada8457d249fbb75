/** Ground truth: what really was the matter, with which lift, from when to when (contract §3). */
import type { SimulatedHazard } from "./hazards.ts";

/** What a window of truth can be about: one lift's hazard, or an event that many lifts share. */
export type TruthHazard = SimulatedHazard;

/** One stretch of a hazardous condition; times are the simulation's, ms. */
export interface TruthWindow {
  /** Of a mass event, the first of its lifts. */
  readonly liftId: string;
  readonly hazard: TruthHazard;
  readonly from: number;
  readonly to: number;
  /** What brought it about, where the model drew a cause. */
  readonly cause?: string;
  /** The lifts of a mass event, sorted. */
  readonly liftIds?: readonly string[];
}

/** How long the condition must last before it is the hazard at all, ms (domain.md §3). */
export const HAZARD_AFTER_MS: Readonly<Record<TruthHazard, number>> = {
  entrapment: 30_000,
  "entrapment-at-level": 60_000,
  "unintended-movement": 0,
  "door-open-while-running": 0,
  overspeed: 0,
  "stopped-outside-door-zone": 60_000,
  "door-held-open": 120_000,
  "reported-fault": 0,
  silent: 180_000,
  overtravel: 0,
  "run-time-exceeded": 0,
  "brake-weakening": 0,
  "levelling-drift": 0,
  "position-lost": 0,
  "repeated-faults": 0,
  "door-cycling": 0,
  "frozen-signal": 10_000,
  "escalator-overspeed": 0,
  "escalator-reversal": 0,
  "escalator-missing-step": 0,
  "handrail-deviation": 15_000,
  "door-slowing": 0,
  "travel-slowing": 0,
  "fault-rate-high": 0,
  "mass-event": 0,
};

/** domain.md §3, repeated-faults: so many of one code within this time … */
const [REPEATS, REPEATS_WITHIN_MS] = [3, 86_400_000];
/** … or so many stopping faults of any code in a month, on more than one day: a chronic lift, for a day after the newest. */
const [CHRONIC, CHRONIC_WITHIN_MS] = [3, 30 * 86_400_000];

/** From so many lifts on, what they share is a mass event (assumption; "many" in domain.md §3). */
export const MASS_EVENT_LIFTS = 5;

/** Faults of one lift in the last day, by code, those of the last month that stopped it, and the stretch in which they are repeated faults. */
interface Repeats {
  readonly times: Map<string, number[]>;
  stopping: number[];
  window: { from: number; to: number } | null;
}

type Open = { -readonly [Key in keyof TruthWindow]: TruthWindow[Key] };

/** Collects windows as they end, in the order in which they end. */
export class Truth {
  readonly #write: (window: TruthWindow) => void;
  readonly #open: Set<Open>;
  readonly #cause: string | null;
  readonly #repeats: Map<string, Repeats>;

  constructor(write: (window: TruthWindow) => void, cause: string | null = null, parent?: Truth) {
    this.#write = write;
    this.#cause = cause;
    this.#open = parent === undefined ? new Set() : parent.#open;
    this.#repeats = parent === undefined ? new Map() : parent.#repeats;
  }

  /** The same truth for a course whose cause is known: it stands in every window begun through it. */
  because(cause: string): Truth {
    return new Truth(this.#write, cause, this);
  }

  /** The condition begins; the function that is returned ends it. */
  begin(liftId: string, hazard: SimulatedHazard, from: number): (to: number) => void {
    return this.#begin({ liftId, hazard, from, to: from });
  }

  /** A mass event begins. `liftIds` is read when it ends, so members may still join. */
  beginMass(liftIds: readonly string[], from: number): (to: number) => void {
    return this.#begin({ liftId: "", hazard: "mass-event", from, to: from, liftIds });
  }

  /** A fault code began. */
  counted(liftId: string, code: string, stopping: boolean, at: number): void {
    const own: Repeats = this.#repeats.get(liftId) ?? { times: new Map(), stopping: [], window: null };
    this.#repeats.set(liftId, own);
    const times = (own.times.get(code) ?? []).filter((time) => at - time < REPEATS_WITHIN_MS);
    times.push(at);
    own.times.set(code, times);
    // Until there are fewer.
    const first = times.at(-REPEATS);
    if (first !== undefined) this.#repeat(liftId, own, at, first + REPEATS_WITHIN_MS);
    if (!stopping) return;
    own.stopping = own.stopping.filter((time) => at - time < CHRONIC_WITHIN_MS);
    own.stopping.push(at);
    const oldest = own.stopping[0] ?? at;
    if (own.stopping.length >= CHRONIC && at - oldest >= REPEATS_WITHIN_MS) this.#repeat(liftId, own, at, at + REPEATS_WITHIN_MS);
  }

  #repeat(liftId: string, own: Repeats, at: number, to: number): void {
    if (own.window !== null && own.window.to >= at) own.window.to = Math.max(own.window.to, to);
    else {
      this.#emitRepeats(liftId, own, Number.POSITIVE_INFINITY);
      own.window = { from: at, to };
    }
  }

  #emitRepeats(liftId: string, own: Repeats, at: number): void {
    if (own.window !== null) this.#emit({ liftId, hazard: "repeated-faults", from: own.window.from, to: Math.min(at, own.window.to) });
    own.window = null;
  }

  /** The run ends while conditions last: those that have lasted long enough to be hazards are written. */
  close(at: number): void {
    for (const window of this.#open) if (window.from < at) this.#emit({ ...window, to: at });
    this.#open.clear();
    for (const [liftId, own] of this.#repeats) this.#emitRepeats(liftId, own, at);
  }

  #begin(window: Open): (to: number) => void {
    if (this.#cause !== null) window.cause = this.#cause;
    this.#open.add(window);
    return (to) => {
      if (this.#open.delete(window)) this.#emit({ ...window, to });
    };
  }

  #emit(window: Open): void {
    if (window.to - window.from < HAZARD_AFTER_MS[window.hazard]) return;
    if (window.liftIds !== undefined) {
      // One lift is no mass; fewer than the least are told of by their own windows alone.
      if (window.liftIds.length < MASS_EVENT_LIFTS) return;
      window.liftIds = window.liftIds.toSorted();
      window.liftId = window.liftIds[0] ?? "";
    }
    this.#write(window);
  }
}

/** One line of a truth file, without its end. */
export function truthLine({ liftId, hazard, from, to, cause, liftIds }: TruthWindow): string {
  return JSON.stringify({ liftId, hazard, from, to, cause, liftIds });
}
