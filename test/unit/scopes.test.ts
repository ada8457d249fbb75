import { describe, expect, test } from "vitest";
import { LiftState } from "../../src/core/lift-state.ts";
import type { LiftRecord } from "../../src/core/lift.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";
import { covers, explain } from "../../src/core/scopes.ts";

const LIMITS = DEFAULT_RULES["mass-event"];

/** A city of three districts with ten buildings of five lifts each; every tenth building is firm F's; gateway G serves one lift of each building. */
const CITY = ["甲", "乙", "丙"].flatMap((district, d) =>
  Array.from({ length: 50 }, (_, index): LiftState => {
    const building = Math.floor(index / 5);
    const register: LiftRecord = {
      liftId: `${district}${index}`,
      district,
      building: `${building}栋`,
      firm: building === 0 ? "F" : `firm ${d} ${building % 3}`,
    };
    const lift = new LiftState(register.liftId, d * 50 + index, 0);
    lift.enrol(register);
    lift.gateway = index % 5 === 4 ? "G" : null;
    return lift;
  }),
);
const of = (text: (lift: LiftState) => boolean) => CITY.filter(text);
const found = (struck: readonly LiftState[], all: readonly LiftState[] = CITY): string[] =>
  explain(struck, () => all, LIMITS).map(({ scope, lifts }) => `${scope.kind} ${scope.name ?? "-"}${scope.district ?? ""} ${lifts.length}`);
const inDistrict = (name: string) => of(({ register }) => register?.district === name);
const inBuilding = (district: string, name: string) => inDistrict(district).filter(({ register }) => register?.building === name);

describe("what explains struck lifts", () => {
  test("is the building that they share, although its district, firm and city have them too", () => {
    expect(found(inBuilding("甲", "3栋"))).toEqual(["building 3栋甲 5"]);
  });
  test("is not a building of the same name elsewhere", () => {
    expect(covers({ kind: "building", name: "3栋", district: "甲" }, CITY[65] as LiftState)).toBe(false);
    expect(found([...inBuilding("甲", "3栋"), ...inBuilding("乙", "3栋")])).toEqual(["building 3栋乙 5", "building 3栋甲 5"]);
  });
  test("is the firm where all of its lifts are struck, in three districts", () => {
    expect(found(of(({ register }) => register?.firm === "F"))).toEqual(["firm F 15"]);
  });
  test("is the gateway where the lifts share nothing else", () => {
    expect(found(of(({ gateway }) => gateway === "G"))).toEqual(["gateway G 30"]);
  });
  test("is the district where several of its buildings are struck, however small a part of it they are", () => {
    const three = ["1栋", "5栋", "9栋"].flatMap((name) => inBuilding("乙", name));
    expect(found(three)).toEqual(["district 乙 15"]);
  });
  test("is the district although a few others are struck by chance: they are left out", () => {
    expect(found([...inDistrict("丙"), CITY[0] as LiftState, CITY[60] as LiftState])).toEqual(["district 丙 50"]);
  });
  test("is the site where several buildings of each of three districts are struck", () => {
    const everywhere = ["甲", "乙", "丙"].flatMap((district) => ["1栋", "2栋", "4栋"].flatMap((name) => inBuilding(district, name)));
    expect(found(everywhere)).toEqual(["site - 45"]);
  });
  test("is the site where half of all lifts are struck", () => {
    expect(found([...inDistrict("甲"), ...inDistrict("乙")])).toEqual(["site - 100"]);
  });
  test("is nothing for few lifts, and for single lifts of many buildings of a firm", () => {
    expect(found(inBuilding("甲", "3栋").slice(0, 4))).toEqual([]);
    expect(found(inDistrict("甲").filter((_, index) => index % 12 === 0))).toEqual([]);
  });
  test("needs no register: lifts that nobody registered are struck with the site", () => {
    const strangers = Array.from({ length: 20 }, (_, index) => new LiftState(`S${index}`, index, 0));
    expect(found(strangers.slice(0, 12), strangers)).toEqual(["site - 12"]);
  });
});
