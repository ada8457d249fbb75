import { describe, expect, test } from "vitest";
import type { Effects } from "../../src/core/effects.ts";
import type { MessageEntry } from "../../src/core/entry.ts";
import { createMonitor, type Monitor } from "../../src/core/monitor.ts";
import { rulesSchema } from "../../src/core/rules.ts";

const START = 1_767_225_600_000;
const LIFT = "31104402032010000031";
const ON = rulesSchema.parse({ adapters: { inspur: true } });

interface Site {
  readonly monitor: Monitor;
  readonly say: (second: number, kind: string, fields: object) => Effects;
  readonly tick: (second: number) => Effects;
}

function monitorOf(rules = ON): Site {
  const monitor = createMonitor([{ liftId: LIFT, kind: "passenger", ratedSpeedMps: 1.75 }], rules);
  let seq = 0;
  return {
    monitor,
    say(second, kind, fields) {
      const at = START + second * 1_000;
      const payload = JSON.stringify({ RegCode: LIFT, Timestamp: at, ...fields });
      const entry: MessageEntry = {
        kind: "message",
        seq: ++seq,
        receivedAt: at,
        topic: `/API/V1/Up/${kind}`,
        payload,
        source: "",
        refusal: null,
      };
      return monitor.apply(entry);
    },
    tick: (second) => monitor.apply({ kind: "tick", seq: ++seq, receivedAt: START + second * 1_000 }),
  };
}

describe("Inspur-style devices", () => {
  test("are read as ours where a site turns them on: door, speed, status, faults, trips and keep-alive", () => {
    const { monitor, say } = monitorOf();
    say(0, "HeartBeat", {});
    const { readings } = say(1, "LiftState", {
      Speed: 1.5,
      Direction: 2,
      Floor: 7,
      DoorClosed: 1,
      DoorZone: 0,
      Passenger: 1,
      ServiceMode: 1,
    });
    expect(readings.map(({ channel, reading }) => [channel, reading.seq])).toEqual([
      ["door", 1],
      ["speed", 2],
      ["status", 3],
    ]);
    say(2, "LiftRunInfo", { RunCount: 4_711, RunHours: 99.5 });
    expect(monitor.lift(LIFT)).toMatchObject({
      online: true,
      keepAliveS: 60,
      doors: { front: "closed", rear: null },
      speedMps: -1.5,
      floor: 7,
      doorZone: false,
      persons: 1,
      mode: "normal",
    });
    expect(monitor.counts).toMatchObject({ received: 5, accepted: 5, quarantined: 0 });
  });

  test("raise the hazards that their signals show and that their codes name, as one alert", () => {
    const { say, tick } = monitorOf();
    const state = { Speed: 0, Floor: 7, DoorClosed: true, DoorZone: false, Passenger: 1, ServiceMode: 1 };
    const told: string[] = [];
    const hear = (effects: Effects) =>
      told.push(...effects.changes.map(({ change, alert }) => `${change} ${alert.hazard} ${alert.evidence}`));
    for (let second = 0; second < 45; second++) {
      hear(say(second, "LiftState", state));
      if (second === 35) hear(say(second, "LiftFault", { FaultCode: 1 }));
      hear(tick(second));
    }
    expect(told).toEqual(["raised entrapment suspected", "confirmed entrapment confirmed"]);
  });

  test("change nothing by a repetition, which is counted as a duplicate", () => {
    const { monitor, say } = monitorOf();
    say(0, "LiftFault", { FaultCode: "6" });
    say(1, "LiftState", { Speed: 0 });
    const alerts = JSON.stringify(monitor.alerts());
    say(0, "LiftFault", { FaultCode: "6" });
    say(1, "LiftState", { Speed: 0 });
    expect(JSON.stringify(monitor.alerts())).toBe(alerts);
    expect(monitor.counts).toMatchObject({ received: 6, accepted: 3, duplicate: 3 });
  });

  test("are quarantined with the field that is wrong, or as an unknown topic where a site has not turned them on", () => {
    const { say } = monitorOf();
    expect(say(0, "LiftState", { Speed: "fast" }).quarantined[0]).toMatchObject({ reason: "reading-invalid", path: "Speed" });
    expect(say(0, "LiftState", { Speed: 900 }).quarantined[0]).toMatchObject({ reason: "reading-invalid", path: "speedMps" });
    expect(say(0, "LiftVideo", {}).quarantined[0]).toMatchObject({ reason: "topic-unknown" });
    const off = monitorOf(rulesSchema.parse({}));
    expect(off.say(0, "HeartBeat", {}).quarantined[0]).toMatchObject({ reason: "topic-unknown" });
  });

  test("survive a snapshot: repetitions are still known after it", () => {
    const { monitor, say } = monitorOf();
    say(0, "LiftState", { Speed: 0 });
    const restored = createMonitor([], ON);
    restored.restore(JSON.parse(JSON.stringify(monitor.snapshot())));
    const entry: MessageEntry = {
      kind: "message",
      seq: 2,
      receivedAt: START,
      topic: "/API/V1/Up/LiftState",
      payload: JSON.stringify({ RegCode: LIFT, Timestamp: START, Speed: 0 }),
      source: "",
      refusal: null,
    };
    expect(restored.apply(entry).readings).toEqual([]);
    expect(restored.counts).toMatchObject({ received: 4, accepted: 2, duplicate: 2 });
  });
});
