import { expect, test } from "vitest";
import { NEAR_MISSES } from "../../simulators/faults/hazards.ts";
import { tinyFleet } from "../../simulators/fleet/fleet.ts";
import type { LiftRecord } from "../../src/core/lift.ts";
import { FROM, offsetM, runFleet } from "../simulator-signal.ts";
import type { Run, Signal } from "../simulator-signal.ts";
import { hazardsIn } from "../simulator-yardstick.ts";

const tiny = tinyFleet();
const rated = (lift: LiftRecord): number => lift.ratedSpeedMps ?? Number.NaN;
const of = (run: Run, lift: LiftRecord): readonly Signal[] => run.signals.get(lift.liftId) ?? [];

/** Stretches of a lift's signal in which one mode holds, by what the status says. */
function inMode(signals: readonly Signal[], mode: string): Signal[] {
  let now = "";
  return signals.filter((signal) => {
    now = signal.mode ?? now;
    return now === mode;
  });
}

test.each(NEAR_MISSES)("the near miss %s has no truth, and nothing in its signal is a hazard", (name) => {
  const run = runFleet(tiny, name, 5_400, 21);
  expect(run.truth).toEqual([]);
  for (const lift of tiny) {
    // A clock that jumps is set right by the time of arrival, as a monitor must.
    const signals = name === "clock-jumps" ? of(run, lift).map((signal) => ({ ...signal, at: signal.receivedAt })) : of(run, lift);
    expect(hazardsIn(lift, signals, run.endAt), lift.liftId).toEqual([]);
    expect(signals.length).toBeGreaterThan(100);
  }
});

test("a re-levelling begins beyond 20 mm with the door open, stays below 0.3 m/s and within 0.2 m, and ends within 10 mm", () => {
  const run = runFleet(tiny, "re-levelling", 5_400, 21);
  let found = 0;
  for (const lift of tiny) {
    let door = "";
    const speeds = of(run, lift).filter((signal) => {
      if (signal.channel === "door") door = signal.state ?? "";
      return signal.channel === "speed";
    });
    expect(door).not.toBe("");
    for (const [index, signal] of speeds.entries()) {
      const { levelOffsetMm = 0, speedMps, at } = signal;
      if (speedMps !== 0 || Math.abs(levelOffsetMm) <= 20.05) continue;
      const end = speeds.findIndex((other, place) => place > index && other.levelOffsetMm !== undefined);
      if (end < 0) continue;
      const during = speeds.slice(index, end + 1);
      const doors = of(run, lift).filter((other) => other.channel === "door" && other.at <= (speeds[end]?.at ?? 0));
      expect(doors.at(-1)?.state, `${lift.liftId} at ${at}`).toBe("open");
      expect(Math.max(...during.map((other) => Math.abs(other.speedMps ?? 1)))).toBeLessThan(0.3);
      expect(Math.max(...during.map((other) => Math.abs(offsetM(lift, other.positionM ?? Number.NaN))))).toBeLessThan(0.2);
      expect(Math.abs(speeds[end]?.levelOffsetMm ?? 99)).toBeLessThanOrEqual(10);
      // A few centimetres a second: there is a sample of the movement itself.
      if (during.some((other) => Math.abs(other.speedMps ?? 0) > 0.005)) found++;
    }
  }
  expect(found).toBeGreaterThanOrEqual(5);
});

test("a long loading opens the door often and for long, but never for 120 s, nor thrice within 15 s", () => {
  const run = runFleet(tiny, "long-loading", 5_400, 21);
  let longest = 0;
  let most = 0;
  for (const lift of tiny) {
    let openAt = Number.NaN;
    const openedAt: number[] = [];
    let floor = 0;
    let here = 0;
    for (const signal of of(run, lift)) {
      if (signal.channel === "speed" && Math.abs(signal.speedMps ?? 0) > 0.1) here = 0;
      floor = signal.floor ?? floor;
      if (signal.channel !== "door") continue;
      if (signal.state === "open") {
        openAt = signal.at;
        openedAt.push(signal.at);
        most = Math.max(most, ++here);
      }
      if (signal.state === "closing") longest = Math.max(longest, signal.at - openAt);
    }
    for (const [index, at] of openedAt.entries()) expect(at - (openedAt[index - 2] ?? 0)).toBeGreaterThan(15_000);
  }
  expect(longest).toBeGreaterThan(60_000);
  expect(longest).toBeLessThan(120_000);
  expect(most).toBeGreaterThanOrEqual(5);
  expect(most).toBeLessThan(20);
});

test("an inspection run moves with its door open and away from its landing, at 0.63 m/s at the most, in inspection mode", () => {
  const run = runFleet(tiny, "inspection-run", 3_600, 21);
  let away = 0;
  for (const lift of tiny) {
    const signals = inMode(of(run, lift), "inspection");
    const moving = signals.filter((signal) => signal.channel === "speed");
    for (const signal of moving) {
      expect(Math.abs(signal.speedMps ?? 9)).toBeLessThanOrEqual(0.63);
      if (Math.abs(signal.levelOffsetMm ?? 0) > 300) away++;
    }
    // The raw condition of an unintended movement is there; only the mode says otherwise.
    const raw = of(run, lift).map((signal) => ({ ...signal, ...(signal.mode === undefined ? {} : { mode: "normal" }) }));
    const seen = hazardsIn(lift, raw, run.endAt).some(({ hazard }) => hazard === "unintended-movement");
    expect(seen, lift.liftId).toBe(moving.length > 0);
  }
  expect(away).toBeGreaterThanOrEqual(5);
});

test("a firefighter drive recalls the car to the lowest landing, and holds doors open and shut for longer than people may be held", () => {
  const run = runFleet(tiny, "firefighter-drive", 5_400, 21);
  const seen = new Set<string>();
  for (const lift of tiny) {
    const recalled = inMode(of(run, lift), "fire-recall").filter((signal) => signal.channel === "door");
    if (recalled.length === 0) continue;
    const raw = of(run, lift).map((signal) => ({ ...signal, ...(signal.mode === undefined ? {} : { mode: "normal" }) }));
    for (const { hazard } of hazardsIn(lift, raw, run.endAt)) seen.add(hazard);
    expect(inMode(of(run, lift), "firefighter").some((signal) => (signal.persons ?? 0) >= 2)).toBe(true);
  }
  expect(seen).toEqual(new Set(["door-held-open", "entrapment-at-level"]));
});

test("a lift parked open by design says that it is out of service for as long as its door stands open", () => {
  const run = runFleet(tiny, "parked-open", 3_600, 21);
  let parked = 0;
  for (const lift of tiny) {
    const doors = inMode(of(run, lift), "out-of-service").filter((signal) => signal.channel === "door");
    const openAt = doors.find((signal) => signal.state === "open")?.at;
    const closingAt = doors.find((signal) => signal.state === "closing")?.at;
    if (openAt === undefined || closingAt === undefined) continue;
    parked++;
    expect(closingAt - openAt).toBeGreaterThan(590_000);
  }
  expect(parked).toBeGreaterThanOrEqual(4);
});

test("a stuck person sensor says that somebody is in the car all night, and the load cell that nobody is", () => {
  const run = runFleet(tiny, "person-sensor-stuck", 5_400, 21, FROM - 6 * 3_600_000);
  let contradictions = 0;
  for (const lift of tiny) {
    const signals = of(run, lift);
    contradictions += signals.filter((signal) => (signal.persons ?? 0) > 0 && signal.loadKg === 0).length;
    const blind = signals.map((signal) => ({ ...signal, loadKg: Number.NaN }));
    // Without the load cell it is an entrapment like any other.
    expect(hazardsIn(lift, blind, run.endAt).map(({ hazard }) => hazard)).toContain("entrapment-at-level");
  }
  expect(contradictions).toBeGreaterThan(100);
});

test("a clock that jumps goes back and forth by minutes, while the sequence goes on without a gap", () => {
  const run = runFleet(tiny, "clock-jumps", 3_600, 21);
  let [back, forth] = [0, 0];
  for (const lift of tiny) {
    const signals = of(run, lift);
    for (const [index, signal] of signals.entries()) {
      expect(signal.seq).toBe(index);
      const before = signals[index - 1];
      if (before === undefined) continue;
      const stepMs = signal.at - before.at - (signal.receivedAt - before.receivedAt);
      if (stepMs < -15_000) back++;
      if (stepMs > 15_000) forth++;
      expect(Math.abs(stepMs)).toBeLessThanOrEqual(1_200_000);
    }
    expect(signals.at(-1)?.receivedAt).toBeGreaterThanOrEqual(FROM + 3_500_000);
  }
  expect(Math.min(back, forth)).toBeGreaterThanOrEqual(5);
});

test("noise on the speed spikes above 1.15 times the rated speed, never in two samples in a row, and else stays below 1.05", () => {
  const run = runFleet(tiny, "speed-noise", 3_600, 21);
  let spikes = 0;
  for (const lift of tiny) {
    const shares = of(run, lift)
      .filter((signal) => signal.channel === "speed")
      .map((signal) => Math.abs(signal.speedMps ?? 0) / rated(lift));
    expect(Math.max(...shares)).toBeLessThan(1.25);
    expect(shares.filter((share, index) => share > 1.05 && (shares[index + 1] ?? 0) > 1.05)).toEqual([]);
    spikes += shares.filter((share) => share > 1.12).length;
  }
  expect(spikes).toBeGreaterThan(20);
});

test("a modernised lift runs at four fifths of its rated speed before, at its rated speed afterwards, and never above", () => {
  const run = runFleet(tiny, "rated-speed-change", 3_600, 21);
  let changed = 0;
  for (const lift of tiny) {
    const signals = of(run, lift);
    const visit = signals.findIndex((signal) => signal.mode === "out-of-service");
    if (visit < 0) continue;
    const top = (list: readonly Signal[]): number => Math.max(...list.map((signal) => Math.abs(signal.speedMps ?? 0))) / rated(lift);
    // From the first ride of the course to the visit, and the rides after it.
    const visitAt = signals[visit]?.at ?? 0;
    const before = top(signals.filter(({ at }) => at > visitAt - 300_000 && at < visitAt));
    const after = top(signals.filter(({ at }) => at > visitAt && at < visitAt + 900_000));
    expect(top(signals)).toBeLessThan(1.02);
    if (before < 0.85 && after > 0.95) changed++;
  }
  expect(changed).toBeGreaterThanOrEqual(3);
});
