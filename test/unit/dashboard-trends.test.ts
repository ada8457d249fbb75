import { describe, expect, test } from "vitest";

import * as choice from "../../dashboards/web/src/trends/choice.ts";
import { en } from "../../dashboards/web/src/trends/messages-en.ts";
import { zh } from "../../dashboards/web/src/trends/messages-zh.ts";
import { changeOf, isOut, isTooLittle, MONTH_DAYS, rankOf, standingOf } from "../../dashboards/web/src/trends/verdict.ts";

/** As the router reads an address with this query. */
const address = (query: string) => (name: string) => new URLSearchParams(query).get(name);
const fair = (place: "very-high" | "high" | "within" | "low" | "very-low", low: number, high: number) =>
  ({ place, low, high, ratio: 1, expected: 10 }) as NonNullable<Parameters<typeof standingOf>[0]["fair"]>;
const counts = (events: number, exposure = 100) => ({ events, exposure });

describe("the months of trends", () => {
  const known = ["2025-01", "2025-02", "2025-03", "2025-04", "2026-01", "2026-10", "2026-11"];

  test("are the last twelve that are over when nothing is chosen, and what there is where that is less", () => {
    expect(choice.periodOf(["2023-11", "2026-10", "2026-11"], "2026-11", null, null)).toEqual({ from: "2025-11", to: "2026-10" });
    expect(choice.periodOf(["2026-08", "2026-09", "2026-11"], "2026-11", null, null)).toEqual({ from: "2026-08", to: "2026-09" });
    expect(choice.periodOf(["2026-11"], "2026-11", null, null)).toEqual({ from: "2026-11", to: "2026-11" });
    expect(choice.periodOf([], "2026-11", null, null)).toEqual({ from: "2025-12", to: "2026-11" });
  });

  test("are those of the address where it names months, and nothing else that it says is taken for one", () => {
    expect(choice.periodOf(known, "2026-11", "2025-02", "2025-04")).toEqual({ from: "2025-02", to: "2025-04" });
    expect(choice.periodOf(known, "2026-11", "2025-13", "x")).toEqual({ from: "2025-11", to: "2026-10" });
    expect(choice.periodOf(known, "2026-11", "2026-05", "2025-03")).toEqual({ from: "2025-03", to: "2025-03" });
    expect(choice.periodOf(known, "2026-11", "1990-01", "2026-10")).toEqual({ from: "2011-11", to: "2026-10" });
  });

  test("are counted over the ends of years, and their days over leap years", () => {
    expect(choice.monthAfter("2025-11", 3)).toBe("2026-02");
    expect(choice.monthAfter("2026-01", -1)).toBe("2025-12");
    expect(choice.monthsIn({ from: "2025-11", to: "2026-02" })).toBe(4);
    expect(choice.daysOf({ from: "2023-12", to: "2024-02" })).toEqual({ from: "2023-12-01", to: "2024-02-29" });
  });

  test("are compared with as many before, or with the same ones of an earlier year that they do not overlap", () => {
    const half = { from: "2026-05", to: "2026-10" };
    expect(choice.earlier(half, "before")).toEqual({ from: "2025-11", to: "2026-04" });
    expect(choice.earlier(half, "year")).toEqual({ from: "2025-05", to: "2025-10" });
    expect(choice.earlier({ from: "2025-01", to: "2026-06" }, "year")).toEqual({ from: "2023-01", to: "2024-06" });
  });
});

describe("what is chosen in trends", () => {
  test("is in the address, and what no view has is the default", () => {
    const known = address("show=rescue&by=maker&district=武江&firm=A&colour=red");
    expect(choice.chosenShow(known)).toBe("rescue");
    expect(choice.chosenBy("rescue", known)).toBe("maker");
    expect(choice.chosenFilters(known)).toEqual({ district: "武江", firm: "A" });
    const unknown = address("show=gossip&by=lift&against=never");
    expect(choice.chosenShow(unknown)).toBe("rates");
    expect(choice.chosenBy("rates", unknown)).toBe("district");
    expect(choice.chosenBy("ranking", unknown)).toBe("lift");
    expect(choice.chosenAgainst(unknown)).toBe("year");
  });

  test("every kind of figures can be divided by something, and a page of lifts by lifts alone", () => {
    for (const show of choice.SHOWS) expect(choice.BY[show].length, show).toBeGreaterThan(0);
    expect(choice.BY.lifts).toEqual(["lift"]);
  });

  test("leads from a group to its lifts, with what the group stands in; a lift to its page, and what has no name nowhere", () => {
    const period = { from: "2025-11", to: "2026-10" };
    const of = (by: Parameters<typeof choice.liftsOf>[0], key: string | null, within: string | null = null, filters = {}) =>
      choice.liftsOf(by, { key, within }, period, filters);
    expect(of("firm", "A & B", null, { district: "武江" })).toBe(
      "/trends?show=lifts&from=2025-11&to=2026-10&district=%E6%AD%A6%E6%B1%9F&firm=A+%26+B",
    );
    expect(of("building", "1栋", "曲江")).toContain(`&district=${encodeURIComponent("曲江")}&building=`);
    expect(of("model", "M1", "Maker")).toContain("&maker=Maker&model=M1");
    expect(of("lift", "L 1")).toBe("/lift/L%201");
    expect(of("all", "all")).toBe("/trends?show=lifts&from=2025-11&to=2026-10");
    expect(of("firm", null)).toBeNull();
  });

  test("ages stay in their order, unknown ones last", () => {
    const rows = ["25+", null, "0-4", "10-14"].map((key) => ({ key }));
    expect(choice.byAge(rows).map(({ key }) => key)).toEqual(["0-4", "10-14", "25+", null]);
  });
});

describe("what a figure of trends is worth", () => {
  const row = { ranked: true, flagged: false, fair: null, low: 0.5, high: 2 };

  test("too little is never ranked, and a flag goes before all else", () => {
    expect(standingOf({ ...row, ranked: false, flagged: true }, 1)).toBe("too-few");
    expect(standingOf({ ...row, flagged: true, fair: fair("very-low", 0, 0.5) }, 1)).toBe("twice");
  });

  test("the funnel decides where there is one: within it, an interval that leaves out the norm is the usual spread", () => {
    expect(standingOf({ ...row, fair: fair("very-high", 2, 3) }, 1)).toBe("far-above");
    expect(standingOf({ ...row, fair: fair("high", 1.2, 3) }, 1)).toBe("above");
    expect(standingOf({ ...row, fair: fair("low", 0.2, 0.9) }, 1)).toBe("below");
    expect(standingOf({ ...row, fair: fair("very-low", 0.1, 0.5) }, 1)).toBe("far-below");
    expect(standingOf({ ...row, fair: fair("within", 0.5, 2) }, 1)).toBe("within");
    expect(standingOf({ ...row, fair: fair("within", 1.1, 2) }, 1)).toBe("usual");
  });

  test("else the whole interval has to lie on one side; an open one lies above nothing less than its beginning", () => {
    expect(standingOf(row, 1)).toBe("within");
    expect(standingOf(row, null)).toBe("within");
    expect(standingOf(row, 0.4)).toBe("higher");
    expect(standingOf(row, 3)).toBe("lower");
    expect(standingOf({ ...row, high: null }, 3)).toBe("within");
    expect(rankOf(row, 0.4)).toBe("higher");
  });

  test("colour is for what is out alone", () => {
    expect((["twice", "far-above"] as const).every(isOut)).toBe(true);
    expect((["too-few", "above", "higher", "usual", "within", "lower", "below", "far-below"] as const).some(isOut)).toBe(false);
  });

  test("a change is one only where so many looks would not bring it by chance; where nothing was seen there is none", () => {
    expect(changeOf(counts(10), counts(11), 1).change).toBe("within");
    expect(changeOf(counts(10), counts(40), 1).change).toBe("worse");
    expect(changeOf(counts(40), counts(10), 1).change).toBe("better");
    expect(changeOf(counts(10), counts(23), 1).change).toBe("worse");
    expect(changeOf(counts(10), counts(23), 40).change).toBe("perhaps-worse");
    expect(changeOf(counts(23), counts(10), 40).change).toBe("perhaps-better");
    expect(changeOf(counts(0, 0), counts(9), 1).change).toBe("unknown");
    expect(changeOf(counts(0), counts(0), 1).change).toBe("unknown");
  });

  test("below a lift-month no rate is told, and what there is is said in the plural that it needs", () => {
    expect(isTooLittle(MONTH_DAYS * 0.99)).toBe(true);
    expect(isTooLittle(MONTH_DAYS)).toBe(false);
    expect(en.liftMonths(1)).toBe("1 lift-month");
    expect(en.liftMonths(1.04)).toBe("1 lift-month");
    expect(en.liftMonths(2.26)).toBe("2.3 lift-months");
    expect(en.liftMonths(1_234.4)).toBe("1,234 lift-months");
    expect(en.liftMonths(0.01)).toBe("7 lift-hours");
    expect(zh.liftMonths(0.01)).toBe("7 梯时");
    expect(en.rates.sentence(0, 0, "3 lift-months")).toBe("No stopping fault in 3 lift-months in service.");
    expect(en.rates.sentence(1, 1, "3 lift-months")).toMatch(/^1 stopping fault in .*; 1 of them begins an episode/);
    expect(en.rates.sentence(12, 3, "3 lift-months")).toMatch(/^12 stopping faults in .*; 3 of them begin an episode/);
    expect(en.rescue.sentence(1, "3 lift-months")).toBe("People were shut in once, in 3 lift-months in service.");
    expect(en.rescue.noneTimed(0)).toBe("nobody was shut in");
    expect(zh.rates.sentence(0, 0, "3 梯月")).toBe("在用 3 梯月，没有停梯故障。");
  });
});
