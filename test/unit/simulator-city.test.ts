import { expect, test } from "vitest";
import type { LiftRecord } from "../../src/core/lift.ts";
import { fleetCsv } from "../../src/register/register.ts";
import { DEFAULT_AS_OF, cityFleet } from "../../simulators/fleet/city.ts";
import { DISTRICTS } from "../../simulators/fleet/fleet.ts";
import { FIRMS } from "../../simulators/fleet/names.ts";
import { apportion, deal } from "../../simulators/fleet/quotas.ts";
import { isMovingWalk, useOf } from "../../src/core/building-use.ts";

const SEEDS = [1, 2, 4_294_967_295];
const cities = new Map(SEEDS.map((seed) => [seed, cityFleet(seed)]));
const city = cities.get(1) ?? [];
const passengers = city.filter((lift) => lift.kind === "passenger");

const by = (lifts: readonly LiftRecord[], key: (lift: LiftRecord) => unknown): Map<unknown, number> => {
  const counts = new Map<unknown, number>();
  for (const lift of lifts) counts.set(key(lift), (counts.get(key(lift)) ?? 0) + 1);
  return counts;
};
/** The lifts of each building: a building's name is its own within a district. */
function buildings(): LiftRecord[][] {
  const groups = new Map<string, LiftRecord[]>();
  for (const lift of city) {
    const key = `${lift.district}/${lift.building}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [lift]);
    else group.push(lift);
  }
  return [...groups.values()];
}
const days = (date: string | undefined): number => Date.parse(date ?? "") / 86_400_000;

function meanDay(lifts: readonly LiftRecord[]): number {
  return lifts.reduce((sum, lift) => sum + days(lift.installedOn), 0) / lifts.length;
}

test.each(SEEDS)("the city has the regulator's numbers to the unit, with seed %i", (seed) => {
  const lifts = cities.get(seed) ?? [];
  expect(lifts).toHaveLength(16_409);
  expect(by(lifts, (lift) => lift.inService)).toEqual(
    new Map([
      [true, 15_483],
      [false, 926],
    ]),
  );
  expect(Object.fromEntries(by(lifts, (lift) => lift.kind))).toEqual({
    passenger: 14_339,
    freight: 1_061,
    dumbwaiter: 226,
    escalator: 783,
  });
  expect(Object.fromEntries(by(lifts, (lift) => lift.district))).toEqual({
    浈江: 2_745,
    武江: 4_697,
    曲江: 1_343,
    乐昌: 1_637,
    南雄: 1_301,
    仁化: 622,
    始兴: 999,
    乳源: 765,
    翁源: 1_276,
    新丰: 1_024,
  });
  expect(by(lifts, (lift) => lift.userUnit).size).toBe(3_161);
  const firms = [...by(lifts, (lift) => lift.firm).keys()].map(String);
  expect(firms).toHaveLength(61);
  expect(firms.filter((firm) => firm.startsWith("韶关"))).toHaveLength(31);
  expect(by(lifts, (lift) => lift.station).size).toBe(102);
  // Each station is one firm's, in one district; each unit has one station.
  expect(by(lifts, (lift) => `${lift.station}/${lift.firm}/${lift.district}`).size).toBe(102);
  expect(by(lifts, (lift) => `${lift.userUnit}/${lift.station}`).size).toBe(3_161);
});

test("one seed gives the same bytes each time, another seed gives another city", () => {
  const text = fleetCsv(city);
  expect(fleetCsv(cityFleet(1)) === text).toBe(true);
  expect(fleetCsv(cities.get(2) ?? []) === text).toBe(false);
  expect(fleetCsv(cityFleet(1, "2026-11-22")) === text).toBe(false);
});

test("registration codes have 20 digits of category, region, year of installation and serial, and are unique", () => {
  expect(new Set(city.map((lift) => lift.liftId)).size).toBe(city.length);
  const regions = new Map(DISTRICTS.map((district) => [district.name, district.region]));
  const wrong = city.filter((lift) => {
    const walk = isMovingWalk(lift);
    const category = { passenger: "3110", freight: "3120", dumbwaiter: "3430", escalator: walk ? "3320" : "3310" }[
      lift.kind ?? "passenger"
    ];
    const beginning = `${category}${regions.get(lift.district ?? "")}${lift.installedOn?.slice(0, 4)}`;
    return !/^\d{20}$/.test(lift.liftId) || !lift.liftId.startsWith(beginning);
  });
  expect(wrong).toEqual([]);
});

test("rated speeds have the shares of domain.md §6 to half a percent", () => {
  const speeds = by(passengers, (lift) => lift.ratedSpeedMps);
  const share = (...mps: number[]): number => (100 * mps.reduce((sum, speed) => sum + (speeds.get(speed) ?? 0), 0)) / passengers.length;
  expect(Math.abs(share(1) - 30)).toBeLessThan(0.5);
  expect(Math.abs(share(1.5) - 20)).toBeLessThan(0.5);
  expect(Math.abs(share(1.75) - 35)).toBeLessThan(0.5);
  expect(Math.abs(share(2, 2.5) - 14)).toBeLessThan(0.5);
  expect(Math.abs(share(3) - 1)).toBeLessThan(0.5);
});

test("a building's lifts of a kind are one family, stand at one place and agree with each other", () => {
  const groups = buildings();
  expect(groups.length).toBeGreaterThan(4_000);
  expect(groups.filter((lifts) => lifts.length > 1).length).toBeGreaterThan(groups.length / 2);
  for (const lifts of groups) {
    const name = lifts[0]?.building;
    for (const column of ["address", "userUnit", "station", "longitude", "latitude", "installedOn"] as const)
      expect(new Set(lifts.map((lift) => lift[column])).size, `${name} ${column}`).toBe(1);
    for (const kind of new Set(lifts.map((lift) => lift.kind))) {
      const machines = lifts
        .filter((lift) => lift.kind === kind)
        .map(({ model, ratedSpeedMps, floors }) => `${model}/${ratedSpeedMps}/${floors}`);
      expect(new Set(machines).size, `${name} ${kind}`).toBe(1);
    }
  }
});

test("floors, travel, speed and load agree in every lift", () => {
  for (const { kind, liftId, floors = 0, travelM = 0, ratedSpeedMps = 0, ratedLoadKg = 0 } of city.filter(
    (lift) => lift.kind !== "escalator",
  )) {
    const storeyM = travelM / (floors - 1);
    expect(storeyM > 2.74 && storeyM < 3.06, `${liftId}: ${storeyM}`).toBe(true);
    expect(ratedLoadKg).toBeGreaterThan(0);
    // A car that takes a minute from end to end is nobody's choice.
    expect(travelM / ratedSpeedMps, `${kind} ${liftId}`).toBeLessThan(50);
  }
  const escalators = city.filter((lift) => lift.kind === "escalator");
  for (const lift of escalators) {
    expect(lift.ratedSpeedMps).toBeLessThanOrEqual(0.75);
    expect(lift.travelM).toBeLessThanOrEqual(6);
    expect(lift.ratedLoadKg).toBeUndefined();
  }
  expect(escalators.filter((lift) => !isMovingWalk(lift)).every((lift) => (lift.travelM ?? 0) >= 3.6)).toBe(true);
});

test("the city has grown as cities do: most lifts are 4 to 14 years old, few are old, none is from the future", () => {
  const ages = city.map((lift) => (days(DEFAULT_AS_OF) - days(lift.installedOn)) / 365.25);
  expect(Math.min(...ages)).toBeGreaterThan(0);
  expect(Math.max(...ages)).toBeLessThan(31);
  expect(ages.filter((age) => age >= 4 && age < 14).length / ages.length).toBeGreaterThan(0.55);
  const old = ages.filter((age) => age >= 15).length / ages.length;
  expect(old).toBeGreaterThan(0.08);
  expect(old).toBeLessThan(0.25);
  expect(meanDay(city.filter((lift) => lift.inService === false))).toBeLessThan(
    meanDay(city.filter((lift) => lift.inService === true)) - 365,
  );
});

test("some inspections and insurances are overdue and some fall due within 60 days of the day that is given", () => {
  for (const [asOf, lifts] of [
    [DEFAULT_AS_OF, city],
    ["2026-11-22", cityFleet(1, "2026-11-22")],
  ] as const) {
    const inUse = lifts.filter((lift) => lift.inService === true);
    for (const column of ["nextInspectionOn", "insuredUntil"] as const) {
      const left = inUse.flatMap((lift) => (lift[column] === undefined ? [] : [days(lift[column]) - days(asOf)]));
      const share = (from: number, to: number): number => left.filter((day) => day >= from && day < to).length / left.length;
      expect(share(-121, 0), `${asOf} ${column}`).toBeGreaterThan(0.015);
      expect(share(-121, 0), `${asOf} ${column}`).toBeLessThan(0.09);
      expect(share(0, 60), `${asOf} ${column}`).toBeGreaterThan(0.1);
      expect(share(-121, 366)).toBe(1);
    }
    expect(inUse.filter((lift) => lift.insuredUntil === undefined).length).toBeGreaterThan(100);
  }
});

test("every building is in its own district, and most of a district is in its town", () => {
  for (const { longitude = 0, latitude = 0, district, liftId } of city) {
    const distances = DISTRICTS.map(
      (centre) => [Math.hypot(centre.longitude - longitude, centre.latitude - latitude), centre.name] as const,
    );
    const [nearest] = distances.toSorted((a, b) => a[0] - b[0]);
    expect(nearest?.[1], liftId).toBe(district);
    expect(nearest?.[0], liftId).toBeLessThan(0.11);
  }
});

test("what a building is used for can be read off its name, and lifts stand where they belong", () => {
  const uses = by(passengers, useOf);
  expect((uses.get("residential") ?? 0) / passengers.length).toBeCloseTo(0.7, 2);
  for (const use of ["office", "mall", "hospital", "hotel", "industrial"] as const)
    expect((uses.get(use) ?? 0) / passengers.length, use).toBeGreaterThan(0.035);
  const escalators = by(
    city.filter((lift) => lift.kind === "escalator"),
    useOf,
  );
  expect(escalators.get("mall") ?? 0).toBeGreaterThan(600);
  expect(escalators.get("residential")).toBeUndefined();
  expect(city.filter(isMovingWalk).length).toBeGreaterThan(20);
  expect(city.filter(isMovingWalk).every((lift) => useOf(lift) === "mall")).toBe(true);
});

test.each([
  ["南塔医院办公楼", "passenger", "hospital"],
  ["Riverside Shopping Mall", "passenger", "mall"],
  ["芙蓉广场3栋", "passenger", "residential"],
  ["3号厂房", "passenger", "industrial"],
  [undefined, "escalator", "mall"],
  [undefined, "freight", "industrial"],
  ["B-1", "passenger", "residential"],
  ["某某大厦", "freight", "office"],
] as const)("the use of %s (%s) is %s", (building, kind, use) => {
  expect(useOf(building === undefined ? { kind } : { building, kind })).toBe(use);
});

test("firms wear invented names: 31 of the city and 30 of elsewhere, each once", () => {
  expect(new Set(FIRMS.map((firm) => firm.name)).size).toBe(61);
  expect(FIRMS.every((firm) => firm.local === firm.name.startsWith("韶关"))).toBe(true);
  expect(FIRMS.every((firm) => /[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]/.test(firm.name))).toBe(true);
});

test("apportioning keeps the sum and the bounds, and gives each part its share to less than one when nothing binds", () => {
  expect(apportion(10, [1, 1, 1])).toEqual([4, 3, 3]);
  expect(apportion(0, [2, 1])).toEqual([0, 0]);
  expect(apportion(10, [5, 4, 1], [3, 9, 9])).toEqual([3, 6, 1]);
  expect(apportion(5, [1, 0], [9, 9])).toEqual([5, 0]);
  expect(() => apportion(5, [1, 1], [2, 2])).toThrow(RangeError);
  for (const lifts of [1, 7, 200, 16_409, 99_999]) {
    const parts = apportion(
      lifts,
      DISTRICTS.map((district) => district.lifts),
    );
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(lifts);
    for (const [index, part] of parts.entries()) expect(Math.abs(part - (lifts * (DISTRICTS[index]?.lifts ?? 0)) / 16_409)).toBeLessThan(1);
  }
});

test("dealing gives each class its share to within one item", () => {
  expect(deal([1, 1, 1, 1], [1, 1])).toEqual([0, 0, 1, 1]);
  expect(deal([5, 1, 1, 1], [1, 1])).toEqual([0, 1, 1, 1]);
  expect(deal([0, 3, 3], [50, 50])).toEqual([0, 0, 1]);
  expect(deal([], [1])).toEqual([]);
});
