import { describe, expect, test } from "vitest";
import type { Hazard } from "../../src/core/effects.ts";
import { share, within, type HazardFigures } from "../../src/score/figures.ts";
import { AlertFold, isProblem, saidOf, truthOf } from "../../src/score/files.ts";
import { match, type Verdict } from "../../src/score/matching.ts";
import { scoreOf, scoreText, type Score } from "../../src/score/report.ts";
import { Unjudged } from "../../src/score/unjudged.ts";
import { timelinePage, timelineSvg } from "../../src/score/timeline.ts";
import { alertLines, at, frame, truthLine } from "../score-files.ts";

const HOUR_S = 3_600;

function events(lines: readonly string[]) {
  return lines.map((line) => {
    const event = truthOf(line);
    if (isProblem(event)) throw new Error(event.problem);
    return event;
  });
}

function alerts(lines: readonly string[]) {
  const fold = new AlertFold();
  for (const line of lines) expect(fold.add(line)).toBeNull();
  return fold.alerts();
}

/** Scores lines over an hour of two lifts, which is a twelfth of a lift-day. */
function scored(
  truth: readonly string[],
  told: readonly string[],
  toleranceS = 10,
  fromS = 0,
  toS = HOUR_S,
  judging: readonly string[] | null = null,
): Score {
  const period = { from: at(fromS), to: at(toS) };
  const unjudged = new Unjudged();
  for (const line of judging ?? []) {
    const said = saidOf(line);
    expect(!isProblem(said) && unjudged.add(said)).toBe(true);
  }
  const matching = within(
    match(events(truth), alerts(told), toleranceS * 1_000, (event) => unjudged.has(event)),
    period,
  );
  return scoreOf(matching, {
    period,
    periodFrom: "flag",
    periodTo: "flag",
    lifts: 2,
    liftsFrom: "files",
    toleranceS,
    liftsOnlyInTruth: 0,
    liftsOnlyInAlerts: 0,
    liftsNotInFleet: null,
    eventsOutside: 0,
    alertsOutside: 0,
    changes: told.length,
    otherFrames: 0,
    said: judging === null ? null : judging.length,
  });
}

function verdicts(truth: readonly string[], told: readonly string[]): Verdict[] {
  return match(events(truth), alerts(told), 10_000).alerts.map(({ verdict }) => verdict);
}

function row(score: Score, hazard: Hazard): HazardFigures {
  const figures = score.hazards.find((candidate) => candidate.hazard === hazard);
  if (figures === undefined) throw new Error(`no row of ${hazard}`);
  return figures;
}

interface Case {
  readonly name: string;
  readonly truth: readonly string[];
  readonly told: readonly string[];
  readonly expected: Partial<HazardFigures>;
}

const overspeed = (lift: string, fromS: number, toS: number) => truthLine(lift, "overspeed", fromS, toS);

describe("a table of truth and alerts of overspeed", () => {
  const cases: readonly Case[] = [
    {
      name: "one event and one alert in it",
      truth: [overspeed("A", 100, 110)],
      told: alertLines("A", "overspeed", 102, { clearedS: 112 }),
      expected: { events: 1, found: 1, missed: 0, alerts: 1, right: 1, false: 0, delay: { count: 1, medianMs: 2_000, p95Ms: 2_000 } },
    },
    {
      name: "an event without an alert is missed",
      truth: [overspeed("A", 100, 110)],
      told: [],
      expected: { events: 1, found: 0, missed: 1, alerts: 0, precision: null, delay: null, falsePerLiftDay: 0 },
    },
    {
      name: "an alert without an event is false, and counts by the exposure",
      truth: [],
      told: alertLines("A", "overspeed", 100),
      expected: { events: 0, recall: null, alerts: 1, right: 0, false: 1, falsePerLiftDay: 12 },
    },
    {
      name: "an alert of another lift at the same time is false",
      truth: [overspeed("A", 100, 110)],
      told: alertLines("B", "overspeed", 102),
      expected: { events: 1, found: 0, missed: 1, false: 1 },
    },
    {
      name: "more alerts of one event are repeats; the first one's delay counts",
      truth: [overspeed("A", 100, 160)],
      told: [104, 120, 150].flatMap((second) => alertLines("A", "overspeed", second, { clearedS: second + 5 })),
      expected: { events: 1, found: 1, alerts: 3, right: 1, repeats: 2, false: 0, delay: { count: 1, medianMs: 4_000, p95Ms: 4_000 } },
    },
    {
      name: "exactly the tolerance before the onset belongs to the event",
      truth: [overspeed("A", 100, 110)],
      told: alertLines("A", "overspeed", 90),
      expected: { found: 1, right: 1, delay: { count: 1, medianMs: -10_000, p95Ms: -10_000 } },
    },
    {
      name: "exactly the tolerance after the end belongs to the event",
      truth: [overspeed("A", 100, 110)],
      told: alertLines("A", "overspeed", 120),
      expected: { found: 1, right: 1 },
    },
    {
      name: "a millisecond more on either side does not",
      truth: [overspeed("A", 100, 110)],
      told: [...alertLines("A", "overspeed", 89.999), ...alertLines("A", "overspeed", 120.001)],
      expected: { found: 0, missed: 1, false: 2 },
    },
    {
      name: "an alert that begins in two overlapping events finds both",
      truth: [overspeed("A", 100, 140), overspeed("A", 120, 160)],
      told: alertLines("A", "overspeed", 130),
      expected: { events: 2, found: 2, carried: 0, alerts: 1, right: 1, delay: { count: 2, medianMs: 20_000, p95Ms: 29_000 } },
    },
    {
      name: "an alert that goes on into the next event finds it without a delay",
      truth: [overspeed("A", 100, 110), overspeed("A", 300, 310)],
      told: alertLines("A", "overspeed", 101, { clearedS: 305 }),
      expected: { events: 2, found: 2, carried: 1, alerts: 1, right: 1, delay: { count: 1, medianMs: 1_000, p95Ms: 1_000 } },
    },
    {
      name: "an alert that is never cleared finds nothing that begins after it, unless it was right at first",
      truth: [overspeed("A", 300, 310)],
      told: alertLines("A", "overspeed", 100),
      expected: { events: 1, found: 0, missed: 1, false: 1 },
    },
    {
      name: "an event has its own alert before one that goes on",
      truth: [overspeed("A", 100, 110), overspeed("A", 300, 310)],
      told: [...alertLines("A", "overspeed", 101), ...alertLines("A", "overspeed", 302)],
      expected: { found: 2, carried: 0, right: 2, delay: { count: 2, medianMs: 1_500, p95Ms: 1_950 } },
    },
    {
      name: "a device whose clock is an hour off is matched by the monitor's",
      truth: [overspeed("A", 100, 110)],
      told: alertLines("A", "overspeed", 102, { raisedS: 102 + HOUR_S }),
      expected: { found: 1, right: 1, delay: { count: 1, medianMs: 2_000, p95Ms: 2_000 } },
    },
    {
      name: "a backlog is matched by the device's clock, and its delay is as long as people waited",
      truth: [overspeed("A", 100, 110)],
      told: alertLines("A", "overspeed", 700, { raisedS: 101, clearedS: 710 }),
      expected: { found: 1, right: 1, delay: { count: 1, medianMs: 600_000, p95Ms: 600_000 } },
    },
    {
      name: "an alert suppressed by design is neither right nor false, and finds nothing",
      truth: [overspeed("A", 100, 110)],
      told: [
        ...alertLines("A", "overspeed", 102, { suppressedBy: "inspection", clearedS: 112 }),
        ...alertLines("B", "overspeed", 102, { suppressedBy: "inspection" }),
      ],
      expected: { found: 0, missed: 1, suppressedMissed: 1, mistaken: 0, alerts: 0, suppressed: 2, false: 0, precision: null },
    },
    {
      name: "one that is raised when the mode ends counts from then on",
      truth: [overspeed("A", 100, 200)],
      told: [
        ...alertLines("A", "overspeed", 102, { id: "x", suppressedBy: "inspection" }),
        frame("raised", 150, JSON.parse(alertLines("A", "overspeed", 102, { id: "x" })[0] ?? "").alert as object),
      ],
      expected: { found: 1, right: 1, suppressed: 0, delay: { count: 1, medianMs: 50_000, p95Ms: 50_000 } },
    },
    {
      name: "an alert that becomes confirmed is counted among those found",
      truth: [overspeed("A", 100, 160), overspeed("B", 100, 160)],
      told: [...alertLines("A", "overspeed", 102, { confirmedS: 110 }), ...alertLines("B", "overspeed", 102)],
      expected: { found: 2, confirmed: 1 },
    },
    {
      name: "an event that began before the period is flagged and has no delay",
      truth: [overspeed("A", -50, 20)],
      told: alertLines("A", "overspeed", 5),
      expected: { events: 1, found: 1, cutOff: 1, cutOffMissed: 0, delay: null },
    },
    {
      name: "an event that lasts to the end of the period is flagged when it is missed",
      truth: [overspeed("A", HOUR_S - 5, HOUR_S)],
      told: [],
      expected: { events: 1, missed: 1, cutOff: 1, cutOffMissed: 1 },
    },
    {
      name: "what lies outside the period does not count",
      truth: [overspeed("A", -50, -20), overspeed("B", HOUR_S + 20, HOUR_S + 30)],
      told: [...alertLines("A", "overspeed", -40), ...alertLines("B", "overspeed", 20)],
      expected: { events: 0, alerts: 1, false: 1 },
    },
  ];
  test.each(cases)("$name", ({ truth, told, expected }) => {
    const figures = row(scored(truth, told), "overspeed");
    expect(figures).toMatchObject(expected);
    expect(figures.found + figures.missed).toBe(figures.events);
    expect(figures.right + figures.repeats + figures.confused + figures.false).toBe(figures.alerts);
  });
});

describe("hazards that are taken for each other", () => {
  const stuck = truthLine("A", "entrapment", 100, 300);

  test("an entrapment told as one at a landing is missed, and the alert confused, not false", () => {
    const score = scored([stuck], alertLines("A", "entrapment-at-level", 160));
    expect(row(score, "entrapment")).toMatchObject({ events: 1, found: 0, missed: 1, mistaken: 1 });
    expect(row(score, "entrapment-at-level")).toMatchObject({ events: 0, alerts: 1, confused: 1, false: 0, precision: { value: 0 } });
    expect(score.confusion).toEqual([{ truth: "entrapment", told: "entrapment-at-level", count: 1 }]);
  });

  test("an alert beside the right one shows in the confusion table and costs its own hazard precision", () => {
    const score = scored([stuck], [...alertLines("A", "stopped-outside-door-zone", 160), ...alertLines("A", "entrapment", 131)]);
    expect(row(score, "entrapment")).toMatchObject({ found: 1, mistaken: 0, precision: { value: 1 } });
    expect(row(score, "stopped-outside-door-zone")).toMatchObject({ confused: 1, false: 0 });
    expect(score.confusion).toEqual([
      { truth: "entrapment", told: "entrapment", count: 1 },
      { truth: "entrapment", told: "stopped-outside-door-zone", count: 1 },
    ]);
  });

  test("an unrelated alert meanwhile is false, and stands in the table under what was there", () => {
    const score = scored([stuck], alertLines("A", "overspeed", 150));
    expect(row(score, "overspeed")).toMatchObject({ confused: 0, false: 1 });
    expect(score.confusion).toEqual([
      { truth: "entrapment", told: "overspeed", count: 1 },
      { truth: null, told: "overspeed", count: 1 },
    ]);
  });

  test("a fault that the controller reports meanwhile is not false", () => {
    expect(verdicts([stuck], alertLines("A", "reported-fault", 101))).toEqual(["confused"]);
    expect(verdicts([stuck], alertLines("A", "reported-fault", 400))).toEqual(["false"]);
  });

  test("what was told of nothing, and what nobody was told of, stand in the table", () => {
    const score = scored([stuck], alertLines("B", "entrapment", 150));
    expect(score.confusion).toEqual([
      { truth: "entrapment", told: null, count: 1 },
      { truth: null, told: "entrapment", count: 1 },
    ]);
  });
});

describe("mass events", () => {
  const outage = truthLine(["A", "B", "C"], "mass-event", 100, 400);

  test("one alert that names its members finds the event, whichever of them it is filed under", () => {
    const score = scored([outage], alertLines("C", "mass-event", 130, { details: { liftIds: ["A", "B", "C"] } }));
    expect(row(score, "mass-event")).toMatchObject({ events: 1, found: 1, right: 1, alerts: 1, false: 0 });
  });

  test("alerts that it owns are no pages: they find their own events, and are never false", () => {
    const told = [
      ...alertLines("A", "mass-event", 130, { id: "mass" }),
      ...["A", "B", "C"].flatMap((lift) => alertLines(lift, "silent", 280, { groupId: "mass" })),
    ];
    const score = scored([outage, truthLine("B", "silent", 100, 400)], told);
    expect(row(score, "mass-event")).toMatchObject({ events: 1, found: 1, alerts: 1, right: 1 });
    expect(row(score, "silent")).toMatchObject({ events: 1, found: 1, alerts: 0, owned: 3, false: 0, confused: 0 });
  });

  test("an alert that was suppressed in favour of the mass event finds its own event, unless nobody was told of the mass event", () => {
    const owned = alertLines("B", "silent", 280, { groupId: "mass", suppressedBy: "group:mass" });
    const silence = truthLine("B", "silent", 100, 400);
    const told = scored([outage, silence], [...alertLines("A", "mass-event", 130, { id: "mass" }), ...owned]);
    expect(row(told, "silent")).toMatchObject({ events: 1, found: 1, alerts: 0, owned: 1, suppressed: 0 });
    const untold = scored(
      [outage, silence],
      [...alertLines("A", "mass-event", 130, { id: "mass", suppressedBy: "mode:inspection" }), ...owned],
    );
    expect(row(untold, "silent")).toMatchObject({ events: 1, found: 0, suppressed: 1 });
  });

  test("an alert filed elsewhere finds it through the alerts that it owns", () => {
    const told = [...alertLines("gateway", "mass-event", 130, { id: "mass" }), ...alertLines("B", "silent", 280, { groupId: "mass" })];
    expect(row(scored([outage], told), "mass-event")).toMatchObject({ found: 1, false: 0 });
  });

  test("silences told one by one are confused, and the event is missed", () => {
    const told = ["A", "B", "C"].flatMap((lift) => alertLines(lift, "silent", 280));
    const score = scored([outage], told);
    expect(row(score, "mass-event")).toMatchObject({ found: 0, missed: 1, mistaken: 1 });
    expect(row(score, "silent")).toMatchObject({ alerts: 3, confused: 3, false: 0 });
    expect(score.confusion).toEqual([{ truth: "mass-event", told: "silent", count: 1 }]);
  });
});

const look = (lift: string, atS: number, ...hazards: readonly Hazard[]) =>
  JSON.stringify({ at: at(atS), liftId: lift, cannotJudge: hazards.map((hazard) => ({ hazard, missing: ["opening"] })) });
const cycling = (lift: string, fromS: number) => truthLine(lift, "door-cycling", fromS, fromS + 60);
const ofCycling = (judging: readonly string[], truth: readonly string[], told: readonly string[] = []) =>
  row(scored(truth, told, 10, 0, HOUR_S, judging), "door-cycling");

describe("what the product had said that it cannot judge", () => {
  test("an event that was not found there is not judged: apart from what was missed, and out of the recall of those judged only", () => {
    const truth = [cycling("A", 900), cycling("B", 900), cycling("C", 900)];
    expect(ofCycling([look("A", 0, "door-cycling")], truth, alertLines("B", "door-cycling", 910))).toMatchObject({
      events: 3,
      found: 1,
      missed: 1,
      notJudged: 1,
      recall: { value: 1 / 3 },
      recallJudged: { value: 1 / 2 },
    });
  });

  test("what was found there all the same is found, and improves the recall of those judged by nothing", () => {
    expect(
      ofCycling([look("A", 0, "door-cycling")], [cycling("A", 900), cycling("B", 900)], alertLines("A", "door-cycling", 910)),
    ).toMatchObject({
      found: 1,
      missed: 1,
      notJudged: 0,
      foundUnjudged: 1,
      recall: { value: 1 / 2 },
      recallJudged: { value: 0 },
    });
  });

  test.each<[string, readonly string[]]>([
    ["less than ten minutes before", [look("A", 301, "door-cycling")]],
    ["only afterwards", [look("A", 901, "door-cycling")]],
    ["and taken back before it began", [look("A", 0, "door-cycling"), look("A", 899)]],
    [
      "and taken back in between, so that it stood for less than ten minutes",
      [look("A", 0, "door-cycling"), look("A", 500), look("A", 600, "door-cycling")],
    ],
    ["of another hazard", [look("A", 0, "door-held-open")]],
    ["of another lift", [look("B", 0, "door-cycling")]],
    ["of no lift", []],
  ])("is no excuse when it was said %s", (_when, judging) => {
    expect(ofCycling(judging, [cycling("A", 900)])).toMatchObject({ missed: 1, notJudged: 0, recallJudged: { value: 0 } });
  });

  test("it stands while other hazards come and go", () => {
    const judging = [look("A", 0, "door-cycling"), look("A", 600, "door-cycling", "entrapment"), look("A", 800, "door-cycling")];
    expect(ofCycling(judging, [cycling("A", 900)])).toMatchObject({ missed: 0, notJudged: 1, recall: { value: 0 }, recallJudged: null });
  });

  test("the table has both recalls side by side where it was given, and neither column where it was not", () => {
    const text = scoreText(scored([cycling("A", 900)], [], 10, 0, HOUR_S, [look("A", 0, "door-cycling")]), false);
    expect(text).toMatch(/missed {2,}not judged {2,}recall {2,}of judged/);
    expect(text).toMatch(/\n1 not judged: /);
    expect(scoreText(scored([cycling("A", 900)], []), false)).not.toContain("judged");
  });

  test("lines are checked, and lines of one lift come in the order of time", () => {
    expect(saidOf(`{"at":1,"liftId":"A"}`)).toEqual({ problem: "cannotJudge: expected a list of hazards; found nothing" });
    expect(saidOf(`{"at":1,"liftId":"A","cannotJudge":[{"hazard":"flight"}]}`)).toEqual({
      problem: `cannotJudge.0.hazard: expected the slug of a hazard, such as overspeed; found "flight"`,
    });
    const unjudged = new Unjudged();
    expect([5, 5, 4].map((time) => unjudged.add({ at: time, liftId: "A", hazards: [] }))).toEqual([true, true, false]);
  });
});

describe("the figures", () => {
  test("Wilson's interval is as published: 81 of 263 is 0.2553 to 0.3662, and none or all do not leave 0 to 1", () => {
    // Newcombe (1998), Statistics in Medicine 17:857, Table I gives 81 of 263 as 0.2553 to 0.3662.
    const published = share(81, 263);
    expect(published?.low).toBeCloseTo(0.2553, 4);
    expect(published?.high).toBeCloseTo(0.3662, 4);
    expect(share(0, 10)).toMatchObject({ value: 0, low: 0 });
    expect(share(10, 10)).toMatchObject({ value: 1, high: 1 });
    expect(share(0, 0)).toBeNull();
  });

  test("empty truth and empty alerts give a row of zeros, no shares and no crash", () => {
    const score = scored([], []);
    expect(score.hazards).toEqual([]);
    expect(score.all).toMatchObject({ events: 0, alerts: 0, recall: null, precision: null, delay: null, falsePerLiftDay: 0 });
    expect(scoreText(score, true)).toContain("all");
    const none = { ...score, period: { from: 0, to: 0 } };
    expect(scoreOf({ events: [], alerts: [] }, none).all.falsePerLiftDay).toBeNull();
  });

  test("the text has a row for each hazard in the order of danger, and says what was left out", () => {
    const truth = [overspeed("A", 100, 110), truthLine("B", "silent", 200, 500), truthLine("A", "entrapment", 1_000, 1_100)];
    const told = [...alertLines("A", "overspeed", 101), ...alertLines("B", "silent", 380, { suppressedBy: "out-of-service" })];
    const text = scoreText(scored(truth, told), true);
    const rows = text.split("\n").map((line) => line.split(/ {2,}/)[0]);
    expect(rows.filter((name) => ["entrapment", "overspeed", "silent", "all"].includes(name ?? ""))).toEqual([
      "entrapment",
      "overspeed",
      "silent",
      "all",
      "entrapment",
      "overspeed",
      "silent",
    ]);
    expect(text).toContain("1 missed, because the alert was suppressed by design");
    expect(text).toMatch(/period 2026-01-05T00:00:00Z .* 2 lifts of the files · 0\.0833 lift-days · tolerance 10 s/);
  });
});

describe("lines of the files", () => {
  test.each([
    ["{", /^found \{; expected JSON/],
    ["[]", /Invalid input/],
    ["7", /expected object/],
    [`{"liftId":"A","hazard":"overspeed","from":1}`, /^to: expected an integer, ms since the epoch; found nothing$/],
    [`{"liftId":"A","hazard":"overspeed","from":2,"to":1}`, /^to: expected a time not before `from`; found 1$/],
    [`{"liftId":"A","hazard":"overspeed","from":1.5,"to":2}`, /^from: expected an integer, ms since the epoch; found 1\.5$/],
    [`{"liftId":"A","hazard":"flight","from":1,"to":2}`, /^hazard: expected the slug of a hazard, such as overspeed; found "flight"$/],
    [`{"liftId":"A B","hazard":"overspeed","from":1,"to":2}`, /^liftId: expected a lift's id .*; found "A B"$/],
    [`{"hazard":"mass-event","from":1,"to":2}`, /^liftId: expected a lift's id, or `liftIds` of a mass event; found nothing$/],
    [`{"liftIds":[],"hazard":"mass-event","from":1,"to":2}`, /^liftIds: .*; found \[\]$/],
  ])("truth %s is refused with field, expected and found", (line, problem) => {
    expect(truthOf(line)).toEqual({ problem: expect.stringMatching(problem) });
  });

  test("truth may carry more fields, as the contract allows", () => {
    expect(truthOf(`{"liftId":"A","hazard":"overspeed","from":1,"to":2,"cause":"brake"}`)).toMatchObject({
      liftIds: ["A"],
      from: 1,
      to: 2,
    });
  });

  test("a line that is no change is refused with field, expected and found; other frames of the feed are passed over", () => {
    const fold = new AlertFold();
    expect(fold.add(`{"type":"heartbeat","cursor":"a:1","at":1}`)).toBeNull();
    expect(fold.add(`{"type":"snapshot","cursor":"a:1","alerts":[]}`)).toBeNull();
    expect(fold.add(`{"type":"shout"}`)).toEqual({ problem: 'type: expected "change"; found "shout"' });
    const [line = ""] = alertLines("A", "overspeed", 1, { id: "x" });
    expect(fold.add(line.replace('"raised"', '"razed"'))).toEqual({
      problem: 'change: expected the name of a change, such as raised; found "razed"',
    });
    expect(fold.add(line.replace('"suspected"', "null"))?.problem).toBe("alert.evidence: expected suspected or confirmed; found null");
    expect(fold.add(line)).toBeNull();
    const [other = ""] = alertLines("B", "overspeed", 1, { id: "x" });
    expect(fold.add(other)?.problem).toBe("alert.id: found x for overspeed of B; expected overspeed of A, as in another line");
    expect(fold).toMatchObject({ changes: 1, otherFrames: 2, size: 1 });
  });

  test("a file that begins after an alert was raised still has it", () => {
    const [, confirmed = ""] = alertLines("A", "overspeed", 102, { confirmedS: 110 });
    expect(alerts([confirmed])).toMatchObject([{ pagedAt: at(102), confirmed: true }]);
  });
});

describe("the picture", () => {
  const truth = [overspeed("A", 100, 110), overspeed("B", 100, 110), truthLine(["C", "D"], "mass-event", 50, 90)];
  const told = [...alertLines("A", "overspeed", 101, { clearedS: 115 }), ...alertLines("E<&>", "silent", 300)];
  const period = { from: at(0), to: at(HOUR_S) };
  const draw = (language: "en" | "zh") => timelineSvg(match(events(truth), alerts(told), 10_000), period, language, "Asia/Shanghai");

  test("has a row for each lift, names what was missed and what was false, and loads and runs nothing", () => {
    const svg = draw("en");
    for (const word of ["Overspeed", "No signal", "missed", "false alert", "08:30", "E&lt;&amp;&gt;"]) expect(svg).toContain(word);
    expect(svg).not.toMatch(/<script|href|url\(|on[a-z]+=|@import|E<&>/);
    expect(svg).toBe(draw("en"));
    expect(timelinePage(svg, "en")).toMatch(/^<!doctype html><html lang="en">.*<\/svg><\/body><\/html>\n$/s);
  });

  test("says the same in Chinese", () => {
    const svg = draw("zh");
    for (const word of ["超速", "信号中断", "漏报 2 起", "误报", "时区 Asia/Shanghai"]) expect(svg).toContain(word);
  });

  test("shows sixty lifts, those in trouble first, and sums the rest up", () => {
    const many = Array.from({ length: 100 }, (_, index) => overspeed(`L${index}`, index * 10, index * 10 + 5));
    const found = many.flatMap((_, index) =>
      index === 77 ? [] : alertLines(`L${index}`, "overspeed", index * 10 + 1, { clearedS: index * 10 + 6 }),
    );
    const svg = timelineSvg(match(events(many), alerts(found), 0), period, "en", "Asia/Shanghai");
    expect(svg.indexOf(">L77<")).toBeLessThan(svg.indexOf(">L0<"));
    expect(svg).toContain("and 40 more lifts: 40 events, 0 missed; 40 alerts, 0 false");
    expect(svg).not.toContain(">L60<");
  });

  test("of one instant, and of nothing, is a picture too", () => {
    const none = { events: [], alerts: [] };
    expect(timelineSvg(none, { from: 0, to: 0 }, "en", "Asia/Shanghai")).toContain("Nothing happened");
  });
});
