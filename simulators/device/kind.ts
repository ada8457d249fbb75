/**
 * Kinds of device: what one can sense, how it says so, and how right its clock is. Shares and ranges are assumptions, made so
 * that each kind is common enough to matter; what kinds there are: domain.md §2.
 */
import { DIALECTS } from "../../src/core/dialects.ts";
import type { Dialect } from "../../src/core/dialects.ts";
import type { Random } from "../random.ts";
import { EXACT } from "./clock.ts";
import type { ClockKind } from "./clock.ts";

export interface DeviceKind {
  /** It knows closed and not closed, as the national standard's door status does: not closed is said as `open`. */
  readonly binaryDoor: boolean;
  /** Height and distance from the landing (`positionM`, `levelOffsetMm`). */
  readonly position: boolean;
  readonly doorZone: boolean;
  /** `count`: persons and load · `load`: the load; persons are null · `none`: neither is said. */
  readonly persons: "count" | "load" | "none";
  readonly dialect: Dialect;
  /** By exception, or the speed each second whether or not the car moves. */
  readonly report: Report;
  readonly clock: ClockKind;
}

export const REPORTS = ["exception", "second"] as const;
export type Report = (typeof REPORTS)[number];

const FULL: DeviceKind = {
  binaryDoor: false,
  position: true,
  doorZone: true,
  persons: "count",
  dialect: "gb24476",
  report: "exception",
  clock: EXACT,
};

/** Traits that can be forced on every device of a fleet. */
export const TRAITS = ["binary-door", "no-position", "no-door-zone", "load-only", "no-persons", "wrong-clock"] as const;
export type Trait = (typeof TRAITS)[number];

/** What the devices of a fleet are like. */
export interface DevicePlan {
  /** `full`: all alike, able to say everything; `city`: each drawn from the lift's own generator. */
  readonly mix: "full" | "city";
  /** Forced on all. */
  readonly traits: readonly Trait[];
  readonly dialect: Dialect | null;
  readonly report: Report;
}

export const FULL_DEVICES: DevicePlan = { mix: "full", traits: [], dialect: null, report: "exception" };

/** Shares of a mixed city: most devices follow the national standard, whose door is binary and whose car has no height. */
const CITY = {
  binaryDoor: 0.55,
  position: 0.5,
  doorZone: 0.85,
  /** count, load, none. */
  persons: [60, 15, 25],
  /** In the order of DIALECTS. */
  dialects: [60, 8, 8, 8, 8, 8],
} as const;

/** The kind of one lift's device. */
export function deviceKind(plan: DevicePlan, random: Random): DeviceKind {
  const drawn = plan.mix === "full" ? FULL : cityKind(random.split("device-kind"));
  const has = (trait: Trait): boolean => plan.traits.includes(trait);
  return {
    binaryDoor: drawn.binaryDoor || has("binary-door"),
    position: drawn.position && !has("no-position"),
    doorZone: drawn.doorZone && !has("no-door-zone"),
    persons: has("no-persons") ? "none" : has("load-only") ? "load" : drawn.persons,
    dialect: plan.dialect ?? drawn.dialect,
    report: plan.report,
    clock: drawn.clock === EXACT && has("wrong-clock") ? wrongClock(random.split("wrong-clock")) : drawn.clock,
  };
}

function cityKind(random: Random): DeviceKind {
  return {
    binaryDoor: random.chance(CITY.binaryDoor),
    position: random.chance(CITY.position),
    doorZone: random.chance(CITY.doorZone),
    persons: (["count", "load", "none"] as const)[random.weighted(CITY.persons)] ?? "count",
    dialect: DIALECTS[random.weighted(CITY.dialects)] ?? "gb24476",
    report: "exception",
    clock: wrongClock(random),
  };
}

const HOUR_MS = 3_600_000;
/** A quartz drifts by up to 50 ppm (unverified); 85 % are set right every 6 to 24 h, the others go on (assumptions). */
function wrongClock(random: Random): ClockKind {
  const offsetMs = Math.round(Math.max(-10_000, Math.min(10_000, 1_500 * random.normal())));
  const driftPpm = random.between(-50, 50);
  const correctEveryMs = random.chance(0.85) ? random.between(6, 24) * HOUR_MS : Number.POSITIVE_INFINITY;
  return { offsetMs, driftPpm, correctEveryMs };
}
