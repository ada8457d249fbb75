/** One monitor over a recording: the function of `replay`, of `backtest` and of the dashboard's replay. Pure. */
import { MONITOR_LIMITS } from "../config.ts";
import type { Change, Effects } from "../core/effects.ts";
import type { Entry } from "../core/entry.ts";
import type { LiftRecord } from "../core/lift.ts";
import { createMonitor, type Monitor } from "../core/monitor.ts";
import { DEFAULT_RULES, type Rules } from "../core/rules.ts";
import type { Played } from "./reader.ts";

/** EPOCH of the cursors of a recording that does not say which journal it is of. */
const RECORDING = "recording";
const NONE: readonly Change[] = [];

/** One monitor over what is played. A register or limits that a person named replace those that the recording carries. */
export class Run {
  epoch = RECORDING;
  readonly #register: readonly LiftRecord[] | null;
  readonly #rules: Rules | null;
  #monitor: Monitor;
  /** A state was taken up, and what a person named is not in it yet. */
  #begun = false;

  /** `otherwise`: the limits of a recording that carries none, where no others are wanted. */
  constructor(register: readonly LiftRecord[] | null, rules: Rules | null, otherwise: Rules) {
    this.#register = register;
    this.#rules = rules;
    this.#monitor = createMonitor(register ?? [], rules ?? otherwise, MONITOR_LIMITS);
  }

  /** Replaced by a new one when the recording says that it is of a whole journal. */
  get monitor(): Monitor {
    return this.#monitor;
  }

  /** The changes that it brings about; not to be kept. */
  take(played: Played): readonly Change[] {
    return this.effectsOf(played)?.changes ?? NONE;
  }

  /** All that it brings about; not to be kept. Null of what is no entry, or is replaced. */
  effectsOf(played: Played): Effects | null {
    const { kind } = played;
    if (kind === "head") {
      this.epoch = played.journal;
      // A journal begins with the built-in limits and brings its own.
      if (this.#monitor.position === 0) this.#monitor = createMonitor(this.#register ?? [], this.#rules ?? DEFAULT_RULES, MONITOR_LIMITS);
      return null;
    }
    if (kind === "state") {
      this.#monitor.restore(played.snapshot);
      this.#begun = true;
      return null;
    }
    const isReplaced = (kind === "register" && this.#register !== null) || (kind === "rules" && this.#rules !== null);
    return isReplaced ? null : this.#apply(played);
  }

  #apply(entry: Entry): Effects {
    if (this.#begun) {
      const at = { seq: entry.seq - 1, receivedAt: entry.receivedAt };
      if (this.#register !== null) this.#monitor.apply({ kind: "register", ...at, part: 0, parts: 1, lifts: this.#register });
      if (this.#rules !== null) this.#monitor.apply({ kind: "rules", ...at, rules: this.#rules });
      this.#begun = false;
    }
    return this.#monitor.apply(entry);
  }
}
