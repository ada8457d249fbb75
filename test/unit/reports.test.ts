/** Periods, changes, the visiting list and the formats of reports. */
import { describe, expect, test } from "vitest";
import { dayNumber } from "../../src/core/calendar.ts";
import { changeOf, changesOf } from "../../src/reports/changes.ts";
import { dueOf } from "../../src/reports/due.ts";
import { makeReport } from "../../src/reports/make.ts";
import { periodBefore, periodOf } from "../../src/reports/period.ts";
import { findChromium } from "../../src/reports/pdf.ts";
import { render } from "../../src/reports/render.ts";
import { scopeOf } from "../../src/verbs/report.ts";
import { Facts } from "../../src/trends/facts/facts.ts";
import { DUE_DAYS } from "../../src/reports/due.ts";
import { LINES } from "../../src/reports/spot-checks.ts";

const ZONE = "Asia/Shanghai";
const TODAY = dayNumber("2026-11-22");
const EVIL = `=<b>&"</b>`;

const register = Array.from({ length: 12 }, (_, index) => ({
  liftId: `L${index}`,
  kind: "passenger" as const,
  district: index < 6 ? "武江" : "浈江",
  building: index === 3 ? EVIL : `B${index % 3}`,
  firm: index % 2 === 0 ? "F1" : "F2",
  maker: "M1",
  installedOn: index === 0 ? "2001-01-01" : "2018-01-01",
  nextInspectionOn: index === 3 ? "2026-10-01" : "2027-08-01",
  insuredUntil: "2027-09-01",
  inService: true,
}));

function facts(): Facts {
  const made = new Facts(ZONE);
  for (const { liftId } of register) made.numberOf(liftId);
  for (let day = dayNumber("2026-08-01"); day <= dayNumber("2026-10-31"); day++)
    for (const { liftId } of register) made.days.record(made.numberOf(liftId), day, 86_400_000);
  for (const day of ["2026-10-02", "2026-10-10", "2026-10-20"]) made.faults.record(5, dayNumber(day), Date.parse(`${day}T12:00:00+08:00`));
  return made;
}

const store = { alerts: () => Promise.resolve({ rows: [], next: null }), changesAfter: () => Promise.resolve([]) };

function make(madeAt: number, made = facts()) {
  const sources = { population: { facts: made, register }, store, timezone: ZONE, operatorPositions: 1, program: "0.1.0", madeAt };
  return makeReport(sources, periodOf("monthly", "2026-10", TODAY), {});
}

function lift(nextInspectionOn: string, inService = true) {
  return { liftId: nextInspectionOn, nextInspectionOn, inService };
}

function stampless(page: Buffer): string {
  return page.toString().replace(/<footer>.*<\/footer>/, "");
}

describe("the period of a report", () => {
  test.each([
    ["daily", undefined, "2026-11-21", "2026-11-21", "2026-11-21"],
    ["weekly", undefined, "2026-W46", "2026-11-09", "2026-11-15"],
    ["weekly", "2026-W01", "2026-W01", "2025-12-29", "2026-01-04"],
    ["weekly", "2026-01-01", "2026-W01", "2025-12-29", "2026-01-04"],
    ["monthly", undefined, "2026-10", "2026-10-01", "2026-10-31"],
    ["monthly", "2024-02-29", "2024-02", "2024-02-01", "2024-02-29"],
  ] as const)("%s of %s is %s", (kind, date, name, first, last) => {
    expect(periodOf(kind, date, TODAY)).toEqual({ kind, name, first: dayNumber(first), last: dayNumber(last), complete: true });
  });

  test("that is not over ends today, and says so", () => {
    expect(periodOf("monthly", "2026-11", TODAY)).toMatchObject({ last: TODAY, complete: false });
  });

  test("before it is the whole one before", () => {
    expect(periodBefore(periodOf("monthly", "2026-03", TODAY))).toMatchObject({ name: "2026-02", last: dayNumber("2026-02-28") });
  });

  test.each([
    ["monthly", "2026-13"],
    ["monthly", "October"],
    ["daily", "2026-02-30"],
    ["weekly", "2026-W54"],
    ["weekly", "2025-W53"],
    ["daily", "2026-11-23"],
  ] as const)("%s of %s is refused in words", (kind, date) => {
    expect(() => periodOf(kind, date, TODAY)).toThrow(/date: (?:expected|found)/);
  });
});

describe("what changed", () => {
  test("a bare difference of few faults is no change", () => {
    expect(changeOf({ events: 3, exposure: 100 }, { events: 6, exposure: 100 })).toMatchObject({ verdict: "same", ratio: 2 });
    expect(changeOf({ events: 30, exposure: 100 }, { events: 60, exposure: 100 }).verdict).toBe("up");
    expect(changeOf({ events: 60, exposure: 100 }, { events: 30, exposure: 100 }).verdict).toBe("down");
    expect(changeOf({ events: 0, exposure: 0 }, { events: 6, exposure: 100 }).verdict).toBe("unknown");
  });

  test("of twenty groups the one that chance would give is not told, and the real one is", () => {
    const quiet = Array.from({ length: 18 }, () => ({ before: { events: 10, exposure: 100 }, after: { events: 10, exposure: 100 } }));
    const chance = { before: { events: 8, exposure: 100 }, after: { events: 20, exposure: 100 } };
    const real = { before: { events: 10, exposure: 100 }, after: { events: 60, exposure: 100 } };
    expect(changeOf(chance.before, chance.after).verdict).toBe("up");
    const found = changesOf([chance, ...quiet, real]).map(({ verdict }) => verdict);
    expect([found[0], found.at(-1)]).toEqual(["same", "up"]);
  });

  test("p values are adjusted as R's p.adjust(method = 'holm') does", () => {
    const pairs = [12, 22, 30].map((events) => ({ before: { events: 10, exposure: 1 }, after: { events, exposure: 1 } }));
    const [a, b, c] = pairs.map(({ before, after }) => changeOf(before, after).p) as [number, number, number];
    const [first, second, third] = changesOf(pairs).map(({ p }) => p) as [number, number, number];
    expect(third).toBeCloseTo(Math.min(1, 3 * c), 12);
    expect(second).toBeCloseTo(Math.min(1, Math.max(3 * c, 2 * b)), 12);
    expect(first).toBeCloseTo(Math.min(1, Math.max(3 * c, 2 * b, a)), 12);
  });
});

test("a lift is due to the last of sixty days, past the day after its date, and not at all out of use", () => {
  const asOf = dayNumber("2026-10-31");
  const due = dueOf([lift("2026-10-30"), lift("2026-10-31"), lift("2026-12-30"), lift("2026-12-31"), lift("2026-11-01", false)], asOf);
  expect(due.inspection).toEqual({ past: 1, due: 2, unknown: 0 });
  expect(due.insurance.unknown).toBe(4);
  expect(due.rows.map(({ on, days }) => [on, days])).toEqual([
    ["2026-10-30", -1],
    ["2026-10-31", 0],
    ["2026-12-30", DUE_DAYS],
  ]);
});

describe("a report", () => {
  test("lists lifts by points, each with its reasons", async () => {
    const { spotChecks, chronic } = await make(0);
    expect(chronic.rows).toMatchObject([{ liftId: "L5", faults: 3 }]);
    expect(spotChecks.rows.length).toBeLessThanOrEqual(LINES.monthly);
    expect(spotChecks.rows.map(({ liftId, points }) => [liftId, points])).toEqual([
      ["L5", 45],
      ["L3", 30],
      ["L0", 10],
    ]);
    expect(spotChecks.rows[0]?.reasons.map(({ code }) => code)).toEqual(["rate-flagged", "chronic"]);
    expect(spotChecks.rows[1]?.reasons).toEqual([{ code: "inspection-overdue", points: 30, value: 30 }]);
    expect(spotChecks.rows.find(({ liftId }) => liftId === "L0")?.reasons).toMatchObject([{ code: "old", points: 10, value: 25 }]);
    for (const { points, reasons } of spotChecks.rows) expect(points).toBe(reasons.reduce((sum, reason) => sum + reason.points, 0));
  });

  test("has the same bytes for the same facts, but for its stamp", async () => {
    const [one, two, later] = [await make(1_000), await make(1_000), await make(99_000_000)];
    for (const format of ["html", "csv", "json"] as const)
      for (const lang of ["en", "zh"] as const) expect(await render(one, format, lang)).toEqual(await render(two, format, lang));
    expect(stampless(await render(one, "html", "zh"))).toBe(stampless(await render(later, "html", "zh")));
    expect((await render(one, "html", "zh")).equals(await render(later, "html", "zh"))).toBe(false);
    expect(await render(one, "csv", "zh")).toEqual(await render(later, "csv", "zh"));
  });

  test.each(["en", "zh"] as const)("as a page in %s escapes what the register says and has no NaN", async (lang) => {
    const html = (await render(await make(0), "html", lang)).toString();
    expect(html).toContain("=&lt;b&gt;&amp;&quot;&lt;/b&gt;");
    expect(html).not.toContain(EVIL);
    expect(html).not.toMatch(/NaN|undefined|Infinity|\[object|<script/);
    expect(html).toContain("<svg ");
    expect(html).toContain("@page { size: A4");
  });

  test("says of a month whether work helped, where there was any, and in every format", async () => {
    expect((await make(0)).works).toBeNull();
    const made = facts();
    for (const lift of [1, 5]) made.works.add(lift, { at: Date.parse("2026-09-01T08:00:00Z"), until: null, work: "repair", note: null });
    const report = await make(0, made);
    expect(report.works).toMatchObject({
      from: "2025-11-01",
      to: "2026-10-31",
      days: 180,
      by: "firm",
      rows: [{ work: "repair", by: "all", counted: 2 }],
    });
    expect(report.works!.rows[0]!.episodes).toBe(3);
    expect(report.works!.sources[0]).toContain("/api/trends/before-after?by=all&work=repair&days=180&from=2025-11-01");
    for (const lang of ["en", "zh"] as const) {
      const html = (await render(report, "html", lang)).toString();
      expect(html).not.toMatch(/NaN|undefined|Infinity|\[object/);
      expect(html).toContain(lang === "en" ? "Did work on lifts help?" : "作业之后故障是否减少");
    }
    expect((await render(report, "csv", "en")).toString()).toMatch(/^works,.*repair,all together,2,2,/m);
  });

  test("as CSV makes a text of what a spreadsheet would take for a formula", async () => {
    const csv = (await render(await make(0), "csv", "en")).toString();
    expect(csv).toContain(`"'=<b>&""</b>"`);
    expect(csv.split("\n")[0]).toMatch(/^table,measure,now,nowLow,nowHigh,before/);
  });

  test("as a spreadsheet is a zip of sheets", async () => {
    expect((await render(await make(0), "xlsx", "zh")).subarray(0, 4).toString("latin1")).toBe("PK\u0003\u0004");
  });
});

test("a scope names columns of the register, once each", () => {
  expect(scopeOf(["district=武江", "firm=A=B"])).toEqual({ district: "武江", firm: "A=B" });
  expect(() => scopeOf(["maker=X"])).toThrow("--scope: expected district=NAME, firm=NAME or userUnit=NAME; found maker=X");
  expect(() => scopeOf(["firm=A", "firm=B"])).toThrow("--scope: firm is given twice");
});

test("where no browser is on the path, none is found", async () => {
  expect(await findChromium({ PATH: "/nowhere" })).toBeNull();
  expect(await findChromium({ PATH: "/nowhere", HOISTWAY_CHROMIUM: "/nowhere/chromium" })).toBeNull();
});
