/** Work that was done on lifts, by lift and time: of imported records, and as its orders were told to the program. */
import type { Work } from "../../core/entry.ts";

export interface WorkDone {
  /** ms; `until` is null where nobody said when it was done. */
  readonly at: number;
  readonly until: number | null;
  readonly work: Work;
  readonly note: string | null;
}

const NONE: readonly WorkDone[] = [];

export class Works {
  /** By the lift's number. */
  readonly #ofLift: (WorkDone[] | undefined)[] = [];
  #count = 0;

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** A lift's work of one kind at one time is one, however often it is told. */
  add(lift: number, done: WorkDone): void {
    // Holes would make the array slow.
    while (this.#ofLift.length <= lift) this.#ofLift.push(undefined);
    const own = (this.#ofLift[lift] ??= []);
    let place = own.length;
    while (place > 0 && own[place - 1]!.at > done.at) place--;
    for (let before = place - 1; before >= 0 && own[before]!.at === done.at; before--) if (own[before]!.work === done.work) return;
    own.splice(place, 0, done);
    this.#count += 1;
  }

  /** In order of time. */
  of(lift: number): readonly WorkDone[] {
    return this.#ofLift[lift] ?? NONE;
  }
}
