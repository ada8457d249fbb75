import { describe, expect, test } from "vitest";
import type { LoadAlert, LoadChange, OperatorLoadReport } from "../../src/reports/load-figures.ts";
import { changeOf } from "../../src/reports/load-lines.ts";
import { operatorLoadSchema } from "../../src/reports/load-schema.ts";
import { loadText } from "../../src/reports/load-text.ts";
import { OperatorLoad } from "../../src/reports/operator-load.ts";

/** 2026-01-01 00:00 in Asia/Shanghai. */
const START = Date.UTC(2025, 11, 31, 16);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * A table of changes that a person can read: `MINUTES change ID hazard priority [name=value…]`; the lift is the id's part before `/`.
 * `cleared` and what follows it is of an alert that is over.
 */
function changes(table: string): LoadChange[] {
  const begun = new Map<string, LoadAlert>();
  return table
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const [minutes = "", change = "", id = "", ...rest] = line.split(/\s+/);
      const at = START + Number(minutes) * MINUTE;
      const words = rest.filter((word) => !word.includes("="));
      const before = begun.get(id);
      const alert = {
        id,
        liftId: id.split("/")[0] ?? "",
        hazard: words[0] ?? before?.hazard ?? "silent",
        priority: words[1] ?? before?.priority ?? "high",
        state: change === "cleared" ? "cleared" : (before?.state ?? "active"),
        suppressedBy: null,
        shelvedUntil: null,
        detectedAt: before?.detectedAt ?? at,
        occurrences: before?.occurrences ?? 1,
        groupId: null,
        ...Object.fromEntries(
          rest.filter((word) => word.includes("=")).map((word) => [word.split("=")[0], JSON.parse(word.split("=")[1] ?? "")]),
        ),
      } as LoadAlert;
      begun.set(id, alert);
      return { at, change: change as LoadChange["change"], alert };
    });
}

interface Period {
  readonly from?: number;
  readonly minutes?: number;
  readonly positions?: number;
}

function reportOf(list: readonly LoadChange[], { from = START, minutes = 1_440, positions = 1 }: Period = {}): OperatorLoadReport {
  const load = new OperatorLoad({ from, to: START + minutes * MINUTE, positions, timezone: "Asia/Shanghai" });
  for (const change of list) load.take(change);
  const report = load.report();
  operatorLoadSchema.parse(report);
  return report;
}

/** So many alerts, each raised at its minute and cleared an hour later. */
const bursts = (counts: readonly (readonly [number, number])[]): LoadChange[] =>
  changes(
    counts
      .flatMap(([minute, count]) => Array.from({ length: count }, (_, n) => `${minute} raised L${minute}_${n}/1 silent high`))
      .join("\n"),
  );

describe("a page", () => {
  test("is counted once, however often the alert is told of after it", () => {
    const report = reportOf(
      changes(`
        0   raised       L1/1 entrapment critical
        1   confirmed    L1/1
        2   updated      L1/1
        3   acknowledged L1/1
        9   cleared      L1/1
        10  acknowledged L1/1`),
    );
    expect([report.pages, report.mix.critical.pages]).toEqual([1, 1]);
  });
  test("is not what is suppressed, shelved, low, or owned by a mass event; and each of these is counted", () => {
    const report = reportOf(
      changes(`
        0   suppressed L1/1 overspeed high suppressedBy="mode:inspection"
        1   raised     L2/1 door-held-open low
        2   raised     L3/1 silent medium groupId="M" suppressedBy="group:M"
        3   raised     L4/1 silent high
        4   shelved    L4/1 silent high shelvedUntil=${START + HOUR}
        5   raised     M/1 mass-event high groupId="M/1"`),
    );
    const { pages, suppressed, low, owned, shelved } = report;
    expect({ pages, suppressed, low, owned, shelved }).toEqual({ pages: 2, suppressed: 1, low: 1, owned: 1, shelved: 1 });
    expect(report.topTen.map(({ liftId }) => liftId)).toEqual(["L4", "M"]);
  });
  test("is what trapped people in a mass event are, one by one", () => {
    expect(
      reportOf(changes(`0 raised L1/1 entrapment critical groupId="M"\n 0 raised L2/1 entrapment-at-level critical groupId="M"`)).pages,
    ).toBe(2);
  });
  test("is what was suppressed and goes on when the mode is left, what was low and is no longer, and what comes off the shelf", () => {
    const report = reportOf(
      changes(`
        0    suppressed L1/1 entrapment critical suppressedBy="mode:inspection"
        30   raised     L1/1 entrapment critical
        0    raised     L2/1 door-cycling low
        40   updated    L2/1 door-cycling medium
        0    raised     L3/1 silent medium
        1    shelved    L3/1 silent medium shelvedUntil=${START + 50 * MINUTE}
        50   unshelved  L3/1 silent medium`).sort((a, b) => a.at - b.at),
    );
    expect(report.pages).toBe(4);
    expect(report.topTen.map(({ liftId, pages }) => `${liftId} ${pages}`)).toEqual(["L3 2", "L1 1", "L2 1"]);
  });
  test("is not counted again for an alert that began before the period", () => {
    const list = changes("0 raised L1/1 silent high\n 70 confirmed L1/1\n 80 raised L2/1 silent high");
    expect(reportOf(list, { from: START + HOUR }).pages).toBe(1);
    expect(reportOf(list.slice(1), { from: START + HOUR }).pages).toBe(1);
  });
  test("belongs to the period from its beginning up to, not with, its end", () => {
    const list = changes("59 raised L1/1 silent high\n 60 raised L2/1 silent high\n 120 raised L3/1 silent high");
    expect(reportOf(list, { from: START + HOUR, minutes: 120 }).topTen.map(({ liftId }) => liftId)).toEqual(["L2"]);
  });
});

describe("the averages", () => {
  test("are per day and per ten minutes of the period, each divided by the positions", () => {
    const report = reportOf(
      bursts([
        [0, 30],
        [600, 6],
        [1_500, 12],
      ]),
      { minutes: 2_880, positions: 2 },
    );
    expect(report.perDay).toEqual({ average: 12, peak: 18, peakDay: "2026-01-01" });
    expect(report.per10Min).toEqual({ average: 48 / 2 / 288, peak: 15, peakAt: START });
    expect(report.days).toEqual([
      { day: "2026-01-01", pages: 36, perPosition: 18 },
      { day: "2026-01-02", pages: 12, perPosition: 6 },
    ]);
  });
  test("count days by the site's zone: what comes at 23:59 there and at 00:00 are of two days", () => {
    const report = reportOf(changes("1439 raised L1/1 silent high\n 1440 raised L2/1 silent high"), { minutes: 2_880 });
    expect(report.days.map(({ pages }) => pages)).toEqual([1, 1]);
  });
  test.each([
    [150, "acceptable"],
    [151, "manageable"],
    [300, "manageable"],
    [301, "too-many"],
  ])("make %i pages a day %s", (count, verdict) => {
    expect(reportOf(bursts([[5, count]])).verdict).toBe(verdict);
  });
  test("of less than a day are no ground for a verdict", () => {
    expect(reportOf(bursts([[5, 1_000]]), { minutes: 1_439 }).verdict).toBe("too-short");
  });
  test("name the days above each figure though the average is below", () => {
    const report = reportOf(
      bursts([
        [0, 301],
        [1_440, 151],
      ]),
      { minutes: 7 * 1_440 },
    );
    expect([report.verdict, report.daysAboveAcceptable, report.daysAboveMost]).toEqual(["acceptable", 2, 1]);
  });
});

describe("a flood", () => {
  test("begins with more than 10 in ten minutes and ends before the first ten with fewer than 5", () => {
    //                                     10      11      5       10      4       11
    const report = reportOf(
      bursts([
        [0, 10],
        [10, 11],
        [20, 5],
        [30, 10],
        [40, 4],
        [50, 11],
      ]),
      { minutes: 100 },
    );
    expect(report.floods).toEqual({
      count: 2,
      windows: 10,
      windowsInFlood: 4,
      share: 0.4,
      largest: [
        { from: START + 10 * MINUTE, to: START + 40 * MINUTE, pages: 26 },
        { from: START + 50 * MINUTE, to: START + 60 * MINUTE, pages: 11 },
      ],
    });
  });
  test("of one position is none for two", () => {
    expect(reportOf(bursts([[0, 20]]), { positions: 2 }).floods.count).toBe(0);
    expect(reportOf(bursts([[0, 21]]), { positions: 2 }).floods.count).toBe(1);
  });
  test("is not what a mass event owns: a district's power cut is one page", () => {
    const members = Array.from({ length: 400 }, (_, n) => `1 raised L${n}/1 silent medium groupId="M/1"`);
    const report = reportOf(changes([`1 raised M/1 mass-event high groupId="M/1"`, ...members].join("\n")));
    expect([report.pages, report.owned, report.floods.count]).toEqual([1, 400, 0]);
  });
});

/** A raise and a clear, minutes. */
const cycle = (n: number, from: number, to: number) => `${from} raised L1/${n} silent high\n ${to} cleared L1/${n}`;

describe("chattering", () => {
  test("is a hazard of a lift that ends three times in a minute", () => {
    const table = [cycle(1, 0, 0.1), cycle(2, 0.5, 0.6), cycle(3, 1, 1.1)].join("\n");
    expect(reportOf(changes(table)).chattering).toEqual({ count: 1, alerts: [{ liftId: "L1", hazard: "silent", times: 1 }] });
  });
  test("is not one that takes longer for it, or three lifts", () => {
    expect(reportOf(changes([cycle(1, 0, 0.1), cycle(2, 0.5, 0.6), cycle(3, 1, 1.2)].join("\n"))).chattering.count).toBe(0);
    const lifts = [1, 2, 3].map((n) => `0 raised L${n}/1 silent high\n 0.1 cleared L${n}/1`);
    expect(reportOf(changes(lifts.join("\n"))).chattering.count).toBe(0);
  });
  test("is what the monitor holds in one alert and says so, once", () => {
    const table = `
      0    raised  L1/1 silent high
      0.1  cleared L1/1
      0.2  raised  L1/2 silent high
      0.3  cleared L1/2
      0.4  raised  L1/3 silent high occurrences=3 chattering=true
      0.6  updated L1/3 silent high occurrences=9 chattering=true
      3    cleared L1/3 silent high occurrences=9 chattering=true`;
    expect(reportOf(changes(table))).toMatchObject({ pages: 3, chattering: { count: 1, alerts: [{ liftId: "L1", times: 1 }] } });
  });
  test("is seen within one alert that holds its recurrences together", () => {
    const table = "0 raised L1/1 silent high\n 0.2 updated L1/1 silent high occurrences=3\n 0.5 cleared L1/1 silent high occurrences=3";
    expect(reportOf(changes(table)).chattering.count).toBe(1);
  });
});

describe("stale", () => {
  test("is what asked for an operator and was active for a day, over by now or not", () => {
    const list = changes(`
      0     raised  L1/1 silent medium
      1     raised  L2/1 door-held-open low
      2     raised  L3/1 reported-fault high
      3     raised  L4/1 silent high
      1442  cleared L3/1
      1442  cleared L4/1`);
    const { stale } = reportOf(list, { minutes: 1_500 });
    expect(stale.count).toBe(2);
    expect(stale.longest).toEqual([
      { id: "L1/1", liftId: "L1", hazard: "silent", priority: "medium", activeMs: 1_500 * MINUTE },
      { id: "L3/1", liftId: "L3", hazard: "reported-fault", priority: "high", activeMs: DAY },
    ]);
  });
  test("is also what stands since before anything that was told in the period", () => {
    const load = new OperatorLoad({ from: START, to: START + HOUR, positions: 1, timezone: "Asia/Shanghai" });
    for (const { alert } of changes("-1500 raised L1/1 silent medium\n -30 raised L2/1 silent medium\n 90 raised L3/1 silent medium"))
      load.standing(alert);
    expect(load.report()).toMatchObject({ pages: 0, stale: { count: 1, longest: [{ id: "L1/1", activeMs: 26 * HOUR }] } });
  });
});

test("the mix of priorities is of pages, beside 5, 15 and 80 in a hundred", () => {
  const { mix } = reportOf(
    changes(
      "0 raised A/1 silent medium\n 0 raised B/1 silent medium\n 0 raised C/1 silent high\n 0 raised D/1 overspeed critical\n 0 raised E/1 silent low",
    ),
  );
  expect(mix).toEqual({
    critical: { pages: 1, share: 0.25, target: 0.05 },
    high: { pages: 1, share: 0.25, target: 0.15 },
    medium: { pages: 2, share: 0.5, target: 0.8 },
  });
});

test("the top ten are the hazards of lifts with the most pages, with their share of all", () => {
  const table = Array.from({ length: 12 }, (_, lift) =>
    Array.from({ length: lift + 1 }, (_each, n) => `${n} raised L${lift}/${n} silent high`).join("\n"),
  ).join("\n");
  const report = reportOf(changes(table));
  expect(report.pages).toBe(78);
  expect(report.topTen).toHaveLength(10);
  expect(report.topTen[0]).toEqual({ liftId: "L11", hazard: "silent", pages: 12, share: 12 / 78 });
  expect(report.topTenShare).toBeCloseTo(75 / 78, 12);
});

test("nothing at all is a report, too", () => {
  const report = reportOf([]);
  expect(report).toMatchObject({ pages: 0, verdict: "acceptable", topTen: [], floods: { count: 0, share: 0 } });
  expect(report.per10Min.peakAt).toBeNull();
  expect(loadText(report, "en", "Asia/Shanghai")).toContain("acceptable");
});

test("the tables say the same in both languages", () => {
  const report = reportOf(
    bursts([
      [10, 11],
      [30, 2],
    ]),
  );
  const [en, zh] = [loadText(report, "en", "Asia/Shanghai"), loadText(report, "zh", "Asia/Shanghai")];
  expect(en).toContain("Operator load, 2026-01-01 00:00 to 2026-01-02 00:00 (Asia/Shanghai), 1 position");
  expect(en).toMatch(/a day +13 +13 {2}2026-01-01/);
  expect(en).toMatch(/high +13 +100 % +15 %/);
  expect(zh).toMatch(/每日 +13 +13 {2}2026-01-01/);
  expect(zh).toContain("可接受");
  expect(zh).toContain("信号中断");
  expect(en.split("\n")).toHaveLength(zh.split("\n").length);
});

describe("a line of an alerts file", () => {
  const alert = {
    id: "A",
    liftId: "L1",
    hazard: "silent",
    priority: "high",
    state: "active",
    suppressedBy: null,
    shelvedUntil: null,
    detectedAt: 5,
    clearedAt: null,
    occurrences: 1,
    groupId: null,
  };
  test("is a change, or another frame of a feed that is passed over", () => {
    expect(changeOf(JSON.stringify({ type: "change", change: "raised", alert }))).toMatchObject({ at: 5, change: "raised" });
    expect(
      changeOf(JSON.stringify({ type: "change", change: "cleared", alert: { ...alert, state: "cleared", clearedAt: 9 } })),
    ).toMatchObject({ at: 9 });
    expect(changeOf(JSON.stringify({ type: "heartbeat", cursor: "x:1", at: 3 }))).toBeNull();
  });
  test("is refused by the field that is wrong", () => {
    expect(changeOf("{")).toMatchObject({ problem: expect.stringContaining("expected JSON") });
    expect(changeOf(JSON.stringify({ type: "change", change: "raised", alert: { ...alert, hazard: "fire" } }))).toMatchObject({
      problem: expect.stringContaining("alert.hazard"),
    });
  });
});
