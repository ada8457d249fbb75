/** Who stands where in a district of the generated city: user units, their grounds, and the buildings on them. */
import { LIFT_KINDS } from "../../src/core/lift.ts";
import type { LiftKind } from "../../src/core/lift.ts";
import type { Random } from "../random.ts";
import * as figures from "./figures.ts";
import { DISTRICTS, type District } from "./fleet.ts";
import { MAKER_SHARES, address, placeName, shuffled, unitName, words, type Firm } from "./names.ts";
import { apportion, deal } from "./quotas.ts";
import { USES, type Use } from "../../src/core/building-use.ts";

export interface Building {
  readonly lifts: Record<LiftKind, number>;
  speed: number;
}
export interface Ground {
  readonly use: Use;
  readonly place: string;
  readonly address: string;
  readonly maker: string;
  readonly buildings: readonly Building[];
  readonly longitude: number;
  readonly latitude: number;
  /** Whole years before the day that things are counted from. */
  age: number;
  overdue: boolean;
}
export interface Station {
  readonly firm: Firm;
  readonly name: string;
  readonly weight: number;
}
export interface Unit {
  readonly name: string;
  readonly grounds: readonly Ground[];
  readonly station: Station;
  readonly insured: figures.Insured;
}

export function emptyLifts(): Record<LiftKind, number> {
  return { passenger: 0, freight: 0, dumbwaiter: 0, escalator: 0 };
}

export function character(district: District): figures.Character {
  const found = figures.CHARACTERS[district.name];
  if (found === undefined) throw new RangeError(`${district.name} has no character`);
  return found;
}

/** The user units of a district with all their lifts. */
export function settle(
  district: District,
  kinds: Record<LiftKind, number>,
  units: number,
  stations: readonly Station[],
  random: Random,
): Unit[] {
  const groups = shuffled(groupsByUse(buildingsByUse(kinds, random), units, random), random);
  const names = words(random.split("words"));
  const policies = deal(
    groups.map(({ group }) => group.length),
    figures.INSURANCE.map(({ share }) => share),
  );
  const order = shuffled(stations, random);
  const settled = groups.map(({ use, group }, index): Unit => {
    const word = names.next().value;
    // Each station gets a unit before any gets a second.
    const station = order[index] ?? order[random.weighted(order.map(({ weight }) => weight))];
    if (station === undefined) throw new RangeError(`${district.name} has no station`);
    return {
      name: unitName(character(district).full, word, use),
      grounds: groundsOf(group, use, word, names, district, random),
      station,
      insured: figures.INSURANCE[policies[index] ?? 0]?.state ?? "unknown",
    };
  });
  const grounds = settled.flatMap((unit) => unit.grounds);
  dealOver(grounds, figures.AGES, random, (ground, age) => (ground.age = age));
  dealOver(grounds, [100 - figures.OVERDUE_PERCENT, figures.OVERDUE_PERCENT], random, (ground, which) => (ground.overdue = which === 1));
  return settled;
}

/** Deals classes over grounds in random order, by their lifts. */
function dealOver(
  grounds: readonly Ground[],
  shares: readonly number[],
  random: Random,
  set: (ground: Ground, which: number) => void,
): void {
  const order = shuffled(grounds, random);
  const classes = deal(
    order.map((ground) => ground.buildings.reduce((sum, building) => sum + size(building), 0)),
    shares,
  );
  for (const [index, ground] of order.entries()) set(ground, classes[index] ?? 0);
}

function buildingsByUse(kinds: Record<LiftKind, number>, random: Random): Record<Use, Building[]> {
  const built: Record<Use, Building[]> = { residential: [], office: [], mall: [], hospital: [], hotel: [], industrial: [] };
  for (const kind of LIFT_KINDS) {
    const quotas = apportion(
      kinds[kind],
      USES.map((use) => figures.USE_SHARES[kind][use]),
    );
    for (const [index, use] of USES.entries()) build(built[use], kind, use, quotas[index] ?? 0, random);
  }
  return built;
}

/** The buildings of each unit: exactly so many units, at least one for each use, and none without a building. */
function groupsByUse(built: Record<Use, Building[]>, units: number, random: Random): { use: Use; group: Building[] }[] {
  const used = USES.filter((use) => built[use].length > 0);
  const quotas = apportion(
    units - used.length,
    used.map((use) => figures.UNITS_A_BUILDING[use] * built[use].length),
    used.map((use) => built[use].length - 1),
  );
  return used.flatMap((use, index) => groupsOf(built[use], 1 + (quotas[index] ?? 0), random).map((group) => ({ use, group })));
}

function size(building: Building): number {
  return LIFT_KINDS.reduce((sum, kind) => sum + building.lifts[kind], 0);
}

/** Puts lifts of a kind into buildings of a use: passenger lifts make the buildings, the others move in; works also stand without passenger lifts. */
function build(buildings: Building[], kind: LiftKind, use: Use, count: number, random: Random): void {
  const sizes = kind === "passenger" ? figures.BUILDING_SIZES[use] : figures.GROUP_SIZES[kind];
  for (let left = count; left > 0;) {
    const group = Math.min(left, 1 + random.weighted(sizes));
    left -= group;
    const own = kind === "passenger" || buildings.length === 0 || (kind === "freight" && use === "industrial" && random.chance(0.55));
    const building = own ? { lifts: emptyLifts(), speed: 0 } : random.pick(buildings);
    if (own) buildings.push(building);
    building.lifts[kind] += group;
  }
}

/** Buildings in so many groups, none empty: what has much gets more (a Pólya urn), as property companies do. */
function groupsOf(buildings: readonly Building[], groups: number, random: Random): Building[][] {
  const mixed = shuffled(buildings, random);
  const result = mixed.slice(0, groups).map((building) => [building]);
  const owner = result.map((group) => group);
  for (const building of mixed.slice(groups)) {
    const group = random.pick(owner);
    group.push(building);
    owner.push(group);
  }
  return result;
}

/** A unit's buildings on one or several grounds; the first wears the unit's word. */
function groundsOf(
  group: readonly Building[],
  use: Use,
  word: string,
  names: Iterator<string, never>,
  district: District,
  random: Random,
): Ground[] {
  const grounds: Ground[] = [];
  for (let from = 0; from < group.length;) {
    const buildings = group.slice(from, from + random.integer(Math.min(2, figures.GROUND_BUILDINGS[use]), figures.GROUND_BUILDINGS[use]));
    from += buildings.length;
    grounds.push({
      use,
      buildings,
      place: placeName(grounds.length === 0 ? word : names.next().value, use, random),
      address: address(character(district).full, random),
      maker: MAKER_SHARES[random.weighted(MAKER_SHARES.map(([, share]) => share))]?.[0] ?? "甲",
      ...spotIn(district, random),
      age: 0,
      overdue: false,
    });
  }
  return grounds;
}

/** A place in the built-up area or, in one case of eight, in the townships; nearer to its own district's centre than to any other's. */
function spotIn(district: District, random: Random): { longitude: number; latitude: number } {
  const { townDegrees, reachDegrees } = character(district);
  for (;;) {
    const town = !random.chance(0.125);
    const offset = (): number => (town ? townDegrees * random.normal() : random.between(-reachDegrees, reachDegrees));
    const spot = { longitude: district.longitude + offset(), latitude: district.latitude + offset() };
    const own = distance(spot, district);
    // The margin keeps a ground's buildings, which stand within 200 m of its spot, on this side too.
    if (own < 0.1 && DISTRICTS.every((other) => other === district || own + 0.005 < distance(spot, other))) return spot;
  }
}

function distance(a: { longitude: number; latitude: number }, b: { longitude: number; latitude: number }): number {
  return Math.hypot(a.longitude - b.longitude, a.latitude - b.latitude);
}
