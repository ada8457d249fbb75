import { describe, expect, test } from "vitest";
import { DEFAULT_RULES } from "../../src/core/rules.ts";
import { line, pages, run, type Doing } from "./fleet-timeline.ts";
import { LIFT, START, tell } from "./timeline.ts";

const TRAPPED = `
  0   status persons=2 mode=normal
  0   door   state=closed
  5   speed  speedMps=1.5 doorZone=false
  10  speed  speedMps=0   doorZone=false`;
const FREED = (atS: number) => `${atS} door state=open\n${atS + 20} door state=closed`;
/** A lift that speaks each minute, so that silence plays no part. */
const ALIVE = (toS: number) =>
  Array.from({ length: Math.floor(toS / 60) }, (_, index) => `${index * 60 + 30.5} online online=true`).join("\n");

function live(script: string, untilS: number, doings: readonly Doing[] = [], rules = DEFAULT_RULES) {
  const lines = script.split("\n").filter((text) => text.trim() !== "");
  const sorted = lines.toSorted((a, b) => Number(a.trim().split(/\s+/)[0]) - Number(b.trim().split(/\s+/)[0]));
  const all = run([LIFT], { L1: sorted.join("\n") }, untilS, doings, undefined, rules);
  return { ...all, told: all.changes.map((change) => line(change).replace(" of L1", "")) };
}

describe("an entrapment", () => {
  test("is dispatched, arrived at, rescued from and closed, and each step keeps its time against the duties", () => {
    const { told, changes, outcomes } = live(
      `${TRAPPED}\n700 speed speedMps=0 doorZone=true\n699 status persons=2\n${FREED(701)}\n702 status persons=0\n${ALIVE(900)}`,
      900,
      [
        { at: 100, act: "dispatch", hazard: "entrapment", note: "东方维保 王师傅" },
        { at: 600, act: "arrive", hazard: "entrapment" },
        { at: 690, act: "rescue", hazard: "entrapment" },
        { at: 800, act: "close", hazard: "entrapment" },
      ],
    );
    expect(outcomes).toEqual(["done", "done", "done", "done"]);
    expect(told).toEqual([
      "40 raised entrapment suspected critical at 40",
      "100 dispatched entrapment suspected critical at 40",
      "100 confirmed entrapment confirmed critical at 40",
      "600 arrived entrapment confirmed critical at 40",
      "690 rescued entrapment confirmed critical at 40",
      "701 cleared entrapment confirmed critical at 40 until 701",
      "800 closed entrapment confirmed critical at 40 until 701",
    ]);
    expect(changes[1]).toMatchObject({ by: "li", note: "东方维保 王师傅" });
    expect(changes.at(-1)?.alert.duty).toEqual({
      dispatchBy: START + 220_000,
      dispatch: "met",
      arriveBy: START + 1_900_000,
      arrive: "met",
    });
  });

  test("that nobody answers misses its first duty after three minutes, and says so once", () => {
    const { told } = live(`${TRAPPED}\n${ALIVE(400)}`, 400);
    expect(told).toEqual([
      "40 raised entrapment suspected critical at 40",
      "100 confirmed entrapment confirmed critical at 40",
      "221 updated entrapment confirmed critical at 40",
    ]);
  });

  test("that ends by itself while somebody is on the way stays in the list until it is closed", () => {
    const { monitor, told, outcomes } = live(
      `${TRAPPED}\n110 speed speedMps=0 doorZone=true\n${FREED(111)}\n112 status persons=0\n${ALIVE(400)}`,
      400,
      [
        { at: 60, act: "dispatch", hazard: "entrapment" },
        { at: 200, act: "rescue", hazard: "entrapment" },
        { at: 300, act: "arrive", hazard: "entrapment" },
      ],
    );
    expect(outcomes).toEqual(["done", "forbidden-by-state", "done"]);
    expect(told.at(-1)).toBe("300 arrived entrapment confirmed critical at 40 until 111");
    expect(monitor.alerts()).toHaveLength(1);
  });

  test("is never shelved, and is not ended by any time that passes", () => {
    const { monitor, outcomes } = live(`${TRAPPED}\n${ALIVE(100_000)}`, 100_000, [
      { at: 50, act: "acknowledge", hazard: "entrapment" },
      { at: 60, act: "shelve", hazard: "entrapment", reason: "传感器误报" },
    ]);
    expect(outcomes).toEqual(["done", "forbidden-by-state"]);
    expect(monitor.alerts().map(({ state, stale, hazard }) => ({ state, stale, hazard }))).toEqual([
      { state: "active", stale: true, hazard: "entrapment" },
    ]);
  });

  test("that a person closed is not told again while it stands, but after half an hour it is: persons err", () => {
    const { told, changes } = live(`${TRAPPED}\n${ALIVE(2_400)}`, 2_300, [
      { at: 200, act: "close", hazard: "entrapment", reason: "传感器误报" },
    ]);
    expect(told).toEqual([
      "40 raised entrapment suspected critical at 40",
      "100 confirmed entrapment confirmed critical at 40",
      "200 closed entrapment confirmed critical at 40 until 200",
      "2000 raised entrapment confirmed critical at 40",
      "2181 updated entrapment confirmed critical at 40",
    ]);
    expect(changes[3]?.alert.details["reopened"]).toBe(true);
  });

  test("that a person closed is told again at once when the alarm button is pressed", () => {
    const { told } = live(`${TRAPPED}\n300 fault code=90\n${ALIVE(400)}`, 350, [
      { at: 200, act: "close", hazard: "entrapment", reason: "传感器误报" },
    ]);
    expect(told.at(-1)).toBe("300 raised entrapment confirmed critical at 40");
  });

  test("that a person closed is told again as a new one when it has ended and come back", () => {
    const script = `${TRAPPED}\n210 status persons=0\n260 status persons=1\n${ALIVE(400)}`;
    const { changes } = live(script, 300, [{ at: 200, act: "close", hazard: "entrapment", reason: "传感器误报" }]);
    expect(pages(changes)).toEqual([
      "40 raised entrapment suspected critical at 40 of L1",
      "290 raised entrapment suspected critical at 290 of L1",
    ]);
    expect(changes.at(-1)?.alert.details["reopened"]).toBeUndefined();
  });
});

describe("a shelving", () => {
  const OPEN = `0 status mode=normal\n0 door state=open\n${ALIVE(3_600)}`;
  const SHELVE: Doing = { at: 200, act: "shelve", hazard: "door-held-open", reason: "搬家", minutes: 10 };
  test("ends by itself at its time, with a change that pages again", () => {
    const { told, changes } = live(OPEN, 900, [SHELVE]);
    expect(told).toEqual([
      "121 raised door-held-open confirmed low at 120",
      "200 shelved door-held-open confirmed low at 120",
      "800 unshelved door-held-open confirmed low at 120",
    ]);
    expect(changes[1]).toMatchObject({ by: "li", note: "搬家", alert: { shelvedUntil: START + 800_000, shelvedReason: "搬家" } });
    expect(changes[2]).toMatchObject({ by: null, alert: { shelvedUntil: null, shelvedReason: null } });
  });
  test("is ended before its time by a person", () => {
    const { told } = live(OPEN, 900, [SHELVE, { at: 300, act: "unshelve", hazard: "door-held-open" }]);
    expect(told.slice(1)).toEqual(["200 shelved door-held-open confirmed low at 120", "300 unshelved door-held-open confirmed low at 120"]);
  });
  test("outlasts its alert: what comes back meanwhile is shelved from its beginning, and told when the time is over", () => {
    const { told } = live(`${OPEN}\n250 door state=closed\n300 door state=open`, 900, [SHELVE]);
    expect(told.slice(1)).toEqual([
      "200 shelved door-held-open confirmed low at 120",
      "250 cleared door-held-open confirmed low at 120 until 250",
      "421 shelved door-held-open confirmed low at 420",
      "800 unshelved door-held-open confirmed low at 420",
    ]);
  });
  test("is broken by what is graver than what was shelved", () => {
    const { told } = live(`0 fault code=02\n100 fault code=01\n${ALIVE(200)}`, 150, [
      { at: 50, act: "shelve", hazard: "reported-fault", reason: "已知" },
    ]);
    expect(told).toEqual([
      "0 raised reported-fault confirmed medium at 0",
      "50 shelved reported-fault confirmed medium at 0",
      "100 unshelved reported-fault confirmed high at 0 2 times",
      "100 updated reported-fault confirmed high at 0 2 times",
    ]);
  });
});

const flicker = (times: number, everyS: number): string =>
  Array.from(
    { length: times },
    (_, index) => `${index * everyS} fault code=02\n${index * everyS + everyS / 2} fault code=02 active=false`,
  ).join("\n");

describe("a condition that comes and goes", () => {
  test("three times in a minute is chattering: the third is held as one alert, counted, until it has been quiet for a minute", () => {
    expect(tell(flicker(30, 4), 200).filter((text) => !text.includes("repeated-faults"))).toEqual([
      "0 raised reported-fault confirmed medium at 0",
      "2 cleared reported-fault confirmed medium at 0 until 2",
      "4 raised reported-fault confirmed medium at 4",
      "6 cleared reported-fault confirmed medium at 4 until 6",
      "8 raised reported-fault confirmed medium at 8 3 times",
      ...Array.from({ length: 9 }, (_, index) => `${20 + index * 12} updated reported-fault confirmed medium at 8 ${6 + index * 3} times`),
      "178 cleared reported-fault confirmed medium at 8 until 118 30 times",
    ]);
  });
  test("less often than three times in a minute is told each time", () => {
    expect(tell(flicker(4, 40), 170).filter((text) => text.includes("raised reported-fault"))).toHaveLength(4);
  });
});

describe("an alert that stays", () => {
  test("for a day is stale, and says so once", () => {
    const { told } = live("0 online online=true", 90_000);
    expect(told).toEqual([
      "181 raised silent suspected medium at 180",
      "361 confirmed silent confirmed medium at 180",
      "86640 updated silent confirmed medium at 180",
    ]);
  });
});

describe("a lift out of service by the register", () => {
  test("is not paged for what is less than critical; danger to people is told all the same", () => {
    const out = { ...LIFT, inService: false };
    const { changes } = run(
      [out],
      { L1: `0 status persons=2 mode=normal\n0 fault code=08\n0 door state=closed\n0 speed speedMps=0 doorZone=false` },
      60,
    );
    expect(changes.map(line)).toEqual([
      "0 suppressed reported-fault confirmed high at 0 by register:out-of-service of L1",
      "30 raised entrapment suspected critical at 30 of L1",
    ]);
  });
});
