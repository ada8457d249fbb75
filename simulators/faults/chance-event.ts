/** One thing that befalls one lift, as the random process tells it, and how long people take over it. */
import type { Random } from "../random.ts";
import { spanMs } from "./outages.ts";
import type { Member } from "./outages.ts";
import type { Sort } from "./proneness.ts";
import { AT_LEVEL, CODES, DURATIONS, ENTRAPMENT_CAUSES, ESCALATOR_CODES, STOPPED_OUTSIDE, STOP_CAUSES } from "./rates.ts";
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

/** Which causes there are, with their weights, ready to draw from. */
function causesOf(percents: Readonly<Partial<Record<Cause, number>>>): (random: Random) => Cause {
  const entries = Object.entries(percents).filter(([cause]) => cause !== "mains-failure") as [Cause, number][];
  const weights = entries.map(([, weight]) => weight);
  return (random) => entries[random.weighted(weights)]?.[0] ?? "other";
}
const entrapmentCause = causesOf(ENTRAPMENT_CAUSES);
const stopCause = causesOf(STOP_CAUSES);

type Times = Pick<ChanceEvent, "until" | "reportedAt" | "arrivedAt" | "rescuedAt" | "repairedAt">;
type Subject = Pick<ChanceEvent, "lift" | "kind" | "hazard" | "code" | "cause">;

/** Written out: objects made by spreading cost ten times as much. */
export function event(
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
export function passes(until: number | null): Times {
  return { until, reportedAt: null, arrivedAt: null, rescuedAt: null, repairedAt: null };
}

function spreadMs(random: Random, { least, mean }: { readonly least: number; readonly mean: number }): number {
  return Math.round((least + random.exponential(mean - least)) * MINUTE_MS);
}

/** From the call to the mechanic's arrival, ms. */
function arrivalMs(random: Random): number {
  return Math.round(random.lognormal(DURATIONS.arrival.mean, DURATIONS.arrival.sigma) * MINUTE_MS);
}

export function rescueTimes(at: number, random: Random): Times & { readonly rescuedAt: number; readonly arrivedAt: number } {
  const reportedAt = at + spreadMs(random, DURATIONS.trappedCall);
  const arrivedAt = reportedAt + arrivalMs(random);
  const rescuedAt = arrivedAt + Math.round(random.lognormal(DURATIONS.rescue.mean, DURATIONS.rescue.sigma) * MINUTE_MS);
  const repairedAt = Math.max(at + spanMs(random, DURATIONS.repair), rescuedAt + DURATIONS.leastRepair * MINUTE_MS);
  return { until: rescuedAt, reportedAt, arrivedAt, rescuedAt, repairedAt };
}

export function entrapment(lift: number, at: number, random: Random): ChanceEvent {
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

export function stop(lift: number, at: number, sort: Sort, random: Random): ChanceEvent {
  const cause = stopCause(random);
  const outside = sort === "car" && random.chance(STOPPED_OUTSIDE);
  const code = sort === "escalator" ? random.pick(ESCALATOR_CODES) : outside ? "04" : random.pick(CODES[cause]);
  const hazard = outside ? "stopped-outside-door-zone" : "reported-fault";
  return event({ lift, kind: "stopping-fault", hazard, code, cause }, at, stopTimes(at, random));
}

export function stopTimes(at: number, random: Random): Times {
  const reportedAt = at + spreadMs(random, DURATIONS.stopCall);
  const arrivedAt = reportedAt + arrivalMs(random);
  const repairedAt = Math.max(at + spanMs(random, DURATIONS.repair), arrivedAt + DURATIONS.leastRepair * MINUTE_MS);
  return { until: repairedAt, reportedAt, arrivedAt, rescuedAt: null, repairedAt };
}

/** What ends by itself; how long it lasts is the course's business, but for a door that people hold. */
export function passing(
  lift: number,
  at: number,
  kind: "dangerous" | "nuisance" | "near-miss",
  hazard: string,
  random: Random,
): ChanceEvent {
  const until = hazard === "door-held-open" ? at + spreadMs(random, DURATIONS.doorHeld) : null;
  return event({ lift, kind, hazard, code: "", cause: "" }, at, passes(until));
}
