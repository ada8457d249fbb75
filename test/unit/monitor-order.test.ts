import { describe, expect, test } from "vitest";
import type { Effects } from "../../src/core/effects.ts";
import type { Monitor } from "../../src/core/monitor.ts";
import { createMonitor } from "../../src/core/monitor.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";

const START = 1_767_225_600_000;

/** A monitor and what came out of it: `say` publishes one reading now, `wait` lets ticks pass. */
function listen(): { say: (seq: number, fields?: object, channel?: string) => Effects; wait: (ms: number) => Effects[]; monitor: Monitor } {
  const monitor = createMonitor([{ liftId: "A", kind: "passenger", ratedSpeedMps: 1 }], DEFAULT_RULES);
  let entry = 0;
  let now = START;
  return {
    monitor,
    say(seq, fields = {}, channel = "status") {
      entry += 1;
      const payload = JSON.stringify({ at: now, seq, ...fields });
      return monitor.apply({
        kind: "message",
        seq: entry,
        receivedAt: now,
        topic: `lifts/A/${channel}`,
        payload,
        source: "",
        refusal: null,
      });
    },
    wait(ms) {
      const all: Effects[] = [];
      for (const until = now + ms; now < until;) {
        now += 500;
        entry += 1;
        all.push(monitor.apply({ kind: "tick", seq: entry, receivedAt: now }));
      }
      return all;
    },
  };
}

const seqs = (effects: Effects | readonly Effects[]): string[] =>
  (Array.isArray(effects) ? (effects as readonly Effects[]) : [effects as Effects])
    .flatMap((each) => each.readings)
    .map(({ reading, late }) => `${reading.boot ?? ""}${reading.seq}${late ? " late" : ""}`);

describe("the order of a lift's readings", () => {
  test("without a gap nothing waits", () => {
    const { say } = listen();
    expect([say(0), say(1), say(2)].map(seqs)).toEqual([["0"], ["1"], ["2"]]);
  });
  test("a gap holds what follows, and closing it lets everything go in order", () => {
    const { say } = listen();
    expect([say(0), say(3), say(2), say(1)].map(seqs)).toEqual([["0"], [], [], ["1", "2", "3"]]);
  });
  test("a gap that stays open is given up after 2 s, and what then comes is late", () => {
    const { say, wait, monitor } = listen();
    say(0);
    say(2);
    expect(seqs(wait(1_500))).toEqual([]);
    expect(seqs(wait(500))).toEqual(["2"]);
    expect(seqs(say(1))).toEqual(["1 late"]);
    expect(monitor.counts).toMatchObject({ accepted: 3, late: 1, duplicate: 0 });
  });
  test("a late reading never pages", () => {
    const { say, wait } = listen();
    say(0, { code: "01", active: false }, "fault");
    say(2);
    wait(2_500);
    expect(say(1, { code: "05" }, "fault").changes).toEqual([]);
  });
  test("the second reading of one number is a duplicate: on time, held, or late", () => {
    const { say, wait, monitor } = listen();
    for (const seq of [0, 0, 2, 2]) say(seq);
    wait(2_500);
    for (const seq of [1, 1, 2]) say(seq);
    expect(monitor.counts).toMatchObject({ accepted: 3, duplicate: 4, late: 1 });
  });
  test("another boot counts anew, and what is left of the old one is late", () => {
    const { say } = listen();
    expect(seqs(say(7, { boot: "a" }))).toEqual([]);
    expect(seqs(say(0, { boot: "b" }))).toEqual(["a7", "b0"]);
    expect(seqs(say(8, { boot: "a" }))).toEqual(["a8 late"]);
    expect(seqs(say(7, { boot: "a" }))).toEqual([]);
  });
  test("a lift first heard in mid-life does not wait for its past", () => {
    const { say } = listen();
    expect(seqs(say(123_456))).toEqual(["123456"]);
  });
  test("a boot first heard at a small number waits for its beginning", () => {
    const { say } = listen();
    expect([say(2), say(0), say(1)].map(seqs)).toEqual([[], ["0"], ["1", "2"]]);
  });
  test("a jump to the largest number is a gap like any other", () => {
    const { say, wait, monitor } = listen();
    say(0);
    expect(seqs(say(Number.MAX_SAFE_INTEGER))).toEqual([]);
    expect(seqs(wait(2_500))).toEqual([String(Number.MAX_SAFE_INTEGER)]);
    expect(seqs(say(5))).toEqual(["5 late"]);
    expect(monitor.counts.received).toBe(3);
  });
  test("a will neither waits nor makes others wait, and its retained copy is a duplicate", () => {
    const { say, monitor } = listen();
    say(0, { boot: "b" });
    expect(seqs(say(0, { boot: "b-will", online: false }, "online"))).toEqual(["b-will0"]);
    expect(monitor.lift("A")?.online).toBe(false);
    expect(seqs(say(0, { boot: "b-will", online: false }, "online"))).toEqual([]);
    expect(seqs(say(1, { boot: "b" }))).toEqual(["b1"]);
  });
});

describe("when a number is given up", () => {
  const stand = { speedMps: 0, doorZone: true, levelOffsetMm: 0, floor: 3 };
  const run = { speedMps: 0.9, doorZone: false, floor: 4 };

  /** A car that has said enough for its numbers to be trusted, and whose door opens and begins to close as `count + 1` and `count + 2`. */
  function closing(count: number) {
    const lift = listen();
    for (let seq = 0; seq < count; seq++) {
      lift.say(seq, stand, "speed");
      lift.wait(1_000);
    }
    lift.say(count, { state: "open" }, "door");
    lift.wait(3_000);
    lift.say(count + 1, { state: "closing" }, "door");
    lift.wait(2_000);
    return lift;
  }
  /** Hazards raised by three samples of a run, from `seq` on. */
  function hazardsOfRun(lift: ReturnType<typeof listen>, seq: number): string[] {
    const effects: Effects[] = [];
    for (let sample = 0; sample < 3; sample++) {
      effects.push(lift.say(seq + sample, run, "speed"), ...lift.wait(1_000));
    }
    effects.push(...lift.wait(10_000));
    return effects.flatMap(({ changes }) => changes).map(({ alert }) => alert.hazard);
  }

  test("the door's last word before it is not believed: a run whose closed door was lost is no unintended movement", () => {
    expect(hazardsOfRun(closing(30), 33)).toEqual([]);
  });
  test("without a gap the same run is one", () => {
    expect(hazardsOfRun(closing(30), 32)).toContain("unintended-movement");
  });
  test("a device that never numbers without gaps is believed all the same", () => {
    const lift = listen();
    for (let seq = 0; seq < 60; seq += 2) {
      lift.say(seq, stand, "speed");
      lift.wait(4_000);
    }
    lift.say(60, { state: "open" }, "door");
    lift.wait(4_000);
    expect(hazardsOfRun(lift, 63)).toContain("unintended-movement");
  });
});
