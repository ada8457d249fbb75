import { describe, expect, test } from "vitest";
import { district, keepAlives, line, pages, run, tally, together, type Doing, type Script } from "./fleet-timeline.ts";
import { START } from "./timeline.ts";

const WUJIANG = district("武江", "W", 8, 6);
const ZHENJIANG = district("浈江", "Z", 8, 6);
const CITY = [...WUJIANG, ...ZHENJIANG];
const forAll = (lifts: readonly { readonly liftId: string }[], lines: string): Script =>
  Object.fromEntries(lifts.map(({ liftId }) => [liftId, lines]));
const building = (number: number) => WUJIANG.filter(({ building }) => building === `${number}栋`);
const without = (lifts: readonly { readonly liftId: string }[]) => CITY.filter((lift) => !lifts.includes(lift));

/** A car between floors. */
const stuck = (persons: number): string =>
  `90 status persons=${persons} mode=normal\n90 door state=closed\n95 speed speedMps=1.5 doorZone=false\n101 speed speedMps=0 doorZone=false`;

describe("a power cut", () => {
  test("of a district is one alert, and its return is the end of it and no second storm", () => {
    const cut = forAll(WUJIANG, "100.3 status powered=false\n700.2 status powered=true");
    const script = together(keepAlives(ZHENJIANG, 0, 1_200), keepAlives(WUJIANG, 0, 100), cut, keepAlives(WUJIANG, 701, 1_200));
    const { changes } = run(CITY, script, 1_000);
    expect(changes.filter(({ alert }) => alert.hazard === "mass-event").map(line)).toEqual([
      "106 raised mass-event confirmed high at 100.3: district 武江 in 武江, 48 of 48",
      "701 updated mass-event confirmed high at 100.3: district 武江 in 武江, 0 of 48",
      "761 cleared mass-event confirmed high at 100.3 until 701: district 武江 in 武江, 0 of 48",
    ]);
    expect(pages(changes)).toHaveLength(1);
    // Their batteries live for minutes only; what that brings is recorded, and owned.
    expect(tally(changes, "silent")).toEqual({ suppressed: 48, confirmed: 48, cleared: 48 });
    expect(new Set(changes.filter(({ alert }) => alert.hazard === "silent").map(({ alert }) => alert.suppressedBy)).size).toBe(1);
  });

  test("keeps every entrapment in it visible, and what it explains out of sight", () => {
    const script = together(
      forAll(WUJIANG, "1 status persons=0 powered=true\n100 status powered=false"),
      { "W2-3": stuck(2), "W5-1": stuck(1), "W6-1": stuck(0) },
      { "W7-1": stuck(0).replace("persons=0", "mode=normal").replaceAll("persons=0", "persons=null") },
    );
    const { changes } = run(WUJIANG, together(script, { "W7-1": "2 status persons=null" }), 240);
    expect(pages(changes)).toEqual([
      "105 raised mass-event confirmed high at 100: district 武江 in 武江, 48 of 48",
      "131 raised entrapment suspected critical at 131 of W2-3",
      "131 raised entrapment suspected critical at 131 of W5-1",
      // Nobody can tell whether people are inside: somebody has to look.
      "161 raised stopped-outside-door-zone confirmed high at 161 of W7-1",
    ]);
    expect(changes.filter(({ alert }) => alert.liftId === "W6-1" && alert.hazard !== "mass-event").map(line)).toEqual([
      expect.stringMatching(/^161 suppressed stopped-outside-door-zone confirmed high at 161 by group:\w{26} of W6-1$/),
    ]);
  });

  test("of one building of six lifts is that building's alert, although its firm and district have them too", () => {
    const { changes } = run(
      CITY,
      together(
        keepAlives(without(building(3)), 0, 400),
        forAll(building(3), "1 status powered=true\n50 fault code=41\n200 fault code=41 active=false"),
      ),
      300,
    );
    expect(changes.map(line)).toEqual([
      "55 raised mass-event confirmed high at 50: building 3栋 in 武江, 6 of 6",
      "200 updated mass-event confirmed high at 50: building 3栋 in 武江, 0 of 6",
      "260 cleared mass-event confirmed high at 50 until 200: building 3栋 in 武江, 0 of 6",
    ]);
  });

  test("that spreads from a building over the district stays one alert, of the district", () => {
    const spreading = WUJIANG.map((lift): Script => ({
      [lift.liftId]: `1 status powered=true\n${lift.building === "1栋" ? 50 : 70 + Number(lift.building?.replace("栋", ""))} status powered=false`,
    }));
    const { changes } = run(WUJIANG, together(...spreading), 150);
    expect(changes.map(line)).toEqual([
      "55 raised mass-event confirmed high at 50: building 1栋 in 武江, 6 of 6",
      "77 updated mass-event confirmed high at 50: district 武江 in 武江, 42 of 42",
      "107 updated mass-event confirmed high at 50: district 武江 in 武江, 48 of 48",
    ]);
  });

  test("of two buildings, told as two, becomes one when others show that it is the district's, and what they owned goes along", () => {
    const cut = (buildings: readonly number[], second: number) => forAll(buildings.flatMap(building), `${second} status powered=false`);
    const script = together(
      forAll(WUJIANG, "1 status powered=true"),
      cut([1, 2], 50),
      // One lift is back before the others are struck, and its controller still reports what the cut did to it.
      { "W2-1": "52 fault code=08\n95 status powered=true" },
      cut([3, 5], 100),
    );
    const { changes, monitor } = run(WUJIANG, script, 150);
    const fault = changes.findLast(({ alert }) => alert.hazard === "reported-fault");
    expect(
      changes.filter(({ alert }) => alert.hazard === "mass-event").map((change) => line(change).replace(/group:\w+/, "the first")),
    ).toEqual([
      "55 raised mass-event confirmed high at 50: building 1栋 in 武江, 6 of 6",
      "55 raised mass-event confirmed high at 50: building 2栋 in 武江, 6 of 6",
      "95 updated mass-event confirmed high at 50: building 2栋 in 武江, 5 of 6",
      "105 cleared mass-event confirmed high at 50 until 105 by the first: building 2栋 in 武江, 5 of 6",
      "105 updated mass-event confirmed high at 50: district 武江 in 武江, 23 of 24",
    ]);
    expect(monitor.alerts().map(({ id, hazard, groupId }) => [hazard, groupId ?? id])).toEqual([
      ["reported-fault", fault?.alert.groupId],
      ["mass-event", fault?.alert.groupId],
    ]);
  });

  test("of three lifts, or of a lift that a mechanic has switched off, is no mass event", () => {
    const three = building(1).slice(0, 3);
    const serviced = building(2).map(({ liftId }) => ({ [liftId]: "1 status mode=inspection powered=true\n60 status powered=false" }));
    const { changes } = run(
      CITY,
      together(
        keepAlives(without([...three, ...building(2)]), 0, 200),
        forAll(three, "1 status powered=true\n60 status powered=false"),
        ...serviced,
      ),
      170,
    );
    expect(changes).toEqual([]);
  });

  test("that ends and comes again within a minute is the same alert", () => {
    const script = forAll(
      building(1),
      "1 status powered=true\n50 status powered=false\n90 status powered=true\n120 status powered=false\n160 status powered=true",
    );
    const { changes } = run(WUJIANG, script, 230);
    expect(changes.map(line)).toEqual([
      "55 raised mass-event confirmed high at 50: building 1栋 in 武江, 6 of 6",
      "90 updated mass-event confirmed high at 50: building 1栋 in 武江, 0 of 6",
      "120 updated mass-event confirmed high at 50 2 times: building 1栋 in 武江, 6 of 6",
      "160 updated mass-event confirmed high at 50 2 times: building 1栋 in 武江, 0 of 6",
      "220 cleared mass-event confirmed high at 50 until 160 2 times: building 1栋 in 武江, 0 of 6",
    ]);
  });
});

describe("a silence of many", () => {
  test("of a building's gateway is one alert with the first silent lift, before the others are silent", () => {
    const gateway = building(4);
    const script = together(keepAlives(without(gateway), 0, 900), keepAlives(gateway, 0, 100), keepAlives(gateway, 600, 900));
    const { changes } = run(CITY, script, 800, [], (liftId) => (liftId.startsWith("W4") ? "gateway-4" : liftId));
    const told = changes.map(line);
    expect(pages(changes)).toEqual(["241 raised mass-event suspected high at 240: building 4栋 in 武江, 6 of 6"]);
    expect(tally(changes, "mass-event")).toMatchObject({ raised: 1, confirmed: 1, cleared: 1 });
    expect(tally(changes, "silent")).toEqual({ suppressed: 6, confirmed: 6, cleared: 6 });
    expect(told.at(-1)).toMatch(/ cleared mass-event .* 0 of 6$/);
  });

  test("whose lifts share nothing but a gateway is the gateway's", () => {
    const served = [WUJIANG[0], WUJIANG[7], WUJIANG[14], ZHENJIANG[3], ZHENJIANG[10], ZHENJIANG[20]].filter((lift) => lift !== undefined);
    const script = together(keepAlives(without(served), 0, 500), keepAlives(served, 0, 100));
    const { changes } = run(CITY, script, 400, [], (liftId) => (served.some((lift) => lift.liftId === liftId) ? "gw-7" : liftId));
    expect(pages(changes)).toEqual([expect.stringMatching(/: gateway gw-7 in several districts, 6 of 6$/)]);
  });

  test("of all the lifts of a firm is the firm's, wherever they are", () => {
    const own = CITY.map((lift, index) => ({ ...lift, firm: index % 8 === 0 ? "东方维保" : "其他" }));
    const struck = own.filter(({ firm }) => firm === "东方维保");
    const script = together(
      keepAlives(
        own.filter((lift) => !struck.includes(lift)),
        0,
        500,
      ),
      keepAlives(struck, 0, 100),
    );
    const { changes } = run(own, script, 400);
    expect(pages(changes)).toEqual([expect.stringMatching(/: firm 东方维保 in several districts, 12 of 12$/)]);
  });

  test("of every lift is one alert of the site: the network or the broker is gone", () => {
    const { changes } = run(CITY, keepAlives(CITY, 0, 100), 500);
    expect(pages(changes)).toEqual([
      expect.stringMatching(/ raised mass-event suspected high at 2\d\d: site null in several districts, \d\d of \d\d$/),
    ]);
    expect(tally(changes, "silent")).toEqual({ suppressed: 96, confirmed: 96 });
  });

  test("leaves few lifts behind: they are told on their own when the event is over", () => {
    const [dead, ...back] = WUJIANG;
    const script = together(keepAlives(WUJIANG, 0, 100), keepAlives(back, 500, 1_000));
    const { changes } = run(WUJIANG, script, 800);
    expect(pages(changes).slice(1)).toEqual([
      expect.stringMatching(new RegExp(`raised silent confirmed medium at \\d+ of ${dead?.liftId}$`)),
    ]);
  });

  test("one after the other over an hour is none", () => {
    const lifts = building(1);
    const script = together(...lifts.map((lift, index) => keepAlives([lift], 0, 100 + index * 400)));
    const { changes } = run(lifts, script, 2_800);
    expect(tally(changes, "mass-event")).toEqual({});
    expect(tally(changes, "silent")).toMatchObject({ raised: 6 });
  });
});

describe("people and mass events", () => {
  const script = together(keepAlives(WUJIANG, 0, 100), keepAlives(WUJIANG.slice(6), 500, 1_000));
  test("one that a person closes lets its lifts go, and each is then told on its own", () => {
    const { changes, outcomes } = run(WUJIANG, script, 700, [
      { at: 600, act: "close", hazard: "mass-event" },
      { at: 601, act: "close", hazard: "mass-event", reason: "1栋通讯改造" },
    ]);
    expect(outcomes).toEqual(["forbidden-by-state", "done"]);
    expect(pages(changes).filter((text) => text.includes("silent"))).toHaveLength(6);
  });
  test("a member cannot be shelved on its own, and the event can", () => {
    const { outcomes } = run(WUJIANG, script, 700, [
      { at: 600, act: "shelve", hazard: "silent", lift: "W1-1", reason: "x" },
      { at: 601, act: "shelve", hazard: "mass-event", reason: "供电局已知", minutes: 30 },
    ]);
    expect(outcomes).toEqual(["forbidden-by-state", "done"]);
  });
  test("a shelved event that grows beyond its building is told, and the next one of the same lifts is not shelved", () => {
    const grows = together(
      forAll(building(1), "1 status powered=true\n50 status powered=false\n400 status powered=true"),
      forAll([...building(2), ...building(3)], "1 status powered=true\n90 status powered=false\n400 status powered=true"),
    );
    const doings: Doing[] = [
      { at: 60, act: "shelve", hazard: "mass-event", reason: "供电局已知", minutes: 60 },
      { at: 120, act: "shelve", hazard: "mass-event", reason: "供电局已知", minutes: 60 },
    ];
    const { changes, outcomes } = run(WUJIANG, grows, 599, doings);
    expect(outcomes).toEqual(["done", "done"]);
    expect(
      changes.filter(({ alert }) => alert.hazard === "mass-event").map(({ change, at }) => `${(at - START) / 1_000} ${change}`),
    ).toEqual([
      "55 raised",
      "60 shelved",
      "95 unshelved",
      "95 updated",
      "120 shelved",
      "400 updated",
      "460 cleared",
      // They fell silent after their return.
      "581 raised",
    ]);
  });
  test("the lift's page names the event that it is part of", () => {
    const { monitor } = run(WUJIANG, script, 450);
    expect(monitor.lift("W1-2")?.alerts.map(({ hazard }) => hazard)).toEqual(["silent", "mass-event"]);
  });
});
