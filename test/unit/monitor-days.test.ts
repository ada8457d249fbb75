import { expect, test } from "vitest";
import { Calendar } from "../../src/core/calendar.ts";
import type { DayCount } from "../../src/core/effects.ts";
import { createMonitor } from "../../src/core/monitor.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";

/** 23:50 in Shanghai. */
const START = Date.UTC(2026, 10, 21, 15, 50);
const MINUTE = 60_000;

/** Ticks of so many minutes, a status a minute from the lift, with whatever else is said; returns the day counts. */
function days(minutes: number, said: Record<number, [channel: string, fields: object]>, heard = true): DayCount[] {
  const monitor = createMonitor([{ liftId: "A", kind: "passenger" }], DEFAULT_RULES);
  const all: DayCount[] = [];
  let entry = 0;
  let seq = 0;
  const publish = (channel: string, receivedAt: number, fields: object) => {
    const payload = JSON.stringify({ at: receivedAt, seq: seq++, ...fields });
    all.push(
      ...monitor.apply({ kind: "message", seq: ++entry, receivedAt, topic: `lifts/A/${channel}`, payload, source: "", refusal: null }).days,
    );
  };
  for (let second = 0; second <= minutes * 60; second++) {
    const now = START + second * 1_000;
    if (second % 60 === 0) {
      const [channel, fields] = said[second / 60] ?? ["status", {}];
      if (heard || second === 0) publish(channel, now, fields);
    }
    all.push(...monitor.apply({ kind: "tick", seq: ++entry, receivedAt: now }).days);
  }
  return all;
}

const last = (counts: readonly DayCount[], day: string) => counts.findLast((count) => count.day === day);

test("days begin and end in the site's zone, and exposure is split between them", () => {
  const counts = days(20, {});
  expect(last(counts, "2026-11-21")?.inServiceMs).toBe(10 * MINUTE);
  expect(last(counts, "2026-11-22")?.inServiceMs).toBeGreaterThanOrEqual(5 * MINUTE);
  expect(new Set(counts.map(({ day }) => day))).toEqual(new Set(["2026-11-21", "2026-11-22"]));
});

test("a stopping fault is counted once for as long as it lasts, and published at once", () => {
  const counts = days(3, { 1: ["fault", { code: "06" }], 2: ["fault", { code: "06" }], 3: ["fault", { code: "43" }] });
  expect(counts.at(-1)).toMatchObject({ faults: 1, stoppingFaults: 1 });
});

test("time in which a lift was out of service or silent is no exposure", () => {
  expect(last(days(9, { 0: ["status", { mode: "out-of-service" }] }), "2026-11-21")?.inServiceMs).toBe(0);
  expect(last(days(15, {}, false), "2026-11-21")?.inServiceMs).toBe(3 * MINUTE);
});

test("trips are the growth of the counter, and a counter that was reset takes none back", () => {
  const counts = days(6, {
    1: ["status", { tripCount: 100 }],
    2: ["status", { tripCount: 130 }],
    3: ["status", { tripCount: 2 }],
    4: ["status", { tripCount: 5 }],
  });
  expect(counts.at(-1)?.trips).toBe(33);
});

test("a day of a zone with summer time is as long as the zone says", () => {
  const calendar = new Calendar("Europe/Berlin");
  const hours = Array.from({ length: 24 * 4 }, (_, quarter) => calendar.dayOf(Date.UTC(2026, 2, 28, 23) + quarter * 900_000));
  expect(hours.filter((day) => day === "2026-03-29")).toHaveLength(23 * 4);
});
