/**
 * What befalls a fleet by chance, day by day: the calibrated random process, without any physics. The director makes the days of a city
 * run happen through courses; `drawDays` draws years of them in seconds for statistics and histories. One model, two uses: the same
 * fleet and seed have the same events on the same day in both.
 */
import type { LiftRecord } from "../../src/core/lift.ts";
import type { Random } from "../random.ts";
import { DAYS_A_YEAR, DAY_MS, dayStart, instants, yearOf } from "./calendar.ts";
import { NEAR_MISSES } from "./hazards.ts";
import { Outages, spanMs } from "./outages.ts";
import type { Member, Outage } from "./outages.ts";
import { Proneness } from "./proneness.ts";
import type { Group, Sort } from "./proneness.ts";
import {
  AT_LEVEL,
  CODES,
  DANGEROUS,
  DANGEROUS_ESCALATOR,
  DURATIONS,
  ENTRAPMENTS,
  ENTRAPMENT_CAUSES,
  ESCALATOR_CODES,
  NEAR_MISS_RATE,
  NUISANCES,
  REPEAT,
  SILENCES,
  STOPPED_OUTSIDE,
  STOPPING_FAULTS,
  STOP_CAUSES,
} from "./rates.ts";
import type { Cause } from "./rates.ts";

/** The repeats of a fault whose repair did not hold are kinds of their own, for the calibration counts episodes. */
export const EVENT_KINDS = [
  "entrapment",
  "stopping-fault",
  "repeat",
  "dangerous",
  "mains-failure",
  "network-outage",
  "silence",
  "nuisance",
  "near-miss",
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** One thing that befalls one lift. Times are ms since the epoch; null where there is none, or where only the course can tell. */
export interface ChanceEvent {
  /** Index into the fleet. */
  readonly lift: number;
  readonly kind: EventKind;
  /** A canonical hazard, or the name of a near miss. */
  readonly hazard: string;
  /** Canonical code that the controller reports; "" for none. */
  readonly code: string;
  readonly cause: Cause | "network" | "device" | "";
  readonly at: number;
  /** When the hazardous condition ends. */
  readonly until: number | null;
  readonly reportedAt: number | null;
  readonly arrivedAt: number | null;
  readonly rescuedAt: number | null;
  readonly repairedAt: number | null;
  /** What the members of one outage have in common. */
  readonly group: string | null;
  /** Of a mains failure or network outage: what it does to this lift. */
  readonly member: Member | null;
}

const MINUTE_MS = 60_000;
/** Repeats follow within days, so so many days before the first are drawn for what they leave behind. */
const WARM_UP_DAYS = REPEAT.withinDays * REPEAT.most + 1;
/** Share of a car's entrapments that its own faults cause, not the mains; its own stops a year; the chance that one of them traps somebody. */
const OWN = 1 - ENTRAPMENT_CAUSES["mains-failure"] / 100;
const OWN_STOPS = STOPPING_FAULTS - ENTRAPMENTS * (1 - OWN);
const TRAPS = (ENTRAPMENTS * OWN) / OWN_STOPS;
/** Near misses per lift-year, each as often as the others. */
const NEAR_MISS_RATES = Object.fromEntries(NEAR_MISSES.map((name) => [name, NEAR_MISS_RATE / NEAR_MISSES.length]));

/** Which causes there are, with their weights, ready to draw from. */
function causesOf(percents: Readonly<Partial<Record<Cause, number>>>): (random: Random) => Cause {
  const entries = Object.entries(percents).filter(([cause]) => cause !== "mains-failure") as [Cause, number][];
  const weights = entries.map(([, weight]) => weight);
  return (random) => entries[random.weighted(weights)]?.[0] ?? "other";
}
const entrapmentCause = causesOf(ENTRAPMENT_CAUSES);
const stopCause = causesOf(STOP_CAUSES);

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

type Times = Pick<ChanceEvent, "until" | "reportedAt" | "arrivedAt" | "rescuedAt" | "repairedAt">;
type Subject = Pick<ChanceEvent, "lift" | "kind" | "hazard" | "code" | "cause">;

/** Written out: objects made by spreading cost ten times as much. */
function event(
  { lift, kind, hazard, code, cause }: Subject,
  at: number,
  times: Times,
  group: string | null = null,
  member: Member | null = null,
): ChanceEvent {
  const { until, reportedAt, arrivedAt, rescuedAt, repairedAt } = times;
  return { lift, kind, hazard, code, cause, at, until, reportedAt, arrivedAt, rescuedAt, repairedAt, group, member };
}

/** Of what passes without people coming for it. */
function passes(until: number | null): Times {
  return { until, reportedAt: null, arrivedAt: null, rescuedAt: null, repairedAt: null };
}

function spreadMs(random: Random, { least, mean }: { readonly least: number; readonly mean: number }): number {
  return Math.round((least + random.exponential(mean - least)) * MINUTE_MS);
}

/** From the call to the mechanic's arrival, ms. */
function arrivalMs(random: Random): number {
  return Math.round(random.lognormal(DURATIONS.arrival.mean, DURATIONS.arrival.sigma) * MINUTE_MS);
}

function rescueTimes(at: number, random: Random): Times & { readonly rescuedAt: number; readonly arrivedAt: number } {
  const reportedAt = at + spreadMs(random, DURATIONS.trappedCall);
  const arrivedAt = reportedAt + arrivalMs(random);
  const rescuedAt = arrivedAt + Math.round(random.lognormal(DURATIONS.rescue.mean, DURATIONS.rescue.sigma) * MINUTE_MS);
  const repairedAt = Math.max(at + spanMs(random, DURATIONS.repair), rescuedAt + DURATIONS.leastRepair * MINUTE_MS);
  return { until: rescuedAt, reportedAt, arrivedAt, rescuedAt, repairedAt };
}

function entrapment(lift: number, at: number, random: Random): ChanceEvent {
  const cause = entrapmentCause(random);
  const atLevel = random.chance(AT_LEVEL[cause]);
  // Between floors the controller says so; at a level it names the cause.
  const code = atLevel ? random.pick(CODES[cause]) : "04";
  return event(
    { lift, kind: "entrapment", hazard: atLevel ? "entrapment-at-level" : "entrapment", code, cause },
    at,
    rescueTimes(at, random),
  );
}

function stop(lift: number, at: number, sort: Sort, random: Random): ChanceEvent {
  const cause = stopCause(random);
  const outside = sort === "car" && random.chance(STOPPED_OUTSIDE);
  const code = sort === "escalator" ? random.pick(ESCALATOR_CODES) : outside ? "04" : random.pick(CODES[cause]);
  const hazard = outside ? "stopped-outside-door-zone" : "reported-fault";
  return event({ lift, kind: "stopping-fault", hazard, code, cause }, at, stopTimes(at, random));
}

function stopTimes(at: number, random: Random): Times {
  const reportedAt = at + spreadMs(random, DURATIONS.stopCall);
  const arrivedAt = reportedAt + arrivalMs(random);
  const repairedAt = Math.max(at + spanMs(random, DURATIONS.repair), arrivedAt + DURATIONS.leastRepair * MINUTE_MS);
  return { until: repairedAt, reportedAt, arrivedAt, rescuedAt: null, repairedAt };
}

/** What ends by itself; how long it lasts is the course's business, but for a door that people hold. */
function passing(lift: number, at: number, kind: "dangerous" | "nuisance" | "near-miss", hazard: string, random: Random): ChanceEvent {
  const until = hazard === "door-held-open" ? at + spreadMs(random, DURATIONS.doorHeld) : null;
  return event({ lift, kind, hazard, code: "", cause: "" }, at, passes(until));
}
