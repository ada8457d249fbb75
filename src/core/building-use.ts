/**
 * What a building is used for. The register has no column for it (contract §3), so it is read off the building's name, as a person
 * who looks through the register does. Generated fleets name their buildings so that this finds what was meant.
 */
import type { LiftRecord } from "./lift.ts";

export const USES = ["residential", "office", "mall", "hospital", "hotel", "industrial"] as const;
export type Use = (typeof USES)[number];

/** The first that matches decides: a hospital's office block (医院办公楼) is visited like a hospital. Stations have a mall's crowds (assumption). */
const WORDS: readonly (readonly [RegExp, Use])[] = [
  [/医院|卫生院|诊所|hospital|clinic/i, "hospital"],
  [/酒店|宾馆|hotel/i, "hotel"],
  [/工业园|产业园|厂房|工厂|仓库|物流园|factory|warehouse/i, "industrial"],
  [/购物中心|商场|商业广场|百货|商城|超市|客运站|火车站|地铁站|mall|shopping|station/i, "mall"],
  [/花园|新城|家园|雅苑|名居|华庭|小区|公寓|住宅|apartment|residence/i, "residential"],
  [/大厦|写字楼|办公|政务|学校|图书馆|office|tower/i, "office"],
];

/** What the building of a lift is used for; from its kind when the name does not tell, and residential when nothing does (most lifts are: domain.md §6). */
export function useOf(lift: Pick<LiftRecord, "building" | "kind">): Use {
  const named = WORDS.find(([words]) => words.test(lift.building ?? ""));
  if (named !== undefined) return named[1];
  if (lift.kind === "escalator") return "mall";
  return lift.kind === "freight" ? "industrial" : "residential";
}

/** Whether an escalator of the register is a moving walk: its model says so (contract §3 counts both as `escalator`). */
export function isMovingWalk(lift: Pick<LiftRecord, "kind" | "model">): boolean {
  return lift.kind === "escalator" && /-W\d|人行道|moving ?walk|travell?ator/i.test(lift.model ?? "");
}
