import { expect, test } from "vitest";
import { USES } from "../../src/core/building-use.ts";
import type { Use } from "../../src/core/building-use.ts";
import { Lift } from "../../simulators/lift/lift.ts";
import type { Observer } from "../../simulators/lift/machine.ts";
import { liftSpec } from "../../simulators/lift/spec.ts";
import { hourOf, timeOfDay, weekdayOf } from "../../simulators/lift/traffic.ts";
import { Random } from "../../simulators/random.ts";
import type { LiftRecord } from "../../src/core/lift.ts";

const DAY_MS = 86_400_000;
const MONDAY = Date.parse("2026-01-05T00:00:00+08:00");
const BUILDINGS: Readonly<Record<Use, string>> = {
  residential: "芙蓉花园1栋",
  office: "浈江大厦",
  mall: "百年购物中心",
  hospital: "人民医院1栋",
  hotel: "丹霞酒店",
  industrial: "曲江工业园1栋",
};

interface Week {
  /** Runs of each lift on each day from Monday. */
  readonly runs: readonly (readonly number[])[];
  /** Runs by hour on working days. */
  readonly byHour: readonly number[];
  /** Laden runs by hour on working days: up, and all. */
  readonly up: readonly number[];
  readonly laden: readonly number[];
  /** The most that any car held, kg and persons. */
  readonly most: { readonly kg: number; readonly persons: number };
}

const hours = (): number[] => Array.from({ length: 24 }, () => 0);
const nothing = (): void => undefined;

/** A week of `count` lifts, watched as their controllers are. */
function week(change: Partial<LiftRecord>, count: number): Week {
  const [byHour, up, laden] = [hours(), hours(), hours()];
  const most = { kg: 0, persons: 0 };
  const runs = Array.from({ length: count }, (_, index) => {
    const record: LiftRecord = {
      liftId: `T${index}`,
      kind: "passenger",
      ratedSpeedMps: 1.75,
      ratedLoadKg: 1_000,
      floors: 10 + (index % 12),
      ...change,
    };
    const random = Random.seeded(17).split("lift", index);
    const observer: Observer = {
      doorChanged: nothing,
      stopped: nothing,
      levelChanged: nothing,
      statusChanged: nothing,
      faultChanged: nothing,
      started(at) {
        if (lift.speedAt(at + 2_000) === 0 || weekdayOf(at) % 6 === 0) return;
        const hour = hourOf(at);
        byHour[hour] = (byHour[hour] ?? 0) + 1;
        most.kg = Math.max(most.kg, lift.loadKg);
        most.persons = Math.max(most.persons, lift.persons);
        if (lift.loadKg === 0) return;
        laden[hour] = (laden[hour] ?? 0) + 1;
        if (lift.sign > 0) up[hour] = (up[hour] ?? 0) + 1;
      },
    };
    const lift = new Lift(liftSpec(record, random.split("spec"), MONDAY), random, observer, MONDAY);
    return Array.from({ length: 7 }, (_, day) => {
      const before = lift.tripCount;
      while (lift.nextAt < MONDAY + (day + 1) * DAY_MS) lift.step();
      return lift.tripCount - before;
    });
  });
  return { runs, byHour, up, laden, most };
}

const weeks = new Map(USES.map((use) => [use, week({ building: BUILDINGS[use] }, 24)]));
const of = (use: Use): Week => weeks.get(use) as Week;
const meanOf = (use: Use, ...days: number[]): number =>
  of(use).runs.reduce((sum, runs) => sum + days.reduce((all, day) => all + (runs[day] ?? 0), 0), 0) / (24 * days.length);
const share = (use: Use, from: number, to: number): number =>
  of(use)
    .byHour.slice(from, to)
    .reduce((sum, runs) => sum + runs, 0) / of(use).byHour.reduce((sum, runs) => sum + runs, 0);
const upShare = (use: Use, from: number, to: number): number =>
  of(use)
    .up.slice(from, to)
    .reduce((sum, runs) => sum + runs, 0) /
  of(use)
    .laden.slice(from, to)
    .reduce((sum, runs) => sum + runs, 0);

const weekend = (use: Use): number => meanOf(use, 5, 6) / meanOf(use, 0, 1, 2, 3, 4);

test("on a working day every lift makes 50 to 1,500 trips, a residential one 100 to 450, and hospitals are busy with about 850", () => {
  for (const use of USES) {
    const all = of(use).runs.flatMap((runs) => runs.slice(0, 5));
    expect(Math.min(...all), use).toBeGreaterThanOrEqual(50);
    expect(Math.max(...all), use).toBeLessThanOrEqual(1_500);
  }
  const homes = of("residential").runs.flat();
  expect(Math.min(...homes)).toBeGreaterThanOrEqual(100);
  expect(Math.max(...homes)).toBeLessThanOrEqual(450);
  expect(meanOf("hospital", 0, 1, 2, 3, 4)).toBeGreaterThan(650);
  expect(meanOf("hospital", 0, 1, 2, 3, 4)).toBeLessThan(950);
});

test("at the weekend offices and works rest, malls are fuller, and homes are as busy as ever", () => {
  expect(weekend("office")).toBeLessThan(0.35);
  expect(weekend("industrial")).toBeLessThan(0.6);
  expect(weekend("mall")).toBeGreaterThan(1.25);
  expect(weekend("residential")).toBeGreaterThan(0.9);
  expect(weekend("residential")).toBeLessThan(1.15);
  expect(weekend("hospital")).toBeGreaterThan(0.6);
});

test("homes have their peaks at 8 to 10 and 18 to 20 h, offices in the morning, at noon and in the evening, and hospitals never sleep", () => {
  for (const [from, to] of [
    [8, 10],
    [18, 20],
  ] as const) {
    expect(share("residential", from, to)).toBeGreaterThan(0.12);
    expect(share("residential", from, to)).toBeLessThan(0.18);
  }
  expect(share("office", 8, 10)).toBeGreaterThan(0.17);
  expect(share("office", 12, 14)).toBeGreaterThan(0.15);
  expect(share("office", 17, 19)).toBeGreaterThan(0.15);
  expect(share("office", 0, 6)).toBeLessThan(0.01);
  expect(share("mall", 10, 22)).toBeGreaterThan(0.85);
  expect(share("hospital", 0, 6)).toBeGreaterThan(0.03);
});

test("people go up to work in the morning, out and back at noon, and down in the evening; at home it is the other way about", () => {
  expect(upShare("office", 8, 10)).toBeGreaterThan(0.75);
  expect(upShare("office", 12, 13)).toBeLessThan(0.35);
  expect(upShare("office", 13, 14)).toBeGreaterThan(0.6);
  expect(upShare("office", 17, 19)).toBeLessThan(0.25);
  expect(upShare("residential", 7, 9)).toBeLessThan(0.35);
  expect(upShare("residential", 18, 20)).toBeGreaterThan(0.6);
});

test("a dumbwaiter carries goods and nobody, a freight lift more than people weigh, and both keep to their loads", () => {
  const kitchen = week({ kind: "dumbwaiter", building: BUILDINGS.hotel, ratedSpeedMps: 0.4, ratedLoadKg: 100, floors: 4 }, 8);
  expect(kitchen.most.persons).toBe(0);
  expect(kitchen.most.kg).toBeGreaterThan(20);
  expect(kitchen.most.kg).toBeLessThanOrEqual(100);
  const works = week({ kind: "freight", building: BUILDINGS.industrial, ratedSpeedMps: 0.5, ratedLoadKg: 2_000, floors: 5 }, 8);
  expect(works.most.kg).toBeGreaterThan(400);
  expect(works.most.kg).toBeLessThanOrEqual(2_000);
  for (const runs of [...kitchen.runs, ...works.runs].flatMap((days) => days.slice(0, 5))) {
    expect(runs).toBeGreaterThanOrEqual(45);
    expect(runs).toBeLessThanOrEqual(260);
  }
});

test("the day of the week and the time of the day are Guangdong's", () => {
  expect(weekdayOf(MONDAY)).toBe(1);
  expect(weekdayOf(MONDAY - 1)).toBe(0);
  expect([hourOf(MONDAY), hourOf(MONDAY - 1), timeOfDay(MONDAY), timeOfDay(MONDAY + 3_600_000)]).toEqual([0, 23, 0, 3_600_000]);
});
