/** The probe of `hoistway doctor`: it passes through the whole monitor and counts nowhere. */
import { expect, test } from "vitest";
import type { Effects } from "../../src/core/effects.ts";
import type { Entry } from "../../src/core/entry.ts";
import { createMonitor } from "../../src/core/monitor.ts";
import { PROBE_LIFT } from "../../src/core/probe.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";

const START = 1_767_225_600_000;
const SAID = [
  ["status", { mode: "out-of-service" }],
  ["fault", { code: "probe", active: true }],
  ["fault", { code: "probe", active: false }],
] as const;

/** Two probes and the rest of a day. */
function entries(liftId: string): Entry[] {
  const all: Entry[] = [];
  const add = (receivedAt: number, more: object) => all.push({ seq: all.length + 1, receivedAt, ...more } as Entry);
  for (const boot of [0, 1]) {
    for (const [seq, [channel, fields]] of SAID.entries()) {
      const at = START + boot * 60_000 + seq;
      const payload = JSON.stringify({ at, seq, boot: `doctor-${boot}`, ...fields });
      add(at, { kind: "message", topic: `lifts/${liftId}/${channel}`, payload, source: "", refusal: null });
    }
  }
  for (let second = 61; second <= 90_000; second += 1) add(START + second * 1_000, { kind: "tick" });
  return all;
}

function folded(liftId: string) {
  const monitor = createMonitor([], DEFAULT_RULES);
  const effects: Effects[] = entries(liftId).map((entry) => monitor.apply(entry));
  return { monitor, effects, changes: effects.flatMap(({ changes }) => changes.map(({ change, alert }) => `${change} ${alert.hazard}`)) };
}

test("its alert is suppressed and cleared, its readings are stored, and it is in no list, no count of lifts or days, and never silent", () => {
  const { monitor, effects, changes } = folded(PROBE_LIFT);
  expect(changes).toEqual(["suppressed reported-fault", "cleared reported-fault", "suppressed reported-fault", "cleared reported-fault"]);
  expect(effects.flatMap(({ readings }) => readings)).toHaveLength(6);
  expect(effects.flatMap(({ days }) => days)).toEqual([]);
  expect(monitor.liftIds()).toEqual([]);
  expect(monitor.fleet().total.unregistered).toBe(0);
  expect(monitor.alerts()).toEqual([]);
  expect(monitor.lift(PROBE_LIFT)).toMatchObject({ boot: "doctor-1", seq: 2 });
});

test("any other unregistered lift that said the same would be in all of them", () => {
  const { monitor, effects, changes } = folded("another");
  expect(effects.flatMap(({ days }) => days).length).toBeGreaterThan(0);
  expect(monitor.liftIds()).toEqual(["another"]);
  expect(monitor.fleet().total.unregistered).toBe(1);
  expect(changes).toContain("suppressed silent");
});
