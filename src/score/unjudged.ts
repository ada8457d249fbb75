/** What the product said beforehand that it cannot judge (`replay --judging`), held against what then happened. Pure. */
import type { Hazard } from "../core/effects.ts";
import type { TruthEvent } from "./matching.ts";

/**
 * It must have said so for this long when the event begins, ms: what is said when it is too late is an excuse, and a door that is
 * unknown for a moment is none either (one look of `replay --judging`).
 */
export const SAID_BEFORE_MS = 600_000;

interface Span {
  readonly from: number;
  to: number;
}

export interface Said {
  readonly at: number;
  readonly liftId: string;
  readonly hazards: readonly Hazard[];
}

export class Unjudged {
  readonly #spans = new Map<string, Map<Hazard, Span[]>>();
  readonly #newest = new Map<string, number>();

  /** Takes what was said of a lift, which holds until the next; false where it is older than the last of that lift. */
  add({ at, liftId, hazards }: Said): boolean {
    if (at < (this.#newest.get(liftId) ?? 0)) return false;
    this.#newest.set(liftId, at);
    let spans = this.#spans.get(liftId);
    if (spans === undefined) this.#spans.set(liftId, (spans = new Map()));
    for (const list of spans.values()) {
      const last = list.at(-1);
      if (last !== undefined && last.to > at) last.to = at;
    }
    for (const hazard of hazards) {
      const list = spans.get(hazard) ?? [];
      const last = list.at(-1);
      if (last?.to === at) last.to = Number.POSITIVE_INFINITY;
      else list.push({ from: at, to: Number.POSITIVE_INFINITY });
      spans.set(hazard, list);
    }
    return true;
  }

  /** Whether it was said of every lift of the event, long enough before, and not taken back. */
  has({ liftIds, hazard, from }: TruthEvent): boolean {
    const said = (span: Span): boolean => span.from <= from - SAID_BEFORE_MS && span.to > from;
    return liftIds.every((liftId) => this.#spans.get(liftId)?.get(hazard)?.some(said) === true);
  }
}
