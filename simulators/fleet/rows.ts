/** The rows of the register for what stands in a district of the generated city. */
import { LIFT_KINDS } from "../../src/core/lift.ts";
import type { LiftKind, LiftRecord } from "../../src/core/lift.ts";
import type { Random } from "../random.ts";
import type { District } from "./fleet.ts";
import { floorsOf, loadOf, machineOf, round } from "./machine.ts";
import { buildingName } from "./names.ts";
import type { Building, Ground, Unit } from "./settle.ts";
import { isMovingWalk } from "../../src/core/building-use.ts";

const DAY_MS = 86_400_000;
/** Registration categories of the special equipment catalogue (from memory, unverified). */
const CATEGORIES: Record<LiftKind, string> = { passenger: "3110", freight: "3120", dumbwaiter: "3430", escalator: "3310" };
const MOVING_WALK = "3320";
/** Buildings stand within so much of their ground's spot, each way: about 150 m. */
const BUILDING_DEGREES = 0.0015;

/** The rows of a district, all in use. `today` counts days since the epoch. */
export function rowsOf(district: District, units: readonly Unit[], today: number, random: Random): LiftRecord[] {
  const serials = new Map<string, number>();
  return units.flatMap((unit, number) => {
    const own = random.split(district.region, "unit", number);
    const insuredUntil = insuredUntilOf(unit, today, own);
    return unit.grounds.flatMap((ground) => {
      const installed = Math.floor(today - 45 - (ground.age + own.uniform()) * 365.25);
      // What was put up within the year has not had its second inspection to miss.
      const nextInspectionOn = date(ground.overdue && ground.age > 0 ? today - own.integer(1, 90) : today + own.integer(0, 364));
      return ground.buildings.flatMap((building, index) => {
        const stands = standing(ground, index, installed, own);
        const shared = {
          ...stands,
          district: district.name,
          address: ground.address,
          firm: unit.station.firm.name,
          station: unit.station.name,
          userUnit: unit.name,
          nextInspectionOn,
          ...(insuredUntil === null || insuredUntil < stands.installedOn ? {} : { insuredUntil }),
          inService: true,
        };
        return liftsOf(building, ground, shared, district.region, serials, own);
      });
    });
  });
}

/** What all lifts of a building have in common. */
function standing(ground: Ground, index: number, installed: number, random: Random) {
  return {
    building: buildingName(ground.place, ground.use, index + 1, ground.buildings.length),
    installedOn: date(installed + random.integer(0, 40)),
    longitude: round(ground.longitude + random.between(-BUILDING_DEGREES, BUILDING_DEGREES), 5),
    latitude: round(ground.latitude + random.between(-BUILDING_DEGREES, BUILDING_DEGREES), 5),
  };
}

/** The lifts of a building; those of a kind are the same machine. `serials` counts registrations by year. */
function liftsOf(
  building: Building,
  ground: Ground,
  shared: Omit<LiftRecord, "liftId"> & { readonly installedOn: string },
  region: string,
  serials: Map<string, number>,
  random: Random,
): LiftRecord[] {
  const shaft = {
    use: ground.use,
    maker: ground.maker,
    speed: building.speed,
    floors: floorsOf(building.lifts.passenger === 0 ? 0 : building.speed, ground.use, random),
    storeyM: random.between(2.8, 3),
    loadKg: loadOf(ground.use, random),
  };
  const year = shared.installedOn.slice(0, 4);
  return LIFT_KINDS.flatMap((kind) => {
    if (building.lifts[kind] === 0) return [];
    const machine = machineOf(kind, shaft, random);
    const category = isMovingWalk({ kind, ...machine }) ? MOVING_WALK : CATEGORIES[kind];
    return Array.from({ length: building.lifts[kind] }, (): LiftRecord => {
      const serial = (serials.get(year) ?? 0) + 1;
      serials.set(year, serial);
      return { liftId: `${category}${region}${year}${String(serial).padStart(6, "0")}`, kind, ...shared, ...machine };
    });
  });
}

function insuredUntilOf(unit: Unit, today: number, random: Random): string | null {
  if (unit.insured === "unknown") return null;
  return date(unit.insured === "lapsed" ? today - random.integer(1, 120) : today + random.integer(0, 364));
}

/** Takes so many out of use, old ones first of all (weighted draw without replacement by exponential races): nobody inspects or insures them. */
export function takeOutOfUse(lifts: readonly LiftRecord[], count: number, today: number, random: Random): LiftRecord[] {
  const races = lifts.map((lift, index) => {
    const years = (today - Date.parse(lift.installedOn ?? "") / DAY_MS) / 365.25;
    return { index, at: random.exponential(1) / (3 + years) ** 2 };
  });
  const out = new Set(
    races
      .toSorted((a, b) => a.at - b.at)
      .slice(0, count)
      .map(({ index }) => index),
  );
  return lifts.map((lift, index) => {
    if (!out.has(index)) return lift;
    const { insuredUntil: _gone, ...rest } = lift;
    const installed = Date.parse(lift.installedOn ?? "") / DAY_MS;
    return { ...rest, inService: false, nextInspectionOn: date(Math.max(installed + 1, today - random.integer(30, 900))) };
  });
}

/** @param day days since the epoch */
function date(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
