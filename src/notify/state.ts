/** What the outbox knows, as a fold of the lines of its file. A line that was applied before changes nothing. */
import type { Change } from "../core/effects.ts";
import type { Delivery, Finished, Summary } from "./delivery.ts";

/** Who is told next when nobody acknowledges. */
export interface Step {
  /** The monitor's time, ms since the epoch. */
  readonly at: number;
  readonly afterMinutes: number;
  readonly route: string;
  readonly to: readonly string[];
}

/** An alert that somebody was told of and that goes on. */
export interface Watch {
  /** Routes that have told of it. */
  readonly routes: readonly string[];
  /** Targets that know it from a summary only. */
  readonly held: readonly string[];
  readonly steps: readonly Step[];
  /** The newest change, while there are steps. */
  readonly change: Change | null;
}

/** A target's window of single messages. */
export interface Window {
  readonly from: number;
  readonly sent: number;
  readonly held: Summary | null;
}

interface Rows {
  readonly deliveries: readonly Delivery[];
  readonly finished: readonly Finished[];
  readonly watches: readonly (readonly [alertId: string, watch: Watch | null])[];
  readonly windows: readonly (readonly [target: string, window: Window])[];
}

/** Everything that a stretch of the journal brings about, and how far it goes: one line, so that both hold or neither. */
export interface Decision extends Rows {
  readonly line: "decision";
  readonly offset: number;
  /** The monitor's time that was reached. */
  readonly time: number;
}

/** A part of the state at the time the file was begun. */
interface Kept extends Partial<Rows> {
  readonly line: "kept";
}

/** What became of a delivery. */
export interface Done {
  readonly line: "done";
  readonly finished: Finished;
}

/** An attempt that failed. */
export interface Tried {
  readonly line: "tried";
  readonly id: string;
  readonly attempts: number;
  readonly error: string;
}

/** The first line of a file. */
interface Beginning {
  readonly line: "beginning";
  readonly format: typeof FORMAT;
  readonly journalId: string;
  readonly offset: number;
  readonly time: number;
}

export type Line = Beginning | Kept | Decision | Done | Tried;

const FORMAT = 1;
/** Rows of one line of a file's first part. */
const PART = 200;

export class OutboxState {
  journalId = "";
  offset = 0;
  time = 0;
  readonly watches = new Map<string, Watch>();
  readonly windows = new Map<string, Window>();
  /** In the order in which they became due. */
  readonly pending = new Map<string, Delivery>();
  /** Oldest first. */
  #finished: Finished[] = [];
  readonly #finishedKept: number;

  constructor(finishedKept: number) {
    this.#finishedKept = finishedKept;
  }

  get finished(): readonly Finished[] {
    return this.#finished;
  }

  apply(line: Line): void {
    switch (line.line) {
      case "beginning":
        this.journalId = line.journalId;
        this.#reach(line);
        return;
      case "kept":
        this.#take(line);
        return;
      case "decision":
        if (line.offset <= this.offset) return;
        this.#reach(line);
        this.#take(line);
        return;
      case "done":
        if (this.pending.delete(line.finished.id)) this.#finish(line.finished);
        return;
      case "tried": {
        const delivery = this.pending.get(line.id);
        if (delivery === undefined) return;
        delivery.attempts = line.attempts;
        delivery.lastError = line.error;
      }
    }
  }

  /** The same state in as few lines as can be. Read at once: it is the state of now. */
  lines(): Line[] {
    const { journalId, offset, time } = this;
    const lines: Line[] = [{ line: "beginning", format: FORMAT, journalId, offset, time }];
    for (const deliveries of parts([...this.pending.values()])) lines.push({ line: "kept", deliveries });
    for (const finished of parts(this.#finished)) lines.push({ line: "kept", finished });
    for (const watches of parts([...this.watches])) lines.push({ line: "kept", watches });
    for (const windows of parts([...this.windows])) lines.push({ line: "kept", windows });
    return lines;
  }

  #reach({ offset, time }: { readonly offset: number; readonly time: number }): void {
    this.offset = offset;
    this.time = time;
  }

  #take({ deliveries = [], finished = [], watches = [], windows = [] }: Partial<Rows>): void {
    for (const delivery of deliveries) this.pending.set(delivery.id, delivery);
    for (const row of finished) {
      this.pending.delete(row.id);
      this.#finish(row);
    }
    for (const [id, watch] of watches) {
      if (watch === null) this.watches.delete(id);
      else this.watches.set(id, watch);
    }
    for (const [target, window] of windows) this.windows.set(target, window);
  }

  #finish(finished: Finished): void {
    this.#finished.push(finished);
    // Not one by one: that would move the whole array for each.
    if (this.#finished.length > this.#finishedKept * 1.25) this.#finished = this.#finished.slice(-this.#finishedKept);
  }
}

function* parts<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < rows.length; from += PART) yield rows.slice(from, from + PART);
}
