/** From the lines of a recording to the entries that a monitor folds (contract §3, docs/replay.md). Pure. */
import type { Entry } from "../core/entry.ts";
import type { Snapshot } from "../core/monitor.ts";
import type { RecordedEntry, RecordedLine } from "./parse.ts";

/** What comes out of a recording or a journal: entries in their order; before them whose they are, the number of the first, and the state to begin from. */
export type Played =
  | PlayedEntry
  | { readonly kind: "head"; readonly journal: string; readonly first: number }
  | { readonly kind: "state"; readonly snapshot: Snapshot };

/** An entry; with the bytes of its payload where those are no text. */
export type PlayedEntry = Entry & { readonly bytes?: Uint8Array };

const TICK_MS = 1_000;
/** Longest stretch without a line over which ticks are made: a day; beyond it the recording is two recordings. */
const TICKS_MOST = 86_400;

/** Numbers the lines; without our own first line it makes a tick for each second of receivedAt that has none, and numbers from 1. */
export class RecordingReader {
  #seq = 0;
  #last = -1;
  #nextTick = -1;
  /** Every tick is in the recording. */
  #ticksGiven = false;
  #state: string[] = [];

  /** Takes a line in; what comes of it is added to `played`. Returns what is wrong with it. */
  take(line: RecordedLine, played: Played[]): string | null {
    switch (line.kind) {
      case "head":
        this.#ticksGiven = true;
        // Several of one journal may be joined; the number of a line never goes back.
        this.#seq = Math.max(this.#seq, line.first - 1);
        played.push({ kind: "head", journal: line.journal, first: line.first });
        return null;
      case "state":
        if (line.part !== this.#state.length || line.part >= line.parts)
          return `state.part: found ${line.part}; expected ${this.#state.length}`;
        this.#state.push(line.text);
        if (line.part < line.parts - 1) return null;
        return this.#begin(played);
      case "entry":
        return this.#takeEntry(line, played);
      default:
        return line satisfies never;
    }
  }

  #begin(played: Played[]): string | null {
    try {
      played.push({ kind: "state", snapshot: JSON.parse(this.#state.join("")) as Snapshot });
    } catch (error) {
      return `state: ${(error as Error).message}; expected the JSON of a snapshot`;
    }
    this.#state = [];
    return null;
  }

  #takeEntry(line: RecordedEntry, played: Played[]): string | null {
    const { receivedAt } = line;
    if (receivedAt < this.#last) return `receivedAt: found ${receivedAt} after ${this.#last}; expected it not to decrease`;
    if (!this.#ticksGiven) this.#makeTicks(receivedAt, played);
    this.#last = receivedAt;
    // Beside ticks of our making the numbers of another run mean nothing.
    const seq = (this.#ticksGiven ? line.seq : null) ?? this.#seq + 1;
    if (seq < this.#seq) return `seq: found ${seq} after ${this.#seq}; expected it not to decrease`;
    this.#seq = seq;
    const entry: PlayedEntry | { readonly problem: string } = line.toEntry(seq);
    if ("problem" in entry) return entry.problem;
    if (entry.kind === "tick") this.#nextTick = receivedAt + TICK_MS;
    played.push(entry);
    return null;
  }

  #makeTicks(until: number, played: Played[]): void {
    if (this.#nextTick < 0 || until - this.#nextTick > TICKS_MOST * TICK_MS) this.#nextTick = Math.ceil(until / TICK_MS) * TICK_MS;
    for (; this.#nextTick < until; this.#nextTick += TICK_MS) {
      this.#seq += 1;
      played.push({ kind: "tick", seq: this.#seq, receivedAt: this.#nextTick });
    }
  }
}
