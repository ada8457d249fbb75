/** Small fleets to run with. Names of buildings, makers and firms are invented. */
import type { LiftRecord } from "../../src/core/lift.ts";
import { Random } from "../random.ts";
import { round, SPEEDS } from "./machine.ts";
import { apportion } from "./quotas.ts";

export interface District {
  readonly name: string;
  readonly region: string;
  /** Registered lifts: domain.md §1, source. */
  readonly lifts: number;
  /** Centre, degrees, from memory and unverified. */
  readonly longitude: number;
  readonly latitude: number;
}
/** Shaoguan's ten districts and counties. */
export const DISTRICTS: readonly District[] = [
  { name: "浈江", region: "440204", lifts: 2_745, longitude: 113.61, latitude: 24.81 },
  { name: "武江", region: "440203", lifts: 4_697, longitude: 113.58, latitude: 24.79 },
  { name: "曲江", region: "440205", lifts: 1_343, longitude: 113.6, latitude: 24.68 },
  { name: "乐昌", region: "440281", lifts: 1_637, longitude: 113.35, latitude: 25.13 },
  { name: "南雄", region: "440282", lifts: 1_301, longitude: 114.31, latitude: 25.12 },
  { name: "仁化", region: "440224", lifts: 622, longitude: 113.75, latitude: 25.09 },
  { name: "始兴", region: "440222", lifts: 999, longitude: 114.06, latitude: 24.95 },
  { name: "乳源", region: "440232", lifts: 765, longitude: 113.28, latitude: 24.78 },
  { name: "翁源", region: "440229", lifts: 1_276, longitude: 114.13, latitude: 24.35 },
  { name: "新丰", region: "440233", lifts: 1_024, longitude: 114.21, latitude: 24.06 },
];

const ESTATES = [
  "芙蓉",
  "丹霞",
  "浈水",
  "沙洲",
  "百年",
  "碧桂",
  "西河",
  "曲水",
  "金凤",
  "东堤",
  "莲花",
  "皇岗",
  "帽峰",
  "南华",
  "马坝",
  "珠玑",
] as const;
const GARDENS = ["花园", "新城", "家园", "雅苑", "名居", "广场"] as const;
/** Placeholders (甲 to 己 are A to F), so that no real maker is charged with an invented fault. */
const MAKERS = ["甲牌", "乙牌", "丙牌", "丁牌", "戊牌", "己牌"] as const;
const FIRMS = 12;

/** Five lifts L1 to L5 of two buildings, for tests: every scenario has a lift that suits it. */
export function tinyFleet(): LiftRecord[] {
  const speeds = [1.75, 1.75, 1.0, 2.5, 1.5];
  const floors = [18, 18, 14, 30, 16];
  return generateFleet(5, 1).map((lift, index) => ({
    ...lift,
    liftId: `L${index + 1}`,
    kind: "passenger",
    building: index < 2 ? "芙蓉花园1栋" : "丹霞新城2栋",
    district: index < 2 ? "武江" : "浈江",
    ratedSpeedMps: speeds[index] ?? 1.75,
    floors: floors[index] ?? 10,
    travelM: round(((floors[index] ?? 10) - 1) * 2.9, 1),
  }));
}

/** The demonstration: 200 lifts over the ten districts. */
export function demoFleet(): LiftRecord[] {
  return generateFleet(200, 1);
}

/**
 * A fleet of any size in the proportions of the districts: passenger lifts, and 7 % freight lifts (domain.md §1: 1,061 of 15,400).
 * All in service. Escalators and dumbwaiters, and the city to the unit, are not its business.
 */
export function generateFleet(count: number, seed: number): LiftRecord[] {
  const lifts: LiftRecord[] = [];
  for (const [district, quota] of quotas(count)) {
    const random = Random.seeded(seed).split("fleet", district.region);
    let serial = 0;
    for (let building = 1; serial < quota; building++) {
      const size = Math.min(quota - serial, 1 + random.weighted([20, 34, 16, 18, 6, 6]));
      lifts.push(...buildingOf(district, building, serial, size, random));
      serial += size;
    }
  }
  return lifts;
}

/** Lifts for each district by largest remainder. */
function quotas(count: number): (readonly [District, number])[] {
  const parts = apportion(
    count,
    DISTRICTS.map((district) => district.lifts),
  );
  return DISTRICTS.map((district, index) => [district, parts[index] ?? 0] as const);
}

function buildingOf(district: District, number: number, firstSerial: number, size: number, random: Random): LiftRecord[] {
  const speed = SPEEDS[random.weighted(SPEEDS.map((entry) => entry.share))] ?? SPEEDS[0];
  const floors = random.integer(speed.floors[0], speed.floors[1]);
  const travelM = round((floors - 1) * random.between(2.8, 3.0), 1);
  const year = random.integer(2005, 2024);
  const estate = `${random.pick(ESTATES)}${random.pick(GARDENS)}`;
  const maker = random.pick(MAKERS);
  const model = `${maker.slice(0, 1)}-${Math.round(speed.mps * 100)}`;
  const firm = `维保单位${String(random.integer(1, FIRMS)).padStart(2, "0")}`;
  const longitude = district.longitude + random.between(-0.02, 0.02);
  const latitude = district.latitude + random.between(-0.02, 0.02);
  const installed = `${year}-${two(random.integer(1, 12))}-${two(random.integer(1, 28))}`;
  return Array.from({ length: size }, (_, index) => {
    const freight = size > 1 && index === size - 1 && random.chance(0.16);
    const serial = String(firstSerial + index + 1).padStart(6, "0");
    return {
      // A registration code: category 4, region 6, year 4, serial 6 (domain.md §1; the categories are from memory and unverified).
      liftId: `${freight ? "3120" : "3110"}${district.region}${year}${serial}`,
      kind: freight ? "freight" : "passenger",
      district: district.name,
      building: `${estate}${number}栋`,
      address: `韶关市${district.name}${estate}`,
      maker: `${maker}电梯`,
      model,
      ratedSpeedMps: speed.mps,
      ratedLoadKg: freight ? 1_600 : random.pick([630, 800, 1_000, 1_050]),
      floors,
      travelM,
      installedOn: installed,
      firm,
      station: `${firm}${district.name}${random.integer(1, 3)}站`,
      userUnit: `${estate}物业`,
      nextInspectionOn: dayIn(random, 2026, 2027),
      insuredUntil: dayIn(random, 2026, 2027),
      inService: true,
      longitude: round(longitude, 5),
      latitude: round(latitude, 5),
    };
  });
}

/** What speaks: lifts, escalators and moving walks in service. */
export function simulated(lifts: readonly LiftRecord[]): LiftRecord[] {
  return lifts.filter((lift) => lift.inService !== false);
}

function dayIn(random: Random, firstYear: number, lastYear: number): string {
  return `${random.integer(firstYear, lastYear)}-${two(random.integer(1, 12))}-${two(random.integer(1, 28))}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
