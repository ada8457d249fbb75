import { assert, double, property, record } from "fast-check";
import { expect, test } from "vitest";
import { Door, doorTimes } from "../../simulators/lift/door.ts";
import { BrakeStop, SCurve } from "../../simulators/lift/motion.ts";
import { Random } from "../../simulators/random.ts";

const limits = record({
  speedMps: double({ min: 0.1, max: 6, noNaN: true }),
  accelerationMps2: double({ min: 0.2, max: 1.5, noNaN: true }),
  jerkMps3: double({ min: 0.4, max: 3, noNaN: true }),
});
const distance = double({ min: 0.005, max: 300, noNaN: true });

test("a run covers its distance exactly and never exceeds its speed, acceleration or jerk", () => {
  assert(
    property(distance, limits, (distanceM, bounds) => {
      const path = new SCurve(distanceM, bounds);
      expect(path.positionM(path.durationS)).toBe(distanceM);
      expect(path.speedMps(path.durationS)).toBe(0);
      const stepS = path.durationS / 300;
      let [position, speed, acceleration] = [0, 0, 0];
      const most = { back: 0, speed: 0, acceleration: 0, jerk: 0, drift: 0 };
      for (let step = 1; step <= 300; step++) {
        const time = step * stepS;
        const [nextPosition, nextSpeed, nextAcceleration] = [path.positionM(time), path.speedMps(time), path.accelerationMps2(time)];
        most.back = Math.max(most.back, position - nextPosition, -nextSpeed);
        most.speed = Math.max(most.speed, nextSpeed, (nextPosition - position) / stepS);
        most.acceleration = Math.max(most.acceleration, Math.abs(nextAcceleration), Math.abs(nextSpeed - speed) / stepS);
        most.jerk = Math.max(most.jerk, Math.abs(nextAcceleration - acceleration) / stepS);
        // The three functions belong together: the trapezium rule errs by at most the acceleration times the square of the step.
        const expected = ((speed + nextSpeed) / 2) * stepS;
        most.drift = Math.max(most.drift, Math.abs(nextPosition - position - expected) - bounds.accelerationMps2 * stepS * stepS);
        [position, speed, acceleration] = [nextPosition, nextSpeed, nextAcceleration];
      }
      expect(most.back).toBeLessThan(1e-9);
      expect(most.speed).toBeLessThan(bounds.speedMps + 1e-6);
      expect(most.acceleration).toBeLessThan(bounds.accelerationMps2 + 1e-6);
      expect(most.jerk).toBeLessThan(bounds.jerkMps3 + 1e-6);
      expect(most.drift).toBeLessThan(1e-9);
    }),
    { seed: 20_261_122, numRuns: 150 },
  );
});

test("a long run reaches its speed and a short one does not", () => {
  const bounds = { speedMps: 1.75, accelerationMps2: 0.8, jerkMps3: 1.2 };
  expect(new SCurve(60, bounds).peakSpeedMps).toBe(1.75);
  expect(new SCurve(60, bounds).peakAccelerationMps2).toBeCloseTo(0.8, 12);
  expect(new SCurve(2.9, bounds).peakSpeedMps).toBeLessThan(1.4);
  expect(new SCurve(0.1, bounds).peakAccelerationMps2).toBeLessThan(0.8);
  // By hand: two ramps of 1.75/0.8 + 0.8/1.2 s, and the rest of the way at 1.75 m/s.
  const rampS = 1.75 / 0.8 + 0.8 / 1.2;
  expect(new SCurve(60, bounds).durationS).toBeCloseTo(2 * rampS + (60 - 1.75 * rampS) / 1.75, 9);
  expect(() => new SCurve(0, bounds)).toThrow("positive distance");
});

test("times to a speed and to a position are where the profile has them", () => {
  const path = new SCurve(30, { speedMps: 2.5, accelerationMps2: 1, jerkMps3: 1.4 });
  expect(path.speedMps(path.secondsToSpeed(1.2))).toBeCloseTo(1.2, 9);
  expect(path.positionM(path.secondsToPosition(11))).toBeCloseTo(11, 9);
});

test("the brake stops within the slide that domain.md allows at each speed", () => {
  for (const [speedMps, slideM] of [
    [1.0, 0.33],
    [1.5, 0.69],
    [1.6, 0.78],
    [1.75, 0.92],
  ] as const) {
    const stop = new BrakeStop(speedMps, 2);
    expect(stop.distanceM).toBeLessThanOrEqual(slideM);
    expect(stop.positionM(stop.durationS + 1)).toBeCloseTo(stop.distanceM, 12);
    expect(stop.speedMps(stop.durationS)).toBe(0);
    expect(stop.accelerationMps2(stop.durationS / 2)).toBe(-2);
  }
});

test("a door goes through its states, and reverses from where it is in the time of the way back", () => {
  const door = new Door({ openMs: 2_000, closeMs: 2_500 });
  door.open(1_000);
  expect([door.state, door.movingUntil]).toEqual(["opening", 3_000]);
  door.arrive();
  expect([door.state, door.movingUntil, door.opennessAt(9_000)]).toEqual(["open", Infinity, 1]);
  door.close(10_000);
  expect([door.state, door.movingUntil]).toEqual(["closing", 12_500]);
  expect(door.opennessAt(11_250)).toBeCloseTo(0.5, 12);
  door.open(11_250);
  expect([door.state, door.movingUntil]).toEqual(["opening", 12_250]);
  door.arrive();
  door.close(20_000);
  door.arrive();
  expect([door.state, door.opennessAt(30_000)]).toEqual(["closed", 0]);
});

test("door times lie between 2 s and the longest for the width", () => {
  const random = Random.seeded(7);
  for (const [width, longestMs] of [
    [800, 3_200],
    [900, 4_000],
    [1_100, 4_300],
  ] as const) {
    for (let round = 0; round < 200; round++) {
      const times = doorTimes(width, random);
      expect(times.openMs).toBeGreaterThanOrEqual(2_000);
      expect(times.closeMs).toBeGreaterThanOrEqual(2_000);
      expect(Math.max(times.openMs, times.closeMs)).toBeLessThanOrEqual(longestMs);
    }
  }
});
