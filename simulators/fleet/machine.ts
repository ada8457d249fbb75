/** What a lift of a generated city is: speed, load, floors and travel that go together. */
import type { LiftKind, LiftRecord } from "../../src/core/lift.ts";
import type { Random } from "../random.ts";
import type { Use } from "../../src/core/building-use.ts";

/** Rated speeds of passenger lifts with their shares (domain.md §6, assumption), and the numbers of floors they serve (assumption). */
export const SPEEDS = [
  { mps: 1.0, share: 30, floors: [6, 11] },
  { mps: 1.5, share: 20, floors: [9, 16] },
  { mps: 1.75, share: 35, floors: [14, 27] },
  { mps: 2.0, share: 8, floors: [22, 31] },
  { mps: 2.5, share: 6, floors: [28, 34] },
  { mps: 3.0, share: 1, floors: [34, 42] },
] as const satisfies readonly { readonly mps: number; readonly share: number; readonly floors: readonly [number, number] }[];

/** Shops, works and wards are flatter than blocks of flats with lifts of the same speed, and end somewhere (assumption). */
const FLAT: Partial<Record<Use, { readonly fewer: number; readonly most: number }>> = {
  mall: { fewer: 3, most: 12 },
  industrial: { fewer: 3, most: 9 },
  hospital: { fewer: 2, most: 24 },
};

/** Floors of a building with passenger lifts of a speed (an index of SPEEDS). */
export function floorsOf(speed: number, use: Use, random: Random): number {
  const [low, high] = SPEEDS[speed]?.floors ?? [6, 11];
  const { fewer, most } = FLAT[use] ?? { fewer: 0, most: high + 2 };
  return Math.min(random.integer(low - fewer, high - fewer), most - random.integer(0, 2));
}

export interface Shaft {
  readonly use: Use;
  readonly maker: string;
  /** Index of SPEEDS of the building's passenger lifts. */
  readonly speed: number;
  readonly floors: number;
  readonly storeyM: number;
  readonly loadKg: number;
}

type Machine = Pick<LiftRecord, "maker" | "model" | "ratedSpeedMps" | "ratedLoadKg" | "floors" | "travelM">;

/** A machine of a kind in a building; all values besides the passenger lifts' speeds are assumptions. */
export function machineOf(kind: LiftKind, shaft: Shaft, random: Random): Machine {
  if (kind === "escalator") return escalator(shaft, random);
  const [letter, ratedSpeedMps, ratedLoadKg, floors] = MACHINES[kind](shaft, random);
  return {
    maker: `${shaft.maker}牌电梯`,
    model: `${shaft.maker}-${letter}${Math.round(ratedSpeedMps * 100)}`,
    ratedSpeedMps,
    ratedLoadKg,
    floors,
    travelM: round((floors - 1) * shaft.storeyM, 1),
  };
}

type Draw = (shaft: Shaft, random: Random) => readonly [letter: string, ratedSpeedMps: number, ratedLoadKg: number, floors: number];
const MACHINES: Record<Exclude<LiftKind, "escalator">, Draw> = {
  passenger: (shaft) => ["P", SPEEDS[shaft.speed]?.mps ?? 1, shaft.loadKg, shaft.floors],
  freight: (shaft, random) => [
    "F",
    random.chance(0.45) ? 0.5 : 1,
    random.pick([1_000, 1_600, 2_000, 3_000, 5_000]),
    Math.min(shaft.floors, random.integer(2, 8)),
  ],
  dumbwaiter: (shaft, random) => [
    "D",
    random.chance(0.8) ? 0.4 : 0.63,
    random.pick([100, 200, 250, 300]),
    Math.min(shaft.floors, random.integer(2, 5)),
  ],
};

/** A moving walk climbs at 10 to 12 degrees for trolleys, or lies level; an escalator climbs at 30 or 35 degrees. There is no rated load. */
function escalator({ use, maker }: Shaft, random: Random): Machine {
  const walk = use === "mall" && random.chance(0.15);
  const angle = walk ? random.pick([0, 10, 11, 12]) : random.chance(0.8) ? 30 : 35;
  return {
    maker: `${maker}牌扶梯`,
    model: `${maker}-${walk ? "W" : "E"}${angle}`,
    ratedSpeedMps: random.chance(0.9) ? 0.5 : 0.65,
    floors: angle === 0 ? 1 : 2,
    travelM: angle === 0 ? 0 : round(random.between(3.6, walk ? 5.4 : 6), 1),
  };
}

/** Rated load of a building's passenger lifts, kg: beds need a large car (assumption). */
export function loadOf(use: Use, random: Random): number {
  if (use === "hospital") return random.pick([1_050, 1_350, 1_600, 1_600]);
  if (use === "mall" || use === "office") return random.pick([1_000, 1_050, 1_350]);
  return random.pick([630, 800, 800, 1_000, 1_000, 1_050]);
}

export function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
