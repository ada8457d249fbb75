/** What each rule has in hand about one lift, for people: conditions, timers, counters. Changes nothing. */
import type { AlertBook } from "./alert-book.ts";
import { DETECTORS, SILENT } from "./detectors/table.ts";
import type { Hazard } from "./effects.ts";
import { EVIDENCE, newSlot, type LiftState, type Slot } from "./lift-state.ts";
import type { Rules } from "./rules.ts";

/**
 * `cannot-judge`: it lacks what it needs. `at-rest`: nothing speaks for the hazard. `counting`: samples of the condition, not enough of
 * them. `holding`: the condition holds, and its time runs. `alert`: told, and the condition stands. `ending`: told, the end has begun,
 * and its time runs. `closed`: a person closed the alert though the condition stands.
 */
export const JUDGING_PHASES = ["cannot-judge", "at-rest", "counting", "holding", "alert", "ending", "closed"] as const;
export type JudgingPhase = (typeof JUDGING_PHASES)[number];

/** One rule's view of one lift. Spans in ms, by the listening clock: the time during which the monitor was there. */
export interface Judging {
  readonly hazard: Hazard;
  readonly phase: JudgingPhase;
  /** The start condition now; null where something it needs is unknown. */
  readonly holds: boolean | null;
  /** Names of the contract's fields that it lacks. */
  readonly missing: readonly string[];
  /** How long the condition has held; null while it does not hold. */
  readonly heldMs: number | null;
  /** How long it must hold for the first level; null where samples decide, and not the time between them. */
  readonly raisedAfterMs: number | null;
  /** Time beyond which more of it changes nothing: that of the gravest level. */
  readonly settledAfterMs: number;
  /** How long the end has been seen, and must be; null where no end has begun. */
  readonly endedMs: number | null;
  readonly clearAfterMs: number;
  /** Samples in a row that met the condition, where the rule counts them. */
  readonly samples: number;
  /** 0, or the level reached out of `levels`. */
  readonly level: number;
  readonly levels: number;
  /** What speaks for the alert. */
  readonly evidence: readonly (keyof typeof EVIDENCE)[];
  readonly alertId: string | null;
  /** Alerts raised so far, since all that is known of the lift. */
  readonly raised: number;
}

const SOURCES = Object.keys(EVIDENCE) as readonly (keyof typeof EVIDENCE)[];

/** In the order of the detectors' table, of the rules that apply to the lift. `listened`: the listening clock, ms. */
export function viewJudging(lift: LiftState | undefined, listened: number, rules: Rules, book: AlertBook): Judging[] {
  if (lift === undefined) return [];
  return DETECTORS.flatMap((detector, index): Judging[] => {
    if ((lift.applies & (1 << index)) === 0) return [];
    // A slot of its own for a rule that has had nothing to do with this lift: looking must not make one.
    const slot = lift.slots[index] ?? newSlot();
    const missing = detector.missing(lift);
    const holds = lift.at < 0 ? null : index === SILENT ? slot.alertId !== null : detector.holds(lift, slot, rules);
    // Silence has no condition on readings: its time runs from the last sign of life.
    const since = index === SILENT ? lift.heard : slot.since < 0 ? -1 : slot.heard;
    const active = book.active(slot);
    // What rests on the controller's word or a trend alone ends with them.
    const bySignal = slot.alertId === null || (slot.sources & EVIDENCE.signal) !== 0;
    return [
      {
        hazard: detector.hazard,
        phase: phaseOf(slot, holds, missing.length > 0 || lift.at < 0),
        holds,
        missing,
        heldMs: since < 0 ? null : listened - since,
        raisedAfterMs: detector.sample === undefined ? detector.raisedAfterMs(lift, slot, rules) : null,
        settledAfterMs: detector.settledAfterMs(rules, lift),
        endedMs: slot.endSince < 0 ? null : listened - slot.endHeard,
        clearAfterMs: Math.max(bySignal ? detector.clearAfterMs(lift, rules) : 0, active?.chattering === true ? rules.alerts.quietMs : 0),
        samples: slot.samples,
        level: slot.level,
        levels: detector.grades.length,
        evidence: SOURCES.filter((source) => slot.alertId !== null && (slot.sources & EVIDENCE[source]) !== 0),
        alertId: slot.alertId,
        raised: slot.raised,
      },
    ];
  });
}

function phaseOf(slot: Slot, holds: boolean | null, isBlind: boolean): JudgingPhase {
  if (slot.alertId !== null) return slot.endSince < 0 ? "alert" : "ending";
  if (slot.closedHeard >= 0) return "closed";
  if (slot.since >= 0) return "holding";
  if (isBlind && holds !== true) return "cannot-judge";
  return slot.samples > 0 ? "counting" : "at-rest";
}
