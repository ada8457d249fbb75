/**
 * What befalls a fleet by chance, day by day: the calibrated random process, without any physics. The director makes the days of a city
 * run happen through courses; `drawDays` draws years of them in seconds for statistics and histories. One model, two uses: the same
 * fleet and seed have the same events on the same day in both.
 */
import type { LiftRecord } from "../../src/core/lift.ts";
import type { Random } from "../random.ts";
import { DAYS_A_YEAR, DAY_MS, dayStart, instants, yearOf } from "./calendar.ts";
import { entrapment, event, passes, passing, rescueTimes, stop, stopTimes } from "./chance-event.ts";
import type { ChanceEvent } from "./chance-event.ts";
import { NEAR_MISSES } from "./hazards.ts";
import { Outages, spanMs } from "./outages.ts";
import type { Outage } from "./outages.ts";
import { Proneness } from "./proneness.ts";
import type { Group, Sort } from "./proneness.ts";
import {
  DANGEROUS,
  DANGEROUS_ESCALATOR,
  DURATIONS,
  ENTRAPMENTS,
  ENTRAPMENT_CAUSES,
  NEAR_MISS_RATE,
  NUISANCES,
  REPEAT,
  SILENCES,
  STOPPING_FAULTS,
} from "./rates.ts";

const MINUTE_MS = 60_000;
/** Repeats follow within days, so so many days before the first are drawn for what they leave behind. */
const WARM_UP_DAYS = REPEAT.withinDays * REPEAT.most + 1;
/** Share of a car's entrapments that its own faults cause, not the mains; its own stops a year; the chance that one of them traps somebody. */
const OWN = 1 - ENTRAPMENT_CAUSES["mains-failure"] / 100;
const OWN_STOPS = STOPPING_FAULTS - ENTRAPMENTS * (1 - OWN);
const TRAPS = (ENTRAPMENTS * OWN) / OWN_STOPS;
/** Near misses per lift-year, each as often as the others. */
const NEAR_MISS_RATES = Object.fromEntries(NEAR_MISSES.map((name) => [name, NEAR_MISS_RATE / NEAR_MISSES.length]));

export interface ChanceOptions {
  /** Leave out what is frequent and harmless; the other events stay the same. */
  readonly faultsOnly?: boolean;
}

export class Chance {
  readonly #random: Random;
  readonly #proneness: Proneness;
  readonly #outages: Outages;
  readonly #options: ChanceOptions;
  #day: number;
  #year = Number.NaN;
  #groups: Readonly<Record<Sort, Group>> | null = null;
  /** Events that earlier days have brought about. */
  #later: ChanceEvent[] = [];

  /**
   * @param random the run's generator, so that a history and a run with one seed agree.
   * @param firstDay days since 1970 in the fleets' zone (calendar.ts).
   */
  constructor(lifts: readonly LiftRecord[], random: Random, firstDay: number, options: ChanceOptions = {}) {
    this.#random = random.split("chance");
    this.#options = options;
    this.#proneness = new Proneness(lifts, this.#random);
    this.#outages = new Outages(lifts, this.#random);
    for (this.#day = firstDay - WARM_UP_DAYS; this.#day < firstDay; this.#day++) this.#stops(this.#day, []);
  }

  /** The day that `next` will tell of. */
  get day(): number {
    return this.#day;
  }

  /** All events that begin on the next day, in order of time. */
  next(): ChanceEvent[] {
    const day = this.#day++;
    const events: ChanceEvent[] = [];
    this.#stops(day, events);
    this.#rest(day, events);
    for (const outage of this.#outages.day(day, (lift) => this.#proneness.stands(lift, day))) this.#outage(outage, events);
    return events.sort((a, b) => a.at - b.at || a.lift - b.lift);
  }

  #of(sort: Sort, day: number): Group {
    const year = yearOf(day);
    if (this.#groups === null || this.#year !== year) {
      const group = (of: Sort): Group => this.#proneness.group(of, year);
      this.#groups = { car: group("car"), escalator: group("escalator"), dumbwaiter: group("dumbwaiter") };
      this.#year = year;
      this.#outages.weigh(this.#groups.car);
    }
    return this.#groups[sort];
  }

  /** Instants and lifts of a process of `perYear` events a lift-year, for lifts that stand on the day. */
  #each(
    what: string,
    sort: Sort,
    day: number,
    perYear: number,
    add: (lift: number, at: number, random: Random) => void,
    flat = false,
  ): void {
    const group = this.#of(sort, day);
    const random = this.#random.split(what, sort, day);
    for (const at of instants(random.split("when"), day, (perYear * group.lifts.length) / DAYS_A_YEAR, flat)) {
      const lift = group.pick(random);
      if (this.#proneness.stands(lift, day)) add(lift, at, random);
    }
  }

  /** The lifts' own stopping faults of the day, with the entrapments among them, and the repeats that fall on it. */
  #stops(day: number, events: ChanceEvent[]): void {
    const add = (event: ChanceEvent, random: Random): void => {
      events.push(event);
      this.#repeats(event, random);
    };
    this.#each("stops", "car", day, OWN_STOPS, (lift, at, random) => {
      add(random.chance(TRAPS) ? entrapment(lift, at, random) : stop(lift, at, "car", random), random);
    });
    for (const sort of ["escalator", "dumbwaiter"] as const) {
      this.#each("stops", sort, day, STOPPING_FAULTS, (lift, at, random) => add(stop(lift, at, sort, random), random));
    }
    const end = dayStart(day + 1);
    events.push(...this.#later.filter(({ at }) => at < end));
    this.#later = this.#later.filter(({ at }) => at >= end);
  }

  /** A repair that does not hold: the same code comes again, at most a few times, and traps nobody (assumption). */
  #repeats(first: ChanceEvent, random: Random): void {
    let last = first;
    for (let count = 0; count < REPEAT.most && last.repairedAt !== null && random.chance(REPEAT.chance); count++) {
      const leftDays = REPEAT.withinDays - (last.repairedAt - last.at) / DAY_MS;
      if (leftDays <= 0) return;
      const days = -REPEAT.meanDays * Math.log(1 - random.uniform() * (1 - Math.exp(-leftDays / REPEAT.meanDays)));
      const at = last.repairedAt + Math.floor(days * DAY_MS);
      last = event(
        { lift: first.lift, kind: "repeat", hazard: "reported-fault", code: first.code, cause: first.cause },
        at,
        stopTimes(at, random),
      );
      this.#later.push(last);
    }
  }

  #rest(day: number, events: ChanceEvent[]): void {
    const rates = (table: Readonly<Record<string, number>>, kind: "dangerous" | "nuisance" | "near-miss", sort: Sort): void => {
      for (const [hazard, perYear] of Object.entries(table)) {
        this.#each(hazard, sort, day, perYear, (lift, at, random) => events.push(passing(lift, at, kind, hazard, random)));
      }
    };
    rates(DANGEROUS, "dangerous", "car");
    rates(DANGEROUS_ESCALATOR, "dangerous", "escalator");
    for (const sort of ["car", "escalator"] as const) {
      // Devices fail at any hour.
      this.#each(
        "silent",
        sort,
        day,
        SILENCES,
        (lift, at, random) => {
          const until = at + spanMs(random, DURATIONS.silence);
          events.push(event({ lift, kind: "silence", hazard: "silent", code: "", cause: "device" }, at, passes(until)));
        },
        true,
      );
    }
    if (this.#options.faultsOnly === true) return;
    rates(NUISANCES, "nuisance", "car");
    rates(NEAR_MISS_RATES, "near-miss", "car");
  }

  #outage({ what, group, at, members }: Outage, events: ChanceEvent[]): void {
    const mains = what === "mains-failure";
    const subject = {
      kind: what,
      hazard: mains ? "mass-event" : "silent",
      code: mains ? "41" : "",
      cause: mains ? what : "network",
    } as const;
    for (const member of members) {
      const { lift, backAt } = member;
      events.push(event({ lift, ...subject }, at, passes(backAt), group, member));
      if (!member.trapped) continue;
      const times = rescueTimes(at, this.#random.split("trapped", group, lift));
      // Who is not yet out when the power comes back is let out by the lift.
      const freedAt = Math.min(times.rescuedAt, backAt + MINUTE_MS);
      const arrivedAt = times.arrivedAt <= freedAt ? times.arrivedAt : null;
      const reportedAt = Math.min(times.reportedAt ?? freedAt, freedAt);
      const freed = { until: freedAt, reportedAt, arrivedAt, rescuedAt: freedAt, repairedAt: Math.max(backAt, freedAt) };
      events.push(event({ lift, kind: "entrapment", hazard: "entrapment", code: "41", cause: "mains-failure" }, at, freed, group, member));
    }
  }
}
