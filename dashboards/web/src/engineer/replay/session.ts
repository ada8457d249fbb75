/**
 * A replay: the entries of a recording, folded by the program's own monitor, and that monitor at any of them. Going back restores a
 * snapshot and folds on from there (law L3), so every moment is exactly what the run was, however one comes to it.
 */
import type { Alert, Change } from "../../../../../src/core/effects.ts";
import type { Judging } from "../../../../../src/core/judging-view.ts";
import { DEFAULT_RULES, type Rules } from "../../../../../src/core/rules.ts";
import type { LiftView } from "../../../../../src/core/view.ts";
import { changeFrame } from "../../../../../src/feed/change-frame.ts";
import type { Played } from "../../../../../src/recording/reader.ts";
import { Run } from "../../../../../src/recording/run.ts";
import { BOUNDS } from "./bounds.ts";
import { MARK } from "./mark.ts";
import { TraceGatherer, type Traces } from "./traces.ts";

/** An alert change of the replay, for a list and as a mark on the traces. */
export interface ToldChange extends Pick<Change, "n" | "at" | "change"> {
  readonly index: number;
  readonly alert: Pick<
    Alert,
    "id" | "liftId" | "hazard" | "priority" | "evidence" | "state" | "raisedAt" | "detectedAt" | "clearedAt" | "suppressedBy"
  >;
}

/** What a replay is of. Times are ms since the epoch, of the monitor's clock. */
export interface Replay {
  readonly journal: string;
  /** Lifts in the recording, ascending. */
  readonly liftIds: readonly string[];
  /** Per item: when it was received, and what it is (MARK). */
  readonly times: Float64Array;
  readonly marks: Uint8Array;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** What was known at its start: everything (the journal begins here, or its state is in the recording), or no more than register and limits. */
  readonly begins: "with-journal" | "with-state" | "in-the-middle";
  readonly changes: readonly ToldChange[];
  readonly traces: Readonly<Record<string, Traces>>;
  /** The limits at its end. */
  readonly rules: Rules;
}

/** The monitor after so many items. */
export interface Moment {
  readonly index: number;
  readonly seq: number;
  readonly receivedAt: number | null;
  readonly lift: LiftView | null;
  readonly judging: readonly Judging[];
  /** Active alerts of the lift, and those that wait for acknowledgement, newest first. */
  readonly alerts: readonly Alert[];
  /** The entry that was taken last: its topic or kind, and the first part of its text. */
  readonly entry: { readonly name: string; readonly text: string } | null;
}

const CHECKPOINTS = 200;
const LEAST_BETWEEN = 1_000;
const EXCERPT_CHARS = 400;

export class ReplaySession {
  readonly #played: readonly Played[];
  readonly #run: Run;
  readonly #between: number;
  /** Snapshots as text, one each `between` items: a snapshot is not to be kept. */
  readonly #checkpoints: string[] = [];
  readonly #lines: string[] = [];
  #applied = 0;

  constructor(played: readonly Played[]) {
    this.#played = played;
    this.#between = Math.max(LEAST_BETWEEN, Math.ceil(played.length / CHECKPOINTS));
    this.#run = new Run(null, null, DEFAULT_RULES);
  }

  /** Folds everything once. `onDone` is told how much of it, from 0 to 1. @throws Error where there are more alerts than are kept. */
  prepare(onDone: (done: number) => void): Replay {
    const times = new Float64Array(this.#played.length);
    const marks = new Uint8Array(this.#played.length);
    const changes: ToldChange[] = [];
    const gatherers = new Map<string, TraceGatherer>();
    let [firstSeq, lastSeq, begins] = [0, 0, null as Replay["begins"] | null];
    for (const [index, played] of this.#played.entries()) {
      if (index % this.#between === 0) {
        this.#checkpoints.push(JSON.stringify(this.#run.monitor.snapshot()));
        onDone(index / this.#played.length);
      }
      const effects = this.#run.effectsOf(fresh(played));
      if (played.kind === "state") begins ??= "with-state";
      if (played.kind === "head" && played.first === 1) begins ??= "with-journal";
      if ("seq" in played) {
        firstSeq ||= played.seq;
        lastSeq = played.seq;
        times[index] = played.receivedAt;
        marks[index] = played.kind === "tick" ? MARK.tick : played.kind === "message" ? MARK.message : MARK.other;
      } else times[index] = -1;
      for (const reading of effects?.readings ?? []) {
        let gatherer = gatherers.get(reading.liftId);
        if (gatherer === undefined) gatherers.set(reading.liftId, (gatherer = new TraceGatherer()));
        gatherer.add(reading);
      }
      for (const change of effects?.changes ?? []) {
        if (changes.length >= BOUNDS.changes)
          throw new Error(`there are more than ${BOUNDS.changes} alert changes; choose a shorter stretch`);
        this.#lines.push(JSON.stringify(changeFrame(this.#run.epoch, change)));
        changes.push(told(change, index));
      }
    }
    this.#applied = this.#played.length;
    // Lines without a time of their own stand with the entry after them.
    for (let index = times.length - 1, next = 0; index >= 0; index -= 1) {
      if ((times[index] ?? 0) < 0) times[index] = next;
      next = times[index] ?? 0;
    }
    const { monitor } = this.#run;
    return {
      journal: this.#run.epoch,
      liftIds: monitor.liftIds(),
      times,
      marks,
      firstSeq,
      lastSeq,
      begins: begins ?? "in-the-middle",
      changes,
      traces: Object.fromEntries([...gatherers].map(([id, each]) => [id, each.traces(monitor.lift(id)?.clockSkewMs ?? 0)])),
      rules: monitor.rules,
    };
  }

  /** The monitor after the first `index` items. */
  at(index: number, liftId: string): Moment {
    const wanted = Math.max(0, Math.min(this.#played.length, index));
    this.#seek(wanted);
    const { monitor } = this.#run;
    const last = this.#played[wanted - 1];
    return {
      index: wanted,
      seq: monitor.position,
      receivedAt: last !== undefined && "receivedAt" in last ? last.receivedAt : null,
      lift: monitor.lift(liftId),
      judging: monitor.judging(liftId),
      alerts: monitor.alerts().filter((alert) => alert.liftId === liftId || alert.hazard === "mass-event"),
      entry: last === undefined ? null : described(last),
    };
  }

  /** The alert changes as `hoistway replay` writes them, byte for byte. */
  changesText(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  get played(): readonly Played[] {
    return this.#played;
  }

  #seek(index: number): void {
    const nearest = Math.min(Math.floor(index / this.#between), this.#checkpoints.length - 1);
    const checkpoint = this.#checkpoints[nearest];
    if (checkpoint !== undefined && (index < this.#applied || nearest * this.#between > this.#applied)) {
      this.#run.monitor.restore(JSON.parse(checkpoint));
      this.#applied = nearest * this.#between;
    }
    for (; this.#applied < index; this.#applied += 1) {
      const played = this.#played[this.#applied];
      if (played !== undefined) this.#run.effectsOf(fresh(played));
    }
  }
}

/** A state is taken up as it is, and changed from then on: the next time needs its own. */
export function fresh(played: Played): Played {
  return played.kind === "state" ? { ...played, snapshot: structuredClone(played.snapshot) } : played;
}

function told({ n, at, change, alert }: Change, index: number): ToldChange {
  const { id, liftId, hazard, priority, evidence, state, raisedAt, detectedAt, clearedAt, suppressedBy } = alert;
  return {
    n,
    at,
    change,
    index,
    alert: { id, liftId, hazard, priority, evidence, state, raisedAt, detectedAt, clearedAt, suppressedBy },
  };
}

function described(played: Played): Moment["entry"] {
  switch (played.kind) {
    case "message":
      return { name: played.topic, text: (played.payload ?? "").slice(0, EXCERPT_CHARS) };
    case "act":
      return { name: `act: ${played.act}`, text: played.alertId };
    case "rules":
      return { name: "rules", text: played.rules.version };
    case "register":
      return { name: "register", text: String(played.lifts.length) };
    case "work-order":
      return { name: `work-order: ${played.work}`, text: played.liftId };
    case "tick":
    case "head":
    case "state":
      return { name: played.kind, text: "" };
    default:
      return played satisfies never;
  }
}
