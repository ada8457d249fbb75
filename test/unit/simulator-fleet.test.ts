import { expect, test } from "vitest";
import { ESCALATOR_HAZARDS, MASS_HAZARDS, SIMULATED } from "../../simulators/faults/hazards.ts";
import { LIFT_ID } from "../../src/core/lift.ts";
import type { LiftRecord } from "../../src/core/lift.ts";
import { UsageError } from "../../src/errors.ts";
import { FLEET_COLUMNS } from "../../src/register/fields.ts";
import { fleetCsv, readRegister } from "../../src/register/register.ts";
import { DISTRICTS, demoFleet, generateFleet, simulated, tinyFleet } from "../../simulators/fleet/fleet.ts";
import { Lift } from "../../simulators/lift/lift.ts";
import { Random } from "../../simulators/random.ts";
import { suits } from "../../simulators/faults/scenarios.ts";
import type { Single } from "../../simulators/faults/scenarios.ts";
import { landingM, liftSpec, nearestFloor } from "../../simulators/lift/spec.ts";
import { FROM } from "../simulator-signal.ts";

const by = <K>(lifts: readonly LiftRecord[], key: (lift: LiftRecord) => K): Map<K, number> => {
  const counts = new Map<K, number>();
  for (const lift of lifts) counts.set(key(lift), (counts.get(key(lift)) ?? 0) + 1);
  return counts;
};

test("the demonstration has 200 lifts with ids of their own in the ten districts, several to a building", () => {
  const lifts = demoFleet();
  expect(lifts).toHaveLength(200);
  expect(new Set(lifts.map((lift) => lift.liftId)).size).toBe(200);
  expect(lifts.every((lift) => /^\d{20}$/.test(lift.liftId) && LIFT_ID.test(lift.liftId))).toBe(true);
  const districts = by(lifts, (lift) => lift.district);
  expect(new Set(districts.keys())).toEqual(new Set(DISTRICTS.map((district) => district.name)));
  expect(districts.get("武江")).toBe(Math.round((200 * 4_697) / 16_409));
  const buildings = by(lifts, (lift) => `${lift.district}/${lift.building}`);
  expect(Math.max(...buildings.values())).toBeGreaterThan(2);
  expect(by(lifts, (lift) => lift.maker).size).toBeGreaterThan(3);
  expect(by(lifts, (lift) => lift.firm).size).toBeGreaterThan(5);
  expect(demoFleet()).toEqual(lifts);
});

test("a large fleet has the rated speeds of domain.md §6 and the districts' shares", () => {
  const lifts = generateFleet(5_000, 3);
  expect(lifts).toHaveLength(5_000);
  const speeds = by(lifts, (lift) => lift.ratedSpeedMps);
  const share = (...mps: number[]): number => mps.reduce((sum, speed) => sum + (speeds.get(speed) ?? 0), 0) / 5_000;
  expect(share(1.0)).toBeCloseTo(0.3, 1);
  expect(share(1.5)).toBeCloseTo(0.2, 1);
  expect(share(1.75)).toBeCloseTo(0.35, 1);
  expect(share(2.0, 2.5)).toBeCloseTo(0.14, 1);
  expect(share(3.0)).toBeLessThan(0.03);
  for (const district of DISTRICTS) {
    const count = lifts.filter((lift) => lift.district === district.name).length;
    expect(Math.abs(count - (5_000 * district.lifts) / 16_409)).toBeLessThan(1);
  }
  for (const lift of lifts) {
    const heightM = (lift.travelM ?? 0) / ((lift.floors ?? 2) - 1);
    expect(heightM).toBeGreaterThan(2.79);
    expect(heightM).toBeLessThan(3.01);
  }
  expect(generateFleet(5_000, 3)).toEqual(lifts);
  expect(generateFleet(5_000, 4)).not.toEqual(lifts);
});

test("a fleet written as CSV has the contract's header and reads back the same, and unknown values stay unknown", () => {
  const lifts: LiftRecord[] = [...tinyFleet(), { liftId: "bare" }, { liftId: "quoted", building: '南,"塔"' }];
  const text = fleetCsv(lifts);
  expect(text.split("\n")[0]).toBe(
    "liftId,kind,district,building,address,maker,model,ratedSpeedMps,ratedLoadKg,floors,travelM,installedOn,firm,station,userUnit,nextInspectionOn,insuredUntil,inService,longitude,latitude",
  );
  expect(FLEET_COLUMNS.join(",")).toBe(text.split("\n")[0]);
  expect(readRegister(text, "fleet.csv")).toEqual(lifts);
});

function problemsOf(text: string): readonly string[] {
  try {
    readRegister(text, "f.csv");
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
  }
  return [];
}

test("a bad fleet file is refused with line, column, what was found and what was expected", () => {
  expect(problemsOf("liftId,ratedSpeedMps,inService\nL1,fast,true\nL 2,1,true\nL3,1,maybe\nL4,1,true\nL4,1,true\n")).toEqual([
    expect.stringMatching(/^f\.csv: line 2, ratedSpeedMps: .*number.*"fast"/),
    expect.stringMatching(/^f\.csv: line 3, liftId: expected .*"L 2"/),
    expect.stringMatching(/^f\.csv: line 4, inService: .*boolean.*"maybe"/),
    'f.csv: line 6, liftId: expected an id that no other row has; found "L4", as in line 5',
  ]);
  expect(problemsOf("liftId\n")[0]).toContain("found no rows");
  expect(problemsOf('liftId\n"L1')[0]).toContain("line 2: expected a closing quote");
});

test("lifts out of service, escalators and dumbwaiters are not simulated", () => {
  const lifts: LiftRecord[] = [
    { liftId: "a" },
    { liftId: "b", inService: false },
    { liftId: "c", kind: "escalator" },
    { liftId: "d", kind: "dumbwaiter" },
    { liftId: "e", kind: "freight", inService: true },
  ];
  expect(simulated(lifts).map((lift) => lift.liftId)).toEqual(["a", "c", "d", "e"]);
});

test("each hazard of lifts has a lift in the tiny fleet that it can befall", () => {
  const specs = tinyFleet().map((lift) => liftSpec(lift, Random.seeded(1), FROM));
  const others = new Set<string>([...ESCALATOR_HAZARDS, ...MASS_HAZARDS]);
  for (const hazard of SIMULATED.filter((name) => !others.has(name)))
    expect(
      specs.some((spec) => suits(hazard as Single, spec)),
      hazard,
    ).toBe(true);
});

test("landings are evenly spaced and the nearest floor is found within the shaft", () => {
  const spec = liftSpec({ liftId: "a", floors: 5, travelM: 12 }, Random.seeded(1), FROM);
  expect([1, 2, 5].map((floor) => landingM(spec, floor))).toEqual([0, 3, 12]);
  expect([-1, 1.4, 1.6, 12.3].map((positionM) => nearestFloor(spec, positionM))).toEqual([1, 1, 2, 5]);
});

test("out of normal mode a lift serves no calls, and serves them again afterwards", () => {
  const seen: string[] = [];
  const note = (what: string) => (): void => void seen.push(what);
  const observer = {
    doorChanged: note("door"),
    levelChanged: note("level"),
    started: note("started"),
    stopped: note("stopped"),
    statusChanged: note("status"),
    faultChanged: note("fault"),
  };
  const spec = liftSpec({ liftId: "a", floors: 10, travelM: 27 }, Random.seeded(1), FROM);
  const lift = new Lift(spec, Random.seeded(1), observer, FROM);
  const runUntil = (at: number): void => {
    while (lift.nextAt <= at) lift.step();
  };
  lift.setMode(FROM, "inspection");
  lift.call(FROM, [{ from: 5, to: 1, kg: 70, since: FROM }]);
  runUntil(FROM + 120_000);
  expect(seen).toEqual(["status"]);
  lift.setMode(FROM + 120_000, "normal");
  runUntil(FROM + 200_000);
  expect(seen).toContain("stopped");
  // Whenever it is taken out of service, it lets everyone out rather than keep them.
  for (let at = FROM + 200_000; at < FROM + 20_000_000; at += 137_000) {
    runUntil(at);
    lift.setMode(at, "inspection");
    runUntil(at + 120_000);
    expect([lift.persons, lift.door.state, lift.moving], `${at}`).toEqual([0, "closed", false]);
    lift.setMode(at + 120_000, "normal");
  }
  lift.setPowered(FROM + 20_000_000, false);
  expect(lift.powered).toBe(false);
});
