import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ACTIVE_MOST, CLEARED_MOST, addCleared, createFeedState, fold, parseFrame, type FeedState } from "../../dashboards/web/src/feed.ts";
import { feedUrl, retryWaitMs } from "../../dashboards/web/src/reconnect.ts";
import { arrange } from "../../dashboards/web/src/order.ts";
import { type Alert, type ChangeKind } from "../../src/core/effects.ts";
import { anAlert } from "../alert-rows.ts";

const alert = (id: string, more: Partial<Alert> = {}): Alert =>
  anAlert({ id, liftId: `L-${id}`, raisedAt: 1_000, detectedAt: 1_000, ...more });

const cleared = (id: string, at: number, more: Partial<Alert> = {}) => alert(id, { state: "cleared", clearedAt: at, ...more });

function started(alerts: readonly Alert[] = [], cursor = "e:10"): FeedState {
  const state = createFeedState();
  fold(state, { type: "snapshot", cursor, alerts }, 0);
  return state;
}

function change(state: FeedState, cursor: string, of: Alert, kind: ChangeKind = "updated") {
  return fold(state, { type: "change", cursor, change: kind, alert: of }, 0);
}

describe("the page's fold over the feed", () => {
  test("a snapshot replaces what was known and sets the cursor to resume after", () => {
    const state = started([alert("a"), cleared("b", 5)]);
    fold(state, { type: "snapshot", cursor: "e:20", alerts: [alert("c")] }, 0);
    expect([...state.active.keys()]).toEqual(["c"]);
    expect([...state.cleared.keys()]).toEqual([]);
    expect(state.cursor).toBe("e:20");
  });

  test("a change that came before changes nothing", () => {
    const state = started([]);
    change(state, "e:11", alert("a"));
    change(state, "e:12", cleared("a", 9));
    const version = state.version;
    expect(change(state, "e:11", alert("a")).outOfStep).toBe(false);
    expect(state.version).toBe(version);
    expect(state.active.size).toBe(0);
  });

  test.each([
    ["a jump in the numbers", "e:12"],
    ["another journal's cursor", "f:11"],
    ["a cursor that is none", "e:"],
    ["a cursor without an epoch", "11"],
  ])("%s is out of step and is not folded in", (_, cursor) => {
    const state = started([]);
    expect(change(state, cursor, alert("a")).outOfStep).toBe(true);
    expect(state.active.size).toBe(0);
    expect(state.cursor).toBe("e:10");
  });

  test("after a resync changes wait for the snapshot", () => {
    const state = started([]);
    fold(state, { type: "resync", reason: "too-old" }, 0);
    expect(state.cursor).toBeNull();
    expect(change(state, "e:11", alert("a")).outOfStep).toBe(true);
  });

  test("a heartbeat sets the clock and never moves the cursor", () => {
    const state = started([]);
    fold(state, { type: "heartbeat", cursor: "e:99", at: 5_000 }, 4_000);
    expect(state.clockOffsetMs).toBe(1_000);
    expect(state.cursor).toBe("e:10");
  });

  test("an alert is urgent once: when it becomes critical, not when it is updated", () => {
    const state = started([alert("a", { priority: "critical" })]);
    expect(change(state, "e:11", alert("b")).urgent).toEqual([]);
    expect(change(state, "e:12", alert("b", { priority: "critical" })).urgent.map(({ id }) => id)).toEqual(["b"]);
    expect(change(state, "e:13", alert("b", { priority: "critical", occurrences: 2 })).urgent).toEqual([]);
    expect(change(state, "e:14", alert("c", { priority: "critical", suppressedBy: "inspection" })).urgent).toEqual([]);
  });

  test("a snapshot after an absence names the critical alerts that are new, the first one names none", () => {
    const state = createFeedState();
    const known = alert("a", { priority: "critical" });
    expect(fold(state, { type: "snapshot", cursor: "e:1", alerts: [known] }, 0).urgent).toEqual([]);
    const fresh = alert("b", { priority: "critical" });
    expect(fold(state, { type: "snapshot", cursor: "e:5", alerts: [known, fresh] }, 0).urgent).toEqual([fresh]);
  });

  test("of the cleared alerts the newest are kept, and those that nobody has acknowledged longest", () => {
    const state = started([]);
    change(state, "e:11", cleared("unseen", 1));
    for (let n = 0; n < CLEARED_MOST + 10; n += 1) change(state, `e:${12 + n}`, cleared(`c${n}`, 100 + n, { acknowledged: true }));
    expect(state.cleared.size).toBe(CLEARED_MOST);
    expect(state.cleared.has("unseen")).toBe(true);
    expect(state.cleared.has("c0")).toBe(false);
    expect(state.cleared.has(`c${CLEARED_MOST + 9}`)).toBe(true);
  });

  test("cleared alerts from REST do not overrule the feed", () => {
    const state = started([alert("a"), cleared("b", 5, { acknowledged: true })]);
    addCleared(state, [cleared("a", 3), cleared("b", 5), cleared("c", 4), alert("d")]);
    expect(state.active.has("a")).toBe(true);
    expect(state.cleared.get("b")?.acknowledged).toBe(true);
    expect([...state.cleared.keys()].toSorted()).toEqual(["b", "c"]);
  });

  test("a full page still takes critical alerts and says that others are missing", () => {
    const state = started(Array.from({ length: ACTIVE_MOST }, (_, n) => alert(`a${n}`, { priority: "low" })));
    expect(state.truncated).toBe(false);
    change(state, "e:11", alert("low", { priority: "low" }));
    change(state, "e:12", alert("top", { priority: "critical" }));
    expect(state.active.size).toBe(ACTIVE_MOST);
    expect(state.active.has("low")).toBe(false);
    expect(state.active.has("top")).toBe(true);
    expect(state.truncated).toBe(true);
  });

  test("whatever is cut and repeated on the way, a resumed page holds what an unbroken one holds", () => {
    const step = fc.record({ id: fc.constantFrom("a", "b", "c"), clear: fc.boolean(), acknowledged: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.array(fc.nat(60), { maxLength: 6 }), (steps, backs) => {
        const frames = steps.map(({ id, clear, acknowledged }, n) => ({
          cursor: `e:${11 + n}`,
          alert: clear ? cleared(id, n, { acknowledged }) : alert(id, { acknowledged, occurrences: n + 1 }),
        }));
        const unbroken = started([]);
        for (const frame of frames) change(unbroken, frame.cursor, frame.alert);
        const broken = started([]);
        const cuts = backs.map((back) => back % (frames.length + 1)).toSorted((a, b) => a - b);
        for (const cut of [...cuts, frames.length]) {
          // A resume repeats everything from before the cursor that the page has, at the worst.
          for (const frame of frames.slice(0, cut)) expect(change(broken, frame.cursor, frame.alert).outOfStep).toBe(false);
        }
        expect(broken.active).toEqual(unbroken.active);
        expect(broken.cleared).toEqual(unbroken.cleared);
      }),
      { seed: 20_261_122 },
    );
  });

  test("text that is not a frame of the contract is nothing", () => {
    for (const text of [
      "",
      "{",
      "null",
      "7",
      "[]",
      '{"type":"news"}',
      '{"type":"change","cursor":"e:1"}',
      '{"type":"snapshot","cursor":"e:1"}',
    ]) {
      expect(parseFrame(text)).toBeNull();
    }
    expect(parseFrame('{"type":"heartbeat","cursor":"e:1","at":5}')).toEqual({ type: "heartbeat", cursor: "e:1", at: 5 });
  });
});

describe("the feed's connection", () => {
  test("waits double up to a ceiling and are spread over the whole range", () => {
    const longest = Array.from({ length: 12 }, (_, attempt) => retryWaitMs(attempt, 1));
    expect(longest.slice(0, 5)).toEqual([500, 1_000, 2_000, 4_000, 8_000]);
    expect(longest.at(-1)).toBe(15_000);
    expect(retryWaitMs(30, 0)).toBe(250);
  });

  test("the address carries the cursor and keeps to the page's origin and scheme", () => {
    expect(feedUrl("http://127.0.0.1:8080", null)).toBe("ws://127.0.0.1:8080/feed");
    expect(feedUrl("https://lifts.example", "e:7")).toBe("wss://lifts.example/feed?after=e%3A7");
  });
});

describe("the order of alerts", () => {
  test("people shut in stand apart, then come priority and the newest; what ended and wants somebody is last, what is not paged is folded away", () => {
    const lists = arrange(
      [
        alert("old", { priority: "critical", hazard: "overspeed", raisedAt: 1 }),
        alert("new", { priority: "critical", hazard: "overspeed", raisedAt: 2, acknowledged: true }),
        alert("low", { priority: "low", raisedAt: 9 }),
        alert("shut-in", { priority: "critical", hazard: "entrapment-at-level", raisedAt: 0 }),
        alert("hidden", { priority: "critical", suppressedBy: "inspection" }),
        alert("shelved", { shelvedUntil: 5 }),
      ],
      [
        cleared("c1", 1, { acknowledged: true }),
        cleared("c2", 2, { acknowledged: true }),
        cleared("unseen", 3, { priority: "high" }),
        cleared("on the way", 4, { acknowledged: true, dispatchedAt: 3 }),
        cleared("let out", 5, { hazard: "entrapment", priority: "critical", raisedAt: -1 }),
      ],
    );
    expect(lists.people.map(({ id }) => id)).toEqual(["shut-in", "let out"]);
    expect(lists.active.map(({ id }) => id)).toEqual(["new", "old", "low", "on the way", "unseen"]);
    expect(lists.folded.map(({ id }) => id)).toEqual(["hidden", "shelved"]);
    expect(lists.cleared.map(({ id }) => id)).toEqual(["c2", "c1"]);
    expect(lists.byPriority).toEqual({ critical: 3, high: 0, medium: 0, low: 1 });
    expect([lists.unacknowledged, lists.unacknowledgedCritical]).toEqual([3, 2]);
  });
});
