/** Makes the days of the random process (chance.ts) happen to a running fleet. */
import type { LiftRecord } from "../../src/core/lift.ts";
import { dayOf, dayStart } from "./calendar.ts";
import { Chance } from "./chance.ts";
import type { ChanceEvent } from "./chance-event.ts";
import type { Cue, Director } from "./director.ts";
import { NEAR_MISSES, SIMULATED } from "./hazards.ts";
import { INVITE_MS, withoutMains, withoutNetwork } from "./outage-courses.ts";
import type { OutageMember } from "./outage-courses.ts";
import type { Random } from "../random.ts";
import { courseOf, isSlow, suits } from "./scenarios.ts";
import type { MachineSpec, Single } from "./scenarios.ts";

/** A cue that is due at `at`; null when nothing can be made of it by then. */
interface Due {
  readonly at: number;
  readonly lift: number;
  readonly cue: () => Omit<Cue, "lift"> | null;
}

/** An outage of the day: who of its members took part, filled as they are cued. */
interface Shared {
  readonly liftIds: string[];
  lastBackAt: number;
  told: boolean;
}

/** Codes that are a hazard of their own, with a course that raises them. */
const BY_CODE: Readonly<Record<string, Single>> = { "06": "run-time-exceeded", "07": "position-lost" };
const KNOWN = new Set<string>([...SIMULATED, ...NEAR_MISSES]);

export class CityDirector implements Director {
  readonly #specs: readonly MachineSpec[];
  readonly #chance: Chance;
  readonly #startAt: number;
  /** The rest of the day, last first. */
  #due: Due[] = [];
  nextAt: number;

  /** `lifts` and `specs` go together; `random` is the run's. Nothing happens before `startAt`. */
  constructor(lifts: readonly LiftRecord[], specs: readonly MachineSpec[], random: Random, startAt: number) {
    this.#specs = specs;
    this.#chance = new Chance(lifts, random, dayOf(startAt));
    this.#startAt = startAt;
    this.nextAt = startAt;
  }

  next(free: (lift: number) => boolean): Cue | null {
    const due = this.#due.pop();
    // Once a day: the next day's events are drawn when the last of this day has been cued.
    if (due === undefined) this.#due = this.#draw().sort((a, b) => b.at - a.at || b.lift - a.lift);
    this.nextAt = this.#due.at(-1)?.at ?? Math.max(this.#startAt, dayStart(this.#chance.day));
    if (due === undefined || !free(due.lift)) return null;
    const cue = due.cue();
    return cue === null ? null : { lift: due.lift, ...cue };
  }

  #draw(): Due[] {
    const from = Math.max(this.#startAt, dayStart(this.#chance.day));
    const events = this.#chance.next();
    const freed = new Map<string, number>();
    const shared = new Map<string, Shared>();
    for (const { kind, group, lift, until } of events)
      if (kind === "entrapment" && group !== null) freed.set(`${group} ${lift}`, until ?? 0);
    const due: Due[] = [];
    for (const event of events) {
      if (event.at < from) continue;
      if (event.member === null) due.push({ at: event.at, lift: event.lift, cue: () => this.#single(event) });
      else if (event.kind !== "entrapment") {
        const group = event.group ?? "";
        const outage = shared.get(group) ?? { liftIds: [], lastBackAt: 0, told: false };
        shared.set(group, outage);
        const freedAt = freed.get(`${group} ${event.lift}`) ?? null;
        const at = freedAt === null ? event.at : Math.max(from, event.at - INVITE_MS);
        due.push({ at, lift: event.lift, cue: () => this.#member(event, freedAt, outage) });
      }
    }
    return due;
  }

  #single({ lift, at, until, hazard, code, cause }: ChanceEvent): Omit<Cue, "lift"> | null {
    const spec = this.#specs[lift];
    const name = hazard === "reported-fault" ? (BY_CODE[code] ?? hazard) : hazard;
    if (spec === undefined || !KNOWN.has(name)) return null;
    const options: readonly Single[] = [name as Single, hazard as Single];
    const single = options.find((option) => suits(option, spec));
    if (single === undefined) return null;
    // A stop that its code makes a hazard of its own ends as that hazard does.
    const durationMs = until === null || single !== hazard ? null : until - at;
    return { course: (stage) => courseOf(single, stage), durationMs, code, slow: isSlow(single), ...(cause === "" ? {} : { cause }) };
  }

  #member({ kind, lift, at, cause, member }: ChanceEvent, freedAt: number | null, shared: Shared): Omit<Cue, "lift"> | null {
    const spec = this.#specs[lift];
    if (spec === undefined || member === null) return null;
    shared.liftIds.push(spec.liftId);
    shared.lastBackAt = Math.max(shared.lastBackAt, member.backAt);
    // The first whose power fails on the spot tells of all; of the others, some are only on their way.
    const tells = !shared.told && freedAt === null ? shared : null;
    if (tells !== null) shared.told = true;
    // Nobody is trapped in a car that cannot stop between floors.
    const outage: OutageMember = { member, failsAt: at, freedAt: suits("entrapment", spec) ? freedAt : null, tells };
    return { course: (stage) => (kind === "mains-failure" ? withoutMains : withoutNetwork)(stage, outage), durationMs: null, cause };
  }
}
